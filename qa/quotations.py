"""Quotations in a text, whole: from the mark that opens one to the mark that closes it, never over a line's end."""

from __future__ import annotations

import re

from index.text import Span

NEWLINE = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]")
CLOSING = {'"': '"', "“": "”", "„": "“”", "«": "»", "「": "」", "‘": "’", "'": "'"}
MARK = re.compile(r"[\"“”„«»「」‘’']")
STRAIGHT = "\"'"  # the same mark opens and closes; what stands beside it tells which
APOSTROPHE = "’'"  # they close a quotation only at the end of a word
LONGEST = 2_000  # characters of a quotation; a longer one is two marks that have nothing to do with each other
SAID = (
    r"\b(?:said|says|say|added|adds|asked|asks|told|replied|explained|explains|recalled|recalls|wrote|writes|"
    r"continued|joked|went on|insisted|admitted|warned|declared|argued|called|remarked)\b"
)
INTERRUPTION = re.compile(rf"\s+(?=[^.!?;:]{{0,60}}{SAID})[^.!?;:]{{2,80}}, ")  # `, she said, ` in mid-sentence


def quotation(span: Span) -> Span:
    """`span`, widened so that every quotation it touches is in it whole, with its marks and over `she said,`."""
    touched = [each for each in quotations(line(span)) if each.overlaps(span)]
    return span.article.span(
        min([span.start, *(each.start for each in touched)]), max([span.end, *(each.end for each in touched)])
    )


def line(span: Span) -> Span:
    """The line or lines that `span` lies in, without their ends."""
    text = span.article.text
    before = max((text.rfind(end, 0, span.start) for end in "\n\r\x0b\x0c\x85\u2028\u2029"), default=-1)
    after = NEWLINE.search(text, span.end)
    return span.article.span(before + 1, after.start() if after else len(text))


def quotations(line: Span) -> list[Span]:
    """The quotations in a line, in order, none inside another; one that `she said,` interrupts is one.

    A quotation that the line does not close goes on to its end where its mark can only open one, as in a speech of
    several paragraphs; with a straight mark it is none.
    """
    text = line.text
    found: list[tuple[int, int]] = []
    opened = -1
    for mark in MARK.finditer(text):
        at = mark.start()
        if opened >= 0 and mark[0] in CLOSING[text[opened]] and _closes(text, at):
            found.append((opened, at + 1))
            opened = -1
        elif mark[0] in CLOSING and (opened < 0 or mark[0] == text[opened] != "“") and _opens(text, at):
            opened = at
    if opened >= 0 and text[opened] not in STRAIGHT + "‘":
        found.append((opened, len(text.rstrip())))
    whole: list[tuple[int, int]] = []
    for start, end in found:
        if whole and INTERRUPTION.fullmatch(text, whole[-1][1], start):
            whole[-1] = (whole[-1][0], end)
        elif end - start <= LONGEST:
            whole.append((start, end))
    return [line.sub(start, end) for start, end in whole]


def _opens(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return not before.isalnum() and after != "" and (not after.isspace() or text[at] == "«")


def _closes(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return not (text[at] in STRAIGHT and before.isspace()) and not (text[at] in APOSTROPHE and after.isalnum())
