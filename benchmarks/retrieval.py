"""Whether what is read holds the answer, and what each idea of the retrieval brings, as two tables.

    python -m benchmarks.retrieval squad-1.1-dev.json.gz --questions 2500

First each question within its own article (all paragraphs of a title), then in one library of all articles. "Best 8"
and "best 20": a sentence with an answer is among them. "Inside": one is inside the passages read. Tokens are the
bundled reader's, first of the passages alone, then with the question and the special tokens of every passage.
Vectors are kept in a file, so a second run does not wait for the encoder.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from index.library import Library
from index.ranking import Candidates, rank, spend
from index.search import ArticleIndex, runs
from index.text import Article
from qa.answer import Options
from qa.dataset import Question, open_dataset, questions, sample
from qa.reader import BUNDLED
from training.cache import CachedEncoder

RRF = 60  # Cormack, Clarke & Büttcher, SIGIR 2009
WEIGHTS = json.loads(Path(__file__).with_name("retrieval-weights.json").read_text())  # by training/ranker.py --ablation
SPECIAL = 3  # tokens around a question and a passage

Ranked = list[tuple[int, float]]  # (sentence number, score), best first
Choosing = Callable[[Ranked, Mapping[int, int], int, int], Collection[int]]  # of these, their lengths, budget and lead


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A question's candidates, their sentences, which of them hold an answer, and the seconds that finding took."""

    question: str
    candidates: Candidates
    sentences: list[str]
    right: np.ndarray
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--articles", type=int, help="the first of the file; all by default")
    parser.add_argument("--questions", type=int, help="drawn from the whole file; all by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--budget", type=int, default=Options().budget, help="characters")
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors.sqlite"), help="where vectors are kept")
    arguments = parser.parse_args()

    every = [each for each in questions(open_dataset(arguments.file), context="article") if each.golds]
    articles = list(dict.fromkeys(each.article for each in every))[: arguments.articles]
    asked = [each for each in sample(every, arguments.questions, seed=arguments.seed) if each.article in articles]
    encoder, tokens = CachedEncoder(arguments.cache), Tokens()
    report("Within the question's article", list(within(asked, encoder)), tokens, arguments.budget)
    report(
        f"In a library of {len(articles)} articles", list(together(asked, articles, encoder)), tokens, arguments.budget
    )


def within(asked: Sequence[Question], encoder: CachedEncoder) -> Iterator[Case]:
    """Each question in an index of its own article."""
    for article, own in groupby(asked, key=lambda each: each.article):
        index = ArticleIndex.from_article(article, encoder=encoder)
        for question in own:
            encoder.encode_query([question.text])  # encoding is not what is timed
            began = time.process_time()
            candidates = index.candidates(question.text)
            rank(candidates)
            yield case(question, candidates, [article] * len(candidates.numbers), time.process_time() - began)


def together(asked: Sequence[Question], articles: Sequence[Article], encoder: CachedEncoder) -> Iterator[Case]:
    """Each question in one library of all articles."""
    with tempfile.TemporaryDirectory() as folder, Library.open(folder, encoder=encoder, create=True) as library:
        for article in articles:
            library.add(article)
        same = {article: article for article in articles}  # one object each, which is soon compared
        by_id = {entry.id: same[library.article(entry.id)] for entry in library.articles()}
        library.retrieve(asked[0].text, budget=1)  # reads what is stored
        for question in asked:
            [vector] = library._encode([question.text], query=True)
            began = time.process_time()
            with library._store.reading():
                candidates = library._candidates(question.text, vector, None)
            assert candidates
            rank(candidates)
            seconds = time.process_time() - began
            owners = [by_id[library._nearest.place(number).id] for number in candidates.numbers.tolist()]
            yield case(question, candidates, owners, seconds)


def case(question: Question, candidates: Candidates, owners: Sequence[Article], seconds: float) -> Case:
    places = list(zip(candidates.starts.tolist(), candidates.ends.tolist(), owners, strict=True))
    right = [
        owner == question.article and any(start < gold.end and gold.start < end for gold in question.golds)
        for start, end, owner in places
    ]
    sentences = [owner.text[start:end] for start, end, owner in places]
    return Case(question.text, candidates, sentences, np.array(right), seconds)


class Tokens:
    """How many of the bundled reader's tokens a text has."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer.from_file(str(BUNDLED / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._known: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        if text not in self._known:
            self._known[text] = len(self._tokenizer.encode(text, add_special_tokens=False).ids)
        return self._known[text]


def report(title: str, cases: Sequence[Case], tokens: Tokens, budget: int) -> None:
    print(f"\n{title}, {len(cases)} questions, {budget} characters\n")
    print("| ranked and chosen | best 8 | best 20 | inside | tokens | with questions | passages |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, (ranking, choosing) in METHODS.items():
        rows = [judge(each, ranking(each.candidates), choosing, tokens, budget) for each in cases]
        eight, twenty, inside, alone, whole, passages = np.mean(rows, axis=0)
        print(
            f"| {name} | {eight:.1%} | {twenty:.1%} | {inside:.1%} | {alone:.0f} | {whole:.0f} | {passages:.1f} |",
            flush=True,
        )
    spent = 1000 * np.array([each.seconds for each in cases])
    print(
        f"\nCPU a question beside encoding it: {np.median(spent):.1f} ms, 95 % within {np.quantile(spent, 0.95):.1f} ms"
    )


def judge(each: Case, ranked: Ranked, choosing: Choosing, tokens: Tokens, budget: int) -> tuple[float, ...]:
    numbers = each.candidates.numbers.tolist()
    at = {number: place for place, number in enumerate(numbers)}
    hits = [place for place, (number, _) in enumerate(ranked) if each.right[at[number]]]
    first = hits[0] if hits else len(numbers)
    lengths = {number: len(sentence) for number, sentence in zip(numbers, each.sentences, strict=True)}
    chosen = [number for number in choosing(ranked, lengths, budget, len(each.question)) if number in at]
    alone = sum(tokens(each.sentences[at[number]]) for number in chosen)
    passages = len(runs(chosen))
    whole = alone + passages * (tokens(each.question) + SPECIAL)
    return first < 8, first < 20, any(each.right[at[number]] for number in chosen), alone, whole, passages


def by(values: Callable[[Candidates], np.ndarray]) -> Callable[[Candidates], Ranked]:
    """Ranks by one number, the highest first."""

    def ranking(candidates: Candidates) -> Ranked:
        found = values(candidates)
        order = np.argsort(-found, kind="stable")
        return list(zip(candidates.numbers[order].tolist(), found[order].tolist(), strict=True))

    return ranking


def fused(candidates: Candidates) -> np.ndarray:
    """Reciprocal rank fusion of meaning and words."""
    scores = np.zeros(len(candidates.numbers))
    for values in (candidates.cosines, candidates.words.sum(axis=0)):
        order = np.argsort(-values, kind="stable")
        scores[order] += np.where(values[order] > 0, 1 / (RRF + 1 + np.arange(len(order))), 0)
    return scores


def learned(name: str) -> Callable[[Candidates], Ranked]:
    return lambda candidates: rank(candidates, WEIGHTS[name])


def in_order(ranked: Ranked, lengths: Mapping[int, int], budget: int, lead: int) -> Collection[int]:
    return spend(ranked, lengths, budget=budget, lead=lead)


def eight_with_neighbours(ranked: Ranked, *_: object) -> Collection[int]:
    return {number + step for number, _ in ranked[:8] for step in (-1, 0, 1)}


METHODS: dict[str, tuple[Callable[[Candidates], Ranked], Choosing]] = {
    "meaning": (by(lambda each: each.cosines), in_order),
    "words": (by(lambda each: each.words.sum(axis=0)), in_order),
    "both fused by rank; 8 with their neighbours, as before": (by(fused), eight_with_neighbours),
    "both fused by rank": (by(fused), in_order),
    "both by learned weights": (learned("meaning and words"), in_order),
    "... and the neighbours' words": (learned("with their neighbours"), in_order),
    "... and the paragraph's meaning and words": (learned("with their paragraph"), in_order),
    "... and how many of the question's words it has": (learned("with coverage"), in_order),
    "... and the lengths: what the product does": (rank, in_order),
}


if __name__ == "__main__":
    main()
