"""Vectors that were worked out once, kept in one file, so that refitting and measuring do not wait for the encoder."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder, load_encoder

AT_ONCE = 500  # texts encoded between two savings

Rows = npt.NDArray[np.float32]


class CachedEncoder:
    """The default encoder; its documents' vectors come from the file where they stand there already."""

    def __init__(self, path: Path) -> None:
        """The file is made when it is missing; the encoder that fills it is always the default one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(path)
        self._file.execute("CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, row BLOB NOT NULL)")
        self._encoder: Encoder | None = None
        self._questions: dict[str, Rows] = {}  # in memory alone: the layers that encode them are trained anew

    def encode_query(self, texts: Sequence[str], /) -> Rows:
        missing = [text for text in dict.fromkeys(texts) if text not in self._questions]
        if missing:
            self._questions |= zip(missing, self._default().encode_query(missing), strict=True)
        return np.array([self._questions[text] for text in texts], dtype=np.float32)

    def encode_document(self, texts: Sequence[str], /) -> Rows:
        keys = [hashlib.sha256(text.encode()).digest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if self._row(key) is None}
        for first in range(0, len(missing), AT_ONCE):
            some = dict(list(missing.items())[first : first + AT_ONCE])
            rows = np.asarray(self._default().encode_document(list(some.values())), dtype="<f4")
            self.keep(list(some.values()), rows)
        return np.array([self._row(key) for key in keys], dtype=np.float32)

    def keep(self, texts: Sequence[str], rows: Rows) -> None:
        """Saves the vectors of these texts."""
        known = [(hashlib.sha256(text.encode()).digest(), row.tobytes()) for text, row in zip(texts, rows, strict=True)]
        with self._file:
            self._file.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", known)

    def _default(self) -> Encoder:
        self._encoder = self._encoder or load_encoder()
        return self._encoder

    def _row(self, key: bytes) -> Rows | None:
        found = self._file.execute("SELECT row FROM vectors WHERE text = ?", (key,)).fetchone()
        return None if found is None else np.frombuffer(found[0], dtype="<f4")
