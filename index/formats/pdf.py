"""A PDF is its lines as PDFium finds them, joined to paragraphs; its title the document's, or the largest line."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from index.document import TEXT_LIMIT, Document
from index.errors import ArticleError
from index.formats.paragraphs import HYPHEN, Line, headline, join, without_running_heads
from index.formats.titles import telling

PDF_TIME = 60.0  # seconds for the pages of one PDF

_LOCK = threading.Lock()  # PDFium is not thread-safe
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}


def read(document: Document) -> tuple[str, str]:
    """(title of the properties when it is telling, or the headline; text). One PDF is read at a time.

    Raises ArticleError when the PDF is encrypted, damaged, without text, or takes longer than PDF_TIME.
    """
    import pypdfium2  # type: ignore[import-untyped]  # no stubs

    shown = document.shown
    with _LOCK:
        try:
            pdf = pypdfium2.PdfDocument(document.data)
        except pypdfium2.PdfiumError as error:
            if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
                raise ArticleError(f"{shown} is encrypted with a password; save a copy without one") from None
            raise ArticleError(
                f"{shown} is a damaged PDF; get it again or open it in a viewer and save a copy"
            ) from None
        try:
            title = pdf.get_metadata_dict().get("Title", "")
            count = len(pdf)
            pages = list(_pages(pdf, shown))
        finally:
            pdf.close()
    lines = [line for page in without_running_heads(pages) for line in page]
    if not lines:
        raise ArticleError(
            f"{shown} has {count} page{'s' * (count != 1)} but no text, as if scanned; "
            "run text recognition (OCR) on it first"
        )
    return telling(re.sub(r"^Microsoft \w+ - ", "", title.strip())) or headline(lines), join(lines)


def _pages(pdf: Any, shown: str) -> Iterator[list[Line]]:
    """The lines of each page that can be read, within PDF_TIME and TEXT_LIMIT."""
    import pypdfium2

    deadline = time.monotonic() + PDF_TIME
    size = 0
    for number in range(len(pdf)):
        if time.monotonic() > deadline:
            raise ArticleError(f"{shown} takes longer than {PDF_TIME:g} seconds to read; split it into parts")
        try:
            page = pdf[number]
            textpage = page.get_textpage()
            lines = _lines(textpage, number)
            textpage.close()
            page.close()
        except pypdfium2.PdfiumError:  # one damaged page does not take the others along
            continue
        size += sum(len(line.text) for line in lines)
        if size > TEXT_LIMIT:
            raise ArticleError(f"{shown} holds more than {TEXT_LIMIT:,} characters of text; split it into parts")
        yield lines


def _lines(textpage: Any, page: int) -> list[Line]:
    """The visual lines of a page, in the order of its content."""
    from pypdfium2 import raw

    codes = [raw.FPDFText_GetUnicode(textpage.raw, place) for place in range(textpage.count_chars())]
    ends = [place for place, code in enumerate(codes) if code in (10, 13)]
    lines: list[Line] = []
    for start, end in zip([0, *(place + 1 for place in ends)], [*ends, len(codes)], strict=True):
        text = _from_codes(codes[start:end]).strip()
        visible = [place for place in range(start, end) if codes[place] > 32]
        if text and visible:
            sample = visible[:: 1 + len(visible) // 8]  # one glyph of another font must not speak for the line
            height = median(
                top - bottom for _, bottom, _, top in (textpage.get_charbox(at, loose=True) for at in sample)
            )
            left, right = textpage.get_charbox(visible[0])[0], textpage.get_charbox(visible[-1])[2]
            lines.append(Line(text, page, left, right, _baseline(textpage, visible[-1]), height))
    return lines


def _baseline(textpage: Any, place: int) -> float:
    from ctypes import byref, c_double

    from pypdfium2 import raw

    x, y = c_double(), c_double()
    raw.FPDFText_GetCharOrigin(textpage.raw, place, byref(x), byref(y))
    return y.value


def _from_codes(codes: list[int]) -> str:
    """The characters of a PDF line: surrogate pairs joined, ligatures opened, unmapped glyphs left out."""
    text = "".join(map(chr, codes)).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = text.translate(_LIGATURES).replace("\x02", HYPHEN).replace("\xad", "")
    return re.sub(r"[\x00-\x1f\x7f]", " ", text)
