"""Files of questions with known answers, checked where they enter: SQuAD 1.1 and 2.0, and conversations."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import numpy as np

from index.errors import DatasetError
from index.text import Article, Span
from qa.answerer import LONGEST_QUESTION

Context = Literal["paragraph", "article", "library"]
Kind = TypeVar("Kind")
Item = TypeVar("Item")

CONTEXTS: tuple[Context, ...] = get_args(Context)
BETWEEN = "\n\n"  # joins paragraphs and titles; an empty line always ends a sentence
GZIP = b"\x1f\x8b"
NAMES = {str: "text", list: "list", dict: "object", int: "whole number"}


@dataclass(frozen=True, slots=True)
class Dataset:
    """A file's entries as they stand; `questions` and `conversations` check them and give them types."""

    path: Path
    entries: tuple[Any, ...]
    about: Mapping[str, Any] = field(default_factory=dict, compare=False)  # what stands beside them: a licence, say

    @property
    def conversational(self) -> bool:
        """Whether the entries hold conversations rather than paragraphs with questions."""
        return any(isinstance(entry, dict) and "conversations" in entry for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of which text, and every span of it that is a right answer; none: the text does not say."""

    id: str
    text: str
    article: Article
    golds: tuple[Span, ...]

    @property
    def answers(self) -> tuple[str, ...]:
        """The gold spans' texts."""
        return tuple(gold.text for gold in self.golds)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as it fell in a conversation, and the same question written out so that it stands alone."""

    question: Question
    standalone: str


@dataclass(frozen=True, slots=True)
class _Asked:
    id: str
    text: str
    golds: tuple[tuple[int, int], ...]  # characters of the paragraph, end exclusive


@dataclass(frozen=True, slots=True)
class _Paragraph:
    title: str
    text: str
    asked: tuple[_Asked, ...]


def open_dataset(path: Path) -> Dataset:
    """The entries under `data` of a JSON file, plain or gzip whatever its name.

    Raises DatasetError when it cannot be read, is not JSON, or has no such list.
    """
    try:
        stored = path.read_bytes()
        content = json.loads((gzip.decompress(stored) if stored.startswith(GZIP) else stored).decode("utf-8-sig"))
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(
            f"{path} cannot be read ({_reason(error)}); give a SQuAD-format .json or .json.gz"
        ) from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path} is not JSON in UTF-8 ({_reason(error)}); give a SQuAD-format file") from error
    if not isinstance(content, dict) or not isinstance(content.get("data"), list) or not content["data"]:
        raise DatasetError(f"{path} is not in SQuAD's format; it needs a list `data` with at least one entry")
    return Dataset(path, tuple(content["data"]), {key: each for key, each in content.items() if key != "data"})


def questions(dataset: Dataset, *, context: Context) -> list[Question]:
    """Every question in the file's order, each with the text it is asked of, gold spans counted in that text.

    The text is the question's own paragraph, or all paragraphs of its title joined as one article, which for
    "library" is one among those of all titles. Raises DatasetError naming the question that is wrong: a field
    missing, an id used twice, an answer that does not stand at its offset, answers where `is_impossible` says there
    are none, or none where it does not.
    """
    entries = [list(_paragraphs(entry, place, dataset.path)) for place, entry in enumerate(dataset.entries, start=1)]
    paragraphs = [paragraph for entry in entries for paragraph in entry]
    _check_ids(paragraphs, dataset.path)
    groups = [[each] for each in paragraphs] if context == "paragraph" else entries
    return [question for group in groups for question in _ask(group)]


def conversations(dataset: Dataset) -> list[tuple[Turn, ...]]:
    """Every conversation in the file's order; its turns share one article and are numbered `title/conversation/turn`.

    An entry has `title`, `context` and `conversations`, lists of {question, standalone, answers}. Raises
    DatasetError naming the turn that is wrong.
    """
    return [talk for place, entry in enumerate(dataset.entries, start=1) for talk in _talks(entry, place, dataset.path)]


def sample(items: Sequence[Item], limit: int | None, *, seed: int = 0) -> list[Item]:
    """`limit` questions or conversations drawn without repetition, in the order given; all of them for None."""
    if limit is None or limit >= len(items):
        return list(items)
    drawn = np.random.default_rng(seed).choice(len(items), size=limit, replace=False)
    return [items[number] for number in sorted(drawn)]


def _ask(paragraphs: Sequence[_Paragraph]) -> Iterator[Question]:
    """The questions of these paragraphs, all asked of one article made of them."""
    if not paragraphs:
        return
    article = Article(BETWEEN.join(paragraph.text for paragraph in paragraphs), paragraphs[0].title)
    offset = 0
    for paragraph in paragraphs:
        for asked in paragraph.asked:
            golds = tuple(article.span(offset + start, offset + end) for start, end in asked.golds)
            yield Question(asked.id, asked.text, article, golds)
        offset += len(paragraph.text) + len(BETWEEN)


def _paragraphs(entry: Any, place: int, path: Path) -> Iterator[_Paragraph]:
    where = f"{path}: entry {place} of `data`"
    title = entry.get("title", "") if isinstance(entry, dict) else ""
    for number, paragraph in enumerate(_field(entry, "paragraphs", list, where), start=1):
        here = f"{where} ({title!r}), paragraph {number}"
        text = _text(paragraph, "context", here)
        asked = tuple(
            _asked(qa, text, f"{here}, question {order}", path)
            for order, qa in enumerate(_field(paragraph, "qas", list, here), start=1)
        )
        yield _Paragraph(str(title), text, asked)


def _asked(qa: Any, context: str, where: str, path: Path) -> _Asked:
    name = _text(qa, "id", where)
    where = f"{path}: question {name!r}"
    text = _text(qa, "question", where)
    golds = _golds(qa, context, where)
    impossible = qa.get("is_impossible", False)
    if impossible and golds:
        raise DatasetError(f"{where} has answers although `is_impossible` is true; remove one of the two")
    if not impossible and not golds:
        raise DatasetError(f"{where} has no answers; give at least one, or set `is_impossible` to true")
    return _Asked(name, text, golds)


def _golds(qa: Any, context: str, where: str) -> tuple[tuple[int, int], ...]:
    return tuple(_gold(answer, context, where) for answer in _field(qa, "answers", list, where))


def _gold(answer: Any, context: str, where: str) -> tuple[int, int]:
    text = _text(answer, "text", f"{where}, an answer")
    start = _field(answer, "answer_start", int, f"{where}, the answer {text!r}")
    end = start + len(text)
    if start < 0 or context[start:end] != text:
        stands = repr(context[start:end]) if 0 <= start < len(context) else "nothing"
        raise DatasetError(
            f"{where}: the answer {text!r} does not stand at character {start} of its text, where there is {stands}; "
            "correct `answer_start`, which counts characters from 0"
        )
    return start, end


def _talks(entry: Any, place: int, path: Path) -> Iterator[tuple[Turn, ...]]:
    where = f"{path}: entry {place} of `data`"
    article = Article(_text(entry, "context", where), _text(entry, "title", where))
    for number, talk in enumerate(_field(entry, "conversations", list, where), start=1):
        if not isinstance(talk, list) or not talk:
            raise DatasetError(f"{where}, conversation {number} is not a list of turns; write it as one")
        yield tuple(
            _turn(turn, article, f"{article.title}/{number}/{order}", path) for order, turn in enumerate(talk, 1)
        )


def _turn(turn: Any, article: Article, name: str, path: Path) -> Turn:
    where = f"{path}: question {name!r}"
    golds = tuple(article.span(start, end) for start, end in _golds(turn, article.text, where))
    asked, standalone = _text(turn, "question", where), _text(turn, "standalone", where)
    if max(len(asked.strip()), len(standalone.strip())) > LONGEST_QUESTION:
        raise DatasetError(f"{where} has more than {LONGEST_QUESTION} characters; shorten it")
    return Turn(Question(name, asked, article, golds), standalone)


def _check_ids(paragraphs: Sequence[_Paragraph], path: Path) -> None:
    seen: set[str] = set()
    for asked in (asked for paragraph in paragraphs for asked in paragraph.asked):
        if asked.id in seen:
            raise DatasetError(f"{path}: question {asked.id!r} is there twice; give every question an id of its own")
        seen.add(asked.id)


def _text(holder: Any, name: str, where: str) -> str:
    text = _field(holder, name, str, where)
    if not text.strip():
        raise DatasetError(f"{where}: `{name}` is empty; fill it in")
    return text


def _field(holder: Any, name: str, kind: type[Kind], where: str) -> Kind:
    if not isinstance(holder, dict) or name not in holder:
        raise DatasetError(f"{where} has no `{name}`; SQuAD's format needs it")
    value = holder[name]
    if not isinstance(value, kind):
        raise DatasetError(f"{where}: `{name}` must be a {NAMES[kind]}, not {value!r:.60}")
    return value


def _reason(error: BaseException) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
