"""What kind of answer a question asks for, told by its words alone; a question of no kind is answered as it is read."""

from __future__ import annotations

import re
from typing import Literal

from qa.verbs import base

Kind = Literal["list", "quotation", "yes or no", "why", "how", "plain"]

NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}

COUNT = re.compile(rf"(?<!-)\b({'|'.join(NUMBERS)}|[2-9]|1\d)\b(?!-)")
LEAD = r"^(?:(?:and|but|so|also|then|ok|okay|well|now)[, ]+|(?:in|on|for|at|of|to|from|with|by|between) )*"
ASKS_FOR = re.compile(LEAD + r"(?:which|what|who|whom|name|list)\b", re.I)
NUMBERED = re.compile(  # what may stand before the number
    r"\b(?:which|what|name|list|are|were)(?: the| all| her| his| its| their)?(?: (\w+))?$", re.I
)
NO_NOUN = r"(?!(?:is|was|does|has|this|its|his)\b)"  # they end like a plural
PLURAL = re.compile(  # "What were the reasons", "Which countries were", "Name the"
    LEAD + r"(?:(?:what|which|who) (?:are|were) (?:the |all |some of |his |her |its |their )\w|"
    rf"(?:which|what) (?:{NO_NOUN}\w+ )?(?:people|men|women|children|{NO_NOUN}\w+(?<!s)s) "
    r"(?:are|were|do|did|have|had|will|would|can|could|may|must|should|not)\b|(?:name|list) (?:the|all)\b)",
    re.I,
)
AUXILIARY = (
    "is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must|"
    "isnt|arent|wasnt|werent|dont|doesnt|didnt|hasnt|havent|hadnt|cant|couldnt|wont|wouldnt|shouldnt"
)
SAYING = (
    r"(?:say|said|says|tell|told|remark|remarked|comment|commented|reply|replied|respond|responded|react|reacted|"
    r"describe|described|sum up|summed up|quoted|joke|joked|exclaim|call|put it|answer|answered)"
)
REMARK = r"(?:remark|comment|word|reply|response|reaction|joke|quip|quote|image|comparison)s?"
SPOKEN = re.compile(
    rf"\b(?:what|how|whatd)\b.*\b{SAYING}\b|\bin what terms\b|\b(?:what|which)\b(?: \w+){{0,2}} {REMARK}\b", re.I
)
REASON = re.compile(
    r"\bwhy\b|\bhow come\b|\bwhat (?:was|is|were|are)(?: \w+){0,3} (?:reasons?|causes?|grounds?|motives?)\b|"
    r"\b(?:what|which) (?:reasons?|causes?|explanation|grounds?)\b|"
    r"\bwhat (?:made|makes|caused|causes|led|prompted|drove)\b",
    re.I,
)
MEASURED = re.compile(  # asks for a number, a time or a thing, whoever said it
    LEAD + r"(?:how (?:many|much|long|old|far|often|big|high|tall|soon|late|\w+ly)\b|"
    rf"(?:what|which) (?!(?:(?:{AUXILIARY})(?:n['’]t)?|exactly|else|on earth|\w+ly)\b|"
    rf"(?:\w+ ){{0,2}}(?:terms|{REMARK})\b)\w+)",
    re.I,
)
MANNER = re.compile(
    LEAD + r"(?:according to [^,]+, )?how "
    r"(?:did|do|does|was|were|is|are|has|have|had|will|would|can|could|may|might|must|should|exactly|else)\b",
    re.I,
)
POLAR = re.compile(
    rf"^(?:(?:and|but|so|also|then|ok|okay|well|now)[, ]+|according to [^,]+, )*(?:{AUXILIARY})(?:n['’]t)?\s+\w", re.I
)
REQUEST = re.compile(  # "Do you know when ...?", "Can you tell me who ...?", "Could you name the mayor?"
    r"\b(?:you|u|we|i|anyone|anybody|someone|somebody)\b.{0,30}\b(?:who|whom|whose|what|which|when|where|why|how)\b|"
    r"^(?:and |but |so |also |then |ok |okay |well |now )?(?:can|could|will|would|do|did) (?:you|u)\b.{0,20}"
    r"\b(?:(?:tell|give|show|find) (?:me|us)|name|list|explain|know)\b(?!.*\b(?:if|whether)\b)",
    re.I,
)
CHOICE = re.compile(r"\bor\b(?!\s+not\b)|\b(?:who|what|when|where|why|how|which)\W*$", re.I)  # "Is it red or blue?"


def kind(question: str) -> Kind:
    """The kind of answer that `question` asks for; "plain" where nothing in its words tells."""
    question = " ".join(question.split())
    if POLAR.match(question):
        return "plain" if REQUEST.search(question) or CHOICE.search(question) else "yes or no"
    if several(question):
        return "list"
    if REASON.search(question):
        return "why"
    if SPOKEN.search(question) and not MEASURED.match(question):
        return "quotation"
    return "how" if MANNER.match(question) else "plain"


def several(question: str) -> bool:
    """Whether the question asks for more than one: it gives a number, or its noun is plural."""
    return bool(ASKS_FOR.match(question)) and (wanted(question) is not None or PLURAL.match(question) is not None)


def wanted(question: str) -> int | None:
    """How many the question asks for ("Which two ..."), or None where it gives no number."""
    found = COUNT.search(question.lower())
    before = NUMBERED.search(question[: found.start()].rstrip()) if found else None
    if found is None or before is None or base(before[1] or ""):  # "What killed 12 people?"
        return None
    return NUMBERS.get(found[1]) or int(found[1])
