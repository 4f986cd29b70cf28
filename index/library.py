"""Many articles in one folder: add, remove, list and search them; what a call has taken in is not lost again.

The folder holds one SQLite file (`index.store`), which is the truth, and for large libraries a file of codes
(`index.nearest`), which is made from it. Threads may share a Library; processes may share its folder.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from threading import RLock
from typing import Literal

import numpy as np

from index.encoder import Encoder, PairedEncoder, load_encoder
from index.errors import ArticleError, LibraryError, ModelError
from index.keyword import best
from index.load import SUFFIXES, load_article
from index.nearest import Nearest, due, fold
from index.ranking import Candidates, around, rank, shares, spend
from index.search import BATCH, DEPTH, WHOLE, Passage, passage, runs
from index.sentences import split
from index.store import Entry, Place, Rows, Store, is_file
from index.text import Article, Span, encodable, utf8
from index.vectors import VectorIndex, unit

PROBE = "Verbatim knows an encoder by its vector of this sentence."
SAME = 0.99  # the cosine of two vectors of PROBE by one encoder on different machines, at least
DEFAULT = "all-MiniLM-L6-v2"  # what the default encoder is called in a library
FIRST = attrgetter("first")
LOADERS = 4  # files read at once
AHEAD = 32  # files read before their turn

State = Literal["added", "replaced", "known", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one article that was to be added.

    "added"; "replaced": its source was there with another text, which is gone unless another source has it as well;
    "known": its text was there already, and stays the one article it was; "refused": nothing was changed, and `reason`
    says why. `id` is the article's in the library, None when refused.
    """

    source: str
    state: State
    id: int | None = None
    reason: str = ""


Told = Callable[[Outcome, int, int], None]  # (what became of one, how many are done, how many there are)
Steps = Callable[[int, int], None]  # (steps done, steps in all)


class Library:
    """An open library: articles go in and passages come out, each a span of its own article."""

    def __init__(self, store: Store, *, encoder: Encoder | str | Path | None) -> None:
        self.folder = store.folder
        self._store = store
        self._given = encoder
        self._encoder: Encoder | None = None
        self._nearest = Nearest(store)
        self._lock = RLock()

    @classmethod
    def open(cls, folder: str | Path, *, encoder: Encoder | str | Path | None = None, create: bool = False) -> Library:
        """The library in `folder`; `create` makes a new one in a missing or empty folder.

        `encoder` is one that is loaded, or the name of one, which is loaded when it is first needed; None is the
        default one. Checks what is stored; `notes` says what had to be made again. Raises LibraryError when there is
        no library, when it is damaged or of a newer format, or when it was made with another encoder than the one
        that is named. One that is given loaded, or not at all, is checked when it is first needed, or by `check`.
        """
        try:
            folder = Path(folder).expanduser()
        except RuntimeError as error:
            raise LibraryError(f"{folder} names nobody's folder here; write it out") from error
        if create and not Store.exists(folder):
            loaded = _load(encoder)
            store = Store.create(folder, encoder=_name(encoder), probe=_probe(loaded))
        else:
            store = Store.open(folder)
        try:
            library = cls(store, encoder=encoder)
            if isinstance(encoder, str | Path) and store.encoder != _name(encoder):
                raise library._other_encoder()
            library._nearest.mend()
        except BaseException:
            store.close()
            raise
        return library

    @property
    def notes(self) -> tuple[str, ...]:
        """What had to be made again since the library was opened, a sentence each."""
        return tuple(self._nearest.notes)

    def close(self) -> None:
        with self._lock:
            self._store.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check(self) -> None:
        """Loads the encoder. Raises LibraryError when the library was made with another one."""
        self._ready()

    def articles(self) -> list[Entry]:
        """Every article's id, title, source and number of sentences, in the order in which they came."""
        with self._lock, self._store.reading():
            return self._store.entries()

    def article(self, id: int) -> Article:  # noqa: A002 (as `Entry` calls it)
        """Raises LibraryError when there is no such article."""
        with self._lock, self._store.reading():
            return self._store.article(self._place(id))[0]

    def sentences(self, id: int) -> tuple[Span, ...]:  # noqa: A002
        """An article's sentences, in order. Raises LibraryError when there is no such article."""
        with self._lock, self._store.reading():
            return self._store.article(self._place(id))[1]

    def add(self, article: Article) -> Outcome:
        """Takes in one article; when this returns it is on the disk.

        An article of the same source, when it has one, is replaced; a text that is there already is not added again.
        Raises ArticleError when it has no text, LibraryError when nothing can be written, ModelError.
        """
        if not article.text.strip():
            raise ArticleError("the article has no text; give one with at least a sentence")
        [outcome] = self._add([article])
        return outcome

    def add_files(self, paths: Iterable[str | Path], *, progress: Told | None = None) -> list[Outcome]:
        """Takes in files and web addresses, several at once; what became of each, in their order.

        One that cannot be read is refused and the others go in. A file's source is its absolute path. `progress` is
        called when something has become of one, and on the disk. Raises LibraryError when nothing can be written, and
        ModelError; what `progress` was told stays.
        """
        paths = list(paths)
        outcomes: list[Outcome] = []
        waiting: list[Article | Outcome] = []

        def settle() -> None:
            taken = iter(self._add([each for each in waiting if isinstance(each, Article)]))
            for each in waiting:
                outcomes.append(each if isinstance(each, Outcome) else next(taken))
                if progress:
                    progress(outcomes[-1], len(outcomes), len(paths))
            waiting.clear()

        size = 0
        for each in _read_ahead(paths):
            waiting.append(each)
            size += len(each.text) if isinstance(each, Article) else 0
            if size > BATCH * 100:  # characters of about BATCH sentences
                settle()
                size = 0
        settle()
        return outcomes

    def remove(self, id: int) -> None:  # noqa: A002
        """Removes one article. Raises LibraryError when there is none of that id or nothing can be written."""
        with self._lock:
            with self._store.writing():
                self._store.delete(self._place(id))
            self._tidy()

    def rebuild(self, *, progress: Steps | None = None) -> None:
        """Checks the file and makes everything again that can be made from articles, sentences and vectors.

        `progress` is called after each article. Raises LibraryError when the file is damaged or cannot be written.
        """
        with self._lock:
            with self._store.writing():
                places = self._store.places()
                self._store.rebuild_words(_counted(places, progress))
            fold(self.folder, anew=True)
            self._nearest.mend()

    def retrieve(self, question: str, *, budget: int, article: int | None = None) -> list[Passage]:
        """The passages to read for `question`, best first, each inside one article.

        The sentences likeliest to hold the answer, as many as `budget` characters have room for, at least one; those
        that follow one another are one passage, and the question counts once for every passage. `article` is the id of
        the one to look in, which comes back whole when it is short; None looks in all. Raises LibraryError when the
        library is empty, has no such article, or was made with another encoder.
        """
        with self._searching(question, article) as (found, within):
            ranked = rank(found)
            if within and len(self._store.article(within)[0].text) <= WHOLE:
                return self._passages(within, [range(within.first, within.end)], dict(ranked))
            lengths = dict(zip(found.numbers.tolist(), (found.ends - found.starts).tolist(), strict=True))
            chosen = spend(ranked, lengths, budget=budget, lead=len(question))
            by_place = self._by_place(chosen)
            passages = [each for place, own in by_place.items() for each in self._passages(place, runs(own), chosen)]
        return sorted(passages, key=lambda passage: -passage.score)  # stable: of equals, whose best sentence came first

    def rank(self, question: str) -> list[tuple[Span, float]]:
        """(sentence, probability that the answer stands in it) of the candidates in all articles, best first.

        Raises LibraryError as `retrieve` does.
        """
        with self._searching(question) as (found, _):
            ranked = rank(found)
            sentences = {
                place.first + number: sentence
                for place in self._by_place(number for number, _ in ranked)
                for number, sentence in enumerate(self._store.article(place)[1])
            }
        return [(sentences[number], likely) for number, likely in ranked]

    def only(self, id: int) -> OneArticle:  # noqa: A002
        """One article of the library, to be asked alone. Raises LibraryError when there is none of that id."""
        return OneArticle(self, id, self.article(id))

    @contextmanager
    def _searching(self, question: str, article: int | None = None) -> Iterator[tuple[Candidates, Place | None]]:
        """The candidates, and the place of the one article to look in, while the library stays as it is."""
        [vector] = self._encode([question], query=True)
        with self._lock:
            self._nearest.mend()
            with self._store.reading():
                self._nearest.follow()
                within = None if article is None else self._place(article)
                found = self._candidates(question, vector, within)
                if found is None:
                    raise LibraryError(f"the library in {self.folder} is empty; add articles to it first")
                yield found, within

    def _candidates(self, question: str, vector: Rows, within: Place | None) -> Candidates | None:
        """The sentences that either search finds, and those around them; None in an empty library."""
        if within is None:
            near = self._nearest.search(vector, DEPTH)
        else:
            own = VectorIndex(self._store.rows(within), np.arange(within.first, within.end))
            near = [number for number, _ in own.search(vector, DEPTH)]
        words = self._store.occurrences(question, within)
        by_place = self._by_place([*near, *(number for number, _ in best(words, DEPTH))])
        if not by_place:
            return None
        parts = [around(by_place[place], range(place.first, place.end)) for place in sorted(by_place, key=FIRST)]
        numbers = np.concatenate(parts)
        articles = np.repeat(np.arange(len(parts), dtype=np.int64), [len(part) for part in parts])
        starts, ends = self._store.spans(numbers.tolist()).T
        cosines = (self._store.rows_of(numbers.tolist()) @ vector).astype(np.float64)
        return Candidates(numbers, articles, starts, ends, cosines, shares(words, numbers))

    def _by_place(self, numbers: Iterable[int]) -> dict[Place, list[int]]:
        """The numbers of each article's sentences, in the order in which the articles first come."""
        found: defaultdict[Place, list[int]] = defaultdict(list)
        for number in numbers:
            found[self._nearest.place(number)].append(number)
        return found

    def _passages(self, place: Place, own: Iterable[range], scores: Mapping[int, float]) -> list[Passage]:
        """The passages of one article, for runs of its sentences' numbers."""
        _, sentences = self._store.article(place)
        first = place.first
        inside = {number - first: score for number, score in scores.items()}
        return [passage(sentences, range(run.start - first, run.stop - first), inside) for run in own]

    def _add(self, articles: Sequence[Article]) -> list[Outcome]:
        with self._lock, self._store.reading():
            known = {article for article in articles if self._store.place_of_text(article.text)}
        new = [article for article in dict.fromkeys(articles) if article not in known]
        prepared = dict(zip(new, self._encoded([split(article) for article in new]), strict=True))
        with self._lock:
            with self._store.writing():
                outcomes = [self._put(article, *prepared.get(article, ((), None))) for article in articles]
            if new:
                self._tidy()
        return outcomes

    def _put(self, article: Article, sentences: tuple[Span, ...], rows: Rows | None) -> Outcome:
        there = self._store.place_of_text(article.text)
        if there is None and rows is None:  # removed by another process a moment ago
            sentences = split(article)
            [(_, rows)] = self._encoded([sentences])
        old = self._store.place_of_source(article.source)
        if old and old != there:
            self._store.release(article.source, old)
        if there is not None:
            self._store.hold(article.source, there)
            return Outcome(article.source, "known", there.id)
        assert rows is not None  # noqa: S101 (made above)
        place = self._store.insert(article, sentences, rows)
        self._store.hold(article.source, place)
        return Outcome(article.source, "replaced" if old else "added", place.id)

    def _encoded(self, articles: Sequence[tuple[Span, ...]]) -> list[tuple[tuple[Span, ...], Rows]]:
        """Each article's sentences with their unit vectors; sentences of several articles share a batch."""
        texts = [sentence.text for sentences in articles for sentence in sentences]
        batches = [self._encode(texts[first : first + BATCH]) for first in range(0, len(texts), BATCH)]
        rows = np.concatenate(batches) if batches else np.zeros((0, self._store.dimension), np.float32)
        ends = np.cumsum([len(sentences) for sentences in articles])[:-1]
        return list(zip(articles, np.split(rows, ends), strict=True)) if articles else []

    def _encode(self, texts: Sequence[str], *, query: bool = False) -> Rows:
        """Unit vectors, by the encoder that the library was made with. Raises LibraryError if it is another."""
        encoder = self._ready()
        whole = [encodable(text) for text in texts]
        return unit(encoder.encode_query(whole) if query else encoder.encode_document(whole))

    def _ready(self) -> Encoder:
        with self._lock:
            if self._encoder is None:
                encoder = _load(self._given)
                vector = _probe(encoder)
                if len(vector) != self._store.dimension or not _alike(vector, self._store.probe):
                    raise self._other_encoder()
                self._encoder = encoder
            return self._encoder

    def _tidy(self) -> None:
        """Folds when it is time; where that fails the search is slower and nothing is lost."""
        with self._store.reading():
            needed = due(self._store)
        if needed:
            try:
                fold(self.folder)
            except LibraryError as error:
                self._nearest.note(str(error))

    def _place(self, id: int) -> Place:  # noqa: A002
        place = self._store.place(id) if 0 <= id < 2**63 else None  # what SQLite can hold
        if place is None:
            raise LibraryError(f"the library in {self.folder} has no article {id}; see: verbatim library list")
        return place

    def _other_encoder(self) -> LibraryError:
        made = self._store.encoder
        advice = "leave the encoder out" if made == DEFAULT else f"name that one: --encoder {made}"
        return LibraryError(
            f"the library in {self.folder} was made with the encoder {made!r} ({self._store.dimension} dimensions), "
            f"not with {_name(self._given)!r}; {advice}, or make a new library"
        )


@dataclass(frozen=True, slots=True)
class OneArticle:
    """What retrieves from one article of a library, as an ArticleIndex does from its own."""

    library: Library
    id: int
    article: Article

    @property
    def sentences(self) -> tuple[Span, ...]:
        """The article's sentences, in order, as they were when it was added."""
        return self.library.sentences(self.id)

    def retrieve(self, question: str, *, budget: int) -> list[Passage]:
        return self.library.retrieve(question, budget=budget, article=self.id)


def files_in(folder: str | Path) -> list[Path]:
    """The files under a folder whose names say that they can be read, in order; hidden ones and links are left out."""
    root = Path(folder)
    return sorted(
        path
        for path in root.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and is_file(path)
        and not path.is_symlink()
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
    )


def _read_ahead(paths: Sequence[str | Path]) -> Iterator[Article | Outcome]:
    """Each file's article, or why there is none, in order, while the next ones are being read."""
    with ThreadPoolExecutor(LOADERS) as pool:
        reading: deque[Future[Article | Outcome]] = deque()
        try:
            for path in paths:
                reading.append(pool.submit(_read, path))
                if len(reading) > AHEAD:
                    yield reading.popleft().result()
            while reading:
                yield reading.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _read(path: str | Path) -> Article | Outcome:
    if isinstance(path, Path) or "://" not in path:
        with suppress(OSError, ValueError, RuntimeError):  # `load_article` says what is wrong with it
            path = Path(path).expanduser().resolve()  # two files of one name are two sources
    try:
        return load_article(path)
    except ArticleError as error:
        return Outcome(str(path), "refused", reason=str(error))


def _load(encoder: Encoder | str | Path | None) -> Encoder:
    if encoder is None or isinstance(encoder, str | Path):
        return load_encoder(None if encoder == DEFAULT else encoder)
    return encoder


def _name(encoder: Encoder | str | Path | None) -> str:
    if encoder is None or isinstance(encoder, PairedEncoder):
        return DEFAULT
    if not isinstance(encoder, str | Path):
        return type(encoder).__name__
    folder = Path(encoder).expanduser()
    return utf8(str(folder.resolve())) if folder.is_dir() else str(encoder)


def _probe(encoder: Encoder) -> Rows:
    rows = np.asarray(encoder.encode_document([PROBE]), dtype=np.float32)
    if rows.ndim != 2 or not np.isfinite(rows).all():
        raise ModelError(f"the encoder {type(encoder).__name__} does not give one vector for one text; name another")
    vector: Rows = unit(rows)[0]
    return vector


def _alike(one: Rows, other: Rows) -> bool:
    return bool(one @ other >= SAME) or not (one.any() or other.any())


def _counted(places: Sequence[Place], progress: Steps | None) -> Iterator[Place]:
    for done, place in enumerate(places, start=1):
        yield place
        if progress:
            progress(done, len(places))
