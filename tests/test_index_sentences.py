"""What `split` promises for any text, and the boundaries it must get right."""

from __future__ import annotations

import textwrap
import time
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.sentences import LONGEST, split
from index.text import Article

ARTICLE = Path(__file__).parents[1] / "index" / "articles" / "article.txt"

GOLDEN = """\
Japan's Defense Minister Shinjiro Koizumi visited the United States to bolster the Japan-U.S. alliance against China's military coercion, meeting U.S. Defense Secretary Pete Hegseth.
The two demonstrated alliance strength through a joint workout and agreed to expand joint exercises and defense industry cooperation.
On January 17, 2026, in Washington, Japan's Defense Minister Shinjiro Koizumi met with U.S. Defense Secretary Pete Hegseth to reaffirm the strengthening of the Japan-U.S. security alliance.
Koizumi pushed for the visit amid concerns over China's escalating military coercion, following incidents like a Chinese aircraft carrier's radar lock on Japanese Self-Defense Forces planes on December 6 and a joint China-Russia bomber flight toward Tokyo on December 9.
The two agreed via phone call shortly after to hold an early face-to-face meeting.
The day before, on January 16 in Virginia, they worked out intensely with U.S. Army's historic Old Guard unit to symbolize alliance vigor.
Hegseth remarked, “We got up and showed the actual physical strength of the U.S.-Japanese alliance,” calling it a great demonstration.
Koizumi, who suffered mild dehydration, replied, “First, Japan must exert every effort.
Then the United States will support us.
I feel as though I have embodied the very essence of the Japan-U.S. alliance,” earning a thumbs-up from Hegseth.
In the talks, Koizumi reaffirmed Japan's commitment to bolstering defense capabilities and increasing spending, while expressing support for the Trump administration's 'peace through strength' policy.
Hegseth welcomed these efforts.
Joint Japan-U.S. exercises in fiscal 2024 had doubled to 51 from a decade earlier, and they committed to further cooperation in training, command-and-control improvements—including operational authority for U.S. Forces Japan—and joint defense equipment production and maintenance.
Prior to the meeting, Koizumi adapted the 'Make America Great Again' slogan in a Hawaii speech, saying, “Make the Alliance Great Always,” positioning the alliance as the foundation for Indo-Pacific stability.
These steps highlight efforts to counter potential Chinese provocations that could strain Tokyo-Washington ties under a more conciliatory U.S. stance toward Beijing.
""".splitlines()  # noqa: E501

# A text with " | " where a sentence must end in the middle of a line; the mark is taken out before splitting.
CASES = {
    "decimals": "It costs 3.14. | That is 2.5 million more than v1.2.3 did. | Yes.",
    "titles": "Ms. Smith met Dr. Jones and Lt. Col. Brown Jr. in St. Louis. | Sen. Lee (R-Utah) did not.",
    "initials": "John F. Kennedy and J.R.R. Tolkien read Albert I. Jones. | He left.",
    "country": "The Japan-U.S. alliance and the U.S. Army stay. | He left the U.S. | The U.S. Senate met.",
    "hyphens": "Trinity-St. Paul's Church and the Sino-U.S. Treaty are old. | It was plan-B. | Then he left.",
    "hours": "They met at 5 p.m. Eastern Time. | They left at 6 p.m. | The rest stayed.",
    "numbers": "Figs. 3 and 4 in vol. 5 show approx. 7 kg, e.g. No. 5. | Then nothing.",
    "curly quotation": "He asked, “Why?” and left. | “I know,” she said. | “It is so.” | The end.",
    "straight quotation": "\"I won't.\" | She left. | 'Fine.' | He said 'no.' | Then he sat.",
    "several sentences quoted": "“One is here. | Two is there.” | Three left.",
    "who said it": "“Why now?” Koizumi asked. | “Go!” he said. | “Why?” | The minister was silent.",
    "title with a stop": "The film “Help!” was good. | Is this “the end?” | No.",
    "quotations of Europe": "« Bonjour. » | Il partit. | „Guten Tag.“ | Er ging. | »Hallo.« | Sie kam.",
    "brackets": "(This is one.) | That is two. | He came (finally!) and left (at 5 p.m.) again.",
    "references": "See [1]. | He left.[12] | She stayed.[a][3] | “Go.”[4] | Then he left.",
    "numbered list": "1. First thing. | 2. Second thing. | 3. Third thing.",
    "lettered list": "a) One is here. | b) Two is there.",
    "bullets": "• One | • Two | • Three",
    "item alone": "1. Only item",
    "numbers at the end": "He was born in 1999. | It was cold. | He scored 2. | They won.",
    "ellipses": "Wait... | What? | He said… nothing. | Ok… | Then he left.",
    "loud": "Lest you be late!!! | I came. | Do you?! | No.",
    "addresses": "See https://example.com/a.b?c=d. | Then www.example.com is up. | Mail me@example.org. | Bye.",
    "inside a word": "Newsfeeds.Com and Node.js and story.asp?Id=5 are names.",
    "lost blank": "I had no complaints about the school.|This was good.",
    "smileys": "Great! :) | Then we ate. | Nice! 😀 | We left. | Ok!! 👍🏽 | Yes.",
    "headline and date": "Founder interviewed by Wikinews | Saturday, January 31, 2009",
    "date in a sentence": "The vote was held on Thursday, May 7, 2015",
    "no final stop": "It ended. | Nobody said why",
    "no break blank": "He left\u00a0now.\u00a0| Yes.",
    "right-to-left mark": "He left.\u200f | She stayed.",
    "only stops": "...",
    "chinese": "我很好。|你呢？|“他走了！”|再见",
    "arabic": "هل أنت بخير؟ | نعم. | حسنا",
    "hindi": "मैं ठीक हूँ। | तुम कैसे हो?",
    "surrogate": "He left\ud800. | She stayed \udfff.",
}

FRAGMENTS = [
    *["A", "b", "é", "e\u0301", "x.", "U.S.", "Dr.", "1.", "3.14", "a)", "said", "Then", "https://a.b?c", ":)", "[1]"],
    *[".", "!", "?", "…", "...", "。", "？", ",", ":", "-", "—", "•", "*", "_"],
    *['"', "'", "“", "”", "‘", "’", "«", "»", "(", ")", "[", "]", "「", "」"],
    *[" ", "  ", "\t", "\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\u00a0", "\u3000"],
    *["\x00", "\ud800", "\udfff", "\u0301", "\u0e33", "\ufe0f", "\u200b", "\u200d", "\u200f", "\ufeff"],
    *["😀", "👍🏽", "👩\u200d👩\u200d👧", "🇯🇵", "𝔘", "ch.", "Monday, June 1, 2026"],
]
CHARACTERS = st.characters(exclude_categories=())  # lone surrogates too
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | CHARACTERS, max_size=40).map("".join)


def texts(text: str) -> list[str]:
    return [span.text for span in split(Article(text))]


def test_the_bundled_article_has_the_sentences_that_a_person_reads_in_it():
    assert texts(ARTICLE.read_text(encoding="utf-8")) == GOLDEN


@pytest.mark.parametrize("marked", CASES.values(), ids=CASES.keys())
def test_sentences_end_where_they_should(marked):
    text = marked.replace(" | ", " ").replace("| ", "").replace("|", "")
    assert texts(text) == [piece.strip() for piece in marked.split("|")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\n\n \n"])
def test_a_line_break_of_any_kind_ends_a_sentence(end):
    assert texts(f"Koizumi Meets{end}hegseth in{end}- Washington") == ["Koizumi Meets", "hegseth in", "- Washington"]


@pytest.mark.parametrize("text", ["", " ", "\n", "\r\n\t\u2028\u00a0 \x1f"])
def test_a_blank_text_has_no_sentences(text):
    assert split(Article(text)) == ()


@given(TEXTS)
@settings(max_examples=500, deadline=None)
def test_every_character_that_is_not_blank_is_in_exactly_one_sentence(text):
    spans = split(Article(text))
    assert all(before.end <= after.start for before, after in pairwise(spans))
    inside = {place for span in spans for place in range(span.start, span.end)}
    assert all(place in inside for place, character in enumerate(text) if not character.isspace())


@given(TEXTS)
@settings(max_examples=500, deadline=None)
def test_no_sentence_begins_or_ends_in_white_space_or_spans_lines(text):
    for sentence in texts(text):
        assert sentence
        assert sentence == sentence.strip()
        assert len(sentence.splitlines()) == 1


@given(TEXTS)
@settings(max_examples=500, deadline=None)
def test_no_sentence_begins_with_what_belongs_to_the_character_before(text):
    line_starts = {0}
    for line in text.splitlines(keepends=True):
        line_starts.add(max(line_starts) + len(line))
    for span in split(Article(text)):
        start = span.start
        while start not in line_starts and text[start - 1].isspace():
            start -= 1
        if start not in line_starts:  # at the beginning of a line, a mark has no character before it
            assert not unicodedata.category(span.text[0]).startswith("M")
            assert span.text[0] not in "\u200d\u0e33"
            assert text[span.start - 1] != "\u200d"


@given(
    st.lists(st.sampled_from(["word", "a, b;", "e\u0301" * 9, "👩\u200d👩\u200d👧", "\u00a0", " ", "日本"]), min_size=1)
)
@settings(max_examples=100, deadline=None)
def test_a_text_without_stops_is_cut_into_pieces_that_can_be_read(parts):
    text = "".join(parts) * 300
    sentences = texts(text)
    assert max(map(len, sentences), default=0) <= LONGEST
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert not any(unicodedata.combining(sentence[0]) or sentence[0] == "\u200d" for sentence in sentences)


def test_a_text_that_is_too_long_is_cut_behind_a_pause():
    clause = "and so it went on and on for a long while, "
    assert all(sentence.endswith("while,") for sentence in texts(clause * 100))


def test_a_text_little_longer_than_the_longest_sentence_is_cut_near_its_middle():
    assert min(map(len, texts("word " * (LONGEST // 5 + 1)))) > LONGEST // 3


def test_blocks_leave_no_trace_in_a_long_line():
    line = " ".join(GOLDEN)
    assert texts(" ".join([line] * 30)) == GOLDEN * 30


@pytest.mark.parametrize(
    "text",
    [
        "word " * 1_000_000,
        "a" * 5_000_000,
        "." * 5_000_000,
        "It is so. " * 100_000,
        "“Go. " * 100_000,
        "我很好。" * 100_000,
        "!)" * 1_000_000,
        "a" + " " * 5_000_000 + "\u0301",
        "a" + "\u0301" * 1_000_000,
        "\n" * 5_000_000,
    ],
    ids=["words", "letters", "stops", "sentences", "quotes", "chinese", "closing", "blanks", "marks", "lines"],
)
def test_a_hostile_text_takes_seconds(text):
    began = time.process_time()
    assert all(span.end - span.start <= LONGEST for span in split(Article(text)))
    assert time.process_time() - began < 20  # a second or two; a quadratic step takes minutes


WRAPPED = [
    "The old mill at Holbeck was built in 1821 by John Marshall, a linen merchant who had made his fortune in flax.",
    "It stood empty for thirty years after the fire, and was bought in 1954 by Mr. Smith and the city council.",
    "A paragraph of two lines, which is wrapped at the same width as the others are.",
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("width", [60, 66, 72, 78])
def test_a_line_end_within_a_wrapped_paragraph_ends_no_sentence(width, end):
    paragraphs = [" ".join(WRAPPED[:2]), WRAPPED[2]]
    text = f"{end}{end}".join(end.join(textwrap.wrap(each, width)) for each in paragraphs)
    assert [" ".join(sentence.text.split()) for sentence in split(Article(text))] == WRAPPED


TABLE = [("Holbeck", 1821, "flax"), ("leeds, north", 1830, "wool"), ("york", 1840, "flax and hemp")]


@pytest.mark.parametrize(
    "text",
    [
        "Roses are red\nviolets are blue\nsugar is sweet\nand so are you",
        "The construction of a new bridge over the river Aire at Leeds\nthe repair of the old mill\n",
        "- a long item of a list that is as long as a line of text\n- another item, which is as long as that\n- an end",
        "A headline of sixty letters on the mill at Holbeck near Leeds\nBy Ann Lee and others at the newspaper\nLeeds",
        "\n".join(f"{name:14}  {year:6}  {trade:40}  stands" for name, year, trade in TABLE),
        f"A page that is written without any wrapping at all,{' and so on' * 8}\nand another line\nand a third",
    ],
    ids=["verse", "two items", "a list", "a headline", "a table", "paragraphs"],
)
def test_a_line_end_that_was_meant_ends_a_sentence(text):
    assert [sentence.text for sentence in split(Article(text))] == text.splitlines()
