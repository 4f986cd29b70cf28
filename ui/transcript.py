"""A conversation becomes a file: Markdown to read, JSON to use. Nothing that was asked or said acts in either."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from index.text import Article
from qa.answer import Answer
from ui.render import BUNDLED, literal, markdown

Format = Literal["md", "json"]
LONGEST_NAME = 60  # characters of a title in a file's name


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it: an answer, or the sentence that says why there is none."""

    question: str
    answer: Answer | None = None
    problem: str = ""


def saved(about: Article | str, turns: Sequence[Turn], form: Format) -> str:
    """The conversation, oldest turn first, as the text of a file; in JSON every character is ASCII.

    `about` is the article that was asked, or the name of a library; then each answer is told with its article.
    """
    return as_markdown(about, turns) if form == "md" else as_json(about, turns)


def file_name(about: Article | str, form: Format) -> str:
    """A name that any system takes: "verbatim-", the letters and digits of the title, and the ending."""
    title = "-".join(re.findall(r"\w+", _title(about)))[:LONGEST_NAME].strip("-") or "conversation"
    return f"verbatim-{title}.{form}"


def as_markdown(about: Article | str, turns: Sequence[Turn]) -> str:
    """The article's title and source, then each question as a heading with its answer, sentence and place."""
    parts = [f"# {literal(_title(about)) or 'A conversation about a text'}\n"]
    if isinstance(about, Article) and about.source not in ("", BUNDLED):
        parts.append(f"Source: {literal(about.source)}\n")
    for turn in turns:
        parts.append(f"## {literal(turn.question)}\n")
        parts.append(
            markdown(turn.answer, of_many=isinstance(about, str)) if turn.answer else f"{literal(turn.problem)}\n"
        )
        if turn.answer and turn.answer.span:
            article = "the article" if isinstance(about, Article) else _cited(turn.answer.article)
            parts.append(f"Characters {turn.answer.start} to {turn.answer.end} of {article}\n")
    return "\n".join(parts)


def as_json(about: Article | str, turns: Sequence[Turn]) -> str:
    """An object with `article` (title, source, characters) and `turns`: `Answer.to_dict()`, or question and problem.

    A conversation with a library has its name as `library`, and no `article` but that of each answer.
    """
    asked: dict[str, Any] = {"library": about}
    if isinstance(about, Article):
        asked = {"article": {"title": about.title, "source": about.source, "characters": len(about.text)}}
    return json.dumps({**asked, "turns": [_turn(turn) for turn in turns]}, indent=2) + "\n"


def _turn(turn: Turn) -> dict[str, Any]:
    if turn.answer is None:
        return {"question": turn.question, "problem": turn.problem}
    return turn.answer.to_dict()


def _title(about: Article | str) -> str:
    return about.title if isinstance(about, Article) else about


def _cited(article: Article) -> str:
    names = [literal(name) for name in (article.title, article.source) if name]
    return ", ".join(names) or "a text without a title"
