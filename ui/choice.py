"""What there is to choose from: a picker above the article, the contents of a library, questions to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ui.render import escape, shortened


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be asked; `key` names it to the page, `group` says what it belongs to, "" by itself."""

    group: str
    key: str
    name: str
    chosen: bool = False


def picker_html(choices: Sequence[Choice]) -> str:
    """A list to choose from; empty when there is nothing to choose between."""
    if len(choices) < 2:
        return ""
    parts = []
    for group, members in groupby(choices, key=lambda choice: choice.group):
        options = "".join(
            f'<option value="{escape(each.key)}"{" selected" if each.chosen else ""}>{_named(each)}</option>'
            for each in members
        )
        parts.append(f'<optgroup label="{escape(group)}">{options}</optgroup>' if group else options)
    return f'<label class="picker"><span>Ask</span><select>{"".join(parts)}</select></label>'


def contents_html(title: str, choices: Sequence[Choice], *, total: int) -> str:
    """A library's articles in the place of an article, each a button that chooses it; `choices` may be the first."""
    items = "".join(
        f'<li><button type="button" data-key="{escape(each.key)}" dir="auto">{_named(each)}</button></li>'
        for each in choices
    )
    rest = f"<p>… and {total - len(choices):,} more, which answers come from all the same.</p>" * (total > len(choices))
    return (
        f'<article class="article contents" tabindex="0" aria-label="The library"><h2 dir="auto">{escape(title)}</h2>'
        f'<p class="about">{total:,} {"article" if total == 1 else "articles"}. A question is asked of all of them; '
        f"choose one to read it and to ask it alone.</p><ul>{items}</ul>{rest}"
        '<p class="return"><a href="#chat">Back to the question</a></p></article>'
    )


def offers_html(questions: Sequence[str]) -> str:
    """Questions that the article answers, below one that it does not; nothing where none are known."""
    return f'<div class="offers"><p>You could ask:</p>{asks_html(questions)}</div>' if questions else ""


def asks_html(questions: Sequence[str]) -> str:
    """Buttons that ask a question each."""
    return "".join(
        f'<button type="button" class="ask" dir="auto">{escape(question)}</button>' for question in questions
    )


def _named(choice: Choice) -> str:
    return escape(" ".join(shortened(choice.name).split()) or "Without a title")
