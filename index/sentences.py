"""Sentence boundaries as exact spans: every character that is not white space belongs to exactly one sentence.

The boundaries come from sentencex, which is fast and knows abbreviations, initials and decimals. It reads one line at
a time, with quotation marks and brackets blanked out, since it would keep all that stands between two of them as one
sentence. A few rules then move, add or drop a boundary where quotations, lists, references or the web need it, and
what is longer than any sentence is cut at a pause.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from index.text import Article, Span
from index.wrapped import unwrapped

LONGEST = 1_000  # characters; 3 of 38,795 sentences of Wikipedia have more, and the default encoder reads about as many
BLOCK = 4_000  # characters that the library reads at once: its time grows with their square in some scripts
NEAR = 60  # characters on either side of a boundary that the rules look at
CLUSTER = 64  # code points in one visible character; Unicode's stream-safe text has at most 30 marks in a row
LANGUAGE = "en"  # whose abbreviations the library knows; it ends sentences at the stops of every script

OPENING = "“„‟‘‚‛«‹"
CLOSING = "\"'`´”’»›)]}）」』】》"
WIDE = ("。", "！", "？", "．", "｡")  # stops of scripts that put no blank between sentences
SILENT = r"\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"  # direction marks, blanks without width
EMOJI = r"\u2639\u263a\u2764\U0001f300-\U0001faff"

# What the library must not see: white space it may not know, characters it cannot encode, quotation marks, brackets and
# silent characters, unless they stand inside a word, and a hyphen that hides an abbreviation (Japan-U.S., Trinity-St.).
UNSEEN = re.compile(
    rf"[\s\x00-\x1f\ud800-\udfff\"´“”„‟«»‹›()\[\]{{}}（）「」『』【】《》]"
    rf"|(?<!\w)['`‘’‚‛{SILENT}]|['`‘’‛{SILENT}](?!\w)|(?<=\w)[-–](?=[A-Z][a-zA-Z]?\.)"
)
# Ends that the library passes over: several stops at once, and a headline without one before a full date, where a page
# has lost its layout. "On Monday, June 1, 2026" is no such date.
LOUD = re.compile(r"(?<![!?])[!?]{2,}(?=\s{1,3}\w)|…(?=\s{1,3}[A-Z])")
DATED = re.compile(r"\w\W{0,3}(?= (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? [A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}\s*$)")
BEFORE_DATE = re.compile(r"(?:\b(?:after|and|before|by|for|from|of|on|or|since|to|until)|[,;:(–—-])\s*$", re.IGNORECASE)
# What still belongs to the sentence that a stop has ended: closing marks, references such as [12], a smiley.
TAIL = re.compile(
    rf"(?:[.!?…‼⁉\ufe0f{''.join(WIDE)}{re.escape(CLOSING)}{SILENT}]|[{OPENING}](?!\w)|[ \u00a0\u202f][»›](?!\w)"
    rf"|\[(?:\d{{1,3}}|[a-z])\])*"
    rf"(?:\s?(?:[:;=8xX][-^'o]?[()\[\]DPp/\\|*]+|<3+|[{EMOJI}][{EMOJI}\ufe0f\u200d\u2640\u2642]*)(?!\S))*"
)
# A stop between two words is inside a name (Newsfeeds.Com), but for a small word and a capital one: the blank is lost.
WORD_STOP = re.compile(r"(?:^|\s)[a-z]{2,}[.!?]+$")
WORD = re.compile(r"[A-Z][a-z]*(?:['’][a-z]+)?,?\s")
# The text goes on behind a stop with punctuation, with who said it, or because an abbreviation that the library does
# not know needs what follows: a name, a number, a time zone, anything.
PUNCTUATION = ",;:.!?%)]}”…"
SPEAKER = re.compile(r"(?:[A-Z][\w.’'-]*\s+){1,3}(?:said|says|asked|asks|told|replied|wrote|added|shouted|cried)\b")
NUMBERED = ["approx", "ca", "ch", "eq", "eqs", "fig", "figs", "para", "sect", "tab", "vol", "vols"]
NEEDS = {
    **dict.fromkeys(["Ms.", "Mx.", "Amb.", "Atty.", "Ft."], re.compile(r"[^\W\d_]")),
    **dict.fromkeys([f"{word}." for each in NUMBERED for word in (each, each.capitalize())], re.compile(r"\d")),
    **dict.fromkeys(["a.m.", "p.m."], re.compile(r"(?:Eastern|Central|Mountain|Pacific|[A-Z]{1,3}T|UTC)\b")),
    **dict.fromkeys(["e.g.", "i.e.", "E.g.", "I.e."], re.compile("")),
}
# No sentence of its own is what holds no letter or figure, and the number, letter or bullet of a list's item.
READABLE = re.compile(r"[^\W_]")
MARKER = re.compile(r"\s*(?:[-*•]\s*)?\(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,5}|[IVX]{1,5})[.)]")
# Where a text that is too long may be cut: behind a pause, or else behind a word.
PAUSE = re.compile(r"[,;:—–)\]]['\"’”]?(?=\s)")
WORD_END = re.compile(r"\S(?=\s)")
# Code points that belong to the one before them, besides marks: skin tones, tags, two Asian vowels, and the later
# letters of a Korean syllable.
JOINER = "\u200d"
FLAGS = range(0x1F1E6, 0x1F200)
EXTENDING = re.compile("[\u200c\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u0e33\u0eb3\u1160-\u11ff\ud7b0-\ud7ff]")
BLANKS = re.compile(r"\s*")


def split(article: Article) -> tuple[Span, ...]:
    """The sentences in order, none overlapping another, none beginning or ending in white space; () for a blank text.

    A line break, as `str.splitlines` knows it, ends a sentence, but not in a paragraph that was wrapped at some width,
    as in an e-mail (`index/wrapped.py`). None has more than `LONGEST` characters. None
    begins or ends inside a character made of several code points (a letter and its accents, an emoji and its
    joiners), unless that is longer than `CLUSTER`.
    """
    spans = []
    start = 0
    for line in unwrapped(article.text):
        for first, last in pairwise([0, *_ends(line)] if not line.isspace() else ()):
            spans += [Span(article, start + begin, start + end) for begin, end in _pieces(line, first, last)]
        start += len(line)
    return tuple(spans)


def _ends(line: str) -> list[int]:
    """Where the sentences of one line end, in order; the last is the end of the line."""
    ends: list[int] = []
    reached = 0
    for stop in _stops(line):
        if stop <= reached:
            continue  # inside the tail of an earlier stop
        reached = TAIL.match(line, stop).end()  # type: ignore[union-attr]  # it matches nothing, too
        if reached < len(line) and not _goes_on(line, reached):
            ends.append(reached)
    return _joined(line, [*ends, len(line)])


def _stops(line: str) -> list[int]:
    """Behind each stop where the library ends a sentence, and behind those that it passes over."""
    from sentencex import get_sentence_boundaries  # type: ignore[import-untyped]  # it has no stubs

    seen = UNSEEN.sub(" ", line)
    stops = {match.end() for match in LOUD.finditer(seen)}
    dated = DATED.search(seen)
    if dated and not BEFORE_DATE.search(line[max(0, dated.end() - NEAR) : dated.end()]):
        stops.add(dated.end())
    start = 0
    while start < len(seen):
        found = get_sentence_boundaries(LANGUAGE, seen[start : start + BLOCK])
        ends = [start + each["start_index"] + len(each["text"].rstrip()) for each in found if each["text"].strip()]
        if start + BLOCK < len(seen):
            ends = ends[:-1]  # a sentence need not end where a block does
        stops.update(ends)
        start = ends[-1] if ends else start + BLOCK
    return sorted(stops)


def _goes_on(line: str, end: int) -> bool:
    """Whether the sentence goes on at `end`, though a stop stands before it."""
    before, after = line[max(0, end - NEAR) : end], line[end : end + NEAR]
    following = after.lstrip()
    if not following:
        return False
    if _glued(line, end):
        return True
    stopped = before.rstrip(CLOSING)
    if not after[0].isspace():
        return stopped[-1:] not in WIDE and not (WORD_STOP.search(before) and WORD.match(after))
    if following[0] in PUNCTUATION:
        return True
    if stopped != before:
        return following[0].islower() or (stopped[-1:] in ("?", "!") and SPEAKER.match(following) is not None)
    needs = NEEDS.get(before.split()[-1].lstrip("([{\"'" + OPENING))
    return needs is not None and needs.match(following) is not None


def _joined(line: str, ends: list[int]) -> list[int]:
    """`ends` without those that would leave a piece which is no sentence of its own: it joins its neighbour."""
    joined: list[int] = []
    waits = False  # whether the last piece is a marker, or marks at the beginning, and joins what follows
    for first, last in pairwise([0, *ends]):
        bare = READABLE.search(line, first, last) is None
        if joined and (bare or waits):
            joined[-1] = last
        else:
            joined.append(last)
        waits = (bare and (waits or first == 0)) or MARKER.fullmatch(line, first, last) is not None
    return joined


def _pieces(line: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Characters `first` to `last` without white space around them, in pieces of at most `LONGEST`."""
    last = first + len(line[first:last].rstrip())
    while (first := BLANKS.match(line, first, last).end()) < last:  # type: ignore[union-attr]  # it matches nothing, too
        end = _pause(line, first, last) if last - first > LONGEST else last
        yield first, first + len(line[first:end].rstrip())
        first = end


def _pause(line: str, first: int, last: int) -> int:
    """The best place to cut a text that is too long: a pause in the latter half of a fair share of it."""
    share = first + math.ceil((last - first) / math.ceil((last - first) / LONGEST))
    for places in (PAUSE, WORD_END):
        for match in reversed([*places.finditer(line, (first + share) // 2, share)]):
            if not _glued(line, match.end()):
                return match.end()
    return next((end for end in range(share, share - CLUSTER, -1) if not _glued(line, end)), share)


def _glued(line: str, place: int) -> bool:
    """Whether a cut at `place` would fall inside a visible character, or before a mark whose base is a blank."""
    before, after = line[place - 1], line[place]
    if before == JOINER or (ord(before) in FLAGS and ord(after) in FLAGS):
        return True
    if after.isspace():
        following = BLANKS.match(line, place)
        after = line[following.end() : following.end() + 1] if following else ""
    return unicodedata.category(after or " ").startswith("M") or EXTENDING.match(after) is not None
