"""From a question to the passages worth reading: found by meaning and by words, weighed, the likeliest that fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder, load_encoder
from index.errors import ArticleError
from index.keyword import KeywordIndex, best
from index.ranking import Candidates, around, rank, shares, spend
from index.sentences import split
from index.text import Article, Span, encodable
from index.vectors import VectorIndex, unit

WHOLE = 6_000  # characters, about four windows; an article up to this is read whole: retrieval cannot lose its answer
DEPTH = 100  # candidates that either search finds
BATCH = 256  # sentences encoded between two calls of `progress`

Progress = Callable[[int, int], None]  # (sentences done, sentences in all)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an article to be read, with its sentences in order and how near each is to the question.

    `scores` stands beside `sentences`: the probability that the answer stands in it, by retrieval alone and taking it
    that there is one; 0 for a sentence that neither search came near. Scores compare within one search only.
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
        self._places = np.array([(sentence.start, sentence.end) for sentence in sentences], dtype=np.int64)
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

    def retrieve(self, question: str, *, budget: int) -> list[Passage]:
        """The passages to read for `question`, best first, each sentence in one of them at most.

        A short article comes back whole, as one passage. Of a longer one the sentences likeliest to hold the answer,
        as many as `budget` characters have room for, at least one; those that follow one another are one passage, and
        the question counts once for every passage.
        """
        ranked = rank(self.candidates(question))
        if len(self.article.text) <= WHOLE:
            return [passage(self.sentences, range(len(self.sentences)), dict(ranked))]
        lengths = {number: self.sentences[number].end - self.sentences[number].start for number, _ in ranked}
        chosen = spend(ranked, lengths, budget=budget, lead=len(question))
        passages = [passage(self.sentences, run, chosen) for run in runs(chosen)]
        return sorted(passages, key=lambda passage: (-passage.score, passage.span.start))

    def rank(self, question: str) -> list[tuple[Span, float]]:
        """(sentence, probability that the answer stands in it) of the candidates, best first.

        The probabilities are by retrieval alone, and take it that the article answers.
        """
        return [(self.sentences[number], likely) for number, likely in rank(self.candidates(question))]

    def candidates(self, question: str) -> Candidates:
        """The sentences that either search finds, and those around them."""
        [vector] = unit(self._encoder.encode_query([encodable(question)]))
        words = self._keywords.occurrences(question)
        hits = [number for number, _ in [*self._vectors.search(vector, DEPTH), *best(words, DEPTH)]]
        numbers = around(hits, range(len(self.sentences)))
        starts, ends = self._places[numbers].T
        cosines = (self._vectors.rows(numbers) @ vector).astype(np.float64)
        return Candidates(numbers, np.zeros_like(numbers), starts, ends, cosines, shares(words, numbers))


def passage(sentences: Sequence[Span], run: range, scores: Mapping[int, float]) -> Passage:
    """The sentences of a run, each with its score; 0 for one that has none."""
    shown = tuple(sentences[run.start : run.stop])
    span = shown[0].article.span(shown[0].start, shown[-1].end)
    return Passage(span, shown, tuple(scores.get(number, 0.0) for number in run))


def runs(numbers: Iterable[int]) -> list[range]:
    """The numbers in order, those that follow one another together."""
    found: list[range] = []
    for number in sorted(numbers):
        if found and number == found[-1].stop:
            found[-1] = range(found[-1].start, number + 1)
        else:
            found.append(range(number, number + 1))
    return found
