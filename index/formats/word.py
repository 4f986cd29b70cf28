"""A Word document is its paragraphs, list items and table rows in their order, as a reader sees them."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from index.document import Document
from index.errors import ArticleError
from index.formats.blocks import tidy
from index.formats.titles import first_line, telling
from index.wording import megabytes

XML_LIMIT = 50_000_000  # bytes of one unpacked part; its tree takes about ten times as much memory
UNPACKED_LIMIT = 200_000_000  # bytes of a whole unpacked file, pictures included

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

_HIDDEN = {f"{_W}{name}" for name in ("pPr", "rPr", "del", "moveFrom", "txbxContent", "instrText")} | {f"{_MC}Fallback"}
_ROW, _ITEM = "\0row", "\0item"  # styles of blocks that stand close together; no real name has a null in it


def read(document: Document) -> tuple[str, str]:
    """(paragraph styled as a title, or the title property when it is telling, or the first heading or line; text).

    Raises ArticleError when the document is damaged or unpacks to more than the limits allow.
    """
    bodies, title, styles = _opened(document)
    named = {"title": "", "heading 1": ""}
    pieces: list[str] = []
    previous = ""
    for style, block in (each for part in bodies for each in _blocks(part)):
        if not block.strip():
            continue
        name = styles.get(style, style).lower()
        if name in named and not named[name]:
            named[name] = block
        tight = style == previous and (style in (_ROW, _ITEM) or "list" in name)
        pieces += ("\n" if tight else "\n\n", block)
        previous = style
    text = tidy("".join(pieces))
    return named["title"] or telling(title.strip()) or named["heading 1"] or first_line(text), text


def _opened(document: Document) -> tuple[list[Any], str, dict[str, str]]:
    """(the body and its notes, if any; title property; names of styles by their ids)."""
    import docx
    from docx.opc.exceptions import OpcError
    from lxml import etree  # type: ignore[import-untyped]  # no stubs

    damaged = (
        OpcError,
        zipfile.BadZipFile,
        zlib.error,
        etree.LxmlError,
        LookupError,  # a part that others refer to is missing
        AttributeError,  # a part of another type than its name says
        TypeError,
        ValueError,
        RuntimeError,  # an encrypted member
        EOFError,
        OSError,
    )
    try:
        _check_size(document)
        word = docx.Document(BytesIO(document.data))
        styles = {style.style_id: style.name or "" for style in word.styles}
        bodies = [] if word.element.body is None else [word.element.body, *_notes(word)]
        return bodies, word.core_properties.title or "", styles
    except damaged:
        raise ArticleError(
            f"{document.shown} is a damaged Word document, or none of the usual kind; open it in a word processor and "
            "save a copy as .docx"
        ) from None


def _notes(word: Any) -> Iterator[Any]:
    """The footnotes and endnotes, without the lines that separate them from the text."""
    from docx.oxml.parser import parse_xml

    for rel in word.part.rels.values():
        if not rel.is_external and rel.reltype.endswith(("/footnotes", "/endnotes")):
            yield from (note for note in parse_xml(rel.target_part.blob) if note.get(f"{_W}type") is None)


def _check_size(document: Document) -> None:
    """Raises ArticleError when unpacking would fill the memory; reads the table of contents only."""
    with zipfile.ZipFile(BytesIO(document.data)) as archive:
        entries = archive.infolist()
    read = (entry.file_size for entry in entries if not entry.filename.startswith("word/media/"))
    largest = max(read, default=0)
    total = sum(entry.file_size for entry in entries)
    if largest > XML_LIMIT or total > UNPACKED_LIMIT:
        raise ArticleError(f"{document.shown} unpacks to {megabytes(total)}, which is too much; save it as text first")


def _blocks(element: Any) -> Iterator[tuple[str, str]]:
    """(style, text) of each paragraph, list item and table row, in order."""
    for child in element.iterchildren():
        if child.tag == f"{_W}p":
            numbered = child.find(f"{_W}pPr/{_W}numPr") is not None
            style = child.find(f"{_W}pPr/{_W}pStyle")
            yield _ITEM if numbered else "" if style is None else style.get(f"{_W}val", ""), _runs(child)
            for box in _nearest(child, "txbxContent"):
                if not any(up.tag == f"{_MC}Fallback" for up in box.iterancestors()):
                    yield from _blocks(box)
        elif child.tag == f"{_W}tbl":
            for row in _nearest(child, "tr"):
                cells = (" ".join(text for _, text in _blocks(cell)) for cell in _nearest(row, "tc"))
                yield _ROW, "\t".join(" ".join(cell.split()) for cell in cells)
        elif isinstance(child.tag, str) and child.tag not in (f"{_W}del", f"{_W}moveFrom"):
            yield from _blocks(child)  # content controls, insertions and other wrappers


def _nearest(element: Any, name: str) -> list[Any]:
    """The descendants of that name that belong to no inner element of the same kind as `element`, so none twice."""
    return [each for each in element.iter(f"{_W}{name}") if next(each.iterancestors(element.tag)) is element]


def _runs(element: Any) -> str:
    """The visible words of a paragraph; deleted text, field codes and text boxes are not among them."""
    words: list[str] = []
    for child in element.iterchildren():
        if child.tag in (f"{_W}t", f"{_M}t"):
            words.append(child.text or "")
        elif child.tag == f"{_W}tab":
            words.append("\t")
        elif child.tag in (f"{_W}br", f"{_W}cr"):
            words.append("\n" if child.get(f"{_W}type", "textWrapping") == "textWrapping" else " ")
        elif child.tag == f"{_W}noBreakHyphen":
            words.append("-")
        elif isinstance(child.tag, str) and child.tag not in _HIDDEN:
            words.append(_runs(child))
    return "".join(words)
