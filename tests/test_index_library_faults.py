"""What a library refuses, several who use one at once, and what befalls disks and processes."""

import contextlib
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from doubles import WordEncoder
from libraries import ENCODER, MILL, WHALE, again, codes, found, listed, many

import index.store
from index.errors import LibraryError
from index.library import Library
from index.store import FILE, FORMAT
from index.text import Article

ROOT = Path(__file__).parent.parent


# What is refused


def test_a_folder_that_is_no_library_is_named(tmp_path):
    with pytest.raises(LibraryError, match="holds no library; make one with"):
        Library.open(tmp_path, encoder=ENCODER)


def test_a_library_is_not_made_among_other_files(tmp_path):
    (tmp_path / "thesis.txt").write_text("Mine.")
    with pytest.raises(LibraryError, match=r"other files \(thesis.txt\)"):
        Library.open(tmp_path, encoder=ENCODER, create=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("content", [b"no database at all, but long enough to be one" * 40, "sqlite", "newer", "lost"])
def test_a_file_that_is_no_library_or_a_newer_or_a_damaged_one_is_refused_and_left_alone(tmp_path, content, create):
    path = tmp_path / FILE
    expected = {"sqlite": "no library of this program", "newer": f"format {FORMAT + 1}.*update", "lost": "damaged"}
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "sqlite":
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE mine (x)")
    else:
        with Library.open(tmp_path, encoder=ENCODER, create=True) as library:
            library.add(MILL)
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute(f"PRAGMA user_version = {FORMAT + 1}" if content == "newer" else "DELETE FROM sentences")
            db.commit()
    before = path.read_bytes()
    with pytest.raises(LibraryError, match=expected.get(content, "no library or was damaged")):
        Library.open(tmp_path, encoder=ENCODER, create=create)
    assert path.read_bytes() == before


def test_a_text_that_was_changed_in_the_file_is_never_shown(library):
    number = library.add(MILL).id
    with contextlib.closing(sqlite3.connect(library.folder / FILE)) as db:
        db.execute("UPDATE articles SET text = CAST(replace(CAST(text AS TEXT), '1838', '1938') AS BLOB)")
        db.execute("UPDATE library SET revision = revision + 1")
        db.commit()
    with pytest.raises(LibraryError, match=f"article {number} is not what was stored"):
        library.retrieve("When did it burn?", budget=1)


@pytest.mark.parametrize(
    "other", [WordEncoder("one"), WordEncoder(*["by", "this", "a", "b", "c", "d", "e"])], ids=["size", "kind"]
)
def test_another_encoder_is_refused_before_it_finds_nonsense(library, other):
    library.add(MILL)
    with contextlib.closing(Library.open(library.folder, encoder=other)) as wrong:
        with pytest.raises(LibraryError, match="was made with the encoder 'WordEncoder'"):
            wrong.retrieve("mill", budget=1)
        with pytest.raises(LibraryError, match="was made with the encoder"):
            wrong.add(WHALE)
    assert listed(library) == [(1, "Mill", 3)]


def test_another_encoder_is_refused_by_its_name_without_loading_it(library):
    with pytest.raises(LibraryError, match=r"encoder 'WordEncoder' .127 dimensions., not with 'some/other'"):
        Library.open(library.folder, encoder="some/other")


def test_what_needs_no_encoder_works_whatever_encoder_a_library_was_made_with(library):
    kept, gone = library.add(MILL).id, library.add(WHALE).id
    with contextlib.closing(Library.open(library.folder)) as unnamed:
        unnamed.remove(gone)
        unnamed.rebuild()
        assert [entry.id for entry in unnamed.articles()] == [kept]
        with pytest.raises(LibraryError, match="was made with the encoder 'WordEncoder'"):
            unnamed.check()


# Several at once


def write(folder, numbers):
    with Library.open(folder, encoder=ENCODER, create=True) as library:
        for article in many(len(numbers), start=numbers[0]):
            library.add(article)


def read(folder, errors, stop):
    with Library.open(folder, encoder=ENCODER) as library:
        while not stop.is_set():
            for passage in library.retrieve("the fox number0", budget=100):
                if passage.span.text not in passage.span.article.text or "number0 " not in found(library, "number0")[0]:
                    errors.put(passage.span.text)


def test_two_processes_read_while_two_write_in_turns(library):
    library.add(many(1)[0])
    spawn = multiprocessing.get_context("spawn")
    errors, stop = spawn.Queue(), spawn.Event()
    readers = [spawn.Process(target=read, args=(library.folder, errors, stop)) for _ in range(2)]
    writers = [spawn.Process(target=write, args=(library.folder, range(n, n + 15))) for n in (50, 80)]
    for process in (*readers, *writers):
        process.start()
    for process in writers:
        process.join()
    stop.set()
    for process in readers:
        process.join()
    assert [process.exitcode for process in (*readers, *writers)] == [0, 0, 0, 0]
    assert errors.empty()
    assert len(library.articles()) == 31
    assert found(library, "number94")[0] == "The fox number94 sleeps."


def test_a_writer_that_waits_too_long_is_told_and_readers_go_on(library, monkeypatch):
    library.add(MILL)
    monkeypatch.setattr(index.store, "PATIENCE", 0.1)
    with again(library) as other, library._store.writing():
        with pytest.raises(LibraryError, match=r"another process has been writing .* try again"):
            other.add(WHALE)
        assert found(other, "the mill") == ["The mill was built in Leeds."]
    assert len(library.articles()) == 1


def test_threads_share_a_library(library):
    for article in many(5):
        library.add(article)
    wrong = []

    def ask(number):
        texts = [found(library, f"number{number}")[0] for _ in range(5)]
        wrong.extend(text for text in texts if text != f"The fox number{number} sleeps.")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for article in many(5, start=20):
        library.add(article)
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(library.articles()) == 10


# What befalls disks and processes


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the script forks")
def test_nothing_is_lost_when_the_process_is_killed():
    command = [sys.executable, ROOT / "benchmarks" / "killing.py", "--rounds", "6", "--seed", "7", "--longest", "1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("6 kills")
    assert "nothing lost, nothing wrong" in done.stdout


@pytest.fixture
def mounted(tmp_path):
    """Mounts something on a folder, and takes it away afterwards."""
    folders = []

    def mount(*arguments):
        folder = tmp_path / "mounted"
        folder.mkdir(exist_ok=True)
        if (
            os.name != "posix"
            or os.geteuid() != 0
            or subprocess.run(["mount", *arguments, folder], capture_output=True).returncode
        ):
            pytest.skip("needs the right to mount")
        folders.append(folder)
        return folder

    yield mount
    for folder in folders:
        subprocess.run(["umount", "-l", folder], check=True)  # lazily: a failed test may have left a file open


def interrupted(source, folder):
    """A copy of a library as it is when its process dies in the middle of writing a change to the disk."""
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(source / FILE)) as db:
        db.execute("PRAGMA cache_size = 1")
        db.execute("DELETE FROM sentences")
        db.execute("UPDATE articles SET text = zeroblob(100000)")
        for name in (FILE, f"{FILE}-journal"):
            shutil.copy(source / name, folder / name)


def test_a_change_that_was_cut_off_is_undone_by_who_opens_next(library, tmp_path):
    for article in many(5):
        library.add(article)
    interrupted(library.folder, tmp_path / "copy")
    with Library.open(tmp_path / "copy", encoder=ENCODER) as copy:
        assert [copy.article(entry.id) for entry in copy.articles()] == many(5)
        assert found(copy, "number3") == ["The fox number3 sleeps."]


def test_a_change_that_was_cut_off_and_cannot_be_undone_is_told(library, tmp_path, mounted):
    library.add(MILL)
    interrupted(library.folder, tmp_path / "copy")
    folder = mounted("--bind", tmp_path / "copy")
    subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
    with pytest.raises(LibraryError, match="interrupted and is to be undone; open the library where"):
        Library.open(folder, encoder=ENCODER)


@pytest.mark.usefixtures("small_limit")
def test_a_full_disk_is_told_and_leaves_the_library_as_it_was(mounted):
    folder = mounted("-t", "tmpfs", "-o", "size=400k", "tmpfs") / "library"
    with Library.open(folder, encoder=ENCODER, create=True) as library:
        for article in many(15):
            library.add(article)
        before = listed(library)

        def fill():
            for n in range(100):
                library.add(Article(f"The sea is wide{n}. " * 300, source=f"/sea/{n}"))
                before[:] = listed(library)

        with pytest.raises(LibraryError, match=r"full.*so nothing was changed"):
            fill()
        assert listed(library) == before
        assert found(library, "number7")[0] == "The fox number7 sleeps."
        with again(library) as other:
            assert listed(other) == before
            assert found(other, "number7")[0] == "The fox number7 sleeps."


@pytest.mark.usefixtures("small_limit")
def test_where_nothing_can_be_written_a_library_is_read(mounted, tmp_path):
    source = tmp_path / "source"
    with Library.open(source, encoder=ENCODER, create=True) as library:
        for article in many(15):
            library.add(article)
        [name] = codes(library)
    (source / name).write_bytes(b"broken")
    folder = mounted("--bind", "-o", "ro", source)
    subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
    with contextlib.closing(Library.open(folder, encoder=ENCODER)) as library:
        assert "could not be saved" in library.notes[0]
        assert found(library, "number7")[0] == "The fox number7 sleeps."
        for act in (lambda: library.add(MILL), lambda: library.remove(1), library.rebuild):
            with pytest.raises(LibraryError, match="cannot be written, so nothing was changed"):
                act()
        assert len(library.articles()) == 15
    with pytest.raises(LibraryError, match=r"no library can be made in|cannot be opened"):
        Library.open(folder / "new", encoder=ENCODER, create=True)
