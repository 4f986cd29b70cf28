"""A library's one SQLite file, which is the truth: articles, their sentences, vectors and words, all or nothing.

Everything that one call changes is one transaction, so a process that dies at any moment leaves the state before the
call or the state after it. The file has a rollback journal and no write-ahead log: a library can then be read where
nothing can be written (a read-only folder, a full disk), and at rest it is this one file. Readers go on while a writer
works and wait only for the moment of its commit; writers take turns. Text is kept as bytes, since a `str` may hold
lone surrogates, which SQLite's own texts cannot.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from cachetools import LRUCache

from index.errors import LibraryError
from index.keyword import Occurrences
from index.text import Article, Span, composed

FILE = "library.sqlite"
APPLICATION = 0x56425131  # SQLite's field for what a file is: "VBQ1"
FORMAT = 1
REMEMBERED = 10_000_000  # characters of the articles read last that are kept in memory
PATIENCE = 30.0  # seconds that a call waits for another process before it gives up
SCORED = 5_000  # sentences whose BM25 is worked out for one question; each takes about 3.5 µs

SCHEMA = """
CREATE TABLE library (encoder TEXT NOT NULL, dimension INTEGER NOT NULL, probe BLOB NOT NULL,
    revision INTEGER NOT NULL, next INTEGER NOT NULL,
    codes TEXT NOT NULL, digest BLOB NOT NULL, upto INTEGER NOT NULL, coded INTEGER NOT NULL, trained INTEGER NOT NULL);
CREATE TABLE articles (id INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL UNIQUE, count INTEGER NOT NULL,
    hash BLOB NOT NULL UNIQUE, title BLOB NOT NULL, source BLOB NOT NULL, text BLOB NOT NULL);
CREATE INDEX articles_by_source ON articles (source);
CREATE TABLE sentences (number INTEGER PRIMARY KEY, start INTEGER NOT NULL, stop INTEGER NOT NULL);
CREATE TABLE vectors (number INTEGER PRIMARY KEY, row BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize='porter unicode61 remove_diacritics 2');
"""
# Whose text an article holds besides; libraries made before this table get it with their next change.
SOURCES = "CREATE TABLE sources (source BLOB PRIMARY KEY, article INTEGER NOT NULL)"
SETTINGS = (
    "synchronous = EXTRA",  # what has returned survives a loss of power, too
    "cache_spill = OFF",  # a large change must not lock readers out before its commit
    "cache_size = -32000",  # KiB
    "temp_store = MEMORY",
    "trusted_schema = OFF",  # a library may come from somebody else
)
WORD = re.compile(r"\w+")

Rows = npt.NDArray[np.float32]  # unit vectors, (sentences, dimensions)


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as a library lists it; its `id` stays its own for ever and is given to no other."""

    id: int
    title: str
    source: str
    sentences: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article's sentences stand in the library's numbering, which uses no number twice."""

    id: int
    first: int
    count: int

    @property
    def end(self) -> int:
        return self.first + self.count


@dataclass(frozen=True, slots=True)
class Codes:
    """The file of vector codes that belongs to a state of the library; `file` is empty where there is none."""

    file: str = ""
    digest: bytes = b""  # SHA-256 of the file
    upto: int = 0  # sentences numbered below are in it
    coded: int = 0  # how many, with those removed since
    trained: int = 0  # how many there were when its lists were made


class Store:
    """An open library file. Not for two threads at once."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._db = connection
        self.encoder: str
        self.dimension: int
        self.encoder, self.dimension, probe = self._one("SELECT encoder, dimension, probe FROM library")
        self.probe: Rows = np.frombuffer(probe, "<f4").astype(np.float32)
        self._read: LRUCache[int, tuple[Article, tuple[Span, ...]]] = LRUCache(REMEMBERED, getsizeof=_characters)
        self._read_at = -1  # the revision that they were read at

    @classmethod
    def open(cls, folder: Path) -> Store:
        """The library in `folder`, its format and counts checked. Raises LibraryError."""
        if not is_file(folder / FILE):
            raise LibraryError(f"{folder} holds no library; make one with: verbatim library add {folder} FILE")
        with _told(folder):
            db = _connect(folder / FILE)
            try:
                _check_format(db, folder)
                store = cls(folder, db)
                with store.reading():
                    store._check_counts()
            except BaseException:
                db.close()
                raise
        return store

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether a library was made in `folder`; what an interrupted making left behind counts as none."""
        if not is_file(folder / FILE):
            return False
        with _told(folder), closing(_connect(folder / FILE)) as db:
            return bool(_pragma(db, "application_id") or _pragma(db, "schema_version"))

    @classmethod
    def create(cls, folder: Path, *, encoder: str, probe: Rows) -> Store:
        """A new, empty library; the folder is made when it is missing. Raises LibraryError.

        `probe` is the encoder's vector of some fixed text, by which the encoder is known again.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            others = sorted(path.name for path in folder.iterdir() if not path.name.startswith(FILE))
        except OSError as error:
            raise LibraryError(f"no library can be made in {folder} ({error.strerror}); name another folder") from error
        if others:
            raise LibraryError(
                f"{folder} holds no library but other files ({others[0]}); name a new or an empty folder"
            )
        with _told(folder), closing(_connect(folder / FILE, create=True)) as db, _transaction(db, "BEGIN IMMEDIATE"):
            if not _pragma(db, "application_id"):  # else another process was faster
                for statement in SCHEMA.split(";")[:-1]:
                    db.execute(statement)
                row = (encoder, len(probe), probe.astype("<f4").tobytes())
                db.execute("INSERT INTO library VALUES (?, ?, ?, 0, 1, '', x'', 0, 0, 0)", row)
                db.execute(f"PRAGMA user_version = {FORMAT}")
                db.execute(f"PRAGMA application_id = {APPLICATION}")
        return cls.open(folder)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One unchanging state of the library for everything read inside. Raises LibraryError."""
        with _told(self.folder), _transaction(self._db, "BEGIN"):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Everything written inside, or nothing; waits for other writers. Raises LibraryError."""
        with _told(self.folder), _transaction(self._db, "BEGIN IMMEDIATE"), ExitStack() as after:
            after.callback(self._read.clear)  # nothing that is undone may be remembered
            if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'sources'").fetchone():
                self._db.execute(SOURCES)
                self._db.execute("INSERT OR IGNORE INTO sources SELECT source, id FROM articles WHERE source != x''")
            yield
            self._db.execute("UPDATE library SET revision = revision + 1")

    # To be called inside `reading` or `writing`

    def revision(self) -> int:
        """Another number after every change, whichever process made it."""
        return int(self._one("SELECT revision FROM library")[0])

    def codes(self) -> Codes:
        return Codes(*self._one("SELECT codes, digest, upto, coded, trained FROM library"))

    def entries(self) -> list[Entry]:
        """Every article, in the order of their ids."""
        rows = self._db.execute("SELECT id, title, source, count FROM articles ORDER BY id")
        return [Entry(number, _text(title), _text(source), count) for number, title, source, count in rows]

    def places(self) -> list[Place]:
        """Of every article, in the order of their sentences."""
        return [Place(*row) for row in self._db.execute("SELECT id, first, count FROM articles ORDER BY first")]

    def place(self, article: int) -> Place | None:
        row = self._db.execute("SELECT id, first, count FROM articles WHERE id = ?", (article,)).fetchone()
        return Place(*row) if row else None

    def place_of_text(self, text: str) -> Place | None:
        query = "SELECT id, first, count FROM articles WHERE hash = ?"
        row = self._db.execute(query, (_hash(_bytes(text)),)).fetchone()
        return Place(*row) if row else None

    def article(self, place: Place) -> tuple[Article, tuple[Span, ...]]:
        """An article and its sentences, the same objects while nothing changes and there is room for them.

        Raises LibraryError when they are not what was stored.
        """
        if self._read_at != (now := self.revision()):
            self._read.clear()
            self._read_at = now
        if place.id in self._read:
            return self._read[place.id]
        title, source, text, digest = self._one("SELECT title, source, text, hash FROM articles WHERE id = ?", place.id)
        query = "SELECT start, stop FROM sentences WHERE number >= ? AND number < ? ORDER BY number"
        ends = self._db.execute(query, (place.first, place.end)).fetchall()
        if _hash(text) != digest or len(ends) != place.count:
            raise self._damaged(f"article {place.id} is not what was stored")
        article = Article(_text(text), _text(title), _text(source))
        found = article, tuple(article.span(start, stop) for start, stop in ends)
        with suppress(ValueError):  # longer than all that is remembered
            self._read[place.id] = found
        return found

    def rows(self, place: Place) -> Rows:
        """The vectors of one article's sentences."""
        query = "SELECT row FROM vectors WHERE number >= ? AND number < ? ORDER BY number"
        return self._rows(self._db.execute(query, (place.first, place.end)).fetchall(), place.count)

    def rows_of(self, numbers: Sequence[int]) -> Rows:
        """The vectors of some sentences, in the order of `numbers`."""
        query = f"SELECT number, row FROM vectors WHERE number IN ({_marks(numbers)})"  # noqa: S608 (marks)
        found = dict(self._db.execute(query, tuple(numbers)).fetchall())
        return self._rows([(found[number],) for number in numbers if number in found], len(numbers))

    def spans(self, numbers: Sequence[int]) -> npt.NDArray[np.int64]:
        """(numbers, 2): where these sentences start and end in their articles; the numbers rise."""
        query = f"SELECT start, stop FROM sentences WHERE number IN ({_marks(numbers)}) ORDER BY number"  # noqa: S608
        return np.array(self._db.execute(query, tuple(numbers)).fetchall(), np.int64).reshape(-1, 2)

    def occurrences(self, question: str, within: Place | None = None) -> list[Occurrences]:
        """Of the question's words (by FTS5's stems and its BM25), the rarest first; weights are above 0.

        Beginning with the rarest, as many words count as stand in SCORED sentences together: the others say little,
        and to score every sentence with "the" in it takes seconds in a large library.
        """
        first, end = (within.first, within.end) if within else (0, 2**62)
        where = "FROM words WHERE words MATCH ? AND rowid >= ? AND rowid < ?"
        # In quotation marks, of which \w leaves none inside, so that no word is ever taken for an operator.
        asked = WORD.findall(_utf8(composed(question).lower()))
        words = [f'"{word}"' for word in dict(zip(_stems(asked), asked, strict=True)).values()]
        count = f"SELECT count(*) FROM (SELECT 1 {where} LIMIT ?)"  # noqa: S608 (constants only)
        often = [int(self._one(count, word, first, end, SCORED + 1)[0]) for word in words]
        found, total = [], 0
        for times, word in sorted(zip(often, words, strict=True)):
            total += times
            if times and total <= SCORED:
                query = f"SELECT rowid, -rank {where} ORDER BY rowid"
                numbers, weights = zip(*self._db.execute(query, (word, first, end)), strict=True)
                found.append(Occurrences(np.array(numbers, np.int64), np.array(weights, np.float64)))
        return found

    # To be called inside `writing`

    def place_of_source(self, source: str) -> Place | None:
        """Of the article that holds the text of `source`; None when it is empty."""
        query = "SELECT id, first, count FROM articles WHERE id = (SELECT article FROM sources WHERE source = ?)"
        row = self._db.execute(query, (_bytes(source),)).fetchone() if source else None
        return Place(*row) if row else None

    def hold(self, source: str, place: Place) -> None:
        """From now on the article there holds the text of `source`."""
        if source:
            self._db.execute("INSERT OR REPLACE INTO sources VALUES (?, ?)", (_bytes(source), place.id))

    def release(self, source: str, place: Place) -> None:
        """The article there holds the text of `source` no more, and goes unless it holds another's or was pasted."""
        self._db.execute("DELETE FROM sources WHERE source = ?", (_bytes(source),))
        query = "SELECT source FROM sources WHERE article = ? ORDER BY rowid"
        others = self._db.execute(query, (place.id,)).fetchone()
        [own] = self._one("SELECT source FROM articles WHERE id = ?", place.id)
        if others and own == _bytes(source):
            self._db.execute("UPDATE articles SET source = ? WHERE id = ?", (*others, place.id))
        elif not others and own:
            self.delete(place)

    def insert(self, article: Article, sentences: Sequence[Span], rows: Rows) -> Place:
        """A new article; `rows` holds the vectors of its sentences."""
        if rows.shape != (len(sentences), self.dimension):
            raise ValueError(f"vectors of shape {rows.shape} for {len(sentences)} sentences of {self.dimension}")
        [first] = self._one("SELECT next FROM library")
        text = _bytes(article.text)
        columns = "INSERT INTO articles (first, count, hash, title, source, text) VALUES (?, ?, ?, ?, ?, ?)"
        values = (first, len(sentences), _hash(text), _bytes(article.title), _bytes(article.source), text)
        place = Place(int(self._db.execute(columns, values).lastrowid or 0), first, len(sentences))
        numbered = [(number, span.start, span.end) for number, span in enumerate(sentences, start=first)]
        self._db.executemany("INSERT INTO sentences VALUES (?, ?, ?)", numbered)
        halves = [(number, row.tobytes()) for number, row in enumerate(rows.astype("<f2"), start=first)]
        self._db.executemany("INSERT INTO vectors VALUES (?, ?)", halves)
        self._add_words(place, sentences)
        self._db.execute("UPDATE library SET next = ?", (place.end,))
        return place

    def delete(self, place: Place) -> None:
        """Removes an article with everything of its own."""
        _, sentences = self.article(place)
        rows = [(number, _utf8(span.text)) for number, span in enumerate(sentences, start=place.first)]
        self._db.executemany("INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)", rows)
        self._db.execute("DELETE FROM sentences WHERE number >= ? AND number < ?", (place.first, place.end))
        self._db.execute("DELETE FROM vectors WHERE number >= ? AND number < ?", (place.first, place.end))
        self._db.execute("DELETE FROM sources WHERE article = ?", (place.id,))
        self._db.execute("DELETE FROM articles WHERE id = ?", (place.id,))

    def set_codes(self, codes: Codes) -> None:
        values = (codes.file, codes.digest, codes.upto, codes.coded, codes.trained)
        self._db.execute("UPDATE library SET codes = ?, digest = ?, upto = ?, coded = ?, trained = ?", values)

    def rebuild_words(self, places: Iterable[Place]) -> None:
        """Makes the index of words again from `places`, which are to be all there are."""
        [found] = self._one("PRAGMA integrity_check(1)")
        if found != "ok":
            raise self._damaged(" ".join(found.split()))
        self._read.clear()  # what is on the disk is checked
        self._db.execute("INSERT INTO words (words) VALUES ('delete-all')")
        for place in places:
            self._add_words(place, self.article(place)[1])

    def _add_words(self, place: Place, sentences: Sequence[Span]) -> None:
        rows = [(number, _utf8(span.text)) for number, span in enumerate(sentences, start=place.first)]
        self._db.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", rows)

    def _check_counts(self) -> None:
        [articles, expected] = self._one("SELECT count(*), coalesce(sum(count), 0) FROM articles")
        [sentences] = self._one("SELECT count(*) FROM sentences")
        if sentences != expected:
            raise self._damaged(f"its {articles:,} articles should have {expected:,} sentences and have {sentences:,}")

    def _rows(self, found: Sequence[tuple[bytes]], count: int) -> Rows:
        data = b"".join(row for (row,) in found)
        if len(found) != count or len(data) != 2 * count * self.dimension:
            raise self._damaged("vectors are not what was stored")
        return np.frombuffer(data, "<f2").reshape(count, self.dimension).astype(np.float32)

    def _damaged(self, what: str) -> LibraryError:
        return LibraryError(
            f"{self.folder / FILE} is damaged: {what}; restore it from a copy or add the articles again"
        )

    def _one(self, query: str, *values: object) -> tuple[Any, ...]:
        """The one row of a query that has one."""
        row: tuple[Any, ...] = self._db.execute(query, values).fetchone()
        return row


def is_file(path: Path) -> bool:
    """Whether there is a file; not where one may not look, where the path's own method raises an error."""
    with suppress(OSError):
        return path.is_file()
    return False


def _characters(read: tuple[Article, tuple[Span, ...]]) -> int:
    return len(read[0].text)


def _connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    address = f"{path.resolve().as_uri()}?mode={'rwc' if create else 'rw'}"  # rw reads where it may not write
    db = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        for setting in SETTINGS:
            db.execute(f"PRAGMA {setting}")
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def _check_format(db: sqlite3.Connection, folder: Path) -> None:
    if _pragma(db, "application_id") != APPLICATION:
        raise LibraryError(f"{folder / FILE} is no library of this program; name another folder")
    if (found := _pragma(db, "user_version")) != FORMAT:
        raise LibraryError(
            f"{folder} is a library of format {found}, and this version of Verbatim reads format {FORMAT}; "
            "update it with: pip install --upgrade verbatim-qa"
        )


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


@contextmanager
def _transaction(db: sqlite3.Connection, begin: str) -> Iterator[None]:
    db.execute(begin)
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite has rolled back by itself after some errors
            db.execute("ROLLBACK")
        raise


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turns SQLite's errors into sentences."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        found = str(error)
        if "readonly" in found and (folder / f"{FILE}-journal").is_file():
            found = "interrupted"
        for sign, sentence in _SENTENCES.items():
            if sign in found:
                raise LibraryError(sentence.format(folder=folder, file=FILE, patience=PATIENCE)) from error
        raise LibraryError(f"the library in {folder} could not be read or written ({found}); try again") from error


_SENTENCES = {
    "locked": "another process has been writing to {folder} for {patience:g} seconds; try again when it is done",
    "full": "the disk that holds {folder} is full, so nothing was changed; free some space and try again",
    "disk I/O": "the disk that holds {folder} failed or is full, so nothing was changed; check it and try again",
    "interrupted": "a change of {folder} was interrupted and is to be undone; open the library where it can be written",
    "readonly": "{folder} cannot be written, so nothing was changed; check its permissions",
    "unable to open": "{file} in {folder} cannot be opened; check its permissions",
    "not a database": "{file} in {folder} is no library or was damaged; name another folder or restore a copy",
    "malformed": "{file} in {folder} is damaged; restore a copy or add the articles again",
}


def _marks(values: Sequence[int]) -> str:
    return ", ".join("?" * len(values))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _stems(words: Sequence[str]) -> list[str]:
    """What FTS5 makes of each word, accents aside: words of one stem count once."""
    import Stemmer

    stems: list[str] = Stemmer.Stemmer("porter").stemWords(words)
    return stems


def _utf8(text: str) -> str:
    """The text as SQLite can index it."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
