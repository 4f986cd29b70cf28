"""Articles and spans of them. Every result in this project is a span, so a citation is always exact."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

SURROGATES = re.compile("[\ud800-\udfff]")
UNSHOWABLE = re.compile("[\x00\ud800-\udfff]")  # what a page or a file of UTF-8 cannot hold


@dataclass(frozen=True, slots=True)
class Article:
    """A text that is never rewritten, with what people call it and where it came from."""

    text: str = field(repr=False)
    title: str = ""
    source: str = ""  # a path or a URL; empty for a pasted text

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Characters `start` to `end` (exclusive); the whole text by default."""
        return Span(self, start, len(self.text) if end is None else end)


@dataclass(frozen=True, slots=True, order=False)
class Span:
    """Characters `start` to `end` (exclusive) of `article.text`; the text is derived, so it cannot drift.

    Raises ValueError unless 0 <= start <= end <= len(article.text).
    """

    article: Article = field(repr=False)
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end <= len(self.article.text):
            raise ValueError(f"span {self.start}:{self.end} is outside a text of {len(self.article.text)} characters")

    @property
    def text(self) -> str:
        return self.article.text[self.start : self.end]

    def sub(self, start: int, end: int) -> Span:
        """The span whose `start` and `end` are counted from the beginning of this one."""
        return Span(self.article, self.start + start, self.start + end)

    def holds(self, other: Span) -> bool:
        """Whether `other` lies wholly inside this span of the same article."""
        return self.start <= other.start and other.end <= self.end and self.article == other.article

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one character."""
        return self.start < other.end and other.start < self.end and self.article == other.article


def encodable(text: str) -> str:
    """`text` with lone surrogates, which neither UTF-8 nor any tokenizer takes, replaced by U+FFFD one for one."""
    return text if text.isascii() else SURROGATES.sub("\ufffd", text)


def composed(text: str) -> str:
    """`text` with letters and their accents as one character each, in which words are compared."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def utf8(path: str) -> str:
    """`path` with each byte that is not UTF-8 as an escape (`\\udce9`), so that two paths stay two."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def showable(text: str) -> str:
    """`text` with U+FFFD for null characters and lone surrogates, one for one, to be shown and saved anywhere."""
    return text if text.isascii() and "\0" not in text else UNSHOWABLE.sub("\ufffd", text)
