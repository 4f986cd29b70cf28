import gc
import json
import weakref

import gradio as gr
import pytest
from doubles import PatternReader, WordEncoder

from index.errors import ArticleError, QuestionError
from index.library import Library
from index.search import ArticleIndex
from index.text import Article
from qa.answer import Answer
from qa.answerer import Answerer
from ui.render import reference
from ui.transcript import Turn

TIDES = "Tides are caused by the Moon. The Bay of Fundy has the highest tides. Its extreme range is 16.3 metres."
ENCODER = WordEncoder("rome", "paris", "oslo")
READER = PatternReader(r"Rome|Paris|Oslo")


@pytest.fixture
def desk(serving):
    """The module ui.desk, imported as the page does."""
    import ui.desk

    return ui.desk


@pytest.fixture
def shelf(tmp_path):
    """A library of two articles, on Rome (1) and on Paris (2)."""
    with Library.open(tmp_path / "towns", encoder=ENCODER, create=True) as library:
        library.add(Article("Rome is a city. It is old.", title="On Rome", source="rome.txt"))
        library.add(Article("Paris is a city. It is large.", title="On Paris", source="paris.txt"))
        yield library


def answerer(index):
    return Answerer(index, reader=READER)


def home(text="Oslo is a city."):
    return answerer(ArticleIndex.from_article(Article(text, title="On Oslo"), encoder=ENCODER))


@pytest.fixture
def at(desk):
    """A desk whose page opens on an article."""
    return desk.Desk(home(), ENCODER, None)


@pytest.fixture
def at_library(desk, shelf):
    return desk.Desk(answerer(shelf), ENCODER, None)


def opened(at, visit, text):
    return at.opened(visit, at.index(Article(text)))


def test_a_caller_may_send_null_for_the_article_and_anything_else_is_told_before_it_is_read(at):
    assert at.reply("Where is Oslo?", None)["article"]["title"] == "On Oslo"
    for question, article, told in (
        (5, "", "must be texts"),
        ("Where?", ["Rome"], "must be texts"),
        (" ", "Rome.", "empty"),
    ):
        with pytest.raises(gr.Error, match=told):
            at.reply(question, article)


def test_an_article_of_a_library_has_the_sentences_that_it_was_added_with(at_library, shelf, monkeypatch):
    [rome, _] = (shelf.article(number) for number in (1, 2))
    monkeypatch.setattr("ui.desk.split", lambda article: ())
    assert [each.text for each in at_library.sentences(at_library.arrived(), rome)] == ["Rome is a city.", "It is old."]


def test_a_conversation_forgets_its_first_turns_rather_than_grow(at, desk):
    visit = at.arrived()
    for number in range(desk.TURNS + 3):
        visit = at.ask(visit, f"question {number}", key="own-gone")
    turns = visit.now.turns
    assert [turns[0].question, turns[-1].question] == ["question 3", f"question {desk.TURNS + 2}"]
    assert turns[-1].problem == desk.FORGOTTEN


class Echo:
    """Answers nothing, and remembers what it was told was said before."""

    def __init__(self):
        self.index = ArticleIndex.from_article(Article("Rome is a city."), encoder=ENCODER)
        self.heard = []

    def answer(self, question, history=()):
        self.heard.append([said.question for said in history])
        if question == "crash":
            raise RuntimeError
        return Answer(question, self.index.article, None, None, 0.5)


def test_a_visitors_earlier_answers_are_the_history_unless_the_question_is_to_be_taken_as_typed(desk):
    echo = Echo()
    at = desk.Desk(echo, None, None)
    visit = at.arrived()
    for question, literally in (("one", False), ("crash", False), ("two", False), ("three", True), ("four", False)):
        visit = at.ask(visit, question, key="", literally=literally)
    assert echo.heard == [[], ["one"], ["one"], [], ["one", "two", "three"]]


def test_an_article_that_was_left_is_chosen_again_with_its_conversation(at):
    visit = at.ask(at.arrived(), "Where?", key="")
    visit = opened(at, visit, "Rome is a city.")
    rome = visit.now.key
    visit = at.ask(visit, "Which?", key=rome)
    assert [choice.name for choice in at.choices(visit)] == ["On Oslo", "Rome is a city.…"]
    back = at.chosen(visit, "")
    assert [turn.answer.text for turn in back.now.turns] == ["Oslo"]
    assert [choice.chosen for choice in at.choices(back)] == [True, False]
    again = at.chosen(back, rome)
    assert [turn.answer.text for turn in again.now.turns] == ["Rome"]


@pytest.mark.parametrize("key", ["own-1", "7", "-1", "9" * 40, "٣", "../etc", "own-"])
def test_what_nobody_opened_cannot_be_chosen(at, at_library, key):
    for each in (at, at_library):
        with pytest.raises(ArticleError):
            each.chosen(each.arrived(), key)


def test_another_visitors_article_cannot_be_chosen(at):
    other = opened(at, at.arrived(), "Rome is a secret.")
    with pytest.raises(ArticleError, match="forgotten"):
        at.chosen(at.arrived(), other.now.key)
    asked = at.ask(at.arrived(), "Where is Rome?", key=other.now.key)
    assert asked.now.turns[-1].answer is None


def test_a_visitors_articles_are_kept_within_a_bound_and_what_is_dropped_is_freed(at, desk, monkeypatch):
    monkeypatch.setattr(desk, "LONGEST_ARTICLE", 40)
    visit = opened(at, at.arrived(), "Rome is a city, it is old.")
    visit = at.ask(visit, "Which?", key=visit.now.key)
    dropped = weakref.ref(visit.now.answerer.index)
    visit = opened(at, visit, "Paris is a city.")
    gc.collect()
    assert dropped() is None
    assert [choice.name for choice in at.choices(visit)] == ["On Oslo", "Paris is a city.…"]
    visit = opened(at, visit, "Oslo is not it.")
    assert len(at.choices(visit)) == 3


def test_no_more_conversations_are_kept_than_a_visitor_may_have(at, desk):
    visit = at.ask(at.arrived(), "Where?", key="")
    for number in range(desk.TALKS + 2):
        visit = opened(at, visit, f"Rome has {number} hills.")
    assert len(visit.talks) == desk.TALKS
    assert at.chosen(visit, "").now.turns == ()  # where they began can always be asked


def test_a_library_is_asked_as_a_whole_or_one_article_of_it(at_library):
    choices = at_library.choices(at_library.arrived())
    assert [(choice.group, choice.key, choice.name) for choice in choices] == [
        ("", "", "All 2 articles"),
        ("The library", "1", "On Rome"),
        ("The library", "2", "On Paris"),
    ]
    visit = at_library.ask(at_library.arrived(), "Where is Paris?", key="")
    answer = visit.now.turns[-1].answer
    assert {each.article.title for each in (answer, *answer.alternatives)} == {"On Rome", "On Paris"}
    alone = at_library.ask(visit, "Where is Paris?", key="1")
    assert [turn.answer.text for turn in alone.now.turns] == ["Rome"]
    assert alone.now.article.title == "On Rome"


def test_articles_of_one_title_are_told_apart_by_their_sources(at_library, shelf):
    shelf.add(Article("Rome again.", title="On Rome", source="again.txt"))
    names = [choice.name for choice in at_library.choices(at_library.arrived())]
    assert names == ["All 3 articles", "On Rome · rome.txt", "On Paris", "On Rome · again.txt"]


def test_a_library_that_grew_long_is_listed_in_part_with_what_is_chosen(at_library, desk, monkeypatch):
    monkeypatch.setattr(desk, "LISTED", 1)
    assert [choice.key for choice in at_library.choices(at_library.arrived())] == ["", "1"]
    assert [choice.key for choice in at_library.choices(at_library.chosen(at_library.arrived(), "2"))] == ["", "1", "2"]


def test_only_an_article_that_something_said_stands_in_is_shown(at_library, shelf):
    visit = at_library.ask(at_library.arrived(), "Where is Paris?", key="")
    for number in (1, 2):
        article = shelf.article(number)
        assert at_library.shown(visit, reference(article)) == article
        assert at_library.key_of(article) == str(number)
        assert at_library.shown(at_library.arrived(), reference(article)) is None
    assert at_library.key_of(Article("Rome is a city. It is old.")) == ""


def test_an_article_that_was_removed_is_told_without_where_the_library_is(at_library, desk, shelf):
    visit = at_library.chosen(at_library.arrived(), "1")
    shelf.remove(1)
    problem = at_library.ask(visit, "Where?", key="1").now.turns[-1].problem
    assert "has no article 1" in problem
    assert str(shelf.folder) not in problem
    with pytest.raises(ArticleError, match="no longer in the library"):
        at_library.chosen(at_library.arrived(), "1")


def test_a_conversation_with_a_library_is_saved_with_the_article_of_each_answer(at_library):
    visit = at_library.ask(at_library.arrived(), "Where is Paris?", key="")
    packed = {form: json.loads(at_library.pack(visit, form)) for form in ("md", "json")}
    assert packed["json"]["name"] == "verbatim-towns.json"
    talk = json.loads(packed["json"]["text"])
    assert (talk["library"], talk["turns"][0]["article"]["source"]) == ("towns", "paris.txt")
    assert talk["turns"][0]["alternatives"][0]["article"] == {"title": "On Rome", "source": "rome.txt"}
    assert "Characters 0 to 5 of On Paris, paris\\.txt" in packed["md"]["text"]


def test_questions_to_ask_are_found_once_for_an_article_and_a_failure_finds_none(desk):
    asked = []

    def suggest(answerer):
        asked.append(answerer.index.article.text)
        if "Rome" in asked[-1]:
            raise RuntimeError
        return ["Where is Oslo?"]

    at = desk.Desk(home(), ENCODER, None, suggest)
    visit = at.arrived()
    assert at.known(visit.now) == ()
    for _ in range(2):
        assert at.suggestions(visit.now) == at.known(visit.now) == ("Where is Oslo?",)
    visit = opened(at, visit, "Rome is a city.")
    assert at.suggestions(visit.now) == ()
    assert asked == ["Oslo is a city.", "Rome is a city."]


@pytest.mark.parametrize(
    "history",
    ["Paris", [["Who?", "Paris"]] * 51, [["Who?"]], [[1, "Paris"]], [["", None]], [["a" * 501, None]], ["no"]]
    + [[["Who?", answer]] for answer in (1, ["Paris"], "a" * 2_001)],
    ids=str,
)
def test_a_history_that_is_none_is_refused_with_a_sentence(desk, history):
    with pytest.raises(QuestionError, match="the history must be"):
        desk.exchanged(history)


@pytest.mark.parametrize("history", [None, [], [["Who?", "Paris"], ("When?", None)]], ids=str)
def test_a_history_that_is_one_is_taken_as_it_is(desk, history):
    assert desk.exchanged(history) == [tuple(entry) for entry in history or []]


@pytest.mark.parametrize(
    "address", ["/etc/passwd", "file:///etc/passwd", "ftp://example.org/a", "", "https://" + "a" * 2_000]
)
def test_the_web_address_of_an_article_must_be_one(desk, address):
    with pytest.raises(ArticleError, match="is no web address"):
        desk.fetched(address)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://10.0.0.1/"]
)
def test_an_address_inside_this_network_is_refused(desk, address):
    with pytest.raises(ArticleError, match="not a public address"):
        desk.fetched(address)


def test_an_address_that_cannot_be_taken_apart_is_refused_with_a_sentence(desk):
    with pytest.raises(ArticleError, match="check the address"):
        desk.fetched("https://[example.org/a")


def test_a_file_is_known_by_its_name_and_not_by_where_it_is_kept(desk, tmp_path):
    file = tmp_path / "tides.txt"
    file.write_text(TIDES, encoding="utf-8")
    assert desk.uploaded(str(file)).source == "tides.txt"
    file.write_text("", encoding="utf-8")
    with pytest.raises(ArticleError) as told:
        desk.uploaded(str(file))
    assert "tides.txt" in str(told.value)
    assert str(tmp_path) not in str(told.value)
    deep = tmp_path / ("d" * 90)  # as Gradio keeps files: a path too long to be quoted whole
    deep.mkdir()
    (deep / "annual-report-2025.pdf").write_bytes(b"%PDF-1.7 broken")
    with pytest.raises(ArticleError, match=r"^'annual-report-2025\.pdf' ") as told:
        desk.uploaded(str(deep / "annual-report-2025.pdf"))


def test_a_thumb_is_kept_with_the_answer_it_was_given_to(desk, tmp_path):
    import gradio as gr

    article = Article("Rome is a city.")
    answer = Answer("What is Rome?", article, article.span(10, 14), article.span(), 0.9)
    turns = (Turn("?", problem="no"), Turn("What is Rome?", answer))
    at = desk.Desk(home(), None, tmp_path / "thumbs.jsonl")
    for index in (3, 1, 99):
        at.judge(
            desk.Visit((desk.Talk(at.home, turns=turns),)),
            gr.LikeData(None, {"index": index, "value": "", "liked": False}),
        )
    [line] = (tmp_path / "thumbs.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line) == {"good": False, **answer.to_dict()}


def test_a_thumb_taken_back_is_neither_up_nor_down(desk, tmp_path):
    import gradio as gr

    article = Article("Rome is a city.")
    turns = (Turn("What is Rome?", Answer("What is Rome?", article, article.span(10, 14), article.span(), 0.9)),)
    at = desk.Desk(home(), None, tmp_path / "thumbs.jsonl")
    for liked in (True, ""):
        at.judge(
            desk.Visit((desk.Talk(at.home, turns=turns),)), gr.LikeData(None, {"index": 1, "value": "", "liked": liked})
        )
    assert [json.loads(line)["good"] for line in at.feedback.path.read_text("utf-8").splitlines()] == [True, None]


def test_a_thumb_that_cannot_be_kept_is_told_to_the_visitor_without_the_reason(desk, tmp_path):
    import gradio as gr

    article = Article("Rome is a city.")
    at = desk.Desk(home(), None, tmp_path / "thumbs.json")
    at.feedback.path = tmp_path / "gone" / "thumbs.json"
    visit = desk.Visit((desk.Talk(at.home, turns=(Turn("?", Answer("?", article, None, None, 0.9)),)),))
    with pytest.warns(UserWarning, match="This thumb could not be kept, and the reason was logged"):
        at.judge(visit, gr.LikeData(None, {"index": 1, "value": "", "liked": True}))
