"""Quotations in a text, whole: from the mark that opens one to the mark that closes it, never over a line's end."""

from __future__ import annotations

import re

from index.text import Span

NEWLINE = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]")
CLOSING = {'"': '"', "“": "”", "„": "“”", "«": "»", "「": "」", "‘": "’", "'": "'"}
OPENING = tuple(mark for mark in CLOSING if mark != "'")  # that one is more often an apostrophe
MARK = re.compile(r"[\"“”„«»「」‘’']")
STRAIGHT = "\"'"  # the same mark opens and closes; what stands beside it tells which
SHORTENED = re.compile(r"(?:\d0s|em|til|tis|twas|cause|n|round)\b", re.I)  # behind an apostrophe: "the '80s"
APOSTROPHE = "’'"  # they close a quotation only at the end of a word
PAIRED = {"“": "”", "„": "“”", "«": "»", "「": "」", '"': '"', "(": ")", "[": "]"}
PAUSES = ",;:"
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


def bare(span: Span) -> Span:
    """`span` without the pauses, and the marks and brackets that have no partner in it, at its ends; never empty.

    A reader that is sure of the words is often not of the mark beside them: `Barley Night,”`.
    """
    start, end = span.start, span.end
    while start < end:
        text = span.article.text[start:end]
        if text[-1].isspace() or text[-1] in PAUSES or _unopened(text[-1], text[:-1]):
            end -= 1
        elif text[0].isspace() or text[0] in PAUSES or _unclosed(text[0], text[1:]):
            start += 1
        else:
            return span.article.span(start, end)
    return span


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
        elif mark[0] in CLOSING and _begins(text, opened, at) and _opens(text, at):
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


def _unclosed(mark: str, behind: str) -> bool:
    """Whether the mark, at the beginning, has no partner in what stands behind it."""
    closing = PAIRED.get(mark)
    return not any(each in behind for each in closing) if closing else _closing(mark)


def _unopened(mark: str, before: str) -> bool:
    """Whether the mark, at the end, has no partner in what stands before it."""
    return (mark in PAIRED or _closing(mark)) and not any(
        mark in closing and opening in before for opening, closing in PAIRED.items()
    )


def _closing(mark: str) -> bool:
    return any(mark in closing for closing in PAIRED.values())


def _begins(text: str, opened: int, at: int) -> bool:
    """Whether a mark may open a quotation while one is open: the same mark anew, or a double one after a single one.

    A single one that is still open then was an apostrophe after all: "in the '80s".
    """
    if opened < 0:
        return True
    apostrophe = text[opened] in "'‘" and SHORTENED.match(text, opened + 1) is not None
    return text[at] == text[opened] != "“" or (apostrophe and text[at] in '“„«"')


def _opens(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return not before.isalnum() and after != "" and (not after.isspace() or text[at] == "«")


def _closes(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return not (text[at] in STRAIGHT and before.isspace()) and not (text[at] in APOSTROPHE and after.isalnum())
