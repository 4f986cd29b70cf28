"""Several ask at once: what waits together is read together, and each gets what it would have got alone.

Nothing waits for a batch to fill. While one is being read the next gathers, so a question that comes alone is read at
once, and the more come the more are read at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder, load_encoder
from index.search import Passage
from qa.answer import Calibration, Reading
from qa.answerer import Answerer, Index
from qa.reader import Reader, Request

MOST = (
    48_000  # characters read at a time, some 32 windows: so long does the next in line wait at most, or for one longer
)
Asked = TypeVar("Asked")
Found = TypeVar("Found")
Vectors = npt.NDArray[np.float32]


@runtime_checkable
class ManyReader(Reader, Protocol):
    """A reader that reads several questions at a time; a TransformersReader is one."""

    def read_many(self, requests: Sequence[Request]) -> list[list[Reading]]:
        """The readings of each request, in order."""
        ...


class Batcher(Generic[Asked, Found]):
    """Works off, in one thread, what several threads ask: first come, first served, all that waits at a time."""

    def __init__(
        self,
        work: Callable[[list[Asked]], Sequence[Found]],
        *,
        size: Callable[[Asked], int],
        most: int,
        worker: ThreadPoolExecutor | None = None,
    ) -> None:
        """`work` gives one result for each of those it is handed, none equal to another, in order.

        It is handed no more at a time than come to `most` by `size`, but always one. `worker` is a pool of one thread,
        which several may share to take turns.
        """
        self._work = work
        self._size = size
        self._most = most
        self._worker = worker or ThreadPoolExecutor(1, thread_name_prefix="batch")
        self._waiting: deque[tuple[Asked, Future[Found]]] = deque()
        self._lock = Lock()

    def ask(self, asked: Asked) -> Found:
        """What the work gives for `asked`, or raises for it; equals that wait together share one result."""
        future: Future[Found] = Future()
        with self._lock:
            self._waiting.append((asked, future))
        self._worker.submit(self._work_off)  # finds nothing to do when an earlier turn took this along
        return future.result()

    def _work_off(self) -> None:
        """One turn: all that waits, as far as `most` allows."""
        waiting: dict[Asked, list[Future[Found]]] = {}
        size = 0
        with self._lock:
            while self._waiting:
                asked, future = self._waiting[0]
                size += 0 if asked in waiting else self._size(asked)
                if waiting and size > self._most:
                    break
                waiting.setdefault(asked, []).append(future)
                self._waiting.popleft()
        if waiting:
            self._serve(waiting)

    def _serve(self, waiting: dict[Asked, list[Future[Found]]]) -> None:
        """Gives each its result. When that fails each is tried alone, so that an error meets only who caused it."""
        try:
            results = list(zip(waiting.values(), self._work(list(waiting)), strict=True))
        except BaseException as error:  # whatever it is, somebody waits to be told
            if len(waiting) > 1:
                for asked, futures in waiting.items():
                    self._serve({asked: futures})
                return
            [futures] = waiting.values()
            for future in futures:
                future.set_exception(error)
            return
        for futures, found in results:
            for future in futures:
                future.set_result(found)


class BatchingReader:
    """A reader for many threads at once: questions that wait together are read together.

    The readings are those of the reader it wraps, but for the rounding of a logit's third decimal.
    """

    def __init__(self, reader: ManyReader, *, worker: ThreadPoolExecutor | None = None) -> None:
        self.calibration: Calibration = reader.calibration
        self._batcher: Batcher[Request, list[Reading]] = Batcher(
            reader.read_many, size=_characters, most=MOST, worker=worker
        )

    def read(self, question: str, passages: Sequence[Passage], *, longest: int, top: int) -> list[Reading]:
        """The `top` best spans of at most `longest` tokens in any of the passages, the greatest margin first."""
        spans = tuple(passage.span for passage in passages)
        return list(self._batcher.ask(Request(question, spans, longest, top)))


class BatchingEncoder:
    """An encoder for many threads at once."""

    def __init__(self, encoder: Encoder, *, worker: ThreadPoolExecutor | None = None) -> None:
        worker = worker or ThreadPoolExecutor(1, thread_name_prefix="batch")
        self._queries = _encoding(encoder.encode_query, worker)
        self._documents = _encoding(encoder.encode_document, worker)

    def encode_query(self, texts: Sequence[str], /) -> Vectors:
        """(questions, dimensions)"""
        return self._queries.ask(tuple(texts))

    def encode_document(self, texts: Sequence[str], /) -> Vectors:
        """(sentences, dimensions)"""
        return self._documents.ask(tuple(texts))


def batching(answerer: Answerer[Index], encoder: Encoder | None = None) -> tuple[Answerer[Index], Encoder]:
    """The answerer, and the encoder (None: the default one), for many threads at once; one thread computes for both.

    A reader that can read only one question at a time is left as it is, and the answerer's index goes on encoding its
    questions with the encoder that it was made with.
    """
    worker = ThreadPoolExecutor(1, thread_name_prefix="batch")
    reader = answerer.reader
    shared = BatchingReader(reader, worker=worker) if isinstance(reader, ManyReader) else reader
    many = Answerer(answerer.index, reader=shared, options=answerer.options)
    return many, BatchingEncoder(encoder or load_encoder(), worker=worker)


def _encoding(
    encode: Callable[[Sequence[str]], Vectors], worker: ThreadPoolExecutor
) -> Batcher[tuple[str, ...], Vectors]:
    def work(asked: list[tuple[str, ...]]) -> list[Vectors]:
        vectors = np.asarray(encode([text for texts in asked for text in texts]))
        return np.split(vectors, np.cumsum([len(texts) for texts in asked])[:-1])

    return Batcher(work, size=lambda texts: sum(map(len, texts)), most=MOST, worker=worker)


def _characters(request: Request) -> int:
    return len(request.question) + sum(span.end - span.start for span in request.spans)
