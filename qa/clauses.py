"""Main clauses that become questions: a clause is a subject, a finite verb and a rest, found without a parser.

A rule would rather miss a question than make an ungrammatical one, so a clause that is not plain is no clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from qa.patterns import CAPITAL, COUNT, DATE, DATELINE, DAY, INITIAL, NAME, NO_NOUN, PERSON, is_person, lowered
from qa.verbs import base, known, past, present


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BE = frozenset({"is", "are", "was", "were"})
HELPERS = BE | {"has", "have", "had", "will", "would", "can", "could", "must", "should", "may", "might"}
HAVE = {"has": "does", "have": "do", "had": "did"}
WORD = rf"(?:{CAPITAL}\.?|{INITIAL}|{NO_NOUN}[a-z][\w’-]*(?:['’]s|s['’])?|{CAPITAL}['’]s?|\d(?:[\w,-]*\w)?)"
NOUN = rf"(?:(?:[Tt]he |[Aa]n? )?{WORD}(?: {WORD}){{0,4}})"
PHRASE = re.compile(
    rf"{NOUN}(?: (?:of|in|at|for|on|between|from|with|to|over|against|near|outside) {NOUN})?(?: and {NOUN})?"
)
PLURALS = words(  # that may begin a sentence, and are no names
    "Aides Analysts Archaeologists Astronomers Biologists Boats Campaigners Councillors Crews Critics Customers "
    "Delegates Divers Doctors Drivers Economists Employees Engineers Experts Families Farmers Firefighters "
    "Fishermen Inspectors Investigators Judges Jurors Lawmakers Lawyers Members Miners Ministers Negotiators "
    "Nurses Officers Officials Operators Organisers Organizers Owners Parents Passengers Police Prices "
    "Prosecutors Protesters Pupils Repairs Rescuers Researchers Residents Sales Schools Scientists Shareholders "
    "Shares Ships Soldiers Students Surgeons Survivors Teachers Tickets Trains Trustees Unions Villagers "
    "Volunteers Voters Workers Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve"
)
REPORTING = (
    r"(?:said|says|announced|warned|confirmed|added|estimated|explained|noted|"
    rf"argued|predicted|reported|told (?:reporters|the [a-z]+|{CAPITAL}))"
)
REPORTED = re.compile(
    rf"(?:^|(?<=, ))(?:[A-Z][a-z-]+(?: [a-z-]+){{1,2}} (?=[A-Z]))?"
    rf"(?P<speaker>{NAME}|{CAPITAL}|[Tt]he {NO_NOUN}[a-z-]+(?: {NO_NOUN}[a-z-]+)?)"
    rf"(?:, [^,;:.“”\"()]{{3,60}},)? (?P<verb>{REPORTING}) (?:that )?(?=[A-Za-z0-9])"
)
OPENING = re.compile(  # before the subject, where the clause is as true without it
    r"(?:To|After|During|Under|On|At|In|By|Outside|Inside) (?!fact|case|other|order)"
    r"[^,;:“”\"]{3,60}, (?=[A-Z]|the|an?\b)"
)
RELATIVE = re.compile(  # clauses that hang on a name, or on the subject
    rf"(?:(?<![’'-])\b(?P<name>{NAME})|^(?P<thing>The (?:{NO_NOUN}[a-z-]+ ){{0,3}}{NO_NOUN}[a-z-]+)), "
    rf"(?:which|(?P<who>who)) (?=[a-z])"
)
NEXT_CLAUSE = re.compile(r"; |, (?:and|but) ")
BREAK = re.compile(  # the end of a rest; the last one where two sentences were not split
    r",(?! ?\d)|;|:(?!\d)| — | – | -- |[“”\"]|\.[”\"]?$|$|"
    r"(?<=\w{3})(?<!Gen)(?<!Col)(?<!Adm)(?<!Maj)(?<!Sgt)(?<!Gov)(?<!Sen)(?<!Rep)(?<!Rev)(?<!Mrs)(?<!Capt)(?<!Prof)"
    r"(?<!Cllr)(?<!Cmdr)\. (?=[A-Z])"
)
CONNECTING = re.compile(r"\b(?:to|who|which|that|because|where|when|after|before|by|and|being|be|was|were|while)\b")
CLOCK = r"(?:(?:at|shortly after|shortly before) (?:\d{1,2}(?:[:.]\d\d)? ?[ap]\.?m\b\.?|noon|midnight|midday))"
TIME = rf"(?:{CLOCK}|(?:{DATE})|(?:{DAY})(?= |$))(?!\w)"


TAKEN = r"\b([a-z]+s) (?:an?|the|its|no|\$?\d[\d,.]*)\b"  # a third person and its object
HANGING = re.compile(r"\b(?:who|which|that|because|where|when|after|before|while|and|being|be|was|were)\b")
NOUNS = words("shares plans reports visits tests works talks trains ships parks roads prices costs jobs")
SUBORDINATE = re.compile(r"\b(?:to|who|which|that|because|where|when|after|before|while)\b")
PLURAL = re.compile(r"(?<!['’s])s$|^(?:people|police|men|women|children|fishermen)$", re.I)
NO_SUBJECT = words(
    "In On At But And If When While After Before For From With By As To That Those These This It He She They We "
    "You I There Here What Who Not Another Some Many Most All Both Each Every Its His Her Their Our My One Of "
    "Under Since Until Also Then Now Only Such Nobody Everybody Somebody Everyone Nothing Yet So Still Instead "
    "Because Although Though Neither No None Other Others Several Few More Less Half Once Why How Where Or Nor "
    "About Around Over Outside Without Unlike Like Born Asked Back Next Last Even Just Never Meanwhile Perhaps "
    "Which Whose Whether Among Between it he she they we you there this that these those"
)
HANGS = words(  # on a head: "Relatives of John Marsh", "Campaigners against John Marsh"
    "of for with like by from to in at on against about over near outside between around behind"
)
FAINT = re.compile(
    r"an? (?:(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|"
    r"previous|further|separate|similar|new|single)\b|[\w-]+$)"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A subject, a finite verb with its adverb, and what follows up to the next pause; `at` is where a part begins."""

    sentence: str
    subject: str
    subject_at: int
    verb: str
    rest: str
    rest_at: int
    source: str  # who says so, "" where the article does
    several: bool  # whether the subject is plural
    time: tuple[int, int] | None  # of a time between subject and verb

    @property
    def plain(self) -> str | None:
        """The base form of the verb; None of a helper."""
        return None if self.verb in HELPERS else base(self.verb) or present(self.verb) or known(self.verb)

    @property
    def somebody(self) -> bool:
        return is_person(self.subject) and re.fullmatch(NAME, self.subject) is not None

    def span(self, match: re.Match[str], group: int | str = 0) -> tuple[int, int]:
        """Where a group of a match in the rest stands in the sentence."""
        return self.rest_at + match.start(group), self.rest_at + match.end(group)

    def turned(self, rest: str) -> str:
        """The clause in the order of a question, with another rest: "did the talks fail", "will the yard close"."""
        verb, plain = self.verb, self.plain
        if verb == "had" and (match := re.match(r"(been )?([a-z]+)(?= |$)", rest)) and (base(match[2]) or match[1]):
            verb, plain = ("did", base(match[2])) if not match[1] else ("were" if self.several else "was", match[2])
            return " ".join(f"{verb} {self.subject} {plain}{rest[match.end() :]}".split())
        if verb in HAVE and not is_done(self.rest):
            verb, plain = HAVE[verb], "have"
        elif plain:
            verb = "did" if past(self.verb) == self.verb else "does" if present(self.verb) else "do"
        middle = f" {plain}" if plain else ""
        return " ".join(f"{verb} {self.subject}{middle} {rest}".split())

    def asks(self, word: str, rest: str) -> str:
        """The question that begins with `word`: "When did the talks fail?"."""
        source = f", according to {self.source}" if self.source else ""
        return f"{word} {self.turned(rest)}{source}?"


@lru_cache(512)  # every rule asks for those of every sentence
def clauses(sentence: str) -> tuple[Clause, ...]:
    """The plain main clauses of a sentence, those that somebody reports among them, in order."""
    return tuple(_clauses(sentence))


def _clauses(sentence: str) -> Iterator[Clause]:
    quoted = re.search(r"[“\"]", sentence)
    reach = quoted.start() if quoted else len(sentence)
    dateline = DATELINE.match(sentence)
    first = dateline.end() if dateline else 0
    starts = [(first, ""), *((match.end(), "") for match in NEXT_CLAUSE.finditer(sentence, first, reach))]
    if opening := OPENING.match(sentence, first, reach):
        starts.append((opening.end(), ""))
    starts += [(match.end(), lowered(match["speaker"])) for match in REPORTED.finditer(sentence, first, reach)]
    for start, source in starts:
        if start < reach and (clause := clause_at(sentence, start, source)):
            yield clause
    for match in RELATIVE.finditer(sentence):
        name = match["name"] or match["thing"]
        if (match["thing"] or (match["who"] and is_person(name))) and (
            clause := _predicate(sentence, name, match.start(), match.end(), "")
        ):
            yield clause


def clause_at(sentence: str, start: int, source: str) -> Clause | None:
    """The clause that begins at `start`; None where it is not plain."""
    stop = end_of(sentence, start)
    first = re.compile(r"\w+").match(sentence, start)
    if not first or (first[0] in NO_SUBJECT and not re.compile(r"Some \d").match(sentence, start)):
        named = re.compile(rf"(?:Its|His|Her|Their) [^,;:“”\"]{{3,60}}, ({NAME}),(?: \d\d,)? (?=[a-z])").match(
            sentence, start
        )
        if named and is_person(named[1]):
            return _predicate(sentence, named[1], named.start(1), named.end(), source)
        return None
    named = re.compile(rf"[^,;:“”\"]{{3,80}}, ({NAME}),(?: \d\d,)? (?=[a-z])").match(sentence, start)
    role = sentence[start : named.start(1) - 2] if named else ""
    if named and is_person(named[1]) and not re.search(r" (?:and|to|by|with) ", role) and PERSON.search(head_of(role)):
        return _predicate(sentence, named[1], named.start(1), named.end(), source)
    aside = re.compile(r"([^,;:“”\"]{3,60})(?:, (?:[^,;:“”\"()]{3,80}|\d\d),) (?=[a-z])").match(sentence, start)
    if aside and PHRASE.fullmatch(aside[1]) and not verbs_in(aside[1]):
        return _predicate(sentence, aside[1], start, aside.end(), source)
    for match in re.compile(r" (?=[a-z]+\b)").finditer(sentence, start, min(stop, start + 90)):
        word = re.compile(r"[a-z]+").match(sentence, match.end())
        if word and (clause := _predicate(sentence, sentence[start : match.start()], start, match.end(), source)):
            return clause
        if word and _finite(word[0]) and not present(word[0]):
            return None
        if word and known(word[0]) and is_several(sentence[start : match.start()]):
            return None
    return None


def _predicate(sentence: str, subject: str, at: int, verb_at: int, source: str) -> Clause | None:
    """The clause with this subject whose verb begins at `verb_at`; None where there is no finite verb."""
    match = re.compile(r"([a-z]+)(?: |(?=\.))").match(sentence, verb_at)
    if not match or not PHRASE.fullmatch(subject):
        return None
    verb = match[1]
    time = None
    if timed := re.fullmatch(rf"(.+?) ({TIME})", subject):
        subject, time = timed[1], (at + timed.start(2), at + timed.end(2))
    several = is_several(subject)
    rest = sentence[match.end() : end_of(sentence, match.end())]
    if past(verb) == verb and re.search(TAKEN, rest) and any(present(word) for word in re.findall(TAKEN, rest)):
        return None
    if (
        past(verb) == verb
        and re.match(r"(?:to (?:an?|the)|by|from|in|at|on|with|for) ", rest)
        and verbs_in(HANGING.split(rest)[0])
    ):
        return None
    later = verbs_in((SUBORDINATE if present(verb) or known(verb) else CONNECTING).split(rest)[0])
    if (
        re.search(rf"{TIME}|\b(?:according|including|part|most)\b", subject)
        or subject in ("The", "A", "An")  # "The injured were ..."
        or rest.startswith("of ")
        or FAINT.match(subject.lower())
    ):
        return None
    if verb in HAVE and not is_done(rest) and not re.match(rf"(?:an?|the|no|some|more|about|nearly)\b|{COUNT}\b", rest):
        return None
    if not _finite(verb) and not (several and known(verb)):
        return None
    if verb not in HELPERS and later and not (present(later[0]) and past(verb) == verb):
        return None
    if present(verb) and several:
        return None
    if (begun := _begun(subject)) is None:
        return None
    subject, moved = begun
    return Clause(sentence, subject, at + moved, verb, rest.rstrip(), match.end(), source, several, time)


def end_of(sentence: str, start: int) -> int:
    """Where a rest ends that begins at `start`: at a pause, or before "and" with another verb."""
    pause = BREAK.search(sentence, start)
    stop = pause.start() if pause else len(sentence)
    for match in re.compile(r" (?:and|but|or) (?:[a-z]+ly |so |then |also )?([a-z]+)\b").finditer(
        sentence, start, stop
    ):
        if re.search(r"\bto [a-z]+$", sentence[start : match.start()]):
            continue
        if match[1] in HELPERS or base(match[1]) or (present(match[1]) and match[1] not in NOUNS):
            return match.start()
    return stop


def is_several(subject: str) -> bool:
    """Whether a subject is plural."""
    return " and " in _outer(subject) or bool(PLURAL.search(head_of(subject)))


def _outer(subject: str) -> str:
    """A subject without what hangs on its head; "and" of that does not count."""
    return (
        subject
        if not re.search(r" (?:of|in|at|for|on|between|from|with|to|over|against|near|outside) ", subject)
        else ""
    )


def _begun(subject: str) -> tuple[str, int] | None:
    """A subject as it stands within a question, and how many characters of its beginning were left off."""
    first = subject.split()[0]
    if first in NO_SUBJECT and not re.match(r"Some \d", subject):
        return None
    role = re.fullmatch(rf"(?:[A-Z]?[a-z]+ ){{0,2}}[a-z]+ ({NAME})", subject)
    if role and is_person(role[1]) and not re.match(r"(?:[Tt]he|[Aa]n?) ", subject):
        before = subject[: role.start(1)].split()[-1]
        if before in HANGS or before.endswith("ing"):  # "Relatives of John Marsh", "Lawyers representing John Marsh"
            return None
        if before not in ("and", "or"):
            return role[1], role.start(1)
    if first in ("The", "A", "An") or first in PLURALS:
        return first.lower() + subject[len(first) :], 0
    if first[0].isupper() or first in ("the", "a", "an") or first[0].isdigit():
        return subject, 0
    return None


def head_of(subject: str) -> str:
    return re.split(r" (?:of|in|at|for|on|between|from|with|to|over|against|near|outside) ", subject)[0].split()[-1]


def _finite(word: str) -> bool:
    return word in HELPERS or past(word) == word or present(word) is not None


def verbs_in(text: str) -> list[str]:
    """The words of a text that may be a finite verb."""
    return [word for word in re.findall(r"\b[a-z]+\b", text) if word in HELPERS or past(word) == word]


def is_done(rest: str) -> bool:
    """Whether the rest after "has" begins with a participle."""
    words = [word for word in rest.split()[:3] if not word.endswith("ly") and word not in ("not", "also", "so", "far")]
    return bool(words) and (base(words[0].strip(".,")) is not None or words[0].endswith("ed"))
