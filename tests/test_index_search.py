import itertools

import numpy as np
import pytest
from doubles import WordEncoder
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from index.errors import ArticleError
from index.keyword import K1, B, KeywordIndex
from index.search import WHOLE, ArticleIndex, runs
from index.text import Article
from index.vectors import VectorIndex, unit

MATRIX = arrays(np.float32, st.tuples(st.integers(1, 12), st.just(4)), elements=st.integers(-4, 4).map(float))


@given(st.sets(st.integers(0, 30)))
def test_runs_hold_each_number_once_and_never_touch(numbers):
    found = runs(numbers)
    assert [number for run in found for number in run] == sorted(numbers)
    assert all(one.stop < other.start for one, other in itertools.pairwise(found))


@settings(deadline=None)  # the first example imports FAISS
@given(MATRIX, st.integers(0, 11), st.integers(1, 12))
def test_vector_search_equals_brute_force(rows, query, k):
    vector = rows[query % len(rows)]
    cosines = unit(rows) @ unit(vector[None])[0]
    found = VectorIndex(rows).search(vector, k)
    assert [score for _, score in found] == pytest.approx(sorted(cosines, reverse=True)[:k], abs=1e-5)
    assert all(cosines[number] == pytest.approx(score, abs=1e-5) for number, score in found)


def test_bm25_equals_its_formula():
    texts = ["red fox", "red red hen sits", "blue whale", "hen"]
    lengths = [2, 4, 2, 1]
    idf = np.log(1 + (4 - 2 + 0.5) / (2 + 0.5))  # "red" stands in two of four texts
    tf = {0: 1, 1: 2}
    expected = {n: idf * f / (f + K1 * (1 - B + B * lengths[n] / np.mean(lengths))) for n, f in tf.items()}
    assert dict(KeywordIndex(texts).search("red", 4)) == pytest.approx(expected, rel=1e-5)


def test_keywords_meet_by_stem_and_letter_case():
    index = KeywordIndex(["They agreed to expand joint EXERCISES.", "Nothing here."])
    assert [number for number, _ in index.search("Which exercise was expanded?", 5)] == [0]


@pytest.mark.parametrize("texts", [["…", "!!"], ["word"], ["", "a"]])
@pytest.mark.parametrize("question", ["?", "🤷", "unheard"])
def test_a_question_without_a_known_word_finds_no_keyword(texts, question):
    assert KeywordIndex(texts).search(question, 3) == []


def long_article():
    text = " ".join(f"Station {n} stands in town {n}." for n in range(300))
    assert len(text) > WHOLE
    return Article(text)


def test_a_long_article_gives_the_likeliest_sentence_however_small_the_budget():
    index = ArticleIndex.from_article(long_article(), encoder=WordEncoder("123", "250"))
    [passage] = index.retrieve("Where is 123?", budget=1)
    assert passage.span.text == "Station 123 stands in town 123."
    assert passage.score == index.rank("Where is 123?")[0][1] > 0.5


def test_sentences_that_follow_one_another_are_read_as_one_passage_and_no_more_than_the_budget_holds():
    index = ArticleIndex.from_article(long_article(), encoder=WordEncoder("122", "123", "250"))
    question = "Where are 122, 123 and 250?"
    budget = 3 * len("Station 122 stands in town 122.") + 2 * len(question)
    passages = index.retrieve(question, budget=budget)
    assert [passage.span.text for passage in passages] == [
        "Station 122 stands in town 122. Station 123 stands in town 123.",
        "Station 250 stands in town 250.",
    ]
    assert sum(len(sentence.text) for each in passages for sentence in each.sentences) + 2 * len(question) <= budget
    assert len(index.retrieve(question, budget=budget - 1)) == 1
    assert [passage.score for passage in passages] == sorted((p.score for p in passages), reverse=True)


def test_a_short_article_is_read_whole_whatever_the_question():
    article = Article("Koizumi met Hegseth. They worked out. It rained.")
    index = ArticleIndex.from_article(article, encoder=WordEncoder("rained"))
    [passage] = index.retrieve("unrelated", budget=1)
    assert passage.span.text == article.text
    texts = [sentence.text for sentence in passage.sentences]
    assert texts == ["Koizumi met Hegseth.", "They worked out.", "It rained."]


def test_the_nearest_sentence_has_the_highest_score():
    index = ArticleIndex.from_article(Article("It rained. Koizumi met him."), encoder=WordEncoder("rained", "met"))
    [passage] = index.retrieve("Whom had Koizumi met?", budget=1)
    assert passage.scores[1] == passage.score > passage.scores[0]


def test_indexing_reports_every_sentence_once():
    seen = []
    ArticleIndex.from_article(
        long_article(), encoder=WordEncoder("town"), progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(256, 300), (300, 300)]


def test_half_characters_in_article_and_question_are_searched_like_any_other():
    index = ArticleIndex.from_article(Article("It rained. A \ud800 broken one."))
    [passage] = index.retrieve("\udfff broken", budget=1)
    assert passage.scores[1] == passage.score
    assert passage.sentences[1].text == "A \ud800 broken one."


def test_an_article_without_text_is_refused():
    with pytest.raises(ArticleError, match="no text"):
        ArticleIndex.from_article(Article(" \n\t "), encoder=WordEncoder("x"))


def test_words_are_found_in_either_way_of_writing_accents():
    index = KeywordIndex(["Hello café there", "cafe\u0301 au lait", "nothing"])
    for asked in ("Café?", "cafe\u0301"):
        assert {number for number, _ in index.search(asked, 5)} == {0, 1}
