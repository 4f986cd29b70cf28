"""Rules that turn a clause of a sentence into a question, with the place of its answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.clauses import (
    BE,
    CONNECTING,
    HELPERS,
    NO_SUBJECT,
    PHRASE,
    REPORTED,
    TIME,
    clause_at,
    clauses,
    end_of,
    head_of,
    is_done,
    is_several,
    verbs_in,
    words,
)
from qa.patterns import (
    ACTING,
    AMOUNT,
    CAPITAL,
    COUNT,
    COUNTED,
    DATE,
    DATELINE,
    DAY,
    HEADS,
    MEMBER,
    MONTH,
    NAME,
    NO_NOUN,
    PERSON,
    PHRASES,
    SPEAKER,
    SURNAME,
    TITLE,
    UNCOUNTED,
    Made,
    Rule,
    is_person,
    lowered,
    who_verbs,
)
from qa.verbs import base, known, past
from qa.words import PEOPLE

LIGHT = frozenset({"be", "do", "have", "say", "tell", "spend", "put", "give", "set", "call", "make", "take", "get"})
POINTING = words("one ones other others rest same first second latter former")  # heads that name nothing
NO_DEED = frozenset({"be", "die", "say", "tell", "have", "do", "think", "believe", "want", "hope"})
PLACE = (
    r"(?:(?:in|at|near|outside|off|aboard) (?:(?:the|central|northern|southern|eastern|western) )?"
    rf"{CAPITAL}(?: {CAPITAL})*)"
)
SPAN = (
    r"(?:for )?(?:(?:about|around|nearly|almost|some|more than|at least) )?"
    r"(?:[\d.,]*\d|a|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) "
    r"(?:years?|months?|weeks?|days?|hours?|minutes?)"
)
TO_DO = words("agree decide plan promise vow pledge offer refuse decline vote hope want intend threaten propose aim")
TO_HAVE_DONE = words("urge ask order tell require force allow persuade advise invite instruct")
TREATED = r"(?:treated for|convicted of|found guilty of|accused of|charged with|fined for|arrested for|praised for)"
TO_ACCUSE = {"accuse": "of", "blame": "for", "thank": "for", "praise": "for", "criticise": "for", "criticize": "for"}
OTHERS = rf"(?:the (?:{NO_NOUN}[a-z][\w-]* ){{0,2}}{NO_NOUN}[a-z-]+|{NAME}|{CAPITAL})"
SAY = words("say tell add note announce report estimate explain call warn expect confirm")
GOING = words("die meet sink crash open begin end start happen occur land live stand work arrive collapse drown")


def when(sentence: str) -> Iterator[Made]:
    """ "The bridge was opened in 1934." -> "When was the bridge opened?" """
    for clause in clauses(sentence):
        found = list(re.finditer(TIME, clause.rest))
        if clause.plain in SAY:
            continue
        if clause.time and not found and clause.rest:
            yield clause.asks("When", clause.rest), clause.time
        if len(found) != 1 or len(re.findall(r"\b(?:19|20)\d\d\b|ago\b|since", clause.rest)) > 1:
            continue
        before, after = clause.rest[: found[0].start()].strip(), clause.rest[found[0].end() :].strip()
        if re.search(
            r"\b(?:from|until|since|by|and|or|to|after|before|than|that|who|which|every|each|early|late)$", before
        ):
            continue
        if re.search(r"\b(?:that|which|who|because|after|when|before|while|until|since|if|as)\b", before) or re.match(
            r"and|or|to \d|\d|[A-Z][a-z]+ \d", after
        ):
            continue
        words = [word for word in before.split() if word not in ("be", "been") and not word.endswith("ly")]
        if len(words) > 1 and (base(words[-1]) or words[-1].endswith("ed")):  # "a row planted in 1946"
            continue
        if clause.plain or before or after:
            yield clause.asks("When", f"{before} {_short(after, before)}"), clause.span(found[0])
    for match in re.finditer(rf"(?:^|; )({DATE}),? (?=[A-Z]|the )", sentence):
        opened = clause_at(sentence, match.end(), "")
        if opened and not re.search(rf"{TIME}|\b(?:and|since)\b", opened.rest):
            yield opened.asks("When", opened.rest), match.span(1)


def _short(after: str, before: str) -> str:
    """What follows a time, without what a question can spare."""
    if re.match(r"(?:after|before|as|when|while)\b", after):
        return ""
    return "" if before and re.match(r"(?:with|without|as|after|before|for|on|in|at|while)\b", after) else after


def where(sentence: str) -> Iterator[Made]:
    """ "The next session will be held in Havnberg." -> "Where will the next session be held?" """
    for clause in clauses(sentence):
        match = re.fullmatch(rf"(?P<before>.*?)\s?(?P<place>{PLACE})(?P<after>(?: {TIME})?)", clause.rest)
        if not match or re.search(
            rf"{TIME}|{PLACE}|\b(?:to [a-z]+|that|which|who|because|and|by|from|after)\b", match["before"]
        ):
            continue
        if re.match(rf"(?:in|at|near) (?:the )?(?:{DAY}|January|{DATE})", match["place"]) or re.search(
            rf"{TIME}$", match["place"]
        ):
            continue
        done = clause.verb in HELPERS and is_done(re.sub(r"^(?:be|been) ", "", match["before"]))
        if done or clause.plain in GOING or (clause.plain and match["before"].startswith(("a ", "an ", "the "))):
            yield clause.asks("Where", match["before"] + match["after"]), clause.span(match, "place")


def why(sentence: str) -> Iterator[Made]:
    """ "The talks failed because ..." -> "Why did the talks fail?" """
    for clause in clauses(sentence):
        text = clause.sentence[clause.rest_at :]
        if match := re.match(r"([^,.;:“”\"]*?),? ?\b(because [^.;:“”\"]+)", text):
            rest = match[1]
            aimed = clause.plain not in TO_DO and re.search(r"\bto [a-z]+\b", rest)
            if clause.plain in SAY or aimed or end_of(sentence, clause.rest_at) < clause.rest_at + len(rest):
                continue
            if (rest or clause.plain) and not re.search(r"\b(?:said|told|that|which|who)\b", rest):
                yield clause.asks("Why", rest), clause.span(match, 2)


def how_many(sentence: str) -> Iterator[Made]:
    """ "The festival sold 68,000 tickets." -> "How many tickets did the festival sell?" """
    after = rf"(?={MEMBER}|$)"
    for clause in clauses(sentence):
        match = re.match(
            rf"(?P<helped>(?:[a-z]+ (?:over |in |up )?)?)(?P<count>{COUNT}) (?P<things>{COUNTED}){after}", clause.rest
        )
        if match and not UNCOUNTED.search(match["things"]) and clause.verb not in BE and clause.plain != "call":
            helped = match["helped"].strip()
            if (
                helped
                and not (is_done(helped) or known(helped.split()[0]))
                and helped not in ("over", "in", "up", "out")
            ):
                continue
            if helped and (clause.verb in HELPERS) == (helped in ("over", "in", "up", "out")):
                continue
            if not (_timed(match["things"]) and clause.plain in ("last", "take", "run")):
                tail = _tail(clause.rest[match.end() :])
                yield clause.asks(f"How many {match['things']}", f"{helped} {tail}"), clause.span(match, "count")
        counted = re.fullmatch(rf"((?i:{COUNT})) ({COUNTED})", clause.subject)
        if (
            counted
            and not (UNCOUNTED.search(counted[2]) or _timed(counted[2]))
            and clause.rest
            and not re.search(r" and |that|which", clause.rest)
        ):
            source = f", according to {clause.source}" if clause.source else ""
            at = clause.subject_at
            yield f"How many {counted[2]} {clause.verb} {clause.rest}{source}?", (at, at + len(counted[1]))


def _timed(things: str) -> bool:
    return re.search(r"\b(?:years|months|weeks|days|hours|minutes|seconds|times)$", things) is not None


def _tail(rest: str) -> str:
    """What follows an object, where it is short and says where or for whom."""
    return rest.strip() if len(rest.split()) <= 6 and not re.search(r"\bto [a-z]|with\b", rest) else ""


def how_long(sentence: str) -> Iterator[Made]:
    """ "The agreement runs for ten years." -> "How long does the agreement run?" """
    for clause in clauses(sentence):
        match = re.match(rf"(?P<helped>(?:last )?)(?P<span>{SPAN})(?= |$)", clause.rest)
        if match and (clause.plain in ("last", "take") or match["span"].startswith("for ") or match["helped"]):
            rest = clause.rest[match.end() :].strip()
            if not rest or (clause.plain == "take" and re.match(r"to [a-z]+", rest)):
                yield clause.asks("How long", f"{match['helped']}{rest}"), clause.span(match, "span")


def how_much(sentence: str) -> Iterator[Made]:
    """ "The mission costs $388 million." -> "How much does the mission cost?" """
    verbs = ["cost", "raise", "receive", "spend", "earn", "lose", "pay", "win", "save", "bring"]
    for clause in clauses(sentence):
        match = re.match(rf"(?P<helped>(?:[a-z]+ )?)(?P<amount>{AMOUNT})(?P<tail>.*)", clause.rest)
        if match and (clause.plain in verbs or (base(match["helped"].strip()) or match["helped"].strip()) in verbs):
            if clause.plain and match["helped"] not in ("", "in "):
                continue
            if re.match(r" (?:more|less|each|apiece|higher|lower|to)\b", match["tail"]):
                continue
            apart = re.match(r" (?:per [a-z]+|an? (?:year|month|week|day|share|head))\b", match["tail"])
            tail = match["tail"] if re.match(r" (?:for|on|toward|towards|in)\b", match["tail"]) else ""
            tail = apart[0] if apart else tail
            yield clause.asks("How much", f"{match['helped']}{_tail(tail)}"), clause.span(match, "amount")


def what_did(sentence: str) -> Iterator[Made]:
    """ "The council approved the measure on Monday." -> "What did the council approve on Monday?" """
    thing = rf"(?P<thing>(?:an?|the) {NO_NOUN}[a-z][\w-]*(?: {NO_NOUN}[a-z][\w-]*){{0,3}})"
    tail = rf"(?: (?:{TIME}|(?:during|after|before) .+|(?:in|at|near) (?:the )?{CAPITAL}(?: {CAPITAL})*))?"
    for clause in clauses(sentence):
        done = re.match(r"[a-z]+ ", clause.rest) if clause.verb in ("has", "have", "will") else None
        begun = done.end() if done and (is_done(done[0]) or known(done[0].strip())) else 0
        match = re.compile(rf"{thing}(?P<tail>{tail})").fullmatch(clause.rest, begun)
        plain = base(clause.rest[:begun].strip()) or clause.rest[:begun].strip() or clause.plain
        if match and plain not in ("", None, *LIGHT, *SAY) and "rest" not in match["thing"]:
            thin = match["thing"].startswith("the ") and len(match["thing"].split()) < 3
            acting = ACTING.search(head_of(clause.subject)) and len(match["thing"].split()) > 2
            if (clause.somebody or match["tail"] or acting) and not thin:
                yield clause.asks("What", f"{clause.rest[:begun]}{match['tail']}"), clause.span(match, "thing")


def what_to_do(sentence: str) -> Iterator[Made]:
    """ "The embassy plans to renew its wiring." -> "What does the embassy plan to do?" """
    for clause in clauses(sentence):
        match = re.match(rf"(?P<before>(?:{TIME} |unanimously )?)(?P<deed>to [a-z]+ (?!do)[^;:]+)", clause.rest)
        if match and re.search(r"\b(?:an?|the|of)$", match["deed"]):
            continue
        if match and clause.plain in TO_DO and len(match["deed"].split()) > 3:
            yield clause.asks("What", f"to do {match['before']}"), clause.span(match, "deed")
        match = re.match(rf"(?P<other>{OTHERS}) (?P<deed>to [a-z]+ [^;:]+)", clause.rest)
        if match and clause.plain in TO_HAVE_DONE and len(match["deed"].split()) > 2:
            yield clause.asks("What", f"{match['other']} to do"), clause.span(match, "deed")


def what_for(sentence: str) -> Iterator[Made]:
    """ "Unions accused Ada Holm of lying." -> "What did unions accuse Ada Holm of?" """
    for clause in clauses(sentence):
        link = TO_ACCUSE.get(clause.plain or "")
        match = link and re.fullmatch(rf"(?P<other>{OTHERS}) {link} (?P<deed>.+)", clause.rest)
        if match:
            yield clause.asks("What", f"{match['other']} {link}"), clause.span(match, "deed")
        match = re.fullmatch(rf"(?P<done>{TREATED}) (?P<deed>.+)", clause.rest)
        if match and clause.verb in BE:
            yield clause.asks("What", match["done"]), clause.span(match, "deed")


def what_called(sentence: str) -> Iterator[Made]:
    """ "Ada Holm called the verdict a relief." -> "What did Ada Holm call the verdict?" """
    for clause in clauses(sentence):
        if clause.verb == "called":
            text = clause.sentence[clause.rest_at :]
            match = re.match(rf"(?P<other>{OTHERS}) (?P<name>an? [^,.;:“”\"]+|[“\"][^“”\"]+[”\"]|[a-z]+(?=[.,]))", text)
            if match:
                yield clause.asks("What", match["other"]), clause.span(match, "name")


def who_said(sentence: str) -> Iterator[Made]:
    """ "Akbar warned that the ditches would be closed." -> "Who warned the ditches would be closed?" """
    for match in REPORTED.finditer(sentence):
        speaker = match["speaker"]
        clause = clause_at(sentence, match.end(), speaker)
        named = is_person(speaker) and speaker not in NO_SUBJECT and not speaker.startswith(("The ", "the "))
        if clause and named and len(clause.rest.split()) > 1:
            yield f"Who {match['verb']} {clause.subject} {clause.verb} {clause.rest}?", match.span("speaker")


def said_who(sentence: str) -> Iterator[Made]:
    """ "The army would mend the ditches, Akbar said." -> "Who said the army would mend the ditches?" """
    later, last = rf"(?:[a-z’' -]{{0,40}} )?(?P<later>{NAME}|{SURNAME})", rf"(?P<last>{NAME}|{SURNAME}) said(?=[.,])"
    dateline = DATELINE.match(sentence)
    clause = clause_at(sentence, dateline.end() if dateline else 0, "")
    if clause and (
        match := re.compile(rf", (?:said {later}|{last})").match(sentence, clause.rest_at + len(clause.rest))
    ):
        spoken = "later" if match["later"] else "last"
        if is_person(match[spoken]) and len(clause.rest.split()) > 1:
            yield f"Who said {clause.subject} {clause.verb} {clause.rest}?", match.span(spoken)


def since_when(sentence: str) -> Iterator[Made]:
    """ "Ada Holm has led the school since 2017." -> "Since when has Ada Holm led the school?" """
    for clause in clauses(sentence):
        match = re.fullmatch(rf"(?P<rest>.+) since (?P<time>{MONTH}(?: \d{{4}})?|[12]\d{{3}})", clause.rest)
        if (
            match
            and clause.verb in ("has", "have")
            and not re.search(r"\b(?:more|most|first|who|that)\b", match["rest"])
        ):
            yield clause.asks("Since when", match["rest"]), clause.span(match, "time")


def why_to(sentence: str) -> Iterator[Made]:
    """ "To save money, the council sold the hall." -> "Why did the council sell the hall?" """
    if match := re.match(r"(To [a-z]+ [^,;:“”\"]{3,60}), (?=[A-Z]|the\b|an?\b)", sentence):
        clause = clause_at(sentence, match.end(), "")
        if clause and clause.rest and clause.plain not in ("be", "have"):
            yield clause.asks("Why", clause.rest), match.span(1)


def when_done(sentence: str) -> Iterator[Made]:
    """ "The lease, signed in 2003, has 41 years to run." -> "When was the lease signed?" """
    for match in re.finditer(rf"(?:^|; )([^,;:“”\"]{{5,60}}), ([a-z]+) ({DATE})(?=,| by | at | for )", sentence):
        if (
            match[1].startswith(("The ", "the "))
            and PHRASE.fullmatch(match[1])
            and base(match[2])
            and not verbs_in(match[1])
        ):
            be = "were" if is_several(match[1]) else "was"
            yield f"When {be} {lowered(match[1])} {match[2]}?", match.span(3)


def what_is(sentence: str) -> Iterator[Made]:
    """ "Tarn Lines, a company based in Oslo, ..." -> "What is Tarn Lines?" """
    thing = (
        r"company|firm|charity|group|village|town|city|ship|ferry|vessel|treaty|newspaper|magazine|journal|yard|club|"
        r"school|college|museum|nonprofit|startup|start-up|cooperative|co-operative|union|party|think tank|island|"
        r"suburb|port|river|lake|organisation|organization|agency|chain|bank|brand|supplier|maker|contractor|retailer"
    )
    hanging = (  # and not "a union official"
        "(?:in|of|on|at|from|for|near|with|that|which|where|whose|to|by|off|outside|between|north|south|east|west|known|run|"
        "[a-z]+ing|[a-z]+ed)"
    )
    name = rf"(?<![’'.-] )\b{CAPITAL}(?: (?:of |& |and |the )?{CAPITAL}){{0,3}}"
    for match in re.finditer(
        rf"({name}), (an? (?:[A-Za-z-]+ ){{0,3}}(?:{thing})(?= {hanging}\b|[,.]|$)[^,;:.“”\"()]*)(?=,|\.[”\"]?$|$)",
        sentence,
    ):
        plain = match[1].split()[0] not in NO_SUBJECT and not re.search(rf"{TIME}|\b(?:Jan|Feb|Mr|Ms)\b", match[1])
        if plain and " and " not in match[2]:  # a list
            yield f"What is {lowered(match[1])}?", match.span(2)


def what_named(sentence: str) -> Iterator[Made]:
    """ "The exercise, called Steady Current, ends in May." -> "What is the exercise called?" """
    name = rf"(?:{CAPITAL}(?: (?:of |the )?{CAPITAL})*|[“\"][A-Z][^“”\"]+[”\"])"
    for match in re.finditer(
        rf"^([Tt]he (?:{NO_NOUN}[a-z-]+ ){{0,2}}{NO_NOUN}[a-z-]+), (?:called|nicknamed|dubbed|named) ({name})", sentence
    ):
        yield f"What {'are' if is_several(match[1]) else 'is'} {lowered(match[1])} called?", match.span(2)


def doing(persons: frozenset[str]) -> Rule:
    """The rule for who or what did something; `persons` are last names that mean one.

    "The exercise drew protests from farmers." -> "What drew protests from farmers?"
    """

    def who_or_what(sentence: str) -> Iterator[Made]:
        for clause in clauses(sentence):
            subject = sentence[clause.subject_at : clause.subject_at + len(clause.subject)]
            words = clause.rest.split()
            if (
                len(words) < (2 if clause.rest[:1].isdigit() else 3)
                or clause.source
                or clause.plain in NO_DEED
                or verbs_in(CONNECTING.split(clause.rest)[0])
            ):
                continue
            if not re.match(
                r"(?:(?:the|an?|about|nearly|almost|some|more than|at least)\b|\d|[$£€]|[A-Z]|[a-z]+s\b)", clause.rest
            ):
                continue
            head = head_of(subject)
            if head in POINTING:
                continue
            known = (clause.somebody and (head in persons or re.match(TITLE, subject))) or subject in persons
            if clause.plain is None or not subject[0].isupper() or " and " in subject:
                continue
            if clause.verb == clause.plain and past(clause.verb) != clause.verb:  # of several; who asks is one
                continue
            if known or (subject.startswith("The ") and (ACTING.search(head) or head in PEOPLE)):
                yield f"Who {clause.verb} {clause.rest}?", (clause.subject_at, clause.subject_at + len(subject))
            elif (
                not clause.several
                and re.fullmatch(r"The [a-z -]+", subject)
                and not PERSON.search(head)
                and not ACTING.search(subject)
            ):
                yield f"What {clause.verb} {clause.rest}?", (clause.subject_at, clause.subject_at + len(subject))

    return who_or_what


def persons(text: str) -> frozenset[str]:
    """The last names of those whom the text lets speak, or gives an age or a role."""
    names = [match["first"] or match["later"] for match in SPEAKER.finditer(text)]
    names += re.findall(rf"({NAME}), (?:\d\d,|an? [a-z -]*{HEADS}\b)", text)
    return frozenset(name.split()[-1] for name in names if is_person(name))


# the likelier to make a question worth asking first
RULES: tuple[Rule, ...] = (
    *(who_verbs, why, how_many, when, how_much, how_long, what_to_do, where),
    *PHRASES,
    *(who_said, said_who, since_when, why_to, when_done, what_is, what_named, what_called, what_for, what_did),
)
