"""What a question names: names, and nouns with an article or an owner; and what an answer may stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.verbs import known
from qa.words import (
    AUXILIARY,
    BODIES,
    CLAUSAL,
    DATES,
    DETERMINER,
    DO,
    NUMBERS,
    OWNER,
    PARTICIPLE,
    PARTICIPLES,
    PEOPLE,
    POSSESSED,
    POSSESSIVES,
    PREPOSITION,
    STOPS,
    VERBS,
    WORD,
)

PLURAL = re.compile(r" and |[^s]s$|\b(?:people|police|crew|team|men|women|children)$")

DOER = re.compile(r"(?:er|or|ist|ian|man|ess)$")  # a word for who does something, as a rule


@dataclass(frozen=True, slots=True)
class Mention:
    """Something or somebody that a question names, between two characters of it."""

    text: str
    start: int
    end: int

    @property
    def words(self) -> list[str]:
        return WORD.findall(self.text)

    @property
    def proper(self) -> bool:
        """Whether it is, or holds, a name."""
        return any(word[0].isupper() for word in self.words)

    @property
    def name(self) -> bool:
        """Whether it is a name and nothing else: no article, no owner."""
        return self.proper and self.words[0].lower() not in DETERMINER and not OWNER.match(self.text)

    @property
    def person(self) -> bool:
        """Whether it may be one person: a name, or a word for people."""
        words = {word.lower() for word in self.words}
        return (self.name and (DATES | BODIES).isdisjoint(words)) or not PEOPLE.isdisjoint(words)

    @property
    def several(self) -> bool:
        """Whether it may be more than one."""
        return PLURAL.search(self.text) is not None


def mentions(question: str) -> list[Mention]:
    """What a question names, in order: names, and nouns with an article or a possessive; an owner also by itself."""
    tokens = list(WORD.finditer(question))
    found: list[Mention] = []
    place = 0
    while place < len(tokens):
        end = _phrase(question, tokens, place)
        if end > place:
            start, stop = tokens[place].start(), tokens[end - 1].end()
            whole = POSSESSED.sub("", question[start:stop])
            first = tokens[place].group()
            text = f"the {whole[len(first) :].strip()}" if first.lower() in POSSESSIVES else whole
            owner = OWNER.match(text)
            found += [Mention(owner[1], start, start + len(owner[1]))] if owner else []
            found.append(Mention(text, start, start + len(whole)))
        place = max(end, place + 1)
    return found


def _phrase(text: str, tokens: Sequence[re.Match[str]], place: int) -> int:
    """One past the last token of the name or noun that begins at `place`; `place` itself where none does."""
    words = [token.group() for token in tokens]
    lower = [word.lower() for word in words]
    begun = lower[place] in {"the", "a", "an"} | POSSESSIVES
    if not begun and (not words[place][0].isupper() or lower[place] in STOPS or (place == 0 and lower[0] in VERBS)):
        return place
    auxiliaries = AUXILIARY & set(lower[:place])
    end = place + 1
    while end < len(words) and lower[end] not in STOPS:
        between = text[tokens[end - 1].end() : tokens[end].start()]
        if between.strip() not in ("", "&", ".", '"', "“", "'"):
            break
        owned = POSSESSED.search(words[end - 1]) is not None
        if not begun and not owned and not words[end][0].isupper():
            break
        begun = begun or owned
        if end - place > 1 or lower[place] not in DETERMINER | POSSESSIVES:
            verb = words[end] in VERBS and auxiliaries & DO
            done = (PARTICIPLE.match(words[end]) or words[end] in PARTICIPLES) and auxiliaries
            # "Did the president annoy Ann?": what stands before a name is a verb, or a word for who bears the name.
            before_a_name = end - place > 1 and end + 1 < len(words) and words[end + 1][0].isupper()
            deed = before_a_name and auxiliaries & DO and lower[end] not in PEOPLE | BODIES
            deed = deed and not DOER.search(words[end]) and not any(known(word) for word in lower[end + 1 :])
            if (verb or done or deed) and words[end].islower() and not owned:
                break
        end += 1
    alone = end - place == 1 and (lower[place] in {"the", "a", "an"} | POSSESSIVES)
    return place if alone else end


def word_before(text: str, mention: Mention) -> str:
    """The word before a mention."""
    return (text[: mention.start].split() or [""])[-1].lower()


def noun(said: str | None) -> str | None:
    """An answer that can stand where a pronoun stood: short, no number, no quotation, no clause."""
    text = (said or "").strip(" .,;")
    words = WORD.findall(text)
    if not words or not text[0].isalpha() or len(words) > 8:
        return None
    first = words[0].lower()
    if first in POSSESSIVES:
        return " ".join(["the", *text.split()[1:]])
    if not CLAUSAL.isdisjoint(word.lower() for word in words[1:]) or first in CLAUSAL | NUMBERS:
        return None
    if first in PREPOSITION:  # "in a cannery"
        return noun(" ".join(text.split()[1:]))
    return text
