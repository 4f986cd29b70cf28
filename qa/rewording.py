"""What a question lacks, put in from what was said before: the same question once more, whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.antecedents import antecedents
from qa.leaning import lacks, leans, possessive
from qa.mentions import mentions
from qa.words import (
    AUXILIARY,
    BE,
    COUNTED,
    DATES,
    DETERMINER,
    MEASURED,
    OPENING,
    ORDINAL,
    OWNER,
    PARTICIPLE,
    PARTICIPLES,
    PEOPLE,
    POSSESSIVES,
    PREPOSITION,
    PRONOUNS,
    QUESTION,
    STOPS,
    TIMED,
    VERBS,
    WHEN,
    WHICH_TIME,
    WORD,
    Exchange,
    Need,
    expanded,
)

MOST = 3  # antecedents that are tried, or nouns that are exchanged; each costs a reading of the passages
SHORT = 3  # words of a fragment that can stand for the last word of a question
LONGEST = 300  # characters of a question made here; a longer one is not made
SOURCE = re.compile(  # who says so
    r"^according to [^?,]+, |,? according to [^?,]+,?|, in (?:his|her|its|their) view\b", re.I
)


def completed(short: str, asked: str, said: str | None) -> Iterator[str]:
    """The previous question with its question words exchanged: "Where?" after "When was it signed?"."""
    asked = re.split(r"(?<=\?)\s+(?=\S)", asked)[-1]
    text = expanded(OPENING.sub("", asked))
    tokens = list(WORD.finditer(text))
    words = [token.group().lower() for token in tokens]
    verb = next((number for number, word in enumerate(words) if word in AUXILIARY), None)
    short = unmarked(short)
    known = said if said and len(said) <= LONGEST / 4 else ""
    happened = re.match(r"what happened(?: to (.+?))?\W*$", text, re.IGNORECASE)
    if said and happened:
        yield f"{short} was it that {happened[1] or ''} {unmarked(said)}?".replace("  ", " ")
    elif len(words) > 1 and words[0] in QUESTION and (verb is None or (words[0] == "who" and verb > 1)):
        done = _doing(words)
        known = known or ("someone" if words[0] == "who" else "something")
        yield f"{short} was it that {known} {unmarked(text[tokens[done].start() :])}?"
    elif verb is not None:
        rest = unmarked(text[tokens[verb].start() :])
        asked_for = [token.group() for token in tokens[:verb] if token.group().lower() not in STOPS | MEASURED]
        tail = " ".join([known, *asked_for]).strip()
        behind = words[verb + 1] if verb + 1 < len(words) else ""
        if tail and (behind in BE | PREPOSITION | PARTICIPLES or PARTICIPLE.match(behind)):  # it was the subject
            rest = f"{tokens[verb].group()} {tail} {rest[len(words[verb]) :].strip()}"
            tail = ""
        yield f"{short} {rest} {tail}".rstrip() + "?"
        if tail:
            yield f"{short} {rest}?"


def dated(question: str, asked: str, said: str | None) -> Iterator[str]:
    """The question with a time for its "then": the last answer, where that was asked for, or the last question's."""
    time = unmarked(said or "") if WHICH_TIME.match(asked) else ""
    if time:
        time = f"in {time}" if re.fullmatch(r"\d{4}", time) or time.split()[0].lower() in DATES else time
    elif named := WHEN.search(asked):
        time = named[0].strip()
    if time:
        yield re.sub(r"\bthen\b", lambda _: time, question, count=1)  # its text is no template


def _doing(words: Sequence[str]) -> int:
    """Where the verb stands in a question without an auxiliary: 3 in "Which young expert looked at the letter?"."""
    if words[0] not in ("which", "what"):
        return 1
    verbs = (n for n, word in enumerate(words) if n > 1 and (PARTICIPLE.match(word) or word in PARTICIPLES | VERBS))
    return next(verbs, 1)


def exchanged(fragment: str, asked: str) -> Iterator[str]:
    """The previous question about something else: "And from plants?", "What about the Korda?"."""
    fragment = unmarked(fragment)
    words = WORD.findall(fragment)
    if not words:
        return
    if words[0].lower() == "according":
        yield f"{unmarked(SOURCE.sub('', asked))}, {fragment}?"
        return
    if words[0].lower() in PREPOSITION:
        same = [*re.finditer(rf"\b{words[0]}\b[^?]*", asked, re.IGNORECASE)][-1:]
        yield from (f"{asked[: each.start()]}{fragment}{asked[each.end() :]}" for each in same)
        if not same:
            yield f"{unmarked(asked)} {fragment}?"
        return
    if TIMED.search(fragment):
        before = WHEN.search(asked)
        yield (
            f"{asked[: before.start()]} {fragment}{asked[before.end() :]}"
            if before
            else f"{unmarked(asked)} {fragment}?"
        )
    counted = COUNTED.search(asked)
    if counted and words[0].islower() and words[0] not in DETERMINER:
        yield f"{asked[: counted.start(1)]}{fragment}{asked[counted.end(1) :]}"
    ordinal = ORDINAL.search(asked) if ORDINAL.search(fragment) else None
    if ordinal:  # "And the second?"
        new = ORDINAL.findall(fragment)[-1]
        yield f"{asked[: ordinal.start()]}{new}{asked[ordinal.end() :]}"
    if words[0].lower() in POSSESSIVES and re.match(r"who (?:is|was)\b", asked, re.IGNORECASE):  # "And his wife?"
        yield f"Who is {fragment}?"
    proper = any(word[0].isupper() or word.lower() in PEOPLE for word in words)
    alike = sorted(mentions(asked), key=lambda mention: mention.proper != proper)
    for mention in alike[:MOST]:
        owner = None if proper else OWNER.match(mention.text)
        new = f"{owner[1]}'s {re.sub(r'^(?:the|a|an) ', '', fragment)}" if owner else fragment
        yield f"{asked[: mention.start]}{new}{asked[mention.end :]}"
    if not alike and len(words) <= SHORT:  # "And milk?" after "How dear was bread?"
        yield re.sub(r"[\w’'-]+\W*$", lambda _: fragment, asked) + "?"


def filled(question: str, need: Need | None, name: str, history: Sequence[Exchange], text: str) -> str:
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
        if need in ("event", "place", "several") and not leans(question, tokens, words, place):
            continue
        begin = token.start()
        word = name
        if words[place] in POSSESSIVES and possessive(words, place):
            word += "'" if name.endswith("s") else "'s"
        if need == "place" and place and words[place - 1] not in PREPOSITION:
            word = f"in {name}"
        return question[:begin] + word + question[token.end() :]
    return question


def unmarked(text: str) -> str:
    """The text without its end mark."""
    return text.strip().rstrip("?!. ")
