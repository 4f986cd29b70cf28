"""The page on a library, and with several articles of a visitor's own, in a browser."""

import re

import pytest
from doubles import PatternReader, WordEncoder
from pages import article_text, ask, choose, marked, read_text, words
from playwright.sync_api import expect

from index.library import Library
from index.text import Article
from qa.answer import Calibration, Reading
from qa.answerer import Answerer

HOSTILE = "<b onclick='window.stolen=1'>Lima</b> \"&amp; ${window.stolen=1}"
ROME = "Hay is dry. " * 300 + "Rome stands here. " + "Hay is dry. " * 50


class LastWordReader(PatternReader):
    """Finds the last word of the question with a score of 10, and every other Oslo with 5, against a null of 0.

    So far apart that what retrieval holds likely changes neither.
    """

    calibration = Calibration(margin=1.0)

    def __init__(self):
        super().__init__("Oslo")

    def read(self, question, passages, *, longest, top):
        named = PatternReader(re.escape(re.findall(r"\w+", question)[-1]))
        found = named.read(question, passages, longest=longest, top=top)
        others = super().read(question, passages, longest=longest, top=top)
        found = [Reading(each.span, score=10.0, null=0.0) for each in found]
        return [*found, *(Reading(other.span, score=5.0, null=0.0) for other in others)]


@pytest.fixture(scope="module")
def towns(serving, tmp_path_factory):
    """A page on a library of three articles, of one of them the title is hostile."""
    encoder = WordEncoder("rome", "oslo", "lima", "hay")
    with Library.open(tmp_path_factory.mktemp("kept") / "towns", encoder=encoder, create=True) as library:
        for title, text in (("On Rome", ROME), ("On Oslo", "Oslo is in Norway."), (HOSTILE, "Lima is far.")):
            library.add(Article(text, title=title))
        reader = LastWordReader()
        server = serving.serve(
            Answerer(library, reader=reader),
            encoder=encoder,
            suggest=lambda answerer: [f"Where is {answerer.index.article.text.split()[0]}?"],
        )
        yield server
        server.close()


def heading(page):
    return page.locator("#view h2")


def test_an_answer_from_a_library_opens_its_article_and_others_lead_to_theirs(towns, visit):
    page = visit(towns.url)
    expect(heading(page)).to_have_text("towns")
    expect(page.locator("#view .contents li")).to_have_count(3)
    bubble = ask(page, "Where near Oslo is Rome?")
    expect(words(bubble)).to_have_text("Rome")
    expect(bubble.locator(".card > .from")).to_have_text("On Rome")
    expect(heading(page)).to_have_text("On Rome")
    expect(page.locator("#view mark")).to_be_in_viewport()
    assert article_text(page) == ROME
    assert marked(page) == [[ROME.index("Rome"), "Rome"]]
    bubble.get_by_text("Other passages").click()
    bubble.get_by_role("link", name="Oslo").click()
    expect(heading(page)).to_have_text("On Oslo")
    expect(page.locator("#view mark")).to_have_text("Oslo")
    bubble.get_by_role("link", name="Show in article").click()
    expect(heading(page)).to_have_text("On Rome")
    expect(page.locator("#view mark")).to_be_in_viewport()
    expect(page.locator("#view mark")).to_have_text("Rome")


def test_one_article_of_a_library_is_asked_alone_and_each_has_its_own_conversation(towns, visit):
    page = visit(towns.url)
    ask(page, "Where near Oslo is Rome?")
    expect(heading(page)).to_have_text("On Rome")
    page.get_by_role("button", name="Ask this article only").click()
    expect(page.locator("#picker option:checked")).to_have_text("On Rome")
    expect(page.locator("#chat .user-row")).to_have_count(0)
    choose(page, "On Oslo")
    expect(heading(page)).to_have_text("On Oslo")
    bubble = ask(page, "Where near Oslo is Rome?")
    expect(words(bubble)).to_have_text("Oslo")
    expect(bubble.locator(".from")).to_have_count(0)
    expect(page.locator("#view mark")).to_have_text("Oslo")
    choose(page, "All 3 articles")
    expect(words(page.locator("#chat .bot-row"))).to_have_text("Rome")
    expect(heading(page)).to_have_text("On Rome")
    expect(page.locator("#view mark")).to_have_text("Rome")


def test_a_library_is_read_by_the_keyboard_and_a_title_is_only_text(towns, visit):
    page = visit(towns.url)
    page.locator("#view .article").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text(HOSTILE)
    expect(page.locator("#picker option:checked")).to_have_text(HOSTILE)
    expect(words(ask(page, "What is far?"))).to_have_text("far")
    choose(page, "All 3 articles")
    bubble = ask(page, "Where is Lima?")
    expect(bubble.locator(".from")).to_have_text(HOSTILE)
    expect(heading(page)).to_have_text(HOSTILE)
    assert page.evaluate("window.stolen") is None


def test_articles_of_ones_own_stand_beside_those_of_the_library_and_are_chosen_again(towns, visit):
    page = visit(towns.url)
    read_text(page, "Kyoto is an old town.")
    expect(words(ask(page, "Which is Kyoto?"))).to_have_text("Kyoto")
    read_text(page, "Quito is a high town.")
    expect(words(ask(page, "Which is Quito?"))).to_have_text("Quito")
    choose(page, "Kyoto is an old town.…")
    expect(words(page.locator("#chat .bot-row"))).to_have_text("Kyoto")
    expect(page.locator("#view mark")).to_have_text("Kyoto")
    choose(page, "On Oslo")
    expect(words(ask(page, "Where is Oslo?"))).to_have_text("Oslo")
    assert page.locator("#picker optgroup").evaluate_all("groups => groups.map((group) => group.label)") == [
        "The library",
        "Your own",
    ]


def test_questions_to_ask_come_after_an_article_is_opened_and_below_silence(towns, visit):
    page = visit(towns.url)
    expect(page.locator("#chat .ask")).to_have_count(0)
    choose(page, "On Oslo")
    button = page.locator("#chat .invitation .ask")
    expect(button).to_have_text("Where is Oslo?")
    silent = ask(page, "What is silence?")
    expect(words(silent)).to_have_text("Oslo")
    choose(page, HOSTILE)
    expect(button).to_have_text("Where is Lima?")
    silent = ask(page, "Who lives there?")
    expect(words(silent)).to_have_text("The article does not say.")
    silent.get_by_role("button", name="Where is Lima?").click()
    expect(words(page.locator("#chat .bot-row").nth(1))).to_have_text("Lima")
    expect(page.locator("#chat .offers")).to_have_count(0)


def test_the_endpoint_of_a_page_on_a_library_tells_the_article_of_every_place(towns):
    from gradio_client import Client

    reply = Client(towns.url, verbose=False).predict("Where near Oslo is Rome?", api_name="/answer")
    assert (reply["text"], reply["article"]["title"]) == ("Rome", "On Rome")
    assert ROME[reply["start"] : reply["end"]] == "Rome"
    assert [(other["text"], other["article"]["title"]) for other in reply["alternatives"]] == [("Oslo", "On Oslo")]


def test_on_a_phone_a_link_leads_into_an_article_that_has_to_be_opened(towns, visit):
    page = visit(towns.url, width=360, height=700, is_mobile=True, has_touch=True)
    first = ask(page, "Where near Oslo is Rome?")
    first.get_by_text("Other passages").click()
    first.get_by_role("link", name="Oslo").click()
    expect(heading(page)).to_have_text("On Oslo")
    expect(page.locator("#view mark")).to_have_text("Oslo")
    expect(page.locator("#view mark")).to_be_in_viewport()


@pytest.mark.parametrize("width", [320, 360, 800, 1366, 1920])
def test_a_library_is_never_wider_than_the_screen(towns, visit, width):
    page = visit(towns.url, width=width, height=700)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    ask(page, "Where is Lima?")
    expect(heading(page)).to_have_text(HOSTILE)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
