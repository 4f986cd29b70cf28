"""Train a reader on a mixture of question files; kill it at any moment and it goes on as if nothing had been.

    python -m training.reader --start FOLDER --data DATA --out runs/x --minutes 100 \
        --mix squad-1.1-train=50 authored-news-train=10 ...

The same command with `--resume` goes on from the last checkpoint. `runs/x/model` is a folder for load_reader, and
`runs/x/curve.json` tells what it scored on the dev files after how many examples.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tqdm import tqdm
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from qa.windows import Window, Windower, pad
from training.examples import Mixture, Recipe, find, fit, load_examples, stem

POOL = 64  # batches drawn together, so that a batch holds windows of one length
WARM_UP = 0.04  # of the whole run, until the learning rate is at its peak
AVERAGE = 0.999  # of the old average is kept at each step: the weights of about the last thousand steps
AVERAGE_EVERY = 10  # steps; averaging at each one costs time and changes nothing

log = logging.getLogger(__name__)


def span_loss(start: torch.Tensor, end: torch.Tensor, allowed: torch.Tensor, golds: torch.Tensor) -> torch.Tensor:
    """The mean over the batch of -log(sum over the gold places of p(start) p(end)).

    `start`, `end` and `allowed` are (batch, tokens); `golds` is (batch, places, 2), filled up with -1. Start and end
    are distributed over the allowed tokens and the first one, which stands for no answer.
    """
    may = allowed.clone()
    may[:, 0] = True
    first = start.float().masked_fill(~may, -torch.inf).log_softmax(-1).gather(1, golds[..., 0].clamp(min=0))
    last = end.float().masked_fill(~may, -torch.inf).log_softmax(-1).gather(1, golds[..., 1].clamp(min=0))
    return -(first + last).masked_fill(golds[..., 0] < 0, -torch.inf).logsumexp(-1).mean()


class Training:
    """One run: model, optimiser, average, mixture and clock, all of which a checkpoint holds."""

    def __init__(self, settings: argparse.Namespace) -> None:
        self.settings = settings
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(settings.seed)
        chances = {"hidden_dropout_prob": settings.dropout, "attention_probs_dropout_prob": settings.dropout}
        # Attention spelled out: with its fused form a CPU spends half of each step in that form's gradient.
        attention = "sdpa" if self.device.type == "cuda" else "eager"
        self.model = AutoModelForQuestionAnswering.from_pretrained(
            settings.start, use_safetensors=True, dtype=torch.float32, attn_implementation=attention, **chances
        ).to(self.device)
        self.model.train()
        if settings.freeze_words:
            self.model.get_input_embeddings().weight.requires_grad_(False)
        if settings.freeze_layers:
            self.model.base_model.embeddings.requires_grad_(False)
            self.model.base_model.encoder.layer[: settings.freeze_layers].requires_grad_(False)
        self.weights = {name: p for name, p in self.model.named_parameters() if p.requires_grad}
        self.average = {name: p.detach().clone() for name, p in self.weights.items()}
        # What computes: the model, or its copy in bfloat16, whose gradients the model's float32 weights take over.
        self.swift = copy.deepcopy(self.model).bfloat16() if settings.bf16 else self.model
        flat = [p for p in self.weights.values() if p.ndim < 2]
        matrices = [p for p in self.weights.values() if p.ndim >= 2]
        groups = [{"params": matrices, "weight_decay": settings.decay}, {"params": flat, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=settings.rate, betas=(0.9, 0.98), foreach=True)
        self.ordered = [*matrices, *flat]
        self.tokenizer = AutoTokenizer.from_pretrained(settings.start)
        self.windower = Windower(self.tokenizer)
        sources = {name: load_examples(find(settings.data, name)) for name, _ in settings.mix}
        self.mixture = Mixture(sources, [share for _, share in settings.mix], settings.seed)
        self.recipe = Recipe(
            tuple(settings.windows), settings.outside, settings.unmarked, settings.cut, settings.opposed
        )
        self.pool_state, self.batch_in_pool = self.mixture.state, 0
        self.step = self.seen = 0
        self.tokens = 0
        self.before = 0.0  # seconds spent by earlier runs
        self.began = time.monotonic()
        self.curve: list[dict[str, float]] = []

    @property
    def elapsed(self) -> float:
        """Seconds of training, those before a resumption included."""
        return self.before + time.monotonic() - self.began

    @property
    def done(self) -> float:
        """The part of the run that lies behind, in [0, 1], by whichever of time and examples is further."""
        parts = [0.0]
        if self.settings.minutes:
            parts.append(self.elapsed / 60 / self.settings.minutes)
        if self.settings.examples:
            parts.append(self.seen / self.settings.examples)
        return min(1.0, max(parts))

    def batches(self) -> Iterator[list[tuple[Window, tuple[tuple[int, int], ...]]]]:
        """Batches without end, each of windows of about one length; knows where it stands for the checkpoint."""
        size = self.settings.batch
        while True:
            self.pool_state = self.mixture.state
            random = self.mixture.random
            drawn = [fit(e, self.windower, self.recipe, random) for e in self.mixture.draw(POOL * size)]
            drawn.sort(key=lambda item: len(item[0]))
            for place in random.permutation(POOL)[self.batch_in_pool :]:
                self.batch_in_pool += 1
                yield drawn[place * size : (place + 1) * size]
            self.batch_in_pool = 0

    def learn(self, batch: list[tuple[Window, tuple[tuple[int, int], ...]]]) -> float:
        """One step of the optimiser; the loss before it."""
        windows = [window for window, _ in batch]
        most = max(len(golds) for _, golds in batch)
        golds = torch.tensor([[*g, *[(-1, -1)] * (most - len(g))] for _, g in batch], device=self.device)
        allowed = _allowed(windows).to(self.device)
        start, end = self.logits(windows)
        loss = span_loss(start, end, allowed, golds)
        loss.backward()
        self._take_gradients()
        torch.nn.utils.clip_grad_norm_(self.ordered, self.settings.clip)
        done = self.done
        rate = self.settings.rate * min(1.0, (done + 1e-4) / WARM_UP) * (1 - done)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self._give_weights()
        self.step += 1
        self.seen += len(batch)
        self.tokens += sum(map(len, windows))
        if self.step % AVERAGE_EVERY == 0:
            # Young averages forget faster, or they would remember the first weights for too long.
            keep = min(AVERAGE, self.step / (self.step + 100)) ** AVERAGE_EVERY
            torch._foreach_lerp_(list(self.average.values()), [p.detach() for p in self.weights.values()], 1 - keep)
        return float(loss.detach())

    def logits(self, windows: Sequence[Window]) -> tuple[torch.Tensor, torch.Tensor]:
        """Start and end logits, each (windows, tokens of the longest)."""
        inputs = {name: torch.from_numpy(a).to(self.device) for name, a in pad(windows, padding=self.padding).items()}
        if "token_type_ids" not in self.tokenizer.model_input_names:
            del inputs["token_type_ids"]
        out = self.swift(**inputs)
        return out.start_logits.float(), out.end_logits.float()

    @property
    def padding(self) -> int:
        return self.tokenizer.pad_token_id or 0

    @contextlib.contextmanager
    def averaged(self) -> Iterator[None]:
        """The model with the average of its weights."""
        kept = {name: p.detach().clone() for name, p in self.weights.items()}
        self._set(self.average)
        self.swift.eval()
        try:
            yield
        finally:
            self._set(kept)
            self.swift.train()

    def export(self, folder: Path) -> None:
        """A folder for load_reader: the average, in half precision on disk and in full once loaded."""
        fresh = folder.with_name(folder.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        with self.averaged():
            tensors = {name: t.half().contiguous().cpu() for name, t in self.model.state_dict().items()}
        save_file(tensors, fresh / "model.safetensors", metadata={"format": "pt"})
        config = json.loads((Path(self.settings.start) / "config.json").read_text("utf-8"))
        config |= {"architectures": [type(self.model).__name__], "dtype": "float32"}
        (fresh / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")
        self.tokenizer.save_pretrained(fresh)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)

    def save(self) -> None:
        """A checkpoint that is whole or is not there: written aside, flushed, then renamed."""
        out = Path(self.settings.out)
        fresh = out / "checkpoint.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        tensors = {f"weights.{name}": p.detach().contiguous() for name, p in self.weights.items()}
        tensors |= {f"average.{name}": p.contiguous() for name, p in self.average.items()}
        for number, parameter in enumerate(self.ordered):
            for name, value in self.optimiser.state[parameter].items():
                tensors[f"optimiser.{number}.{name}"] = value.contiguous()
        tensors["random"] = torch.get_rng_state()
        save_file(tensors, fresh / "tensors.safetensors")
        state = {
            "step": self.step,
            "seen": self.seen,
            "tokens": self.tokens,
            "elapsed": self.elapsed,
            "pool": self.pool_state,
            "batch_in_pool": self.batch_in_pool,
            "curve": self.curve,
        }
        (fresh / "state.json").write_text(json.dumps(state), "utf-8")
        for path in fresh.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        # A kill between these two renames leaves the older one under its second name, where load() finds it.
        last, older = out / "checkpoint", out / "checkpoint.old"
        if last.exists():
            shutil.rmtree(older, ignore_errors=True)
            last.rename(older)
        fresh.rename(last)
        shutil.rmtree(older, ignore_errors=True)

    def load(self) -> None:
        """Go on from the last whole checkpoint, if there is one."""
        out = Path(self.settings.out)
        folder = next((f for f in (out / "checkpoint", out / "checkpoint.old") if f.exists()), None)
        if folder is None:
            return
        tensors = load_file(folder / "tensors.safetensors")
        self._set({name: tensors[f"weights.{name}"] for name in self.weights})
        self.average = {name: tensors[f"average.{name}"].to(self.device) for name in self.weights}
        for number, parameter in enumerate(self.ordered):
            lead = f"optimiser.{number}."
            found = {name[len(lead) :]: value for name, value in tensors.items() if name.startswith(lead)}
            self.optimiser.state[parameter] = {
                name: value if name == "step" else value.to(self.device) for name, value in found.items()
            }
        torch.set_rng_state(tensors["random"])
        state = json.loads((folder / "state.json").read_text("utf-8"))
        self.step, self.seen, self.tokens = state["step"], state["seen"], state["tokens"]
        self.before, self.began = state["elapsed"], time.monotonic()
        self.mixture.state = self.pool_state = state["pool"]
        self.batch_in_pool, self.curve = state["batch_in_pool"], state["curve"]

    def check(self) -> dict[str, float]:
        """Scores of the average on a fixed sample of the dev files, kept in curve.json."""
        from training.check import score  # here, since a run without dev files needs none of it

        point = {"examples": self.seen, "step": self.step, "minutes": round(self.elapsed / 60, 1)}
        with self.averaged(), torch.inference_mode():
            for name in self.settings.dev:
                examples = load_examples(find(self.settings.data, name))
                chosen = np.random.default_rng(0).permutation(len(examples))[: self.settings.dev_questions]
                found = score([examples[i] for i in chosen], self.windower, self.logits)
                point |= {f"{stem(name)}.{key}": round(value, 2) for key, value in found.items()}
        self.curve.append(point)
        (Path(self.settings.out) / "curve.json").write_text(json.dumps(self.curve, indent=1), "utf-8")
        return point

    def run(self) -> None:
        """Train to the end of the budget, with checks and checkpoints by the clock; export the average."""
        settings = self.settings
        saved = checked = time.monotonic()
        batches = self.batches()
        smooth = None
        with tqdm(
            total=100,
            initial=100 * self.done,
            mininterval=5,
            bar_format="{percentage:5.1f}% {elapsed}<{remaining}{postfix}",
        ) as bar:
            while self.done < 1:
                loss = self.learn(next(batches))
                smooth = loss if smooth is None else 0.98 * smooth + 0.02 * loss
                bar.n = 100 * self.done
                bar.set_postfix_str(
                    f"step {self.step} seen {self.seen} loss {smooth:.3f} {self.tokens / self.elapsed:.0f} tokens/s",
                    refresh=False,
                )
                bar.update(0)
                if settings.steps and self.step >= settings.steps:
                    return  # the tests' way of being killed: nothing is saved here
                if settings.save_steps and self.step % settings.save_steps == 0:
                    self.save()
                elif time.monotonic() - saved > 60 * settings.save_minutes:
                    self.save()
                    saved = time.monotonic()
                if settings.dev and time.monotonic() - checked > 60 * settings.check_minutes:
                    bar.write(json.dumps(self.check()))
                    self.export(Path(settings.out) / "model")
                    checked = time.monotonic()
            self.save()
            self.export(Path(settings.out) / "model")
            if settings.dev:
                bar.write(json.dumps(self.check()))

    def _set(self, values: dict[str, torch.Tensor]) -> None:
        with torch.no_grad():
            for name, value in values.items():
                self.weights[name].copy_(value)
        self._give_weights()

    def _take_gradients(self) -> None:
        if self.swift is not self.model:
            for name, parameter in self.swift.named_parameters():
                if parameter.requires_grad:
                    self.weights[name].grad = parameter.grad.float()
                    parameter.grad = None

    def _give_weights(self) -> None:
        if self.swift is not self.model:
            with torch.no_grad():
                for name, parameter in self.swift.named_parameters():
                    if parameter.requires_grad:
                        parameter.copy_(self.weights[name])


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The settings of a run; every one has its reason beside it."""
    parser = argparse.ArgumentParser(prog="python -m training.reader", description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--start", required=True, help="folder of the model to begin with")
    add("--data", type=Path, required=True, help="folder of the question files")
    add("--out", type=Path, required=True, help="folder for checkpoints, the learning curve and the model")
    add("--mix", type=_share, nargs="+", required=True, metavar="FILE=SHARE", help="files and their relative shares")
    add("--minutes", type=float, default=0, help="budget of time")
    add("--examples", type=int, default=0, help="budget of examples; with both, the first to be spent ends the run")
    add("--windows", type=_window, nargs="+", default=[(384, 1.0)], metavar="TOKENS=SHARE", help="window lengths")
    add("--batch", type=int, default=16)
    add("--rate", type=float, default=1e-4, help="peak learning rate")
    add("--decay", type=float, default=0.01, help="weight decay of the matrices")
    add("--clip", type=float, default=1.0, help="greatest norm of the gradient")
    add("--dropout", type=float, default=0.0, help="costs a CPU nearly half its speed, and few examples come twice")
    add("--outside", type=float, default=0.1, help="of long answerable contexts: shown where the answer is not")
    add("--unmarked", type=float, default=0.1, help="of the questions: shown without their question mark")
    add("--cut", type=float, default=0.0, help="of the answerable: the answer's sentence is taken out of the context")
    add("--opposed", type=float, default=0.0, help="of the answerable: a word of the question is made its opposite")
    add("--freeze-words", action="store_true", help="leave the word embeddings, half of a small model, as they are")
    add("--freeze-layers", type=int, default=0, help="leave the embeddings and this many of the lowest layers too")
    add("--bf16", action="store_true", help="compute in bfloat16; weights stay in float32")
    add("--seed", type=int, default=1)
    add("--threads", type=int, default=0)
    add("--save-minutes", type=float, default=5.0)
    add("--save-steps", type=int, default=0, help="checkpoints by steps instead")
    add("--dev", nargs="*", default=[], metavar="FILE", help="dev files to score now and then")
    add("--dev-questions", type=int, default=150, help="of each dev file, the same each time")
    add("--check-minutes", type=float, default=20.0)
    add("--resume", action="store_true", help="go on from the last checkpoint")
    add("--steps", type=int, default=0, help="stop dead after this many steps, without saving")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    settings = parse(arguments)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    settings.out.mkdir(parents=True, exist_ok=True)
    training = Training(settings)
    if settings.resume:
        training.load()
    training.run()


def _share(argument: str) -> tuple[str, float]:
    name, _, share = argument.rpartition("=")
    return name, float(share)


def _window(argument: str) -> tuple[int, float]:
    tokens, share = _share(argument)
    return int(tokens), share


def _allowed(windows: Sequence[Window]) -> torch.Tensor:
    allowed = torch.zeros(len(windows), max(map(len, windows)), dtype=torch.bool)
    for row, window in enumerate(windows):
        allowed[row, : len(window)] = torch.from_numpy(window.allowed)
    return allowed


if __name__ == "__main__":
    main()
