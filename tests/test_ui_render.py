import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from index.text import Article, Span
from qa.answer import Answer
from ui import render

DATA = {"data-mark", "data-article", "data-text"}
HOSTILE = {
    "script": "<script>window.stolen = 1</script>",
    "handler": "<img src=x onerror='window.stolen = 1'>",
    "end of mark": "</mark></span></p></div>",
    "attribute": "\" onmouseover=\"window.stolen = 1' onclick='1",
    "comment": "<!-- a comment --> <![CDATA[ x ]]>",
    "entities": "AT&T &amp; &lt;b&gt; &#65; &nbsp &notit;",
    "markdown": "# no heading\n\n* no list\n1986. no number\n**bold** _em_ `code` [a](http://b) ![i](b) |a|",
    "latex": r"$$x^2$$ $y$ \(z\) \[w\] \textbf{v}",
    "templates": "${window.stolen = 1} {{value}} {% if %} <%= 1 %>",
    "right to left": "pay \u202e001$ ot\u202c \u2067evil\u2069 \u200fמה\u200e",
    "white space": "  two   spaces\t\ttabs\n    indented\r\nCRLF\rCR\u00a0nbsp\u2028line\u2029para\x0bVT\x0cFF\x85NEL",
    "controls": "bell \x07 escape \x1b[31mred\x1b[0m \x9b31m delete \x7f",
    "astral": "🙂 𝔘𝔫𝔦 e\u0301 👩‍👩‍👧‍👦",
}
texts = st.lists(
    st.one_of(
        st.sampled_from(sorted(HOSTILE.values())),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12),
        st.sampled_from(["\n", "\n\n", "\r\n\r\n", "  ", "Yes. ", "<", "&"]),
    ),
    max_size=8,
).map("".join)


class Page(HTMLParser):
    """What a browser makes of HTML: its text, the text in marks, and its elements with their attributes."""

    def __init__(self, source):
        super().__init__()
        self.text, self.marks, self.elements, self.open = "", [], [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.open.append(tag)
        if tag == "mark":
            self.marks.append((len(self.text), ""))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, "elements are nested"

    def handle_data(self, data):
        self.text += data
        if "mark" in self.open:
            self.marks[-1] = (self.marks[-1][0], self.marks[-1][1] + data)

    @property
    def tags(self):
        return {tag for tag, _ in self.elements}


def cut(article, cuts):
    """Spans between pairs of positions, in order: sentences of any kind."""
    bounds = sorted({min(position, len(article.text)) for position in cuts})
    return [Span(article, start, end) for start, end in zip(bounds[::2], bounds[1::2], strict=False)]


def said(article, text, *, start=0, **others):
    """The answer `text`, where it first stands from `start` on, in a sentence that is the whole article."""
    begin = article.text.index(text, start)
    return Answer("?", article, article.span(begin, begin + len(text)), article.span(), 0.9, **others)


def listed(text, *items):
    """The list `text` in an article with markup around it, cut into its items."""
    article = Article(f"<b>Two</b> 🙂 of them, {text}, left. Nobody stayed.")
    start = article.text.index(text)
    parts = tuple(article.span(at, at + len(item)) for item in items for at in [article.text.index(item, start)])
    span, sentence = article.span(start, start + len(text)), article.span(0, article.text.index("left.") + 5)
    return Answer("Which two left?", article, span, sentence, 0.9, kind="list", items=parts)


def settled(verdict):
    article = Article("The mill <burned>. It was not sold.")
    sentence = article.span(19, 35)
    return Answer("Was it sold?", article, sentence, sentence, 0.8, kind="yes or no", verdict=verdict)


def test_the_items_of_a_list_are_links_to_their_places_and_the_whole_is_marked():
    answer = listed("Ann <i> and Bob & Co", "Ann <i>", "Bob & Co")
    page = Page(render.card_html(answer))
    assert [words for _, words in page.marks] == ["Ann <i> and Bob & Co"]
    links = [attributes for tag, attributes in page.elements if tag == "a"]
    places = [[int(number) for number in link["data-mark"].split()] for link in links]
    utf16 = answer.article.text.encode("utf-16-le")
    texts = [utf16[2 * start : 2 * end].decode("utf-16-le") for start, end in places]
    assert texts == ["Ann <i>", "Bob & Co", "Ann <i> and Bob & Co"]
    assert "ol" in page.tags


def test_a_list_is_a_line_for_each_item_in_a_terminal_and_in_markdown():
    answer = listed("Ann and Bob", "Ann", "Bob")
    assert render.plain(answer).startswith("- Ann\n- Bob\n  “<b>Two</b> 🙂 of them, Ann and Bob, left.”\n")
    document = MarkdownIt().parse(render.markdown(answer))
    assert [token.content for token in document if token.type == "inline"][:2] == ["**Ann**", "**Bob**"]
    assert "bullet_list_open" in [token.type for token in document]


@pytest.mark.parametrize(("word", "shown"), [("yes", "Yes, by this sentence:"), ("no", "No, by this sentence:")])
def test_yes_and_no_stand_before_the_sentence_that_settles_it(word, shown):
    answer = settled(word)
    assert shown in Page(render.card_html(answer)).text
    assert render.plain(answer) == f"{shown}\nIt was not sold.\n  High confidence, 80%, characters 19 to 35"
    assert render.markdown(answer) == (
        f"**{shown.replace(',', chr(92) + ',').replace(':', chr(92) + ':')}**\n\n> It was not sold\\.\n\n"
        "High confidence, 80%\n"
    )


def test_without_the_word_the_sentence_speaks_alone():
    answer = settled(None)
    assert "by this sentence" not in render.card_html(answer) + render.plain(answer) + render.markdown(answer)
    assert render.markdown(answer).startswith("> It was not sold")


@given(texts, st.lists(st.integers(0, 200), max_size=12))
def test_the_text_of_a_rendered_article_is_the_article(text, cuts):
    article = Article(text)
    assert Page(render.article_html(article, cut(article, cuts))).text == text


def test_the_second_of_two_equal_strings_is_the_one_marked():
    article = Article("Paris is a city. Paris is a prince. Paris sleeps.")
    second = article.text.index("Paris", 1)
    assert Page(render.card_html(said(article, "Paris", start=1))).marks == [(second, "Paris")]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_text_in_the_article_and_in_the_card(text):
    article = Article(f"It reads {text} here.", title=text, source=text)
    answer = said(article, text, alternatives=(said(article, "here"),))
    silence = Answer(text, article, None, None, 0.5, nearest=(article.span(),))
    view = Page(render.view_html(article, [article.span()]))
    assert view.tags <= {"article", "h2", "p", "bdi", "div", "span", "a"}
    assert view.text.count(text) == 3  # the title, the source, the text
    card = Page(render.card_html(answer))
    assert card.tags <= {"div", "blockquote", "mark", "p", "span", "a", "button", "details", "summary", "ul", "li", "q"}
    assert [words for _, words in card.marks] == [text]
    assert text in Page(render.card_html(silence)).text
    for _, attributes in [*view.elements, *card.elements]:
        assert set(attributes) <= {"class", "id", "dir", "href", "tabindex", "type", "aria-label"} | DATA


@given(texts)
def test_a_message_shows_its_text_and_holds_no_element(text):
    shown = render.message_html(text)
    assert html.unescape(shown) == text
    assert "<" not in shown


@pytest.mark.parametrize("text", ["It's 3 > 2.", "Pete Hegseth", "“AT & T”"])
def test_a_harmless_message_is_left_as_it_is_for_screen_readers(text):
    assert render.message_html(text) == text


def test_what_no_page_can_hold_is_replaced_one_for_one():
    article = Article("a\x00b\ud800c\udfffd <")
    source = render.article_html(article, [article.span()])
    source.encode("utf-8")
    page = Page(source)
    assert page.text == "a\ufffdb\ufffdc\ufffdd <"
    assert render.message_html("a\x00") == "a\ufffd"


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("One.\nTwo.", ["One.", "Two."]),
        ("One.\n\nTwo.\nThree.", ["One.", "Two.\nThree."]),
        ("One.\r\n\r\n  Two.", ["One.", "  Two."]),
        ("\n One.\n\n\n", ["", " One.", ""]),
        ("One. Two.", ["One. Two."]),
    ],
    ids=["newlines alone", "blank line", "CRLF and indent", "at the ends", "none"],
)
def test_newlines_between_sentences_make_paragraphs_and_stay_in_the_text(text, paragraphs):
    article = Article(text)
    sentences = [article.span(text.index(word), text.index(word) + len(word)) for word in text.split()]
    source = render.article_html(article, sentences)
    displayed = re.sub('<span class="gap">.*?</span>', "", source, flags=re.DOTALL)
    shown = [Page(paragraph.removesuffix("</p>")).text for paragraph in displayed.split('<p dir="auto">')[1:]]
    assert shown == paragraphs
    assert Page(source).text == text


def test_sentences_are_named_by_their_first_character_and_links_lead_to_them():
    article = Article("One is here. Two is there.")
    one, two = article.span(0, 12), article.span(13, 26)
    ids = {
        attributes["id"]
        for tag, attributes in Page(render.article_html(article, [one, two])).elements
        if "id" in attributes
    }
    silence = Answer("?", article, None, None, 0.5, nearest=(two, one))
    answer = Answer("?", article, two.sub(0, 3), two, 0.9, (Answer("?", article, one.sub(0, 3), one, 0.2),))
    for found, expected in ((silence, ["#s13", "#s0"]), (answer, ["#s13", "#s0"])):
        hrefs = [attributes["href"] for tag, attributes in Page(render.card_html(found)).elements if tag == "a"]
        assert hrefs == expected
        assert {href[1:] for href in hrefs} <= ids


@given(texts, st.data())
def test_links_count_as_javascript_counts(text, data):
    article = Article(text + "answer")
    start = data.draw(st.integers(0, len(text)))
    span = article.span(start, data.draw(st.integers(start + 1, len(article.text))))
    [link] = [
        attributes
        for tag, attributes in Page(render.card_html(Answer("?", article, span, article.span(), 0.9))).elements
        if tag == "a"
    ]
    units = article.text.encode("utf-16-le")
    first, end = map(int, link["data-mark"].split())
    assert units[2 * first : 2 * end].decode("utf-16-le") == span.text


def test_a_silent_card_offers_the_nearest_sentences_and_marks_nothing():
    article = Article("One is here. Two is there.")
    page = Page(render.card_html(Answer("?", article, None, None, 0.82, nearest=(article.span(0, 12),))))
    assert "One is here." in page.text
    assert "High confidence, 82%" in page.text
    assert page.marks == []


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (1.0, "High confidence, 99%"),
        (0.75, "High confidence, 75%"),
        (0.74, "Medium confidence, 74%"),
        (0.45, "Medium confidence, 45%"),
        (0.449, "Low confidence, 45%"),
        (0.0, "Low confidence, 1%"),
    ],
)
def test_confidence_is_said_in_words_and_per_cent_and_never_certain(probability, words):
    assert render.confidence(Answer("?", Article("a"), None, None, probability)) == words


def test_a_long_sentence_is_quoted_around_the_answer_in_whole_words():
    article = Article("before " * 200 + "THE ANSWER" + " after" * 200)
    before, words, after = render.quotation(said(article, "THE ANSWER"))
    assert words == "THE ANSWER"
    assert before.startswith("…before ")
    assert after.endswith(" after…")
    assert len(before) <= render.BESIDE + 1
    assert len(after) <= render.BESIDE + 1
    assert before[1:] + words + after[:-1] in article.text


def test_a_short_sentence_is_quoted_whole():
    article = Article("Koizumi met Pete Hegseth in Washington.")
    assert "".join(render.quotation(said(article, "Pete Hegseth"))) == article.text


def test_an_answer_of_a_megabyte_makes_a_small_card():
    article = Article("x" * 1_000_000)
    assert len(render.card_html(said(article, article.text))) < 10_000


@given(texts)
def test_no_character_of_the_article_acts_as_markdown(text):
    article = Article(f"So {text} it is.")
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(render.markdown(said(article, article.text)))
    blocks = [token.type for token in tokens if token.nesting == 1]
    assert blocks == ["paragraph_open", "blockquote_open", "paragraph_open", "paragraph_open"]
    inline = [token for token in tokens if token.type == "inline"]
    assert {child.type for token in inline for child in token.children} <= {"text", "strong_open", "strong_close"}
    words = ["".join(child.content for child in token.children) for token in inline]
    assert words[0] == words[1]
    assert words[0].startswith("So ")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_how_a_question_was_read_is_shown_as_it_is_written(text):
    article = Article("Koizumi met Pete Hegseth.")
    for answer in (said(article, "Pete"), Answer("?", article, None, None, 0.5)):
        assert "Read as" not in render.card_html(answer) + render.plain(answer) + render.markdown(answer)
        read = replace(answer, read_as=f"Who met {text}?")
        page = Page(render.card_html(read))
        assert f"Read as: “Who met {text}?” Ask it as typed" in page.text
        assert page.tags <= {"div", "blockquote", "mark", "p", "span", "a", "button"}
        first, second, *_ = render.plain(read).split("\n")
        assert (first, second[:20]) == (answer.text or render.silence(), "  Read as: “Who met ")
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]", second)
        tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(render.markdown(read))
        assert {child.type for child in tokens[1].children} == {"text"}


def test_markdown_gives_the_answer_and_its_sentence():
    article = Article("Koizumi met Pete Hegseth.")
    expected = "**Pete Hegseth**\n\n> Koizumi met Pete Hegseth\\.\n\nHigh confidence, 90%\n"
    assert render.markdown(said(article, "Pete Hegseth")) == expected


@given(texts)
def test_a_terminal_is_told_nothing_to_obey(text):
    article = Article(f"It says {text} here.")
    lines = render.plain(said(article, article.text)).split("\n")
    assert len(lines) == 3
    assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]", "".join(lines))


def test_plain_text_gives_the_answer_its_sentence_and_its_place():
    article = Article("Koizumi met\nPete Hegseth.")
    assert render.plain(said(article, "Pete Hegseth")) == (
        "Pete Hegseth\n  “Koizumi met Pete Hegseth.”\n  High confidence, 90%, characters 12 to 24"
    )
    silence = Answer("?", article, None, None, 0.6, nearest=(article.span(),))
    assert render.plain(silence, of_many=True).startswith("None of the articles says.\n  Nearest: Koizumi")
    assert render.plain(silence) == (
        "The article does not say.\n  Nearest: Koizumi met Pete Hegseth.\n  Medium confidence, 60%"
    )


def test_a_citation_holds_the_answer_its_sentence_and_its_place_word_for_word():
    article = Article("Oslo is old. The Bay of\nFundy is <deep>.", title="Tides & bays", source="https://a.example/b")
    answer = Answer("?", article, article.span(17, 29), article.span(13, 40), 0.9)
    cited = "Bay of\nFundy\n\n“The Bay of\nFundy is <deep>.”\nTides & bays, https://a.example/b, characters 17 to 29\n"
    assert render.citation(answer) == cited
    texts = [
        attributes["data-text"]
        for _, attributes in Page(render.card_html(answer)).elements
        if "data-text" in attributes
    ]
    assert texts == ["Bay of\nFundy", cited]
    assert render.citation(Answer("?", article, None, None, 0.9)) == ""


def test_of_many_articles_each_place_is_told_with_its_title():
    rome, oslo = Article("Rome is <old>.", title="On <Rome>"), Article("Oslo is new.", source="oslo.txt")
    other = Answer("?", oslo, oslo.span(0, 4), oslo.span(), 0.5)
    answer = Answer("?", rome, rome.span(0, 4), rome.span(), 0.9, alternatives=(other,))
    card = render.card_html(answer, of_many=True)
    assert Page(card).text.index("On <Rome>") < Page(card).text.index("oslo.txt")
    linked = [attributes["data-article"] for tag, attributes in Page(card).elements if tag == "a"]
    assert linked == [render.reference(rome), render.reference(oslo)]
    assert "On <Rome>" not in Page(render.card_html(answer)).text
