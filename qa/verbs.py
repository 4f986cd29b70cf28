"""English verbs as far as the rules need them: which base form a past tense or a participle belongs to."""

from __future__ import annotations

from functools import cache

IRREGULAR = (  # base, past tense, participle where it differs
    "be was been, beat beat beaten, become became become, begin began begun, bend bent, bind bound, bite bit bitten, "
    "bleed bled, blow blew blown, break broke broken, breed bred, bring brought, broadcast broadcast, build built, "
    "burst burst, buy bought, catch caught, choose chose chosen, come came come, cost cost, cut cut, deal dealt, "
    "die died, dig dug, do did done, draw drew drawn, drink drank drunk, drive drove driven, eat ate eaten, "
    "fall fell fallen, feed fed, feel felt, fight fought, find found, flee fled, fly flew flown, "
    "forbid forbade forbidden, forget forgot forgotten, freeze froze frozen, get got, give gave given, go went gone, "
    "grow grew grown, hang hung, hear heard, hide hid hidden, hit hit, hold held, hurt hurt, keep kept, "
    "know knew known, lay laid, lead led, leave left, lend lent, let let, light lit, lose lost, make made, meet met, "
    "overtake overtook overtaken, pay paid, put put, quit quit, read read, rebuild rebuilt, ride rode ridden, "
    "ring rang rung, rise rose risen, run ran run, say said, see saw seen, seek sought, sell sold, send sent, "
    "set set, shake shook shaken, shoot shot, shrink shrank shrunk, shut shut, sing sang sung, sink sank sunk, "
    "sit sat, sleep slept, speak spoke spoken, spend spent, split split, spread spread, spring sprang sprung, "
    "stand stood, steal stole stolen, stick stuck, strike struck, swear swore sworn, sweep swept, swim swam swum, "
    "swing swung, take took taken, teach taught, tear tore torn, tell told, think thought, throw threw thrown, "
    "undergo underwent undergone, wear wore worn, weave wove woven, win won, withdraw withdrew withdrawn, "
    "write wrote written"
)
REGULAR = (
    "abandon abolish abstain accept account accumulate accuse achieve acknowledge acquire acquit act adapt add "
    "address adjust administer admire admit adopt advance advise affect agree aid aim allege allow alter amend anchor "
    "annex announce answer apologise apologize appeal appear applaud apply appoint approve argue arrange arrest "
    "arrive ask assign assist associate assume attach attack attempt attend attract attribute auction authorise "
    "authorize avoid award back ban believe belong blame block book boost borrow brief burn bury calculate call "
    "campaign cancel cap capture carry carve cause caution cede celebrate certify chair challenge change charge check "
    "cite claim classify clean clear climb close collapse collect collide combine command commence comment commission "
    "commit compare compete complain complete compose concede conceive concentrate conclude condemn conduct confirm "
    "confiscate connect conquer consider consist consolidate construct consult consume contain contest continue "
    "contribute control convert convict convince cook cool copy count counter cover crack crash create credit "
    "criticise criticize cross cultivate damage date deal debate decide declare decline defeat defend define delay "
    "delete deliver demand demolish demonstrate deny depend depict deploy deport deposit derive describe design "
    "destroy detain detect determine develop devise devote direct disagree disclose discover discuss dismiss displace "
    "display dispute dissolve distinguish distribute divert divide document dominate donate double doubt draft drag "
    "drain drift drill drop drown earn edit educate elect embrace emerge emigrate emphasize employ empty enact "
    "encounter encourage end enforce engage enjoy enrol enter equalise equip erupt escape establish estimate evacuate "
    "evict evolve examine exceed exchange exclude excuse expand expect expel experience explain explore export "
    "express extend face fail farm fear feature fetch file fill film finance fine finish fire fix flood follow force "
    "forge form found free fund gain gather generate govern grant greet ground guarantee guard guide halt hand handle "
    "happen harm head help hire hope host hunt identify ignore import impose imprison improve inaugurate include "
    "incorporate increase infect influence inform inherit initiate injure insist inspect install insure integrate "
    "intend interrupt intervene introduce invade invent investigate invite involve isolate issue jail join joke judge "
    "jump justify kick kill knock label lack land last laugh launch leak learn lease level license lift like limit "
    "link list listen live load lobby locate lock lodge log look love lower mail maintain manage manufacture map "
    "march mark marry match measure melt mend mention merge migrate miss mix modify move name need negotiate nominate "
    "note notice obey observe obtain occupy occur offer open operate order organise organize outline overturn owe own "
    "pack paint park participate pass pave perceive perform permit persuade photograph pick pioneer plan plant play "
    "plead pledge point polish possess post postpone pour power practise praise predict prefer prepare present "
    "preside press prevent print proceed process proclaim produce prohibit promise promote prompt pronounce propose "
    "prosecute protect protest prove provide publish pull pump punish purchase pursue push qualify question race raid "
    "raise rank rate ratify reach react realize recall receive recognise recognize recommend record recover recycle "
    "reduce refer reflect refund refuse regard register regret regulate reinstate reject relate release relieve rely "
    "remain remember remind remove rename renew rent reopen repair repatriate repeat replace reply report represent "
    "request require rescue reserve resign resist resolve respect respond restart restore restrict result resume "
    "retain retire return reveal reverse review revise reward rob roll ruin rule rush sail sanction save schedule "
    "scrap seal search secure seize select sentence separate serve settle share shift ship shorten shout show sign "
    "slip slow smash solve sound spare specify speed sponsor spot stage start state stay steer stop store strengthen "
    "stress stretch strip study stun submit succeed sue suffer suggest summon supervise supply support surrender "
    "surround survive suspect suspend swallow switch tackle talk target tax telephone test testify thank threaten tie "
    "top touch tow trace trade train transfer transform translate transport trap travel treat trigger trim trust try "
    "turn uncover unite unload unveil urge use vaccinate value vanish view visit voice vote wait waive walk want warn "
    "wash watch weaken weigh welcome win wish witness work worry wrap wreck"
)
DOUBLING = (  # "planned"
    "acquit admit ban cap commit control drag drop enrol equip expel log map occur permit plan prefer "
    "refer regret rob scrap ship slip spot stop strip stun submit transfer trap trim wrap"
)


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


def known(word: str) -> str | None:
    """The word itself where it is a base form that is known, else None."""
    return word if word in _tenses() else None


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
    return verb + (verb[-1] if verb in DOUBLING.split() else "") + "ed"
