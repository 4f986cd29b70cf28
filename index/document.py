"""A document before it is read: its bytes, what its origin says about them, and how large it may be."""

from __future__ import annotations

from dataclasses import dataclass, field

from index.wording import quoted

SIZE_LIMIT = 20_000_000  # bytes of a file or a download, before and after decompression
TEXT_LIMIT = 20_000_000  # characters of an article; every text file within SIZE_LIMIT passes
READABLE = "a text, Markdown, HTML, PDF or Word (.docx) file"  # for messages


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes as they came, with what their origin says about them."""

    data: bytes = field(repr=False)
    source: str  # the path as given, or the address after redirects
    name: str  # a file name, for its suffix and as the last resort for a title
    type: str = ""  # the content type, when a server gave one
    charset: str = ""  # likewise

    @property
    def shown(self) -> str:
        """The source as messages quote it."""
        return quoted(self.source)
