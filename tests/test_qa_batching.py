"""Several ask at once. What was asked is a list of strings, and the work is to turn each to upper case."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from doubles import PatternReader, WordEncoder

from index.encoder import load_encoder
from index.search import ArticleIndex, Passage
from index.text import Article
from qa.answerer import Answerer, bundled_article
from qa.batching import Batcher, BatchingEncoder, BatchingReader, batching
from qa.reader import Request, batches, load_reader


class Gate:
    """Shouts what it is handed, once it is let through, and remembers what it was handed at a time."""

    def __init__(self):
        self.open = threading.Event()
        self.begun = threading.Event()
        self.handed = []

    def __call__(self, asked):
        self.handed.append(list(asked))
        self.begun.set()
        assert self.open.wait(30)
        if "bad" in asked:
            raise ValueError("bad")
        return [word.upper() for word in asked]


def asked_together(words, *, most=1_000):
    """What each is given, an error as itself, when all but the first come while the first is being worked on."""
    gate = Gate()
    batcher = Batcher(gate, size=len, most=most)

    def ask(word):
        try:
            return batcher.ask(word)
        except ValueError as error:
            return error

    with ThreadPoolExecutor(len(words)) as threads:
        first = threads.submit(ask, words[0])
        assert gate.begun.wait(30)
        rest = []
        for number, word in enumerate(words[1:], start=1):
            rest.append(threads.submit(ask, word))
            while len(batcher._waiting) < number:
                pass
        gate.open.set()
        return [future.result() for future in (first, *rest)], gate.handed


def test_what_comes_while_a_batch_is_read_is_the_next_batch():
    given, handed = asked_together(["a", "b", "c", "d"])
    assert given == ["A", "B", "C", "D"]
    assert handed == [["a"], ["b", "c", "d"]]


def test_the_first_to_come_are_the_first_served_and_a_long_one_does_not_let_the_rest_wait_for_more_than_itself():
    _, handed = asked_together(["a", "bb", "c", "dddddd", "e", "ff"], most=3)
    assert handed == [["a"], ["bb", "c"], ["dddddd"], ["e", "ff"]]


def test_equals_are_worked_on_once_and_take_no_room():
    given, handed = asked_together(["a", "bb", "c", "bb", "c", "bb", "d"], most=3)
    assert given == ["A", "BB", "C", "BB", "C", "BB", "D"]
    assert handed == [["a"], ["bb", "c"], ["d"]]


def test_an_error_meets_only_who_caused_it():
    given, handed = asked_together(["a", "b", "bad", "c", "bad"])
    assert [str(each) for each in given] == ["A", "B", "bad", "C", "bad"]
    assert handed == [["a"], ["b", "bad", "c"], ["b"], ["bad"], ["c"]]


def test_work_that_gives_too_few_results_is_an_error_and_leaves_nobody_waiting():
    batcher = Batcher(lambda asked: [], size=len, most=10)
    with pytest.raises(ValueError, match="shorter"):
        batcher.ask("a")


@pytest.fixture(scope="module")
def requests():
    """Questions on passages of very different lengths: windows of 20 to 384 tokens, one or two of them."""
    bundled, long = (
        bundled_article().text,
        "Ada Lovelace wrote the first program in 1843. Babbage designed the engine. " * 25,
    )
    texts = [bundled[:60], bundled[:700], bundled[:1400], long, long[:46]]
    questions = ["Who?", "Who did Koizumi meet, or what did the engine's designer do in London in the year 1843?"]
    return [Request(question, (Article(text).span(),), 40, 20) for text in texts for question in questions]


def same(found, expected):
    """Whether two lists of readings are one but for rounding: of close ones, the order and the last may differ."""
    ours, theirs = ({r.span: (r.score, r.null) for r in readings} for readings in (found, expected))
    shared = ours.keys() & theirs.keys()
    assert len(found) == len(expected)
    assert len(shared) >= 0.9 * len(expected)
    for span in shared:
        assert ours[span] == pytest.approx(theirs[span], abs=3e-3)
    return found[0].margin == pytest.approx(expected[0].margin, abs=6e-3)


def test_readings_of_a_batch_are_those_of_one_at_a_time(requests):
    reader = load_reader()
    for request, found in zip(requests, reader.read_many(requests), strict=True):
        passages = [Passage(span, (), ()) for span in request.spans]
        assert same(found, reader.read(request.question, passages, longest=request.longest, top=request.top))


def test_many_threads_get_the_readings_of_their_own_questions(requests):
    reader = load_reader()
    shared = BatchingReader(reader)
    assert shared.calibration is reader.calibration

    def read(request):
        passages = [Passage(span, (), ()) for span in request.spans]
        return shared.read(request.question, passages, longest=request.longest, top=request.top)

    with ThreadPoolExecutor(len(requests)) as threads:
        for found, expected in zip(threads.map(read, requests), reader.read_many(requests), strict=True):
            assert same(found, expected)


def test_who_gets_readings_may_change_the_list():
    class Fixed:
        calibration = None

        def read_many(self, requests):
            return [["reading"] for _ in requests]

    reader = BatchingReader(Fixed())
    reader.read("?", [], longest=1, top=1).clear()
    assert reader.read("?", [], longest=1, top=1) == ["reading"]


def test_windows_share_a_pass_when_padding_them_costs_less_than_a_pass():
    assert batches([380, 20, 384, 384, 25], most=16) == [[2, 3, 0], [4, 1]]
    assert batches([100] * 5, most=2) == [[0, 1], [2, 3], [4]]
    assert batches([300, 200, 150], most=9) == [[0, 1], [2]]
    assert batches([], most=4) == []
    assert batches([384] * 8, most=16) == [[0, 1, 2, 3, 4, 5], [6, 7]]
    assert batches([2_500, 2_500], most=16) == [[0], [1]]


def test_questions_of_many_threads_are_encoded_as_they_are_alone():
    encoder = load_encoder()
    shared = BatchingEncoder(encoder)
    texts = [f"Who was the {number}th to speak?" for number in range(12)]
    with ThreadPoolExecutor(len(texts)) as threads:
        queries = list(threads.map(lambda text: shared.encode_query([text])[0], texts))
        documents = list(threads.map(lambda text: shared.encode_document([text, "And why?"]), texts))
    assert np.array(queries) == pytest.approx(np.array(encoder.encode_query(texts)), abs=1e-5)
    for text, rows in zip(texts, documents, strict=True):
        assert rows == pytest.approx(np.array(encoder.encode_document([text, "And why?"])), abs=1e-5)


def test_a_reader_of_one_question_at_a_time_is_left_as_it_is():
    encoder, reader = WordEncoder("mill"), PatternReader("1821")
    index = ArticleIndex.from_article(Article("The mill was built in 1821."), encoder=encoder)
    many, shared = batching(Answerer(index, reader=reader), encoder)
    assert many.reader is reader
    assert many.answer("When?").text == "1821"
    assert np.array_equal(shared.encode_query(["a mill"]), encoder.encode_query(["a mill"]))
