"""Sentence patterns that become questions: a rule finds its pattern in a sentence and says where the answer stands.

A rule would rather miss a question than make an ungrammatical one. It reads English news and prose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from qa.verbs import base, past, present

Made = tuple[str, tuple[int, int]]  # a question, and where its answer stands in the sentence
Rule = Callable[[str], Iterator[Made]]

LONGEST, SHORTEST = 12, 3  # words of a question

TITLE = (
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Capt|Lt|Sgt|Gov|Sen|Rep|Rev|Cllr|Sir|Dame|Lady|Lord)\.? |(?:Major )?(?:Professor|"
    r"Judge|Justice|President|Mayor|Minister|Sister|Bishop|Commodore|Captain|General|Colonel|Sheriff|Councillor|Senator|"
    r"Governor|Ambassador|Secretary|Chancellor|Inspector|Sergeant|Major) )"
)
CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w’]*(?:['’]\w+)?(?:-[A-Z]\w+)*(?<!['’]s)"
INITIAL = r"[A-Z]\.(?: [A-Z]\.)*"
NAME = (
    rf"(?:[A-Z]\w+ )?{TITLE}{{0,2}}(?:{CAPITAL}|{INITIAL})(?: (?:van der|van|de la|de|von|del|bin|al|di|du|ter))?"
    rf"(?: (?:{CAPITAL}|{INITIAL})){{1,2}}(?! [A-Z]|['’]s|-)"
)
NO_PERSON = re.compile(
    r"\b(?:University|Institute|Court|Street|Road|Park|Committee|Department|Ministry|Council|Trust|Foundation|Health|"
    r"Association|Bank|Company|River|Lake|City|Port|Islands?|Times|News|Party|House|Hall|School|Hospital|Museum|Forest|"
    r"North|South|East|West|New|United|Saint|Mount|Valley|Bay|Bridge|Act|Prize|Cup|League|Union|Society|Board|Data|"
    r"January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|"
    r"Thursday|Friday|Saturday|Sunday|Jan|Feb|Sept|Oct|Nov|Dec|The|A|An|In|On|At|But|And|It|He|She|Its|His|Her|Our|"
    r"This|That|When|After|Before|For|Not|No|Inc|Ltd|Group|Agency|Office|Station|Line|Route|Team|Club|Festival|As|To|"
    r"Government|From|With|By|Of|Under|Last|One|Two|Three|Some|Many|Most|All|Both|Now|Then|So|If|While|Our|Their|U)\b"
)
LEANING = re.compile(  # on what was said before; or what no short question should hold
    r"\b(?:he|she|it|they|them|him|her|hers|his|its|their|theirs|this|these|those|that|here|there|i|we|you|us|our|my|"
    r"your|who|which|whom|whose|what|where|when|while|if|so|then|also|too|again|both|one|ones|other|another|others|"
    r"such|same|former|latter|said|says|ago|yesterday|today|tomorrow|now|yet|still|since|later|earlier|next|last|just|"
    r"but|however|himself|herself|itself|themselves|not|never|already|once|more|first|second|third|only|even|as|because|than)\b|"
    r"[\"“”„«»‘()\[\]:;…?!—–]|'(?!s )|\.(?= (?-i:[a-z])|$)",
    re.I,
)
MONTH = (
    r"(?:Jan(?:uary|\.)|Feb(?:ruary|\.)|March|April|May|June|July|Aug(?:ust|\.)|Sept(?:ember|\.)|Oct(?:ober|\.)|"
    r"Nov(?:ember|\.)|Dec(?:ember|\.))"
)
DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?: (?:morning|afternoon|evening|night))?"
DATE = (
    rf"(?:[Oo]n (?:{DAY}|{MONTH} \d{{1,2}}(?:, \d{{4}})?|\d{{1,2}} {MONTH}(?: \d{{4}})?)|"
    rf"[Ii]n (?:{MONTH}(?: \d{{4}})?|1\d{{3}}|20\d\d)\b)"
)
VAGUE = re.compile(rf"^from\b|\btimes\b|\bwithin\b|\bhours?\b|\bminutes?\b|{DATE}")  # a rest that says too little
NO_NOUN = (
    r"(?!(?:is|are|was|were|be|been|has|have|had|do|does|did|will|would|can|could|may|might|must|shall|should|and|or|but|"
    r"not|of|in|on|at|to|for|from|by|with|that|who|which|as|than|into|over|after|before|when|while|said|says|it|its|"
    r"his|her|their|they|he|she|also|still|never|now|then|already|since|alone|itself|together|once|soon|two|three|remaining|known|[a-z]+ly)\b)"
)
NOUNS = rf"(?:{NO_NOUN}[a-z][\w'’-]* ){{0,2}}{NO_NOUN}[a-z][\w’-]+"
OF = rf"(?: of (?:the )?(?:{CAPITAL}(?: {CAPITAL})?|{NO_NOUN}[a-z-]+))?"
SUBJECT = rf"(?:[Tt]he (?:{CAPITAL} )?{NOUNS}{OF}|(?:{CAPITAL} )?{CAPITAL}['’]s {NOUNS}|{NAME}|{CAPITAL}(?= [a-z]))"
NUMBER = r"(?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
COUNT = rf"(?:(?:about |around |nearly |almost |some |more than |at least )?{NUMBER})"
COUNTED = rf"(?:{NO_NOUN}[a-z][a-z-]+ )?(?:{NO_NOUN}[a-z-]+(?<!s)s|people|children|men|women)"
UNCOUNTED = re.compile(
    r"\b(?:percent|percentage|per|euros|dollars|crowns|pounds|francs|kroner|florins|points|times|others|series|votes|"
    r"million|billion|members)\b"
)
AMOUNT = (
    r"(?:(?:about |around |nearly |some |almost |more than |less than )?"
    r"(?:[$£€]\s?\d(?:[\d.,]*\d)?(?: (?:million|billion))?|"
    r"\d[\d.,]*(?: (?:million|billion))? (?:euros|crowns|dollars|pounds|francs|kroner|florins)))"
)
SPEECH = r"(?:[“\"]|^)[^“”\"]{25,300}[”\"]"  # a sentence may begin within a quotation
SURNAME = rf"(?<![Tt]he )(?!(?:Mrs?|Ms|Dr|Prof|Local|Officials)\b){CAPITAL}(?=[,.;]|$| sa)"
SAYS = r"(?:said|says|told reporters|told the \w+)"
HEADS = (
    r"(?:\w*(?:er|or|ist|ian|ant|eer|yst|man|woman)|chief|head|chair|nurse|clerk|coach|cook|judge|guard|secretary|"
    r"guide|mayor|pilot|poet|deputy|monk|priest|bishop|envoy|colonel|champion|chief executive|"
    r"mother|father|sister|brother|daughter|son|uncle|aunt|midwife|economist|official|president|superintendent|student)"
)
FIRM = re.compile(
    r"\b(?:A[SG]|ASA|KC|SA|GmbH|Lines|Industries|Ventures|Mutual|Biosciences|Navy|Army|Engineering|List)$"
)
PERSON = re.compile(rf"\b{HEADS}$")
ROLE = r"(?:an?|the) [a-z][^,;:.“”\"()—–]{3,60}"
REST = r"[^,.;:]+?"
ENDS = r"(?=,(?! ?\d)|;|\.[”\"]?$|$)"  # of a clause
MEMBER = r"(?: (?:in|on|at|for|to|from|with|over|during|across|after|before) )"
ASIDE = r"(?:, [^,;:.“”\"()]{3,60},)?"  # between a subject and its verb
SPEAKER = re.compile(
    rf"(?P<first>{NAME}|{SURNAME})(?:, {ROLE},)? {SAYS}|{SAYS} (?:[a-z’' -]{{0,40}} )?(?P<later>{NAME}|{SURNAME})"
)
STATED = re.compile(
    rf"(?:^|(?<=\. ))(?P<first>{NAME}|{CAPITAL})(?:, {ROLE},)? (?:said|told reporters) (?:that )?"
    rf"(?P<stated>{SUBJECT} [^,.;:]+){ENDS}|"
    rf"^(?P<before>{SUBJECT} [^,.;:]+), (?:said (?:[a-z’' -]{{0,40}} )?(?P<later>{NAME}|{SURNAME})|"
    rf"(?P<last>{NAME}|{SURNAME}) said)(?=[.,])"
)
ACTOR = rf"(?:{NAME}|The {NOUNS}{OF}|The {CAPITAL}(?: {CAPITAL})*|{CAPITAL})"
ACTING = re.compile(  # bodies that are asked for with "who"
    r"\b(?i:council|ministry|bank|company|committee|union|court|department|agency|party|government|foundation|university|"
    r"navy|army|police|group|club|team|association|board|jury|parliament|senate|firm|city|state|country|bureau|authority|"
    r"minister|president|mayor|governor|director|manager|officer|leader|owner|driver|teacher|senator|doctor|professor|"
    r"lawyer|commander|speaker|\w{3,}(?:gist|clist|mist|tist|lyst))\b"
)
OBJECT = rf"(?:(?:the|an?|about|nearly|almost|some|more than|at least|{NUMBER}|[$£€][\d.,]+|{CAPITAL}|[a-z]+s)\b)"
FINITE = re.compile(r"\b(?:is|was|are|were|has|have|had|will|would|could|can|may|might|did|does|do|said|says)\b")
NO_DEED = frozenset({"be", "die", "say", "tell", "have", "do"})
DATELINE = re.compile(r"[A-ZÀ-Þ][A-ZÀ-Þ’' -]{2,30}\b.{0,45}?(?: (?:—|–|-|--) )")
LIGHT = frozenset({"be", "do", "have", "say", "tell", "spend", "put", "give", "set", "call", "make", "take", "get"})
DANGLING = frozenset({"and", "or", "of", "the", "a", "to", "with", "from", "by", "between", "each", "complete"})
CLAUSE = re.compile(r"; |, (?:and|but) ")
HAVE = {"has": "does", "have": "do", "had": "did"}


def who_verbs(sentence: str) -> Iterator[Made]:
    """ "Ilse Marovec, who leads the excavation, ..." -> "Who leads the excavation?" """
    for match in re.finditer(rf"({NAME}), (?:{ROLE}, )?who ([a-z]+) ((?:(?! and )[^,.;:])+){ENDS}", sentence):
        verb = match[2]
        if not is_person(match[1]) or VAGUE.search(match[3]):
            continue
        if base(verb) not in (None, "be", "die", "take", "live") or re.fullmatch(r"(?!is|was|has|does)\w{3,}s", verb):
            yield f"Who {verb} {match[3]}?", match.span(1)


def who_made(sentence: str) -> Iterator[Made]:
    """ "The study, led by Achieng Otuoma, ..." -> "Who led the study?" """
    for match in re.finditer(rf"\b([Tt]he|[Aa]n?) ({NOUNS}),? (?:was |were )?([a-z]+) by ({NAME})", sentence):
        if (verb := past(match[3])) and is_person(match[4]):
            yield f"Who {verb} the {match[2]}?", match.span(4)


def who_holds(sentence: str) -> Iterator[Made]:
    """ "Lumenet's founder, Viktor Aslan, will leave." -> "Who is Lumenet's founder?" """
    owner = (
        rf"(?:[Tt]he (?:{NO_NOUN}[a-z][\w-]* ){{0,2}}{NO_NOUN}[a-z-]+['’]s|(?:[Tt]he )?(?:{CAPITAL} )?{CAPITAL}['’]s)"
    )
    for match in re.finditer(rf"(?<!& )\b({owner} (?:[a-z-]+ ){{0,2}}{HEADS}), ({NAME}),", sentence):
        if is_person(match[2]) and (match[1].startswith(("The ", "the ")) or is_person(match[1])):
            yield f"Who is {lowered(match[1])}?", match.span(2)


def how_many(sentence: str) -> Iterator[Made]:
    """ "The festival sold 68,000 tickets." -> "How many tickets did the festival sell?" """
    for at in clauses(sentence):
        after = rf"(?={MEMBER}|[,;]|\.[”\"]?$)"
        if match := re.compile(rf"({SUBJECT}){ASIDE} ([a-z]+) ({COUNT}) ({COUNTED}){after}").match(sentence, at):
            subject, verb = lowered(match[1]), match[2]
            helper, plain = (HAVE[verb], "have") if verb in HAVE else asked(verb)
            if plain not in (None, "be") and not UNCOUNTED.search(match[4]):
                yield f"How many {match[4]} {helper} {subject} {plain}?", match.span(3)
        match = re.compile(rf"((?i:{COUNT})) ({COUNTED}) ([a-z]+) ({REST}){ENDS}").match(sentence, at)
        known = match and (base(match[3]) or match[3] in ("have", "are", "will"))
        if match and known and not UNCOUNTED.search(match[2]) and " and " not in match[4]:
            yield f"How many {match[2]} {match[3]} {match[4]}?", match.span(1)


def how_much(sentence: str) -> Iterator[Made]:
    """ "The mission costs $388 million." -> "How much does the mission cost?" """
    verbs = "costs?|raised|received|spent|earned|lost|paid|won"
    for at in clauses(sentence):
        if match := re.compile(rf"({SUBJECT}){ASIDE} (has |have )?({verbs}) ({AMOUNT})").match(sentence, at):
            subject, has, verb, _ = match.groups()
            helper = has.strip() if has else "does" if verb == "costs" else "did"
            yield f"How much {helper} {lowered(subject)} {verb if has else base(verb) or 'cost'}?", match.span(4)


def why(sentence: str) -> Iterator[Made]:
    """ "The talks failed because ..." -> "Why did the talks fail?" """
    for at in clauses(sentence):
        match = re.compile(rf"({SUBJECT}){ASIDE} ([a-z]+) ({REST}),? (because [^.;:]+)").match(sentence, at)
        if match and match[2] not in ("said", "told") and (turned := inverted(*match.group(1, 2, 3))):
            yield f"Why {turned}?", match.span(4)


def when(sentence: str) -> Iterator[Made]:
    """ "The bridge was opened in 1934." -> "When was the bridge opened?" """
    for at in clauses(sentence):
        match = re.compile(rf"({SUBJECT}){ASIDE} ([a-z]+) ([^,.;:]*?)\s?\b({DATE}){ENDS}").match(sentence, at)
        if match and not VAGUE.search(match[3]) and (turned := inverted(*match.group(1, 2, 3))):
            yield f"When {turned}?", match.span(4)
        match = re.compile(rf"({DATE}),? ({SUBJECT}){ASIDE} ([a-z]+) ({REST}){ENDS}").match(sentence, at)
        if match and not VAGUE.search(match[4]) and (turned := inverted(*match.group(2, 3, 4))):
            yield f"When {turned}?", match.span(1)


def where(sentence: str) -> Iterator[Made]:
    """ "The next session will be held in Havnberg." -> "Where will the next session be held?" """
    place = rf"((?:in|at|near) (?:the )?{CAPITAL}(?: {CAPITAL})*)"
    for at in clauses(sentence):
        match = re.compile(rf"({SUBJECT}){ASIDE} (was|were|is|are|will be) ([a-z]+) {place}{ENDS}").match(sentence, at)
        if match and past(match[3]) and not re.search(DATE, match[4]):
            verb, _, be = match[2].partition(" ")
            yield f"Where {verb} {lowered(match[1])} {be + ' ' if be else ''}{match[3]}?", match.span(4)


def what_said(sentence: str) -> Iterator[Made]:
    """ "“We lost a wheel,” said Amara Dosunmu." -> "What did Amara Dosunmu say?" """
    speaker = rf"(?:[a-z’' -]{{0,40}} )?({NAME}|{SURNAME})"
    for match in re.finditer(rf"({SPEECH}),? (?:{speaker}(?:, {ROLE},)? {SAYS}|{SAYS} {speaker})", sentence):
        name = match[2] or match[3]
        if is_person(name):
            yield f"What did {name} say?", match.span(1)
    for match in re.finditer(rf"({NAME}|{SURNAME})(?:, {ROLE},)? {SAYS}[,:] ({SPEECH})", sentence):
        if is_person(match[1]):
            yield f"What did {match[1]} say?", match.span(2)


def who_said(sentence: str) -> Iterator[Made]:
    """ "The army would repair the ditches, Akbar said." -> "Who said the army would repair the ditches?" """
    for match in STATED.finditer(sentence):
        speaker = next(name for name in ("first", "later", "last") if match[name])
        if is_person(match[speaker]) and len((stated := match["stated"] or match["before"]).split()) > 3:
            yield f"Who said {lowered(stated)}?", match.span(speaker)


def where_did(sentence: str) -> Iterator[Made]:
    """ "The trawler sank near Cape Dor." -> "Where did the trawler sink?" """
    place = rf"((?:in|at|near) (?:the )?{CAPITAL}(?: {CAPITAL})*)"
    for at in clauses(sentence):
        match = re.compile(rf"({SUBJECT}){ASIDE} ([a-z]+) {place}").match(sentence, at)
        helper, plain = asked(match[2]) if match else ("", None)
        if match and plain not in (None, "be", "have") and not re.search(DATE, match[3]):
            yield f"Where {helper} {lowered(match[1])} {plain}?", match.span(3)


def who_is(sentence: str) -> Iterator[Made]:
    """ "Dalia Brenner, a former crop scientist, ..." -> "Who is Dalia Brenner?" """
    for match in re.finditer(rf"({NAME}), (?:\d\d, )?({ROLE}){ENDS}", sentence):
        head = re.split(r" (?:of|at|for|in|from|who|with|on|to|and|whose) ", match[2])[0]
        if is_person(match[1]) and PERSON.search(head) and not re.search(r"\bdied\b|\blate\b", sentence):
            yield f"Who is {match[1]}?", match.span(2)


def how_old(sentence: str) -> Iterator[Made]:
    """ "Tobias Renner, 46, came upon the vessel." -> "How old is Tobias Renner?" """
    if match := re.search(rf"({NAME}), (?:who is )?(\d\d),", sentence):
        dead = re.search(r"\b(?:died|killed|dead|late|drowned|then)\b", sentence)
        if is_person(match[1]) and not dead:
            yield f"How old is {match[1]}?", match.span(2)


def who_is_the(sentence: str) -> Iterator[Made]:
    """ "..., said Joaquim Teles, the observatory's site manager." -> "Who is the observatory's site manager?" """
    for match in re.finditer(
        rf"({NAME}), (?:\d\d, )?([Tt]he [a-z][a-z’'-]*s['’]?s? (?:[a-z-]+ ){{0,2}}{HEADS}){ENDS}", sentence
    ):
        if is_person(match[1]):
            yield f"Who is {lowered(match[2])}?", match.span(1)


def who_did(sentence: str) -> Iterator[Made]:
    """ "Tobias Renner, 46, found the vessel in May." -> "Who found the vessel in May?" """
    for at in clauses(sentence):
        match = re.compile(rf"({NAME})(,? \d\d,|, {ROLE},)? ([a-z]+) ({REST}){ENDS}").match(sentence, at)
        known = match and (match[2] or re.match(TITLE, match[1])) and is_person(match[1])
        if match and known and base(match[3]) not in (None, "be", "die") and len(match[4].split()) > 1:
            yield f"Who {match[3]} {match[4]}?", match.span(1)


def what_did(sentence: str) -> Iterator[Made]:
    """ "The council approved the measure on Monday." -> "What did the council approve on Monday?" """
    thing = rf"((?:an?|the) {NOUNS})"
    for at in clauses(sentence):
        match = re.compile(rf"({SUBJECT}){ASIDE} ([a-z]+) {thing}((?:{MEMBER}{REST})?){ENDS}").match(sentence, at)
        helper, plain = asked(match[2]) if match else ("", None)
        if match and "rest" not in match[3] and plain not in (None, *LIGHT):
            yield f"What {helper} {lowered(match[1])} {plain}{match[4]}?", match.span(3)


def doing(persons: frozenset[str]) -> Rule:
    """The rule for who or what did something; `persons` are last names that mean one.

    "The exercise drew protests from farmers." -> "What drew protests from farmers?"
    """

    def who_or_what(sentence: str) -> Iterator[Made]:
        for at in clauses(sentence):
            match = re.compile(rf"({ACTOR})(?:, {ROLE},)? ([a-z]+) ({OBJECT}(?: {REST})?){ENDS}").match(sentence, at)
            if not match or base(match[2]) in NO_DEED or FINITE.search(match[3]):
                continue
            if base(match[2]) or match[2].endswith("ed"):
                head = match[1].partition(" of ")[0].split()[-1]
                somebody = head in persons or ACTING.search(match[1])
                if somebody or (match[1].startswith("The ") and not PERSON.search(head)):  # "recorder"
                    yield f"{'Who' if somebody else 'What'} {match[2]} {match[3]}?", match.span(1)

    return who_or_what


def persons(text: str) -> frozenset[str]:
    """The last names of those whom the text lets speak."""
    names = (match["first"] or match["later"] for match in SPEAKER.finditer(text))
    return frozenset(name.split()[-1] for name in names if is_person(name))


# the likelier to make a question worth asking first
RULES: tuple[Rule, ...] = (
    *(who_verbs, why, how_many, who_made, when, how_much, who_holds, what_said),
    *(who_said, where, where_did, who_is_the, who_did, who_is, what_did, how_old),
)


def readable(question: str) -> bool:
    """Whether a question is short, and leans on nothing that was said before it."""
    words = question.rstrip("?").split()
    if words[-1] in DANGLING:
        return False
    asked = 2 if words[:2] == ["Who", "said"] else 1  # words of the question itself
    return SHORTEST <= len(words) <= LONGEST + asked and not LEANING.search(" ".join(words[asked:]))


def proper(text: str) -> frozenset[str]:
    """The words of a text that begin with a capital in the middle of a sentence: names, as far as one can tell."""
    introduced = " ".join(re.findall(rf"({NAME}), (?:\d\d,|{ROLE})", text))  # at a sentence's beginning, too
    return frozenset([*re.findall(rf"(?<=[\w,] )({CAPITAL})", text), *re.findall(CAPITAL, introduced)])


def named(question: str, known: frozenset[str]) -> bool:
    """Whether every word with a capital, after the first word, is a known name: "Officials" of a beginning is none."""
    return all(word in known for word in re.findall(rf"(?<= )({CAPITAL})", question))


def clauses(sentence: str) -> list[int]:
    """Where a main clause may begin: with the sentence, behind a dateline, behind a semicolon or ", and"."""
    dateline = DATELINE.match(sentence)
    quoted = re.search(r"[“\"]", sentence)
    reach = quoted.start() if quoted else len(sentence)
    first = dateline.end() if dateline else 0
    return [first, *(match.end() for match in CLAUSE.finditer(sentence, first, reach))]


def inverted(subject: str, verb: str, rest: str) -> str | None:
    """Subject and verb in the order of a question: "did the talks fail", "was the bridge opened"; None: cannot tell."""
    subject, rest = lowered(subject), rest.strip()
    if verb in ("was", "were", "is", "are", "has", "have", "will", "can"):
        return f"{verb} {subject} {rest}" if rest else None
    helper, plain = asked(verb)
    return f"{helper} {subject} {plain} {rest}".rstrip() if plain else None


def asked(verb: str) -> tuple[str, str | None]:
    """The auxiliary with which a verb is asked, and its base form: "did", "open"; None where the verb is not known."""
    plain = base(verb)
    return ("does", present(verb)) if plain is None else ("did", plain)


def lowered(subject: str) -> str:
    return "the" + subject[3:] if subject.startswith("The ") else subject


def is_person(name: str) -> bool:
    return NO_PERSON.search(name) is None and FIRM.search(name) is None
