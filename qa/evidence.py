"""Yes or no: the sentence that settles a question, and the word itself only where the sentence says the same words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from index.search import Passage
from index.text import Span, composed
from qa.patterns import TITLE
from qa.verbs import base

Verdict = Literal["yes", "no"]

WORD = re.compile(r"[$£€¥]?\w[\w\u0300-\u036f]*(?:(?:['’.-]|,(?=\d{3}\b))\w[\w\u0300-\u036f]*)*")
MEANINGLESS = (
    "a an the of in on at to for from by with about as into over after before during than that this these those and "
    "or but not no is are was were be been being am do does did done has have had having can could will would shall "
    "should may might must it its he she they them him her his their there here i you we us our your my who whom "
    "which what when where why how all any some ever also yet still already so really actually just too very "
    "s t d ll re ve m anyone anybody someone somebody according isnt arent wasnt werent didnt doesnt dont wont cant "
    "couldnt wouldnt shouldnt hasnt havent hadnt"
)
CONTRACTED = re.compile(r"['’](?:s|d|ll|re|ve|m)?$")  # "the town's", "they'll"
STOPS = frozenset(MEANINGLESS.split())
LEANS = re.compile(r"[\W_]*(?:he|she|it|they|his|her|its|their|this|these|that|those|the|both|such|here|there)\b", re.I)
NEAR = 0.5  # what being the nearest in retrieval weighs beside the share of the words
GAP = 10  # characters between two sentences that follow one another
BORROWED = 0.6  # what a question's word weighs that stands only in the sentence before, where this one leans on it
NEGATION = re.compile(
    r"\b(?:not|no|never|nor|neither|nobody|none|nothing|without|cannot|failed to|fails to|refused to|refuses to|"
    r"declined to|declines to|unable to)\b|n['’]t\b",
    re.I,
)
DENYING = re.compile(r"not|never|n['’]t", re.I)  # a deed
OPEN = re.compile(  # it is not said to be so
    r"\b(?:if|unless|whether|would|could|(?-i:may)|might|should|plans?|planned|wants?|wanted|hopes?|hoped|expects?|expected|"
    r"asked|urged|propos\w+|claim\w*|den(?:y|ies|ied)|accus\w+|alleg\w+|reportedly|disput\w+|almost|nearly|until|"
    r"threaten\w*|doubt\w*|believ\w+|think\w*|thought|instead|rather|only|but|although|though|however|hardly|barely|"
    r"scarcely|rarely|seldom|few|fewer|little|less|least|far from|suspect\w*|fear\w*|said|says|insist\w*|argu\w+|"
    r"predict\w*|warn\w*|once|former|formerly|due to|about to|supposed|"
    r"say|according to|how|perhaps|maybe|rumou?r\w*)\b",
    re.I,
)
MODAL = re.compile(r"^\W*(?:and |but |so )?(?:can|could|shall|should|may|might|must|would)\b", re.I)  # asks of no fact
PRESENT = re.compile(r"^\W*(?:and |but |so )?(?:is|are)\b", re.I)
DOES = re.compile(r"^\W*(?:and |but |so )?(?:does|do)\b", re.I)
IS = re.compile(r"\b(?:is|are|remains?|has been|have been|now)\b")
AGED = re.compile(r", \d{1,3}(?=,)")  # "Ada Holm, 46, was ..."
DATING = re.compile(r"\b(?:in|last|next|since|until|by|of)\s$", re.I)  # before a month
INITIALS = re.compile(r"(?:[A-Z]\.)+[A-Z]?")
EXACT = re.compile(r"\b(?:all|every|each|both|still|already|yet|always|again|ever|so|too|very|any)\b", re.I)
BREAK = re.compile(r"[;:()\[\]–—]")  # what stands beyond it may be about something else
TURNING = re.compile(r"\b(?:by|who|whom|whose|which|that)\b", re.I)  # it is done to the subject, or by another one
OWNER = re.compile(r"['’]s?(?!\w)")
BEING = re.compile(r"\b(?:is|are|was|were|be|been|being)\b", re.I)
PLACING = re.compile(  # with these a sentence places one thing by another
    r"\b(?:about|above|across|after|against|along|among|around|as|at|before|behind|below|beneath|beside|besides|between|"
    r"beyond|by|despite|down|during|except|for|from|in|inside|into|like|near|of|off|on|onto|outside|over|past|since|than|"
    r"through|to|toward|towards|under|until|up|upon|via|with|within|without)\b\W*(?:the |a |an |this |these |those )*$",
    re.I,
)
ARTICLED = re.compile(r"(?:\b(?:the|a|an|this|these|those)\s+)*$", re.I)
QUALIFYING = (  # before who or what is not quite that
    "vice deputy late acting assistant ex mock fake rival future aspiring honorary self-styled so-called would-be that "
    "shadow junior opposition police"
)
DONE = re.compile(  # what may stand directly behind the last of the question's words
    r"\W*$|\s*[,.!?:;]|\s+(?:(?:in|on|at|by|from|with|after|before|during|for|as|and|when|while|near|because|since|where|"
    r"today|yesterday|again|there|here|last|this|next|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|"
    r"(?!(?:ally|family|rally|assembly|supply|reply|july|italy|anomaly|monopoly)\b)\w+ly\b)",
    re.I,
)
OPPOSITES = (
    "rise fall, rise drop, rise decline, increase decrease, increase fall, increase drop, grow shrink, gain lose, "
    "win lose, accept reject, accept refuse, approve reject, support oppose, welcome criticize, welcome criticise, "
    "welcome condemn, agree disagree, allow ban, allow forbid, "
    "pass fail, succeed fail, survive die, remember forget, convict acquit, "
    "alive dead, innocent guilty, higher lower, more less, more fewer, better worse, "
    "true false, safe dangerous, open closed"
)
NOUNS = {"women": "woman", "men": "man", "children": "child", "people": "person", "feet": "foot"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence and how much of a question it covers: the share of the question's words, rare ones weighing more.

    `share` is in [0, 1] and compares between questions. `verdict` is None where the sentence alone must speak.
    """

    sentence: Span
    share: float
    verdict: Verdict | None


def evidence(question: str, passages: Sequence[Passage]) -> Evidence | None:
    """The sentence that a yes-or-no question is about, the earlier one on ties; None where none has a word of it.

    It is the best by its share of the question's words and its nearness in retrieval together. A sentence that leans
    on the one before ("He ...") borrows its words, at a discount. A word of the question that stands in no sentence
    counts most, so that a name that the text does not know tells against every sentence.
    """
    sentences = [sentence for passage in passages for sentence in passage.sentences]
    scores = [score for passage in passages for score in passage.scores]
    nearest = max(scores, default=0.0) or 1.0
    stems = [frozenset(content(sentence.text)) for sentence in sentences]
    asked = content(question)
    weight = {word: math.log(1 + len(stems) / (0.5 + sum(word in each for each in stems))) for word in asked}
    total = sum(weight.values())
    shares = []
    for number, own in enumerate(stems):
        leans = number > 0 and _follows(sentences[number - 1], sentences[number])
        before = stems[number - 1] if leans else frozenset[str]()
        shares.append(sum(w * (1.0 if word in own else BORROWED * (word in before)) for word, w in weight.items()))
    found = [number for number, share in enumerate(shares) if share > 0]
    if not found:
        return None
    best = max(found, key=lambda number: (shares[number] / total + NEAR * scores[number] / nearest, -number))
    return Evidence(sentences[best], shares[best] / total, verdict(question, sentences[best].text))


def _follows(before: Span, sentence: Span) -> bool:
    """Whether the sentence stands behind the other and leans on it."""
    if before.article != sentence.article or not 0 <= sentence.start - before.end < GAP:
        return False
    return LEANS.match(sentence.text) is not None


def verdict(question: str, sentence: str) -> Verdict | None:
    """Yes or no where the sentence says the question's own words in their order, or all but one and its opposite.

    None where it says anything else, of anything else, or says it of what may be, will be, or somebody holds to be:
    better ten sentences without the word than one with the wrong one. A negation of what is asked makes it "no"; any
    other, or one in the question, leaves it open.
    """
    asked, places = content(question), _places(sentence)
    if len(asked) < 2 or OPEN.search(sentence) or NEGATION.search(question):
        return None
    if re.search(r"\bwill\b", sentence) and not re.search(r"\bwill\b", question, re.I):
        return None
    if re.match(r"^\W*will\b", question, re.I) and not re.search(r"\bwill\b", sentence):
        return None
    if MODAL.match(question) or (PRESENT.match(question) and not IS.search(sentence)):
        return None
    if any(each.lower() not in sentence.lower().split() for each in EXACT.findall(question)):
        return None
    absent = [word for word in asked if word not in places]
    turned = [word for word in opposites().get(absent[0], ()) if word in places] if len(absent) == 1 else []
    if len(absent) != len(turned):
        return None
    found = [places[turned[0] if word in absent else word] for word in asked]
    if found != sorted(found) or any(_infinitive(sentence, match) for match in found[1:]):
        return None
    between = sentence[found[0][0] : found[-1][1]]
    if BREAK.search(between) or len(_places(AGED.sub("", between)).keys() - {"never"}) > len(asked):
        return None
    clause = re.compile(r"[,;:]| and ").split(sentence[found[-1][1] :])[0]  # what is said in one breath
    negations = [*NEGATION.finditer(sentence, 0, found[-1][1] + len(clause))]
    denied = [DENYING.fullmatch(each[0]) and _follows_at(sentence, each.end(), found[1:]) for each in negations]
    if not all(denied) or len(denied) + len(turned) > 1:
        return None
    if denied and not re.match(r"\W*$|\s*[,.!?;]", sentence[found[-1][1] :]):  # "did not resign immediately"
        return None
    said = dict(zip(asked, found, strict=True))
    if _says_it_otherwise(question, sentence, said) or _says_it_of_another(question, sentence, said, turned):
        return None
    return "no" if denied or turned else "yes"


def _follows_at(sentence: str, end: int, places: Sequence[tuple[int, int]]) -> bool:
    """Whether one of these words is the next after `end`."""
    return any(sentence[end:start].strip() in ("", "yet") for start, _ in places if start >= end)


def _says_it_otherwise(question: str, sentence: str, said: Mapping[str, tuple[int, int]]) -> bool:
    """Whether the sentence, which has the words, puts them in another relation, tense or voice, or says more of them.

    So in "voted against the bill", "the vice president", "the school bus" or "Smith beat Jones" for a question about
    a vote for the bill, the president, the school, or whom Jones beat.
    """
    places, spans = _places(question), sorted(said.values())
    if any(_placed_by(question, places[word]) != _placed_by(sentence, place) for word, place in said.items()):
        return True
    between = sentence[spans[0][0] : spans[-1][1]]
    if bool(BEING.search(question)) != bool(BEING.search(between)) or not DONE.match(sentence, spans[-1][1]):
        return True
    if DOES.match(question) and any(base(sentence[start:end].casefold()) for start, end in spans[1:]):
        return True  # "Smith lived in Leeds"
    before = ARTICLED.sub("", sentence[: spans[0][0]]).rstrip()
    word = re.search(r"[\w’'.-]+$", before)
    if word is None:
        return False
    adjoining = len(before) + 1 >= spans[0][0] and re.fullmatch(TITLE.strip(), f"{word[0]} ") is None
    named = adjoining and word[0][0].isupper()
    return named or word[0] in QUALIFYING.split() or base(word[0]) is not None or OWNER.search(word[0]) is not None


def _placed_by(text: str, place: tuple[int, int]) -> str:
    """The preposition before the word there, with nothing but an article between; "" where there is none."""
    found = PLACING.search(text, 0, place[0])
    return found[0].split()[0].lower() if found else ""


def _says_it_of_another(
    question: str, sentence: str, said: Mapping[str, tuple[int, int]], turned: Sequence[str]
) -> bool:
    """Whether the sentence, which has the words, lets somebody else do it.

    So in "Smith's deputy resigned", "Japan was attacked by China", "Mary said John left", each of which has the words
    of a question about Smith, Japan or Mary in their order.
    """
    places = _places(question)
    if any(_owns(question, places[word]) != _owns(sentence, place) for word, place in said.items()):
        return True
    between = sentence[min(place[0] for place in said.values()) : max(place[1] for place in said.values())]
    if {*TURNING.findall(between.lower())} - {*TURNING.findall(question.lower())}:
        return True
    deeds = (base(match[0].casefold()) for match in WORD.finditer(between))
    return any(deed not in (None, "be", "have", "do") and stem(str(deed)) not in {*said, *turned} for deed in deeds)


def _owns(text: str, place: tuple[int, int]) -> bool:
    """Whether the word there has an 's, or stands before the mark of a plural that has none."""
    return OWNER.search(text[place[0] : place[1] + 1]) is not None


def content(text: str) -> list[str]:
    """The stems of the words that carry meaning, in order, each once."""
    return list(_places(text))


def _places(text: str) -> dict[str, tuple[int, int]]:
    """Where each stem that carries meaning first stands."""
    found: dict[str, tuple[int, int]] = {}
    shouted = text.isupper()
    for match in WORD.finditer(text):
        word = CONTRACTED.sub("", composed(match[0]).casefold())
        word = word.replace(".", "") if INITIALS.fullmatch(match[0]) else word  # the U.S., the US
        named = not shouted and _named(match)
        if word and (named or (word not in STOPS and re.sub(r"['’]", "", word) not in STOPS)):
            found.setdefault(stem(base(word) or NOUNS.get(word, word)), match.span())
    return found


def _named(match: re.Match[str]) -> bool:
    """Whether a word that else means nothing is a name: the WHO, vitamin D, in May, Theresa May."""
    word = match[0]
    month = word.casefold() == "may" and DATING.search(match.string[: match.start()])
    return (word.isupper() and word not in ("I", "A")) or (word in ("May", "Will") and match.start() > 0) or bool(month)


def _infinitive(sentence: str, place: tuple[int, int]) -> bool:
    """Whether the word there follows "to": it is meant to be so, not said to be so."""
    return re.search(r"\bto (?:(?:be|have|not|\w+ly) )*$", sentence[: place[0]]) is not None


@lru_cache(50_000)
def stem(word: str) -> str:
    """The stem of an English word: "exercises" and "exercise" have the same."""
    stemmed: str = _stemmer().stemWord(word)
    return stemmed


@cache
def opposites() -> dict[str, frozenset[str]]:
    """The stems that mean the opposite, for each stem that has any."""
    found: dict[str, set[str]] = {}
    for pair in OPPOSITES.split(", "):
        one, other = (stem(word) for word in pair.split())
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in found.items()}


@cache
def _stemmer():  # type: ignore[no-untyped-def]  # Stemmer comes without types
    import Stemmer

    return Stemmer.Stemmer("english")
