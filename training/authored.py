"""Questions written for this reader, joined with the paragraphs they are on, as files that training reads.

    python -m training.authored --data DATA --out runs/authored

The paragraphs are those of authored-wikipedia and of SQuAD 1.1 train, which are not in this repository, and of
`written/news-train.json.gz`; `of` is the id of a question on one.

`written/twins.jsonl.gz`: nearly all well-formed questions of authored-wikipedia-train have no answer, so that a reader
learns to know those by their manner. Here each has a twin that was changed no more than it took for the text to answer
it: {of: the id of the unanswerable one, question, answer}. They become authored-twins-train and -dev, both questions of
each pair, in SQuAD's format.

`written/altered.jsonl.gz`: people's own questions, each changed by a word or a phrase so that the paragraph no longer
answers it: {of: the id of the answerable one, kind, edits: [(start, end, text)]}, characters of that question and what
stands there instead, for the questions themselves are others'. They become authored-altered-train and -dev, likewise.

`written/talks.jsonl.gz`: conversations, {of, turns: [{question, standalone, answer}]}, the answer null where the text
does not say. They become authored-talks-train, in the format of authored-conversations.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from training.examples import find, standing

WRITTEN = Path(__file__).with_name("written")
NEWS = WRITTEN / "news-train.json.gz"

Json = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.authored", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the question files")
    parser.add_argument("--out", type=Path, required=True, help="folder for what is made")
    settings = parser.parse_args()
    settings.out.mkdir(parents=True, exist_ok=True)
    entries = {part: stored(find(settings.data, f"authored-wikipedia-{part}")) for part in ("train", "dev")}
    squad = stored(find(settings.data, "squad-1.1-train"))
    twins = {twin["of"]: twin for twin in lines(WRITTEN / "twins.jsonl.gz")}
    altered = {line["of"]: line for line in lines(WRITTEN / "altered.jsonl.gz")}
    talks = list(lines(WRITTEN / "talks.jsonl.gz"))
    for part, found in entries.items():
        write(settings.out / f"authored-twins-{part}.json.gz", paired(found, twins))
        asked = [*squad, *stored(NEWS)] if part == "train" else found
        write(settings.out / f"authored-altered-{part}.json.gz", paired(asked, altered))
    write(settings.out / "authored-talks-train.json.gz", held([*entries["train"], *stored(NEWS)], talks))


def paired(entries: Sequence[Json], written: Mapping[str, Json]) -> Iterator[Json]:
    """The entries with the pairs as their questions, and of their paragraphs those that have some."""
    for entry in entries:
        paragraphs = [
            {"context": paragraph["context"], "qas": qas}
            for paragraph in entry["paragraphs"]
            if (qas := list(_pairs(paragraph, written)))
        ]
        if paragraphs:
            yield {"title": entry["title"], "paragraphs": paragraphs}


def edited(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    """The text with other words in these places, which rise and don't overlap."""
    for start, end, words in reversed(edits):
        text = text[:start] + words + text[end:]
    return text


def held(entries: Sequence[Json], talks: Sequence[Json]) -> Iterator[Json]:
    """An entry for each conversation, with its paragraph."""
    places = {
        qa["id"]: (entry["title"], paragraph["context"])
        for entry in entries
        for paragraph in entry["paragraphs"]
        for qa in paragraph["qas"]
    }
    for talk in talks:
        title, context = places[talk["of"]]
        turns = [
            {**turn, "answers": [answer(context, turn["answer"])] if turn["answer"] else []} for turn in talk["turns"]
        ]
        yield {"title": title, "context": context, "conversations": [turns]}


def answer(context: str, text: str) -> Json:
    """The answer where it first stands as whole words. Raises ValueError when it does not stand in the context."""
    return {"text": text, "answer_start": next((start for start, _ in standing(context, text)), context.index(text))}


def stored(path: Path) -> list[Json]:
    """The entries of a compressed file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        entries: list[Json] = json.load(file)["data"]
    return entries


def lines(path: Path) -> Iterator[Json]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def write(path: Path, entries: Iterator[Json]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        json.dump({"version": "v2.0", "data": list(entries)}, file, ensure_ascii=False)


def _pairs(paragraph: Json, written: Mapping[str, Json]) -> Iterator[Json]:
    context = paragraph["context"]
    for qa in paragraph["qas"]:
        if other := written.get(qa["id"]):
            text = other.get("answer")
            yield qa
            yield {
                "id": f"{qa['id']}-pair",
                "question": other.get("question") or edited(qa["question"], other["edits"]),
                "answers": [answer(context, text)] if text else [],
                "is_impossible": not text,
                "ambiguous": bool(text) and len(list(standing(context, text))) > 1,
            }


if __name__ == "__main__":
    main()
