"""SQuAD's scores on cases worked by hand, and every array formula against its slow twin."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.metrics import (
    Outcomes,
    auroc,
    best_threshold,
    bootstrap,
    calibration_error,
    equal_mass,
    equal_width,
    exact_match,
    f1,
    measure,
    normalize,
    reliability,
    risk_coverage,
)

MARGINS = st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0, -math.inf])
SCORES = st.sampled_from([0.0, 0.5, 1.0])


def test_normalisation_is_that_of_squad():
    assert normalize("The  U.S. Army's\n“Old Guard”, an elite unit!") == "us armys “old guard” elite unit"
    assert normalize("A an THE") == ""
    assert normalize("theatre another-thing") == "theatre anotherthing"


@pytest.mark.parametrize(
    ("said", "golds", "exact", "overlap"),
    [
        pytest.param("Pete Hegseth", ["the Pete Hegseth."], 1, 1, id="case, articles and punctuation do not count"),
        pytest.param("Defense Secretary Pete Hegseth", ["Pete Hegseth"], 0, 2 / 3, id="P 2/4, R 2/2"),
        pytest.param("Hegseth", ["Koizumi", "Pete Hegseth"], 0, 2 / 3, id="the best of several golds"),
        pytest.param("ten ten ten", ["ten ten men"], 0, 2 / 3, id="a repeated word counts as often as both have it"),
        pytest.param("", ["Hegseth"], 0, 0, id="silence where there is an answer"),
        pytest.param("", [], 1, 1, id="silence where there is none"),
        pytest.param("Hegseth", [], 0, 0, id="an answer where there is none"),
        pytest.param("The", [], 1, 1, id="words that normalise to nothing are silence, as in the 2.0 script"),
        pytest.param("", ["oil", "."], 0, 0, id="a gold that normalises to nothing is left out"),
        pytest.param("$", ["$"], 1, 1, id="unless all do"),
        pytest.param("Koizumi", ["Hegseth"], 0, 0, id="nothing in common"),
    ],
)
def test_scores_equal_those_worked_by_hand(said, golds, exact, overlap):
    assert exact_match(said, golds) == exact
    assert f1(said, golds) == pytest.approx(overlap)


@given(st.lists(st.tuples(MARGINS, SCORES, st.booleans()), min_size=1, max_size=12))
def test_best_threshold_equals_trying_every_margin(rows):
    # nothing but silence can be forced where no span was proposed; anything else is wrong where there is no answer
    rows = [(m, float(not has) if m == -math.inf else score * has, has) for m, score, has in rows]
    margin, forced, has = (np.array([row[place] for row in rows]) for place in range(3))

    def score_at(threshold):
        return np.mean([score if m > threshold else float(not has) for m, score, has in rows])

    score, threshold = best_threshold(margin, forced, has)
    assert score == pytest.approx(max(score_at(m) for m in [-math.inf, *margin, math.inf]))
    assert score == pytest.approx(score_at(threshold))


def test_best_threshold_lies_between_the_last_answer_worth_giving_and_the_next():
    margin = np.array([3.0, 1.0, 2.0, 0.0])
    assert best_threshold(margin, np.array([1, 1, 0, 0.0]), np.array([True, True, False, False])) == (0.75, 2.5)


@given(st.lists(st.tuples(MARGINS, st.booleans()), min_size=1, max_size=15))
def test_auroc_equals_counting_pairs(rows):
    scores, positive = np.array([m for m, _ in rows]), np.array([p for _, p in rows])
    pairs = [(a > b) + (a == b) / 2 for a in scores[positive] for b in scores[~positive]]
    assert auroc(scores, positive) == pytest.approx(np.mean(pairs) if pairs else math.nan, nan_ok=True)


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 0.95, 1.0]), st.booleans()), min_size=1, max_size=20))
def test_calibration_error_equals_the_sum_over_bins_taken_one_by_one(rows):
    confidence, right = np.array([c for c, _ in rows]), np.array([float(r) for _, r in rows])
    expected = 0.0
    for low in range(10):
        inside = [(c, r) for c, r in rows if min(int(c * 10), 9) == low]
        if inside:
            sure, hits = np.mean(inside, axis=0)
            expected += len(inside) / len(rows) * abs(sure - hits)
    found = reliability(confidence, right, equal_width(10))
    assert calibration_error(found) == pytest.approx(expected)
    assert sum(each.count for each in found) == len(rows)


def test_half_sure_and_always_right_is_off_by_one_half():
    bins = reliability(np.full(4, 0.5), np.ones(4), equal_width(15))
    assert calibration_error(bins) == pytest.approx(0.5)
    [full] = [each for each in bins if each.count]
    assert (full.count, full.confidence, full.right) == (4, 0.5, 1.0)


def test_bins_of_equal_mass_hold_equally_many_and_keep_equals_together():
    confidence = np.array([0.9, 0.1, 0.2, 0.8, 0.3, 0.7])
    assert [each.count for each in reliability(confidence, np.ones(6), equal_mass(confidence, 3))] == [2, 2, 2]
    confidence = np.array([0.5, 0.5, 0.5, 0.9])
    assert sorted(each.count for each in reliability(confidence, np.ones(4), equal_mass(confidence, 2))) == [0, 4]


def test_risk_falls_on_the_surest_decisions_first():
    coverage, risk = risk_coverage(np.array([0.2, 0.9, 0.6, 0.4]), np.array([0.0, 1.0, 1.0, 0.0]))
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 2])


def test_risk_of_equally_sure_decisions_does_not_depend_on_their_order():
    confidence = np.array([0.5, 0.5, 0.9])
    one, other = (risk_coverage(confidence, np.array(right))[1] for right in ([0.0, 1, 1], [1.0, 0, 1]))
    assert one.tolist() == other.tolist() == pytest.approx([0, 1 / 4, 1 / 3])


def table(**columns):
    """Four questions: answered right, answered wrong, silent and right, answered where there is no answer."""
    given_ = {
        "answerable": [True, True, False, False],
        "silent": [False, False, True, False],
        "exact": [1, 0, 1, 0],
        "f1": [1, 0.5, 1, 0],
        "forced_exact": [1, 0, 0, 0],
        "forced_f1": [1, 0.5, 0, 0],
        "margin": [4, 2, -1, 3],
        "confidence": [1, 0.5, 0.75, 0.5],
        "rank": [1, 4, math.nan, math.nan],
    } | columns
    flags = ("answerable", "silent")
    return Outcomes(**{name: np.array(v, dtype=bool if name in flags else float) for name, v in given_.items()})


def test_measures_equal_those_worked_by_hand():
    found = measure(table())
    assert found == pytest.approx(
        {
            "exact": 0.5,
            "f1": 0.625,
            "silent": 0.25,
            "answerable_exact": 0.5,
            "answerable_f1": 0.75,
            "forced_exact": 0.5,
            "forced_f1": 0.75,
            "silence_accuracy": 0.5,
            "best_f1": 0.75,  # 1 for the first and for both silences, above a margin between 4 and 3
            "best_threshold": 3.5,
            "auroc": 0.75,  # of the pairs 4 > -1, 4 > 3, 2 > -1, 2 < 3
            "recall@1": 0.5,
            "recall@3": 0.5,
            "recall@5": 1.0,
            "recall@8": 1.0,
            "recall@20": 1.0,
            "mrr": 0.625,
            "ece": 0.3125,  # 1.0 is right; two at 0.5, none right; 0.75 right: (0 + 2 * 0.5 + 0.25) / 4
            "ece_equal_mass": 0.3125,
            "ece_half": 0.0625,  # the two at 0.5 are half right now
            "aurc": 0.25 * (0 + 0 + 1 / 3 + 1 / 2),
        }
    )


def test_what_a_run_has_no_questions_for_is_left_out():
    only = measure(table(answerable=[True] * 4, rank=[math.nan] * 4))
    assert not {"silence_accuracy", "auroc", "mrr", "recall@1"} & set(only)
    none = measure(table(answerable=[False] * 4))
    assert not {"answerable_f1", "forced_f1", "auroc"} & set(none)


def test_a_gold_sentence_that_was_not_found_counts_as_missed():
    found = measure(table(rank=[math.inf, 2, math.nan, math.nan]))
    assert (found["recall@20"], found["mrr"]) == (0.5, 0.25)


def test_an_empty_table_has_no_measures():
    with pytest.raises(ValueError, match="no outcomes"):
        measure(table().take(np.array([], dtype=int)))


def test_bootstrap_holds_the_normal_interval_of_a_mean_and_repeats_itself():
    values = np.arange(400) % 2  # mean 1/2, so the 95 % interval is 1/2 -+ 1.96 * 0.5 / 20
    one, other = (bootstrap(lambda rows: {"mean": float(values[rows].mean())}, 400, seed=3) for _ in range(2))
    assert one == other
    assert one["mean"] == pytest.approx((0.451, 0.549), abs=0.01)


def test_bootstrap_judges_a_number_by_the_resamples_that_have_it():
    found = bootstrap(lambda rows: {"first": 1.0} if 0 in rows else {}, 3, resamples=50)
    assert found == {"first": (1.0, 1.0)}
