"""A question that leans on what was said before, as questions that stand alone; any other question, as it is.

No model is asked what a pronoun means. Tables of English words find what a question lacks, the history offers what
may fill it, and the reader decides: the form of the question whose answer it is surest of is the one that was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from index.text import Article
from qa.answer import Answer, Reading

Exchange = tuple[str, str | None]  # a question as it was understood, and the text of its answer; None: silence
Need = Literal["man", "woman", "thing", "several", "event", "place", "ellipsis", "fragment"]
Way = Literal["literal", "replaced", "completed", "joined"]

# Logits that a way of understanding a question is worth before the reader is heard. A pronoun that means nothing fits
# everywhere, so the reader is too sure of the literal question; two questions in a row are the last resort.
CREDIT: dict[Way, float] = {"literal": 0.0, "replaced": 5.0, "completed": 5.0, "joined": 0.0}
LATER = 1.0  # logits off for each likelier form before it
REMEMBERED = 8  # exchanges that a pronoun can reach back
MOST = 2  # antecedents that are tried; each costs a reading of the passages
HEARD = 500  # characters of what was said before that are listened to
LONGEST = 300  # characters of a question made here; a longer one is not made
KNOWN = 12  # words of the previous answer that stand before a question joined to it
NEAR = 150  # characters after a name in which a pronoun tells whether it is a man's or a woman's


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


PRONOUNS: dict[str, Need] = {
    **dict.fromkeys(["he", "him", "his"], "man"),
    **dict.fromkeys(["she", "her", "hers"], "woman"),
    **dict.fromkeys(["it", "its"], "thing"),
    **dict.fromkeys(["they", "them", "their", "theirs", "those", "these"], "several"),
    **dict.fromkeys(["that", "this", "then"], "event"),
    "there": "place",
}
DEMONSTRATIVES = _set("that this those these")
SUBJECTS = _set("he she they")
POSSESSIVES = _set("his her its their hers theirs")
QUESTION = _set("who whom whose what which when where why how")
BE = _set("is are was were am be been being isn't aren't wasn't weren't")
DO = _set("do does did will would can could may might must shall should don't doesn't didn't won't can't couldn't")
HAVE = _set("has have had hasn't haven't hadn't")
AUXILIARY = BE | DO | HAVE
PREPOSITION = _set(
    "of in on at by for from to with about after before since until till during over under between among against "
    "into per through as than like without within out around near behind off up down toward towards besides despite"
)
PLACED = _set("in at on near from to of")  # before what may be a place
HERE = _set("in at near")  # before what is one
JOINING = _set("and or but if that who which whom whose when where while because although though so whether not")
# These begin a clause; a pronoun behind them may mean a noun before them: "How old was Marsh when she retired?"
CLAUSE = _set("when while after before if that who which because since until although though whether where as than")
DETERMINER = _set("the a an this that these those any every each another some no")
ADVERB = _set("exactly not else so then too again now ever also still just yet only already first last actually ago")
SPEAKERS = _set("i you we me us anyone anybody someone somebody everyone everybody nobody")
STOPS = PREPOSITION | JOINING | AUXILIARY | QUESTION | ADVERB | DETERMINER | frozenset(PRONOUNS) | SPEAKERS
# Verbs that end the subject of a question with "did": "When did the crisis | start?"
VERBS = _set(
    "accept achieve add admit agree announce appeal appear approve argue arrive ask attend beat become begin "
    "believe belong blame break bring build buy call cancel carry cause change charge claim close collapse come "
    "compare complain confirm contain cost cover cut deal decide defeat deliver demand deny die discover do drop "
    "earn elect employ end escape expect fail fall fear find finish fly follow forecast get give go grow happen "
    "have help hit hold hope hurt include increase injure intend invest join keep kill know land lay lead learn "
    "leave like live look lose make mean measure meet move need offer open oppose order own pass pay plan play "
    "predict prefer produce promise propose publish push put raise reach react read receive recommend record reject "
    "release remain remove replace report represent require resign respond retire return rise rule run save say "
    "score see sell send serve set share show sign sink sit speak spend spread stand start stay stop strike suffer "
    "suggest support suspect take teach tell test think train travel try turn use visit vote wait want warn win "
    "wish work write"
)
PARTICIPLE = re.compile(r"\w+(?:[^e]ed|wn|ken|ten|ven|sen|zen)$")
PARTICIPLES = _set(
    "held made built found sold paid bought brought sent lost won told said put set cut hit hurt shut left met begun "
    "kept led read run born done gone seen taken given shot struck caught taught known let spent hung due"
)
MEASURED = _set("many much long")
PEOPLE = _set(
    "mr mrs ms miss dr prof professor sir dame lord lady king queen prince princess president minister secretary "
    "general colonel captain major lieutenant sergeant admiral judge justice senator mayor governor bishop pope father "
    "sister chief coach director chairman chairwoman inspector detective councillor man woman boy girl teacher analyst "
    "spokesman spokeswoman officer driver player head leader author artist victim suspect owner founder manager chair "
    "boss mother son daughter husband wife brother scientist researcher doctor nurse farmer lawyer actor singer writer "
    "student pilot chef resident ambassador surgeon widow reviewer conductor"
)
# What an answer does not hold when it can stand where a pronoun stood.
NUMBERS = _set("one two three four five six seven eight nine ten eleven twelve about nearly over almost only none")
CLAUSAL = AUXILIARY | QUESTION | frozenset(PRONOUNS) - POSSESSIVES | SPEAKERS | _set("not because if")
MEN, WOMEN = _set("he him his himself mr"), _set("she her hers herself mrs ms")

OPENING = re.compile(r"^\W*(?:(?:and|but|so|or|well|ok|okay|by the way)\b[\s,]*)+", re.IGNORECASE)
ABOUT = re.compile(r"^(?:what|how) about\b\s*", re.IGNORECASE)
CONTRACTED = re.compile(r"\b(what|who|where|when|how|why|that|there|it|he|she)(?:['’]s|['’](ll|d))\b", re.IGNORECASE)
CARELESS = re.compile(r"\b(what|who|where|when|how)s\b", re.IGNORECASE)
LONG = {None: "is", "ll": "will", "d": "would"}
WORD = re.compile(r"[$£€]?\w(?:[\w.,'’%/\-]*[\w%])?")
POSSESSED = re.compile(r"['’]s?$")
OWNER = re.compile(r"(.+?)['’]s? ")
# An `it` that stands for nothing: "How long did it take to ...", "When was it found that ...".
EMPTY_IT = re.compile(
    r"\bit (?:take|takes|took|taken|cost)\b.+\bto\b|\b(?:is|was|be) it "
    r"(?!going|supposed|due|able|about|meant|ready)\w+ (?:that|to)\b|\bmakes? it\b|\bmade it\b|\btime is it\b"
    r"|\b(?:is|was) it (?:called when|estimated|determined|believed|thought|said|known|assumed)\b"
    r"|\bit (?:rain|snow|been raining)"
)
# "When was that?" asks for more of the previous question; "What caused that?" asks about it.
WHEN_THAT = re.compile(
    r"((?:\w+ )?(?:when|where|why|how|which \w+|what \w+)) (?:was|is|did|does|were) (?:that|this|it)"
    r"(?: happen| done)?\W*",
    re.IGNORECASE,
)
COUNTED = re.compile(r"\bhow many ((?:\w+ ){0,3}?\w+s)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to understand a question: a text that stands alone, and how it was made."""

    text: str
    way: Way


@dataclass(frozen=True, slots=True)
class _Mention:
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
        return self.name or not PEOPLE.isdisjoint(word.lower() for word in self.words)

    @property
    def several(self) -> bool:
        """Whether it may be more than one."""
        return " and " in self.text or (self.text.endswith("s") and not self.text.endswith("ss"))


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
    literal = Form(question, "literal")
    need = lacks(question) if history else None
    if need is None:
        return (literal,)
    made = [*_made(question, need, history, article.text)] or [Form(joined(question, history[-1]), "joined")]
    first: dict[str, Form] = {}
    for form in (*(each for each in made if len(each.text) <= LONGEST), literal):
        first.setdefault(form.text.casefold(), form)
    return tuple(first.values())


def joined(question: str, before: Exchange) -> str:
    """The question behind the exchange before it, as a reader can be trained to take it."""
    asked, said = before
    known = " ".join((said or "").split()[:KNOWN])
    return " ".join(filter(None, (asked, known, question)))


def understood(
    ways: Sequence[Form], readings: Sequence[Sequence[Reading]], history: Sequence[Exchange]
) -> tuple[Form, list[Reading]]:
    """The form whose best reading has the most logits above null, its credit added, and the readings that count.

    Credits and the order of the forms weigh in logits, measured on conversations (benchmarks/conversations.py).
    `readings` stand beside `ways`, best first. For a form made here the previous answer does not count: it is what
    the words of the previous question find again. Ties go to the earlier form.
    """
    said = _plain(history[-1][1] or "") if history else ""
    counting = [
        [each for each in found if way.way == "literal" or not _repeats(each.span.text, said)]
        for way, found in zip(ways, readings, strict=True)
    ]

    def worth(number: int) -> float:
        best = counting[number][0].margin if counting[number] else float("-inf")
        return best + CREDIT[ways[number].way] - LATER * number

    best = max(range(len(ways)), key=lambda number: (worth(number), -number))
    return ways[best], counting[best]


def lacks(question: str) -> Need | None:
    """What the question leaves to what was said before; None: it stands alone, as far as its words tell."""
    text = _expanded(OPENING.sub("", question))
    tokens = list(WORD.finditer(text))
    words = [token.group().lower() for token in tokens]
    if ABOUT.match(text):
        return "fragment"
    for place, word in enumerate(words):
        if word in PRONOUNS and _leans(text, tokens, words, place):
            return PRONOUNS[word]
    return _elliptic(words, opened=OPENING.match(question) is not None)


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
    named = _mentions(text)
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
    """The forms that take something from the history, likeliest first."""
    asked, said = history[-1]
    bare = _expanded(OPENING.sub("", question))
    that = WHEN_THAT.fullmatch(bare)
    if need == "ellipsis":
        yield from _completed(bare, asked, said)
    elif need == "fragment":
        yield from _exchanged(ABOUT.sub("", bare), asked)
    elif that and need in ("event", "thing"):
        yield from _completed(that[1], asked, said)
    pointing = need == "event" and (that or re.search(r"\bthen\b", bare) or len(bare.split()) < 3)
    if need not in ("ellipsis", "fragment") and not pointing:
        for name in _antecedents(need, history, text)[:MOST]:
            yield Form(_filled(bare, need, name, history, text), "replaced")


def _completed(short: str, asked: str, said: str | None) -> Iterator[Form]:
    """The previous question with its question words exchanged: "Where?" after "When was it signed?"."""
    text = _expanded(OPENING.sub("", asked))
    tokens = list(WORD.finditer(text))
    words = [token.group().lower() for token in tokens]
    verb = next((number for number, word in enumerate(words) if word in AUXILIARY), None)
    short = _unmarked(short)
    known = said if said and len(said) <= LONGEST / 4 else ""
    if said and words[:2] == ["what", "happened"]:
        yield Form(f"{short} {_unmarked(said)}?", "completed")
    elif len(words) > 1 and words[0] in QUESTION and (verb is None or (words[0] == "who" and verb > 1)):
        yield Form(f"{short} was it that {known} {_unmarked(text[tokens[1].start() :])}?", "completed")
    elif verb is not None:
        rest = _unmarked(text[tokens[verb].start() :])
        asked_for = [token.group() for token in tokens[:verb] if token.group().lower() not in STOPS | MEASURED]
        tail = " ".join([known, *asked_for]).strip()
        yield Form(f"{short} {rest} {tail}".rstrip() + "?", "completed")
        if tail:
            yield Form(f"{short} {rest}?", "completed")


def _exchanged(fragment: str, asked: str) -> Iterator[Form]:
    """The previous question about something else: "And from plants?", "What about the Korda?"."""
    fragment = _unmarked(fragment)
    words = WORD.findall(fragment)
    if not words:
        return
    if words[0].lower() in PREPOSITION:
        same = [*re.finditer(rf"\b{words[0]}\b[^?]*", asked, re.IGNORECASE)][-1:]
        yield from (Form(f"{asked[: each.start()]}{fragment}{asked[each.end() :]}", "completed") for each in same)
        if not same:
            yield Form(f"{_unmarked(asked)} {fragment}?", "completed")
        return
    counted = COUNTED.search(asked)
    if counted and words[0].islower() and words[0] not in DETERMINER:
        yield Form(f"{asked[: counted.start(1)]}{fragment}{asked[counted.end(1) :]}", "completed")
    proper = any(word[0].isupper() for word in words)
    for mention in [mention for mention in _mentions(asked) if mention.proper == proper][:MOST]:
        yield Form(f"{asked[: mention.start]}{fragment}{asked[mention.end :]}", "completed")


def _filled(question: str, need: Need, name: str, history: Sequence[Exchange], text: str) -> str:
    """The question with `name` for its pronouns of this kind, and the likeliest for one of another kind, if any."""
    filled = _replaced(question, need, name)
    other = lacks(filled)
    if other in ("man", "woman", "thing", "several") and other != need:
        names = [each for each in _antecedents(other, history, text) if each != name]
        return _replaced(filled, other, names[0]) if names else filled
    return filled


def _replaced(question: str, need: Need, name: str) -> str:
    """The question with `name` for each pronoun of this kind that leans."""
    tokens = list(WORD.finditer(question))
    words = [token.group().lower() for token in tokens]
    parts, reached = [], 0
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
        parts += [question[reached:begin], word]
        reached = token.end()
    return "".join([*parts, question[reached:]])


def _antecedents(need: Need, history: Sequence[Exchange], text: str) -> list[str]:
    """What a pronoun of this kind may mean, likeliest first, from the last exchange that has anything of the kind."""
    found: list[str] = []
    for question, said in reversed(history):
        asked = _expanded(question)
        words = [word.lower() for word in WORD.findall(asked)]
        named = _mentions(asked)
        answer = None if {"when", "how"} & set(words) else _noun(said)  # a date or a number is nobody and nothing
        if need in ("man", "woman"):
            found += _people(words, named, answer, asked, need, text)
        elif need == "thing":
            found += _things(words, named, answer, asked, text)
        elif need == "several":
            counted = COUNTED.search(asked)
            found += [f"the {counted[1]}"] if counted else []
            found += [mention.text for mention in named if mention.several]
            found += [answer] if answer else []
            found += [mention.text for mention in named if not mention.several]
        elif need == "place":
            found += [answer] if answer and not {"where", "which", "what"}.isdisjoint(words) else []
            found += [mention.text for mention in named if _before(asked, mention) in PLACED]
        else:
            found += [said.strip(" .,")] if said and len(said.split()) <= 6 else []
            found += [mention.text for mention in named]
        if found:
            break
    return _different(found)


def _people(
    words: Sequence[str], named: Sequence[_Mention], answer: str | None, asked: str, need: Need, text: str
) -> list[str]:
    """The persons of one exchange; those whose pronoun in the article is the other one are left out."""
    people = [mention.text for mention in named if mention.person and _before(asked, mention) not in HERE | {"of"}]
    about = max((mention for mention in named if mention.start == named[0].start), key=lambda m: m.end, default=None)
    identified = words[:1] == ["who"] and bool(BE & set(words[1:2])) and about is not None and about.name
    if answer and not identified:
        named_so = all(word[0].isupper() for word in WORD.findall(answer))
        if not {"who", "whom", "whose", "name", "called"}.isdisjoint(words) or (named_so and "which" in words):
            people.insert(0, answer)
        elif named_so and "where" not in words:
            people.append(answer)
    return [name for name in people if _gender(name, text) in (need, None)]


def _things(words: Sequence[str], named: Sequence[_Mention], answer: str | None, asked: str, text: str) -> list[str]:
    """The things of one exchange: what was asked for, then what has an article, then names, then places."""
    things = [m for m in named if (m.proper or not m.person) and not (m.name and _gender(m.text, text))]
    things.sort(key=lambda m: (_before(asked, m) in HERE, m.name, m.several))
    found = [mention.text for mention in things]
    asked_for = words[:1] in (["what"], ["which"]) and not AUXILIARY & set(words[1:2])
    noun = answer is not None and (answer[0].isupper() or answer.split()[0].lower() in DETERMINER)
    if answer and noun and not {"what", "which", "who", "where"}.isdisjoint(words):
        found.insert(0 if asked_for else len(found), answer)
    return found


def _gender(name: str, text: str) -> Need | None:
    """What the article calls somebody of this name: by the first pronoun behind each place that names them."""
    last = POSSESSED.sub("", name.split()[-1]) if name else ""
    counts: dict[Need, int] = {"man": 0, "woman": 0}
    for match in re.finditer(rf"\b{re.escape(last)}\b", text):
        behind = [word.lower() for word in WORD.findall(text[match.end() : match.end() + NEAR])]
        first = next((word for word in behind if word in MEN | WOMEN), None)
        if first:
            counts["man" if first in MEN else "woman"] += 1
    if counts["man"] == counts["woman"]:
        return None
    return max(counts, key=lambda kind: counts[kind])


def _different(names: Sequence[str]) -> list[str]:
    """The names in order without those whose last word stands in one before ("Marco Tessari", "Tessari")."""
    kept: list[str] = []
    for name in filter(str.strip, names):
        if not any(name.split()[-1].lower() in other.lower().split() for other in kept):
            kept.append(name)
    return kept


def _noun(said: str | None) -> str | None:
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
        return _noun(" ".join(text.split()[1:]))
    return text


def _mentions(question: str) -> list[_Mention]:
    """What a question names, in order: names, and nouns with an article or a possessive; an owner also by itself."""
    tokens = list(WORD.finditer(question))
    found: list[_Mention] = []
    place = 0
    while place < len(tokens):
        end = _phrase(question, tokens, place)
        if end > place:
            start, stop = tokens[place].start(), tokens[end - 1].end()
            whole = POSSESSED.sub("", question[start:stop])
            first = tokens[place].group()
            text = f"the {whole[len(first) :].strip()}" if first.lower() in POSSESSIVES else whole
            owner = OWNER.match(text)
            found += [_Mention(owner[1], start, start + len(owner[1]))] if owner else []
            found.append(_Mention(text, start, start + len(whole)))
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
            if (verb or done) and words[end].islower() and not owned:
                break
        end += 1
    alone = end - place == 1 and (lower[place] in {"the", "a", "an"} | POSSESSIVES)
    return place if alone else end


def _before(text: str, mention: _Mention) -> str:
    """The word before a mention."""
    return (text[: mention.start].split() or [""])[-1].lower()


def _expanded(text: str) -> str:
    """`what's` and its like in two words."""
    text = CARELESS.sub(r"\1 is", text)
    return CONTRACTED.sub(lambda match: f"{match[1]} {LONG[match[2]]}", text)


def _unmarked(text: str) -> str:
    return text.strip().rstrip("?!. ")


def _repeats(text: str, said: str) -> bool:
    """Whether the words of one stand in a row in the other; `said` is plain already, and "" repeats nothing."""
    words = _plain(text)
    return bool(said and words) and (f" {said} " in f" {words} " or f" {words} " in f" {said} ")


def _plain(text: str) -> str:
    return " ".join(WORD.findall(text.casefold()))
