"""A run over questions with readers whose answers are known: what is said, forced, ranked, and summed up."""

import json
import math
from collections.abc import Sequence

import pytest
from doubles import PatternReader, WordEncoder

from index.library import Library
from index.search import Passage
from index.text import Article
from qa.answer import Calibration, Options, Reading
from qa.dataset import Question, Turn
from qa.evaluate import converse, evaluate, summarize, summarize_replies, worst

TOWN = Article("The port opened in 1902. The mill burned in 1931. Ada Brandt ran the mill.", title="Town")
WORDS = WordEncoder("port", "mill", "opened", "burned", "ran")


class KnowingReader:
    """Proposes for each question it knows the text it was given, with the margin it was given."""

    calibration = Calibration(margin=1.0, answer=((0.0, 0.25), (4.0, 0.75)), silence=((0.0, 0.5), (1.0, 0.25)))

    def __init__(self, **known: tuple[str, float]) -> None:
        self.known = known

    def read(self, question: str, passages: Sequence[Passage], *, longest: int, top: int) -> list[Reading]:
        text, margin = self.known.get(question.rstrip("?"), ("", 0.0))
        places = [(passage.span, passage.span.text.find(text)) for passage in passages if text]
        return [Reading(span.sub(at, at + len(text)), margin + 2, 2.0) for span, at in places if at >= 0]


def question(text, *answers, article=TOWN, name=""):
    golds = tuple(article.span(at, at + len(answer)) for answer in answers for at in [article.text.index(answer)])
    return Question(name or text, text, article, golds)


READER = KnowingReader(When=("1902", 4.0), Who=("Ada Brandt ran", 2.0), What=("mill", 0.5), Why=("port", 3.0))
ASKED = [
    question("When?", "in 1902", "1902"),  # right, confidence 0.75
    question("Who?", "Ada Brandt"),  # overlaps, 2 of 3 words: F1 0.8, confidence 0.5
    question("What?", "mill"),  # would be right, but below the margin: silent, confidence 0.375
    question("Why?"),  # an answer where there is none, confidence 0.625
    question("How?"),  # nothing proposed: silent and right, confidence 0.5
]


def test_every_question_is_scored_as_decided_and_as_forced():
    outcomes = list(evaluate(ASKED, READER, retrieval=False))
    assert [outcome.answer.text for outcome in outcomes] == ["1902", "Ada Brandt ran", None, "port", None]
    assert [outcome.forced.text for outcome in outcomes] == ["1902", "Ada Brandt ran", "mill", "port", None]
    assert [outcome.exact for outcome in outcomes] == [1, 0, 0, 0, 1]
    assert [outcome.f1 for outcome in outcomes] == [1, pytest.approx(0.8), 0, 0, 1]
    assert [outcome.forced_exact for outcome in outcomes] == [1, 0, 1, 0, 1]
    assert [outcome.margin for outcome in outcomes] == [4.0, 2.0, 0.5, 3.0, -math.inf]
    assert [outcome.answer.confidence for outcome in outcomes] == [0.75, 0.5, 0.375, 0.625, 0.5]
    assert all(math.isnan(outcome.rank) for outcome in outcomes)


def test_the_options_margin_decides_in_place_of_the_readers():
    outcomes = evaluate(ASKED, READER, retrieval=False, options=Options(margin=2.5))
    assert [outcome.answer.text for outcome in outcomes] == ["1902", None, None, "port", None]


def test_retrieval_ranks_the_first_sentence_that_shares_words_with_a_gold_answer():
    asked = [
        question("What burned? The mill burned", "1931"),
        question("Who ran the port? opened", "Ada Brandt", "ran the mill"),
        question("Where?"),
    ]
    found, second, nowhere = evaluate(asked, READER, retrieval=True, encoder=WORDS)
    assert found.rank == 1
    assert second.rank == 2  # "The port opened in 1902." is nearer
    assert math.isnan(nowhere.rank)  # without an answer there is no gold sentence


def test_a_long_article_is_read_only_where_retrieval_points():
    filler = "\n".join(f"Nobody {number} did anything at all on that day." for number in range(300))
    long = Article(f"The port opened in 1902.\n{filler}\nThe mill burned in 1931.")
    asked = [question("port opened", "1902", article=long), question("mill burned", "1931", article=long)]
    options = Options(budget=1)
    outcomes = list(evaluate(asked, PatternReader(r"\d{4}"), retrieval=True, encoder=WORDS, options=options))
    assert [outcome.answer.text for outcome in outcomes] == ["1902", "1931"]
    whole = list(evaluate(asked, PatternReader(r"\d{4}"), retrieval=False, options=options))
    assert [outcome.answer.text for outcome in whole] == ["1902", "1902"]  # ties go to the earlier span


def test_in_a_library_questions_are_answered_from_whichever_article_has_the_answer(tmp_path):
    bakery = Article("The bakery opened in 1950. It ran late.", title="Bakery")
    asked = [question("port opened", "1902"), question("Who ran the mill?", "Ada Brandt"), question("Where?")]
    with Library.open(tmp_path / "library", encoder=WORDS, create=True) as library:
        for article in (bakery, TOWN):
            library.add(article)
        years, _, nowhere = evaluate(asked, PatternReader(r"\d{4}"), retrieval=True, library=library)
    assert (years.answer.text, years.answer.article, years.rank) == ("1902", TOWN, 1)
    assert {each.article for each in years.answer.alternatives} == {TOWN, bakery}
    assert math.isnan(nowhere.rank)


def test_each_text_is_indexed_once_for_questions_that_follow_one_another():
    other = Article("Another mill ran.")
    asked = [question("ran"), question("opened"), question("ran", article=other)]
    heard = []
    list(evaluate(asked, READER, retrieval=True, encoder=WORDS, progress=lambda done, total: heard.append(total)))
    assert heard == [3, 1]


def test_outcomes_come_one_by_one():
    other = Article("Another mill ran.")
    heard = []
    outcomes = evaluate(
        [question("When?"), question("ran", article=other)],
        READER,
        retrieval=True,
        encoder=WORDS,
        progress=lambda done, total: heard.append(total),
    )
    assert next(outcomes).answer.text == "1902"
    assert heard == [3]  # the second text waits


def test_the_report_sums_up_what_was_said():
    report = summarize(list(evaluate(ASKED, READER, retrieval=False)), resamples=200)
    assert (report.questions, report.answerable) == (5, 3)
    expected = {
        "exact": 2 / 5,
        "f1": 2.8 / 5,
        "silent": 2 / 5,
        "answerable_exact": 1 / 3,
        "answerable_f1": 1.8 / 3,
        "forced_f1": 2.8 / 3,
        "silence_accuracy": 1 / 2,
        "best_f1": 3.8 / 5,  # whatever is proposed is said
        "auroc": 4 / 6,  # of 4, 2, 0.5 against 3 and none: all beat none, only 4 beats 3
        "ece": (0.25 + 0.5 - 0.5 + 0.5 - 0.5 + 0.375 + 0.625) / 5,  # the two at 0.5 share a bin, one of them right
    }
    assert {name: report.metrics[name] for name in expected} == pytest.approx(expected)
    assert report.curve[-1] == pytest.approx((1.0, 3 / 5))
    assert report.curve[0] == (0.2, 0.0)  # the surest is right
    assert 0 < report.p50 <= report.p95
    assert all(low <= report.metrics[name] <= high for name, (low, high) in report.intervals.items() if name == "f1")


def test_the_report_is_json_that_reads_back_even_where_a_threshold_is_infinite():
    report = summarize(list(evaluate(ASKED, READER, retrieval=False)), resamples=20)
    again = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert again["metrics"]["f1"]["value"] == 0.56
    assert len(again["metrics"]["f1"]["interval"]) == 2
    assert report.metrics["best_threshold"] == -math.inf
    assert again["metrics"]["best_threshold"]["value"] is None
    assert sum(each["count"] for each in again["reliability"]) == 5


def test_the_worst_are_wrong_with_least_overlap_and_the_surest_first():
    outcomes = list(evaluate(ASKED, READER, retrieval=False))
    assert [outcome.question.text for outcome in worst(outcomes, 9)] == ["Why?", "What?", "Who?"]
    assert [outcome.question.text for outcome in worst(outcomes, 1)] == ["Why?"]


def test_a_turn_is_asked_as_it_fell_and_written_out():
    talk = (
        Turn(question("Who", "Ada Brandt"), "Who"),
        Turn(question("And it", "1902"), "When"),
        Turn(question("And then"), "And then"),
    )
    replies = list(converse([talk], READER, encoder=WORDS))
    said = {way: [reply.answer.text for reply in replies if reply.way == way] for way in (r.way for r in replies)}
    assert said["without history"] == ["Ada Brandt ran", None, None]
    assert said["written out"] == ["Ada Brandt ran", "1902", None]
    assert said["with history"][0] == "Ada Brandt ran"
    ways = summarize_replies(replies, resamples=50)
    means = {name: numbers[0] for name, numbers in ways["written out"].items()}
    assert means == pytest.approx({"exact": 2 / 3, "f1": 2.8 / 3, "later_exact": 1, "later_f1": 1})
    assert ways["without history"]["later_f1"][0] == 0.5
    assert all(low <= mean <= high for mean, low, high in ways["without history"].values())
