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
from qa.evidence import Verdict, evidence
from qa.kinds import Kind, kind, wanted
from qa.lists import items
from qa.quotations import bare, quotation

Knots = tuple[tuple[float, float], ...]  # (logits above null, probability), rising in the first

# Where a reader brings no calibration: an even logistic, honest about nothing but the order.
LOGISTIC: Knots = tuple((float(m), 1 / (1 + math.exp(-m / 2))) for m in range(-10, 11))
MIRRORED: Knots = tuple((m, 1 - p) for m, p in LOGISTIC)
WORD = re.compile(r"\w+")
ENUMERATES = 3.0  # logits that an enumeration may lie below the best reading and still be the answer to "Which two"
CLAUSE = 1.0  # the same for the longer reading of "Why"; both tuned on authored-news-train

# The probability that a sentence settles a question of yes or no where its words and the reader agree on it;
# `python benchmarks/kinds.py FILE` prints the share.
AGREED = 0.9
LEAST = (
    0.2  # of the question's words, by weight, that this sentence must have: nine of ten articles on other things don't
)


@dataclass(frozen=True, slots=True)
class Options:
    """Every query-time setting with its default; the one home of defaults."""

    budget: int = 1_850  # characters read of what is too long to be read whole, the question with every passage
    longest: int = 40  # tokens in the longest answer
    candidates: int = 20  # readings kept before near-duplicates merge
    again: int = 3  # sentences that seem to answer, read once more on their own; 0: none, faster and less exact
    alternatives: int = 3  # other answers given beside the best
    nearest: int = 2  # sentences offered when the article does not say
    margin: float | None = None  # logits above null that an answer needs; None: what the reader is calibrated to


@dataclass(frozen=True, slots=True)
class Reading:
    """A span that one reader proposes, with its score and the null score it has to beat.

    `score` is the sum of the start and end logits; `null` is the lowest sum of the null logits (first token) among
    the windows that hold the span. `score - null` compares between passages and windows of one question. `penalty` is
    what retrieval holds against the span's sentence, in logits: it counts where readings compete, and not in whether
    the article answers at all.
    """

    span: Span
    score: float
    null: float
    penalty: float = 0.0

    @property
    def margin(self) -> float:
        """Logits above no-answer."""
        return self.score - self.null

    @property
    def merit(self) -> float:
        """What readings of one question are ranked by, and confidence in an answer goes by."""
        return self.margin - self.penalty


@dataclass(frozen=True, slots=True)
class Credits:
    """Logits that each way to understand a follow-up is worth before the reader is heard, the literal one's being 0.

    `later` is taken off for each likelier form of the same way, `agreed` added for each other form with an answer at
    the same place. They belong to the weights: training/followup.py fits them.
    """

    replaced: float = 5.0  # a pronoun that means nothing fits everywhere, so readers are too sure of the literal form
    completed: float = 6.0
    joined: float = -2.0  # two questions in a row are the last resort of a reader that was not trained on them
    recalled: float = -4.0  # the same of a question that may well stand alone
    later: float = 1.0
    agreed: float = 2.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one reader's margins become a decision and a probability; it belongs to the weights.

    `margin` is what the readings together, at this `temperature` (see `together`), need for an answer. `answer` maps
    the margin of an answer's own reading to the probability that it is right, `silence` that of all together to the
    probability that the article does not say. Both are knots (logits above null, probability in [0, 1]): linear
    between, flat outside. `credit` chooses between the ways to understand a follow-up.
    """

    margin: float = 0.0
    answer: Knots = LOGISTIC
    silence: Knots = MIRRORED
    credit: Credits = Credits()
    temperature: float = 0.0

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
            credit = Credits(**{name: float(worth) for name, worth in stored.get("credit", {}).items()})
            answer, silence = _knots(stored["answer"]), _knots(stored["silence"])
            return cls(float(stored["margin"]), answer, silence, credit, float(stored.get("temperature", 0)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
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

    `kind` is what the question asks for. `items` are the parts of a list, in order, where it asks for several: exact
    spans inside `span`, none where the text does not list them in one place. Of a question that asks for yes or no
    `span` is the whole sentence that settles it; `verdict` is the word, only where that sentence says the question's
    own words.
    """

    question: str
    article: Article = field(repr=False)
    span: Span | None
    sentence: Span | None
    confidence: float
    alternatives: tuple[Answer, ...] = ()
    nearest: tuple[Span, ...] = ()
    read_as: str | None = None
    kind: Kind = "plain"
    items: tuple[Span, ...] = ()
    verdict: Verdict | None = None

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
            "kind": self.kind,
            "items": [_place(item) for item in self.items],
            "verdict": self.verdict,
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
    """The best reading as an answer of the kind that is asked for, or silence when all together do not beat null.

    Ties go to the earlier, then the shorter span, so the same readings give the same answer in any order. A question
    of yes or no gets the sentence that has its words, where the reader found its best answer in it too, or where it
    says yes or no.
    """
    asked = kind(question)
    ranked = sorted(readings, key=lambda r: (-r.merit, r.span.start, r.span.end))
    needed = calibration.margin if options.margin is None else options.margin
    said = together(readings, calibration.temperature)
    borne = said - ranked[0].margin if ranked else 0.0  # by the others, each one alike
    above = [each for each in ranked if each is ranked[0] or each.margin + borne > needed] if said > needed else []
    settled = _settled(question, passages, above) if asked == "yes or no" else None
    if settled:
        return settled
    if asked == "yes or no" or not above:
        sure, nearest = _interpolate(said, calibration.silence), tuple(_nearest(passages, options.nearest))
        return Answer(question, article, None, None, sure, nearest=nearest, kind=asked)
    span, parts = _shaped(question, asked, ranked)  # how far it reaches, once there is one
    answers = [
        Answer(
            question,
            reading.span.article,
            reading.span,
            _sentence(reading.span, passages),
            _interpolate(reading.merit, calibration.answer),
        )
        for reading in distinct([replace(above[0], span=span), *above[1:]], options.alternatives + 1)
    ]
    return replace(answers[0], alternatives=tuple(answers[1:]), kind=asked, items=parts)


def together(readings: Sequence[Reading], temperature: float) -> float:
    """Logits above null of the article's answering at all, wherever; -inf without readings.

    The log of the sum of the odds, softened: several places that may answer tell of an answer as one likely place does.
    At temperature 1 it is the sum itself, towards 0 the best reading alone counts.
    """
    margins = [reading.margin for reading in readings]
    best = max(margins, default=-math.inf)
    if temperature <= 0 or not math.isfinite(best):
        return best
    return best + temperature * math.log(sum(math.exp((margin - best) / temperature) for margin in margins))


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


def _shaped(question: str, asked: Kind, ranked: Sequence[Reading]) -> tuple[Span, tuple[Span, ...]]:
    """The best reading's span in the shape that is asked for, and its parts where that is a list."""
    best = ranked[0].span
    if asked == "list":
        return enumerated(ranked, wanted(question))
    if asked == "quotation":
        return quotation(best), ()
    if asked == "why":
        return bare(clause(ranked)), ()
    return bare(best), ()


def clause(ranked: Sequence[Reading]) -> Span:
    """The longest reading that holds the best one and lies at most CLAUSE logits below it.

    So "a bequest" becomes "by a bequest". Ties go to the higher score.
    """
    best = ranked[0]
    near = [each for each in ranked if best.margin - each.margin <= CLAUSE and each.span.holds(best.span)]
    return max((each.span for each in near), key=lambda span: span.end - span.start)


def enumerated(ranked: Sequence[Reading], wanted: int | None) -> tuple[Span, tuple[Span, ...]]:
    """The likeliest reading that is an enumeration of `wanted` items, with the items; else the best one, without.

    It must overlap the best reading and lie at most ENUMERATES logits below it.
    """
    best = ranked[0]
    for reading in ranked:
        near = best.margin - reading.margin <= ENUMERATES and reading.span.overlaps(best.span)
        if near and (parts := items(reading.span, wanted)):
            return reading.span, parts
    return best.span, ()


def _settled(question: str, passages: Sequence[Passage], above: Sequence[Reading]) -> Answer | None:
    """The sentence that settles a question of yes or no: the words and the reader agree on it, or it says the word."""
    found = evidence(question, passages)
    agreed = found and found.share >= LEAST and above and found.sentence.overlaps(above[0].span)
    if found is None or not (found.verdict or agreed):
        return None
    sentence = found.sentence
    return Answer(question, sentence.article, sentence, sentence, AGREED, kind="yes or no", verdict=found.verdict)


def _near_duplicates(one: Span, other: Span) -> bool:
    if one.overlaps(other):
        return True
    short, long = sorted((_words(one), _words(other)), key=len)
    return f" {short} " in f" {long} "


def _words(span: Span) -> str:
    return " ".join(WORD.findall(span.text.casefold()))


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
