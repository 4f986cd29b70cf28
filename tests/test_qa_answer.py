import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ModelError
from index.search import Passage
from index.sentences import split
from index.text import Article
from qa.answer import Answer, Calibration, Options, Reading, choose, distinct, together
from qa.quotations import bare

ARTICLE = Article("Koizumi met Pete Hegseth in Washington. Hegseth smiled. They left on January 17.")
WHOLE = Passage(ARTICLE.span(), split(ARTICLE), (0.3, 0.0, 0.1))
DEFAULTS = Options()
CALIBRATION = Calibration(margin=1.0, answer=((0.0, 0.2), (10.0, 0.9)), silence=((-10.0, 0.9), (1.0, 0.5)))


def reading(text, margin, *, occurrence=0, null=0.0):
    start = -1
    for _ in range(occurrence + 1):
        start = ARTICLE.text.index(text, start + 1)
    return Reading(ARTICLE.span(start, start + len(text)), null + margin, null)


def chosen(*readings, options=DEFAULTS):
    return choose("?", ARTICLE, [WHOLE], readings, calibration=CALIBRATION, options=options)


def test_the_reading_furthest_above_its_own_null_wins():
    answer = chosen(reading("Washington", 4.0, null=20.0), reading("January 17", 5.0, null=-3.0))
    assert (answer.text, answer.start, answer.end) == ("January 17", 69, 79)
    assert answer.sentence.text == "They left on January 17."
    assert answer.confidence == pytest.approx(0.55)


def test_what_retrieval_holds_against_a_sentence_counts_against_others_but_tells_of_no_silence():
    held = replace(reading("January 17", 5.0), penalty=4.5)
    answer = chosen(reading("Washington", 4.0), held)
    assert (answer.text, [other.text for other in answer.alternatives]) == ("Washington", ["January 17"])
    assert chosen(held).text == "January 17"
    assert chosen(held).confidence < chosen(reading("January 17", 5.0)).confidence
    low = replace(held, score=0.9)
    assert chosen(reading("Washington", -5.0), low).span is None  # together they are no surer than the surest


@pytest.mark.parametrize("margin", [1.0, 0.9, -8.0])
def test_the_article_does_not_say_when_no_reading_is_above_the_margin(margin):
    answer = chosen(reading("Washington", margin))
    assert answer.span is answer.sentence is answer.text is answer.start is answer.end is None
    assert answer.alternatives == ()


def test_silence_names_the_nearest_sentences_best_first_and_only_those_found():
    assert [s.text for s in chosen().nearest] == [
        "Koizumi met Pete Hegseth in Washington.",
        "They left on January 17.",
    ]
    assert chosen(options=Options(nearest=1)).nearest == (WHOLE.sentences[0],)
    assert chosen(reading("Washington", 5.0)).nearest == ()


def test_silence_is_surer_the_further_the_best_reading_lies_below():
    assert chosen(reading("Washington", -10.0)).confidence == pytest.approx(0.9)
    assert chosen(reading("Washington", 1.0)).confidence == pytest.approx(0.5)
    assert chosen().confidence == pytest.approx(0.9)


def test_a_margin_in_the_options_overrides_the_calibrated_one():
    assert chosen(reading("Washington", 0.5), options=Options(margin=0.0)).text == "Washington"
    assert chosen(reading("Washington", 5.0), options=Options(margin=6.0)).span is None


def test_near_duplicates_are_one_answer():
    answer = chosen(
        reading("Pete Hegseth", 6.0),
        reading("Hegseth", 5.9, occurrence=1),  # another place, but words of the first
        reading("Hegseth in Washington", 5.5),  # overlaps it
        reading("January 17", 3.0),
    )
    assert answer.text == "Pete Hegseth"
    assert [(other.text, other.confidence) for other in answer.alternatives] == [("January 17", pytest.approx(0.41))]


def test_words_that_only_share_letters_are_no_near_duplicates():
    article = Article("January 1 and January 17")
    one, other = Reading(article.span(0, 9), 2, 0), Reading(article.span(14, 24), 1, 0)
    assert distinct([one, other], 5) == [one, other]


def test_a_tie_goes_to_the_earlier_then_the_shorter_span():
    first, second = reading("Koizumi", 3.0), reading("Washington", 3.0)
    assert chosen(first, second).text == chosen(second, first).text == "Koizumi"
    assert chosen(reading("Pete Hegseth", 3.0), reading("Pete", 3.0)).text == "Pete"


def test_a_quotation_over_two_sentences_stands_in_both():
    article = Article("He said: “We got up. We left.” Then it\nrained. “Oh,\nno.”")
    passage = Passage(article.span(), split(article), (0.1,) * len(split(article)))
    found = choose(
        "?", article, [passage], [Reading(article.span(9, 30), 5.0, 0.0)], calibration=CALIBRATION, options=DEFAULTS
    )
    assert (found.text, found.sentence.text) == ("“We got up. We left.”", "He said: “We got up. We left.”")


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80), st.floats(-20, 20)), max_size=12), st.randoms())
def test_the_choice_does_not_depend_on_the_order_of_readings(places, random):
    readings = [Reading(ARTICLE.span(min(a, b), max(a, b)), m, 0.0) for a, b, m in places]
    expected = chosen(*readings)
    random.shuffle(readings)
    assert chosen(*readings) == expected
    assert expected.text is None or expected.text == ARTICLE.text[expected.start : expected.end]


SHAPES = Article(
    "Two deputies, Juris Ozers and Liga Briede, voted against it because the delay would leave a hole. “We asked,” "
    "said Ozers, “for six weeks. We got one.” The old mill was not sold to the town."
)


def shaped(question, *texts):
    """What is chosen when the reader finds these texts in SHAPES, each half a logit below the one before."""
    passage = Passage(SHAPES.span(), split(SHAPES), (0.0,) * len(split(SHAPES)))
    places = [SHAPES.text.index(text) for text in texts]
    readings = [
        Reading(SHAPES.span(start, start + len(text)), 5.0 - number / 2, 0.0)
        for number, (start, text) in enumerate(zip(places, texts, strict=True))
    ]
    return choose(question, SHAPES, [passage], readings, calibration=CALIBRATION, options=DEFAULTS)


def test_a_list_is_the_reading_that_is_one_and_its_items_are_exact():
    answer = shaped("Which two deputies voted against it?", "Liga Briede", "Juris Ozers and Liga Briede", "the town")
    assert (answer.kind, answer.text) == ("list", "Juris Ozers and Liga Briede")
    assert [item.text for item in answer.items] == ["Juris Ozers", "Liga Briede"]
    assert [SHAPES.text[item.start : item.end] for item in answer.items] == ["Juris Ozers", "Liga Briede"]
    assert [other.text for other in answer.alternatives] == ["the town"]


def test_an_enumeration_of_another_length_or_place_is_not_the_list_that_is_asked_for():
    three = shaped("Which three deputies voted?", "Liga Briede", "Juris Ozers and Liga Briede")
    elsewhere = shaped("Which two deputies voted?", "the town", "Juris Ozers and Liga Briede")
    assert (three.text, three.items) == ("Liga Briede", ())
    assert (elsewhere.text, elsewhere.items) == ("the town", ())


def test_what_somebody_said_is_the_whole_quotation():
    answer = shaped("What did Ozers say about the weeks?", "six weeks")
    assert answer.text == "“We asked,” said Ozers, “for six weeks. We got one.”"
    assert answer.sentence.holds(answer.span)


def test_a_reason_is_the_longer_of_two_readings_nearly_as_good():
    long = "because the delay would leave a hole"
    assert shaped("Why did they vote against it?", "the delay", "a hole", long).text == long
    assert shaped("Why did they vote against it?", "the delay", "a hole", "six weeks", long).text == "the delay"


def test_how_gets_the_best_reading_as_it_is():
    answer = shaped("How did they vote against it?", "the delay", "because the delay would leave a hole")
    assert (answer.text, answer.kind) == ("the delay", "how")


def test_a_question_of_yes_or_no_is_settled_by_a_sentence_that_says_its_words_whatever_the_reader_finds():
    answer = shaped("Was the mill sold to the town?", "Juris Ozers")
    assert (answer.text, answer.verdict) == ("The old mill was not sold to the town.", "no")
    assert answer.span == answer.sentence
    assert (answer.kind, answer.alternatives) == ("yes or no", ())


def test_a_question_of_yes_or_no_gets_the_sentence_on_which_its_words_and_the_reader_agree():
    agreed = shaped("Is the mill owned by the town now?", "the town")
    assert (agreed.text, agreed.verdict) == ("The old mill was not sold to the town.", None)
    for texts in (["Juris Ozers"], []):
        silent = shaped("Is the mill owned by the town now?", *texts)
        assert (silent.span, silent.verdict, silent.kind) == (None, None, "yes or no")


@pytest.mark.parametrize("question", ["Who voted against it?", "When was it?", "How many weeks?", "the deputies?"])
@given(st.lists(st.tuples(st.integers(0, 180), st.integers(0, 40), st.floats(-20, 20)), max_size=8))
def test_a_question_of_no_kind_gets_the_best_reading_as_it_is(question, places):
    readings = [
        Reading(SHAPES.span(start, min(start + length, len(SHAPES.text))), m, 0.0) for start, length, m in places
    ]
    passage = Passage(SHAPES.span(), split(SHAPES), (0.0,) * len(split(SHAPES)))
    answer = choose(question, SHAPES, [passage], readings, calibration=CALIBRATION, options=DEFAULTS)
    said = [r for r in readings if r.margin > 1.0]
    best = min(said, key=lambda r: (-r.margin, r.span.start, r.span.end), default=None)
    assert (answer.span, answer.kind, answer.items, answer.verdict) == (best and bare(best.span), "plain", (), None)


def test_an_answer_as_json_points_back_into_the_text():
    answer = chosen(reading("Pete Hegseth", 6.0), reading("January 17", 3.0))
    stored = json.loads(json.dumps(answer.to_dict()))
    for place in (stored, stored["sentence"], *stored["alternatives"]):
        assert ARTICLE.text[place["start"] : place["end"]] == place["text"]
    silent = chosen().to_dict()
    assert (silent["text"], silent["start"], silent["sentence"]) == (None, None, None)
    assert [ARTICLE.text[place["start"] : place["end"]] for place in silent["nearest"]] == [
        place["text"] for place in silent["nearest"]
    ]


def test_confidence_runs_straight_between_knots_and_flat_outside():
    calibration = Calibration(0.0, ((0.0, 0.1), (1.0, 0.5), (3.0, 0.7)), ((0.0, 1.0),))
    always = Options(margin=-99)
    shares = [
        choose("?", ARTICLE, [WHOLE], [reading("Pete", m)], calibration=calibration, options=always).confidence
        for m in (-5.0, 0.0, 0.5, 2.0, 3.0, 50.0)
    ]
    assert shares == pytest.approx([0.1, 0.1, 0.3, 0.6, 0.7, 0.7])


def test_several_readings_together_tell_of_an_answer_that_none_tells_of_alone():
    two = [reading("Pete Hegseth", 0.5), reading("January 17", 0.5)]
    warm = replace(CALIBRATION, temperature=2.0)  # together 0.5 + 2 ln 2, about 1.9; an answer needs 1
    answer = choose("?", ARTICLE, [WHOLE], two, calibration=warm, options=DEFAULTS)
    assert answer.text == "Pete Hegseth"
    assert answer.confidence == pytest.approx(0.2 + 0.07 * 0.5)  # of its own margin
    assert choose("?", ARTICLE, [WHOLE], two, calibration=CALIBRATION, options=DEFAULTS).text is None
    silent = choose("?", ARTICLE, [WHOLE], two, calibration=warm, options=Options(margin=3.0))
    assert (silent.text, silent.confidence) == (None, 0.5)  # of all together: past the last knot of silence


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=8), st.floats(0.1, 4))
def test_together_is_the_log_of_the_sum_of_odds_and_no_less_than_the_best(margins, temperature):
    readings = [reading("Pete", margin) for margin in margins]
    assert together(readings, 1.0) == pytest.approx(math.log(sum(map(math.exp, margins))))
    assert max(margins) <= together(readings, temperature) <= max(margins) + temperature * math.log(len(margins)) + 1e-9
    assert together(readings, 0.0) == max(margins)
    assert together([], temperature) == -math.inf


def test_a_calibration_is_read_from_beside_the_weights(tmp_path):
    stored = {"margin": 2.5, "temperature": 2, "answer": [[0, 0.25], [4, 0.75]], "silence": [[0, 0.5]]}
    (tmp_path / "calibration.json").write_text(json.dumps(stored), encoding="utf-8")
    knots = {"answer": ((0.0, 0.25), (4.0, 0.75)), "silence": ((0.0, 0.5),)}
    assert Calibration.load(tmp_path) == Calibration(2.5, temperature=2.0, **knots)
    assert Calibration.load(tmp_path / "elsewhere") == Calibration()


@pytest.mark.parametrize(
    "stored",
    [
        "not json",
        "[]",
        '{"margin": 1}',
        '{"margin": 0, "answer": [[1, 0.5], [0, 0.6]], "silence": [[0, 0.5]]}',
        '{"margin": 0, "answer": [[1, 1.5]], "silence": [[0, 0.5]]}',
        '{"margin": 0, "answer": [], "silence": [[0, 0.5]]}',
    ],
)
def test_a_file_that_is_no_calibration_is_a_clear_error(tmp_path, stored):
    (tmp_path / "calibration.json").write_text(stored, encoding="utf-8")
    with pytest.raises(ModelError, match=r"calibration\.json is not a calibration"):
        Calibration.load(tmp_path)


def test_an_answer_shows_its_place_but_not_a_megabyte_of_text():
    article = Article("x" * 1_000_000)
    assert len(repr(Answer("?", article, article.span(1, 2), article.span(0, 9), 0.5))) < 300
