import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.keyword import KeywordIndex, Occurrences, best
from index.ranking import WEIGHTS, Candidates, around, features, rank, shares, spend
from index.search import runs

# Articles as lists of (cosine, weights of two words, white space before), None for a sentence that is no candidate
SENTENCE = st.none() | st.tuples(*[st.integers(0, 4).map(float)] * 3, st.integers(1, 2))
ARTICLES = st.lists(st.lists(SENTENCE, min_size=1, max_size=6), min_size=1, max_size=4).filter(
    lambda articles: any(sentence for article in articles for sentence in article)
)
LENGTH = 10  # characters of every sentence


def candidates(articles):
    """The sentences are numbered through all articles, as in a library."""
    rows = []
    number = 0
    for owner, article in enumerate(articles):
        end = 0
        for sentence in article:
            start = end + (sentence[3] if sentence else 1)
            end = start + LENGTH
            if sentence:
                rows.append((number, owner, start, end, *sentence[:3]))
            number += 1
    table = np.array(rows)
    whole = table[:, :4].astype(int).T
    return Candidates(*whole, table[:, 4], table[:, 5:].T)


def stretches(article):
    """The numbers, in the article, of the candidates that follow one another without a blank line between."""
    found = []
    for number, sentence in enumerate(article):
        if sentence and number and article[number - 1] and sentence[3] < 2:
            found[-1].append(number)
        elif sentence:
            found.append([number])
    return found


@given(ARTICLES)
def test_features_are_what_going_through_the_sentences_one_by_one_gives(articles):
    expected = []
    there = [sentence for article in articles for sentence in article if sentence]
    most = [max((sentence[1 + i] for sentence in there), default=0) for i in (0, 1)]
    for article in articles:
        for stretch in stretches(article):
            cosines = [article[n][0] for n in stretch]
            for n in stretch:
                cosine, *words, _ = article[n]
                before = article[n - 1] if n and article[n - 1] else None
                sides = [article[m] for m in (n - 1, n + 1) if 0 <= m < len(article) and article[m]]
                expected.append(
                    {
                        "meaning": cosine,
                        "meaning of the best in the stretch": max(cosines),
                        "meaning of the stretch": sum(cosines) / len(cosines),
                        "words": sum(words),
                        "coverage": sum(m for w, m in zip(words, most, strict=True) if w) / (sum(most) or 1),
                        "words before": sum(max(before[1 + i] - w, 0) for i, w in enumerate(words)) if before else 0,
                        "words beside": sum(max([w, *(s[1 + i] for s in sides)]) - w for i, w in enumerate(words)),
                        "words of the stretch": sum(max(article[m][1 + i] for m in stretch) for i in (0, 1))
                        - sum(words),
                        "length": np.log(LENGTH),
                        "stretch length": np.log(len(stretch)),
                    }
                )
    found = features(candidates(articles))
    assert {name: values.tolist() for name, values in found.items()} == {
        name: pytest.approx([each[name] for each in expected]) for name in WEIGHTS
    }


@given(ARTICLES)
def test_probabilities_add_up_to_one_and_fall_with_the_lower_number_first(articles):
    ranked = rank(candidates(articles), {"meaning": 1.0})
    assert sum(probability for _, probability in ranked) == pytest.approx(1)
    assert ranked == sorted(ranked, key=lambda each: (-each[1], each[0]))


def test_a_weight_is_log_odds_for_each_unit():
    two = candidates([[(3.0, 0.0, 0.0, 1), (1.0, 2.0, 0.0, 1)]])
    (first, likely), (second, other) = rank(two, {"meaning": 0.5, "words": 0.2})
    assert (first, second) == (0, 1)
    assert np.log(likely / other) == pytest.approx(0.5 * 2 - 0.2 * 2)


@given(st.lists(st.dictionaries(st.integers(0, 9), st.integers(1, 5).map(float), min_size=1), max_size=3))
def test_shares_and_best_are_what_looking_up_each_word_gives(words):
    occurrences = [Occurrences(np.array(sorted(w)), np.array([w[n] for n in sorted(w)])) for w in words]
    asked = np.array([0, 3, 4, 9])
    assert shares(occurrences, asked).tolist() == [[w.get(n, 0.0) for n in asked.tolist()] for w in words]
    total = {n: sum(w.get(n, 0.0) for w in words) for w in words for n in w}
    assert best(occurrences, 4) == sorted(total.items(), key=lambda each: (-each[1], each[0]))[:4]


def test_a_word_stands_where_it_or_another_form_of_it_does():
    index = KeywordIndex(["Exercises.", "Rest.", "They exercise; exercised, too."])
    [word] = index.occurrences("exercise exercises unheard")
    assert word.numbers.tolist() == [0, 2]
    assert (word.weights > 0).all()


def test_neighbours_are_candidates_as_far_as_the_article_goes():
    assert around([5, 9, 6], range(5, 11)).tolist() == [5, 6, 7, 8, 9, 10]
    assert around([4], range(9)).tolist() == [2, 3, 4, 5, 6]


@given(st.lists(st.integers(1, 300), min_size=1, max_size=12), st.integers(0, 900), st.integers(0, 99), st.randoms())
def test_the_budget_goes_to_the_likeliest_that_fit(sentences, budget, lead, random):
    lengths = dict(enumerate(sentences))
    ranked = [(number, 1 / (1 + number)) for number in lengths]
    random.shuffle(ranked)
    chosen = spend(ranked, lengths, budget=budget, lead=lead)

    def cost(numbers):
        return sum(lengths[number] for number in numbers) + lead * len(runs(numbers))

    assert list(chosen.items()) == [pair for pair in ranked if pair[0] in chosen]
    assert next(iter(chosen)) == ranked[0][0]
    assert cost(chosen) <= budget or len(chosen) == 1
    order = [number for number, _ in ranked]
    for left_out in lengths.keys() - chosen.keys():  # what came before it had left no room
        before = [number for number in order[: order.index(left_out)] if number in chosen]
        assert cost([*before, left_out]) > budget
