"""What reading once more brings: the sentences that seem to answer, read on their own after the text they stand in.

    python -m benchmarks.looks authored-news-dev.json.gz squad-2.0-dev.json.gz --limit 130 --seed 2

Each question is read with its own context. For each number of sentences read again: AUROC of answerability, F1 always
answering, F1 at the margin best for the file. What was read before is not read again, so more numbers
cost little.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from qa.answer import Options, together
from qa.dataset import open_dataset, questions
from qa.evaluate import Whole
from qa.metrics import f1
from qa.reader import load_reader
from qa.reading import read
from training.followup import Remembering


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, default=130, help="questions drawn from each file")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--again", type=int, nargs="+", default=[0, 1, 2, 3], help="sentences read once more")
    parser.add_argument("--reader", help="folder or hub name; the bundled one by default")
    given = parser.parse_args()
    reader = Remembering(load_reader(given.reader))
    print(
        "| file | read again | AUROC | F1 always answering | F1 at the best margin |\n| --- | --- | --- | --- | --- |"
    )
    for file in given.files:
        every = list(questions(open_dataset(file), context="paragraph"))
        drawn = [every[place] for place in np.random.default_rng(given.seed).permutation(len(every))[: given.limit]]
        for again in given.again:
            margins, scores = [], []
            for question in drawn:
                passages = Whole(question.article).retrieve(question.text, budget=0)
                found = read(question.text, passages, reader=reader, options=Options(again=again))
                margins.append(together(found, reader.calibration.temperature))
                scores.append(f1(found[0].span.text, question.answers) if found and question.golds else 0.0)
            print(f"| {file.name} | {again} | {row(margins, scores, [bool(q.golds) for q in drawn])} |", flush=True)


def row(margins: list[float], scores: list[float], answerable: list[bool]) -> str:
    margin, score, has = np.array(margins), np.array(scores), np.array(answerable)
    best = max(float(np.where(margin > least, score, ~has).mean()) for least in margin)
    auroc = f"{roc_auc_score(has, margin):.3f}" if has.any() and not has.all() else "–"
    return f"{auroc} | {score[has].mean():.1%} | {best:.1%}"


if __name__ == "__main__":
    main()
