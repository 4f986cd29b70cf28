"""Fit what each way to understand a follow-up is worth to a reader; it goes into calibration.json beside the weights.

    python -m training.followup --model qa/model --data DATA

Conversations are held with the reader, answer by answer, as the product holds them; every form of every follow-up is
read, and the credits are chosen that would have picked the forms with the best answers. Then the same conversations
are held with these credits, since other answers make other follow-ups, and the credits are fitted again. Run it after
training/calibrate.py, which writes the file anew.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from index.search import ArticleIndex, Passage
from qa.answer import Answer, Calibration, Credits, Reading, choose
from qa.answerer import Answerer
from qa.dataset import Turn, conversations, open_dataset, sample
from qa.followup import BEHIND, counts, exchanges, forms, surplus, understood
from qa.metrics import f1
from qa.reader import Reader, load_reader
from qa.reading import read
from training.examples import find

Floats = npt.NDArray[np.float64]

NAMES = [field.name for field in fields(Credits)]
GRID = {name: np.arange(-4.0, 10.5, 0.5) for name in NAMES} | dict.fromkeys(["later", "agreed"], np.arange(0, 4.5, 0.5))
PULL = 0.0002  # F1 that a logit away from the default has to bring, so that what the sample does not tell stays put
NOTHING = -30.0  # logits of a form that found nothing
PARTS = 5  # of the conversations, to see what credits are worth where they were not fitted


@dataclass(frozen=True, slots=True)
class Row:
    """One follow-up: of each of its forms the surplus, what its credits count, and the F1 of the answer it leads to.

    `counts` is (forms, credits): how often each credit is given to the form; `later` counts below 0.
    """

    talk: int
    surpluses: Floats
    counts: Floats
    scores: Floats


class Remembering:
    """A reader that reads the same question of the same passages once, with credits that can be changed."""

    def __init__(self, reader: Reader) -> None:
        self.calibration = reader.calibration
        self._read = lru_cache(maxsize=None)(
            lambda question, passages, longest, top: reader.read(question, passages, longest=longest, top=top)
        )

    def read(self, question: str, passages: Sequence[Passage], *, longest: int, top: int) -> list[Reading]:
        return self._read(question, tuple(passages), longest, top)


def hold(number: int, talk: Sequence[Turn], answerer: Answerer[ArticleIndex]) -> list[Row]:
    """A row for each follow-up of the conversation that can be understood in several ways."""
    rows: list[Row] = []
    history: list[Answer] = []
    for turn in talk:
        said = exchanges(history)
        if len(forms(turn.question.text, said, turn.question.article)) > 1:
            rows.append(_row(number, turn, answerer, history))
        history.append(answerer.answer(turn.question.text, history))
    return rows


def _row(number: int, turn: Turn, answerer: Answerer[ArticleIndex], history: Sequence[Answer]) -> Row:
    said, reader, options = exchanges(history), answerer.reader, answerer.options
    ways = forms(turn.question.text, said, turn.question.article)
    counting, scores = [], []
    for way in ways:
        passages = answerer.index.retrieve(way.text, budget=options.budget)
        found = read(way.text, passages, reader=reader, options=options)
        counting.append(understood([way], [found], said, calibration=Calibration())[1])
        answer = choose(
            turn.question.text if way.way in BEHIND else way.text,
            turn.question.article,
            passages,
            counting[-1],
            calibration=reader.calibration,
            options=options,
        )
        scores.append(f1(answer.text or "", turn.question.answers))
    surpluses = [surplus(found, reader.calibration) if found else NOTHING for found in counting]
    given = [[each[name] for name in NAMES] for each in counts(ways, counting)]
    return Row(number, np.array(surpluses), np.array(given), np.array(scores))


def fit(rows: Sequence[Row]) -> Credits:
    """The credits with the highest F1 to be expected, found by going through each in turn, three times.

    Expected where a form is picked in proportion to e to the power of its worth: unlike the F1 of the best form this
    changes smoothly, and a form that is nearly as good counts nearly as much.
    """
    table = _Table(rows)
    default = table.vector(Credits())
    credit = default.copy()
    for _ in range(3):
        for place, name in enumerate(NAMES):
            tried = np.tile(credit, (len(GRID[name]), 1))
            tried[:, place] = GRID[name]
            worth = [table.expected(each) - PULL * np.abs(each - default).sum() for each in tried]
            credit = tried[int(np.argmax(worth))]
    return Credits(**dict(zip(NAMES, map(float, credit), strict=True)))


def picked(rows: Sequence[Row], credit: Credits) -> float:
    """The mean F1 of the forms that these credits pick."""
    table = _Table(rows)
    best = table.worth(table.vector(credit)).argmax(axis=1)
    return float(table.scores[np.arange(len(rows)), best].mean())


class _Table:
    """All rows side by side, filled up to the same number of forms."""

    def __init__(self, rows: Sequence[Row]) -> None:
        most = max(len(row.surpluses) for row in rows)
        self.surpluses = np.full((len(rows), most), -np.inf)
        self.counts = np.zeros((len(rows), most, len(NAMES)))
        self.scores = np.zeros((len(rows), most))
        for place, row in enumerate(rows):
            ways = len(row.surpluses)
            self.surpluses[place, :ways], self.counts[place, :ways] = row.surpluses, row.counts
            self.scores[place, :ways] = row.scores

    @staticmethod
    def vector(credit: Credits) -> Floats:
        return np.array([getattr(credit, name) for name in NAMES], float)

    def worth(self, credit: Floats) -> Floats:
        """Logits of each form, its credits added; (rows, forms)."""
        return self.surpluses + self.counts @ credit

    def expected(self, credit: Floats) -> float:
        worth = self.worth(credit)
        shares = np.exp(worth - worth.max(axis=1, keepdims=True))
        return float(((shares * self.scores).sum(axis=1) / shares.sum(axis=1)).mean())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.followup", description=(__doc__ or "").split("\n")[0])
    add = parser.add_argument
    add("--model", type=Path, required=True, help="folder of the reader; its calibration.json takes the credits")
    add("--data", type=Path, required=True, help="folder of the question files")
    add("--file", default="authored-conversations-train", help="conversations to fit on; never those to report on")
    add("--conversations", type=int, default=100, help="drawn from the file")
    add("--seed", type=int, default=1)
    add("--threads", type=int, default=0)
    add("--dry", action="store_true", help="print only")
    settings = parser.parse_args()
    if settings.threads:
        import torch

        torch.set_num_threads(settings.threads)
    talks = sample(
        conversations(open_dataset(find(settings.data, settings.file))), settings.conversations, seed=settings.seed
    )
    reader = Remembering(load_reader(settings.model))
    answerers = [Answerer(ArticleIndex.from_article(talk[0].question.article), reader=reader) for talk in talks]
    credit, rows = Credits(), list[Row]()
    for held in ("with the usual credits", "with those fitted"):
        reader.calibration = replace(reader.calibration, credit=credit)
        rows += [
            row
            for number, (talk, answerer) in enumerate(zip(tqdm(talks, desc=held), answerers, strict=True))
            for row in hold(number, talk, answerer)
        ]
        credit = fit(rows)
    report(rows, credit)
    if not settings.dry:
        write(settings.model / "calibration.json", credit)


def report(rows: Sequence[Row], credit: Credits) -> None:
    """Prints the credits and what they are worth, on the rows they were fitted on and on others."""
    elsewhere: list[tuple[int, float]] = []
    for part in range(PARTS):
        out = [row for row in rows if row.talk % PARTS == part]
        rest = [row for row in rows if row.talk % PARTS != part]
        if out and rest:
            elsewhere.append((len(out), picked(out, fit(rest))))
    held_out = sum(count * score for count, score in elsewhere) / max(1, sum(count for count, _ in elsewhere))
    literal, best = (float(np.mean([score(row) for row in rows])) for score in (_literal, _best))
    print(json.dumps(asdict(credit)))
    print(
        f"{len(rows)} follow-ups; F1 as they were asked {literal:.1%}, with the usual credits "
        f"{picked(rows, Credits()):.1%}, with these {picked(rows, credit):.1%} ({held_out:.1%} where they were not "
        f"fitted), with the best form each time {best:.1%}"
    )
    for name in ("replaced", "completed", *BEHIND):
        have = [row for row in rows if row.counts[:, NAMES.index(name)].any()]
        if have:
            first = np.mean([row.scores[row.counts[:, NAMES.index(name)].argmax()] for row in have])
            asked, right = (np.mean([score(row) for row in have]) for score in (_literal, _best))
            print(f"{len(have)} have a form {name}: the first has F1 {first:.1%}, asked {asked:.1%}, best {right:.1%}")


def _literal(row: Row) -> float:
    """The F1 of the question as it was asked, which is the last form."""
    return float(row.scores[-1])


def _best(row: Row) -> float:
    return float(row.scores.max())


def write(path: Path, credit: Credits) -> None:
    """Puts the credits into a calibration, and leaves what else it holds."""
    stored: dict[str, Any] = json.loads(path.read_text("utf-8"))
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps(stored | {"credit": asdict(credit)}) + "\n", "utf-8")
    fresh.rename(path)


if __name__ == "__main__":
    main()
