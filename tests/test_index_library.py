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
from hypothesis import given, settings
from hypothesis import strategies as st

import index.nearest
import index.store
import index.vectors
from index.errors import ArticleError, LibraryError
from index.library import Library, Outcome, files_in
from index.search import WHOLE, ArticleIndex
from index.store import FILE, FORMAT
from index.text import Article

ROOT = Path(__file__).parent.parent
NUMBERS = [f"number{n}" for n in range(120)]
ENCODER = WordEncoder("mill", "leeds", "whale", "sea", "knows", "fox", "123", *NUMBERS)
MILL = Article("The mill was built in Leeds. John Marshall owned it. It burnt in 1838.", title="Mill", source="/a/mill")
WHALE = Article("A whale lives in the sea. It sings.", title="Whale", source="/a/whale")
FOX = Article("The fox is red. It hunts at night.")


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library", encoder=ENCODER, create=True) as library:
        yield library


def again(library):
    return contextlib.closing(Library.open(library.folder, encoder=ENCODER))


def found(library, question, **settings):
    return [passage.span.text for passage in library.retrieve(question, **{"budget": 1, **settings})]


def listed(library):
    return [(entry.id, entry.title, entry.sentences) for entry in library.articles()]


def many(count, start=0):
    """Articles of which each has a word and a sentence of its own."""
    return [
        Article(f"The fox number{n} sleeps. A whale swims by it.", source=f"/many/{n}")
        for n in range(start, start + count)
    ]


# What goes in comes out


def test_an_answer_of_a_library_is_a_span_of_its_article(library):
    library.add(MILL)
    library.add(WHALE)
    [passage] = library.retrieve("What lives in the sea?", budget=1)
    assert passage.span.article == WHALE
    assert passage.span.text == "A whale lives in the sea."
    assert passage.scores == (passage.score,)


def test_passages_stay_inside_their_articles_and_come_best_first(library):
    for article in (MILL, WHALE, FOX):
        library.add(article)
    passages = library.retrieve("the sea whale of the mill", budget=10_000)
    assert [passage.span.article for passage in passages][:2] == [WHALE, MILL]
    assert all(passage.span.text == passage.span.article.text for passage in passages)
    assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)


def test_one_article_can_be_asked_alone_and_a_short_one_comes_whole(library):
    mill, whale = library.add(MILL).id, library.add(WHALE).id
    assert found(library, "Where is the sea?", article=mill) == [MILL.text]
    assert found(library, "Where is the mill?", article=whale) == [WHALE.text]


def test_a_long_article_asked_alone_gives_the_likeliest_sentence(library):
    text = " ".join(f"Station {n} stands in town {n}." for n in range(300))
    assert len(text) > WHOLE
    library.add(WHALE)
    long = library.add(Article(text)).id
    assert found(library, "Where is 123?", article=long) == ["Station 123 stands in town 123."]


def test_a_library_ranks_the_sentences_of_its_one_article_as_the_article_alone_does(library):
    towns = ["mill", "sea", "fox", "whale", "leeds"]
    text = "\n\n".join(" ".join(f"The {town} of {n} knows it." for town in towns) for n in range(60))
    library.add(Article(text))
    alone = ArticleIndex.from_article(Article(text), encoder=ENCODER)
    for question in ("Which fox knows 7?", "the mill of 31", "sea"):
        [best] = library.retrieve(question, budget=1)
        assert best.span.text == alone.retrieve(question, budget=1)[0].span.text


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=4), st.text(), st.text())
def test_any_text_title_and_source_come_back_as_they_were(tmp_path_factory, texts, title, source):
    folder = tmp_path_factory.mktemp("any") / "library"
    odd = [Article(text + "\ud800", title=title, source=f"{source}{n}") for n, text in enumerate(texts)]
    with Library.open(folder, encoder=ENCODER, create=True) as library:
        ids = [library.add(article).id for article in odd]
        assert [library.article(number).text for number in ids] == [article.text for article in odd]
        assert library.article(ids[-1]).title == title
        for question in (texts[0], f'"{texts[0]}" OR NOT NEAR(* ^', "it's \x00"):
            assert all(p.span.article.text in {a.text for a in odd} for p in library.retrieve(question, budget=200))


def test_words_are_found_by_stem_and_never_read_as_operators(library):
    library.add(FOX)
    library.add(Article("Nothing to see. Not near OR far AND wide."))
    assert found(library, "Which hunting") == ["It hunts at night."]
    assert found(library, 'NOT near OR (far* AND "wide')[0].startswith("Not near")


# Adding, replacing, removing


def test_the_same_text_is_noticed_and_stays_one_article(library):
    first = library.add(MILL)
    second = library.add(Article(MILL.text, title="Another", source="/elsewhere"))
    assert (first.state, second.state, second.id) == ("added", "known", first.id)
    assert listed(library) == [(first.id, "Mill", 3)]


def test_a_changed_source_replaces_its_article_alone(library):
    old, other = library.add(MILL), library.add(WHALE)
    new = library.add(Article("The mill is a museum.", title="Mill", source=MILL.source))
    assert new.state == "replaced"
    assert new.id not in (old.id, other.id)
    assert listed(library) == [(other.id, "Whale", 2), (new.id, "Mill", 1)]
    assert found(library, "the mill in Leeds") == ["The mill is a museum."]
    assert "Marshall" not in " ".join(found(library, "Marshall", budget=10_000))


def test_a_source_whose_text_is_now_another_articles_leaves_no_old_text(library):
    library.add(MILL)
    whale = library.add(WHALE)
    assert library.add(Article(WHALE.text, source=MILL.source)) == Outcome(MILL.source, "known", whale.id)
    assert listed(library) == [(whale.id, "Whale", 2)]


def test_pasted_texts_have_no_source_and_replace_nothing(library):
    library.add(FOX)
    assert library.add(Article("A second paste.")).state == "added"
    assert len(library.articles()) == 2


def test_a_removed_article_is_gone_and_its_id_is_not_given_again(library):
    mill, whale = library.add(MILL).id, library.add(WHALE).id
    library.remove(whale)
    assert listed(library) == [(mill, "Mill", 3)]
    assert found(library, "the whale in the sea", budget=10_000) == found(
        library, "xyz", budget=10_000
    )  # nothing of it is left
    assert library.add(WHALE).id > whale
    assert found(library, "the whale") == ["A whale lives in the sea."]


def test_what_one_library_object_does_another_sees_at_once(library):
    library.add(MILL)
    with again(library) as other:
        assert found(other, "the mill") == ["The mill was built in Leeds."]
        whale = library.add(WHALE).id
        assert found(other, "the whale") == ["A whale lives in the sea."]
        other.remove(whale)
        assert found(library, "the whale")[0] != "A whale lives in the sea."


def test_an_article_without_text_is_refused(library):
    with pytest.raises(ArticleError, match="no text"):
        library.add(Article(" \n"))


def test_an_empty_library_says_so_instead_of_finding_nothing(library):
    with pytest.raises(LibraryError, match="is empty; add articles"):
        library.retrieve("Anything?", budget=1)


@pytest.mark.parametrize("act", ["remove", "article", "retrieve"])
def test_an_unknown_id_is_named(library, act):
    library.add(MILL)
    acts = {
        "remove": library.remove,
        "article": library.article,
        "retrieve": lambda number: library.retrieve("mill", budget=1, article=number),
    }
    with pytest.raises(LibraryError, match="has no article 77"):
        acts[act](77)


# Files


def test_a_folder_goes_in_and_a_bad_file_is_refused_alone(library, tmp_path):
    folder = tmp_path / "texts"
    (folder / "sub").mkdir(parents=True)
    (folder / "mill.txt").write_text(MILL.text)
    (folder / "sub" / "whale.md").write_text("# Whale\n\n" + WHALE.text)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    (folder / "empty.txt").write_text("")
    (folder / "copy.txt").write_text(MILL.text)
    (folder / "photo.png").write_bytes(b"\x89PNG")
    (folder / ".hidden.txt").write_text("Hidden.")
    told = []
    outcomes = library.add_files(files_in(folder), progress=lambda *each: told.append(each))
    states = {Path(outcome.source).name: outcome.state for outcome in outcomes}
    assert states == {
        "broken.pdf": "refused",
        "copy.txt": "added",
        "empty.txt": "refused",
        "mill.txt": "known",
        "whale.md": "added",
    }
    assert all(outcome.reason for outcome in outcomes if outcome.state == "refused")
    assert told == [(outcome, number, 5) for number, outcome in enumerate(outcomes, start=1)]
    assert len(library.articles()) == 2


def test_files_of_one_name_are_two_and_a_changed_file_is_replaced(library, tmp_path, monkeypatch):
    for name, text in (("a", "The mill turns."), ("b", "The fox runs.")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "notes.txt").write_text(text)
    monkeypatch.chdir(tmp_path / "a")
    [first] = library.add_files(["notes.txt"])
    [second] = library.add_files([tmp_path / "b" / "notes.txt"])
    assert (first.state, second.state) == ("added", "added")
    (tmp_path / "a" / "notes.txt").write_text("The mill stands still.")
    [third] = library.add_files([tmp_path / "a" / "notes.txt"])
    assert third.state == "replaced"
    assert sorted(library.article(entry.id).text for entry in library.articles()) == [
        "The fox runs.",
        "The mill stands still.",
    ]


def test_many_files_keep_their_order_and_share_batches_of_the_encoder(library, tmp_path):
    calls = []

    class Counting(WordEncoder):
        def encode_document(self, texts):
            calls.append(len(texts))
            return super().encode_document(texts)

    paths = [tmp_path / f"{n}.txt" for n in range(60)]
    for article, path in zip(many(60), paths, strict=True):
        path.write_text(article.text)
    with contextlib.closing(Library.open(library.folder, encoder=Counting(*ENCODER.words))) as counting:
        outcomes = counting.add_files(paths)
    assert [outcome.source for outcome in outcomes] == [str(path) for path in paths]
    assert {outcome.state for outcome in outcomes} == {"added"}
    assert calls == [1, 120]  # the probe, and all sentences at once


# Large libraries


@pytest.fixture
def small_limit(monkeypatch):
    monkeypatch.setattr(index.nearest, "EXACT", 20)


def codes(library):
    return sorted(path.name for path in library.folder.glob("vectors-*"))


@pytest.mark.usefixtures("small_limit")
def test_beyond_the_limit_codes_are_written_and_everything_is_found(library):
    for article in many(12):
        library.add(article)
    assert len(codes(library)) == 1
    for n in range(12):
        assert found(library, f"number{n}")[0] == f"The fox number{n} sleeps."
    library.remove(library.articles()[3].id)
    library.add(MILL)
    with again(library) as other:
        assert other.notes == ()
        assert found(other, "the mill in leeds") == ["The mill was built in Leeds."]
        everything = found(other, "the fox", budget=10_000)
        assert not any("number3 " in text for text in everything)
        assert len(everything) >= 12


@pytest.mark.usefixtures("small_limit")
def test_old_codes_go_and_so_do_all_when_the_library_shrinks(library):
    for article in many(40):
        library.add(article)
    [old] = codes(library)
    library.rebuild()
    [new] = codes(library)
    assert old != new
    for entry in library.articles()[5:]:
        library.remove(entry.id)
    assert codes(library) == []
    assert found(library, "number2")[0] == "The fox number2 sleeps."


@pytest.mark.usefixtures("small_limit")
@pytest.mark.parametrize("harm", ["missing", "cut", "flipped", "another library's", "a folder"])
def test_broken_codes_are_made_again_and_that_is_said(library, tmp_path, harm):
    for article in many(15):
        library.add(article)
    [name] = codes(library)
    path = library.folder / name
    data = path.read_bytes()
    path.unlink()
    if harm == "cut":
        path.write_bytes(data[:-9])
    elif harm == "flipped":
        path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    elif harm == "another library's":
        with Library.open(tmp_path / "other", encoder=ENCODER, create=True) as other:
            for article in many(15, start=50):
                other.add(article)
            shutil.copy(other.folder / codes(other)[0], path)
    elif harm == "a folder":
        path.mkdir()
    with again(library) as other:
        [note] = other.notes
        assert name in note
        assert "made again" in note
        assert found(other, "number14")[0] == "The fox number14 sleeps."
    with again(library) as third:
        assert third.notes == ()


@pytest.mark.usefixtures("small_limit")
def test_codes_are_read_from_the_librarys_own_folder_only(library, tmp_path):
    for article in many(15):
        library.add(article)
    (tmp_path / "elsewhere.faiss").write_bytes(b"x")
    with sqlite3.connect(library.folder / FILE) as db:
        db.execute("UPDATE library SET codes = '../elsewhere.faiss', revision = revision + 1")
    db.close()
    assert found(library, "number3")[0] == "The fox number3 sleeps."
    assert (tmp_path / "elsewhere.faiss").read_bytes() == b"x"


@pytest.mark.usefixtures("small_limit")
def test_codes_of_every_list_and_exact_search_agree_after_additions_and_removals(library, monkeypatch):
    monkeypatch.setattr(index.vectors, "PROBED", 1)
    for article in many(30):
        library.add(article)
    for entry in library.articles()[::4]:
        library.remove(entry.id)
    for article in many(4, start=90):
        library.add(article)

    def hits(word):
        """The sentences with the word that were found for it, not taken along."""
        passages = library.retrieve(word, budget=10_000)
        return {
            s.text for p in passages for s, score in zip(p.sentences, p.scores, strict=True) if score and word in s.text
        }

    questions = ["fox", "whale", "number5", "number91"]
    coded = [hits(question) for question in questions]
    assert codes(library)
    monkeypatch.setattr(index.nearest, "EXACT", 10_000)
    library.rebuild()
    assert codes(library) == []
    assert coded == [hits(question) for question in questions]
    assert [len(each) for each in coded] == [26, 1, 1, 1]


@pytest.mark.usefixtures("small_limit")
def test_a_question_of_no_known_word_still_finds_something(library):
    for article in many(15):
        library.add(article)
    assert codes(library)
    [text] = found(library, "xyz")
    assert text.endswith(("sleeps.", "swims by it."))


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


def test_the_real_encoder_finds_by_meaning_what_shares_no_word(tmp_path):
    with Library.open(tmp_path / "library", create=True) as library:
        library.add(MILL)
        library.add(WHALE)
        assert found(library, "Which animals inhabit oceans?") == ["A whale lives in the sea."]
        assert library._store.encoder == "all-MiniLM-L6-v2"
