"""Sentence patterns that become questions: a rule finds its pattern in a sentence and says where the answer stands.

A rule would rather miss a question than make an ungrammatical one. It reads English news and prose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from qa.verbs import base, past

Made = tuple[str, tuple[int, int]]  # a question, and where its answer stands in the sentence
Rule = Callable[[str], Iterator[Made]]

LONGEST, SHORTEST = 16, 3  # words of a question

TITLE = (
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Capt|Lt|Sgt|Adm|Maj|Brig|Cmdr|Cpl|Gov|Sen|Rep|Rev|Cllr|Sir|Dame|Lady|Lord)\.? |"
    r"(?:Major )?(?:Professor|"
    r"Judge|Justice|President|Mayor|Minister|Sister|Bishop|Commodore|Captain|General|Colonel|Sheriff|Councillor|Senator|"
    r"Governor|Ambassador|Secretary|Chancellor|Inspector|Sergeant|Major) )"
)
CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w’]{0,40}(?:['’]\w+)?(?:-\w+)*(?<!['’]s)"
INITIAL = r"[A-Z]\.(?: [A-Z]\.){0,3}"
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
    r"County|Township|Airport|Avenue|Father|Government|From|With|By|Of|Under|Last|One|Two|Three|Some|Many|Most|All|Both|Now|Then|So|If|While|Our|Their|U)\b"
)
LEANING = re.compile(  # on what was said before; or what no short question should hold
    r"\b(?:he|she|it|they|them|him|her|hers|his|its|their|theirs|this|these|those|that|here|there|i|we|you|us|our|my|"
    r"your|who|which|whom|whose|what|where|when|while|if|so|then|also|too|again|both|one|ones|other|another|others|"
    r"such|same|previous|former|latter|said|says|ago|yesterday|today|tomorrow|now|yet|still|since|later|earlier|next|last|just|"
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
    r"(?!(?:the|an?|every|each|is|are|was|were|be|been|has|have|had|do|does|did|will|would|can|could|may|might|must|shall|should|and|or|but|"
    r"not|of|in|on|at|to|for|from|by|with|that|who|which|as|than|into|over|after|before|within|during|among|under|against|near|through|without|until|when|while|said|says|it|its|"
    r"his|her|their|they|he|she|also|still|never|now|then|already|since|alone|itself|together|once|soon|two|three|remaining|known|[a-z]+ly)\b)"
)
NOUNS = rf"(?:{NO_NOUN}[a-z][\w'’-]* ){{0,2}}{NO_NOUN}[a-z][\w’-]+"
NUMBER = r"(?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
COUNT = rf"(?:(?:about |around |nearly |almost |some |more than |at least )?{NUMBER})"
COUNTED = rf"(?:{NO_NOUN}[a-z][a-z-]+ )?(?:{NO_NOUN}[a-z-]+(?<!s)s|people|children|men|women)"
UNCOUNTED = re.compile(
    r"\b(?:percent|percentage|per|euros|dollars|crowns|pounds|francs|kroner|florins|points|times|others|series|votes|"
    r"million|billion|members)\b"
)
AMOUNT = (
    r"(?:(?:about |around |nearly |some |almost |more than |less than )?"
    r"(?:[$£€]\s?\d(?:[\d.,]*\d)?(?:m|bn|k)?(?: (?:million|billion))?(?!\w)|"
    r"\d[\d.,]*(?: (?:million|billion))? (?:euros|crowns|dollars|pounds|francs|kroner|florins)))"
)
SPEECH = r"(?:[“\"]|^)[^“”\"]{25,300}[”\"]"  # a sentence may begin within a quotation
TRADES = (
    r"Herder|Fisherman|Schoolteacher|Teacher|Farmer|Nurse|Incumbent|Skipper|Lawyer|Midwife|Driver|Resident|Researcher|"
    r"Engineer|Student|Retired|Former|Ranger|Shopkeeper|Baker|Historian|Pensioner|Motorist"
)
SURNAME = rf"(?<![Tt]he )(?!(?:Mrs?|Ms|Dr|Prof|Local|Officials)\b){CAPITAL}(?=[,.;]|$| sa)"
SAYS = r"(?:said|says|told reporters|told the \w+)"
HEADS = (
    r"(?:\w*(?:er|or|ist|ian|ant|eer|yst|man|woman)|chief|head|chair|nurse|clerk|coach|cook|judge|guard|secretary|"
    r"guide|mayor|pilot|captain|consul|general|"
    r"colleague|counterpart|friend|wife|husband|cousin|neighbou?r|"
    r"poet|deputy|monk|priest|bishop|envoy|colonel|champion|chief executive|"
    r"mother|father|sister|brother|daughter|son|uncle|aunt|midwife|economist|official|president|superintendent|student)"
)
FIRM = re.compile(
    r"\b(?:A[SG]|ASA|KC|SA|GmbH|Lines|Industries|Ventures|Mutual|Biosciences|Navy|Army|Engineering|List)$"
)
UNSAID = frozenset({"said", "its", "his", "her", "their", "whose", "when", "where", "according", "if", "and", "but"})
PAST_ROLE = r"\b(?:late|former|ex|then|died|retired|killed)\b"
PERSON = re.compile(rf"\b{HEADS}$")
ROLE = r"(?:an?|the) [a-z][^,;:.“”\"()—–]{3,60}"
ENDS = r"(?=,(?! ?\d)|;|\.[”\"]?$|$)"  # of a clause
MEMBER = r"(?: (?:in|on|at|for|to|from|with|over|during|across|after|before) )"
SPEAKER = re.compile(
    rf"(?P<first>{NAME}|{SURNAME})(?:, {ROLE},)? {SAYS}|{SAYS} (?:[a-z’' -]{{0,40}} )?(?P<later>{NAME}|{SURNAME})"
)
ACTING = re.compile(  # bodies that are asked for with "who"
    r"\b(?i:council|ministry|bank|company|committee|union|court|department|agency|party|government|foundation|university|"
    r"navy|army|police|group|club|team|association|board|jury|parliament|senate|firm|city|state|country|bureau|authority|"
    r"minister|president|mayor|governor|director|manager|officer|leader|owner|driver|teacher|senator|doctor|professor|"
    r"lawyer|commander|speaker|\w{3,}(?:gist|clist|mist|tist|lyst))\b"
)
DATELINE = re.compile(r"[A-ZÀ-Þ][A-ZÀ-Þ’' -]{2,30}\b.{0,45}?(?: (?:—|–|-|--) )")
DANGLING = frozenset({"and", "or", "of", "the", "a", "to", "with", "from", "by", "between", "each", "complete"})


def who_verbs(sentence: str) -> Iterator[Made]:
    """ "Ilse Marovec, who leads the excavation, ..." -> "Who leads the excavation?" """
    for match in re.finditer(rf"({NAME}), (?:{ROLE}, )?who ([a-z]+) ((?:(?! and )[^,.;:])+){ENDS}", sentence):
        verb = match[2]
        if not is_person(match[1]) or VAGUE.search(match[3]) or re.fullmatch(r"[\d,.]+", match[3]):
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


def who_is(sentence: str) -> Iterator[Made]:
    """ "Dalia Brenner, a former crop scientist, ..." -> "Who is Dalia Brenner?" """
    role = rf"{ROLE}|(?:{NO_NOUN}[a-z-]+ ){{0,3}}{NO_NOUN}[a-z-]+ (?:at|for|of) [^,;:.“”\"()—–]{{3,60}}"
    for match in re.finditer(rf"({NAME}), (?:\d\d, )?({role}){ENDS}", sentence):
        head = re.split(r" (?:of|at|for|in|from|who|with|on|to|and|whose|since|by) ", match[2])[0]
        if match[2].startswith("the ") and len(match[2].split()) < 3:
            continue
        if re.search(r"\bdied\b|\blate\b", sentence) or re.search(r" and (?:two|three|four|five|six|\d)", match[2]):
            continue  # the dead; a list
        if is_person(match[1]) and PERSON.search(head):
            yield f"Who is {match[1]}?", match.span(2)


def who_is_of(sentence: str) -> Iterator[Made]:
    """ "The head of the Dunmore Museum, Ada Holm, left." -> "Who is the head of the Dunmore Museum?" """
    role = rf"(?:the )?(?:(?!his|her|its|an?\b)[a-z]+ ){{0,2}}{HEADS} (?:of|for) [^,;:.“”\"()]*[A-Z][^,;:.“”\"()]*"
    for match in re.finditer(
        rf"\b((?:[Tt]he )(?:[A-Z]?[a-z]+ ){{0,3}}?{HEADS} (?:of|for) (?:the )?[A-Z][^,;:.“”\"()]*), ({NAME}),", sentence
    ):
        if is_person(match[2]) and not re.search(PAST_ROLE, match[1] + sentence):
            yield f"Who is {lowered(match[1])}?", match.span(2)
    for match in re.finditer(rf"({NAME}), ({role})(?=,|\.[”\"]?$|$)", sentence):
        if (
            is_person(match[1])
            and not re.search(PAST_ROLE, sentence)
            and " and " not in match[2]
            and " who " not in match[2]
        ):
            yield f"Who is {match[2] if match[2].startswith('the ') else 'the ' + match[2]}?", match.span(1)


def who_is_from(sentence: str) -> Iterator[Made]:
    """ "A judge in Honolulu, Ada Holm, agreed." -> "Who is Ada Holm?"; "said guild secretary Ada Holm" likewise."""
    for match in re.finditer(
        rf"(?:^|(?<=[ .]))(?<!of )(?<!for )([Aa]n? (?:(?:[A-Z][a-z-]+|{NO_NOUN}[a-z-]+) ){{0,3}}{HEADS}"
        rf"(?: (?:of|at|in|for|from) [^,;:.“”\"()]+)?), ({NAME}),",
        sentence,
    ):
        if is_person(match[2]) and len(match[1].split()) > 2 and not re.search(PAST_ROLE, sentence):
            yield f"Who is {match[2]}?", match.span(1)
    for match in re.finditer(
        r"(?:^|(?<=[,”\"] )|(?<= said )|(?<= and ))(?!said |says |and |but )"
        rf"((?:[A-Z]?[a-z-]+ ){{0,2}}{HEADS}) ({NAME})(?=[,.]| [a-z]+)",
        sentence,
    ):
        role = match[1].split()
        if match[1].istitle() and not re.search(
            r"(?:Minister|President|Speaker|Secretary|Officer|Commissioner)$", match[1]
        ):
            continue
        if (len(role) == 1 and (match[1][0].isupper() or len(match[1]) < 6)) or "Professor" in match[1]:
            continue
        titled = match[1] == match[1].title() and re.match(
            r"[A-Z][a-z]+(?:an|ese|ish|ic|ch|ss) |Deputy Director", match[1]
        )
        if (
            titled
            or re.match(r"General |Major ", match[2])
            or not re.fullmatch(rf"(?:[A-Z][a-z-]+|{NO_NOUN}[a-z-]+)(?: {NO_NOUN}[A-Za-z-]+)*", match[1])
        ):
            continue
        if is_person(match[2]) and role[0].lower() not in UNSAID and not re.search(PAST_ROLE, sentence):
            yield f"Who is {match[2]}?", match.span(1)


def who_is_minister(sentence: str) -> Iterator[Made]:
    """ "Finnish Defence Minister Ada Holm agreed." -> "Who is the Finnish defence minister?" """
    office = (
        r"(?:(?:Deputy|Prime|Foreign|Defen[cs]e|Interior|Health|Finance|"
        r"Justice|Trade|Transport|Agriculture|Energy|Environment|Education) )*"
        r"(?:Minister|President|Ambassador|Chancellor|Premier)"
    )
    people = r"[A-Z][a-z]+(?:an|ian|ese|ish|ic|ch|ss|ine|li)"
    for match in re.finditer(
        rf"(?<!former )(?<!Former )(?<!South )(?<!North )"
        rf"\b((?:South |North )?{people}) ({office}) ({CAPITAL}(?: {CAPITAL}){{1,2}})(?! [A-Z]|['’]s)",
        sentence,
    ):
        if is_person(match[3]):
            yield f"Who is the {match[1]} {match[2].lower()}?", match.span(3)


def how_old(sentence: str) -> Iterator[Made]:
    """ "Tobias Renner, 46, came upon the vessel." -> "How old is Tobias Renner?" """
    if re.search(r"\b(?:died|killed|dead|late|drowned|then)\b", sentence):
        return
    name = rf"(?:(?:{TRADES}) )?({NAME})"
    for match in re.finditer(rf"(?:{name}|(?:^|(?<=said )|(?<=says ))({SURNAME})), (?:who is |now )?(\d\d),", sentence):
        if is_person(match[1] or match[2]):
            yield f"How old is {match[1] or match[2]}?", match.span(3)
    for match in re.finditer(rf"\b(\d\d)-year-old (?:[a-z]+ ){{0,2}}({NAME})|({NAME}), an? (\d\d)-year-old", sentence):
        if is_person(match[2] or match[3]):
            yield f"How old is {match[2] or match[3]}?", match.span(1 if match[2] else 4)


def who_is_the(sentence: str) -> Iterator[Made]:
    """ "..., said Joaquim Teles, the observatory's site manager." -> "Who is the observatory's site manager?" """
    for match in re.finditer(
        rf"({NAME}), (?:\d\d, )?([Tt]he [a-z][a-z’'-]*s['’]?s? (?:[a-z-]+ ){{0,2}}{HEADS}){ENDS}", sentence
    ):
        if is_person(match[1]):
            yield f"Who is {lowered(match[2])}?", match.span(1)


PHRASES: tuple[Rule, ...] = (
    *(who_made, who_holds, who_is_of, who_is_minister, what_said),
    *(who_is_the, who_is, who_is_from, how_old),
)


def readable(question: str) -> bool:
    """Whether a question is short, and leans on nothing that was said before it."""
    words = question.rstrip("?").split()
    if (
        words[-1] in DANGLING
        or (words[0] == "Who" and words[-1] in ("for", "as"))
        or re.search(r" (?:of|by|for|from) [a-z]+ing\??$", question)
    ):
        return False
    asked = 2 if words[0] in ("Who", "Since") else 1  # words of the question itself
    text = re.sub(r"(?:, according to .+)?$", "", " ".join(words[asked:]))
    if words[0] != "Who" and re.match(
        r"(?:[a-z]+ )?(?:[a-z]+ ){0,3}?(?:did|does|do|will|was|were|is|are|has|have)\b", text
    ):
        text = re.sub(r"(?<=\w )(?:its|their|his|her)(?= [a-z])", "", text)  # the subject's, which stands before
    return SHORTEST <= len(text.split()) + asked <= LONGEST and not LEANING.search(text)


def proper(text: str) -> frozenset[str]:
    """The words of a text that begin with a capital in the middle of a sentence: names, as far as one can tell."""
    # at a sentence's beginning, too
    introduced = re.findall(rf"({NAME}), (?:\d\d,|{ROLE})", text) + re.findall(
        rf"{TITLE}{CAPITAL}(?: {CAPITAL})?", text
    )
    owners = re.findall(rf"({CAPITAL}(?: {CAPITAL})?)['’]s [a-z]", text)
    names = re.findall(rf"(?<=[\w,;] )({CAPITAL})", text)
    return frozenset([*names, *re.findall(CAPITAL, " ".join(introduced + owners))]) - {"Yesterday", "Today", "Nobody"}


def named(question: str, known: frozenset[str]) -> bool:
    """Whether every word with a capital, after the first word, is a known name: "Officials" of a beginning is none."""
    return all(word in known for word in re.findall(rf"(?<= )({CAPITAL})", question))


def lowered(subject: str) -> str:
    return "the" + subject[3:] if subject.startswith("The ") else subject


def is_person(name: str) -> bool:
    return NO_PERSON.search(name) is None and FIRM.search(name) is None
