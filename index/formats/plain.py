"""Plain text is the article as it stands, character by character."""

from __future__ import annotations

from index.document import Document
from index.encodings import decode
from index.formats.titles import first_line


def read(document: Document) -> tuple[str, str]:
    """(first line if it reads like a title, decoded text). Raises ArticleError when the bytes are not text."""
    text = decode(document, document.charset)
    return first_line(text), text
