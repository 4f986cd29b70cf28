"""The written questions meet their paragraphs: pairs and conversations whose answers stand where they say."""

import gzip
import json

import pytest

from qa.dataset import conversations, open_dataset, questions
from training.authored import WRITTEN, held, lines, main, paired
from training.examples import load_examples

TEXT = "In 1902 the port opened with 1902 boats. Ada ran the mill."
WIKIPEDIA = [
    {
        "title": "Town",
        "paragraphs": [
            {
                "context": TEXT,
                "qas": [{"id": "a", "question": "Who burned the mill?", "answers": [], "is_impossible": True}],
            },
            {"context": "Nothing was asked here.", "qas": [{"id": "b", "question": "Why?", "answers": []}]},
        ],
    },
    {"title": "Village", "paragraphs": [{"context": "Nor here.", "qas": []}]},
]


def test_a_pair_is_the_unanswerable_question_and_its_twin_and_texts_without_pairs_are_left_out():
    [entry] = paired(WIKIPEDIA, {"a": {"of": "a", "question": "Who ran the mill?", "answer": "Ada"}})
    [paragraph] = entry["paragraphs"]
    without, twin = paragraph["qas"]
    assert without is WIKIPEDIA[0]["paragraphs"][0]["qas"][0]
    assert twin["answers"] == [{"text": "Ada", "answer_start": TEXT.index("Ada")}]
    assert not twin["ambiguous"]


def test_an_answer_that_stands_twice_is_ambiguous():
    [entry] = paired(WIKIPEDIA, {"a": {"of": "a", "question": "When did the port open?", "answer": "1902"}})
    assert entry["paragraphs"][0]["qas"][1]["ambiguous"]


def test_an_answer_that_the_text_does_not_hold_is_an_error():
    with pytest.raises(ValueError, match="substring"):
        list(paired(WIKIPEDIA, {"a": {"of": "a", "question": "Who?", "answer": "Bea"}}))


def test_a_question_that_was_altered_has_no_answer():
    [entry] = paired(WIKIPEDIA, {"a": {"of": "a", "kind": "negation", "edits": [[3, 3, " never"], [4, 10, "ran"]]}})
    _, altered = entry["paragraphs"][0]["qas"]
    assert altered["question"] == "Who never ran the mill?"
    assert altered["answers"] == []
    assert altered["is_impossible"]


def test_a_conversation_gets_its_paragraph():
    turns = [
        {"question": "Who ran it?", "standalone": "Who ran the mill?", "answer": "Ada"},
        {"question": "Why?", "standalone": "Why did Ada run the mill?", "answer": None},
    ]
    [entry] = held(WIKIPEDIA, [{"of": "a", "turns": turns}])
    assert (entry["title"], entry["context"]) == ("Town", TEXT)
    [talk] = entry["conversations"]
    assert [turn["answers"] for turn in talk] == [[{"text": "Ada", "answer_start": TEXT.index("Ada")}], []]


def test_training_reads_what_is_made(tmp_path, monkeypatch):
    asked = {"question": "Who ran the mill?", "answers": [{"text": "Ada", "answer_start": TEXT.index("Ada")}]}
    squad = [{"title": "Town", "paragraphs": [{"context": TEXT, "qas": [asked | {"id": "s"}]}]}]
    written = {
        "twins": {"of": "a", "question": "Who ran the mill?", "answer": "Ada"},
        "altered": {"of": "s", "kind": "swap", "edits": [[12, 16, "port"]]},
        "talks": {"of": "a", "turns": [{"question": "Who?", "standalone": "Who ran the mill?", "answer": "Ada"}]},
    }
    for name, line in written.items():
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt") as file:
            print(json.dumps(line), file=file)
    for name, data in {"squad-1.1-train": squad, "news": []}.items():
        with gzip.open(tmp_path / f"{name}.json.gz", "wt") as file:
            json.dump({"data": data}, file)
    for part in ("train", "dev"):
        with gzip.open(tmp_path / f"authored-wikipedia-{part}.json.gz", "wt") as file:
            json.dump({"data": WIKIPEDIA if part == "train" else []}, file)
    monkeypatch.setattr("training.authored.WRITTEN", tmp_path)
    monkeypatch.setattr("training.authored.NEWS", tmp_path / "news.json.gz")
    monkeypatch.setattr("sys.argv", ["authored", "--data", str(tmp_path), "--out", str(tmp_path / "made")])
    main()
    made = {path.name.split(".")[0]: load_examples(path) for path in (tmp_path / "made").iterdir()}
    places = ((TEXT.index("Ada"), TEXT.index("Ada") + 3),)
    assert {name: [example.places for example in examples] for name, examples in made.items()} == {
        "authored-altered-train": [places, ()],
        "authored-altered-dev": [],
        "authored-twins-train": [(), places],
        "authored-twins-dev": [],
        "authored-talks-train": [places],
    }


@pytest.mark.parametrize("name", ["news-train", "news-dev"])
def test_the_written_articles_are_checked_as_any_file_of_questions(name):
    found = questions(open_dataset(WRITTEN / f"{name}.json.gz"), context="article")
    assert 0.3 < sum(not each.golds for each in found) / len(found) < 0.4


def test_no_article_to_tune_on_is_one_to_train_on():
    train, dev = (
        {each.article.text for each in questions(open_dataset(WRITTEN / f"news-{part}.json.gz"), context="article")}
        for part in ("train", "dev")
    )
    talked = {
        talk[0].question.article.text for talk in conversations(open_dataset(WRITTEN / "conversations-dev.json.gz"))
    }
    assert len(talked) > 50
    assert talked <= dev
    assert not dev & train


def test_what_is_written_names_its_question_once_and_is_whole():
    twins = list(lines(WRITTEN / "twins.jsonl.gz"))
    assert len({twin["of"] for twin in twins}) == len(twins) > 1_000
    assert all(twin["question"].endswith("?") and twin["answer"].strip() == twin["answer"] != "" for twin in twins)
    altered = list(lines(WRITTEN / "altered.jsonl.gz"))
    assert len({line["of"] for line in altered}) == len(altered) > 1_000
    places = [[place for start, end, _ in line["edits"] for place in (start, end)] for line in altered]
    assert all(each == sorted(each) for each in places)
    assert {line["kind"] for line in altered} == {"negation", "antonym", "swap", "exclusive", "condition", "other"}
    talks = list(lines(WRITTEN / "talks.jsonl.gz"))
    turns = [turn for talk in talks for turn in talk["turns"]]
    # Some are typed as people type, without a mark; what is written out for a follow-up has one.
    assert all(turn["question"].strip() == turn["question"] != "" for turn in turns)
    assert all(turn["standalone"].endswith("?") or turn["standalone"] == turn["question"] for turn in turns)
    assert all(talk["turns"][0]["question"] == talk["turns"][0]["standalone"] for talk in talks)
