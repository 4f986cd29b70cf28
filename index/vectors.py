"""Unit rows in FAISS: which sentences lie nearest to a question, exactly, or among very many in a few milliseconds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import faiss

# Chosen by what benchmarks/library.py measures among a million vectors.
LISTS = 4  # of codes, times the square root of how many vectors there are
PROBED = 1 / 5  # of the lists are looked through for a question
SAMPLE = 20  # vectors a list that its centre is learned from
ROUNDS = 8  # of k-means
PARTS = (3, 2, 1)  # dimensions that share one code of 4 bits: the first of these that divides their number
ALONE = 100_000  # vectors up to which one thread learns the lists, and a tenth of it up to which one adds them
FEWEST = 16  # vectors to learn a code of 4 bits from
SEED = 1234


class VectorIndex:
    """Sentence vectors, searched by inner product; on unit rows that is the cosine."""

    def __init__(self, rows: npt.ArrayLike, numbers: npt.ArrayLike | None = None) -> None:
        """`rows`: (sentences, dimensions), of any length; zero rows stay zero and are nearest to nothing.

        `numbers` are the sentences' own, each once; None numbers them from 0.
        """
        import faiss

        units = unit(rows)
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(units.shape[1]))  # 2 gives rows back by their numbers
        self.add(units, np.arange(len(units)) if numbers is None else numbers)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, rows: npt.ArrayLike, numbers: npt.ArrayLike) -> None:
        """More sentences, whose numbers are new."""
        self._index.add_with_ids(unit(rows), np.ascontiguousarray(numbers, dtype=np.int64))

    def remove(self, first: int, end: int) -> None:
        """The sentences numbered from `first` to `end` (exclusive)."""
        import faiss

        self._index.remove_ids(faiss.IDSelectorRange(first, end))

    def search(self, vector: npt.ArrayLike, k: int) -> list[tuple[int, float]]:
        """(sentence number, cosine in [-1, 1]) of the `k` nearest sentences, best first, lower number on ties."""
        k = min(k, len(self))
        if k == 0:
            return []
        with _one_thread():
            return _best(*self._index.search(unit(np.atleast_2d(vector)), k))

    def rows(self, numbers: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """(numbers, dimensions): the unit vectors of these sentences, which are there."""
        rows: npt.NDArray[np.float32] = self._index.reconstruct_batch(np.ascontiguousarray(numbers, dtype=np.int64))
        return rows


class CodedIndex:
    """Very many sentence vectors as codes of 4 bits for 3 dimensions, in lists of those that lie near each other.

    A question is compared with the codes in the nearest lists (Jégou, Douze & Schmid, "Product Quantization for
    Nearest Neighbor Search", 2011, section IV; laid out for the processor by André, Kermarrec & Le Scouarnec, "Cache
    locality is not enough", 2015). That finds candidates; their vectors put them in order.
    """

    def __init__(self, index: faiss.IndexIVFPQFastScan) -> None:
        self._index = index

    @classmethod
    def train(cls, sample: npt.ArrayLike, count: int) -> CodedIndex:
        """An empty index that suits `count` vectors, of which `sample` is a fair part, at least one."""
        import faiss

        units = unit(sample)
        units = np.resize(units, (max(FEWEST, len(units)), units.shape[1]))  # repeats them when they are too few
        size = units.shape[1]
        part = next(each for each in PARTS if size % each == 0)
        lists = min(lists_for(count), len(units))
        index = faiss.IndexIVFPQFastScan(
            faiss.IndexFlatIP(size), size, lists, size // part, 4, faiss.METRIC_INNER_PRODUCT
        )
        index.by_residual = False
        index.cp.niter, index.cp.seed, index.pq.cp.seed = ROUNDS, SEED, SEED
        index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, SAMPLE
        index.pq.cp.min_points_per_centroid = 1
        with _one_thread() if count < ALONE else nullcontext():
            faiss.Clustering(size, lists, index.cp).train(units, index.quantizer)
        with _one_thread():
            index.train(units)
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> CodedIndex:
        """What `save` wrote. Raises OSError when the file is missing or is no such index.

        FAISS trusts the bytes: make sure before that they are what was written.
        """
        import faiss

        try:
            index = faiss.read_index(str(path))
        except RuntimeError as error:  # FAISS has no other
            raise OSError(str(error)) from error
        if not isinstance(index, faiss.IndexIVFPQFastScan):
            raise OSError(f"{path} holds a {type(index).__name__}")
        return cls(index)

    def save(self, path: Path) -> None:
        """Raises OSError when the disk is full or may not be written."""
        import faiss

        try:
            faiss.write_index(self._index, str(path))
        except RuntimeError as error:  # FAISS has no other
            raise OSError(str(error)) from error

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def add(self, rows: npt.ArrayLike, numbers: npt.ArrayLike) -> None:
        """More sentences, whose numbers are new."""
        units = unit(rows)
        with _one_thread() if len(units) < ALONE // 10 else nullcontext():
            self._index.add_with_ids(units, np.ascontiguousarray(numbers, dtype=np.int64))

    def keep(self, alive: npt.NDArray[np.bool_]) -> None:
        """Removes the sentences whose number `alive` does not hold, or is false for."""
        import faiss

        bits = np.packbits(alive, bitorder="little")  # a name for each: FAISS holds no references of its own
        kept = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        self._index.remove_ids(faiss.IDSelectorNot(kept))

    def search(
        self, vector: npt.ArrayLike, k: int, alive: npt.NDArray[np.bool_] | None = None
    ) -> list[tuple[int, float]]:
        """(sentence number, cosine to about 0.1) of `k` candidates, best first, lower number on ties.

        Only those that `alive` is true for count, when it is given. There may be fewer than `k`: FAISS leaves out what
        is as far as can be, and so everything where all is equally far, as from a vector of zeros.
        """
        import faiss

        bits = None if alive is None else np.packbits(alive, bitorder="little")
        chosen = None if bits is None else faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        settings = faiss.SearchParametersIVF(
            nprobe=math.ceil(self._index.nlist * PROBED),
            sel=chosen,  # type: ignore[call-arg]  # FAISS's own types leave it out
        )
        with _one_thread():
            return _best(*self._index.search(unit(np.atleast_2d(vector)), k, params=settings))


def lists_for(count: int) -> int:
    """How many lists an index of `count` vectors has."""
    return max(1, round(LISTS * math.sqrt(count)))


def unit(rows: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """The rows scaled to length 1; a row of zeros stays as it is."""
    matrix = np.ascontiguousarray(rows, dtype=np.float32)
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    units: npt.NDArray[np.float32] = np.divide(matrix, length, out=np.zeros_like(matrix), where=length > 0)
    return units


@contextmanager
def _one_thread() -> Iterator[None]:
    """For what is soon done: on a busy machine threads that wait for each other take 20 times as long as one."""
    import faiss

    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


def _best(scores: npt.NDArray[np.float32], numbers: npt.NDArray[np.int64]) -> list[tuple[int, float]]:
    """The hits of the first question, without FAISS's -1 for none."""
    found = [(int(n), float(s)) for n, s in zip(numbers[0], scores[0], strict=True) if n >= 0]
    return sorted(found, key=lambda hit: (-hit[1], hit[0]))
