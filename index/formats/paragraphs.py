"""Lines on pages become paragraphs: running heads are left out, lines joined, hyphenated words made whole."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from statistics import median

from index.formats.blocks import tidy
from index.formats.pdfium import HYPHEN
from index.formats.titles import first_line

_BULLET = re.compile(r"(?:[•‣▪●◦■□–—*·\uf0b7\uf0a7]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s", re.IGNORECASE)
_LEADER = re.compile(r"(?<!\.)(?<!\.\s)(?:\.\s?){4,}\d*$")  # a line of a table of contents
_ENDED = re.compile(r"[.!?:;。！？…][\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class Line:
    """One visual line of a page; lengths in points, counted from the lower left corner."""

    text: str
    page: int
    left: float
    right: float
    bottom: float  # of its letters without tails: the baseline
    height: float


def without_running_heads(pages: list[list[Line]]) -> list[list[Line]]:
    """The pages less first and last lines that return on three or more; the first stays.

    They are the same but for numbers that rise with the pages; others are told of: "Results of 2019".
    """
    for place in (0, -1):
        masked = _masked([page[place] if page else None for page in pages])
        often = {text for text, times in Counter(masked).items() if text and times >= 3}
        seen: set[str] = set()
        kept = []
        for page, text in zip(pages, masked, strict=True):
            drop = text in often and (text in seen or not re.search(r"[^\W\d_]", text))
            seen.add(text)
            kept.append((page[1:] if place == 0 else page[:-1]) if drop else page)
        pages = kept
    return pages


def _masked(lines: list[Line | None]) -> list[str]:
    """Each line with those numbers masked that rise with the pages, as those of a page do, in lines like it."""
    like: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        if line:
            like.setdefault(re.sub(r"\d+", "#", line.text), []).append(place)
    masked = [re.sub(r"\b[ivxlc]+\b", "#", line.text) if line else "" for line in lines]
    masked = [text if re.search(r"[^\W\d_]", text) else re.sub(r"\d+", "#", text) for text in masked]
    for places in like.values():
        numbers = [re.findall(r"\d+", masked[place]) for place in places]
        pages = [line.page for place in places if (line := lines[place])]
        for nth in range(len(numbers[0])):
            beyond = Counter(int(own[nth][-9:]) - page for own, page in zip(numbers, pages, strict=True))
            for own, page in zip(numbers, pages, strict=True):
                if beyond[int(own[nth][-9:]) - page] >= 3:
                    own[nth] = "#"
        for place, own in zip(places, numbers, strict=True):
            between = re.split(r"\d+", masked[place])
            masked[place] = "".join(itertools.chain(*zip(between, [*own, ""], strict=True)))
    return masked


def join(lines: list[Line]) -> str:
    """The lines as text: those of one paragraph joined, words that were hyphenated at a line's end made whole."""
    pitch = _pitches(lines)
    pieces: list[str] = []
    for number, line in enumerate(lines):
        if number:
            above = lines[number - 1]
            edge = max(each.right for each in lines[max(0, number - 12) : number + 12] if each.page == above.page)
            gap = above.bottom - line.bottom
            if _continues(above, line, edge=edge, pitch=pitch.get(above.page, 1.2 * above.height)):
                pieces.append("" if above.text.endswith(HYPHEN) else " ")
            elif above.page != line.page or gap > 1.3 * pitch.get(above.page, gap) or not _same_size(above, line):
                pieces.append("\n\n")
            else:
                pieces.append("\n")
        text = line.text
        pieces.append(text[:-1] + HYPHEN if re.search(r"[^\W\d_]-$", text) else text)
    return tidy(_dehyphenated("".join(pieces)))


def headline(lines: list[Line]) -> str:
    """The title that the first page shows; `lines` holds at least one.

    Up to three lines in the page's largest type when that is larger than usual; else a short first line; else empty.
    """
    first = [line for line in lines if line.page == lines[0].page]
    usual = median(line.height for line in lines)
    top = max(first, key=lambda line: line.height)
    if top.height > 1.15 * usual:
        start = first.index(top)
        large = itertools.takewhile(lambda line: _same_size(line, top), first[start : start + 3])
        return _dehyphenated(" ".join(line.text for line in large))
    return first_line("\n".join(line.text for line in first))


def _continues(above: Line, below: Line, *, edge: float, pitch: float) -> bool:
    """Whether `below` goes on with the paragraph of `above`."""
    if _BULLET.match(below.text) or _LEADER.search(above.text) or not _same_size(above, below):
        return False
    ended = bool(_ENDED.search(above.text))
    drop = above.bottom - below.bottom
    if above.page != below.page or drop < -0.5 * above.height:  # the next page or column
        return not ended and (below.text[0].islower() or above.text.endswith((",", "-", HYPHEN)))
    if drop > 1.3 * pitch:
        return False
    word = len(below.text.split(maxsplit=1)[0]) + 1
    if above.right + word * (below.right - below.left) / len(below.text) < edge - 0.5 * above.height:
        return False  # the next word had room on the line above: the line was ended on purpose
    return not (ended and below.left - above.left > 0.8 * above.height)  # an indented first line


def _same_size(above: Line, below: Line) -> bool:
    return abs(above.height - below.height) <= 0.15 * max(above.height, below.height)


def _pitches(lines: list[Line]) -> dict[int, float]:
    """For each page the distance from one line of a paragraph to the next, in points."""
    drops: dict[int, list[float]] = {}
    for above, below in itertools.pairwise(lines):
        drop = above.bottom - below.bottom
        if above.page == below.page and _same_size(above, below) and 0 < drop < 3 * above.height:
            drops.setdefault(above.page, []).append(drop)
    # the lower quartile, since a page of short lists has a wide median
    return {page: sorted(each)[len(each) // 4] for page, each in drops.items()}


def _dehyphenated(text: str) -> str:
    """The text with words made whole; a hyphen stays where the text writes that word with one elsewhere."""
    known = set(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.lower()))

    def whole(match: re.Match[str]) -> str:
        first, second = match[1] or "", match[2]
        joined, hyphened = f"{first}{second}", f"{first}-{second}"
        if second.lower() in ("and", "or", "to") and joined.lower() not in known:  # "short- and long-term"
            return f"{first}- {second}"
        keep = second[:1].isupper() or (hyphened.lower() in known and joined.lower() not in known)
        return hyphened if keep else joined

    text = re.sub(rf"(?:(?<![^\W\d_])([^\W\d_]+))?{HYPHEN}\s?([^\W\d_]+)", whole, text)
    return text.replace(HYPHEN, "-")
