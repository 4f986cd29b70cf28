"""What comes back: an exact span of the article and its sentence, or the honest statement that it does not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from index.text import Article, Span


@dataclass(frozen=True, slots=True)
class Options:
    """Every query-time setting with its default; the one home of defaults."""

    passages: int = 8  # sentences retrieved when the article is too long to be read whole
    radius: int = 1  # neighbours that each retrieved sentence takes along, on either side
    longest: int = 40  # tokens in the longest answer
    candidates: int = 20  # readings kept before near-duplicates merge
    alternatives: int = 3  # other passages shown beside the answer
    nearest: int = 2  # sentences offered when the article does not say
    margin: float | None = None  # logits above the null score that an answer needs; None: what the reader was calibrated to


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
