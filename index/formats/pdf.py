"""A PDF is its lines as PDFium finds them, joined to paragraphs; its title the document's, or the largest line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import groupby
from typing import Any

from index.document import TEXT_LIMIT, Document
from index.errors import ArticleError
from index.formats import pdfium
from index.formats.paragraphs import Line, headline, join, without_running_heads
from index.formats.titles import telling

PDF_TIME = 60.0  # seconds for the pages of one PDF
STARTING = 20.0  # seconds more that its process may take on a busy machine


def read(document: Document) -> tuple[str, str]:
    """(title of the properties when it is telling, or the headline; text).

    Raises ArticleError when the PDF is encrypted, damaged, without text, or takes longer than PDF_TIME.
    """
    shown = document.shown
    found = _found(document)
    told = {
        "password": "is encrypted with a password; save a copy without one",
        "damaged": "is a damaged PDF; get it again or open it in a viewer and save a copy",
        "slow": f"takes longer than {PDF_TIME:g} seconds to read; split it into parts",
        "long": f"holds more than {TEXT_LIMIT:,} characters of text; split it into parts",
    }
    if problem := told.get(found.get("error", "")):
        raise ArticleError(f"{shown} {problem}")
    lines = [Line(*row) for row in found["lines"]]
    pages = [list(page) for _, page in groupby(lines, key=lambda line: line.page)]
    kept = [line for page in without_running_heads(pages) for line in page]
    if not kept:
        count = found["count"]
        raise ArticleError(
            f"{shown} has {count} page{'s' * (count != 1)} but no text, as if scanned; "
            "run text recognition (OCR) on it first"
        )
    return telling(re.sub(r"^Microsoft \w+ - ", "", found["title"].strip())) or headline(kept), join(kept)


def _found(document: Document) -> dict[str, Any]:
    """What `pdfium.read` gives, from a process of its own."""
    command = [sys.executable, "-P", pdfium.__file__, str(PDF_TIME), str(TEXT_LIMIT)]
    try:
        done = subprocess.run(  # noqa: S603 (our own script)
            command, input=document.data, capture_output=True, timeout=PDF_TIME + STARTING, check=True
        )
    except subprocess.TimeoutExpired:
        return {"error": "slow"}
    except subprocess.CalledProcessError:  # out of memory, or PDFium fell
        return {"error": "damaged"}
    found: dict[str, Any] = json.loads(done.stdout)
    return found
