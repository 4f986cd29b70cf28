"""Decoding: the best spans are those that trying every pair would find."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.decode import best_spans

LOGITS = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, -math.inf, math.nan]) | st.floats(-9, 9)
TOKENS = st.lists(st.tuples(LOGITS, LOGITS, st.booleans()), max_size=12)


def every_span(start, end, allowed, longest):
    """The obvious twin: all pairs, sorted by falling score, then by place."""
    spans = []
    for i in range(len(start)):
        for j in range(i, min(len(start), i + longest)):
            score = start[i] + end[j]
            if allowed[i] and allowed[j] and not math.isnan(score) and score > -math.inf:
                spans.append((i, j, score))
    return sorted(spans, key=lambda span: (-span[2], span[0], span[1]))


@given(TOKENS, st.integers(1, 14), st.integers(1, 200))
def test_best_spans_equal_brute_force(tokens, longest, top):
    start, end, allowed = (list(column) for column in zip(*tokens, strict=True)) if tokens else ([], [], [])
    assert best_spans(start, end, allowed, longest=longest, top=top) == every_span(start, end, allowed, longest)[:top]


def test_start_and_end_are_chosen_together_not_one_by_one():
    # The best start (2) comes after the best end (0): only jointly is 1..3 found.
    found = best_spans([1, 3, 5, 0], [6, 0, 0, 4], [False, True, True, True], longest=4, top=1)
    assert found == [(2, 3, 9.0)]


def test_ties_go_to_the_lower_first_token_and_then_to_the_lower_last():
    found = best_spans(np.zeros(3), np.zeros(3), np.ones(3, bool), longest=2, top=4)
    assert [(first, last) for first, last, _ in found] == [(0, 0), (0, 1), (1, 1), (1, 2)]


@pytest.mark.parametrize("bad", [math.nan, -math.inf])
def test_a_logit_that_is_no_number_proposes_nothing(bad):
    assert best_spans([bad, 1.0], [bad, 1.0], [True, True], longest=2, top=9) == [(1, 1, 2.0)]
    assert best_spans([bad], [bad], [True], longest=1, top=1) == []


def test_nothing_allowed_gives_nothing():
    assert best_spans([9.0, 9.0], [9.0, 9.0], [False, False], longest=2, top=5) == []


def test_a_span_may_run_over_tokens_that_are_not_allowed_at_its_edges():
    assert best_spans([1, 9, 0], [0, 9, 1], [True, False, True], longest=3, top=1) == [(0, 2, 2.0)]


def test_twenty_thousand_tokens_need_no_square_of_memory():
    start = np.random.default_rng(0).normal(size=20_000)
    ((first, last, score),) = best_spans(start, start[::-1], np.ones(20_000, bool), longest=30, top=1)
    assert 0 <= last - first < 30
    assert score == start[first] + start[::-1][last]


@pytest.mark.parametrize(
    ("start", "end", "allowed", "longest", "top"),
    [([1], [1, 2], [True], 1, 1), ([1], [1], [True, True], 1, 1), ([1], [1], [True], 0, 1), ([1], [1], [True], 1, 0)],
)
def test_unequal_lengths_and_empty_limits_are_refused(start, end, allowed, longest, top):
    with pytest.raises(ValueError, match=r"must be"):
        best_spans(start, end, allowed, longest=longest, top=top)
