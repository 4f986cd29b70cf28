"""English verbs as far as the rules need them: which base form a past tense or a participle belongs to."""

from __future__ import annotations

from functools import cache

IRREGULAR = (  # base, past tense, participle where it differs
    "be was been, beat beat beaten, become became become, begin began begun, break broke broken, bring brought, "
    "build built, buy bought, catch caught, choose chose chosen, come came come, cut cut, die died, do did done, "
    "draw drew drawn, drive drove driven, eat ate eaten, fall fell fallen, feel felt, fight fought, find found, "
    "fly flew flown, forget forgot forgotten, get got, give gave given, go went gone, grow grew grown, hear heard, "
    "hide hid hidden, hit hit, hold held, keep kept, know knew known, lead led, leave left, lend lent, lose lost, "
    "make made, meet met, pay paid, put put, read read, ride rode ridden, rise rose risen, run ran run, say said, "
    "see saw seen, seek sought, sell sold, send sent, set set, shake shook shaken, shoot shot, shrink shrank shrunk, "
    "shut shut, sing sang sung, sink sank sunk, sit sat, sleep slept, speak spoke spoken, spend spent, stand stood, "
    "steal stole stolen, swim swam swum, take took taken, teach taught, tell told, think thought, throw threw thrown, "
    "wear wore worn, win won, withdraw withdrew withdrawn, write wrote written"
)
REGULAR = (
    "accept add admit adopt agree allow announce appoint approve argue arrest arrive ask attack attend award ban blame "
    "burn call cancel capture carry chair consider crash depend dispute earn employ examine file jump kick last listen "
    "live look need settle slip stay steer visit want watch weigh "
    "close collapse complete cover create cross damage deal decide declare deliver design destroy develop direct "
    "discover dismiss double drop earn elect end enter establish estimate evacuate expand fail fill finance finish "
    "fire flood follow found fund gain grant head help hire host identify import include increase injure inspect "
    "install introduce invent invite join kill land last launch lift list locate lock lower manage mark miss move "
    "name offer open order organize own paint pass photograph plan plant play postpone present prevent produce "
    "promise propose protect publish punish purchase raise reach receive record recover reduce refuse reject release "
    "remove rename rent repair replace report require rescue resign restore retire return reveal save serve share "
    "ship sign start stop submit suffer support suspend test tie trace train transfer translate travel treat "
    "turn uncover use vote warn welcome win work wreck"
)
DOUBLING = frozenset({"admit", "ban", "drop", "plan", "ship", "slip", "stop", "submit", "transfer"})  # "planned"


def base(word: str) -> str | None:
    """The base form of a past tense or participle, "build" for "built"; None for a word that is not known as one."""
    return _pasts().get(word.casefold())


def past(participle: str) -> str | None:
    """The past tense that goes with a participle, "wrote" for "written"; None for a word that is not known as one."""
    verb = base(participle)
    return None if verb is None else _tenses()[verb]


def present(verb: str) -> str | None:
    """The base form of a third person, "carry" for "carries"; None for a word that is not known as one."""
    endings = ((verb[:-3] + "y",) if verb.endswith("ies") else ()) + (verb[:-1], verb[:-2])
    return next((each for each in endings if verb.endswith("s") and each in _tenses()), None)


@cache
def _tenses() -> dict[str, str]:
    regular = {verb: _regular(verb) for verb in REGULAR.split()}
    irregular = {forms[0]: forms[1] for forms in map(str.split, IRREGULAR.split(", "))}
    return regular | irregular


@cache
def _pasts() -> dict[str, str]:
    participles = {forms[-1]: forms[0] for forms in map(str.split, IRREGULAR.split(", "))}
    return {tense: verb for verb, tense in _tenses().items()} | participles


def _regular(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return verb + (verb[-1] if verb in DOUBLING else "") + "ed"
