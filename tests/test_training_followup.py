import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.text import Article
from qa.answer import Calibration, Credits, Reading
from qa.followup import Form, understood
from training.followup import NAMES, Row, _counted, _Table, fit, picked, write

ARTICLE = Article("Ann met Bob in Rome on Monday, and Cy was late.")
WAYS = ("replaced", "completed", "joined", "literal")


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


@given(
    st.lists(
        st.tuples(st.sampled_from(WAYS), st.integers(-9, 9), st.sampled_from([0, 4, 8, 15])), min_size=1, max_size=6
    ),
    st.tuples(*[st.integers(-4, 8)] * len(NAMES)),
)
def test_credits_are_counted_as_they_are_given(forms, worth):
    ways = [Form(str(number), way, "") for number, (way, _, _) in enumerate(forms)]
    readings = [[Reading(ARTICLE.span(start, start + 6), margin, 0.0)] for _, margin, start in forms]
    credit = Credits(**dict(zip(NAMES, map(float, worth), strict=True)))
    counts = [
        [_counted(name, place, [way.way for way in ways], readings) for name in NAMES] for place in range(len(ways))
    ]
    margins = np.array([margin for _, margin, _ in forms], float)
    table = _Table([Row(0, margins, np.array(counts, float), np.zeros(len(ways)))])
    best = int(table.worth(table.vector(credit))[0].argmax())
    assert understood(ways, readings, [], credit=credit)[0] == ways[best]


def test_written_credits_are_loaded_and_the_rest_of_the_calibration_stays(tmp_path):
    stored = {"margin": 0.5, "answer": [[0.0, 0.5]], "silence": [[0.0, 0.25]]}
    (tmp_path / "calibration.json").write_text(json.dumps(stored))
    write(tmp_path / "calibration.json", Credits(joined=3.5))
    expected = Calibration(0.5, ((0.0, 0.5),), ((0.0, 0.25),), Credits(joined=3.5))
    assert Calibration.load(tmp_path) == expected
