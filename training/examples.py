"""What a reader learns from: questions out of files, mixed in shares, each as a window with its gold tokens."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.text import Article, Span
from qa.followup import joined
from qa.windows import Integers, Window, Windower
from training.negatives import opposed, without_answer

NULL = (0, 0)  # the place of "no answer": the first token


@dataclass(frozen=True, slots=True)
class Example:
    """A question, its context, and the places (start, end in characters) that answer it; none: unanswerable."""

    question: str
    context: Span
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How examples become windows."""

    windows: tuple[tuple[int, float], ...]  # (tokens, share)
    outside: float  # of the answerable contexts too long for a window: shown where the answer is not
    unmarked: float  # of the questions: shown without their question mark, as many people type
    cut: float = 0.0  # of the answerable questions: shown with a context that has lost the answer's sentence
    opposed: float = 0.0  # of the answerable questions: asked for the opposite, where a word has one


class Mixture:
    """An endless stream of examples from several files, in shares; where it stands is a small JSON value."""

    def __init__(self, sources: dict[str, list[Example]], shares: Sequence[float], seed: int) -> None:
        self._sources = list(sources.values())
        self._shares = np.array(shares) / sum(shares)
        self._seed = seed
        self._drawn = [0] * len(self._sources)
        self._orders: dict[int, tuple[int, Integers]] = {}  # by source: the epoch and its order
        self.random = np.random.default_rng(seed)

    def draw(self, count: int) -> list[Example]:
        """The next `count` examples; each file is gone through in a new order again and again."""
        return [self._next(int(source)) for source in self.random.choice(len(self._sources), count, p=self._shares)]

    @property
    def state(self) -> dict[str, Any]:
        return {"drawn": list(self._drawn), "random": self.random.bit_generator.state}

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        drawn = list(state["drawn"])
        self._drawn = drawn + [0] * (len(self._sources) - len(drawn))  # a run can take up another file on the way
        self.random.bit_generator.state = state["random"]

    def _next(self, source: int) -> Example:
        examples = self._sources[source]
        epoch, place = divmod(self._drawn[source], len(examples))
        self._drawn[source] += 1
        return examples[int(self._order(source, epoch)[place])]

    def _order(self, source: int, epoch: int) -> Integers:
        known = self._orders.get(source)
        if known is None or known[0] != epoch:
            order = np.random.default_rng([self._seed, source, epoch]).permutation(len(self._sources[source]))
            known = self._orders[source] = (epoch, order)
        return known[1]


def load_examples(path: Path) -> list[Example]:
    """Every question of a SQuAD-format file, or of a conversations file every question in both of its ways.

    These are the question written out and, for a follow-up, what it is when joined to the exchange before it. An
    answer marked as ambiguous stands for every place where its text stands in the context.
    """
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        data = json.load(file)["data"]
    examples = []
    for entry in data:
        paragraphs = entry.get("paragraphs")
        if paragraphs is None:
            turns = [turn for conversation in entry["conversations"] for turn in _in_both_ways(conversation)]
            paragraphs = [{"context": entry["context"], "qas": turns}]
        for paragraph in paragraphs:
            context = Article(paragraph["context"], title=entry.get("title", "")).span()
            for asked in paragraph["qas"]:
                places = {(a["answer_start"], a["answer_start"] + len(a["text"])) for a in asked["answers"]}
                if asked.get("ambiguous"):
                    places = {place for a in asked["answers"] for place in standing(context.text, a["text"])}
                examples.append(Example(asked["question"], context, tuple(sorted(places))))
    return examples


def standing(text: str, answer: str) -> Iterator[tuple[int, int]]:
    """Every place where the answer stands as whole words."""
    at = text.find(answer)
    while at >= 0:
        end = at + len(answer)
        if not (text[at - 1 : at].isalnum() and answer[0].isalnum()) and not (
            text[end : end + 1].isalnum() and answer[-1].isalnum()
        ):
            yield at, end
        at = text.find(answer, at + 1)


def find(data: Path, name: str) -> Path:
    """The file of that name in the folder, compressed or not."""
    paths = [path for path in (data / f"{name}.json.gz", data / f"{name}.json", data / name) if path.is_file()]
    if not paths:
        raise SystemExit(f"there is no {name}.json.gz, {name}.json or {name} in {data}")
    return paths[0]


def stem(name: str) -> str:
    """What a file given by `name` is called in reports: its name without folder and endings."""
    return Path(name).name.split(".")[0]


def fit(
    example: Example, windower: Windower, recipe: Recipe, random: np.random.Generator
) -> tuple[Window, tuple[tuple[int, int], ...]]:
    """A window on the example, at random around its answer, and the gold (first, last) tokens in it or NULL."""
    example = spoilt(example, recipe, random)
    size, share = zip(*recipe.windows, strict=True)
    limit = int(random.choice(size, p=np.array(share) / sum(share)))
    question = example.question
    if random.random() < recipe.unmarked:
        question = question.rstrip("? ")
    asked = windower.question(question)
    tokens = windower.tokens(example.context)
    room = max(1, windower.room(asked) - (windower.limit - limit))
    golds = [_cover(tokens.starts, tokens.ends, *place) for place in example.places]
    first = 0
    if len(tokens) > room:
        free = _free(golds, len(tokens), room)
        if golds and not (len(free) and random.random() < recipe.outside):
            start, end = golds[int(random.integers(len(golds)))]
            low, high = max(0, end + 1 - room), min(start, len(tokens) - room)
            first = int(random.integers(low, high + 1)) if low <= high else min(start, len(tokens) - room)
        elif golds:
            first = int(random.choice(free))
        else:
            first = int(random.integers(len(tokens) - room + 1))
    last = min(first + room, len(tokens))
    window = windower.window(asked, example.context, tokens, first, last)
    shift = windower.lead(asked) - first
    inside = {(start + shift, end + shift) for start, end in golds if first <= start and end < last}
    return window, tuple(sorted(inside)) or (NULL,)


def spoilt(example: Example, recipe: Recipe, random: np.random.Generator) -> Example:
    """The example, or now and then what it is without an answer."""
    cut, opposite = random.random(2) < (recipe.cut, recipe.opposed)
    if not example.places:
        return example
    if cut and (context := without_answer(example.context, example.places)):
        return Example(example.question, context, ())
    if opposite and (question := opposed(example.question, random)):
        return Example(question, example.context, ())
    return example


def _in_both_ways(conversation: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each turn with its question written out, and each but the first joined to the exchange before it."""
    for number, turn in enumerate(conversation):
        yield turn | {"question": turn["standalone"]}
        if number:
            before = conversation[number - 1]
            said = before["answers"][0]["text"] if before["answers"] else None
            yield turn | {"question": joined(turn["question"], (before["standalone"], said))}


def _cover(starts: Any, ends: Any, start: int, end: int) -> tuple[int, int]:
    """The first and last token of those that share a character with the place."""
    shared = np.flatnonzero((starts < end) & (ends > start))
    return int(shared[0]), int(shared[-1])


def _free(golds: Sequence[tuple[int, int]], tokens: int, room: int) -> Any:
    """First tokens of the windows of `room` tokens that hold no part of a gold place."""
    firsts = np.arange(tokens - room + 1)
    for start, end in golds:
        firsts = firsts[(firsts > end) | (firsts + room <= start)]
    return firsts
