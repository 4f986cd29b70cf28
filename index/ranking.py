"""Which sentences are likeliest to hold the answer, and which of them to read.

Two searches, by vectors and by words, find candidates. Here what is known of each, and of what stands around it, is
weighed together; then the likeliest are read, for as long as there is room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.keyword import Occurrences

AROUND = 2  # sentences on either side of one that was found are candidates, too
TINY = 1e-9  # where no word of the question stands anywhere
BLANK = 2  # characters between two sentences, at least, where a blank line parts them; a CRLF or two blanks do, too

# Log-odds for each unit of a feature; `python -m training.ranker` fits and prints them.
WEIGHTS = {
    "meaning": 9.82,
    "meaning of the best in the stretch": 11.3,
    "meaning of the stretch": 1.77,
    "words": 0.769,
    "coverage": 3.67,
    "words before": 0.217,
    "words beside": 0.176,
    "words of the stretch": 0.401,
    "length": 0.277,
    "stretch length": -1.16,
}

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Sentences that may hold the answer, in the order of their numbers, with what is known of each.

    All (candidates,) but `words`. `articles` tells which share an article, `starts` and `ends` where they stand in it.
    `cosines` are with the question; `words` is what each of the question's words adds to each one's BM25, (words,
    candidates).
    """

    numbers: Integers
    articles: Integers
    starts: Integers
    ends: Integers
    cosines: Floats
    words: Floats

    def stretches(self) -> Integers:
        """The place of the first candidate of each stretch: what follows one another within a paragraph."""
        next_to = (np.diff(self.numbers) == 1) & (np.diff(self.articles) == 0)
        parted = ~next_to | (self.starts[1:] - self.ends[:-1] >= BLANK)
        return np.flatnonzero(np.append(True, parted)).astype(np.int64)

    def beside(self, values: Floats, step: int) -> Floats:
        """The values of the sentence `step` further on in the same article; 0 where that is no candidate."""
        wanted = self.numbers + step
        at = np.minimum(np.searchsorted(self.numbers, wanted), len(wanted) - 1)
        there = (self.numbers[at] == wanted) & (self.articles[at] == self.articles)
        return np.where(there, values[..., at], 0.0)


def rank(candidates: Candidates, weights: Mapping[str, float] = WEIGHTS) -> list[tuple[int, float]]:
    """(sentence number, probability that the answer stands in it), best first, lower number on ties.

    A logistic model that takes it that one of the candidates holds the answer: the probabilities add up to 1.
    """
    known = features(candidates)
    scores = np.sum([weight * known[name] for name, weight in weights.items()], axis=0)
    likely = np.exp(scores - scores.max())
    order = np.argsort(-likely, kind="stable")
    return list(zip(candidates.numbers[order].tolist(), (likely / likely.sum())[order].tolist(), strict=True))


def features(candidates: Candidates) -> dict[str, Floats]:
    """What tells of the answer, (candidates,) each, by the names that have weights."""
    cosines, words, beside = candidates.cosines, candidates.words, candidates.beside
    firsts = candidates.stretches()
    counts = np.diff(np.append(firsts, len(cosines)))
    before = np.maximum(words, beside(words, -1))
    near = np.maximum(before, beside(words, 1))
    most = words.max(axis=1, initial=0.0)  # what each word is worth where it tells most
    stretch = np.maximum.reduceat(words, firsts, axis=1)
    return {
        "meaning": cosines,
        "meaning of the best in the stretch": np.repeat(np.maximum.reduceat(cosines, firsts), counts),
        "meaning of the stretch": np.repeat(np.add.reduceat(cosines, firsts) / counts, counts),
        "words": words.sum(axis=0),
        "coverage": most @ (words > 0) / max(float(most.sum()), TINY),  # the part of the question's words that it has
        "words before": (before - words).sum(axis=0),  # what only the sentence before has of them
        "words beside": (near - words).sum(axis=0),  # what only its neighbours have
        "words of the stretch": np.repeat(stretch.sum(axis=0), counts) - words.sum(axis=0),
        "length": np.log(candidates.ends - candidates.starts),
        "stretch length": np.log(np.repeat(counts, counts)),
    }


def shares(words: Sequence[Occurrences], numbers: Integers) -> Floats:
    """(words, numbers): what each word adds to the BM25 of each of these sentences, whose numbers rise."""
    table = np.zeros((len(words), len(numbers)))
    for row, word in zip(table, words, strict=True):
        at = np.minimum(np.searchsorted(word.numbers, numbers), len(word.numbers) - 1)
        found = word.numbers[at] == numbers
        row[found] = word.weights[at[found]]
    return table


def around(hits: Iterable[int], article: range) -> Integers:
    """The numbers of these sentences of one article and of AROUND on either side of each, rising."""
    near = {hit + step for hit in hits for step in range(-AROUND, AROUND + 1)}
    return np.array(sorted(number for number in near if number in article), dtype=np.int64)


def spend(
    ranked: Sequence[tuple[int, float]], lengths: Mapping[int, int], *, budget: int, lead: int
) -> dict[int, float]:
    """The sentences to read, with their probabilities: the likeliest, leaving out those that no longer fit.

    `lengths`, `budget` and `lead` are in characters. Sentences that follow one another are read as one passage (an
    article that ends between them, in a library, is not looked at), and each passage costs `lead` more: the question,
    which is read before it. So one that joins two passages saves what it costs, in part. At least one is read, however
    long.
    """
    chosen: dict[int, float] = {}
    left = budget
    for number, probability in ranked:
        cost = lengths[number] + lead * (1 - (number - 1 in chosen) - (number + 1 in chosen))
        if cost <= left or not chosen:
            chosen[number] = probability
            left -= cost
    return chosen
