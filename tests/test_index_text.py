import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text import Article, Span

ARTICLE = Article("Koizumi met Hegseth. They worked out.")


@given(st.text(), st.data())
def test_a_spans_text_is_the_articles_slice(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert Span(Article(text), start, end).text == text[start:end]


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (5, 4), (0, 38), (38, 38)])
def test_a_span_outside_its_article_is_refused(start, end):
    with pytest.raises(ValueError, match="outside a text of 37 characters"):
        Span(ARTICLE, start, end)


def test_sub_counts_from_the_beginning_of_its_span():
    sentence = ARTICLE.span(21, 37)
    assert sentence.text == "They worked out."
    assert sentence.sub(5, 11).text == "worked"
    assert (sentence.sub(5, 11).start, sentence.sub(5, 11).end) == (26, 32)


def test_spans_that_only_touch_do_not_overlap():
    assert not ARTICLE.span(0, 7).overlaps(ARTICLE.span(7, 11))
    assert ARTICLE.span(0, 8).overlaps(ARTICLE.span(7, 11))


def test_spans_of_different_articles_never_hold_or_overlap_each_other():
    other = Article(ARTICLE.text + " ")
    assert not ARTICLE.span(0, 20).holds(other.span(2, 4))
    assert not ARTICLE.span(0, 20).overlaps(other.span(2, 4))
    assert ARTICLE.span(0, 20).holds(ARTICLE.span(2, 4))


def test_a_span_shows_its_place_but_not_a_megabyte_of_text():
    assert repr(Article("x" * 1_000_000).span(2, 4)) == "Span(start=2, end=4)"
