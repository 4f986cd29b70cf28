"""Fit a reader's margin and confidence on dev files; what it writes lies beside the weights as calibration.json.

    python -m training.calibrate --model qa/model --data DATA --report runs/calibration-report.json

Each question is read as the product reads: with its own context, and, for a part of them, with its context among
others, so that the article is several windows long and silence has to hold in all of them. Some answerable ones are
read once more without their answer (`training/negatives.py`), since an unanswerable question that people ask has the
manner of any other. The margin is the lowest that is level with the best in F1. The two maps to a probability (that
the span is exactly right; that the text does not say) are a temperature, a logistic curve or an isotonic one,
whichever predicts the questions of articles it was not fitted on best.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from index.text import Article
from qa.answer import Options, together
from qa.evaluate import Whole
from qa.metrics import calibration_error, equal_width, exact_match, f1, reliability
from qa.reader import Reader, load_reader
from qa.reading import read
from training.examples import Example, Recipe, find, load_examples, spoilt, stem

OTHERS = 3  # contexts around the question's own in a long article, about four windows of news
LONG = 1 / 3  # the weight of these in the choice of the margin: most articles are short, and few of these are read
SPOILT = Recipe(windows=(), outside=0.0, unmarked=0.0, cut=0.5, opposed=1.0)  # the context of half, the question else
LEVEL = 0.005  # F1 within half a point of the best is level with it: a dev file of 900 questions tells no more apart
TEMPERATURE = 2.0  # of all readings together; AUROC on dev files is flat from 1.5 to 2.5, and lower without it
FOLDS = 5
BINS = 24  # of equal count, over which the isotonic curve is fitted: smooth enough for a hundred questions a bin
KNOTS = 25  # of a logistic curve, written as straight pieces; they differ from the curve by less than 0.01
SURE = 0.985  # no confidence beyond it, nor below its complement: a dev file cannot prove more

Floats = npt.NDArray[np.float64]
Knots = list[list[float]]
Fit = Callable[[Floats, Floats], Knots]


@dataclass(frozen=True, slots=True)
class Row:
    """One question as it was read, and what its best span is worth.

    `margin` is the logits above null of all readings together, `own` of the best one alone.
    """

    file: str
    title: str
    long: bool
    margin: float
    own: float
    exact: float
    f1: float
    answerable: bool


def judged(reader: Reader, example: Example, context: Article, file: str, *, long: bool) -> Row:
    """The row of one question on a context that holds its own."""
    options = Options()
    passages = Whole(context).retrieve(example.question, budget=options.budget)
    found = read(example.question, passages, reader=reader, options=options)
    golds = [example.context.text[start:end] for start, end in example.places]
    text = found[0].span.text if found else ""
    right = (exact_match(text, golds), f1(text, golds)) if golds else (0.0, 0.0)
    margin, own = together(found, TEMPERATURE), together(found, 0)
    return Row(file, example.context.article.title, long, margin, own, *right, bool(golds))


def joined(example: Example, others: Sequence[Example], random: np.random.Generator) -> Article:
    """The example's context among those of some others on different subjects, in random order."""
    own = example.context.article
    strangers = [other.context.text for other in others if other.context.article.title != own.title]
    texts = [own.text, *(strangers[place] for place in random.choice(len(strangers), OTHERS, replace=False))]
    return Article("\n\n".join(texts[place] for place in random.permutation(len(texts))), title=own.title)


def best_margin(rows: Sequence[Row]) -> float:
    """The lowest margin that is level with the best in F1, averaged over files and lengths.

    F1 hardly changes over some logits around its best; among equals the reader had rather answer, since people can
    check an answer by its sentence and cannot check silence.
    """
    margins = np.array([row.margin for row in rows])
    candidates = np.quantile(margins, np.linspace(0.02, 0.98, 193))
    parts, weights = [], []
    for file, long in sorted({(row.file, row.long) for row in rows}):
        chosen = [row for row in rows if (row.file, row.long) == (file, long)]
        said = np.array([row.margin for row in chosen])[:, None] > candidates[None, :]  # (rows, candidates)
        worth = np.array([row.f1 for row in chosen])[:, None]
        silent = np.array([not row.answerable for row in chosen])[:, None]
        parts.append(np.where(said, worth, silent).mean(axis=0))
        weights.append(LONG if long else 1.0)
    mean = np.average(parts, axis=0, weights=weights)
    # Smoothed, or the highest tooth of chance would win.
    smooth = np.convolve(np.pad(mean, 4, mode="edge"), np.ones(9) / 9, mode="valid")
    return round(float(candidates[int(np.argmax(smooth >= smooth.max() - LEVEL))]), 2)


def temperature(margin: Floats, right: Floats) -> Knots:
    """A logistic curve through one half at margin 0."""
    return _curve(LogisticRegression(C=1e6, fit_intercept=False).fit(margin[:, None], right), margin)


def logistic(margin: Floats, right: Floats) -> Knots:
    """A logistic curve with a slope and a place of its own."""
    return _curve(LogisticRegression(C=1e6).fit(margin[:, None], right), margin)


def isotonic(margin: Floats, right: Floats) -> Knots:
    """A monotone curve of straight pieces through the means of BINS bins of equal count."""
    parts = [part for part in np.array_split(np.argsort(margin, kind="stable"), BINS) if len(part)]
    centres = np.array([margin[part].mean() for part in parts])
    shares = np.array([(right[part].sum() + 0.5) / (len(part) + 1) for part in parts])
    fitted = IsotonicRegression(increasing="auto").fit_transform(centres, shares)
    # Of a level stretch only its two ends are needed.
    kept = [i for i in range(len(parts)) if i in (0, len(parts) - 1) or len({*fitted[i - 1 : i + 2]}) > 1]
    return _rising([[float(centres[i]), float(fitted[i])] for i in kept])


FITS: dict[str, Fit] = {"temperature": temperature, "logistic": logistic, "isotonic": isotonic}


def compare(margin: Floats, right: Floats, titles: Sequence[str], used: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """For each kind of curve its log loss and calibration error on articles it was not fitted on, where `used`."""
    names = sorted(set(titles))
    order = np.random.default_rng(0).permutation(len(names))
    fold = {name: int(place) % FOLDS for name, place in zip(names, order, strict=True)}
    folds = np.array([fold[title] for title in titles])
    scores = {}
    for name, fit in FITS.items():
        chance = np.zeros(len(margin))
        for held in range(FOLDS):
            out = folds == held
            chance[out] = probability(fit(margin[~out], right[~out]), margin[out])
        p, y = chance[used], right[used]
        loss = -float(np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
        scores[name] = {"log_loss": loss, "ece": calibration_error(reliability(p, y, equal_width()))}
    return scores


def probability(knots: Knots, margin: Floats) -> Floats:
    """The curve at each margin: straight between knots, flat outside, as qa.answer.Calibration is read."""
    return np.interp(margin, [m for m, _ in knots], [p for _, p in knots])


def calibrate(rows: Sequence[Row]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what calibration.json holds, what the report says)."""
    margin = np.array([row.margin for row in rows])
    titles = [row.title for row in rows]
    needed = best_margin(rows)
    own = np.array([row.own for row in rows])
    labels = {
        "answer": (own, np.array([row.exact for row in rows]), margin > needed),
        "silence": (margin, np.array([float(not row.answerable) for row in rows]), margin <= needed),
    }
    stored: dict[str, Any] = {"margin": needed, "temperature": TEMPERATURE}
    report: dict[str, Any] = {"rows": len(rows), "margin": needed}
    for name, (known, right, used) in labels.items():
        scores = compare(known, right, titles, used)
        best = min(scores, key=lambda kind: scores[kind]["log_loss"])
        stored[name] = FITS[best](known, right)
        report[name] = {"chosen": best, "out_of_fold": scores}
    for file, long in sorted({(row.file, row.long) for row in rows}):
        report[f"{file}{' among others' if long else ''}"] = _scores(
            [row for row in rows if (row.file, row.long) == (file, long)], needed, stored
        )
    return stored, report


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.calibrate", description=(__doc__ or "").split("\n")[0])
    add = parser.add_argument
    add("--model", type=Path, required=True, help="folder of the reader; calibration.json is written into it")
    add("--data", type=Path, required=True, help="folder of the question files")
    add("--files", nargs="+", default=["authored-wikipedia-dev", "authored-news-dev"], help="dev files, never others")
    add("--questions", type=int, default=1000, help="of each file, read with their own context")
    add("--long", type=int, default=150, help="of each file, read among other contexts as well")
    add("--spoilt", type=int, default=300, help="of each file, read without their answer as well where they have one")
    add("--seed", type=int, default=0)
    add("--rows", type=Path, help="keep what was read here, and read nothing when it is there")
    add("--report", type=Path, help="write the comparison and the scores here")
    settings = parser.parse_args()
    rows: list[Row] = []
    if settings.rows and settings.rows.exists():
        rows = [Row(**row) for row in json.loads(settings.rows.read_text("utf-8"))]
    else:
        reader = load_reader(settings.model)
        for file in settings.files:
            examples = load_examples(find(settings.data, file))
            random = np.random.default_rng(settings.seed)
            chosen = [examples[place] for place in random.permutation(len(examples))[: settings.questions]]
            for number, example in enumerate(tqdm(chosen, desc=stem(file), mininterval=10)):
                rows.append(judged(reader, example, example.context.article, stem(file), long=False))
                if number < settings.long:
                    rows.append(judged(reader, example, joined(example, examples, random), stem(file), long=True))
                silent = spoilt(example, SPOILT, random) if number < settings.spoilt else example
                if example.places and not silent.places:
                    rows.append(judged(reader, silent, silent.context.article, stem(file), long=False))
        if settings.rows:
            settings.rows.write_text(json.dumps([asdict(row) for row in rows]), "utf-8")
    stored, report = calibrate(rows)
    fresh = settings.model / "calibration.json.new"
    fresh.write_text(json.dumps(stored) + "\n", "utf-8")
    fresh.rename(settings.model / "calibration.json")
    if settings.report:
        settings.report.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(json.dumps(report, indent=1))


def _scores(rows: Sequence[Row], needed: float, stored: dict[str, Any]) -> dict[str, float]:
    """In-sample scores in per cent at the margin, and the calibration error of what is said."""
    margin = np.array([row.margin for row in rows])
    said, answerable = margin > needed, np.array([row.answerable for row in rows])
    worth = np.array([row.f1 for row in rows])
    right = np.where(said, [row.exact for row in rows], ~answerable)
    own = np.array([row.own for row in rows])
    sure = np.where(said, probability(stored["answer"], own), probability(stored["silence"], margin))
    return {
        "questions": len(rows),
        "f1": _percent(np.where(said, worth, ~answerable)),
        "answerable_f1": _percent((worth * said)[answerable]),
        "forced_f1": _percent(worth[answerable]),
        "silence_accuracy": _percent(~said[~answerable]),
        "ece": round(calibration_error(reliability(sure, right.astype(float), equal_width())), 4),
    }


def _percent(values: Any) -> float:
    return round(100 * float(np.mean(values)), 1)


def _curve(model: LogisticRegression, margin: Floats) -> Knots:
    low, high = np.quantile(margin, [0.005, 0.995])
    places = np.linspace(float(low), float(high), KNOTS)
    return _rising(
        [[float(m), float(p)] for m, p in zip(places, model.predict_proba(places[:, None])[:, 1], strict=True)]
    )


def _rising(knots: Knots) -> Knots:
    """The knots rounded and clipped, without those that rounding put at the same margin."""
    kept = {round(m, 3): round(min(max(p, 1 - SURE), SURE), 4) for m, p in knots}
    return [[m, p] for m, p in kept.items()]


if __name__ == "__main__":
    main()
