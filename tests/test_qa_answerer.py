import json
from pathlib import Path

import pytest
from doubles import PatternReader, WordEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

import qa.answerer
from index import Article, ArticleError, ArticleIndex, QuestionError
from qa import Answerer, Options, answer
from qa.answerer import LONGEST_QUESTION, bundled_article

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))
MILL = "The mill was built in Leeds in 1821 by John Marshall. It stands on the river."
HOSTILE = [
    "<script>alert(1)</script>. ",
    "</mark> ",
    "$$x$$ ",
    "\u202eabc\u202c ",
    "\r\n",
    "\x00",
    "\ud800",
    "e\u0301",
    "🤷‍♀️ ",
]


def answerer(text, pattern):
    index = ArticleIndex.from_article(Article(text), encoder=WordEncoder("mill", "built"))
    return Answerer(index, reader=PatternReader(pattern))


@pytest.mark.parametrize("golden", GOLDEN["answered"], ids=lambda golden: golden["question"])
def test_the_bundled_models_answer_with_these_very_characters(golden):
    found = answer(golden["question"])
    assert (found.text, found.start, found.end) == (golden["text"], golden["start"], golden["end"])
    assert found.sentence.text == golden["sentence"]


@pytest.mark.parametrize("question", GOLDEN["silent"])
def test_the_bundled_models_are_silent_where_the_article_is(question):
    found = answer(question)
    assert found.text is None
    assert len(found.nearest) == Options().nearest


def test_the_bundled_article_is_the_one_the_golden_questions_are_about():
    text = bundled_article().text
    assert [text[golden["start"] : golden["end"]] for golden in GOLDEN["answered"]] == [
        golden["text"] for golden in GOLDEN["answered"]
    ]


def test_a_string_is_the_text_a_path_is_a_file_and_an_article_is_itself(tmp_path):
    (tmp_path / "mill.txt").write_text(MILL, encoding="utf-8")
    article = Article(MILL, title="The mill")
    question = "When was the mill built?"
    texts = [answer(question, each).text for each in (MILL, tmp_path / "mill.txt", article)]
    assert texts == ["1821"] * 3
    assert answer(question, article).article.title == "The mill"


def test_the_second_question_on_an_article_builds_no_second_index(monkeypatch):
    built = []
    real = ArticleIndex.from_article
    monkeypatch.setattr(ArticleIndex, "from_article", lambda article: built.append(article) or real(article))
    text = "A text that no other test asks about was written in 1999."
    answer("When was it written?", text)
    answer("What was written?", text)
    assert len(built) == 1


@pytest.mark.parametrize("text", ["", " ", "\n\t \u00a0"])
def test_an_empty_article_is_refused(text):
    with pytest.raises(ArticleError, match="the article is empty"):
        answer("Who?", text)


@pytest.mark.parametrize("question", ["", "  ", "\n", "\u00a0"])
def test_an_empty_question_is_refused_before_any_model_is_loaded(question, monkeypatch):
    monkeypatch.setattr(qa.answerer, "load_reader", lambda: pytest.fail("loaded"))
    with pytest.raises(QuestionError, match="the question is empty"):
        answer(question)


def test_a_question_may_be_as_long_as_the_limit_and_no_longer():
    longest = "x" * LONGEST_QUESTION
    assert answerer(MILL, "1821").answer(longest).text == "1821"
    with pytest.raises(QuestionError, match="501 characters, more than 500"):
        answerer(MILL, "1821").answer(longest + "x")


def test_the_answer_stands_where_the_reader_found_it_and_in_its_sentence():
    found = answerer(MILL, "river").answer("Where?")
    assert (found.text, found.start, found.end) == ("river", 71, 76)
    assert found.sentence.text == "It stands on the river."


def test_the_article_does_not_say_when_the_reader_finds_nothing():
    found = answerer(MILL, "Peru").answer("Who sold the mill that was built?")
    assert found.span is None
    assert found.nearest[0].text == "The mill was built in Leeds in 1821 by John Marshall."


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.sampled_from([*HOSTILE, MILL, "Ελλάδα 1999. ", "\n\n"]) | st.text(max_size=30), max_size=8), st.text()
)
def test_every_answer_is_exactly_what_stands_there_and_every_error_is_told(pieces, question):
    text = "".join(pieces)
    try:
        found = answer(question, text)
    except (ArticleError, QuestionError):
        return
    places = [found.span, found.sentence, *found.nearest, *found.items, *(other.span for other in found.alternatives)]
    for place in filter(None, places):
        assert place.text == text[place.start : place.end] != ""
    assert found.text is None or found.text == text[found.start : found.end]
    assert found.span is None or found.sentence.holds(found.span)
    json.dumps(found.to_dict())


def test_the_same_question_gives_the_same_answer():
    first = answer("Who met whom?", MILL)
    assert all(answer("Who met whom?", MILL) == first for _ in range(3))
