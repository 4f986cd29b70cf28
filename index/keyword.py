"""Which sentences share a question's words: BM25 over stems, so that "exercises" finds "exercise"."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

K1 = 1.2  # term-frequency saturation
B = 0.75  # how much a long sentence is discounted
WORD = re.compile(r"\w+")


class KeywordIndex:
    """BM25 (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009) in Lucene's form, over stems."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s
        import Stemmer

        self._stemmer = Stemmer.Stemmer("english")
        self._count = len(texts)
        self._bm25 = bm25s.BM25(k1=K1, b=B, method="lucene")
        words = [self._stems(text) for text in texts]
        self._empty = not any(words)  # bm25s cannot index a text without any word
        if not self._empty:
            self._bm25.index(words, show_progress=False)

    def __len__(self) -> int:
        return self._count

    def search(self, question: str, k: int) -> list[tuple[int, float]]:
        """(sentence number, BM25 score above 0) of the `k` best, best first, lower number on ties.

        Sentences that share no stem with the question are left out, so there may be fewer than `k`, or none. Scores
        compare within one search only.
        """
        stems = [] if self._empty else [s for s in self._stems(question) if s in self._bm25.vocab_dict]
        if not stems:
            return []
        scores = self._bm25.get_scores(stems)
        best = np.argsort(-scores, kind="stable")[:k]
        return [(int(n), float(scores[n])) for n in best if scores[n] > 0]

    def _stems(self, text: str) -> list[str]:
        stems: list[str] = self._stemmer.stemWords(WORD.findall(text.casefold()))
        return stems
