"""Fit the weights by which sentences are ranked (index/ranking.py), on a file in SQuAD's format; prints them.

    python -m training.ranker DATA/squad-1.1-train.json.gz --articles 48

Each article is made of all its paragraphs, as the product would read it. A question's candidates are those that the
product's own searches find; the weights are the likeliest for where the answers stand (a soft-max over each question's
candidates). Every other article is held out first, to tell how far the weights can be trusted; what is printed is
fitted on all of them. `--ablation FILE` writes weights of fewer features for benchmarks/retrieval.py.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from index.ranking import WEIGHTS, Integers, features
from index.search import ArticleIndex
from index.text import Span
from qa.dataset import Question, open_dataset, questions
from training.cache import CachedEncoder

PENALTY = 1e-3  # on the squares of weights of features scaled to a spread of 1
ABLATION = {
    "meaning and words": ("meaning", "words"),
    "with their neighbours": ("meaning", "words", "words before", "words beside"),
    "with their paragraph": tuple(name for name in WEIGHTS if name not in ("coverage", "length", "stretch length")),
    "with coverage": tuple(name for name in WEIGHTS if name not in ("length", "stretch length")),
}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A question's candidates: what is known of each, (candidates, features), and which hold an answer."""

    article: int
    known: Floats
    right: npt.NDArray[np.bool_]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--articles", type=int, default=48, help="drawn from the file")
    parser.add_argument("--questions", type=int, default=60, help="drawn from each article, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors.sqlite"), help="where vectors are kept")
    parser.add_argument("--ablation", type=Path, help="write the weights of fewer features to this file")
    arguments = parser.parse_args()

    drawn = draw(arguments.file, arguments.articles, arguments.questions, arguments.seed)
    table = list(rows(drawn, CachedEncoder(arguments.cache)))
    names = tuple(WEIGHTS)
    even, odd = ([row for row in table if row.article % 2 == part] for part in (0, 1))
    held_out = fit(even, names)
    print(
        f"{len(table)} questions; gold sentence among the best 1, 8, 20 of the held-out half:", *recall(odd, held_out)
    )
    print(json.dumps(fit(table, names), indent=4))
    if arguments.ablation:
        found = {name: fit(table, used) for name, used in ABLATION.items()}
        arguments.ablation.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def draw(path: Path, articles: int, most: int, seed: int) -> list[Question]:
    """Questions with an answer that stands at one sure place, at most `most` of each of the articles drawn."""
    chance = random.Random(0)
    drawn: list[Question] = []
    for own in by_article(path, seed)[:articles]:
        drawn += chance.sample(own, most) if len(own) > most else own
    return drawn


def by_article(path: Path, seed: int) -> list[list[Question]]:
    """The questions of each article whose answer stands at one sure place, the articles in random order."""
    dataset = open_dataset(path)
    paragraphs = (paragraph for entry in dataset.entries for paragraph in entry["paragraphs"])
    unsure = {asked["id"] for paragraph in paragraphs for asked in paragraph["qas"] if asked.get("ambiguous")}
    found = [
        [each for each in own if each.golds and each.id not in unsure]
        for _, own in groupby(questions(dataset, context="article"), key=lambda each: each.article)
    ]
    random.Random(seed).shuffle(found)
    return found


def holding(starts: Integers, ends: Integers, golds: Sequence[Span]) -> npt.NDArray[np.bool_]:
    """Which of the sentences between these characters share one with a gold span."""
    right = np.zeros(len(starts), bool)
    for gold in golds:
        right |= (starts < gold.end) & (ends > gold.start)
    return right


def rows(drawn: Sequence[Question], encoder: CachedEncoder) -> Iterator[Row]:
    """A row for every question whose answer is among the candidates."""
    for place, (article, own) in enumerate(groupby(drawn, key=lambda each: each.article)):
        index = ArticleIndex.from_article(article, encoder=encoder)
        for question in own:
            candidates = index.candidates(question.text)
            known = features(candidates)
            right = holding(candidates.starts, candidates.ends, question.golds)
            if right.any():
                yield Row(place, np.stack([known[name] for name in WEIGHTS], axis=1), right)


def fit(table: Sequence[Row], names: Sequence[str]) -> dict[str, float]:
    """The weights that make the sentences with answers likeliest."""
    used = [list(WEIGHTS).index(name) for name in names]
    spread = np.concatenate([row.known[:, used] for row in table]).std(axis=0)
    scaled = [(row.known[:, used] / spread, row.right) for row in table]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = PENALTY * float(weights @ weights), 2 * PENALTY * weights
        for known, right in scaled:
            scores = known @ weights
            likely = np.exp(scores - scores.max())
            among, among_right = likely / likely.sum(), np.where(right, likely, 0) / likely[right].sum()
            total -= float(np.log(likely[right].sum() / likely.sum())) / len(scaled)
            slope = slope + (among - among_right) @ known / len(scaled)
        return total, slope

    found = minimize(loss, np.zeros(len(used)), jac=True, method="L-BFGS-B")
    return {name: round(float(weight), 3) for name, weight in zip(names, found.x / spread, strict=True)}


def recall(table: Sequence[Row], weights: dict[str, float]) -> list[float]:
    """Per cent of the questions whose answer is in one of the best 1, 8 and 20 sentences."""
    used = np.array([weights.get(name, 0.0) for name in WEIGHTS])
    ranks = [int(np.flatnonzero(row.right[np.argsort(-(row.known @ used), kind="stable")])[0]) for row in table]
    return [round(100 * float(np.mean(np.array(ranks) < k)), 1) for k in (1, 8, 20)]


if __name__ == "__main__":
    main()
