"""`verbatim evaluate`: a file of questions becomes a table to read, a JSON report, two plots, and the worst errors."""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from index.encoder import Encoder, load_encoder
from index.errors import VerbatimError
from index.library import Library
from qa.dataset import Context, Dataset, Question, conversations, open_dataset, questions, sample
from qa.evaluate import Outcome, Report, Ways, converse, evaluate, summarize, summarize_replies, worst
from qa.reader import load_reader
from ui.render import shortened, visible

PER_CENT = -1  # in place of a number of decimals
# The names of `measure`, as a table calls them, and how many decimals they have.
LABELS = {
    "exact": ("EM", PER_CENT),
    "f1": ("F1", PER_CENT),
    "silent": ("silent", PER_CENT),
    "answerable_exact": ("questions with an answer: EM", PER_CENT),
    "answerable_f1": ("questions with an answer: F1", PER_CENT),
    "forced_exact": ("  the same, null ignored: EM", PER_CENT),
    "forced_f1": ("  the same, null ignored: F1", PER_CENT),
    "silence_accuracy": ("questions without an answer: silent", PER_CENT),
    "best_f1": ("F1 at the margin best for this file", PER_CENT),
    "best_threshold": ("  that margin", 2),
    "auroc": ("AUROC of the margin", 3),
    "recall@1": ("gold sentence first", PER_CENT),
    "recall@3": ("gold sentence among the best 3", PER_CENT),
    "recall@5": ("gold sentence among the best 5", PER_CENT),
    "recall@8": ("gold sentence among the best 8", PER_CENT),
    "recall@20": ("gold sentence among the best 20", PER_CENT),
    "mrr": ("MRR of the gold sentence", 3),
    "ece": ("ECE (right: EM)", 3),
    "ece_equal_mass": ("ECE (right: EM; bins of equal count)", 3),
    "ece_half": ("ECE (right: F1 at least 0.5)", 3),
    "aurc": ("area under risk-coverage", 3),
}
WAY_LABELS = {"exact": "EM", "f1": "F1", "later_exact": "EM, follow-ups", "later_f1": "F1, follow-ups"}


def run(
    file: Path,
    *,
    context: Context = "paragraph",
    limit: int | None = None,
    seed: int = 0,
    output: Path | None = None,
    reader: str | None = None,
    encoder: str | None = None,
    errors: int = 0,
) -> int:
    """Asks every question of `file`, prints what came of it, and gives exit status 0.

    `limit` questions (in a file of conversations: conversations) are drawn with `seed`; None is all. `output` gets
    the report as JSON, and beside it, under the same name with `.png`, the plots. `errors` of the worst answers are
    printed. Raises VerbatimError when the file, a model or `output` is of no use; no question is asked then.
    """
    dataset = open_dataset(file)
    if output:
        _check(output, file)
    settings: dict[str, Any] = {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()[:16]}
    settings |= {"reader": reader or "bundled", "encoder": encoder or "bundled", "limit": limit, "seed": seed}
    if dataset.conversational:
        ways = _converse(dataset, limit=limit, seed=seed, reader=reader, encoder=encoder)
        report = settings | {"ways": {way: finite(numbers) for way, numbers in ways.items()}}
        click.echo(ways_table(ways))
    else:
        outcomes = _evaluate(dataset, context=context, limit=limit, seed=seed, reader=reader, encoder=encoder)
        found = summarize(outcomes, seed=seed)
        wrong = worst(outcomes, errors)
        report = settings | {"context": context} | found.to_dict() | {"errors": [as_dict(each) for each in wrong]}
        click.echo(table(found))
        click.echo("".join(f"\n{described(each)}\n" for each in wrong), nl=False)
    if output:
        output.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        if not dataset.conversational:
            from ui.plot import plot

            plot(found).save(output.with_suffix(".png"))
    return 0


def table(report: Report) -> str:
    """The numbers of a report, a line each, with 95 % intervals."""
    lines = [f"{report.questions:,} questions, {report.answerable:,} with an answer".ljust(48) + "95 % interval"]
    for name, (label, decimals) in LABELS.items():
        if name in report.metrics:
            low, high = (_number(end, decimals) for end in report.intervals[name])
            lines.append(f"{label:38}{_number(report.metrics[name], decimals):>7}   {low} to {high}")
    return "\n".join([*lines, f"{'seconds per question':38}{report.p50:7.3f}   95 % within {report.p95:.3f}"])


def ways_table(ways: Ways) -> str:
    """The numbers of a file of conversations, a line for each way of asking, in per cent with 95 % intervals."""
    lines = [f"{'':18}" + "".join(f"{label:>22}" for label in WAY_LABELS.values())]
    for way, numbers in ways.items():
        cells = [_interval(numbers[name]) if name in numbers else "-" for name in WAY_LABELS]
        lines.append(f"{way:18}" + "".join(f"{cell:>22}" for cell in cells))
    return "\n".join(lines)


def finite(numbers: dict[str, tuple[float, float, float]]) -> dict[str, list[float | None]]:
    """JSON-ready values: an interval that no resample had becomes None."""
    return {name: [each if math.isfinite(each) else None for each in values] for name, values in numbers.items()}


def _interval(number: tuple[float, float, float]) -> str:
    return "{:.1f} ({:.1f} to {:.1f})".format(*(100 * each for each in number))


def described(outcome: Outcome) -> str:
    """One outcome as lines to read: what was asked, expected and said. Control characters show as symbols."""
    answer, question = outcome.answer, outcome.question
    sure = f"confidence {100 * answer.confidence:.0f} %, margin {outcome.margin:+.1f}, F1 {100 * outcome.f1:.0f}"
    lines = {
        "asked": question.text,
        "expected": " | ".join(dict.fromkeys(question.answers)) or "silence",
        "said": answer.text or f"silence, instead of: {outcome.forced.text or 'nothing'}",
        "in": answer.sentence.text if answer.sentence else "",
    }
    told = [f"  {name:9}{visible(shortened(text))}" for name, text in lines.items() if text]
    return "\n".join([f"{visible(question.id)}: {sure}", *told])


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """One outcome as JSON-ready values."""
    return {
        "id": outcome.question.id,
        "question": outcome.question.text,
        "answers": list(outcome.question.answers),
        "said": outcome.answer.text,
        "forced": outcome.forced.text,
        "sentence": outcome.answer.sentence.text if outcome.answer.sentence else None,
        "confidence": round(outcome.answer.confidence, 4),
        "margin": round(outcome.margin, 3) if math.isfinite(outcome.margin) else None,
        "f1": round(outcome.f1, 4),
    }


def _evaluate(
    dataset: Dataset, *, context: Context, limit: int | None, seed: int, reader: str | None, encoder: str | None
) -> list[Outcome]:
    everything = questions(dataset, context=context)
    chosen = sample(everything, limit, seed=seed)
    if not chosen:
        raise VerbatimError(f"{dataset.path} holds no question; give a file with at least one")
    retrieval = context != "paragraph"
    loaded = load_reader(reader)
    _announce(
        f"{len(chosen):,} of {len(everything):,} questions, context {context}, margin {loaded.calibration.margin}"
    )
    from tqdm import tqdm

    with tqdm(total=len(chosen), desc="Asking", unit=" questions", disable=None, smoothing=0) as bar:

        def progress(done: int, total: int, what: str = "sentences") -> None:
            bar.set_postfix_str(f"indexed {done:,} of {total:,} {what}" if done < total else "")

        model = load_encoder(encoder) if retrieval else None
        found = []
        with ExitStack() as stack:
            library = stack.enter_context(_library(everything, model, progress)) if context == "library" else None
            for outcome in evaluate(
                chosen, loaded, retrieval=retrieval, library=library, encoder=model, progress=progress
            ):
                found.append(outcome)
                bar.update()
    return found


@contextmanager
def _library(asked: Sequence[Question], encoder: Encoder | None, progress: Callable[..., None]) -> Iterator[Library]:
    """A library of all the questions' articles, for as long as it is needed."""
    articles = list(dict.fromkeys(question.article for question in asked))
    with tempfile.TemporaryDirectory() as folder, Library.open(folder, encoder=encoder, create=True) as library:
        for done, article in enumerate(articles, start=1):
            library.add(article)
            progress(done, len(articles), "articles")
        yield library


def _converse(dataset: Dataset, *, limit: int | None, seed: int, reader: str | None, encoder: str | None) -> Ways:
    everything = conversations(dataset)
    chosen = sample(everything, limit, seed=seed)
    if not chosen:
        raise VerbatimError(f"{dataset.path} holds no conversation; give a file with at least one")
    turns = sum(len(talk) for talk in chosen)
    _announce(f"{turns:,} turns in {len(chosen):,} of {len(everything):,} conversations")
    from tqdm import tqdm

    replies = converse(chosen, load_reader(reader), encoder=load_encoder(encoder))
    total = 3 * turns
    return summarize_replies(
        list(tqdm(replies, total=total, desc="Asking", unit=" questions", disable=None)), seed=seed
    )


def _announce(text: str) -> None:
    click.echo(text, err=True)


def _check(output: Path, file: Path) -> None:
    """Before an hour of questions, not after it."""
    useless = output.is_dir() or not os.access(output.parent, os.W_OK) or output.suffix == ".png"
    useless = useless or (output.exists() and not os.access(output, os.W_OK))
    if useless or file.resolve() in (output.resolve(), output.with_suffix(".png").resolve()):
        raise VerbatimError(f"the report cannot be written to {output}; give a file such as report.json in a folder")


def _number(value: float, decimals: int) -> str:
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "never" if value > 0 else "always"  # only a margin can be: answer never, or always
    return f"{100 * value:.1f}" if decimals == PER_CENT else f"{value:.{decimals}f}"
