"""The numbers of an evaluation, from texts and arrays alone: SQuAD's EM and F1, thresholds, ranking, calibration.

The definitions of EM, F1 and the best threshold are those of SQuAD's official scripts (Rajpurkar et al. 2016, 2018).
Everything here is a proportion in [0, 1]; interfaces turn it into per cent.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

RECALLS = (1, 3, 5, 8, 20)  # sentences among which the gold one is looked for
BINS = 15  # of equal width: Guo, Pleiss, Sun & Weinberger, ICML 2017
HALF = 0.5  # F1 from which an answer counts as right in the lenient calibration error

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


@dataclass(frozen=True, slots=True)
class Bin:
    """Decisions whose confidence lies between `low` and `high`: how many, how sure on average, how often right.

    `confidence` and `right` are 0.0 in an empty bin.
    """

    low: float
    high: float
    count: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What happened to n questions, as arrays of length n; the table that `measure` reads and the bootstrap resamples.

    `exact` and `f1` score the decision (an answer or silence), `forced_exact` and `forced_f1` the best span with the
    null ignored. `margin` is the logits above the null of all readings together, -inf where there was none. `rank` is
    the place of the gold sentence in retrieval from 1, inf where it was not found, NaN where there is none to find.
    """

    answerable: Bools
    silent: Bools
    exact: Floats
    f1: Floats
    forced_exact: Floats
    forced_f1: Floats
    margin: Floats
    confidence: Floats
    rank: Floats

    def __len__(self) -> int:
        return len(self.answerable)

    def take(self, rows: npt.NDArray[Any]) -> Outcomes:
        """The same table with these rows only, by number (repeats allowed) or by mask."""
        return Outcomes(*(getattr(self, field.name)[rows] for field in fields(self)))


def normalize(text: str) -> str:
    """`text` as SQuAD compares it: lower case, no ASCII punctuation, no articles, single spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def exact_match(text: str, golds: Sequence[str]) -> float:
    """1.0 when `text` equals one of `golds` after normalisation, else 0.0.

    Silence is the empty text, and no golds mean that only silence is right.
    """
    said = normalize(text)
    return float(any(said == normalize(gold) for gold in _comparable(golds)))


def f1(text: str, golds: Sequence[str]) -> float:
    """Word overlap with the best of `golds`: the harmonic mean of precision and recall, in [0, 1].

    Silence is the empty text, and no golds mean that only silence is right: 1.0 for it, 0.0 for anything else.
    """
    said = normalize(text).split()
    return max(_overlap(said, normalize(gold).split()) for gold in _comparable(golds))


def best_threshold(margin: Floats, forced: Floats, answerable: Bools) -> tuple[float, float]:
    """(mean score, margin) when a question is answered if its margin is above the best of all thresholds for this set.

    `forced` scores the best span of each question with the null ignored (for a question without an answer: 0.0 if
    anything is said). The threshold lies halfway between two margins of the set; inf never answers, -inf always.
    Among equals the highest threshold wins. SQuAD 2.0's `find_best_thresh`, except that equal margins stay together.
    """
    order = np.argsort(-margin, kind="stable")
    gain = (forced - ~answerable)[order]  # of answering over silence, which scores 1 where there is no answer
    after = np.cumsum(gain)
    falling = np.append(margin[order], -np.inf)
    last = np.flatnonzero(np.append(falling[1:-1] != falling[:-2], True))  # of each run of equal margins
    best = last[np.argmax(after[last])]
    silence = float(np.mean(~answerable))
    if after[best] <= 0:
        return silence, float("inf")
    return silence + float(after[best]) / len(margin), float(falling[best] + falling[best + 1]) / 2


def auroc(score: Floats, positive: Bools) -> float:
    """The chance that a positive scores above a negative, ties counting half; NaN unless there are both."""
    positives, negatives = int(np.sum(positive)), int(np.sum(~positive))
    if not positives or not negatives:
        return float("nan")
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]  # from 1; equals share the mean of their ranks
    return float((np.sum(rank[positive]) - positives * (positives + 1) / 2) / (positives * negatives))


def reliability(confidence: Floats, right: Floats, edges: Floats) -> list[Bin]:
    """One `Bin` between each two of the rising `edges`; a value on an inner edge falls in the upper bin."""
    size = len(edges) - 1
    place = np.clip(np.searchsorted(edges, confidence, side="right") - 1, 0, size - 1)
    count = np.bincount(place, minlength=size)
    sure, hits = (np.bincount(place, each, size) / np.maximum(count, 1) for each in (confidence, right))
    return [
        Bin(float(edges[i]), float(edges[i + 1]), int(count[i]), float(sure[i]), float(hits[i])) for i in range(size)
    ]


def equal_width(bins: int = BINS) -> Floats:
    """Edges of `bins` bins over [0, 1]."""
    return np.linspace(0, 1, bins + 1)


def equal_mass(confidence: Floats, bins: int = BINS) -> Floats:
    """Edges between which about equally many confidences lie; equal confidences stay in one bin."""
    return np.quantile(confidence, np.linspace(0, 1, bins + 1))


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: |confidence - share right| of each bin, weighted by its count."""
    return sum(each.count * abs(each.confidence - each.right) for each in bins) / sum(each.count for each in bins)


def risk_coverage(confidence: Floats, right: Floats) -> tuple[Floats, Floats]:
    """(coverage, risk), each of length n: the share of decisions kept, surest first, and the share of these wrong.

    Decisions of equal confidence count as their average, so that their order in the file changes nothing.
    The mean of the risks is the area under the curve (El-Yaniv & Wiener, JMLR 2010; Geifman & El-Yaniv 2017).
    """
    _, place, count = np.unique(-confidence, return_inverse=True, return_counts=True)
    wrong = np.bincount(place, 1 - right) / count
    kept = np.arange(1, len(right) + 1)
    return kept / len(right), np.cumsum(np.repeat(wrong, count)) / kept


def measure(outcomes: Outcomes) -> dict[str, float]:
    """Every summary number of a run by its name, in the order of the table; what has no meaning for it is left out.

    - exact, f1: the decisions at the margin used. answerable_* and silence_accuracy: the same for the questions with
      and without an answer (SQuAD 2.0's HasAns and NoAns). forced_*: questions with an answer, null ignored.
    - best_f1, best_threshold: at the margin best for this very set. auroc: of the margin, answerable or not.
    - recall@k, mrr: the gold sentence in retrieval, over questions with an answer; 0 where it was not found.
    - ece: right means EM, or silence where there is no answer; 15 bins of equal width. ece_equal_mass: bins of equal
      count. ece_half: right means F1 of at least 0.5. aurc: area under the risk-coverage curve, right meaning EM.

    Raises ValueError for an empty table.
    """
    if not len(outcomes):
        raise ValueError("there are no outcomes to measure")
    has, confidence, right = outcomes.answerable, outcomes.confidence, outcomes.exact
    found: dict[str, Any] = {
        "exact": np.mean(outcomes.exact),
        "f1": np.mean(outcomes.f1),
        "silent": np.mean(outcomes.silent),
    }
    if np.any(has):
        found |= {"answerable_exact": np.mean(outcomes.exact[has]), "answerable_f1": np.mean(outcomes.f1[has])}
        found |= {"forced_exact": np.mean(outcomes.forced_exact[has]), "forced_f1": np.mean(outcomes.forced_f1[has])}
    if not np.all(has):
        found["silence_accuracy"] = np.mean(outcomes.exact[~has])
    found["best_f1"], found["best_threshold"] = best_threshold(outcomes.margin, outcomes.forced_f1, has)
    found["auroc"] = auroc(outcomes.margin, has)
    rank = outcomes.rank[~np.isnan(outcomes.rank)]
    if len(rank):
        found |= {f"recall@{k}": np.mean(rank <= k) for k in RECALLS} | {"mrr": np.mean(1 / rank)}
    found["ece"] = calibration_error(reliability(confidence, right, equal_width()))
    found["ece_equal_mass"] = calibration_error(reliability(confidence, right, equal_mass(confidence)))
    half = (outcomes.f1 >= HALF).astype(float)
    found["ece_half"] = calibration_error(reliability(confidence, half, equal_width()))
    found["aurc"] = np.mean(risk_coverage(confidence, right)[1])
    return {name: float(value) for name, value in found.items() if not np.isnan(value)}


def bootstrap(
    statistics: Callable[[npt.NDArray[np.int64]], dict[str, float]], count: int, *, resamples: int = 1000, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """(low, high) of each number's 95 % percentile interval over resamples of `count` questions (Efron 1979).

    `statistics` gets the row numbers of one resample. Questions are drawn one by one, not by article, so the
    intervals speak of more questions on these articles. A number that some resamples lack (there was no such
    question in them) is judged by the others.
    """
    generator = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {}
    for _ in range(resamples):
        for name, value in statistics(generator.integers(count, size=count)).items():
            drawn.setdefault(name, []).append(value)
    return {name: _interval(values) for name, values in drawn.items()}


def _interval(values: list[float]) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5], method="nearest")  # interpolating infinite thresholds gives NaN
    return float(low), float(high)


def _comparable(golds: Sequence[str]) -> Sequence[str]:
    """The golds that keep a word after normalisation; if none does, only silence compares, as in SQuAD 2.0's script."""
    return [gold for gold in golds if normalize(gold)] or [""]


def _overlap(said: list[str], gold: list[str]) -> float:
    """F1 of two bags of words; two empty ones agree."""
    if not said or not gold:
        return float(said == gold)
    same = sum((Counter(said) & Counter(gold)).values())
    return 2 * same / (len(said) + len(gold))
