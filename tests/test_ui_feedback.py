import json

import pytest

from index.errors import DatasetError, VerbatimError
from index.text import Article
from qa.answer import Answer
from qa.dataset import open_dataset, questions
from ui.feedback import Feedback

ROME = Article("Rome is a city. Paris is a city. \U0001f642 Oslo is cold.", title="Cities")
OTHER = Article("Another text.")


@pytest.fixture
def feedback(tmp_path):
    return Feedback(tmp_path / "thumbs.json")


def said(question, text, *, article=ROME, **others):
    start = article.text.index(text)
    return Answer(question, article, article.span(start, start + len(text)), article.span(), 0.9, **others)


def silent(question, **others):
    return Answer(question, ROME, None, None, 0.8, **others)


def golds(feedback):
    """What an evaluation makes of the file: (question, answers) of each article's text."""
    return [
        (question.text, question.answers, question.article.text)
        for question in questions(open_dataset(feedback.path), context="paragraph")
    ]


def rejected(feedback):
    return [
        qa
        for entry in json.loads(feedback.path.read_text("utf-8"))["data"]
        for paragraph in entry["paragraphs"]
        for qa in paragraph.get("rejected", [])
    ]


def test_thumbs_up_are_questions_that_an_evaluation_accepts_with_their_places(feedback):
    feedback.keep(said("Which is cold?", "Oslo"), True)
    feedback.keep(silent("Where is Lima?"), True)
    feedback.keep(said("What is it?", "text", article=OTHER), True)
    assert golds(feedback) == [
        ("Which is cold?", ("Oslo",), ROME.text),
        ("Where is Lima?", (), ROME.text),
        ("What is it?", ("text",), OTHER.text),
    ]
    stored = json.loads(feedback.path.read_text("utf-8"))
    assert stored["version"] == "v2.0"
    assert [len(entry["paragraphs"]) for entry in stored["data"]] == [1, 1]
    assert stored["data"][0]["title"] == "Cities"


def test_a_thumb_down_is_no_gold_answer_but_keeps_what_was_wrong(feedback):
    feedback.keep(said("Which is cold?", "Rome"), False)
    feedback.keep(silent("What is Rome?"), False)
    assert golds(feedback) == []
    assert [(qa["question"], qa["wrong"]) for qa in rejected(feedback)] == [
        ("Which is cold?", {"text": "Rome", "answer_start": 0}),
        ("What is Rome?", None),
    ]


def test_the_last_thumb_for_a_question_counts_and_one_taken_back_leaves_nothing(feedback):
    answer = said("Which is cold?", "Oslo")
    feedback.keep(answer, False)
    feedback.keep(answer, True)
    assert (len(golds(feedback)), rejected(feedback)) == (1, [])
    feedback.keep(answer, False)
    assert (golds(feedback), len(rejected(feedback))) == ([], 1)
    feedback.keep(answer, None)
    assert not feedback.path.exists()


def test_a_follow_up_is_stored_as_it_was_understood_so_that_it_stands_alone(feedback):
    feedback.keep(said("And where is it cold?", "Oslo", read_as="Where is the weather cold?"), True)
    [[question, *_]] = golds(feedback)
    assert question == "Where is the weather cold?"
    assert '"asked": "And where is it cold?"' in feedback.path.read_text("utf-8")


def test_examples_of_ones_own_stay_in_a_file_that_thumbs_are_added_to(tmp_path):
    path = tmp_path / "own.json"
    answers = [{"text": "city", "answer_start": 10}]
    paragraphs = [{"context": ROME.text, "qas": [{"id": "mine", "question": "What is Rome?", "answers": answers}]}]
    path.write_text(json.dumps({"data": [{"title": "Mine", "paragraphs": paragraphs}]}), encoding="utf-8")
    feedback = Feedback(path)
    feedback.keep(said("Which is cold?", "Oslo"), True)
    feedback.keep(said("Which is cold?", "Oslo"), None)
    assert golds(feedback) == [("What is Rome?", ("city",), ROME.text)]


def test_text_that_no_file_can_hold_keeps_its_length_and_its_place(feedback):
    article = Article("a\ud800b\x00 then Rome")
    feedback.keep(said("\udfff?", "Rome", article=article), True)
    assert golds(feedback) == [("\ufffd?", ("Rome",), "a\ufffdb\ufffd then Rome")]


@pytest.mark.parametrize("content", ["no JSON", '{"data": 3}', '{"data": [{"title": "a"}]}'])
def test_a_file_that_holds_something_else_is_refused_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "else.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match=r"else\.json"):
        Feedback(path)
    assert path.read_text("utf-8") == content


@pytest.mark.parametrize("name", ["", "no/such/folder.json", "no/such/folder.jsonl"])
def test_a_place_where_no_file_can_be_is_refused_before_the_page_opens(tmp_path, name):
    with pytest.raises(VerbatimError, match="a folder that is there"):
        Feedback(tmp_path / name)


def test_a_write_that_fails_leaves_the_file_as_it_was_and_nothing_beside_it(feedback, monkeypatch):
    feedback.keep(said("Which is cold?", "Oslo"), True)
    before = feedback.path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        feedback.keep(said("What is Rome?", "city"), True)
    assert feedback.path.read_bytes() == before
    assert [path.name for path in feedback.path.parent.iterdir()] == ["thumbs.json"]


def test_json_lines_grow_by_one_for_every_thumb(tmp_path):
    feedback, answer = Feedback(tmp_path / "thumbs.jsonl"), said("Which is cold?", "Oslo")
    for good in (True, False, None):
        feedback.keep(answer, good)
    lines = [json.loads(line) for line in feedback.path.read_text("utf-8").splitlines()]
    assert lines == [{"good": good, **answer.to_dict()} for good in (True, False, None)]


def test_what_a_file_says_beside_its_questions_stays(tmp_path):
    path = tmp_path / "own.json"
    paragraph = {"context": "Rome.", "qas": [{"id": "a", "question": "What?", "answers": [], "is_impossible": True}]}
    entry = {"title": "Own", "paragraphs": [paragraph]}
    path.write_text(json.dumps({"version": "1.1", "licence": "CC BY 4.0", "data": [entry]}))
    Feedback(path).keep(said("Which is cold?", "Oslo"), True)
    stored = json.loads(path.read_text("utf-8"))
    assert (stored["licence"], stored["version"], len(stored["data"])) == ("CC BY 4.0", "v2.0", 2)
