"""What comes back: an exact span of the article and its sentence, or the honest statement that it does not say."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from index.errors import ModelError
from index.search import Passage
from index.text import Article, Span

Knots = tuple[tuple[float, float], ...]  # (logits above null, probability), rising in the first

# Where a reader brings no calibration: an even logistic, honest about nothing but the order.
LOGISTIC: Knots = tuple((float(m), 1 / (1 + math.exp(-m / 2))) for m in range(-10, 11))
MIRRORED: Knots = tuple((m, 1 - p) for m, p in LOGISTIC)
WORD = re.compile(r"\w+")
QUOTES = ('"', "“", "‘", "«", "„", "「")  # that open a quotation


@dataclass(frozen=True, slots=True)
class Options:
    """Every query-time setting with its default; the one home of defaults."""

    passages: int = 8  # sentences retrieved when the article is too long to be read whole
    radius: int = 1  # neighbours that each retrieved sentence takes along, on either side
    longest: int = 40  # tokens in the longest answer
    candidates: int = 20  # readings kept before near-duplicates merge
    alternatives: int = 3  # other answers given beside the best
    nearest: int = 2  # sentences offered when the article does not say
    margin: float | None = None  # logits above null that an answer needs; None: what the reader was calibrated to


@dataclass(frozen=True, slots=True)
class Reading:
    """A span that one reader proposes, with its score and the null score it has to beat.

    `score` is the sum of the start and end logits; `null` is the lowest sum of the null logits (first token) among
    the windows that hold the span. `score - null` compares between passages and windows of one question.
    """

    span: Span
    score: float
    null: float

    @property
    def margin(self) -> float:
        """Logits above no-answer."""
        return self.score - self.null


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one reader's margins become a decision and a probability; it belongs to the weights.

    `margin` is the logits above null that an answer needs. `answer` maps the margin of an answer to the probability
    that it is right, `silence` the best margin found to the probability that the article does not say. Both are
    knots (logits above null, probability in [0, 1]): linear between, flat outside.
    """

    margin: float = 0.0
    answer: Knots = LOGISTIC
    silence: Knots = MIRRORED

    @classmethod
    def load(cls, folder: Path) -> Calibration:
        """What `calibration.json` in a model folder says, or the defaults where there is none.

        Raises ModelError when the file is there but is not a calibration.
        """
        path = folder / "calibration.json"
        if not path.exists():
            return cls()
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            return cls(float(stored["margin"]), _knots(stored["answer"]), _knots(stored["silence"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path} is not a calibration ({error}); fit it again with training/calibrate.py, or delete it"
            ) from error


@dataclass(frozen=True, slots=True)
class Answer:
    """An exact span of `article` with the sentence it stands in, or None where the article does not say.

    `confidence` is the probability, in [0, 1], that what is said here is right: the span, or the silence.
    `alternatives` are other answers the text allows, best first, none a near-duplicate of another. `nearest` are the
    sentences nearest to the question, best first; filled only when the article does not say. `read_as` is the question
    as it was understood after what was said before; None when it was taken as it stands.
    """

    question: str
    article: Article = field(repr=False)
    span: Span | None
    sentence: Span | None
    confidence: float
    alternatives: tuple[Answer, ...] = ()
    nearest: tuple[Span, ...] = ()
    read_as: str | None = None

    @property
    def text(self) -> str | None:
        """The article's own words, `article.text[start:end]`, or None."""
        return self.span.text if self.span else None

    @property
    def start(self) -> int | None:
        """First character in `article.text`, or None."""
        return self.span.start if self.span else None

    @property
    def end(self) -> int | None:
        """One past the last character in `article.text`, or None."""
        return self.span.end if self.span else None

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON-ready values; offsets count characters of `article.text`, end exclusive."""
        return {
            "question": self.question,
            "read_as": self.read_as,
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "sentence": _place(self.sentence),
            "confidence": round(self.confidence, 4),
            "alternatives": [
                {
                    "text": other.text,
                    "start": other.start,
                    "end": other.end,
                    "sentence": _place(other.sentence),
                    "confidence": round(other.confidence, 4),
                    "article": _about(other.article),
                }
                for other in self.alternatives
            ],
            "nearest": [{**_placed(sentence), "article": _about(sentence.article)} for sentence in self.nearest],
            "article": _about(self.article),
        }


def choose(
    question: str,
    article: Article,
    passages: Sequence[Passage],
    readings: Sequence[Reading],
    *,
    calibration: Calibration,
    options: Options,
) -> Answer:
    """The best reading as an answer, or silence when none beats null by the margin.

    A reading that runs from one sentence into the next is no answer, unless it is a quotation. Ties go to the earlier,
    then the shorter span, so the same readings give the same answer in any order.
    """
    whole = [reading for reading in readings if _keeps_together(reading.span, passages)]
    ranked = sorted(whole, key=lambda r: (-r.margin, r.span.start, r.span.end))
    needed = calibration.margin if options.margin is None else options.margin
    said = distinct([reading for reading in ranked if reading.margin > needed], options.alternatives + 1)
    if not said:
        best = ranked[0].margin if ranked else -math.inf
        nearest = tuple(_nearest(passages, options.nearest))
        return Answer(question, article, None, None, _interpolate(best, calibration.silence), nearest=nearest)
    answers = [
        Answer(
            question,
            reading.span.article,
            reading.span,
            _sentence(reading.span, passages),
            _interpolate(reading.margin, calibration.answer),
        )
        for reading in said
    ]
    return replace(answers[0], alternatives=tuple(answers[1:]))


def distinct(ranked: Sequence[Reading], most: int) -> list[Reading]:
    """The first `most` readings that are no near-duplicate of one before them.

    Two are near-duplicates when they overlap, or when the words of one stand in a row in the other ("Hegseth",
    "Pete Hegseth"), letter case and punctuation aside.
    """
    kept: list[Reading] = []
    for reading in ranked:
        if len(kept) == most:
            break
        if not any(_near_duplicates(reading.span, other.span) for other in kept):
            kept.append(reading)
    return kept


def _near_duplicates(one: Span, other: Span) -> bool:
    if one.overlaps(other):
        return True
    short, long = sorted((_words(one), _words(other)), key=len)
    return f" {short} " in f" {long} "


def _words(span: Span) -> str:
    return " ".join(WORD.findall(span.text.casefold()))


def _keeps_together(span: Span, passages: Sequence[Passage]) -> bool:
    """Whether the span lies in one sentence, or is a quotation within one line.

    Of SQuAD's 10,570 development answers 4 do not; a reader's span over a sentence's end is nearly always two answers
    and what lies between them.
    """
    text = span.text
    if text.startswith(QUOTES) and "\n" not in text:
        return True
    touched = [s for passage in passages for s in passage.sentences if s.overlaps(span)]
    return len(touched) <= 1


def _sentence(span: Span, passages: Sequence[Passage]) -> Span:
    """The sentence that holds `span`; for a span over several sentences (a long quotation), all of them."""
    touched = [s for passage in passages for s in passage.sentences if s.overlaps(span)]
    if not touched:
        return span
    return span.article.span(min(span.start, *(s.start for s in touched)), max(span.end, *(s.end for s in touched)))


def _nearest(passages: Sequence[Passage], most: int) -> list[Span]:
    scored = [(-score, s.start, s) for p in passages for s, score in zip(p.sentences, p.scores, strict=True) if score]
    return [sentence for _, _, sentence in sorted(scored, key=lambda item: item[:2])[:most]]


def _interpolate(margin: float, knots: Knots) -> float:
    if margin <= knots[0][0]:
        return knots[0][1]
    for (low, p), (high, q) in itertools.pairwise(knots):
        if margin <= high:
            return p + (q - p) * (margin - low) / (high - low)
    return knots[-1][1]


def _knots(stored: Any) -> Knots:
    knots = tuple((float(m), float(p)) for m, p in stored)
    rising = all(a[0] < b[0] for a, b in itertools.pairwise(knots))
    if not knots or not rising or not all(0 <= p <= 1 for _, p in knots):
        raise ValueError("knots must be pairs of a rising margin and a probability in [0, 1]")
    return knots


def _place(span: Span | None) -> dict[str, Any] | None:
    return _placed(span) if span else None


def _placed(span: Span) -> dict[str, Any]:
    return {"text": span.text, "start": span.start, "end": span.end}


def _about(article: Article) -> dict[str, str]:
    return {"title": article.title, "source": article.source}
