"""From a question to the passages worth reading: nearest by meaning and by words, fused, widened by neighbours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder, load_encoder
from index.errors import ArticleError
from index.keyword import KeywordIndex
from index.sentences import split
from index.text import Article, Span, encodable
from index.vectors import VectorIndex

WHOLE = 6_000  # characters, about four windows; an article up to this is read whole: retrieval cannot lose its answer
DEPTH = 100  # how far down either ranking fusion looks
RRF = 60  # Cormack, Clarke & Büttcher, SIGIR 2009
BATCH = 256  # sentences encoded between two calls of `progress`

Progress = Callable[[int, int], None]  # (sentences done, sentences in all)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an article to be read, with its sentences in order and how near each is to the question.

    `scores` stands beside `sentences`: reciprocal rank fusion, above 0 for a sentence that was found, 0 for one that
    came along as a neighbour. Scores compare within one search only.
    """

    span: Span
    sentences: tuple[Span, ...]
    scores: tuple[float, ...]

    @property
    def score(self) -> float:
        """The best of its sentences'."""
        return max(self.scores, default=0.0)


class ArticleIndex:
    """One article's sentences, by meaning (FAISS) and by words (BM25)."""

    def __init__(
        self,
        article: Article,
        sentences: Sequence[Span],
        *,
        vectors: VectorIndex,
        keywords: KeywordIndex,
        encoder: Encoder,
    ) -> None:
        self.article = article
        self.sentences = tuple(sentences)
        self._vectors = vectors
        self._keywords = keywords
        self._encoder = encoder

    @classmethod
    def from_article(
        cls, article: Article, *, encoder: Encoder | None = None, progress: Progress | None = None
    ) -> ArticleIndex:
        """Splits, encodes and indexes an article; `encoder` None is the default one.

        `progress` is called after every few hundred sentences. Raises ArticleError when the article has no text.
        """
        sentences = split(article)
        if not sentences:
            raise ArticleError("the article has no text; give one with at least a sentence")
        encoder = encoder or load_encoder()
        texts = [encodable(sentence.text) for sentence in sentences]
        rows: list[npt.NDArray[np.float32]] = []
        for first in range(0, len(texts), BATCH):
            rows.extend(encoder.encode_document(texts[first : first + BATCH]))
            if progress:
                progress(min(first + BATCH, len(texts)), len(texts))
        return cls(article, sentences, vectors=VectorIndex(rows), keywords=KeywordIndex(texts), encoder=encoder)

    def retrieve(self, question: str, *, k: int, radius: int) -> list[Passage]:
        """The passages to read for `question`, best first, each sentence in one of them at most.

        A short article comes back whole, as one passage. Of a longer one the `k` best sentences, each with `radius`
        neighbours on either side; passages that touch are merged.
        """
        ranked = self.rank(question)
        if len(self.article.text) <= WHOLE:
            return [self._passage(range(len(self.sentences)), dict(ranked))]
        hits = dict(ranked[:k])
        passages = [self._passage(run, hits) for run in widen(hits, radius=radius, count=len(self.sentences))]
        return sorted(passages, key=lambda passage: (-passage.score, passage.span.start))

    def rank(self, question: str) -> list[tuple[int, float]]:
        """(sentence number, fused score) by nearness to the question, best first."""
        [vector] = self._encoder.encode_query([encodable(question)])
        by_meaning = [number for number, _ in self._vectors.search(vector, DEPTH)]
        by_words = [number for number, _ in self._keywords.search(question, DEPTH)]
        return fuse(by_meaning, by_words)

    def _passage(self, numbers: range, scores: dict[int, float]) -> Passage:
        sentences = tuple(self.sentences[number] for number in numbers)
        span = self.article.span(sentences[0].start, sentences[-1].end)
        return Passage(span, sentences, tuple(scores.get(number, 0.0) for number in numbers))


def fuse(*rankings: Sequence[int]) -> list[tuple[int, float]]:
    """(number, score) by reciprocal rank fusion: the sum of 1 / (RRF + rank), ranks from 1. Lower number on ties."""
    scores: defaultdict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, number in enumerate(ranking, start=1):
            scores[number] += 1 / (RRF + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def widen(numbers: Iterable[int], *, radius: int, count: int) -> list[range]:
    """Runs of the numbers and their neighbours below `count`, in order; runs that touch or overlap are one."""
    runs: list[range] = []
    for number in sorted(numbers):
        first, end = max(0, number - radius), min(count, number + radius + 1)
        if runs and first <= runs[-1].stop:
            runs[-1] = range(runs[-1].start, end)
        else:
            runs.append(range(first, end))
    return runs
