import io
import json
import sys

import pytest

from ui import terminal

MILL = "The mill was built in Leeds in 1821 by John Marshall. It stands on the river."
WHALE = "The blue whale weighs up to 180 tonnes. It lives in every ocean."


@pytest.fixture
def verbatim(capsys, monkeypatch):
    """Runs `verbatim library`; (exit status, standard output, standard error)."""

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        status = terminal.run(["library", *map(str, arguments)])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def texts(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "mill.txt").write_text(MILL)
    (folder / "whale.txt").write_text(WHALE)
    return folder


@pytest.fixture
def shelf(verbatim, texts, tmp_path):
    """A library of two articles, mill.txt (1) and whale.txt (2)."""
    assert verbatim("add", tmp_path / "shelf", texts)[0] == 0
    return tmp_path / "shelf"


def test_a_folder_is_added_and_a_broken_file_is_skipped_with_its_reason(verbatim, texts, tmp_path):
    (texts / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    status, out, err = verbatim("add", tmp_path / "shelf", texts)
    assert status == 1
    assert [line.split() for line in out.splitlines()] == [
        ["added", "1", str(texts / "mill.txt")],
        ["added", "2", str(texts / "whale.txt")],
    ]
    assert err.startswith("verbatim: skipped: ")
    assert "broken.pdf" in err
    assert err.endswith(f"{tmp_path / 'shelf'}: 2 added, 1 skipped\n")


def test_adding_again_replaces_what_changed_and_leaves_the_rest(verbatim, shelf, texts):
    (texts / "mill.txt").write_text("The mill is a museum now.")
    status, out, err = verbatim("add", shelf, texts)
    assert (status, err) == (0, f"{shelf}: 1 replaced, 1 there already\n")
    assert [line.split()[:2] for line in out.splitlines()] == [["replaced", "3"], ["known", "2"]]


def test_the_list_names_number_sentences_title_and_source(verbatim, shelf, texts):
    status, out, err = verbatim("list", shelf)
    assert (status, err) == (0, "")
    assert out.splitlines()[0].split() == ["1", "2", "mill", str(texts / "mill.txt")]
    _, out, _ = verbatim("list", shelf, "--json")
    assert [json.loads(line)["id"] for line in out.splitlines()] == [1, 2]


@pytest.mark.parametrize("name", ["1", "mill.txt"])
def test_an_article_is_removed_by_number_or_file(verbatim, shelf, texts, monkeypatch, name):
    monkeypatch.chdir(texts)
    status, out, _ = verbatim("remove", shelf, name)
    assert (status, out.split()) == (0, ["removed", "1", str(texts / "mill.txt")])
    assert [line.split()[0] for line in verbatim("list", shelf)[1].splitlines()] == ["2"]


def test_an_answer_comes_with_the_article_it_stands_in(verbatim, shelf, texts):
    status, out, _ = verbatim("ask", shelf, "How much does the blue whale weigh?")
    assert status == 0
    assert "180 tonnes" in out.splitlines()[0]
    assert out.splitlines()[-1] == f"in: whale  {texts / 'whale.txt'}"


def test_an_empty_question_is_misuse(verbatim, shelf):
    status, out, err = verbatim("ask", str(shelf), "")
    assert (status, out) == (2, "")
    assert "the question is empty" in err


def test_one_article_can_be_asked_alone(verbatim, shelf, texts):
    status, out, _ = verbatim("ask", shelf, "When was the mill built?", "--article", texts / "mill.txt", "--json")
    answer = json.loads(out)
    assert (status, answer["text"], answer["article"]["source"]) == (0, "1821", str(texts / "mill.txt"))
    assert verbatim("ask", shelf, "When was the mill built?", "--article", "2")[0] == 3


def test_questions_are_read_line_by_line(verbatim, shelf):
    status, out, _ = verbatim("ask", shelf, "--json", stdin=b"When was the mill built?\nWho built the mill?\n")
    assert status == 0
    assert [json.loads(line)["text"] for line in out.splitlines()] == ["1821", "John Marshall"]


def test_a_session_tells_the_article_of_each_answer(verbatim, shelf, texts):
    _, out, _ = verbatim("ask", shelf, stdin=b"When was the mill built?\nWho built the mill?\n")
    assert [line for line in out.splitlines() if line.startswith("in: ")] == [f"in: mill  {texts / 'mill.txt'}"] * 2


def test_a_chat_about_a_library_opens_on_it_and_not_on_an_article_too(verbatim, shelf, serving, monkeypatch, capsys):
    given = []

    def serve(answerer, **settings):
        given.extend(entry.title for entry in answerer.index.articles())
        raise KeyboardInterrupt

    monkeypatch.setattr(serving, "serve", serve)
    assert terminal.run(["chat", "--library", str(shelf)]) == 130
    assert given == ["mill", "whale"]
    assert terminal.run(["chat", "mill.txt", "--library", str(shelf)]) == 2
    assert "--library is asked instead of an ARTICLE" in capsys.readouterr().err
    assert terminal.run(["chat", "--library", "none"]) == 1
    assert "holds no library" in capsys.readouterr().err


def test_a_rebuild_says_how_much_there_is(verbatim, shelf):
    assert verbatim("rebuild", shelf) == (0, "", f"{shelf}: 2 articles, 4 sentences\n")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("list", "{empty}"), 1, "holds no library"),
        (("ask", "{empty}", "Who?"), 1, "holds no library"),
        (("add", "{empty}"), 2, "ARTICLE"),
        (("add", "{shelf}", "{empty}"), 2, "there is no text, Markdown, HTML, PDF or Word file"),
        (("add", "{shelf}", "{empty}/none.txt"), 1, "there is no file"),
        (("add", "{texts}", "{texts}/mill.txt"), 1, "holds no library but other files"),
        (("remove", "{shelf}", "9"), 1, "has no article '9'"),
        (("ask", "{shelf}", "Who?", "-a", "9"), 1, "has no article '9'"),
        (("ask", "{shelf}", " "), 2, "question is empty"),
        (("ask", "{shelf}", "Who?", "--encoder", "some/other"), 1, "was made with the encoder"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_a_status(verbatim, shelf, texts, tmp_path, arguments, status, message):
    (tmp_path / "empty").mkdir()
    places = {"shelf": shelf, "texts": texts, "empty": tmp_path / "empty"}
    found, out, err = verbatim(*(argument.format(**places) for argument in arguments))
    assert (found, out) == (status, "")
    assert message in err
    assert err.startswith("verbatim: ")


def test_titles_cannot_command_the_terminal(verbatim, tmp_path):
    path = tmp_path / "a.html"
    path.write_text("<title>Red &#27;[31m\u202etitle</title><p>The mill was built in Leeds in 1821.</p>")
    verbatim("add", tmp_path / "shelf", path)
    assert all(each.isprintable() for each in verbatim("list", tmp_path / "shelf")[1].replace("\n", ""))
