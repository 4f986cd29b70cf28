"""A library's vectors in memory, in step with its file: which of its sentences lie nearest to a question.

The newest sentences are searched exactly. Once there are more than EXACT of them they are folded, with all that came
before, into a file of codes that lies beside the library's. That file is a copy of what the library knows: its name
and SHA-256 stand in the library, so a file that was half written, changed, exchanged or lost is noticed and made
again, and replacing it is one transaction there.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.errors import LibraryError
from index.store import Codes, Place, Rows, Store
from index.vectors import SAMPLE, CodedIndex, VectorIndex, lists_for, unit

EXACT = 20_000  # sentences searched exactly: 2 ms a question (benchmarks/library.py)
RANKED = 200  # candidates by codes, at least, that are put in order by their vectors
WORN = 1 / 4  # of the codes may be of removed sentences before they are made again
GROWN = 4  # times as many sentences as the lists were made for, and they are made again
BLOCK = 20_000  # sentences added to the codes at once
FILES = "vectors-*.faiss"
STRAY = 3600.0  # seconds after which a file that nothing refers to was left by a process that died

log = logging.getLogger(__name__)


class BrokenCodesError(LibraryError):
    """The file of codes is missing or is not what was written; `mend` makes it again."""


class Nearest:
    """Holds the vectors of one library and follows its changes. Not for two threads at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._revision = -1
        self._codes = Codes()
        self._coded: CodedIndex | None = None
        self._alive: npt.NDArray[np.bool_] | None = None
        self._recent = VectorIndex(np.zeros((0, store.dimension)))
        self._recent_places: dict[int, Place] = {}
        self._places: list[Place] = []
        self._firsts: list[int] = []
        self.notes: list[str] = []  # what had to be mended, a sentence each

    def mend(self) -> None:
        """Follows the library, outside a transaction; makes the codes again when they are broken, and notes it.

        Where nothing can be written they are made in memory, for as long as this object lives.
        """
        try:
            with self._store.reading():
                self.follow()
                return
        except BrokenCodesError as error:
            note = str(error)
        try:
            fold(self._store.folder, anew=True)
        except LibraryError as error:
            with self._store.reading():
                codes, places = self._store.codes(), self._store.places()
            self._load(codes, _built(self._store, [place for place in places if place.first < codes.upto]))
            note += f", and could not be saved ({error})"
        self.note(note)
        with self._store.reading():
            self.follow()

    def note(self, sentence: str) -> None:
        """Keeps what had to be mended, or could not be, for those who ask; each sentence once."""
        log.debug("%s", sentence)
        if sentence not in self.notes:
            self.notes.append(sentence)

    def follow(self) -> None:
        """Takes up what has changed; to be called in a transaction, before `search`. Raises BrokenCodesError."""
        if (revision := self._store.revision()) == self._revision:
            return
        codes, places = self._store.codes(), self._store.places()
        if codes != self._codes:
            self._load(codes, _loaded(self._store, codes))
        recent = {place.id: place for place in places if place.first >= codes.upto}
        for place in self._recent_places.keys() - recent.keys():
            self._recent.remove(self._recent_places[place].first, self._recent_places[place].end)
        for place in recent.keys() - self._recent_places.keys():
            self._recent.add(self._store.rows(recent[place]), np.arange(recent[place].first, recent[place].end))
        old = places[: len(places) - len(recent)]
        whole = self._coded is None or sum(place.count for place in old) == len(self._coded)
        self._alive = None if whole else _alive(old, codes.upto)
        self._recent_places, self._places, self._firsts = recent, places, [place.first for place in places]
        self._revision = revision

    def search(self, vector: npt.ArrayLike, k: int) -> list[int]:
        """Numbers of the `k` nearest sentences, best first; to be called in the transaction of `follow`."""
        found = self._recent.search(vector, k)
        if self._coded is not None:
            candidates = [number for number, _ in self._coded.search(vector, max(RANKED, 2 * k), self._alive)]
            candidates = candidates or [place.first for place in self._places[:k]]  # all are equally far
            cosines = self._store.rows_of(candidates) @ unit(np.atleast_2d(vector))[0]
            found += zip(candidates, cosines.tolist(), strict=True)
        return [number for number, _ in sorted(found, key=lambda hit: (-hit[1], hit[0]))[:k]]

    def place(self, number: int) -> Place:
        """Of the article that a sentence which was found belongs to."""
        return self._places[bisect_right(self._firsts, number) - 1]

    def _load(self, codes: Codes, coded: CodedIndex | None) -> None:
        self._codes, self._coded, self._revision = codes, coded, -1
        self._recent, self._recent_places = VectorIndex(np.zeros((0, self._store.dimension))), {}


def due(store: Store) -> bool:
    """Whether the codes should be made again; to be asked in a transaction."""
    codes, places = store.codes(), store.places()
    old = sum(place.count for place in places if place.first < codes.upto)
    return sum(place.count for place in places) - old > EXACT or codes.coded - old > max(EXACT, WORN * codes.coded)


def fold(folder: Path, *, anew: bool = False) -> None:
    """Writes all sentences to a new file of codes and makes it the library's; `anew` learns its lists anew, too.

    Of a library of up to EXACT sentences the file goes. Others read and write the library meanwhile. Raises
    LibraryError when the file cannot be written; the old one then stays.
    """
    with closing(Store.open(folder)) as store:
        with store.reading():
            codes, places = store.codes(), store.places()
        count = sum(place.count for place in places)
        new = Codes()
        if count > EXACT:
            if anew or not codes.file or count > GROWN * codes.trained:
                coded, trained = _built(store, places), count
            else:
                coded, trained = _extended(store, codes, places), codes.trained
            new = _written(folder, coded, upto=places[-1].end, trained=trained)
        try:
            with store.writing():
                current = store.codes() == codes  # else another process has folded meanwhile
                if current:
                    store.set_codes(new)
        except BaseException:
            _remove(folder, new.file)
            raise
        _remove(folder, codes.file if current else new.file)
        if current:  # else what is kept is another one's, which may be old by now
            _sweep(folder, kept=new.file)


def _loaded(store: Store, codes: Codes) -> CodedIndex | None:
    """The codes of a library; None where it has none. Raises BrokenCodesError."""
    if not codes.file:
        return None
    path = store.folder / Path(codes.file).name  # a library may come from somebody else: no other folder's file
    try:
        if _digest(path) != codes.digest:
            raise BrokenCodesError(f"{path.name} was not what the library had written and has been made again")
        coded = CodedIndex.load(path)
    except FileNotFoundError as error:
        raise BrokenCodesError(f"{path.name} was missing and has been made again") from error
    except OSError as error:
        raise BrokenCodesError(f"{path.name} could not be read ({error.strerror}) and has been made again") from error
    if (len(coded), coded.dimension) != (codes.coded, store.dimension):
        raise BrokenCodesError(f"{path.name} did not fit the library and has been made again")
    return coded


def _built(store: Store, places: Sequence[Place]) -> CodedIndex:
    count = sum(place.count for place in places)
    share = lists_for(count) * SAMPLE / max(1, count)
    chance = np.random.default_rng(count)
    sample = [rows[chance.random(len(rows)) < share] for _, rows in _blocks(store, places)]
    coded = CodedIndex.train(np.concatenate([*sample, np.eye(1, store.dimension)]), count)  # one is the least
    _fill(coded, store, places)
    return coded


def _extended(store: Store, codes: Codes, places: Sequence[Place]) -> CodedIndex:
    """The codes there are, without what was removed, with what is new."""
    try:
        coded = _loaded(store, codes)
    except BrokenCodesError:
        return _built(store, places)
    assert coded is not None  # noqa: S101 (there is a file)
    old = [place for place in places if place.first < codes.upto]
    if sum(place.count for place in old) != len(coded):
        coded.keep(_alive(old, codes.upto))
    _fill(coded, store, places[len(old) :])
    return coded


def _fill(coded: CodedIndex, store: Store, places: Sequence[Place]) -> None:
    blocks: list[tuple[Place, Rows]] = []
    waiting = 0
    for block in _blocks(store, places):
        blocks.append(block)
        waiting += block[0].count
        if waiting >= BLOCK:
            _flush(coded, blocks)
            blocks, waiting = [], 0
    _flush(coded, blocks)


def _flush(coded: CodedIndex, blocks: Sequence[tuple[Place, Rows]]) -> None:
    if blocks:
        numbers = [np.arange(place.first, place.end) for place, _ in blocks]
        coded.add(np.concatenate([rows for _, rows in blocks]), np.concatenate(numbers))


def _blocks(store: Store, places: Sequence[Place]) -> Iterator[tuple[Place, Rows]]:
    """The vectors of each article that is still there, each read in a moment of its own, so that writers can write."""
    for place in places:
        with store.reading():
            rows = store.rows(place) if store.place(place.id) else None
        if rows is not None:
            yield place, rows


def _alive(places: Sequence[Place], upto: int) -> npt.NDArray[np.bool_]:
    """(upto,): whether each number is that of a sentence that is there."""
    alive = np.zeros(upto, bool)
    for place in places:
        alive[place.first : place.end] = True
    return alive


def _written(folder: Path, coded: CodedIndex, *, upto: int, trained: int) -> Codes:
    """Saves codes under a name that nothing refers to yet. Raises LibraryError."""
    path = folder / FILES.replace("*", secrets.token_hex(4))
    try:
        coded.save(path)
        _sync(path)
        return Codes(path.name, _digest(path), upto, len(coded), trained)
    except OSError as error:
        _remove(folder, path.name)
        raise LibraryError(
            f"{path.name} could not be written to {folder}; free some space or check its permissions, and rebuild"
        ) from error
    except BaseException:
        _remove(folder, path.name)
        raise


def _digest(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.digest()


def _sync(path: Path) -> None:
    """Waits until a new file and its name are on the disk."""
    for each, flags in ((path, os.O_RDWR), (path.parent, os.O_RDONLY)):
        with suppress(PermissionError):  # Windows opens no folders
            descriptor = os.open(each, flags)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _remove(folder: Path, name: str) -> None:
    with suppress(OSError):  # what cannot be removed now is swept later
        if name:
            (folder / Path(name).name).unlink()


def _sweep(folder: Path, *, kept: str) -> None:
    for path in folder.glob(FILES):
        with suppress(OSError):
            if path.name != kept and time.time() - path.stat().st_mtime > STRAY:
                path.unlink()
