"""Unit rows in FAISS: which sentences lie nearest to a question, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import faiss


class VectorIndex:
    """Sentence vectors, searched by inner product; on unit rows that is the cosine."""

    def __init__(self, rows: npt.ArrayLike) -> None:
        """`rows`: (sentences, dimensions), of any length; zero rows stay zero and are nearest to nothing."""
        import faiss

        units = unit(rows)
        self._index: faiss.IndexFlatIP = faiss.IndexFlatIP(units.shape[1])
        self._index.add(units)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, vector: npt.ArrayLike, k: int) -> list[tuple[int, float]]:
        """(sentence number, cosine in [-1, 1]) of the `k` nearest sentences, best first, lower number on ties."""
        k = min(k, len(self))
        if k == 0:
            return []
        scores, numbers = self._index.search(unit(np.atleast_2d(vector)), k)
        found = [(int(n), float(s)) for n, s in zip(numbers[0], scores[0], strict=True)]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))


def unit(rows: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """The rows scaled to length 1; a row of zeros stays as it is."""
    matrix = np.ascontiguousarray(rows, dtype=np.float32)
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix / np.where(length > 0, length, 1)
