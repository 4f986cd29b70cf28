"""How good the answers are: every question of a file asked in earnest, and the numbers over all that was said."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import groupby
from operator import attrgetter
from time import perf_counter
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder
from index.library import Library
from index.search import ArticleIndex, Passage, Progress
from index.sentences import split
from index.text import Article, Span
from qa.answer import Answer, Options, choose, together
from qa.answerer import Answerer
from qa.dataset import Question, Turn
from qa.metrics import Bin, Outcomes, bootstrap, equal_width, exact_match, f1, measure, reliability, risk_coverage
from qa.reader import Reader
from qa.reading import read

Way = Literal["with history", "without history", "written out"]
Ways = dict[Way, dict[str, tuple[float, float, float]]]  # (mean, low, high) by way of asking and number

DEFAULTS = Options()
POINTS = 20  # of the risk-coverage curve in a report: every 5 %
UNKNOWN = (math.nan, math.nan)  # the interval of a number that no resample had


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question, what was said, and what would have been said were silence forbidden, with their scores.

    `answer` is the decision at the margin used, `forced` the best span with the null ignored (of a question of yes or
    no that no sentence settles there is none); `margin` is what was
    decided by, the logits above the null of all readings together, -inf where no span was proposed. `rank` is the
    place of the first gold sentence in retrieval from 1, inf where it was not found, NaN where nothing was retrieved
    or there is no answer. `seconds` lie between the question and the decision; indexing is not in them.
    """

    question: Question
    answer: Answer
    forced: Answer
    margin: float
    rank: float
    seconds: float
    exact: float
    f1: float
    forced_exact: float
    forced_f1: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What was said in one turn of a conversation, asked in one way, with its scores. `place` counts turns from 0."""

    question: Question
    place: int
    way: Way
    answer: Answer
    exact: float
    f1: float


@dataclass(frozen=True, slots=True)
class Report:
    """The numbers of a run. `metrics` and `intervals` (95 %) by the names that `measure` explains.

    `bins` are the reliability diagram (right means EM, or silence where there is no answer), `curve` is
    (coverage, risk) at every 5 % of coverage, `p50` and `p95` are seconds per question.
    """

    questions: int
    answerable: int
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    bins: tuple[Bin, ...]
    curve: tuple[tuple[float, float], ...]
    p50: float
    p95: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values; an infinite one (a threshold at which all or none are answered) becomes None."""
        return {
            "questions": self.questions,
            "answerable": self.answerable,
            "metrics": {
                name: {"value": _rounded(value), "interval": [_rounded(end) for end in self.intervals[name]]}
                for name, value in self.metrics.items()
            },
            "seconds": {"p50": _rounded(self.p50), "p95": _rounded(self.p95)},
            "reliability": [{name: _rounded(value) for name, value in asdict(each).items()} for each in self.bins],
            "risk_coverage": [[_rounded(coverage), _rounded(risk)] for coverage, risk in self.curve],
        }


class Source(Protocol):
    """Where the passages for a question come from: an ArticleIndex, a Library, or a text that is read whole."""

    def retrieve(self, question: str, *, budget: int) -> list[Passage]: ...

    def rank(self, question: str) -> list[tuple[Span, float]]: ...


class Whole:
    """A text that needs no index: all of it is the one passage for every question, and nothing is ranked."""

    def __init__(self, article: Article) -> None:
        sentences = split(article)
        span = article.span(sentences[0].start, sentences[-1].end)
        self._passage = Passage(span, sentences, (0.0,) * len(sentences))

    def retrieve(self, question: str, *, budget: int) -> list[Passage]:  # noqa: ARG002  the seam's signature
        return [self._passage]

    def rank(self, question: str) -> list[tuple[Span, float]]:  # noqa: ARG002  the seam's signature
        return []


def evaluate(
    questions: Sequence[Question],
    reader: Reader,
    *,
    retrieval: bool,
    library: Library | None = None,
    encoder: Encoder | None = None,
    options: Options = DEFAULTS,
    progress: Progress | None = None,
) -> Iterator[Outcome]:
    """One outcome per question, in order, each made as it is asked for.

    With `retrieval` each text is indexed and searched as `Answerer` does it (`encoder` None is the default one, and
    `progress` hears of the sentences indexed); without, it is read whole and no encoder is loaded. Questions on one
    text should follow one another: its index lives until the next text comes. With a `library` all questions are asked
    of it, whichever article they are on.
    """
    for article, asked in groupby(questions, key=attrgetter("article")):
        source: Source = library or (
            ArticleIndex.from_article(article, encoder=encoder, progress=progress) if retrieval else Whole(article)
        )
        for question in asked:
            yield _outcome(question, source, reader, options)


def converse(
    conversations: Sequence[Sequence[Turn]],
    reader: Reader,
    *,
    encoder: Encoder | None = None,
    options: Options = DEFAULTS,
) -> Iterator[Reply]:
    """One reply per turn and way of asking it: as it fell with what was said before, as it fell alone, written out.

    What was said before are the answers given in this run, not the gold ones, as in a chat.
    """
    for article, talks in groupby(conversations, key=lambda talk: talk[0].question.article):
        answerer = Answerer(ArticleIndex.from_article(article, encoder=encoder), reader=reader, options=options)
        for talk in talks:
            yield from _talk(talk, answerer)


def summarize(outcomes: Sequence[Outcome], *, resamples: int = 1000, seed: int = 0) -> Report:
    """The report on a run; the intervals come from `resamples` drawn with `seed`. Raises ValueError for no outcomes."""
    table = tabulate(outcomes)
    metrics = measure(table)
    drawn = bootstrap(lambda rows: measure(table.take(rows)), len(table), resamples=resamples, seed=seed)
    coverage, risk = risk_coverage(table.confidence, table.exact)
    kept = (np.arange(1, POINTS + 1) * len(table) - 1) // POINTS  # the row that reaches each share
    p50, p95 = np.percentile([outcome.seconds for outcome in outcomes], [50, 95])
    return Report(
        questions=len(table),
        answerable=int(np.sum(table.answerable)),
        metrics=metrics,
        intervals={name: drawn.get(name, UNKNOWN) for name in metrics},
        bins=tuple(reliability(table.confidence, table.exact, equal_width())),
        curve=tuple((float(coverage[number]), float(risk[number])) for number in kept),
        p50=float(p50),
        p95=float(p95),
    )


def summarize_replies(replies: Sequence[Reply], *, resamples: int = 1000, seed: int = 0) -> Ways:
    """(mean, low, high) by way of asking and number, the last two a 95 % interval.

    The numbers are `exact` and `f1` of all turns, `later_exact` and `later_f1` of follow-ups (all but first turns).
    """
    found: Ways = {}
    for way in dict.fromkeys(reply.way for reply in replies):
        said = [reply for reply in replies if reply.way == way]
        drawn = bootstrap(partial(_means_of, said), len(said), resamples=resamples, seed=seed)
        found[way] = {name: (mean, *drawn.get(name, UNKNOWN)) for name, mean in _means(said).items()}
    return found


def worst(outcomes: Sequence[Outcome], most: int) -> list[Outcome]:
    """The first `most` to read of what went wrong: no exact match, least overlap first, then the surest."""
    wrong = [outcome for outcome in outcomes if not outcome.exact]
    return sorted(wrong, key=lambda outcome: (outcome.f1, -outcome.answer.confidence))[:most]


def tabulate(outcomes: Sequence[Outcome]) -> Outcomes:
    """The outcomes as the columns that `measure` reads, in the same order."""
    numbers = ("exact", "f1", "forced_exact", "forced_f1", "margin", "rank")
    return Outcomes(
        answerable=np.array([bool(outcome.question.golds) for outcome in outcomes], dtype=bool),
        silent=np.array([outcome.answer.span is None for outcome in outcomes], dtype=bool),
        confidence=np.array([outcome.answer.confidence for outcome in outcomes], dtype=float),
        **{name: np.array([getattr(outcome, name) for outcome in outcomes], dtype=float) for name in numbers},
    )


def _outcome(question: Question, source: Source, reader: Reader, options: Options) -> Outcome:
    """The three steps of `Answerer.answer`, kept apart so that the readings can be judged with and without null."""

    def decide(settings: Options) -> Answer:
        calibration = reader.calibration
        nearest = passages[0].span.article
        return choose(question.text, nearest, passages, found, calibration=calibration, options=settings)

    begin = perf_counter()
    passages = source.retrieve(question.text, budget=options.budget)
    found = read(question.text, passages, reader=reader, options=options)
    answer = decide(options)
    seconds = perf_counter() - begin
    forced = decide(replace(options, margin=-math.inf))
    return Outcome(
        question=question,
        answer=answer,
        forced=forced,
        margin=together(found, reader.calibration.temperature),
        rank=_rank(question, source),
        seconds=seconds,
        exact=exact_match(answer.text or "", question.answers),
        f1=f1(answer.text or "", question.answers),
        forced_exact=exact_match(forced.text or "", question.answers),
        forced_f1=f1(forced.text or "", question.answers),
    )


def _rank(question: Question, source: Source) -> float:
    """The place, from 1, of the first sentence that shares a character with a gold span."""
    ranked = source.rank(question.text) if question.golds else []
    if not ranked:
        return math.nan
    hits = (
        place
        for place, (sentence, _) in enumerate(ranked, start=1)
        if any(sentence.overlaps(gold) for gold in question.golds)
    )
    return next(hits, math.inf)


def _talk(talk: Sequence[Turn], answerer: Answerer[ArticleIndex]) -> Iterator[Reply]:
    history: list[Answer] = []
    for place, turn in enumerate(talk):
        question = turn.question
        history.append(answerer.answer(question.text, history=history))
        yield _reply(question, place, "with history", history[-1])
        yield _reply(question, place, "without history", answerer.answer(question.text))
        yield _reply(question, place, "written out", answerer.answer(turn.standalone))


def _reply(question: Question, place: int, way: Way, answer: Answer) -> Reply:
    said = answer.text or ""
    return Reply(question, place, way, answer, exact_match(said, question.answers), f1(said, question.answers))


def _means_of(replies: Sequence[Reply], rows: npt.NDArray[np.int64]) -> dict[str, float]:
    return _means([replies[row] for row in rows])


def _means(replies: Sequence[Reply]) -> dict[str, float]:
    later = [reply for reply in replies if reply.place]
    found = {"exact": [reply.exact for reply in replies], "f1": [reply.f1 for reply in replies]}
    found |= {"later_exact": [reply.exact for reply in later], "later_f1": [reply.f1 for reply in later]}
    return {name: float(np.mean(values)) for name, values in found.items() if values}


def _rounded(value: float) -> float | None:
    return round(value, 5) if math.isfinite(value) else None
