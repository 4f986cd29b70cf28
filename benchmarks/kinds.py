"""Questions of special kinds with and without the rules for them, questions of yes or no, and suggested questions.

    python benchmarks/kinds.py authored-news-dev.json.gz
    python benchmarks/kinds.py authored-news-dev.json.gz --suggest
    python benchmarks/kinds.py training/written/polar-dev.json.gz --each 0

The file is in SQuAD's format, each question with its `style`. Of each style twenty answerable questions are drawn and
read once; *without* is the best reading as it is, *with* the same readings in the shape that the question asks for.
Both are scored as decided and with the margin ignored, as a question is when it must be answered.

Questions of yes or no are those of the file that have a `verdict`. Where none has, some are made by rule: "When did the
yard close?" becomes "Did the yard close?", whose sentence is the one that holds the answer to the first, and the answer
to which is yes. Asked of another article, the same question has no answer.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from index.search import ArticleIndex
from index.text import Article
from qa import Answerer, Options, load_reader
from qa.answer import Answer, choose
from qa.kinds import kind
from qa.metrics import exact_match, f1
from qa.reading import read
from qa.suggest import candidates, suggestions

STYLES = ("list", "quote", "why", "how", "plain", "number", "casual")
ALWAYS = Options(margin=-1000.0)
NO_KIND = "?"  # a question that asks for nothing of a kind
WH = re.compile(  # "When did the yard close?": what stands before the auxiliary goes
    r"^(?:why|when|where|how|(?:in|on|at|for|by|from|to|with) (?:which|what) \w+|how (?:long|often|far)) "
    r"((?:did|was|were|is|are|does|do|has|have|had|will|would|can|could)(?:n't)? .+\?)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Polar:
    """A question of yes or no, with the sentences that settle it, if any does, and the word."""

    question: str
    index: ArticleIndex
    settling: frozenset[int]
    verdict: str | None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--each", type=int, default=20, help="questions of each style")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--reader", help="folder or hub name; the bundled one by default")
    parser.add_argument("--changed", action="store_true", help="print what the rules change")
    parser.add_argument("--polar", type=int, default=40, help="questions of yes or no")
    parser.add_argument("--suggest", action="store_true", help="print the suggested questions of every article")
    given = parser.parse_args()
    with gzip.open(given.file, "rt", encoding="utf-8") as file:
        data = json.load(file)["data"]
    if given.suggest:
        suggest(data, given.reader)
        return
    if given.each:
        kinds(data, given)
    if given.polar:
        polar(data, given)


def kinds(data: list[dict[str, Any]], given: argparse.Namespace) -> None:
    """A table of EM and F1 by style, without and with the rules."""
    reader = load_reader(given.reader)
    print(f"{'':24}{'decided: without':>17}{'with':>14}{'always: without':>18}{'with':>14}")
    print(f"{'style':8}{'asked':>7}{'changed':>9}{'EM     F1':>17}{'EM     F1':>14}{'EM     F1':>18}{'EM     F1':>14}")
    for style in STYLES:
        asked = [
            (each["question"], [gold["text"] for gold in each["answers"]], paragraph["context"])
            for entry in data
            for paragraph in entry["paragraphs"]
            for each in paragraph["qas"]
            if each["style"] == style and not each["is_impossible"]
        ]
        drawn = random.Random(given.seed).sample(asked, min(given.each, len(asked)))
        scores: defaultdict[str, list[float]] = defaultdict(list)
        changed = 0
        for question, golds, text in drawn:
            answerer = Answerer(ArticleIndex.from_article(Article(text)), reader=reader)
            passages = answerer.index.retrieve(question, budget=answerer.options.budget)
            readings = read(question, passages, reader=reader, options=answerer.options)
            for mode, options in (("decided", Options()), ("always", ALWAYS)):
                found: list[Answer] = [
                    choose(
                        each,
                        answerer.index.article,
                        passages,
                        readings,
                        calibration=reader.calibration,
                        options=options,
                    )
                    for each in (NO_KIND, question)
                ]
                for name, answer in zip(("without", "with"), found, strict=True):
                    scores[f"{mode} {name} EM"].append(exact_match(answer.text or "", golds))
                    scores[f"{mode} {name} F1"].append(f1(answer.text or "", golds))
            changed += found[0].span != found[1].span
            if given.changed and found[0].span != found[1].span:
                print(f"    {question}  ~  {golds[0]}\n        {found[0].text}  →  {found[1].text}")
        cells = [
            f"{mean(scores[f'{mode} {name} EM']):.1%} {mean(scores[f'{mode} {name} F1']):6.1%}"
            for mode in ("decided", "always")
            for name in ("without", "with")
        ]
        widths = zip((17, 14, 18, 14), cells, strict=True)
        print(f"{style:8}{len(drawn):7}{changed:9}" + "".join(f"{cell:>{width}}" for width, cell in widths), flush=True)


def polar(data: list[dict[str, Any]], given: argparse.Namespace) -> None:
    """How often the sentence shown is the one that settles a question of yes or no, and the word is right."""
    reader, draw = load_reader(given.reader), random.Random(given.seed)
    asked: list[Polar] = [each for entry in data for each in written(entry)]
    if not asked:
        for entry in draw.sample(data, len(data)):
            asked += polars(entry)[: given.polar - len(asked)]
    own = [(each, Answerer(each.index, reader=reader).answer(each.question)) for each in asked]
    others = [
        Answerer(other.index, reader=reader).answer(each.question)
        for each, other in zip(asked, draw.sample(asked, len(asked)), strict=True)
        if other.index is not each.index
    ]
    settled = [(each, answer) for each, answer in own if each.settling]
    shown = [(each, answer) for each, answer in settled if answer.sentence]
    right = sum(answer.sentence in [each.index.sentences[n] for n in each.settling] for each, answer in shown)
    words = [(each, answer) for each, answer in own if answer.verdict]
    agreeing = sum(answer.verdict == each.verdict for each, answer in words)
    silent = sum(answer.span is None for each, answer in own if not each.settling)
    print(f"\n{len(settled)} questions of yes or no: {len(shown)} answered with a sentence, {right} the right one;")
    print(f"{len(own) - len(settled)} that nothing settles: {silent} silent;")
    print(f"of another article: {sum(answer.span is None for answer in others)} of {len(others)} silent;")
    print(f"yes or no said to {len(words)}, rightly to {agreeing}")


def written(entry: dict[str, Any]) -> list[Polar]:
    """The questions of an article that come with a `verdict`: "yes", "no", or null where nothing settles it."""
    [paragraph] = entry["paragraphs"]
    asked = [each for each in paragraph["qas"] if "verdict" in each]
    if not asked:
        return []
    index = ArticleIndex.from_article(Article(paragraph["context"]))
    return [Polar(each["question"], index, _holding(index, each["answers"]), each["verdict"]) for each in asked]


def _holding(index: ArticleIndex, golds: Iterable[dict[str, Any]]) -> frozenset[int]:
    """The numbers of the sentences in which an answer begins."""
    starts = [gold["answer_start"] for gold in golds]
    return frozenset(n for n, s in enumerate(index.sentences) if any(s.start <= at < s.end for at in starts))


def polars(entry: dict[str, Any]) -> list[Polar]:
    """The questions of yes or no that a rule makes of an article's answerable ones."""
    [paragraph] = entry["paragraphs"]
    asked = [
        (match[1][0].upper() + match[1][1:], each["answers"])
        for each in paragraph["qas"]
        if not each["is_impossible"] and (match := WH.match(each["question"]))
    ]
    asked = [(question, golds) for question, golds in asked if kind(question) == "yes or no"]
    if not asked:
        return []
    index = ArticleIndex.from_article(Article(paragraph["context"]))
    return [Polar(question, index, _holding(index, golds), "yes") for question, golds in asked]


def suggest(data: list[dict[str, Any]], name: str | None) -> None:
    """Every suggested question with its answer, and how many articles have how many."""
    reader = load_reader(name)
    counts: list[int] = []
    made = 0
    for entry in data:
        answerer = Answerer(ArticleIndex.from_article(Article(entry["paragraphs"][0]["context"])), reader=reader)
        made += len(candidates(answerer.index.sentences))
        found = suggestions(answerer)
        counts.append(len(found))
        for each in found:
            print(f"{each.question}\n    {each.answer.text}  ({each.answer.confidence:.0%})")
    spread: Sequence[str] = [f"{counts.count(n)} with {n}" for n in range(max(counts) + 1)]
    print(f"\n{made} questions made, {sum(counts)} suggested for {len(counts)} articles: {', '.join(spread)}")


if __name__ == "__main__":
    main()
