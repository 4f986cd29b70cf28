"""A library beyond the size of exact search."""

import shutil
import sqlite3

import pytest
from libraries import ENCODER, MILL, again, codes, found, many

import index.nearest
import index.vectors
from index.library import Library
from index.store import FILE


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
