"""A question that leans on what was said before, as questions that stand alone; any other question, as it is.

No model is asked what a pronoun means. Tables of English words (qa/words.py) find what a question lacks, the history
and the article offer what may fill it (qa/antecedents.py), and the reader decides: the form of the question whose
answer it is surest of, credits added, is the one that was meant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from index.text import Article
from qa.answer import Answer, Credits, Reading
from qa.antecedents import antecedents
from qa.mentions import mentions
from qa.words import (
    ABOUT,
    ADVERB,
    AND_THEN,
    AUXILIARY,
    BE,
    CLAUSE,
    COUNTED,
    DATES,
    DEMONSTRATIVES,
    DETERMINER,
    EMPTY_IT,
    HAVE,
    MEASURED,
    OPENING,
    ORDINAL,
    OWNER,
    PARTICIPLE,
    PARTICIPLES,
    PEOPLE,
    PLACED,
    POINTING,
    POSSESSED,
    POSSESSIVES,
    PREPOSITION,
    PRONOUNS,
    QUESTION,
    STOPS,
    SUBJECTS,
    TIMED,
    TURNED,
    VERBS,
    WHEN,
    WHEN_THAT,
    WHICH_TIME,
    WORD,
    Exchange,
    Need,
    expanded,
)

Way = Literal["literal", "replaced", "completed", "joined"]

REMEMBERED = 8  # exchanges that a pronoun can reach back
MOST = 3  # antecedents that are tried; each costs a reading of the passages
HEARD = 500  # characters of what was said before that are listened to
LONGEST = 300  # characters of a question made here; a longer one is not made
AGAIN: tuple[Way, ...] = ("completed", "joined")  # ways that ask the previous question again
BEFORE, BEHIND = 250, 120  # characters about an answer in which what a form brings along may be spoken of
KNOWN = 12  # words of the previous answer that stand before a question joined to it


@dataclass(frozen=True, slots=True)
class Form:
    """One way to understand a question: the text that is read, how it was made, and what people are shown of it."""

    text: str
    way: Way
    shown: str


def exchanges(history: Sequence[Answer | Exchange]) -> list[Exchange]:
    """The last of what was said, oldest first: each question as it was understood, and the text of its answer."""
    recent = history[-REMEMBERED:]
    pairs = [(said.read_as or said.question, said.text) if isinstance(said, Answer) else said for said in recent]
    return [(question[:HEARD], None if text is None else text[:HEARD]) for question, text in pairs]


def forms(question: str, history: Sequence[Exchange], article: Article) -> tuple[Form, ...]:
    """The ways to understand `question` after `history` (oldest first), likeliest first, none twice.

    The question itself is always among them, and the only one where it stands alone or nothing was said before. The
    article tells whether a name is a man's or a woman's.
    """
    literal = Form(question, "literal", question)
    need = lacks(question) if history else None
    if need is None:
        return (literal,)
    behind = Form(joined(question, history[-1]), "joined", f"{_unmarked(history[-1][0])}? {question}")
    first: dict[str, Form] = {}
    for form in (*_made(question, need, history, article.text), behind):
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
    credit: Credits,
    needed: float,
) -> tuple[Form, list[Reading]]:
    """The form whose best reading has the most logits above null, its credit added, and the readings that count.

    `readings` stand beside `ways`, best first; `needed` is the margin that an answer needs. For a form that holds the
    previous question its answer does not count: it is what the same words find again. Ties go to the earlier form.
    """
    said = _plain(history[-1][1] or "") if history else ""
    counting = [
        [each for each in found if way.way not in AGAIN or not _repeats(each.span.text, said)]
        for way, found in zip(ways, readings, strict=True)
    ]
    each = asdict(credit)
    worth = [
        found[0].margin + sum(each[name] * count for name, count in given.items()) if found else -math.inf
        for found, given in zip(counting, counts(ways, counting, needed), strict=True)
    ]
    best = worth.index(max(worth))
    return ways[best], counting[best]


def counts(ways: Sequence[Form], counting: Sequence[Sequence[Reading]], needed: float) -> list[dict[str, float]]:
    """How often each credit is given to each form, by the credit's name; `later` counts below 0.

    `counting` are the readings of each form, best first; a form without one has its way counted and nothing else.
    """
    found = [each[0].span if each else None for each in counting]
    literal = _plain(ways[-1].text).split()
    given = []
    for number, (form, span) in enumerate(zip(ways, found, strict=True)):
        agreeing = sum(bool(span and other and other.overlaps(span)) for other in found) - (span is not None)
        brought = [word for word in _plain(form.text).split() if word not in literal and word not in STOPS]
        around = span.article.text[max(0, span.start - BEFORE) : span.end + BEHIND] if span else ""
        near = set(_plain(around).split())
        given.append(
            {way: float(form.way == way) for way in ("replaced", "completed", "joined")}
            | {
                "later": -float(sum(way.way == form.way for way in ways[:number])),
                "agreed": float(agreeing),
                "grounded": sum(word in near for word in brought) / len(brought) if brought else 0.0,
                "above": float(bool(counting[number]) and counting[number][0].margin > needed),
            }
        )
    return given


def lacks(question: str) -> Need | None:
    """What the question leaves to what was said before; None: it stands alone, as far as its words tell."""
    text = expanded(OPENING.sub("", question))
    tokens = list(WORD.finditer(text))
    words = [token.group().lower() for token in tokens]
    opened = OPENING.match(question) is not None
    if ABOUT.match(text) or (opened and 0 < len(words) <= 5 and (AUXILIARY | QUESTION | POINTING).isdisjoint(words)):
        return "fragment"
    for place, word in enumerate(words):
        if word in PRONOUNS and _leans(text, tokens, words, place):
            return PRONOUNS[word]
    return _elliptic(words, opened=opened)


def _leans(text: str, tokens: Sequence[re.Match[str]], words: Sequence[str], place: int) -> bool:
    """Whether the pronoun at `place` means something that this question does not name."""
    word = words[place]
    previous = words[place - 1] if place else ""
    following = words[place + 1] if place + 1 < len(words) else ""
    if word in DEMONSTRATIVES:
        bare = following == "" or following in AUXILIARY or (word in ("that", "this") and following in PREPOSITION)
        return bare and (place == 0 or following == "" or previous in AUXILIARY | QUESTION | PLACED)
    if word == "then":
        return following == "" or previous in QUESTION
    if word == "there":
        return place > 0 and previous not in AUXILIARY | {"many", "much"} and following not in AUXILIARY
    if word == "it" and EMPTY_IT.search(text.lower()):
        return False
    return not _named_inside(text, tokens, words, place)


def _named_inside(text: str, tokens: Sequence[re.Match[str]], words: Sequence[str], place: int) -> bool:
    """Whether the question itself names what its pronoun at `place` can mean.

    A pronoun means no other noun of its own clause unless it is a possessive, and no later noun unless it stands in
    the question phrase: "What share of their profits do the glassmakers lose?"
    """
    named = mentions(text)
    before = [mention for mention in named if mention.end <= tokens[place].start()]
    if _possessive(words, place):
        verb = next((number for number, word in enumerate(words) if word in AUXILIARY), 0)
        subject = [mention for mention in named if 0 <= mention.start - tokens[verb].end() <= 1]
        return bool(before) or (place < verb and bool(subject)) or _owned_inside(words, verb, place)
    if words[place] in SUBJECTS:
        return bool(before) and words[place - 1] not in AUXILIARY
    clauses = [tokens[number].start() for number in range(1, place) if words[number] in CLAUSE]
    purposes = [
        tokens[number].start()
        for number in range(1, place - 1)
        if words[number] == "to" and words[number + 1] not in STOPS and words[number + 1].isalpha()
    ]
    things = [mention for mention in before if not mention.person]
    return any(
        mention.end <= bound
        for bounds, nouns in ((clauses, before), (purposes, things))
        for bound in bounds
        for mention in nouns
    )


def _owned_inside(words: Sequence[str], verb: int, place: int) -> bool:
    """Whether a possessive has its owner in a noun without an article: a subject, or what is asked for.

    So in "How do reptiles feed their young?" and in "Which insurer is raising its premiums?".
    """
    if any(word not in STOPS for word in words[verb + 1 : place]) and words[verb] in AUXILIARY:
        return True
    noun = 2 if words[:2] in (["how", "many"], ["how", "much"]) else 1
    named = words[0] in ("which", "what") or noun == 2
    return named and noun < place and words[noun] not in STOPS | VERBS and words[place - 1] not in AUXILIARY - HAVE


def _possessive(words: Sequence[str], place: int) -> bool:
    """Whether the pronoun at `place` is one like "its"; "her" is one where something follows that can be hers."""
    if words[place] != "her":
        return words[place] in POSSESSIVES
    return place + 1 < len(words) and words[place + 1] not in STOPS - {"first", "last", "only"}


def _elliptic(words: Sequence[str], *, opened: bool) -> Need | None:
    """Whether words without a pronoun are less than a question: "When?", "At what rate?", "And from plants?"."""
    if any(word in AUXILIARY or POSSESSED.search(word) for word in words[:6]) or len(words) > 6:
        return None
    rest = [word for word in words if word not in ADVERB]
    if QUESTION.isdisjoint(rest):
        return "fragment" if opened else None
    if len(rest) == 1 or rest[0] in PREPOSITION or set(rest) <= QUESTION | PREPOSITION:
        return "ellipsis"
    if rest[0] in ("when", "where", "why") and len(rest) <= 4:
        return "ellipsis"
    verbal = any(PARTICIPLE.match(word) or word in PARTICIPLES for word in rest[2:])
    return "ellipsis" if rest[0] == "how" and len(rest) <= 4 and not verbal else None


def _made(question: str, need: Need, history: Sequence[Exchange], text: str) -> Iterator[Form]:
    """The forms that take something from the history and read as one question, likeliest first."""
    asked, said = history[-1]
    bare = expanded(OPENING.sub("", question))
    that = WHEN_THAT.fullmatch(bare)
    turned = TURNED.fullmatch(ABOUT.sub("", bare))
    if need == "ellipsis" or re.fullmatch(r"(?:why|where|how|who) then\W*", bare, re.IGNORECASE):
        completed = _completed(re.sub(r" then\W*$", "", bare), asked, said)
    elif turned:
        completed = iter([turned["asked"] + turned["about"] + turned["rest"]])
    elif said and (then := AND_THEN.fullmatch(bare)):
        completed = iter([f"{_unmarked(asked)} {then[1] or 'after'} {_unmarked(said)}?"])
    elif need == "fragment":
        completed = _exchanged(ABOUT.sub("", bare), asked)
    elif that and need in ("event", "thing"):
        completed = _completed(that[1], asked, said)
    else:
        completed = iter(())
    for made in completed:
        whole = _filled(made, None, "", history, text) if need == "fragment" else made  # "And her brother?" leans still
        yield Form(whole, "completed", whole)
    pointing = need == "event" and (that or turned or AND_THEN.fullmatch(bare) or len(bare.split()) < 3)
    if need == "event" and re.search(r"\bthen\b", bare):
        yield from (Form(whole, "replaced", whole) for whole in _dated(bare, asked, said))
    elif need not in ("ellipsis", "fragment") and not pointing:
        for name in antecedents(need, history, text, most=MOST):
            whole = _filled(bare, need, name, history, text)
            yield Form(whole, "replaced", whole)


def _completed(short: str, asked: str, said: str | None) -> Iterator[str]:
    """The previous question with its question words exchanged: "Where?" after "When was it signed?"."""
    asked = re.split(r"(?<=\?)\s+(?=\S)", asked)[-1]
    text = expanded(OPENING.sub("", asked))
    tokens = list(WORD.finditer(text))
    words = [token.group().lower() for token in tokens]
    verb = next((number for number, word in enumerate(words) if word in AUXILIARY), None)
    short = _unmarked(short)
    known = said if said and len(said) <= LONGEST / 4 else ""
    happened = re.match(r"what happened(?: to (.+?))?\W*$", text, re.IGNORECASE)
    if said and happened:
        yield f"{short} was it that {happened[1] or ''} {_unmarked(said)}?".replace("  ", " ")
    elif len(words) > 1 and words[0] in QUESTION and (verb is None or (words[0] == "who" and verb > 1)):
        done = _doing(words)
        yield f"{short} was it that {known} {_unmarked(text[tokens[done].start() :])}?"
    elif verb is not None:
        rest = _unmarked(text[tokens[verb].start() :])
        asked_for = [token.group() for token in tokens[:verb] if token.group().lower() not in STOPS | MEASURED]
        tail = " ".join([known, *asked_for]).strip()
        behind = words[verb + 1] if verb + 1 < len(words) else ""
        if tail and (behind in BE | PREPOSITION | PARTICIPLES or PARTICIPLE.match(behind)):  # it was the subject
            rest = f"{tokens[verb].group()} {tail} {rest[len(words[verb]) :].strip()}"
            tail = ""
        yield f"{short} {rest} {tail}".rstrip() + "?"
        if tail:
            yield f"{short} {rest}?"


def _dated(question: str, asked: str, said: str | None) -> Iterator[str]:
    """The question with a time for its "then": the last answer, where that was asked for, or the last question's."""
    time = _unmarked(said or "") if WHICH_TIME.match(asked) else ""
    if time:
        time = f"in {time}" if re.fullmatch(r"\d{4}", time) or time.split()[0].lower() in DATES else time
    elif named := WHEN.search(asked):
        time = named[0].strip()
    if time:
        yield re.sub(r"\bthen\b", time, question, count=1)


def _doing(words: Sequence[str]) -> int:
    """Where the verb stands in a question without an auxiliary: 3 in "Which young expert looked at the letter?"."""
    if words[0] not in ("which", "what"):
        return 1
    verbs = (n for n, word in enumerate(words) if n > 1 and (PARTICIPLE.match(word) or word in PARTICIPLES | VERBS))
    return next(verbs, 1)


def _exchanged(fragment: str, asked: str) -> Iterator[str]:
    """The previous question about something else: "And from plants?", "What about the Korda?"."""
    fragment = _unmarked(fragment)
    words = WORD.findall(fragment)
    if not words:
        return
    if words[0].lower() in PREPOSITION:
        same = [*re.finditer(rf"\b{words[0]}\b[^?]*", asked, re.IGNORECASE)][-1:]
        yield from (f"{asked[: each.start()]}{fragment}{asked[each.end() :]}" for each in same)
        if not same:
            yield f"{_unmarked(asked)} {fragment}?"
        return
    if TIMED.search(fragment):
        before = WHEN.search(asked)
        yield (
            f"{asked[: before.start()]} {fragment}{asked[before.end() :]}"
            if before
            else f"{_unmarked(asked)} {fragment}?"
        )
    counted = COUNTED.search(asked)
    if counted and words[0].islower() and words[0] not in DETERMINER:
        yield f"{asked[: counted.start(1)]}{fragment}{asked[counted.end(1) :]}"
    ordinal = ORDINAL.search(asked) if ORDINAL.search(fragment) else None
    if ordinal:  # "And the second?"
        [new] = ORDINAL.findall(fragment)[-1:]
        yield f"{asked[: ordinal.start()]}{new}{asked[ordinal.end() :]}"
    if words[0].lower() in POSSESSIVES and re.match(r"who (?:is|was)\b", asked, re.IGNORECASE):  # "And his wife?"
        yield f"Who is {fragment}?"
    proper = any(word[0].isupper() or word.lower() in PEOPLE for word in words)
    alike = sorted(mentions(asked), key=lambda mention: mention.proper != proper)
    for mention in alike[:MOST]:
        owner = None if proper else OWNER.match(mention.text)
        new = f"{owner[1]}'s {re.sub(r'^(?:the|a|an) ', '', fragment)}" if owner else fragment
        yield f"{asked[: mention.start]}{new}{asked[mention.end :]}"
    if not alike and len(words) <= MOST:  # "And milk?" after "How dear was bread?"
        yield re.sub(r"[\w’'-]+\W*$", fragment, asked) + "?"


def _filled(question: str, need: Need | None, name: str, history: Sequence[Exchange], text: str) -> str:
    """The question with `name` for its pronoun of this kind, and the likeliest for one of another kind, if any."""
    filled = _replaced(question, need, name) if need else question
    other = lacks(filled)
    if other in ("man", "woman", "thing", "several") and other != need:
        names = [each for each in antecedents(other, history, text, most=MOST) if each != name]
        return _replaced(filled, other, names[0]) if names else filled
    return filled


def _replaced(question: str, need: Need, name: str) -> str:
    """The question with `name` for the first pronoun of this kind that leans; those behind it can mean it then."""
    tokens = list(WORD.finditer(question))
    words = [token.group().lower() for token in tokens]
    for place, token in enumerate(tokens):
        if PRONOUNS.get(words[place]) != need:
            continue
        if need in ("event", "place", "several") and not _leans(question, tokens, words, place):
            continue
        begin = token.start()
        word = name
        if words[place] in POSSESSIVES and _possessive(words, place):
            word += "'" if name.endswith("s") else "'s"
        if need == "place" and place and words[place - 1] not in PREPOSITION:
            word = f"in {name}"
        return question[:begin] + word + question[token.end() :]
    return question


def _unmarked(text: str) -> str:
    return text.strip().rstrip("?!. ")


def _repeats(text: str, said: str) -> bool:
    """Whether the words of one stand in a row in the other; `said` is plain already, and "" repeats nothing."""
    words = _plain(text)
    return bool(said and words) and (f" {said} " in f" {words} " or f" {words} " in f" {said} ")


def _plain(text: str) -> str:
    return " ".join(WORD.findall(text.casefold()))


__all__ = ["HEARD", "REMEMBERED", "Exchange", "Form", "counts", "exchanges", "forms", "joined", "lacks", "understood"]
