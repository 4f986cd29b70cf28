"""A reader proposes spans: a question and passages in, scored spans of the article out, comparable with one another."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from index.encoder import LOADING, first_line, quiet_loading
from index.errors import ModelError
from index.search import Passage
from index.text import Article, Span
from qa.answer import Calibration, Reading
from qa.decode import best_spans
from qa.windows import WINDOW, Window, Windower, pad

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

BUNDLED = Path(__file__).parent / "model"
BATCH = 32  # windows in one forward pass
TOKENS = 2_400  # in one forward pass: what is computed of more of them does not fit into a processor's cache
PADDING = 128  # tokens of padding in one forward pass: about what another pass would cost
DIGITS = 3  # decimals of a logit that count; the rest differs between processors and batches

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Request:
    """What one question asks of a reader: the spans of its passages, tokens in the longest answer, readings at most."""

    question: str
    spans: tuple[Span, ...]
    longest: int
    top: int


class Reader(Protocol):
    """Passages to readings, and the calibration that belongs to the weights."""

    @property
    def calibration(self) -> Calibration: ...

    def read(self, question: str, passages: Sequence[Passage], *, longest: int, top: int) -> list[Reading]:
        """The `top` best spans of at most `longest` tokens in any of the passages, the greatest margin first."""
        ...


def load_reader(name_or_folder: str | Path | None = None) -> Reader:
    """The reader in a folder or of a hub name; None: the bundled one, which needs no network.

    Any extractive question-answering model of transformers that has safetensors and a fast tokenizer will do. It
    computes in float32, and no code that comes with a model is run. Loaded once per name. Raises ModelError when
    there is no such model, or when it is not one that answers questions.
    """
    with LOADING:
        return _loaded(None if name_or_folder is None else str(name_or_folder))


@cache
def _loaded(name_or_folder: str | None) -> Reader:
    folder = BUNDLED if name_or_folder is None else Path(name_or_folder).expanduser()
    found = folder.is_dir()
    known = str(folder) if found else str(name_or_folder)
    if found and not (folder / "config.json").is_file():
        raise ModelError(
            f"the folder {known!r} holds no model (no config.json); give a folder that a model was saved to"
        )
    with quiet_loading():
        tokenizer, model, loading = _load(known, local=found)
    strangers = sorted(name for name in loading["missing_keys"] if not name.endswith("position_ids"))
    if strangers:
        raise ModelError(
            f"the model {known!r} was not trained to answer questions (it has no weights for {strangers[0]!r}); "
            "give one trained on SQuAD or its like"
        )
    if not tokenizer.is_fast:
        raise ModelError(
            f"the tokenizer of {known!r} cannot tell which characters a token covers; give a model with a fast "
            "tokenizer (tokenizer.json)"
        )
    rows = model.get_input_embeddings().num_embeddings
    # A few rows more than tokens are usual padding; without any tokenizer file transformers makes up an empty one.
    if not rows / 2 <= len(tokenizer) <= rows:
        raise ModelError(
            f"the tokenizer of {known!r} knows {len(tokenizer):,} tokens and the model {rows:,}, so they do not belong "
            "together; save the tokenizer that the model was trained with into its folder"
        )
    return TransformersReader(model, tokenizer, calibration=Calibration.load(folder) if found else Calibration())


class TransformersReader:
    """Reads with any span head of transformers; holds weights and tokenizer, and may be used by several threads."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast,
        *,
        calibration: Calibration,
        batch: int = BATCH,
    ) -> None:
        """`batch` is the windows in one forward pass; it changes the speed, not the readings."""
        self._model = model
        model.train(False)  # no dropout
        self._windower = Windower(tokenizer, limit=min(WINDOW, _positions(model)))
        self._padding = tokenizer.pad_token_id or 0
        taken = {"input_ids", "token_type_ids", "attention_mask"} & set(inspect.signature(model.forward).parameters)
        typed = "token_type_ids" in tokenizer.model_input_names and getattr(model.config, "type_vocab_size", 2) != 1
        self._inputs = taken if typed else taken - {"token_type_ids"}
        self._batch = batch
        self.calibration = calibration

    def read(self, question: str, passages: Sequence[Passage], *, longest: int, top: int) -> list[Reading]:
        """The `top` best spans of at most `longest` tokens in any of the passages, the greatest margin first.

        A span that several windows show is one reading: its best score, and the lowest null among the windows that
        hold all of it. So a window that is sure of silence counts only against what it has seen. Ties go to the
        article that comes first, then to the earlier and the shorter span. No passages, or passages of white space,
        give [].
        """
        spans = tuple(passage.span for passage in passages)
        [readings] = self.read_many([Request(question, spans, longest, top)])
        return readings

    def read_many(self, requests: Sequence[Request]) -> list[list[Reading]]:
        """The readings of each request, in order, as `read` gives them; windows of several share forward passes."""
        windows = [
            [window for span in request.spans for window in self._windower.cut(request.question, span)]
            for request in requests
        ]
        logits = iter(self._logits([window for own in windows for window in own]))
        return [
            _readings(own, [next(logits) for _ in own], request) for own, request in zip(windows, requests, strict=True)
        ]

    def _logits(self, windows: Sequence[Window]) -> list[tuple[Floats, Floats]]:
        """The start logits and the end logits of each window, in order; both (tokens,)."""
        import torch

        found: dict[int, tuple[Floats, Floats]] = {}
        for places in batches([len(window) for window in windows], most=self._batch):
            arrays = pad([windows[place] for place in places], padding=self._padding)
            inputs = {name: torch.from_numpy(array) for name, array in arrays.items() if name in self._inputs}
            with torch.inference_mode():
                out = self._model(**inputs)
            starts, ends = (np.round(logits.double().numpy(), DIGITS) for logits in (out.start_logits, out.end_logits))
            for row, place in enumerate(places):
                tokens = len(windows[place])
                found[place] = starts[row, :tokens], ends[row, :tokens]
        return [found[place] for place in range(len(windows))]


def batches(lengths: Sequence[int], *, most: int) -> list[list[int]]:
    """The places of windows that are read in one forward pass, longest windows first, at most `most` in a pass.

    Each is padded to the longest of its pass; a pass takes windows as long as it needs no more than PADDING for that,
    and comes to no more than TOKENS.
    """
    passes: list[list[int]] = []
    spent = 0
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        padding = lengths[passes[-1][0]] - lengths[place] if passes else 0
        room = passes and (len(passes[-1]) + 1) * lengths[passes[-1][0]] <= TOKENS
        if room and len(passes[-1]) < most and spent + padding <= PADDING:
            passes[-1].append(place)
            spent += padding
        else:
            passes.append([place])
            spent = 0
    return passes


def _readings(windows: Sequence[Window], logits: Sequence[tuple[Floats, Floats]], request: Request) -> list[Reading]:
    """The best readings of one request by the logits of its windows."""
    nulls = np.array([start[0] + end[0] for start, end in logits])
    articles = _number(window.span.article for window in windows)
    scores: dict[tuple[int, int, int], float] = {}  # (article, start, end) -> best score
    for window, article, (start, end) in zip(windows, articles, logits, strict=True):
        for first, last, score in best_spans(start, end, window.allowed, longest=request.longest, top=request.top):
            key = article, int(window.starts[first]), int(window.ends[last])
            scores[key] = max(score, scores.get(key, -np.inf))
    return _rank(scores, windows, articles, nulls)[: request.top]


def _rank(
    scores: dict[tuple[int, int, int], float], windows: Sequence[Window], articles: Sequence[int], nulls: Floats
) -> list[Reading]:
    """The spans as readings, each against the lowest null of the windows that hold it, best first."""
    groups: dict[int, list[int]] = defaultdict(list)
    for place, article in enumerate(articles):
        groups[article].append(place)
    bounds = {
        article: (
            windows[places[0]].span.article,
            np.array([windows[place].span.start for place in places]),
            np.array([windows[place].span.end for place in places]),
            nulls[places],
        )
        for article, places in groups.items()
    }
    ranked = []
    for (article, start, end), score in scores.items():
        text, starts, ends, own = bounds[article]
        null = float(own[(starts <= start) & (end <= ends)].min())
        ranked.append(((round(null - score, DIGITS), article, start, end), Reading(text.span(start, end), score, null)))
    return [reading for _, reading in sorted(ranked, key=lambda item: item[0])]


def _number(articles: Any) -> list[int]:
    """For each article its number, counted from 0 in the order of first appearance."""
    numbers: dict[Article, int] = {}
    return [numbers.setdefault(article, len(numbers)) for article in articles]


def _load(known: str, *, local: bool) -> tuple[Any, Any, dict[str, Any]]:
    """Tokenizer, model and what was missing when it was loaded. Raises ModelError."""
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    safe: dict[str, Any] = {"local_files_only": local, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(known, **safe)
        model, loading = AutoModelForQuestionAnswering.from_pretrained(
            known, use_safetensors=True, dtype=torch.float32, output_loading_info=True, **safe
        )
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, ImportError, SafetensorError) as error:
        raise ModelError(
            f"the reader {known!r} could not be loaded ({first_line(error)}); give a folder that holds a "
            "question-answering model of transformers in safetensors, or the hub name of one while online"
        ) from error
    return tokenizer, model, loading


def _positions(model: PreTrainedModel) -> int:
    """The most tokens a window may have: RoBERTa and its kin begin to count positions after the padding's number."""
    positions = getattr(model.config, "max_position_embeddings", None) or WINDOW
    embeddings = getattr(getattr(model.base_model, "embeddings", None), "position_embeddings", None)
    skipped = getattr(embeddings, "padding_idx", None)
    return int(positions) - (0 if skipped is None else skipped + 1)


__all__ = ["Reader", "Request", "TransformersReader", "load_reader"]
