"""What may serve as an article's title."""

from __future__ import annotations

import re

FIRST_LINE_LIMIT = 100  # characters of a first line that may serve as a title

_POOR = re.compile(
    r"\W*|untitled.*|title|document\d*|word document|powerpoint presentation"
    r"|.*\.(?:docx?|pdf|tex|dvi|indd|qxd|rtf|odt|txt|html?|pptx?|xlsx?)",
    re.IGNORECASE,
)


def first_line(text: str) -> str:
    """The first line when it reads like a title: short, without a full stop, and not all there is; else empty."""
    first, _, rest = text[:100_000].strip().partition("\n")
    first = first.strip()
    return first if len(first) <= FIRST_LINE_LIMIT and not first.endswith(".") and rest.strip() else ""


def telling(title: str) -> str:
    """The title from a document's properties, empty when a program put it there: a file name, `untitled`."""
    return "" if _POOR.fullmatch(title) else title
