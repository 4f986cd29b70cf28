"""How things from outside are written in messages and titles: printable, on one line, and short."""

from __future__ import annotations

LINE_LIMIT = 200  # characters of a title, and of a reason that another library gives
QUOTED_LIMIT = 100  # characters of a path or an address in a message


def one_line(text: str) -> str:
    """At most LINE_LIMIT characters on one line, without control characters; empty when the text shows nothing."""
    text = " ".join("".join(each if each.isprintable() else " " for each in text[:10_000]).split())
    return text if len(text) <= LINE_LIMIT else text[: LINE_LIMIT - 1].rstrip() + "…"


def quoted(text: str) -> str:
    """The text in quotation marks, with U+FFFD for what cannot be printed; long ones lose their middle."""
    text = "".join(each if each.isprintable() else "\ufffd" for each in text)
    return f"'{text}'" if len(text) <= QUOTED_LIMIT else f"'{text[:60]}…{text[-35:]}'"


def megabytes(size: int) -> str:
    """A number of bytes as people say it: `20 MB`, `1,234.5 MB`."""
    return f"{size / 1_000_000:,.1f} MB".replace(".0 MB", " MB")
