"""What a pronoun may mean: whom and what was spoken of before, and whom the article calls he or she."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from qa.mentions import DOER, PLURAL, Mention, mentions, noun, word_before
from qa.words import (
    AUXILIARY,
    BE,
    BODIES,
    COUNTED,
    DATES,
    DETERMINER,
    HERE,
    MEN,
    NUMBERS,
    OFFICES,
    OWNER,
    PEOPLE,
    PLACED,
    POSSESSED,
    STOPS,
    TITLES_MEN,
    TITLES_WOMEN,
    WOMEN,
    WORD,
    Exchange,
    Need,
    expanded,
)

NEAR = 150  # characters after a name in which a pronoun tells whether it is a man's or a woman's
ROUND = 2_000  # characters on either side of the previous answer where persons are looked for
PLACES = 50  # of a name that are looked at
SURE = 2  # signs that somebody is called by the other pronoun before it is believed
TITLED = 3  # signs that a title is worth
BEGINNING = re.compile(r"(?:^|[.!?:\n][\"”’]?\s*)[\"“‘']?$")  # what stands before the first word of a sentence
QUOTED = ("“", "‘", '"')
NAME = re.compile(r"(?:(?:[A-Z][\w’'-]*|Mrs?\.|Ms\.|Dr\.|[A-Z]\.) )*(?:(?:de|van|von|der|al|da|di) )?[A-Z][\w’'-]*\w")


def antecedents(need: Need, history: Sequence[Exchange], text: str, *, most: int) -> list[str]:
    """What a pronoun of this kind may mean, likeliest first, `most` at most.

    What the last exchange speaks of comes before what an earlier one does; persons of whom nobody spoke yet come
    last, those nearest to the previous answer's place in the article first.
    """
    found: list[str] = []
    for question, said in reversed(history):
        found += _spoken_of(need, question, said, text)
        if len(different(found)) >= most or (found and need in ("event", "place")):
            break
    if need in ("man", "woman") and len(different(found)) < most:
        found += _near(need, history[-1][1] or "", text)
    return different(found)[:most]


def different(names: Sequence[str]) -> list[str]:
    """The names in order without those whose last word stands in one before ("Marco Tessari", "Tessari")."""
    kept: list[str] = []
    for name in filter(str.strip, names):
        if not any(name.split()[-1].lower() in other.lower().split() for other in kept):
            kept.append(name)
    return kept


def _spoken_of(need: Need, question: str, said: str | None, text: str) -> list[str]:
    """What one exchange speaks of that a pronoun of this kind may mean, likeliest first."""
    asked = expanded(question)
    words = [word.lower() for word in WORD.findall(asked)]
    named = mentions(asked)
    answer = None if {"when", "how"} & set(words[:2]) else noun(said)  # a date or a number is nobody and nothing
    if need in ("man", "woman"):
        people = [(_balance(name, text, need), name) for name in _people(words, named, answer, asked)]
        called = [
            (sign, name) for sign, name in people if sign >= TITLED or (sign > -SURE and not _a_place(name, text))
        ]
        return [name for _, name in sorted(called, key=lambda each: -_sign(each[0]))]
    if need == "thing":
        return _things(words, named, answer, asked, text)
    if need == "several":
        counted = COUNTED.search(asked)
        found = [f"the {counted[1]}"] if counted else []
        found += [mention.text for mention in named if mention.several]
        found += [answer] if answer else []
        return found + [mention.text for mention in named if not mention.several]
    if need == "place":
        found = [answer] if answer and not {"where", "which", "what"}.isdisjoint(words) else []
        return found + [mention.text for mention in named if word_before(asked, mention) in PLACED]
    spelt = any(word.isalpha() and word not in NUMBERS for word in _lower(said or ""))  # no bare number happened
    found = [said.strip(" .,")] if said and spelt and len(said.split()) <= 6 else []
    return found + [mention.text for mention in named]


def _people(words: Sequence[str], named: Sequence[Mention], answer: str | None, asked: str) -> list[str]:
    """The persons of one exchange."""
    officers = {
        mention.start for mention in named if OWNER.match(mention.text) and not OFFICES.isdisjoint(_lower(mention.text))
    }
    states = [m for m in named if m.start in officers and OWNER.match(m.text) is None]  # "Japan" of "Japan's minister"
    said_so = [m for m in named if asked[: m.start][-1:] in QUOTED]  # the title of something, or what somebody said
    persons = [
        mention
        for mention in named
        if mention.person and mention not in states + said_so and word_before(asked, mention) not in HERE | {"of", "on"}
    ]
    persons.sort(key=lambda mention: mention.words[0].lower() in ("a", "an"))  # "When did Ann become a professor?"
    people = [mention.text for mention in persons] or [mention.text for mention in named if DOER.search(mention.text)]
    about = max((mention for mention in named if mention.start == named[0].start), key=lambda m: m.end, default=None)
    identified = words[:1] == ["who"] and bool(BE & set(words[1:2])) and about is not None and about.name
    one = _one(answer)
    named_so = one is not None and all(word[0].isupper() for word in WORD.findall(one))
    somebody = named_so or (one is not None and not PEOPLE.isdisjoint(_lower(one)))
    which = words[words.index("which") + 1 :][:1] if "which" in words else []
    if one and (named_so or not identified):
        who = not {"who", "whom", "whose", "name", "called"}.isdisjoint(words)
        if (who and not identified) or (somebody and which and BODIES.isdisjoint(which)):
            people.insert(0, one)
        elif named_so and "where" not in words and BODIES.isdisjoint(which):
            people.append(one)
    return people


def _one(answer: str | None) -> str | None:
    """What an answer says of one person, without what stands behind a comma; None: of several, or an office alone."""
    text = POSSESSED.sub("", (answer or "").split(",")[0]).strip()
    head = re.split(r" (?:of|in|on|at|from|for|with|who) ", text)[0]  # "the examiners in Helena"
    several = PLURAL.search(head) and (" and " in head or head.split()[-1].islower())
    return None if not text or several or PEOPLE.issuperset(_lower(text)) else text


def _things(words: Sequence[str], named: Sequence[Mention], answer: str | None, asked: str, text: str) -> list[str]:
    """The things of one exchange: what was asked for, then the subject, what has an article, names, places."""
    things = [m for m in named if (m.proper or not m.person) and not (m.name and _gender(m.text, text))]
    things.sort(
        key=lambda m: (
            m.name and _speaks(m.text, text),
            word_before(asked, m) in HERE,
            word_before(asked, m) not in AUXILIARY,
            m.name,
            m.several,
        )
    )
    found = [mention.text for mention in things]
    asked_for = words[:1] in (["what"], ["which"]) and not AUXILIARY & set(words[1:2])
    a_noun = answer is not None and (answer[0].isupper() or answer.split()[0].lower() in DETERMINER)
    if answer and a_noun and not {"what", "which", "who", "where"}.isdisjoint(words):
        found.insert(0 if asked_for else 1, answer)
    return found


def _near(need: Need, said: str, text: str) -> list[str]:
    """The persons whom the article calls so round the first place of `said`, or its beginning, nearest first."""
    at = max(0, text.find(said)) if said else 0
    text, at = text[max(0, at - ROUND) : at + ROUND], min(at, ROUND)
    places: dict[str, int] = {}
    for match in NAME.finditer(text):
        name = POSSESSED.sub("", match[0])
        # A single word at the beginning of a sentence may be no name.
        begins = " " not in name and BEGINNING.search(text[max(0, match.start() - 6) : match.start()])
        person = not begins and (STOPS | DATES | BODIES).isdisjoint(name.lower().split()) and not _a_place(name, text)
        if person and _balance(name, text, need) > 0:
            places[name] = min(abs(match.start() - at), places.get(name, len(text)))
    return sorted(places, key=lambda name: (places[name], name))


def _a_place(name: str, text: str) -> bool:
    """Whether the article says that something is in or at it."""
    return (
        re.search(rf"\b(?:in|at|near|across|outside) {re.escape(POSSESSED.sub('', name))}\b(?!['’])", text) is not None
    )


def _speaks(name: str, text: str) -> bool:
    """Whether the name has a title, or the article lets somebody of this last word say or do what people do."""
    last = re.escape(POSSESSED.sub("", name).split()[-1])
    saying = rf"\b{last},? (?:said|says|told|tells|who)\b|\b(?:said|says) (?:[A-Z][\w.]* )*{last}\b"
    return not PEOPLE.isdisjoint(_lower(name)) or re.search(saying, text) is not None


def _gender(name: str, text: str) -> Need | None:
    """What the article calls somebody of this name."""
    return {1: "man", -1: "woman"}.get(_sign(_balance(name, text, "man")))  # type: ignore[return-value]


def _balance(name: str, text: str, need: Need) -> int:
    """How much speaks for this pronoun rather than for the other; below 0: the other.

    Titles in the name or before it, and the first pronoun behind each place of the name in the article. A pronoun
    behind another name may be that one's, and counts for nobody.
    """
    balance = TITLED * _titled(_lower(name))
    for match in islice(re.finditer(rf"\b{re.escape(POSSESSED.sub('', name))}\b", text), PLACES):
        balance += TITLED * _titled(_lower(text[max(0, match.start() - 20) : match.start()])[-1:])
        balance += _called(text[match.end() : match.end() + NEAR])
    return balance if need == "man" else -balance


def _titled(words: Sequence[str]) -> int:
    """1 where a word is a man's title, -1 where one is a woman's, 0 where none or both are."""
    return (not TITLES_MEN.isdisjoint(words)) - (not TITLES_WOMEN.isdisjoint(words))


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _called(behind: str) -> int:
    """1 where the first pronoun of a person in this text is a man's, -1 where it is a woman's, 0 where none is."""
    for token in WORD.finditer(behind):
        word = token.group().lower()
        if word in MEN | WOMEN:
            return 1 if word in MEN else -1
        if token.group()[0].isupper() and not BEGINNING.search(behind[: token.start()]) and word not in DATES:
            return 0
    return 0


def _lower(text: str) -> list[str]:
    return [word.lower().rstrip(".") for word in WORD.findall(text)]
