"""Questions made unanswerable in their own words and on their own contexts.

Unanswerable questions that somebody wrote for the purpose have a manner of their own, and a reader is quick to learn
the manner instead of the matter. These differ from answerable ones in nothing but the matter.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from index.sentences import split
from index.text import Article, Span

_PAIRS = """largest smallest; biggest smallest; larger smaller; highest lowest; higher lower; longest shortest;
longer shorter; oldest youngest; oldest newest; older younger; earliest latest; first last; most least; best worst;
more fewer; more less; greater lesser; increase decrease; increased decreased; rise fall; rose fell; before after;
begin end; began ended; start end; started ended; opened closed; win lose; won lost; north south;
northern southern; east west; eastern western; inside outside; above below; upper lower; major minor;
male female; men women; son daughter; mother father; brother sister; husband wife; king queen; public private; early
late; ancient modern; old new; always never; positive negative; strong weak; hot cold; wet dry; rich poor; young old;
support oppose; supported opposed; allow forbid; allowed forbade; accept reject; accepted rejected; created destroyed;
built demolished; born killed; buy sell; bought sold; domestic foreign; urban rural; majority
minority; maximum minimum; success failure; similar different; same different; advantage disadvantage; common rare;
include exclude; included excluded; gained lost; arrived departed; married divorced; former current;
summer winter; caused prevented; good bad; fast slow; heavy light; legal illegal"""
OPPOSITES: dict[str, tuple[str, ...]] = {}
for _pair in _PAIRS.split(";"):
    _one, _other = _pair.split()
    OPPOSITES[_one] = (*OPPOSITES.get(_one, ()), _other)
    OPPOSITES[_other] = (*OPPOSITES.get(_other, ()), _one)
FIXED = re.compile(r"\b(?:how|at) $", re.IGNORECASE)  # what a word in a fixed phrase stands behind
WORD = re.compile(r"\w+")


def opposed(question: str, random: np.random.Generator) -> str | None:
    """The question with one of its words exchanged for its opposite; None where no word has one.

    Capital letters are left alone, since they belong to names ("Kanye West"), and so are "how old" and "at least".
    """
    words = [w for w in WORD.finditer(question) if w[0] in OPPOSITES and not FIXED.search(question[: w.start()])]
    if not words:
        return None
    word = words[int(random.integers(len(words)))]
    others = OPPOSITES[word[0]]
    return question[: word.start()] + others[int(random.integers(len(others)))] + question[word.end() :]


def without_answer(context: Span, places: tuple[tuple[int, int], ...]) -> Span | None:
    """The context without the answer's sentences; None where it stands in others too, or too little is left."""
    kept = [s for s in _sentences(context) if all(s.end <= start or s.start >= end for start, end in places)]
    text = " ".join(sentence.text for sentence in kept)
    answers = {context.article.text[start:end].lower() for start, end in places}
    if len(kept) < 2 or any(answer in text.lower() for answer in answers):
        return None
    return Article(text, title=context.article.title).span()


@lru_cache(maxsize=1000)
def _sentences(context: Span) -> tuple[Span, ...]:
    return split(context.article)
