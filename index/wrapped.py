"""Hard-wrapped text: which of its line ends stand for a blank, since the line was full and the sentence goes on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise

NARROW, WIDE = 50, 120  # characters of the longest line of a text that was wrapped
FEW = 3  # lines of a paragraph that tell that the text was
ITEM = re.compile(
    r"\s*(?:[-*+•‣–—>|#]|\(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,4})[.)])\s"
)  # what begins a line that was meant to be one
COLUMNS = re.compile(r"\S(?: {3,}|\t)\S")  # of a table
FIRST = re.compile(r"\s*(\S+)")


def unwrapped(text: str) -> list[str]:
    """The lines of `text` with their ends; those that wrapping has cut apart are one, with blanks for the ends inside.

    Together they are as long as the text, and every other character is where it was. A paragraph is wrapped where each
    of its lines had no room for the next word and one of them goes on with a small letter.
    """
    lines = text.splitlines(keepends=True)
    if not lines or max(map(len, lines)) > WIDE + 2:  # a text that is written in paragraphs has none to join
        return lines
    paragraphs = [list(each) for _, each in groupby(lines, key=str.isspace)]
    width = max((_width(each) for each in paragraphs if len(each) >= FEW and _full(each, _width(each))), default=0)
    found: list[str] = []
    for paragraph in paragraphs:
        if width and _full(paragraph, _width(paragraph) if len(paragraph) >= FEW else width):
            *cut, last = paragraph
            found.append("".join(re.sub(r"\s", " ", line) for line in cut) + last)
        else:
            found += paragraph
    return found


def _full(lines: Sequence[str], width: int) -> bool:
    """Whether every line but the last had no room for the next word, and the sentence goes on at one of them."""
    if len(lines) < 2 or not NARROW <= width <= WIDE or any(ITEM.match(line) for line in lines[1:]):
        return False
    if sum(COLUMNS.search(line) is not None for line in lines) > 1:
        return False
    firsts = [match[1] if (match := FIRST.match(line)) else "" for line in lines[1:]]
    room = [width - len(line.rstrip()) for line, _ in pairwise(lines)]
    return any(word[:1].islower() for word in firsts) and all(
        free <= len(word) for free, word in zip(room, firsts, strict=True)
    )


def _width(lines: Sequence[str]) -> int:
    return max(len(line.rstrip()) for line in lines)
