"""Which sentences share a question's words: BM25 over stems, so that "exercises" finds "exercise"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.text import composed

K1 = 1.2  # term-frequency saturation
B = 0.75  # how much a long sentence is discounted
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, eq=False)
class Occurrences:
    """Where one of a question's words stands: the sentences' numbers, rising, and its part of each one's BM25."""

    numbers: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]


class KeywordIndex:
    """BM25 (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009) in Lucene's form, over stems."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s
        import Stemmer

        self._stemmer = Stemmer.Stemmer("english")
        self._bm25 = bm25s.BM25(k1=K1, b=B, method="lucene")
        words = [self._stems(text) for text in texts]
        self._empty = not any(words)  # bm25s cannot index a text without any word
        if not self._empty:
            self._bm25.index(words, show_progress=False)

    def occurrences(self, question: str) -> list[Occurrences]:
        """Of every stem of the question that stands in a sentence at all, each once; weights are above 0."""
        known = {} if self._empty else self._bm25.vocab_dict
        stems = [stem for stem in dict.fromkeys(self._stems(question)) if stem in known]
        return [self._occurrences(known[stem]) for stem in stems]

    def search(self, question: str, k: int) -> list[tuple[int, float]]:
        """(sentence number, BM25 score above 0) of the `k` best, best first, lower number on ties.

        Sentences that share no stem with the question are left out, so there may be fewer than `k`, or none. Scores
        compare within one search only.
        """
        return best(self.occurrences(question), k)

    def _occurrences(self, stem: int) -> Occurrences:
        columns = self._bm25.scores  # one a stem, sparse
        column = slice(columns["indptr"][stem], columns["indptr"][stem + 1])
        numbers, weights = columns["indices"][column], columns["data"][column]
        order = np.argsort(numbers)
        return Occurrences(numbers[order].astype(np.int64), weights[order].astype(np.float64))

    def _stems(self, text: str) -> list[str]:
        stems: list[str] = self._stemmer.stemWords(WORD.findall(composed(text).casefold()))
        return stems


def best(words: Sequence[Occurrences], k: int) -> list[tuple[int, float]]:
    """(sentence number, BM25 score above 0) of the `k` best for these words, best first, lower number on ties."""
    if not words:
        return []
    numbers, places = np.unique(np.concatenate([word.numbers for word in words]), return_inverse=True)
    scores = np.bincount(places, weights=np.concatenate([word.weights for word in words]))
    return [(int(numbers[at]), float(scores[at])) for at in np.argsort(-scores, kind="stable")[:k]]
