"""The second look, with readers whose logits are written down."""

import math
from collections.abc import Sequence

import pytest

from index.search import Passage
from index.sentences import split
from index.text import Article
from qa.answer import Calibration, Options, Reading
from qa.reading import averaged, read, weighed

ARTICLE = Article("Koizumi met Pete Hegseth in Washington. Hegseth smiled. They left on January 17.")
SENTENCES = split(ARTICLE)
WHOLE = Passage(ARTICLE.span(), SENTENCES, (0.3, 0.0, 0.1))


class Written:
    """Gives the readings written for what it is shown first, second and so on, and keeps what it was shown."""

    calibration = Calibration(margin=1.0)

    def __init__(self, *written: Sequence[Reading]) -> None:
        self.written = written
        self.shown: list[str] = []

    def read(self, question: str, passages: Sequence[Passage], *, longest: int, top: int) -> list[Reading]:
        self.shown.append("|".join(passage.span.text for passage in passages))
        return list(self.written[len(self.shown) - 1])


def reading(text: str, margin: float, *, null: float = 0.0) -> Reading:
    start = ARTICLE.text.index(text)
    return Reading(ARTICLE.span(start, start + len(text)), null + margin, null)


def look(reader: Written, *, passages: Sequence[Passage] = (WHOLE,), again: int = 1) -> list[tuple[str, float, float]]:
    found = read("?", passages, reader=reader, options=Options(again=again))
    return [(each.span.text, each.score, each.null) for each in found]


def test_the_sentence_of_the_best_reading_is_read_again_with_the_one_before_and_both_looks_count_alike():
    reader = Written(
        [reading("January 17", 4.0, null=2.0), reading("Washington", 3.0)],
        [reading("smiled", 5.0, null=-2.0), reading("January 17", 1.0)],
    )
    # "smiled" was not proposed at first and counts there as "Washington" did; "Washington" then as "January 17".
    assert look(reader) == [("smiled", 3.0, -1.0), ("January 17", 3.5, 1.0), ("Washington", 2.0, 0.0)]
    assert reader.shown == [ARTICLE.text, "Hegseth smiled. They left on January 17."]


def test_as_many_sentences_are_read_again_as_asked_for_each_once():
    first = [reading("Washington", 4.0), reading("Hegseth in Washington", 3.5), reading("January", 3.0)]
    reader = Written(first, first)
    look(reader, again=2)
    assert reader.shown[1].split("|") == [SENTENCES[0].text, "Hegseth smiled. They left on January 17."]


@pytest.mark.parametrize(
    ("again", "passages", "first"),
    [
        (0, [WHOLE], [reading("smiled", 3.0)]),
        (1, [WHOLE], []),
        (1, [Passage(ARTICLE.span(0, SENTENCES[1].end), SENTENCES[:2], (0.3, 0.0))], [reading("smiled", 3.0)]),
    ],
    ids=["not wanted", "nothing found", "it would see no less"],
)
def test_there_is_no_second_look_where_it_can_tell_nothing(again, passages, first):
    reader = Written(first)
    assert look(reader, passages=passages, again=again) == [(each.span.text, each.score, each.null) for each in first]
    assert len(reader.shown) == 1


def test_a_second_look_that_finds_nothing_changes_nothing():
    first = [reading("January 17", 4.0), reading("Washington", 3.0)]
    assert averaged(first, []) == first


def test_of_several_passages_the_likelier_sentence_wins_where_the_reader_is_nearly_level():
    likely, unlikely = SENTENCES[0], SENTENCES[2]
    passages = [Passage(likely, (likely,), (0.6,)), Passage(unlikely, (unlikely,), (0.6 / math.e,))]
    level, ahead = reading("Washington", 4.0), reading("January 17", 4.4)
    found = weighed([ahead, level], passages)
    assert [each.span.text for each in found] == ["Washington", "January 17"]
    assert [each.merit for each in found] == pytest.approx([4.0, 3.4])
    assert [each.margin for each in found] == [4.0, 4.4]  # whether the text answers is not for retrieval to say
    assert weighed([ahead, level], [WHOLE]) == [ahead, level]  # one passage: nothing was chosen among


def test_what_runs_into_the_next_sentence_is_dropped_and_what_begins_a_quotation_and_lies_in_it_is_kept():
    text = "“We got up. We left,” he said. It rained. “Oh!\n\nNo.” “No,” he said. We left."
    article = Article(text)
    passage = Passage(article.span(), split(article), (0.0,) * len(split(article)))

    def kept(words: str) -> bool:
        start = text.index(words)
        found = [Reading(article.span(start, start + len(words)), 5.0, 0.0)]
        return bool(read("?", [passage], reader=Written(found), options=Options(again=0)))

    assert kept("“We got up. We left,”")
    assert kept("“We got up. We left")
    assert kept("It rained.")
    assert not kept("got up. We left")
    assert not kept("he said. It rained")
    assert not kept("“Oh!\n\nNo.”")
    assert not kept("“No,” he said. We left")
