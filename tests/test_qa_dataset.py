"""Files of questions: what is read from good ones, and what is said of bad ones."""

import gzip
import json
from pathlib import Path

import pytest

from index.errors import VerbatimError
from qa.dataset import conversations, open_dataset, questions, sample

NEWS = Path(__file__).parent / "news-sample.json"
PORT = "The port opened in 1902. Ships came."
MILL = "Ada Brandt ran the mill until 1950."


def asked(name, text, *answers, **more):
    return {
        "id": name,
        "question": text,
        "answers": [{"text": answer, "answer_start": start} for answer, start in answers],
        **more,
    }


def squad(*paragraphs, title="Town"):
    return {"title": title, "paragraphs": [{"context": text, "qas": list(qas)} for text, qas in paragraphs]}


def stored(tmp_path, *entries, name="file.json"):
    path = tmp_path / name
    path.write_text(json.dumps({"data": entries}))
    return path


@pytest.fixture
def town(tmp_path):
    opened = asked("opened", "When did the port open?", ("1902", 19), ("in 1902", 16), is_impossible=False)
    closed = asked("closed", "When did the port close?", is_impossible=True)
    ran = asked("ran", "Who ran the mill?", ("Ada Brandt", 0))  # SQuAD 1.1 has no is_impossible
    return stored(tmp_path, squad((PORT, [opened, closed])), squad((PORT, []), (MILL, [ran]), title="Mill"))


def test_a_paragraph_is_asked_its_own_questions(town):
    opened, closed, ran = questions(open_dataset(town), context="paragraph")
    assert (opened.id, opened.text, opened.article.text) == ("opened", "When did the port open?", PORT)
    assert opened.answers == ("1902", "in 1902")
    assert closed.golds == ()
    assert (ran.article.text, ran.article.title) == (MILL, "Mill")


def test_the_paragraphs_of_a_title_become_one_article(town):
    opened, _, ran = questions(open_dataset(town), context="article")
    assert opened.article.text == PORT
    assert ran.article.text == f"{PORT}\n\n{MILL}"
    assert ran.answers == ("Ada Brandt",)
    assert ran.golds[0].start == len(PORT) + 2


def test_in_a_library_each_title_stays_an_article_of_its_own(town):
    assert questions(open_dataset(town), context="library") == questions(open_dataset(town), context="article")


@pytest.mark.parametrize("context", ["paragraph", "article", "library"])
def test_gold_answers_keep_their_text_in_every_context(context):
    data = json.loads(NEWS.read_text(encoding="utf-8"))["data"]
    given_ = [
        tuple(answer["text"] for answer in qa["answers"])
        for entry in data
        for paragraph in entry["paragraphs"]
        for qa in paragraph["qas"]
    ]
    assert [question.answers for question in questions(open_dataset(NEWS), context=context)] == given_


def test_gzip_is_known_by_its_content_not_by_its_name(tmp_path, town):
    for name in ("squeezed.json.gz", "squeezed.json"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(town.read_bytes()))
        assert len(questions(open_dataset(path), context="paragraph")) == 3


def test_a_byte_order_mark_is_no_mistake(tmp_path, town):
    path = tmp_path / "bom.json"
    path.write_bytes(b"\xef\xbb\xbf" + town.read_bytes())
    assert open_dataset(path).entries == open_dataset(town).entries


BAD_FILES = {
    "not JSON": (b"question,answer\n", "not JSON"),
    "cut-off JSON": (b'{"data": [', "not JSON"),
    "not UTF-8": (b'{"data": ["\xff"]}', "not JSON in UTF-8"),
    "cut-off gzip": (gzip.compress(b'{"data": []}' * 50)[:-12], "cannot be read"),
    "broken gzip": (b"\x1f\x8b" + b"nonsense" * 4, "cannot be read"),
    "a list": (b"[]", "needs a list `data`"),
    "no data": (b'{"version": "v2.0"}', "needs a list `data`"),
    "empty data": (b'{"data": []}', "at least one entry"),
}


@pytest.mark.parametrize(("content", "says"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_holds_no_entries_is_refused_by_name(tmp_path, content, says):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(VerbatimError, match=says) as caught:
        open_dataset(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_or_a_folder_is_refused(tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(VerbatimError, match="cannot be read"):
            open_dataset(path)


RIGHT = asked("q1", "When?", ("1902", 19))
BAD_QUESTIONS = {
    "offset one too far": (asked("q7", "When?", ("1902", 20)), r"'q7'.*'1902' does not stand at character 20.*'902\.'"),
    "offset behind the text": (asked("q7", "When?", ("1902", 900)), "'q7'.*nothing"),
    "offset from the end": (asked("q7", "When?", ("came", -5)), "'q7'.*character -5"),
    "offset is a word": (asked("q7", "When?", ("1902", "19")), "'q7'.*`answer_start` must be a whole number, not '19'"),
    "offset missing": ({**RIGHT, "id": "q7", "answers": [{"text": "1902"}]}, "'q7'.*no `answer_start`"),
    "answer empty": (asked("q7", "When?", ("", 3)), "'q7'.*`text` is empty"),
    "answers missing": ({"id": "q7", "question": "When?"}, "'q7'.*no `answers`"),
    "answers null": ({"id": "q7", "question": "When?", "answers": None}, "'q7'.*`answers` must be a list"),
    "answers a string": ({"id": "q7", "question": "When?", "answers": ["1902"]}, "'q7'.*no `text`"),
    "no answers in 1.1": (asked("q7", "When?"), "'q7' has no answers"),
    "no answers though possible": (asked("q7", "When?", is_impossible=False), "'q7' has no answers"),
    "answers though impossible": (asked("q7", "When?", ("1902", 19), is_impossible=True), "'q7' has answers although"),
    "question missing": ({"id": "q7", "answers": []}, "'q7'.*no `question`"),
    "question blank": (asked("q7", "  ", ("1902", 19)), "'q7'.*`question` is empty"),
    "id missing": ({"question": "When?", "answers": []}, r"paragraph 1, question 2 has no `id`"),
    "id a number": ({**RIGHT, "id": 7}, "paragraph 1, question 2: `id` must be a text, not 7"),
    "id used twice": (asked("q1", "When?", ("1902", 19)), "'q1' is there twice"),
}


@pytest.mark.parametrize(("question", "says"), BAD_QUESTIONS.values(), ids=BAD_QUESTIONS)
def test_a_mistake_is_told_with_the_question_it_is_in(tmp_path, question, says):
    path = stored(tmp_path, squad((PORT, [RIGHT, question])))
    with pytest.raises(VerbatimError, match=says):
        questions(open_dataset(path), context="article")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        pytest.param({"title": "Town"}, "entry 1 of `data` has no `paragraphs`", id="no paragraphs"),
        pytest.param("Town", "entry 1 of `data` has no `paragraphs`", id="a string"),
        pytest.param(squad((" \n", [])), r"'Town'\), paragraph 1: `context` is empty", id="blank paragraph"),
        pytest.param({"title": "Town", "paragraphs": [{"context": PORT}]}, "paragraph 1 has no `qas`", id="no qas"),
    ],
)
def test_a_mistake_outside_any_question_is_told_with_its_place(tmp_path, entry, says):
    with pytest.raises(VerbatimError, match=says):
        questions(open_dataset(stored(tmp_path, entry)), context="paragraph")


def talk(*turns):
    return {"title": "Mill", "context": MILL, "conversations": [list(turns)]}


def turn(question, standalone, *answers):
    return {key: value for key, value in asked("", question, *answers).items() if key != "id"} | {
        "standalone": standalone
    }


def test_the_turns_of_a_conversation_keep_their_order_and_their_written_out_form(tmp_path):
    first = turn("Who ran the mill?", "Who ran the mill?", ("Ada Brandt", 0))
    second = turn("Until when?", "Until when did Ada Brandt run the mill?", ("1950", 30), ("until 1950", 24))
    third = turn("Why?", "Why did Ada Brandt stop?")
    dataset = open_dataset(stored(tmp_path, talk(first, second, third)))
    assert dataset.conversational
    [turns] = conversations(dataset)
    assert [each.question.id for each in turns] == ["Mill/1/1", "Mill/1/2", "Mill/1/3"]
    assert turns[1].standalone == "Until when did Ada Brandt run the mill?"
    assert [each.question.answers for each in turns] == [("Ada Brandt",), ("1950", "until 1950"), ()]


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        pytest.param(talk(turn("Who?", "Who?", ("Ada", 3))), "'Mill/1/1'.*'Ada' does not stand", id="wrong offset"),
        pytest.param(talk(turn("Who?", "")), "'Mill/1/1': `standalone` is empty", id="not written out"),
        pytest.param(talk(), "conversation 1 is not a list of turns", id="no turns"),
    ],
)
def test_a_mistake_in_a_conversation_is_told_with_its_turn(tmp_path, entry, says):
    with pytest.raises(VerbatimError, match=says):
        conversations(open_dataset(stored(tmp_path, entry)))


def test_a_sample_keeps_the_order_repeats_itself_and_depends_on_the_seed():
    one = sample(range(1000), 20, seed=1)
    assert one == sorted(set(one)) == sample(range(1000), 20, seed=1) != sample(range(1000), 20, seed=2)
    assert len(one) == 20
    assert sample(range(5), None) == sample(range(5), 9) == [0, 1, 2, 3, 4]
