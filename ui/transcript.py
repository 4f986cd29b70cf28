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


def saved(article: Article, turns: Sequence[Turn], form: Format) -> str:
    """The conversation about `article`, oldest turn first, as the text of a file; in JSON every character is ASCII."""
    return as_markdown(article, turns) if form == "md" else as_json(article, turns)


def file_name(article: Article, form: Format) -> str:
    """A name that any system takes: "verbatim-", the letters and digits of the title, and the ending."""
    title = "-".join(re.findall(r"\w+", article.title))[:LONGEST_NAME].strip("-") or "conversation"
    return f"verbatim-{title}.{form}"


def as_markdown(article: Article, turns: Sequence[Turn]) -> str:
    """The article's title and source, then each question as a heading with its answer, sentence and place."""
    parts = [f"# {literal(article.title) or 'A conversation about a text'}\n"]
    if article.source not in ("", BUNDLED):
        parts.append(f"Source: {literal(article.source)}\n")
    for turn in turns:
        parts.append(f"## {literal(turn.question)}\n")
        parts.append(markdown(turn.answer) if turn.answer else f"{literal(turn.problem)}\n")
        if turn.answer and turn.answer.span:
            parts.append(f"Characters {turn.answer.start} to {turn.answer.end} of the article\n")
    return "\n".join(parts)


def as_json(article: Article, turns: Sequence[Turn]) -> str:
    """An object with `article` (title, source, characters) and `turns`: `Answer.to_dict()`, or question and problem."""
    about = {"title": article.title, "source": article.source, "characters": len(article.text)}
    talk = {"article": about, "turns": [_turn(turn) for turn in turns]}
    return json.dumps(talk, indent=2) + "\n"


def _turn(turn: Turn) -> dict[str, Any]:
    if turn.answer is None:
        return {"question": turn.question, "problem": turn.problem}
    said = turn.answer.to_dict()
    del said["article"]  # told once, above
    return said
