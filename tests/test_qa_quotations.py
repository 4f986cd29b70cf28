from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text import Article
from qa.quotations import bare, line, quotation, quotations

WHOLE = {
    "curly marks": ("He said, “We got up and left,” smiling.", "got up", "“We got up and left,”"),
    "straight marks": ('"I know how that feels," she said. "Yes."', "know", '"I know how that feels,"'),
    "guillemets": ("Il dit : « Nous partons demain » et partit.", "partons", "« Nous partons demain »"),
    "low marks": ("Er sagte: „Wir gehen heute“ und ging.", "gehen", "„Wir gehen heute“"),
    "single marks": ("She said: 'We don't know yet' and left.", "know", "'We don't know yet'"),
    "several sentences": (
        "He said: “We got up. We left. Then it rained.” So.",
        "left",
        "“We got up. We left. Then it rained.”",
    ),
    "interrupted in mid-sentence": (
        "“We asked,” she said quietly, “for six of them.” Then she left.",
        "asked",
        "“We asked,” she said quietly, “for six of them.”",
    ),
    "a quotation that follows is another": (
        "“We asked for six,” she said. “Still, he came.”",
        "six",
        "“We asked for six,”",
    ),
    "one in another": ("He said: “She called it ‘a gift’ and left.”", "gift", "“She called it ‘a gift’ and left.”"),
    "what stands before it stays": (
        "It was “there and not claimed.”",
        "It was “there",
        "It was “there and not claimed.”",
    ),
    "an apostrophe before it": ("In the '80s, Smith said: “We had nothing.”", "nothing", "“We had nothing.”"),
    "no quotation": ("The players' bus was 6'2\" high, she didn't say.", "bus", "bus"),
    "an open one ends with its paragraph": ("“We got up early.\n“We left.”", "got up", "“We got up early."),
    "marks that nothing closes": ('He is 5" tall.\nShe said "so" again.', "tall", "tall"),
}


@pytest.mark.parametrize(("text", "inside", "whole"), WHOLE.values(), ids=WHOLE)
def test_a_span_grows_to_the_whole_quotation_that_it_touches(text, inside, whole):
    article = Article(text)
    start = text.index(inside)
    assert quotation(article.span(start, start + len(inside))).text == whole


@given(st.text(st.sampled_from("ab .,“”\"'‘’«»„\n")), st.data())
def test_a_span_only_grows_and_never_over_the_end_of_a_line(text, data):
    start = data.draw(st.integers(0, len(text)))
    span = Article(text).span(start, data.draw(st.integers(start, len(text))))
    grown = quotation(span)
    assert grown.holds(span)
    assert "\n" in span.text or "\n" not in grown.text
    assert quotation(grown) == grown


@given(st.text(st.sampled_from("ab .,“”\"'‘’«»„")))
def test_quotations_stand_in_order_and_never_overlap(text):
    found = quotations(line(Article(text).span()))
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Barley Night,”", "Barley Night"),
        ("“Barley Night", "Barley Night"),
        ("“Barley Night”", "“Barley Night”"),
        ("„Nacht“", "„Nacht“"),
        ("Nacht“,", "Nacht"),
        ("”Nacht", "Nacht"),
        ('the "old mill"', 'the "old mill"'),
        ('old mill"', "old mill"),
        ("(in 1902", "in 1902"),
        ("1902)", "1902"),
        ("Acme (UK)", "Acme (UK)"),
        ("the farmers’", "the farmers’"),
        ("10:45", "10:45"),
        (" a; ", "a"),
        ("”,", "”,"),
        ("No. 5.", "No. 5."),
    ],
)
def test_what_has_no_partner_at_the_ends_is_left_out(text, left):
    article = Article(f"x{text}y")
    assert bare(article.span(1, 1 + len(text))).text == left


@given(st.text(alphabet='ab ,“”"()„‘’', min_size=1, max_size=12))
def test_what_is_bare_lies_inside_is_not_empty_and_stays_as_it_is(text):
    span = Article(text).span()
    once = bare(span)
    assert span.holds(once)
    assert once.text
    assert bare(once) == once
