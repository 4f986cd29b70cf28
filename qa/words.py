"""Tables of English words: what a question is made of, and what tells that one leans on what was said before."""

from __future__ import annotations

import re
from typing import Literal

Exchange = tuple[str, str | None]  # a question as it was understood, and the text of its answer; None: silence
Need = Literal["man", "woman", "thing", "several", "event", "place", "ellipsis", "fragment"]


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
POINTING = DEMONSTRATIVES | _set("then there")
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
SUBORDINATING = _set(
    "when while after before if that who which because since until although though whether where as than"
)
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
# Whoever has one of these is a country, a city or a body, and nobody's he or she.
OFFICES = _set("president minister king queen premier chancellor mayor governor ambassador")
# What an answer does not hold when it can stand where a pronoun stood.
NUMBERS = _set("one two three four five six seven eight nine ten eleven twelve about nearly over almost only none")
CLAUSAL = AUXILIARY | QUESTION | frozenset(PRONOUNS) - POSSESSIVES | SPEAKERS | _set("not because if")
DATES = _set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "mondays tuesdays wednesdays thursdays fridays saturdays sundays "
    "september october november december jan feb mar apr jun jul aug sept sep oct nov dec"
)
# A name that holds one of these is nobody's.
BODIES = _set(
    "court bank forest council university school college club party union hospital museum association company group "
    "ministry department institute committee agency parliament government street road river lake valley bridge park "
    "city town county state district island bay port church station theatre festival cup league prize"
)
TITLES_MEN = _set("mr sir lord king prince chairman spokesman father brother son husband widower monk")
TITLES_WOMEN = _set("mrs ms miss dame lady queen princess chairwoman spokeswoman mother sister daughter wife widow")
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
AND_THEN = re.compile(r"(?:what (?:happens|happened) )?(?:(after|before) (?:that|this|it)|then)\W*", re.IGNORECASE)
# "And the equaliser, when was that?"
TURNED = re.compile(
    r"(?P<about>[^,?]+), (?P<asked>(?:who|whom|what|when|where|why|how|which|is|was|did|does|will)\b.*?)"
    r"\b(?:that|this|it|they|them|he|she)\b(?P<rest>.*)",
    re.IGNORECASE,
)
ORDINAL = re.compile(r"\b(?:first|second|third|fourth|fifth|last|other|next|previous)\b", re.IGNORECASE)
COUNTED = re.compile(r"\bhow many ((?:\w+ ){0,3}?(?:\w+s|people|men|women|children))\b", re.IGNORECASE)
TIMED = re.compile(
    r"\b(?:day|week|month|year|time|night|morning|today|yesterday|tomorrow|now|\d{4}|"
    + "|".join(sorted(DATES))
    + r")s?\b",
    re.IGNORECASE,
)
WHICH_TIME = re.compile(r"\W*(?:\w+ )?(?:when|(?:which|what) (?:year|month|week|day|date))\b", re.IGNORECASE)
WHEN = re.compile(
    r" (?:on|in|at|by|since|until|last|this|next|before|after) (?:the )?(?:\d{4}|(?:"
    + "|".join(sorted(DATES))
    + r")\b\.?"
    r"(?: \d+)?)",
    re.IGNORECASE,
)


def expanded(text: str) -> str:
    """`what's` and its like in two words."""
    text = CARELESS.sub(r"\1 is", text)
    return CONTRACTED.sub(lambda match: f"{match[1]} {LONG[match[2]]}", text)
