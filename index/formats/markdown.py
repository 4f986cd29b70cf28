"""Markdown is read as it is rendered, without its markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from index.document import Document
from index.encodings import decode
from index.formats import html
from index.formats.blocks import LINE, PARAGRAPH, tidy, unmarked
from index.formats.titles import first_line

if TYPE_CHECKING:
    from markdown_it.token import Token

MARKDOWN_LIMIT = 2_000_000  # characters of Markdown that are parsed (seconds); a longer file is read as it stands

# Not what stands between two rules: front matter begins with a key or a remark.
_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\r?\n(?=[\w\"'-][^\n]*:|#)(.{0,20000}?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL
)
_FRONT_TITLE = re.compile(r"^title[ \t]*:[ \t]*(.+)$", re.IGNORECASE | re.MULTILINE)


def read(document: Document) -> tuple[str, str]:
    """(title of the front matter, or first heading, or first line; text). Raises ArticleError when it is not text."""
    from markdown_it import MarkdownIt

    source = decode(document, document.charset)
    if len(source) > MARKDOWN_LIMIT:
        return first_line(source).lstrip("# "), source
    title, source = _without_front_matter(source)
    blocks: list[str] = []
    opened: list[str] = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(source):
        if token.nesting:
            opened = [*opened, token.type] if token.nesting > 0 else opened[:-1]
            blocks.append(_break(token))
        elif token.type == "inline":
            text = _inline(token.children or [])
            if not title and opened[-1:] == ["heading_open"]:
                title = text
            blocks.append(unmarked(text))
        elif token.type in ("fence", "code_block", "html_block"):
            text = html.words(token.content) if token.type == "html_block" else token.content.strip("\n")
            blocks += (PARAGRAPH, unmarked(text), PARAGRAPH)
    text = tidy("".join(blocks), indent=True)
    return title or first_line(text), text


def _without_front_matter(source: str) -> tuple[str, str]:
    """(title that the front matter names, the Markdown after it)."""
    front = _FRONT_MATTER.match(source)
    if front is None:
        return "", source
    named = _FRONT_TITLE.search(front[1])
    return named[1].strip().strip("\"'") if named else "", source[front.end() :]


def _break(token: Token) -> str:
    """The break at the beginning or end of a block."""
    name = token.type.rpartition("_")[0]
    if name in ("td", "th"):
        return "\t" if token.nesting > 0 else ""
    if name in ("tr", "list_item", "thead", "tbody") or token.hidden or (name.endswith("list") and token.level):
        return LINE
    return PARAGRAPH


def _inline(tokens: Iterable[Token]) -> str:
    """The words within a block as they are rendered; a picture gives its description."""
    words: list[str] = []
    for token in tokens:
        if token.type in ("text", "code_inline", "text_special"):
            words.append(token.content)
        elif token.type == "softbreak":
            words.append(" ")
        elif token.type == "hardbreak" or (token.type == "html_inline" and token.content.lower().startswith("<br")):
            words.append("\n")
        elif token.type == "image":
            words.append(_inline(token.children or []))
    return "".join(words)
