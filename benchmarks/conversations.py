"""Follow-up questions against the same questions written out, and written-out questions left alone.

    python -m benchmarks.conversations authored-conversations-dev.json.gz
    python -m benchmarks.conversations authored-conversations-train.json.gz --limit 80 --seed 1 --reader runs/reader
    python -m benchmarks.conversations authored-conversations-dev.json.gz --words

The file holds `data[].{title, context, conversations[][].{question, standalone, answers}}`. Every turn but the first
of its conversation is asked as it fell, without and with what was said before (the answers given in this run, not the
gold ones), and written out, by the same reader. Then the written-out question is asked in the same place of the
conversation: it stands alone, so its answer must be the one that it gets without history. `--words` asks no reader: it
prints the written-out questions that are taken for follow-ups, counts them, and tells by kind how many follow-ups are
proposed rightly after the written-out question and the gold answer before them: at least half of the words that a form
brings along, stop words aside, stand in the written-out question.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from index.search import ArticleIndex
from qa import Answer, Answerer, load_reader
from qa.dataset import Turn, conversations, open_dataset, sample
from qa.followup import Exchange, exchanges, forms
from qa.leaning import lacks
from qa.metrics import f1
from qa.words import POSSESSED, STOPS, WORD
from training.followup import Remembering

GOAL = 0.85  # of the F1 of the written-out questions


@dataclass(frozen=True, slots=True)
class Row:
    """The F1 of one follow-up, asked in three ways, and whether its written-out form was left alone."""

    kind: str
    alone: float
    within: float
    written: float
    kept: bool
    forms: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--limit", type=int, help="conversations drawn; all by default")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--reader", help="folder or hub name; the bundled one by default")
    parser.add_argument("--threads", type=int, help="processor threads; all by default")
    parser.add_argument("--words", action="store_true", help="only what the words tell, without a reader")
    parser.add_argument(
        "--errors", type=int, default=0, help="follow-ups to print that lost against the written-out form"
    )
    given = parser.parse_args()
    talks = sample(conversations(open_dataset(given.file)), given.limit, seed=given.seed)
    if given.words:
        words(talks)
        return
    if given.threads:
        import torch

        torch.set_num_threads(given.threads)
    reader, left = Remembering(load_reader(given.reader)), given.errors
    rows: list[Row] = []
    for talk in talks:
        answerer = Answerer(ArticleIndex.from_article(talk[0].question.article), reader=reader)
        history: list[Answer] = []
        for turn in talk:
            said = answerer.answer(turn.question.text, history)
            if history:
                rows.append(row(turn, said, history, answerer))
                if left and rows[-1].within < rows[-1].written:
                    left -= 1
                    print(
                        f"{turn.question.text}  ~  {turn.standalone}\n    {said.read_as or '='}  →  {said.text or '—'}"
                    )
            history.append(said)
    table(rows)


def row(turn: Turn, said: Answer, history: list[Answer], answerer: Answerer) -> Row:
    golds = turn.question.answers
    written = answerer.answer(turn.standalone)
    again = answerer.answer(turn.standalone, history)
    return Row(
        kind=lacks(turn.question.text) or "nothing",
        alone=f1(answerer.answer(turn.question.text).text or "", golds),
        within=f1(said.text or "", golds),
        written=f1(written.text or "", golds),
        kept=(again.start, again.end) == (written.start, written.end),
        forms=len(forms(turn.question.text, exchanges(history), answerer.index.article)),
    )


def table(rows: list[Row]) -> None:
    kinds: defaultdict[str, list[Row]] = defaultdict(list)
    for each in rows:
        kinds[each.kind].append(each)
    print(f"{'lacks':10}{'turns':>6}{'forms':>7}{'alone':>8}{'history':>9}{'written out':>13}{'share':>8}")
    for kind, found in [*sorted(kinds.items(), key=lambda item: -len(item[1])), ("all", rows)]:
        alone, within, written = (
            mean(getattr(each, name) for each in found) for name in ("alone", "within", "written")
        )
        share = f"{within / written:8.1%}" if written else f"{'–':>8}"
        tried = mean(each.forms for each in found)
        print(f"{kind:10}{len(found):6}{tried:7.1f}{alone:8.1%}{within:9.1%}{written:13.1%}{share}")
    kept = sum(each.kept for each in rows)
    print(f"\ngoal: a share of {GOAL:.0%}; written-out questions with the same answer in place: {kept} of {len(rows)}")


def words(talks: list[tuple[Turn, ...]]) -> None:
    later = [turn for talk in talks for turn in talk[1:]]
    taken = [turn.standalone for turn in later if lacks(turn.standalone)]
    leaning = sum(lacks(turn.question.text) is not None for turn in later)
    print(*taken, sep="\n")
    print(f"\n{len(taken)} of {len(later)} written-out questions taken for follow-ups, {leaning} of the follow-ups\n")
    kinds: defaultdict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for talk in talks:
        said = [(turn.standalone, next(iter(turn.question.answers), None)) for turn in talk]
        for place, turn in enumerate(talk):
            if place and (need := lacks(turn.question.text)):
                kinds[need].append(proposed(turn, said[:place]))
    print(f"{'lacks':10}{'turns':>6}{'first form':>12}{'any form':>10}")
    every = [each for found in kinds.values() for each in found]
    for kind, found in [*sorted(kinds.items(), key=lambda item: -len(item[1])), ("all", every)]:
        first, either = (mean(each[number] for each in found) for number in (0, 1))
        print(f"{kind:10}{len(found):6}{first:12.1%}{either:10.1%}")


def proposed(turn: Turn, said: Sequence[Exchange]) -> tuple[bool, bool]:
    """Whether the first form brings along what was meant, and whether any does; the joined form, all words, is none."""
    known = content(turn.question.text)
    meant = content(turn.standalone) - known
    ways = forms(turn.question.text, said, turn.question.article)
    brought = [content(way.text) - known for way in ways if way.way in ("replaced", "completed")]
    right = [bool(each) and 2 * len(each & meant) >= len(each) for each in brought]
    return right[:1] == [True], any(right)


def content(text: str) -> set[str]:
    return {POSSESSED.sub("", word.lower()) for word in WORD.findall(text)} - STOPS


if __name__ == "__main__":
    main()
