"""Lists in a text: an enumeration cut into its items, each an exact span."""

from __future__ import annotations

import re

from index.text import Span

JOINT = re.compile(  # between two items; not the comma of 1,100
    r"(?P<semi>\s*;\s+(?:and |or )?)|(?P<last>,?\s+(?:and also|and|or|&|as well as|along with|nor)\s+)|(?P<comma>,\s+)"
)
INSIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|“[^“”]*”|\"[^\"]*\"|«[^«»]*»|‘[^‘’]*’")  # what is in here joins nothing
NO_ITEM = re.compile(  # after a comma: a remark on the item before it, or the rest of a date
    r"(?:who|whom|whose|which|where|when|while|but|because|since|as|up from|down from|a former|including|according|"
    r"said|says|he|she|it|they|we|not|aged)\b",
    re.I,
)
AGE = re.compile(r"\d{1,4}$")  # after a name, as in "Ada Holm, 46" or "Jaws, 1975"
DATED = re.compile(r"(?:19|20)\d\d\b")  # after a day, as in "May 4, 2020"
DAY = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)\w*\.?(?: \d{1,2})?$|\b\d{1,2} (?:jan|feb|mar|apr|may|jun|"
    r"jul|aug|sept?|oct|nov|dec)\w*\.?$",
    re.I,
)
FILLER = re.compile(r"(?:both|either|first|then|and|or|again|also|finally|:)\s+", re.I)
PAIR = re.compile(r"(?<=\w)[-–](?=[A-Z])")  # "China-Russia", where two are asked for
MOST_WORDS = 25  # in one item


def items(span: Span, wanted: int | None) -> tuple[Span, ...]:
    """The items of the enumeration that `span` is, in order, or none where it is not one of `wanted` items.

    `wanted` None means two or more. Semicolons divide before commas, and commas with the last "and" before every "and":
    "the Ministry of Trade and Industry, the Treasury and the Navy" are three. The first cut that gives the number wins.
    """
    joints = _joints(span.text)
    strong = [joint for joint in joints if joint.lastgroup == "semi"]
    last = [joint for joint in joints if joint.lastgroup == "last"]
    plain = [joint for joint in joints if not (joint.lastgroup == "comma" and _remark(span.text, joint))]
    commas = [joint for joint in plain if joint.lastgroup == "comma"]
    final = ([joint for joint in last if joint[0].startswith(",")] or last)[-1:]  # "..., and the Ministry of A and B"
    series = sorted([*commas, *final], key=lambda joint: joint.start()) if commas else []
    cuts = [strong, series, plain, [*last[-1:]], last, joints]
    for cut in cuts:
        found = _cut(span, [joint.span() for joint in cut])
        if len(found) == wanted if wanted else len(found) > 1:
            return found
    if wanted == 2 and len(pair := [match.span() for match in PAIR.finditer(span.text)]) == 1:
        return _cut(span, pair)
    return ()


def _joints(text: str) -> list[re.Match[str]]:
    inside = [match.span() for match in INSIDE.finditer(text)]
    found = [match for match in JOINT.finditer(text) if not any(start < match.start() < end for start, end in inside)]
    found = [match for match in found if match.start() > 0 and match.end() < len(text)]
    joining = [match for match in found if match[0].strip() != "&"]  # "Marks & Spencer and Tesco"
    return joining if any(match.lastgroup == "last" for match in joining) else found


def _remark(text: str, joint: re.Match[str]) -> bool:
    """Whether what follows the comma belongs to the item before it."""
    before, behind = text[: joint.start()], re.split(r"[,;]", text[joint.end() :])[0].strip()
    if DAY.search(before) and DATED.match(behind):
        return True
    return NO_ITEM.match(behind) is not None or (AGE.match(behind) is not None and before[-1:].isalpha())


def _cut(span: Span, joints: list[tuple[int, int]]) -> tuple[Span, ...]:
    """The pieces between joints, without the words that only introduce an item."""
    bounds = [0, *(bound for joint in joints for bound in joint), len(span.text)]
    pieces = []
    for start, end in zip(bounds[::2], bounds[1::2], strict=True):
        while filler := FILLER.match(span.text, start, end):
            start = filler.end()
        end = start + len(span.text[start:end].rstrip(" ,;:"))
        start = end - len(span.text[start:end].lstrip(" ,;:"))
        pieces.append(span.sub(start, end))
    return tuple(pieces) if all(0 < len(piece.text.split()) <= MOST_WORDS for piece in pieces) else ()
