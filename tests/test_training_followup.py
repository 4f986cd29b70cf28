import json
from dataclasses import replace

import numpy as np

from index.search import Passage
from index.sentences import split
from index.text import Article
from qa.answer import Calibration, Credits, Reading
from qa.answerer import Answerer
from qa.dataset import Question, Turn
from qa.followup import Form, counts, understood
from training.followup import NAMES, Remembering, Row, fit, hold, picked, report, write

ARTICLE = Article("Ann met Bob in Rome on Monday, and Cy was late.")
WAYS = ("replaced", "completed", "joined", "literal")


def place(text):
    start = ARTICLE.text.index(text)
    return ARTICLE.span(start, start + len(text))


class Whole:
    def retrieve(self, question, *, budget):
        sentences = split(ARTICLE)
        return [Passage(ARTICLE.span(), sentences, (0.0,) * len(sentences))]


class Knowing:
    """Answers two questions, one of them joined to the other, with a margin of 3; any other with "late", by 1."""

    calibration = Calibration(margin=0.0)

    def __init__(self):
        self.asked = []

    def read(self, question, passages, *, longest, top):
        self.asked.append(question)
        known = {"Who met Bob?": "Ann", "Who met Bob? Ann When did she?": "on Monday"}
        return [Reading(place(known.get(question, "late")), 3.0 if question in known else 1.0, 0.0)]


def test_a_conversation_gives_a_row_for_each_follow_up_with_the_f1_of_each_form():
    asked = [("Who met Bob?", "Ann"), ("When did she?", "on Monday"), ("When was Bob late?", "Cy")]
    talk = [Turn(Question(question, question, ARTICLE, (place(gold),)), question) for question, gold in asked]
    reader = Knowing()
    [found] = hold(7, talk, Answerer(Whole(), reader=Remembering(reader)))
    assert (found.talk, found.surpluses[-2:].tolist(), found.scores[-2:].tolist()) == (7, [3.0, 1.0], [1.0, 0.0])
    assert found.counts[-2].tolist() == [name == "joined" for name in NAMES]
    assert len(set(reader.asked)) == len(reader.asked)  # each was read once


def test_the_report_tells_what_credits_are_worth_where_they_were_not_fitted(capsys):
    rows = [replace(row([0, 0, 0, 2], [0, 0, 1, 0]), talk=talk) for talk in range(10)]
    report(rows, fit(rows))
    assert "with these 100.0% (100.0% where they were not fitted)" in capsys.readouterr().out


def row(margins, scores, ways=WAYS):
    counts = [[way == name for name in NAMES] for way in ways]
    return Row(0, np.array(margins, float), np.array(counts, float), np.array(scores, float))


def test_a_way_whose_answers_are_right_is_worth_more_than_the_margins_of_the_others():
    credit = fit([row([0, 0, 0, 4], [0, 0, 1, 0]), row([1, 2, -2, 5], [0, 0, 1, 0])])
    assert credit.joined > max(credit.replaced + 3, credit.completed + 4, 7)


def test_where_the_answers_tell_nothing_the_usual_credits_stay():
    assert fit([row([0, 1, 2, 3], [1, 1, 1, 1]), row([3, 2, 1, 0], [0, 0, 0, 0])]) == Credits()


def test_what_is_picked_is_the_form_of_the_greatest_margin_and_credit():
    rows = [row([0, 0, 0, 4], [0.5, 0, 0, 1]), row([0, 0, 0, 6], [0.5, 0, 0, 1])]
    assert picked(rows, Credits(replaced=5, completed=-9, joined=-9)) == 0.75


def test_each_form_is_picked_for_its_margin_and_the_credits_counted_for_it():
    ways = [
        Form("Who met Bob in Rome?", "replaced", ""),
        Form("Who met the mayor in Paris?", "replaced", ""),
        Form("Who was there? Cy Who met him?", "joined", ""),
        Form("Who met him?", "literal", ""),
    ]
    readings = [[Reading(place(text), 1.0, 0.0)] for text in ("Ann", "Monday", "Cy", "Ann")]
    found = counts(ways, readings)
    assert [[each[name] for name in ("replaced", "completed", "joined", "later", "agreed")] for each in found] == [
        [1, 0, 0, 0, 1],
        [1, 0, 0, -1, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 0, 1],
    ]
    assert {*found[0]} == {*NAMES}
    none = Credits(**dict.fromkeys(NAMES, 0.0))
    for name, best in {"later": 0, "agreed": 0, "joined": 2, "replaced": 0}.items():
        assert (
            understood(ways, readings, [], calibration=Calibration(credit=replace(none, **{name: 0.5})))[0]
            == ways[best]
        )
    assert counts(ways, [[], *readings[1:]])[0] == dict.fromkeys(NAMES, 0.0) | {"replaced": 1.0}


def test_written_credits_are_loaded_and_the_rest_of_the_calibration_stays(tmp_path):
    stored = {"margin": 0.5, "answer": [[0.0, 0.5]], "silence": [[0.0, 0.25]]}
    (tmp_path / "calibration.json").write_text(json.dumps(stored))
    write(tmp_path / "calibration.json", Credits(joined=3.5))
    expected = Calibration(0.5, ((0.0, 0.5),), ((0.0, 0.25),), Credits(joined=3.5))
    assert Calibration.load(tmp_path) == expected
