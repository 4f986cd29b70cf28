"""A question that leans on what was said before, as questions that stand alone; any other question, as it is.

No model is asked what a pronoun means. Tables of English words tell what a question lacks (qa/leaning.py), the history
and the article offer what may fill it (qa/antecedents.py, qa/rewording.py), and the reader decides: the form of the
question whose answer it is surest of, credits added, is the one that was meant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from index.text import Article
from qa.answer import Answer, Calibration, Reading, together
from qa.antecedents import antecedents
from qa.leaning import lacks, slight
from qa.rewording import LONGEST, MOST, completed, dated, exchanged, filled, unmarked
from qa.words import (
    ABOUT,
    AND_THEN,
    OPENING,
    TURNED,
    WHEN_THAT,
    WORD,
    Exchange,
    Need,
    expanded,
)

Way = Literal["literal", "replaced", "completed", "joined", "recalled"]

REACH = 8  # exchanges that a pronoun can reach back
HEARD = 500  # characters of what was said before that are listened to
BEHIND: tuple[Way, ...] = ("joined", "recalled")  # ways that put the question behind the exchange before it
AGAIN: tuple[Way, ...] = ("completed", *BEHIND)  # ways that ask the previous question again
KNOWN = 12  # words of the previous answer that stand before a question joined to it


@dataclass(frozen=True, slots=True)
class Form:
    """One way to understand a question: the text that is read, how it was made, and what people are shown of it."""

    text: str
    way: Way
    shown: str

    @property
    def alone(self) -> bool:
        """Whether it stands alone, as far as its words tell."""
        return self.way in ("replaced", "completed") or (self.way == "literal" and lacks(self.text) is None)


def exchanges(history: Sequence[Answer | Exchange]) -> list[Exchange]:
    """The last of what was said, oldest first: each question as it was understood, and the text of its answer."""
    recent = history[-REACH:]
    pairs = [(said.read_as or said.question, said.text) if isinstance(said, Answer) else said for said in recent]
    return [(question[:HEARD], None if text is None else text[:HEARD]) for question, text in pairs]


def forms(question: str, history: Sequence[Exchange], article: Article) -> tuple[Form, ...]:
    """The ways to understand `question` after `history` (oldest first), likeliest first, none twice.

    The question itself is always the last of them, and the only one where it stands alone or nothing was said before;
    of few words without a name ("What did the tests cost?") it may lean on the exchange before it all the same. The
    article tells whether a name is a man's or a woman's.
    """
    literal = Form(question, "literal", question)
    need = lacks(question) if history else None
    if not history or (need is None and not slight(question)):
        return (literal,)
    way: Way = "joined" if need else "recalled"
    behind = Form(joined(question, history[-1]), way, f"{unmarked(history[-1][0])}? {question}")
    first: dict[str, Form] = {}
    made = _made(question, need, history, article.text) if need else ()
    for form in (*made, behind):
        if len(form.text) <= LONGEST and form.text.casefold() != question.casefold():
            first.setdefault(form.text.casefold(), form)
    return (*first.values(), literal)


def joined(question: str, before: Exchange) -> str:
    """The question behind the exchange before it, as a reader can be trained to take it."""
    asked, said = before
    known = " ".join((said or "").split()[:KNOWN])
    return " ".join(filter(None, (asked, known, question)))


def understood(
    ways: Sequence[Form],
    readings: Sequence[Sequence[Reading]],
    history: Sequence[Exchange],
    *,
    calibration: Calibration,
) -> tuple[Form, list[Reading]]:
    """The form whose readings have the greatest surplus, its credit added, and the readings that count.

    `readings` stand beside `ways`, best first. For a form that holds the previous question its answer does not count:
    it is what the same words find again. Ties go to the earlier form. Where a form that stands alone has an answer at
    the same place as one that does not, it is preferred; as it is where no form has any.
    """
    said = _plain(history[-1][1] or "") if history else ""
    counting = [
        [each for each in found if way.way not in AGAIN or not _repeats(each.span.text, said)]
        for way, found in zip(ways, readings, strict=True)
    ]
    credit = asdict(calibration.credit)
    worth = [
        surplus(found, calibration) + sum(credit[name] * count for name, count in given.items())
        for found, given in zip(counting, counts(ways, counting), strict=True)
    ]
    best = worth.index(max(worth))
    if worth[best] == -math.inf:  # nothing is found anyhow
        best = next((number for number, way in enumerate(ways) if way.alone), best)
    plainer = best if ways[best].alone else _plainer(ways, counting, best, calibration)
    return ways[plainer], counting[plainer]


def _plainer(ways: Sequence[Form], counting: Sequence[Sequence[Reading]], best: int, calibration: Calibration) -> int:
    """The first form that leads to the same place and stands alone, else `best`.

    It says who is meant: people can check it, and later questions lean on it.
    """
    for number, (form, found) in enumerate(zip(ways, counting, strict=True)):
        same = found and counting[best] and found[0].span.overlaps(counting[best][0].span)
        if same and form.alone and surplus(found, calibration) > 0:
            return number
    return best


def surplus(readings: Sequence[Reading], calibration: Calibration) -> float:
    """Logits that the readings of a form have beyond what an answer needs, all together; -inf without readings.

    0 where they do not reach it: of two forms that the article does not answer, neither is meant the more for it.
    """
    return max(together(readings, calibration.temperature) - calibration.margin, 0.0) if readings else -math.inf


def counts(ways: Sequence[Form], counting: Sequence[Sequence[Reading]]) -> list[dict[str, float]]:
    """How often each credit is given to each form, by the credit's name; `later` counts below 0.

    `counting` are the readings of each form, best first; a form without one has its way counted and nothing else.
    """
    found = [each[0].span if each else None for each in counting]
    given = []
    for number, (form, span) in enumerate(zip(ways, found, strict=True)):
        agreeing = sum(bool(span and other and other.overlaps(span)) for other in found) - (span is not None)
        given.append(
            {way: float(form.way == way) for way in ("replaced", "completed", *BEHIND)}
            | {
                "later": -float(sum(way.way == form.way for way in ways[:number])),
                "agreed": float(agreeing),
            }
        )
    return given


def _made(question: str, need: Need, history: Sequence[Exchange], text: str) -> Iterator[Form]:
    """The forms that take something from the history and read as one question, likeliest first."""
    asked, said = history[-1]
    bare = expanded(OPENING.sub("", question))
    that = WHEN_THAT.fullmatch(bare)
    turned = TURNED.fullmatch(ABOUT.sub("", bare))
    if need == "ellipsis" or re.fullmatch(r"(?:why|where|how|who) then\W*", bare, re.IGNORECASE):
        made = completed(re.sub(r" then\W*$", "", bare), asked, said)
    elif turned:
        made = iter([turned["asked"] + turned["about"] + turned["rest"]])
    elif said and (then := AND_THEN.fullmatch(bare)):
        made = iter([f"{unmarked(asked)} {then[1] or 'after'} {unmarked(said)}?"])
    elif need == "fragment":
        made = exchanged(ABOUT.sub("", bare), asked)
    elif that and need in ("event", "thing"):
        made = completed(that[1], asked, said)
    else:
        made = iter(())
    for each in made:
        whole = filled(each, None, "", history, text) if need == "fragment" else each  # "And her brother?" leans still
        yield Form(whole, "completed", whole)
    pointing = need == "event" and (that or turned or AND_THEN.fullmatch(bare) or len(bare.split()) < 3)
    if need == "event" and re.search(r"\bthen\b", bare):
        yield from (Form(whole, "replaced", whole) for whole in dated(bare, asked, said))
    elif need not in ("ellipsis", "fragment") and not pointing:
        for name in antecedents(need, history, text, most=MOST):
            whole = filled(bare, need, name, history, text)
            yield Form(whole, "replaced", whole)


def _repeats(text: str, said: str) -> bool:
    """Whether the words of one stand in a row in the other; `said` is plain already, and "" repeats nothing."""
    words = _plain(text)
    return bool(said and words) and (f" {said} " in f" {words} " or f" {words} " in f" {said} ")


def _plain(text: str) -> str:
    return " ".join(WORD.findall(text.casefold()))


__all__ = [
    "BEHIND",
    "HEARD",
    "REACH",
    "Exchange",
    "Form",
    "counts",
    "exchanges",
    "forms",
    "joined",
    "surplus",
    "understood",
]
