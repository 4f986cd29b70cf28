"""How passages are read: all of them, and then once more, on their own, the sentences that seem to answer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from index.search import Passage
from index.text import Span
from qa.answer import Options, Reading
from qa.quotations import OPENING, line, quotations
from qa.reader import Reader

BEFORE = 1  # sentences read along with the one that seems to answer: "He ..." leans on what stands before it
PRIOR = 1.0  # logits for each e-fold by which retrieval holds a sentence likelier; tuned on development files
UNLIKELY = 1e-3  # of the likeliest sentence's probability; one below it loses no more


def read(question: str, passages: Sequence[Passage], *, reader: Reader, options: Options) -> list[Reading]:
    """What the reader finds in the passages, best first; retrieval's view is weighed in.

    Of what runs from one sentence into the next only quotations are kept: of SQuAD's 10,570 development answers 4 do
    so, and a reader's span over a sentence's end is nearly always two answers and what lies between them.

    The `options.again` sentences of its best readings are read a second time, each with the one before it only, for two
    looks err less often than one. Where the second look would see no less than the first, there is none.
    """
    first = reader.read(question, passages, longest=options.longest, top=options.candidates)
    closer = list(islice(_closer(weighed(first, passages), passages), options.again))
    if all(passage in passages for passage in closer):
        return _undivided(weighed(first, passages), passages)
    again = reader.read(question, closer, longest=options.longest, top=options.candidates)
    return _undivided(weighed(averaged(first, again), passages), passages)


def averaged(first: Sequence[Reading], again: Sequence[Reading]) -> list[Reading]:
    """Each span that either look proposed, with the mean of its two scores and of its two nulls, best margin first.

    A look that did not propose a span, though it has something to say, gives it the score and the null of the weakest
    that it proposed.
    """
    if not first or not again:
        return list(first or again)
    looks = [{reading.span: reading for reading in look} for look in (first, again)]
    weakest = [min(look, key=lambda reading: reading.margin) for look in (first, again)]
    means = []
    for span in dict.fromkeys(reading.span for look in (first, again) for reading in look):
        one, other = (look.get(span, least) for look, least in zip(looks, weakest, strict=True))
        means.append(Reading(span, (one.score + other.score) / 2, (one.null + other.null) / 2))
    return _ranked(means)


def weighed(found: Sequence[Reading], passages: Sequence[Passage]) -> list[Reading]:
    """The readings, best first, once what retrieval knows of their sentences is weighed in.

    Their penalty is PRIOR times the log of how much likelier the likeliest sentence is to hold the answer. Where there
    is one passage, retrieval has chosen nothing, and the readings stay as they are.
    """
    likeliest = max((passage.score for passage in passages), default=0.0)
    if len(passages) < 2 or likeliest <= 0:
        return list(found)

    def penalty(reading: Reading) -> float:
        scored = (pair for passage in passages for pair in zip(passage.sentences, passage.scores, strict=True))
        own = max((score for sentence, score in scored if sentence.overlaps(reading.span)), default=0.0)
        return -PRIOR * math.log(max(own / likeliest, UNLIKELY))

    return _ranked([replace(reading, penalty=penalty(reading)) for reading in found])


def _undivided(found: Sequence[Reading], passages: Sequence[Passage]) -> list[Reading]:
    """The readings that lie in one sentence, or begin a quotation and lie in it."""

    def within(span: Span) -> bool:
        if span.text.startswith(OPENING) and any(each.holds(span) for each in quotations(line(span.sub(0, 1)))):
            return True
        return sum(s.overlaps(span) for passage in passages for s in passage.sentences) <= 1

    return [reading for reading in found if within(reading.span)]


def _closer(found: Sequence[Reading], passages: Sequence[Passage]) -> Iterator[Passage]:
    """The sentences of each reading, best first, with the one before as a passage; the same sentences only once."""
    seen: set[Span] = set()
    for reading in found:
        for passage in passages:
            touched = [n for n, sentence in enumerate(passage.sentences) if sentence.overlaps(reading.span)]
            if touched and passage.sentences[touched[0]] not in seen:
                seen.add(passage.sentences[touched[0]])
                shown = slice(max(touched[0] - BEFORE, 0), touched[-1] + 1)
                yield _part(passage, shown)


def _part(passage: Passage, shown: slice) -> Passage:
    sentences = passage.sentences[shown]
    span = passage.span.article.span(sentences[0].start, sentences[-1].end)
    return Passage(span, sentences, passage.scores[shown])


def _ranked(found: Sequence[Reading]) -> list[Reading]:
    return sorted(found, key=lambda reading: -reading.merit)  # stable: ties stay in the order they came
