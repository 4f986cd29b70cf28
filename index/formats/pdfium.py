"""The lines of a PDF, found in a process of its own: `python -P pdfium.py SECONDS CHARACTERS`, the PDF comes in, JSON
goes out.

PDFium is not thread-safe, gives no way to stop it within a page, and is fed what strangers made: two kilobytes can keep
it busy for years, or fill the memory. A process can be ended, and takes nobody along. Nothing of this project is
imported here, so that it starts at once.
"""

from __future__ import annotations

import json
import re
import sys
import time
from contextlib import suppress
from statistics import median
from typing import Any

HYPHEN = "\ufffe"  # PDFium's sign for a hyphen at the end of a line
MEMORY = 4 << 30  # bytes of addresses that one PDF may take
LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}

Row = tuple[str, int, float, float, float, float]  # text, page, left, right, bottom, height


def main() -> None:
    with suppress(ImportError, ValueError, OSError):  # not every system has such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    seconds, characters = float(sys.argv[1]), int(sys.argv[2])
    json.dump(read(sys.stdin.buffer.read(), seconds=seconds, characters=characters), sys.stdout)


def read(data: bytes, *, seconds: float, characters: int) -> dict[str, Any]:
    """`title`, `count` of pages and `lines` as rows; or `error`: "password", "damaged", "slow" or "long"."""
    import pypdfium2  # type: ignore[import-untyped]  # no stubs

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        return {"error": "password" if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD else "damaged"}
    deadline = time.monotonic() + seconds
    lines: list[Row] = []
    size = 0
    for number in range(len(pdf)):
        if time.monotonic() > deadline:
            return {"error": "slow"}
        with suppress(pypdfium2.PdfiumError):  # one damaged page does not take the others along
            page = pdf[number]
            textpage = page.get_textpage()
            found = _lines(textpage, number)
            lines += found
            size += sum(len(text) for text, *_ in found)
            textpage.close()
            page.close()
        if size > characters:
            return {"error": "long"}
    return {"title": pdf.get_metadata_dict().get("Title", ""), "count": len(pdf), "lines": lines}


def _lines(textpage: Any, page: int) -> list[Row]:
    """The visual lines of a page, in the order of its content."""
    from pypdfium2 import raw

    codes = [raw.FPDFText_GetUnicode(textpage.raw, place) for place in range(textpage.count_chars())]
    ends = [place for place, code in enumerate(codes) if code in (10, 13)]
    lines: list[Row] = []
    for start, end in zip([0, *(place + 1 for place in ends)], [*ends, len(codes)], strict=True):
        text = _from_codes(codes[start:end]).strip()
        visible = [place for place in range(start, end) if codes[place] > 32]
        if text and visible:
            sample = visible[:: 1 + len(visible) // 8]  # one glyph of another font must not speak for the line
            boxes = (textpage.get_charbox(at, loose=True) for at in sample)
            height = median(top - bottom for _, bottom, _, top in boxes)
            left, right = textpage.get_charbox(visible[0])[0], textpage.get_charbox(visible[-1])[2]
            lines.append((text, page, left, right, _baseline(textpage, visible[-1]), height))
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
    text = text.translate(LIGATURES).replace("\x02", HYPHEN).replace("\xad", "")
    return re.sub(r"[\x00-\x1f\x7f]", " ", text)


if __name__ == "__main__":
    main()
