"""Teach the default encoder which sentences answer a question: the highest layers of a copy of it, for questions only.

    python -m training.encoder DATA/squad-1.1-train.json.gz --out index/model/questions.safetensors

Sentences keep the vectors that all-MiniLM-L6-v2 gives them, so that no stored library changes; what moves is where a
question lies among them. Its candidates are all sentences of its article, and the loss is -log of the probability of
those that hold an answer, told as index/ranking.py does by meaning, by the meaning of the paragraph and by words. Some
articles are held out, to tell what it brought.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from tqdm import tqdm

from index.encoder import packaged_encoder
from index.keyword import KeywordIndex
from index.ranking import BLANK, WEIGHTS, shares
from index.sentences import split
from index.text import Span
from qa.dataset import Question
from training.cache import CachedEncoder
from training.ranker import by_article, holding

WEIGHED = ("meaning", "meaning of the best in the stretch", "meaning of the stretch", "words")
TOGETHER = 4  # articles in a batch
WARM_UP = 0.05  # of the run, until the learning rate is at its peak
WEIGHT_RATE = 0.05  # learning rate of the four weights, which rise and fall with the vectors
KS = (1, 3, 8, 20)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """An article's sentences and its questions: (sentences, dimensions), (sentences,), twice (questions, sentences)."""

    questions: list[str]
    vectors: torch.Tensor
    stretches: torch.Tensor  # the number of the stretch that each sentence stands in
    words: torch.Tensor  # BM25
    right: torch.Tensor  # whether an answer stands in it


class Asker:
    """The model that learns to encode questions, and the weights of what is known of a sentence."""

    def __init__(self, layers: int) -> None:
        self.model = SentenceTransformer(str(packaged_encoder()), device="cpu", model_kwargs={"use_safetensors": True})
        highest = len(self.model[0].auto_model.encoder.layer)
        learning = tuple(f"encoder.layer.{number}." for number in range(highest - layers, highest))
        self.learnt = {}
        for name, parameter in self.model[0].auto_model.named_parameters():
            parameter.requires_grad_(name.startswith(learning))
            if parameter.requires_grad:
                self.learnt[name] = parameter
        self.weights = torch.nn.Parameter(torch.tensor([WEIGHTS[name] for name in WEIGHED]))

    def scores(self, case: Case, asked: Sequence[int]) -> torch.Tensor:
        """(asked, sentences): log-odds that the answer stands there, up to a constant."""
        inputs = self.model.preprocess([case.questions[number] for number in asked])
        cosines = self.model(inputs)["sentence_embedding"] @ case.vectors.T
        stretches = case.stretches.expand_as(cosines)
        empty = cosines.new_zeros(len(asked), int(case.stretches[-1]) + 1)
        best, mean = (
            empty.scatter_reduce(1, stretches, cosines, how, include_self=False).gather(1, stretches)
            for how in ("amax", "mean")
        )
        known = torch.stack([cosines, best, mean, case.words[list(asked)]])
        return torch.einsum("w,was->as", self.weights, known)


def loss(scores: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """The mean of -log of the probability of the sentences that hold an answer."""
    return (scores.logsumexp(1) - scores.masked_fill(~right, -torch.inf).logsumexp(1)).mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="the safetensors file to write")
    parser.add_argument("--articles", type=int, help="drawn from the file; all by default")
    parser.add_argument("--held-out", type=int, default=40, help="articles of these that nothing is learnt from")
    parser.add_argument("--layers", type=int, default=3, help="the highest, which learn")
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--batch", type=int, default=128, help=f"questions, on {TOGETHER} articles")
    parser.add_argument("--rate", type=float, default=2e-4, help="peak learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors.sqlite"), help="where vectors are kept")
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    every = list(cases(arguments.file, CachedEncoder(arguments.cache), arguments.articles, arguments.seed))
    held_out, learning = every[: arguments.held_out], every[arguments.held_out :]
    asker = Asker(arguments.layers)
    print(f"{sum(len(case.questions) for case in learning)} questions to learn from; of those held out, right among")
    print("the best", *KS, "before:", *recall(asker, held_out), flush=True)
    learn(asker, learning, steps=arguments.steps, batch=arguments.batch, rate=arguments.rate, seed=arguments.seed)
    print("the best", *KS, "after:", *recall(asker, held_out))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: parameter.detach().half().contiguous() for name, parameter in asker.learnt.items()}
    save_file(tensors, arguments.out, metadata={"format": "pt"})


def cases(path: Path, encoder: CachedEncoder, articles: int | None, seed: int) -> Iterator[Case]:
    """The articles in random order, each with its questions whose answer stands at one sure place."""
    for own in tqdm(by_article(path, seed)[:articles], desc="encoding", mininterval=5):
        if own:
            yield _case(own, split(own[0].article), encoder)


def _case(own: Sequence[Question], sentences: Sequence[Span], encoder: CachedEncoder) -> Case:
    texts = [sentence.text for sentence in sentences]
    places = np.array([(sentence.start, sentence.end) for sentence in sentences])
    keywords, numbers = KeywordIndex(texts), np.arange(len(texts))
    words = np.stack([shares(keywords.occurrences(each.text), numbers).sum(axis=0) for each in own])
    right = np.stack([holding(*places.T, each.golds) for each in own])
    kept = right.any(axis=1)
    parted = np.append(False, places[1:, 0] - places[:-1, 1] >= BLANK)
    return Case(
        [each.text for each, sure in zip(own, kept, strict=True) if sure],
        torch.from_numpy(encoder.encode_document(texts)),
        torch.from_numpy(np.cumsum(parted)),
        torch.from_numpy(words[kept]).float(),
        torch.from_numpy(right[kept]),
    )


def learn(asker: Asker, learning: Sequence[Case], *, steps: int, batch: int, rate: float, seed: int) -> None:
    """So many steps, an article's chance of being in one rising with its questions."""
    asker.model.train()
    chance = random.Random(seed)
    counts = [len(case.questions) for case in learning]
    learnt = list(asker.learnt.values())
    groups = [{"params": learnt, "lr": rate}, {"params": [asker.weights], "lr": WEIGHT_RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01, foreach=True)
    peaks = [group["lr"] for group in optimiser.param_groups]
    smooth = None
    with tqdm(total=steps, mininterval=5) as bar:
        for step in range(steps):
            for group, peak in zip(optimiser.param_groups, peaks, strict=True):
                group["lr"] = peak * min(1.0, (step + 1) / (WARM_UP * steps)) * (1 - step / steps)
            total = torch.zeros(())
            for case in chance.choices(learning, counts, k=TOGETHER):
                asked = chance.sample(range(len(case.questions)), min(batch // TOGETHER, len(case.questions)))
                total = total + loss(asker.scores(case, asked), case.right[asked]) / TOGETHER
            total.backward()
            torch.nn.utils.clip_grad_norm_([*learnt, asker.weights], 1.0)
            optimiser.step()
            optimiser.zero_grad()
            smooth = float(total.detach()) if smooth is None else 0.95 * smooth + 0.05 * float(total.detach())
            bar.set_postfix_str(f"loss {smooth:.3f}", refresh=False)
            bar.update()


@torch.inference_mode()
def recall(asker: Asker, held_out: Sequence[Case]) -> list[float]:
    """Per cent of the questions with an answer in one of the best KS sentences."""
    asker.model.eval()
    ranks: list[torch.Tensor] = []
    for case in held_out:
        for first in range(0, len(case.questions), 128):
            asked = range(len(case.questions))[first : first + 128]
            scores, right = asker.scores(case, asked), case.right[list(asked)]
            best = scores.masked_fill(~right, -torch.inf).amax(1, keepdim=True)
            ranks.append((scores > best).sum(1))
    found = torch.cat(ranks)
    return [round(100 * float((found < k).float().mean()), 1) for k in KS]


if __name__ == "__main__":
    main()
