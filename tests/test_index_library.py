"""A library: what goes in comes out, is found, replaced and removed."""

import contextlib
import os
import sys
from pathlib import Path

import pytest
from doubles import WordEncoder
from hypothesis import given, settings
from hypothesis import strategies as st
from libraries import ENCODER, FOX, MILL, WHALE, again, found, listed, many

from index.errors import ArticleError, LibraryError
from index.library import Library, Outcome, files_in
from index.search import WHOLE, ArticleIndex
from index.text import Article

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


def test_a_word_with_a_sharp_s_is_found_as_it_stands(library):
    library.add(MILL)
    street = Article("Die Straße ist lang.")
    library.add(street)
    assert found(library, "Straße", budget=1) == [street.text]


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


def test_a_word_counts_once_however_often_and_in_which_form_it_is_asked(library):
    library.add(MILL)
    library.add(WHALE)
    with library._store.reading():
        once, twice = (library._store.occurrences(asked) for asked in ("the mill", "the mill mills Mills"))
    assert len(once) == len(twice)


def test_accents_are_found_in_either_way_of_writing_them(library):
    library.add(Article("Café Royal opened. The cafe\u0301 closed. A bar stayed."))
    for asked in ("café", "cafe\u0301"):
        with library._store.reading():
            [word] = library._store.occurrences(asked)
        assert len(word.numbers) == 2


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


def texts_of(library):
    return sorted(library.article(entry.id).text for entry in library.articles())


def test_a_text_stays_while_any_source_has_it(library, tmp_path):
    notes, backup = tmp_path / "notes.txt", tmp_path / "backup.txt"
    notes.write_text("Version one.")
    library.add_files([notes])
    backup.write_text("Version one.")
    notes.write_text("Version two.")
    assert [each.state for each in library.add_files([backup, notes])] == ["known", "replaced"]
    assert texts_of(library) == ["Version one.", "Version two."]
    assert {Path(entry.source).name for entry in library.articles()} == {"backup.txt", "notes.txt"}
    backup.write_text("Version three.")
    library.add_files([backup])
    assert texts_of(library) == ["Version three.", "Version two."]


def test_files_that_were_rotated_or_have_changed_places_lose_nothing(library, tmp_path):
    old, new = tmp_path / "a-previous.txt", tmp_path / "b-current.txt"
    for texts in (("Zero.", "One."), ("One.", "Two."), ("Two.", "One.")):
        for path, text in zip((old, new), texts, strict=True):
            path.write_text(text)
        library.add_files([old, new])
        assert texts_of(library) == sorted(texts)


def test_a_pasted_text_stays_though_a_file_that_had_it_too_has_changed(library, tmp_path):
    library.add(Article("The fox runs."))
    (tmp_path / "fox.txt").write_text("The fox runs.")
    library.add_files([tmp_path / "fox.txt"])
    (tmp_path / "fox.txt").write_text("The fox sleeps.")
    library.add_files([tmp_path / "fox.txt"])
    assert texts_of(library) == ["The fox runs.", "The fox sleeps."]


def test_a_library_made_before_sources_were_kept_apart_goes_on(library):
    library.add(MILL)
    with library._lock:
        library._store._db.execute("DROP TABLE sources")
    assert library.add(Article("The mill is a museum.", source=MILL.source)).state == "replaced"
    assert texts_of(library) == ["The mill is a museum."]


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes there")
def test_files_whose_names_are_not_utf8_are_two_sources(library, tmp_path):
    for letter in (b"\xe8", b"\xe9"):
        (tmp_path / os.fsdecode(b"caf" + letter + b".txt")).write_text(f"This is number {letter[0]}.")
    outcomes = library.add_files(sorted(tmp_path.glob("caf*")))
    assert [outcome.state for outcome in outcomes] == ["added", "added"]
    assert [entry.source[-10:] for entry in library.articles()] == ["\\udce8.txt", "\\udce9.txt"]


def test_an_id_that_no_library_can_hold_is_a_clear_error(library):
    for number in (-1, 10**30):
        with pytest.raises(LibraryError, match="has no article"):
            library.only(number)


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


def test_the_real_encoder_finds_by_meaning_what_shares_no_word(tmp_path):
    with Library.open(tmp_path / "library", create=True) as library:
        library.add(MILL)
        library.add(WHALE)
        assert found(library, "Which animals inhabit oceans?") == ["A whale lives in the sea."]
        assert library._store.encoder == "all-MiniLM-L6-v2"


def test_an_article_that_is_asked_again_is_the_same_object_until_something_changes(library):
    mill = library.add(MILL).id
    first, again = (library.retrieve("the mill", budget=1)[0].span.article for _ in range(2))
    assert first is again
    library.add(WHALE)
    assert library.article(mill) == first


def test_a_path_that_nobody_may_look_at_or_that_is_too_long_is_refused_alone(library, tmp_path):
    (tmp_path / "mill.txt").write_text(MILL.text)
    outcomes = library.add_files(["a" * 300, tmp_path / "mill.txt"])
    assert [outcome.state for outcome in outcomes] == ["refused", "added"]
    with pytest.raises(LibraryError, match="holds no library"):
        Library.open(tmp_path / ("a" * 300))
    with pytest.raises(LibraryError, match="names nobody's folder"):
        Library.open("~nobody-of-that-name/library")
