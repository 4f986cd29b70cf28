"""What a visitor does while an article is being read or an answer looked for is not lost, and focus stays with them."""

import threading

import pytest
from conftest import CrashingReader
from pages import ask, choose, read_text, words
from playwright.sync_api import expect

from index.errors import ArticleError
from index.text import Article


@pytest.fixture
def slow(monkeypatch):
    """An event until which the article at a web address is being fetched; it is about Rome."""
    ready = threading.Event()

    def fetched(address):
        ready.wait(60)
        if address.endswith("none"):
            raise ArticleError("there is nothing")
        return Article("Rome is old.", title="On Rome")

    monkeypatch.setattr("ui.web.fetched", fetched)
    yield ready
    ready.set()


def test_what_is_asked_while_an_article_is_read_stays(small, visit, slow):
    page = visit(small.url)
    page.locator("#box textarea").fill("What is the capital?")
    begin(page, "https://rome.example")
    expect(page.get_by_text("Reading the article…")).to_be_visible()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(words(page.locator("#chat .bot-row"))).to_have_text("Paris")
    slow.set()
    expect(page.locator("#picker option[selected]")).to_have_text("On Rome")
    expect(page.locator("#chat .bot-row")).to_have_count(0)
    choose(page, "Decoy")
    expect(words(page.locator("#chat .bot-row"))).to_have_text("Paris")
    choose(page, "On Rome")
    expect(words(ask(page, "What is the capital?"))).to_have_text("Rome")


def test_a_question_sent_while_another_is_asked_as_typed_loses_no_turn(small, visit, monkeypatch):
    page = visit(small.url)
    ask(page, "What is the capital?")
    bubble = ask(page, "And of Italy?")
    ready, read = threading.Event(), CrashingReader.read

    def waiting(self, question, passages, **settings):
        ready.wait(60)
        return read(self, question, passages, **settings)

    monkeypatch.setattr(CrashingReader, "read", waiting)
    bubble.get_by_role("button", name="Ask it as typed").click()
    expect(page.locator("#chat .user-row")).to_have_count(3)
    page.locator("#box textarea").fill("Where is Paris?")
    page.locator("#box textarea").press("Enter")
    ready.set()
    expect(page.locator("#chat .bot-row .card")).to_have_count(3)
    expect(page.locator("#box textarea")).to_have_value("Where is Paris?")
    page.locator("#box textarea").press("Enter")
    expect(page.locator("#chat .bot-row .card")).to_have_count(4)
    asked = ["What is the capital?", "And of Italy?", "And of Italy?", "Where is Paris?"]
    expect(page.locator("#chat .user-row")).to_have_text(asked)


def test_an_address_that_is_refused_can_be_mended_where_it_stands(small, visit, slow):
    page = visit(small.url)
    ask(page, "What is the capital?")
    slow.set()
    begin(page, "https://rome.example/none")
    expect(page.get_by_role("alert").filter(has_text="There is nothing")).to_be_visible()
    expect(page.get_by_label("The web address of an article")).to_be_focused()
    expect(page.get_by_label("The web address of an article")).to_have_value("https://rome.example/none")
    expect(words(page.locator("#chat .bot-row"))).to_have_text("Paris")
    expect(page.locator("#box textarea")).to_be_enabled()


def begin(page, address):
    page.get_by_role("button", name="Ask about an article of your own").click()
    page.get_by_role("tab", name="Web address").click()
    page.get_by_label("The web address of an article").fill(address)
    page.get_by_label("The web address of an article").press("Enter")


def test_the_picker_is_gone_through_by_its_arrow_keys(small, visit):
    page = visit(small.url)
    for text in ("Rome is old.", "Paris is old."):
        read_text(page, text)
    picker = page.get_by_role("combobox", name="Ask")
    picker.focus()
    for name in ("Rome is old.…", "Decoy"):
        picker.press("ArrowUp")
        expect(page.locator("#picker option[selected]")).to_have_text(name)
        expect(page.get_by_role("combobox", name="Ask")).to_be_focused()


def test_who_goes_to_the_article_while_an_answer_is_looked_for_stays_there(small, visit):
    page = visit(small.url)
    page.locator("#box textarea").fill("What is the capital?")
    page.evaluate(
        "document.querySelector('#box .submit-button').click(), document.querySelector('#view .article').focus()"
    )
    expect(words(page.locator("#chat .bot-row"))).to_have_text("Paris")
    page.wait_for_timeout(300)
    expect(page.locator("#view .article")).to_be_focused()


def test_a_thumb_stays_with_its_answer(small, visit):
    page = visit(small.url)
    ask(page, "What is the capital?")
    read_text(page, "Rome is old.")
    ask(page, "What is the capital?")
    page.get_by_role("button", name="Like", exact=True).click()
    expect(page.get_by_role("button", name="Liked", exact=True)).to_be_visible()
    choose(page, "Decoy")
    expect(words(page.locator("#chat .bot-row"))).to_have_text("Paris")
    expect(page.get_by_role("button", name="Like", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Liked", exact=True)).to_have_count(0)
