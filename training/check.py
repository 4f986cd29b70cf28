"""A quick score on a sample of dev questions while a reader is being trained; qa/evaluate.py is the real one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.decode import best_spans
from qa.metrics import f1
from qa.windows import Window, Windower

if TYPE_CHECKING:
    from training.examples import Example

LONGEST = 40  # tokens, as when serving
BATCH = 16


def propose(
    examples: Sequence[Example], windower: Windower, logits: Callable[[Sequence[Window]], tuple[Any, Any]]
) -> list[tuple[float, str]]:
    """(logits above null, text) of the best span of each example, over all the windows of its context."""
    windows = [(number, w) for number, e in enumerate(examples) for w in windower.cut(e.question, e.context)]
    windows.sort(key=lambda item: len(item[1]))
    best: dict[int, tuple[float, str]] = {}
    for at in range(0, len(windows), BATCH):
        batch = windows[at : at + BATCH]
        starts, ends = (values.cpu().numpy() for values in logits([w for _, w in batch]))
        for (number, w), start, end in zip(batch, starts, ends, strict=True):
            for first, last, score in best_spans(start[: len(w)], end[: len(w)], w.allowed, longest=LONGEST, top=1):
                text = w.span.article.text[w.starts[first] : w.ends[last]]
                best[number] = max(best.get(number, (-np.inf, "")), (score - float(start[0] + end[0]), text))
    return [best[number] for number in range(len(examples))]


def score(
    examples: Sequence[Example], windower: Windower, logits: Callable[[Sequence[Window]], tuple[Any, Any]]
) -> dict[str, float]:
    """F1 of all questions at margin 0 and at the best margin, F1 when forced to answer, and of abstention, in %."""
    found = propose(examples, windower, logits)
    margins = np.array([margin for margin, _ in found])
    golds = [[e.context.text[s:t] for s, t in e.places] for e in examples]
    spoken = np.array([f1(text, places) if places else 0.0 for (_, text), places in zip(found, golds, strict=True)])
    answerable = np.array([bool(places) for places in golds])

    def at(margin: float) -> Any:
        return np.where(margins > margin, spoken, ~answerable)

    best = max(margins, key=lambda margin: at(margin).mean())
    result = {"f1": at(0).mean(), "best_f1": at(best).mean(), "best_margin": best / 100}
    result |= {"has_f1": at(0)[answerable].mean(), "forced_f1": spoken[answerable].mean()}
    if not answerable.all():
        result["no_accuracy"] = at(0)[~answerable].mean()
    return {name: 100 * float(value) for name, value in result.items()}
