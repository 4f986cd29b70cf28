"""Unit rows in FAISS: which sentences lie nearest to a question, exactly, or among very many in a few milliseconds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import faiss

LISTS = 2.0  # lists of codes, times the square root of how many vectors there are
PROBED = 1 / 16  # of the lists are looked through for a question: benchmarks/library.py measures what that finds
SAMPLE = 40  # vectors a list that its centre is learned from
ROUNDS = 8  # of k-means
SEED = 1234


class VectorIndex:
    """Sentence vectors, searched by inner product; on unit rows that is the cosine."""

    def __init__(self, rows: npt.ArrayLike, numbers: npt.ArrayLike | None = None) -> None:
        """`rows`: (sentences, dimensions), of any length; zero rows stay zero and are nearest to nothing.

        `numbers` are the sentences' own, each once; None numbers them from 0.
        """
        import faiss

        units = unit(rows)
        self._index = faiss.IndexIDMap(faiss.IndexFlatIP(units.shape[1]))
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


class CodedIndex:
    """Very many sentence vectors as codes of 8 bits a dimension, in lists of those that lie near each other.

    A question is compared with the sentences of the nearest lists only (Jégou, Douze & Schmid, "Product Quantization
    for Nearest Neighbor Search", 2011, section IV), so the result is close to the exact one and not always equal.
    """

    def __init__(self, index: faiss.IndexIVFScalarQuantizer) -> None:
        self._index = index

    @classmethod
    def train(cls, sample: npt.ArrayLike, count: int) -> CodedIndex:
        """An empty index whose lists suit `count` vectors, of which `sample` is a fair and not too small part."""
        import faiss

        units = unit(sample)
        size = units.shape[1]
        lists = min(lists_for(count), len(units))
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(size), size, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
        )
        index.cp.niter, index.cp.seed = ROUNDS, SEED
        index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, SAMPLE
        index.train(units)
        return cls(index)

    @classmethod
    def load(cls, path: Path, *, writable: bool = False) -> CodedIndex:
        """What `save` wrote; one that is not to be changed stays on the disk and is mapped into memory.

        Raises OSError when the file is missing or is no such index. The bytes are trusted: check them before.
        """
        import faiss

        try:
            index = faiss.read_index(str(path), 0 if writable else faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:  # FAISS has no other
            raise OSError(str(error)) from error
        if not isinstance(index, faiss.IndexIVFScalarQuantizer):
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
        self._index.add_with_ids(unit(rows), np.ascontiguousarray(numbers, dtype=np.int64))

    def keep(self, alive: npt.NDArray[np.bool_]) -> None:
        """Removes the sentences whose number `alive` does not hold, or is false for."""
        import faiss

        bits = np.packbits(alive, bitorder="little")  # a name for each: FAISS holds no references of its own
        kept = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        self._index.remove_ids(faiss.IDSelectorNot(kept))

    def search(
        self, vector: npt.ArrayLike, k: int, alive: npt.NDArray[np.bool_] | None = None
    ) -> list[tuple[int, float]]:
        """(sentence number, cosine in [-1, 1] to about 0.003) of `k` near sentences, best first, lower number on ties.

        Only those that `alive` is true for count, when it is given; there may be fewer than `k`.
        """
        import faiss

        probed = math.ceil(self._index.nlist * PROBED)
        bits = None if alive is None else np.packbits(alive, bitorder="little")
        chosen = None if bits is None else faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        settings = faiss.SearchParametersIVF(nprobe=probed, sel=chosen)  # type: ignore[call-arg]  # its stub leaves `sel` out
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
    """For one question: on a busy machine threads that wait for each other take 20 times as long as one."""
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
