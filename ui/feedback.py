"""Thumbs become examples: what people found right or wrong, in a file that evaluation and training can use."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from index.errors import VerbatimError
from index.text import showable
from qa.answer import Answer
from qa.dataset import open_dataset, questions


class Feedback:
    """The file that thumbs are kept in; one process writes it.

    A name that ends in .json is a SQuAD 2.0 file, rewritten as a whole. A thumb up is a question with its answer, or
    with `is_impossible` where the article's silence was right. A thumb down is no gold answer: it stands beside `qas`,
    under `rejected`, with `wrong` as what was said; null: that the article does not say. Any other name is a file of
    JSON lines that only grows: `good` (true, false, or null for a thumb taken back) and `Answer.to_dict()`.
    """

    def __init__(self, path: Path) -> None:
        """Raises VerbatimError when the folder is missing, or a .json file is there that is not in SQuAD's format."""
        self.path = path.expanduser().resolve()
        self.squad = self.path.suffix.lower() == ".json"
        self.lock = Lock()
        if self.path.is_dir() or not self.path.parent.is_dir():
            raise VerbatimError(f"thumbs cannot be kept in {path}; give a file in a folder that is there")
        if self.squad:
            self._stored()

    def keep(self, answer: Answer, good: bool | None) -> None:
        """Stores one thumb; a later one for the same question and article replaces it, None takes it back.

        Raises OSError when the file cannot be written; what was in it before is then still there.
        """
        with self.lock:
            if self.squad:
                about, entries = self._stored()
                self._replace(about, changed(entries, answer, good))
                return
            line = json.dumps({"good": good, **answer.to_dict()}, ensure_ascii=False)
            with self.path.open("a", encoding="utf-8", errors="replace") as file:
                file.write(line + "\n")

    def _stored(self) -> tuple[dict[str, Any], list[Any]]:
        """What the file says beside its entries, and these, checked; nothing for a file that is missing or empty.

        Raises DatasetError.
        """
        if not self.path.exists() or not self.path.stat().st_size:
            return {}, []
        dataset = open_dataset(self.path)
        questions(dataset, context="paragraph")
        return dict(dataset.about), list(dataset.entries)

    def _replace(self, about: dict[str, Any], entries: list[Any]) -> None:
        """Puts a new file in the place of the old one, in one step; none where nothing is left to keep."""
        if not entries:
            self.path.unlink(missing_ok=True)
            return
        beside = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        try:
            with beside.open("x", encoding="utf-8") as file:
                json.dump({**about, "version": "v2.0", "data": entries}, file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
        finally:
            beside.unlink(missing_ok=True)


def changed(entries: Sequence[Any], answer: Answer, good: bool | None) -> list[Any]:
    """SQuAD entries with this thumb in the place of what was thought of the question before.

    The question is stored as it was understood, so that it stands alone; a follow-up's own words are under `asked`.
    """
    context = showable(answer.article.text)
    question = showable(answer.read_as or answer.question)
    name = hashlib.sha256(f"{context}\0{question}".encode()).hexdigest()[:24]
    kept = [_without(entry, context, name) for entry in entries]
    kept = [entry for entry in kept if entry["paragraphs"]]
    if good is None:
        return kept
    paragraphs = (paragraph for entry in kept for paragraph in entry["paragraphs"] if paragraph["context"] == context)
    paragraph = next(paragraphs, None)
    if paragraph is None:
        paragraph = {"context": context, "qas": []}
        kept.append({"title": showable(answer.article.title or answer.article.source), "paragraphs": [paragraph]})
    said = {"text": showable(answer.span.text), "answer_start": answer.span.start} if answer.span else None
    stored = {"id": name, "question": question, **({"asked": showable(answer.question)} if answer.read_as else {})}
    if good:
        paragraph["qas"].append({**stored, "answers": [said] if said else [], "is_impossible": said is None})
    else:
        paragraph.setdefault("rejected", []).append({**stored, "wrong": said})
    return kept


def _without(entry: Any, context: str, name: str) -> dict[str, Any]:
    """A copy of the entry without one question, nor a paragraph that has none left for it."""
    paragraphs = []
    for paragraph in entry["paragraphs"]:
        if paragraph["context"] == context:
            lists = {key: [qa for qa in paragraph.get(key, []) if qa.get("id") != name] for key in ("qas", "rejected")}
            if not any(lists.values()):
                continue
            paragraph = {**paragraph, **lists}
        paragraphs.append(paragraph)
    return {**entry, "paragraphs": paragraphs}
