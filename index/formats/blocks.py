"""Blocks of words become lines and paragraphs.

A reader of a format writes PARAGRAPH or LINE at both ends of each block. Neighbours share a break, and a paragraph's
wins: however many marks meet, they become one line end or one empty line.
"""

from __future__ import annotations

import re

PARAGRAPH = "\x1e"
LINE = "\x1f"

_NO_MARKS = {ord(PARAGRAPH): " ", ord(LINE): " "}


def unmarked(words: str) -> str:
    """Words of the document, which must not pass for marks."""
    return words.translate(_NO_MARKS)


def tidy(text: str, *, indent: bool = False) -> str:
    """The text trimmed, its marks as line ends, at most one empty line together; `indent`: line starts are kept."""
    # The look behind keeps these expressions from trying a long run of blanks from each of its characters.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not indent:
        text = re.sub(r"(?<![ \xa0])[ \xa0]*\t[ \t\xa0]*", "\t", re.sub(r" {2,}", " ", text))
    text = re.sub(
        r"(?<![ \t\xa0])[ \t\xa0]*([\n\x1e\x1f][ \t\xa0\n\x1e\x1f]*)",
        lambda found: _line_ends(found[1], indent=indent),
        text,
    )
    return text.strip("\t\n").rstrip() if indent else text.strip(" \t\n")


def _line_ends(found: str, *, indent: bool) -> str:
    ends = "\n\n" if PARAGRAPH in found or found.count("\n") > 1 else "\n"
    last = max(map(found.rfind, "\n\x1e\x1f"))
    return ends + found[last + 1 :].lstrip("\t") if indent else ends
