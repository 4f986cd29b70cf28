"""Whether a question leans on what was said before, and what it lacks; told by its words alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.mentions import mentions
from qa.words import (
    ABOUT,
    ADVERB,
    AUXILIARY,
    DEMONSTRATIVES,
    EMPTY_IT,
    HAVE,
    OPENING,
    PARTICIPLE,
    PARTICIPLES,
    PLACED,
    POINTING,
    POSSESSED,
    POSSESSIVES,
    PREPOSITION,
    PRONOUNS,
    QUESTION,
    STOPS,
    SUBJECTS,
    SUBORDINATING,
    VERBS,
    WORD,
    Need,
    expanded,
)

SLIGHT = 3  # words beside the stop words in a question that may be about what was spoken of


def lacks(question: str) -> Need | None:
    """What the question leaves to what was said before; None: it stands alone, as far as its words tell."""
    text = expanded(OPENING.sub("", question))
    tokens = list(WORD.finditer(text))
    words = [token.group().lower() for token in tokens]
    opened = OPENING.match(question) is not None
    if ABOUT.match(text) or (opened and 0 < len(words) <= 5 and (AUXILIARY | QUESTION | POINTING).isdisjoint(words)):
        return "fragment"
    for place, word in enumerate(words):
        if word in PRONOUNS and leans(text, tokens, words, place):
            return PRONOUNS[word]
    return _elliptic(words, opened=opened)


def slight(question: str) -> bool:
    """Whether so few words, and no name, tell what the question is about that it may be about what was spoken of."""
    words = WORD.findall(question)
    if (QUESTION | AUXILIARY).isdisjoint(word.lower() for word in words):
        return False  # "Thanks!"
    named = any(word[0].isupper() or word[0].isdigit() for word in words[1:])
    return not named and len([word for word in words if word.lower() not in STOPS]) <= SLIGHT


def leans(text: str, tokens: Sequence[re.Match[str]], words: Sequence[str], place: int) -> bool:
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
    if possessive(words, place):
        verb = next((number for number, word in enumerate(words) if word in AUXILIARY), 0)
        subject = [mention for mention in named if 0 <= mention.start - tokens[verb].end() <= 1]
        return bool(before) or (place < verb and bool(subject)) or _owned_inside(words, verb, place)
    if words[place] in SUBJECTS:
        return bool(before) and words[place - 1] not in AUXILIARY
    clauses = [tokens[number].start() for number in range(1, place) if words[number] in SUBORDINATING]
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


def possessive(words: Sequence[str], place: int) -> bool:
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
