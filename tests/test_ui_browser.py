import gc
import html
import io
import json
import re
import zipfile
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fpdf import FPDF
from markdown_it import MarkdownIt
from pages import article_text, ask, choose, marked, read_text, words
from playwright.sync_api import expect

from index.text import Article
from qa.answerer import bundled_article

PHONES = [320, 360, 390]
HOSTILE = (
    "<b onclick='window.stolen=1'></mark><script>window.stolen=1</script> "
    "**b** $$x^2$$ ${window.stolen=1} {{value}} &amp; \u202eevil>"
)


def test_a_newcomer_clicks_an_example_reads_the_answer_and_sees_it_marked(real, visit):
    page = visit(real.url)
    expect(page.get_by_role("heading", name="Verbatim")).to_be_visible()
    expect(page.get_by_text("Ask an article. Get its own words back.")).to_be_visible()
    page.get_by_role("button", name="Who did Koizumi meet?").click()
    answer = words(page.locator("#chat .bot-row")).filter(has_not_text="Searching")
    mark = page.locator("#view mark")
    expect(mark).to_be_visible()
    expect(answer).to_have_text(mark.text_content())
    expect(mark).to_be_in_viewport()
    expect(page.locator("#chat blockquote mark")).to_have_text(mark.text_content())
    expect(page.locator("#chat .sure")).to_have_text(re.compile(r"^(High|Medium|Low) confidence, \d\d?%$"))
    expect(page.locator("#box textarea")).to_be_focused()
    expect(page.locator("#box textarea")).to_have_value("")
    assert article_text(page) == bundled_article().text
    [(start, said)] = marked(page)
    assert bundled_article().text[start : start + len(said)] == said


def test_an_article_of_ones_own_is_uploaded_asked_and_left_again(real, visit, tmp_path):
    file = tmp_path / "tides.md"
    file.write_text(
        "# Tides\n\nThe Bay of Fundy has the highest tides. Their range is 16.3 metres.\n", encoding="utf-8"
    )
    page, other = visit(real.url), visit(real.url)
    ask(page, "Who did Koizumi meet?")
    page.get_by_role("button", name="Ask about an article of your own").click()
    page.locator("#file input[type=file]").set_input_files(file)
    expect(page.locator("#view .about")).to_contain_text("tides.md", timeout=60_000)
    expect(page.locator("#chat .bot-row")).to_have_count(0)
    assert "highest tides" in article_text(page)
    bubble = ask(page, "Which bay has the highest tides?")
    expect(words(bubble)).to_contain_text("Fundy")
    expect(page.locator("#view mark")).to_contain_text("Fundy")
    assert article_text(other) == bundled_article().text  # another visitor has their own
    choose(page, bundled_article().title)
    expect(page.locator("#chat .user-row")).to_have_text(["Who did Koizumi meet?"])
    expect(page.locator("#view mark")).to_be_visible()
    assert article_text(page) == bundled_article().text
    choose(page, "Tides")
    expect(page.locator("#chat .user-row")).to_have_text(["Which bay has the highest tides?"])
    page.get_by_role("button", name="Clear the conversation").click()
    choose(page, bundled_article().title)
    page.get_by_role("button", name="Clear the conversation").click()
    expect(page.get_by_role("button", name="Who did Koizumi meet?")).to_be_visible()


def test_on_a_phone_the_way_back_to_the_question_stays_in_sight(real, visit):
    page = visit(real.url, width=390, height=700, is_mobile=True, has_touch=True)
    ask(page, "Who did Koizumi meet?")
    for _ in range(2):
        page.get_by_role("link", name="Show in article").click()
        expect(page.locator("#view mark")).to_be_in_viewport()
        expect(page.get_by_role("link", name="Back to the question")).to_be_in_viewport()
        page.get_by_role("link", name="Back to the question").click()
        expect(page.locator("#box textarea")).to_be_in_viewport()


@pytest.mark.parametrize("width", PHONES)
def test_on_a_phone_nothing_is_wider_than_the_screen_and_links_lead_there_and_back(small, visit, width):
    page = visit(small.url, width=width, height=700, is_mobile=True, has_touch=True)

    def overflow():
        return page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert overflow() <= 0
    ask(page, "What is the capital?")
    assert overflow() <= 0
    for name in ("Save as Markdown", "Save as JSON", "Clear the conversation"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    expect(page.locator("#chat .bot-row .card")).to_be_in_viewport()
    page.get_by_role("link", name="Show in article").click()
    expect(page.locator("#view mark")).to_be_in_viewport()
    assert overflow() <= 0
    expect(page.get_by_role("link", name="Back to the question")).to_be_in_viewport()
    page.get_by_role("link", name="Back to the question").click()
    expect(page.locator("#box textarea")).to_be_in_viewport()
    page.get_by_role("button", name="Ask about an article of your own").click()
    expect(page.get_by_role("tab", name="File")).to_be_visible()
    assert overflow() <= 0


@pytest.mark.parametrize("width", [768, 820, 1366, 1920])
def test_on_a_large_screen_chat_and_article_stand_side_by_side_without_scrolling_the_page(small, visit, width):
    page = visit(small.url, width=width, height=768)
    ask(page, "What is the capital?")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
    for name in ("Save as Markdown", "Save as JSON", "Clear the conversation"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    chat, article = page.locator("#left").bounding_box(), page.locator("#right").bounding_box()
    assert chat["x"] + chat["width"] <= article["x"]


def test_a_follow_up_says_how_it_was_read_and_is_asked_as_typed_with_one_click(small, visit):
    page = visit(small.url)
    expect(page.locator("#typed")).to_be_hidden()
    expect(ask(page, f"What is the capital, {HOSTILE}?").locator(".reading")).to_have_count(0)
    bubble = ask(page, "And of Italy?")
    expect(bubble.locator(".reading")).to_contain_text("Read as: “What is the capital, <b onclick=")
    expect(bubble.locator(".reading b")).to_have_count(0)
    bubble.get_by_role("button", name="Ask it as typed").click()
    literal = page.locator("#chat .bot-row").nth(2)
    expect(words(literal)).to_have_text("Rome")
    expect(literal.locator(".reading")).to_have_count(0)
    expect(page.locator("#chat .user-row").last).to_have_text("And of Italy?")
    expect(page.locator("#box textarea")).to_be_focused()
    assert page.evaluate("window.stolen") is None


def test_a_question_in_the_address_is_asked_once_when_the_page_opens(small, visit):
    question = f"What is the capital? {HOSTILE}"
    page = visit(f"{small.url}/?{urlencode({'q': question})}")
    expect(words(page.locator("#chat .bot-row"))).to_have_text("Paris")
    assert page.locator("#chat .user-row .message-content").text_content() == question
    ask(page, "What is Rome?")
    expect(page.locator("#chat .user-row")).to_have_count(2)
    assert page.evaluate("window.stolen") is None
    other = visit(f"{small.url}/?q={'a' * 501}")
    expect(words(other.locator("#chat .bot-row"))).to_contain_text("The question has 501 characters")
    none = visit(f"{small.url}/?q=%20")
    ask(none, "What is Rome?")
    expect(none.locator("#chat .user-row")).to_have_count(1)


def test_a_conversation_is_saved_as_markdown_and_as_json_with_its_text_as_it_is(small, visit):
    page = visit(small.url)
    expect(page.get_by_role("button", name="Save as Markdown")).to_be_hidden()
    text = f"Rule one is <i>{HOSTILE}</i> here."
    read_text(page, text)
    ask(page, HOSTILE)
    ask(page, "What is silence?")
    files = {}
    for form in ("Markdown", "JSON"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Save as {form}").click()
        files[download.value.suggested_filename] = Path(download.value.path()).read_text("utf-8")
    talk = json.loads(files["verbatim-conversation.json"])
    first, second = talk["turns"]
    assert [first["question"], first["text"]] == [HOSTILE, f"<i>{HOSTILE}</i>"]
    assert text[first["start"] : first["end"]] == first["text"]
    assert [second["question"], second["text"]] == ["What is silence?", None]
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(files["verbatim-conversation.md"])
    assert shown.startswith("<h1>A conversation about a text</h1>\n<h2>&lt;b onclick=")
    assert set(re.findall(r"</?(\w+)", shown)) == {"h1", "h2", "p", "strong", "blockquote"}
    assert html.unescape(re.sub(r"<[^>]*>", "", shown)).count(HOSTILE) == 4  # asked, said, and its sentence twice


def test_the_second_of_two_equal_strings_is_marked(small, visit):
    page = visit(small.url)
    ask(page, "What is the capital?")
    assert marked(page) == [[article_text(page).index("Paris", 1), "Paris"]]


def test_what_stands_behind_an_emoji_is_marked_at_its_place_from_the_list_of_others(small, visit):
    page = visit(small.url)
    bubble = ask(page, "What is the capital?")
    bubble.get_by_text("Other passages").click()
    bubble.get_by_role("link", name="Rome").click()
    [(start, said)] = marked(page)
    assert said == "Rome"
    assert page.evaluate("start => document.querySelector('#view .text').textContent.slice(start)", start).startswith(
        "Rome is"
    )
    expect(page.locator("#view .said")).to_have_text("Rome is a city.")


def test_hostile_text_is_shown_as_it_is_written_and_does_nothing(small, visit):
    page = visit(small.url)
    text = f"Rule one is <i>{HOSTILE}</i> here.\n\n  Indented\tand\r\nbroken."
    read_text(page, text)
    assert article_text(page) == text.replace("\r\n", "\n")  # a text box has no other newline
    bubble = ask(page, HOSTILE)
    said = f"<i>{HOSTILE}</i>"
    assert page.locator("#chat .user-row .message-content").text_content() == HOSTILE
    assert words(bubble).text_content() == said
    assert bubble.locator("blockquote mark").text_content() == said
    assert "".join(piece for _, piece in marked(page)) == said
    assert page.evaluate("window.stolen") is None


def test_silence_offers_the_nearest_sentences_and_marks_nothing(small, visit):
    page = visit(small.url)
    ask(page, "What is the capital?")
    bubble = ask(page, "silence about the city Rome?")
    expect(words(bubble)).to_have_text("The article does not say.")
    expect(page.locator("#view mark")).to_have_count(0)
    bubble.get_by_role("link", name="Rome is a city.").click()
    expect(page.locator("#view .said")).to_have_text("Rome is a city.")


def test_a_failure_is_told_without_a_secret_and_the_next_question_is_answered(small, visit):
    page = visit(small.url)
    bubble = ask(page, "crash please")
    expect(words(bubble)).to_contain_text("Something went wrong")
    expect(page.locator("#chat")).not_to_contain_text("secret")
    bubble.get_by_role("button", name="Ask again").click()
    expect(page.locator("#chat .user-row")).to_have_text(["crash please", "crash please"])
    expect(words(ask(page, "What is the capital?"))).to_have_text("Paris")


def test_an_empty_question_gets_a_hint_and_no_turn(small, visit):
    page = visit(small.url)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Type a question first.")).to_be_visible()
    expect(page.locator("#chat .user-row")).to_have_count(0)


def test_an_empty_text_and_an_address_inside_this_network_are_refused_with_a_sentence(small, visit):
    page = visit(small.url)
    page.get_by_role("button", name="Ask about an article of your own").click()
    page.get_by_role("tab", name="Text").click()
    page.get_by_role("button", name="Read this text").click()
    expect(page.get_by_role("alert").filter(has_text="The article is empty")).to_be_visible()
    page.get_by_role("tab", name="Web address").click()
    page.get_by_label("The web address of an article").fill("http://127.0.0.1:9/secret")
    page.get_by_role("button", name="Read", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="not a public address")).to_be_visible(timeout=20_000)
    expect(words(ask(page, "What is the capital?"))).to_have_text("Paris")


def test_after_a_file_that_is_refused_another_can_be_given_at_once(small, visit, tmp_path):
    page = visit(small.url)
    page.get_by_role("button", name="Ask about an article of your own").click()
    refused = {
        "empty.txt": b"",
        "archive.txt": zipped(),
        "broken.pdf": b"%PDF-1.7\n" + bytes(range(256)),
        "scan.pdf": scan(),
    }
    for name, content in refused.items():
        (tmp_path / name).write_bytes(content)
        page.locator("#file input[type=file]").set_input_files(tmp_path / name)
        expect(page.get_by_role("alert").filter(has_text=name)).to_be_visible()
    (tmp_path / "rome.txt").write_text("Rome is the capital of Italy.", encoding="utf-16")
    page.locator("#file input[type=file]").set_input_files(tmp_path / "rome.txt")
    expect(page.get_by_role("heading", name="rome", exact=True)).to_be_visible()


def zipped():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.bin", bytes(99))
    return archive.getvalue()


def scan():
    """A PDF of one page with a drawing and no text."""
    pdf = FPDF()
    pdf.add_page()
    pdf.rect(10, 10, 50, 50)
    return bytes(pdf.output())


def test_the_keyboard_is_enough(small, visit):
    page = visit(small.url)
    box = page.locator("#box textarea")
    expect(box).to_be_focused()
    box.fill("half a thought")
    box.press("Escape")
    expect(box).to_have_value("")
    for question in ("What is the capital?", "What is Rome?"):
        ask(page, question)
    for key, recalled in (
        ("ArrowUp", "What is Rome?"),
        ("ArrowUp", "What is the capital?"),
        ("ArrowDown", "What is Rome?"),
    ):
        box.press(key)
        expect(box).to_have_value(recalled)
    box.press("Escape")
    page.locator("#view .article").focus()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    for name, target in (("Skip to the article", page.locator("#view .article")), ("Skip to the question", box)):
        link = page.get_by_role("link", name=name)
        link.focus()
        expect(link).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(target).to_be_focused()


def test_the_answer_is_copied_as_it_stands_in_the_article_alone_or_with_its_citation(small, visit):
    page = visit(small.url, permissions=["clipboard-read", "clipboard-write"])
    bubble = ask(page, "What is the capital?")
    for name, copied in (
        ("Copy", "Paris"),
        ("Copy with citation", "Paris\n\n“Paris is the capital of France. 🙂”\nDecoy, characters 28 to 33\n"),
    ):
        bubble.get_by_role("button", name=name, exact=True).click()
        expect(bubble.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == copied
        expect(bubble.get_by_role("button", name="Copied")).to_have_count(0)


def test_clearing_empties_the_conversation_and_the_article(small, visit):
    page = visit(small.url)
    ask(page, "What is the capital?")
    page.get_by_role("button", name="Clear the conversation").click()
    expect(page.locator("#chat .bot-row")).to_have_count(0)
    expect(page.locator("#view mark")).to_have_count(0)
    ask(page, "What is the capital?")
    expect(page.locator("#chat .bot-row")).to_have_count(1)
    expect(page.locator("#view mark")).to_have_text("Paris")


@pytest.mark.parametrize(("scheme", "darker"), [("light", False), ("dark", True)])
def test_the_page_is_as_light_or_dark_as_the_system(small, visit, scheme, darker):
    page = visit(small.url, color_scheme=scheme)
    colours = page.evaluate(
        "() => ['#view .article', '#view .text p'].map((name, i) => "
        "getComputedStyle(document.querySelector(name))[i ? 'color' : 'backgroundColor'])"
    )
    sheet, ink = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
    assert (sheet < ink) is darker


def test_in_a_long_article_the_answer_is_scrolled_to_and_found_again_by_its_link(small, visit):
    page = visit(small.url)
    read_text(page, "Hay is dry. " * 4_000 + "Here is the needle of Rome. " + "Hay is dry. " * 4_000)
    bubble = ask(page, "Where is the city of Rome?")
    mark = page.locator("#view mark").first
    expect(mark).to_be_in_viewport()
    page.evaluate("document.querySelector('#view .article').scrollTo({top: 0, behavior: 'instant'})")
    expect(mark).not_to_be_in_viewport()
    for _ in range(2):
        bubble.get_by_role("link", name="Show in article").click()
        expect(page.locator("#view mark").first).to_be_in_viewport()


def test_a_thumb_is_written_to_the_feedback_file(small, thumbs, visit):
    page = visit(small.url)
    ask(page, "What is the capital?")
    before = lines_of(thumbs)
    page.get_by_role("button", name="Like", exact=True).click()
    for _ in range(50):
        if len(lines_of(thumbs)) > len(before):
            break
        page.wait_for_timeout(100)
    [line] = lines_of(thumbs)[len(before) :]
    record = json.loads(line)
    assert record["good"] is True
    assert record["text"] == "Paris"


def lines_of(path):
    return path.read_text("utf-8").splitlines() if path.exists() else []


def test_without_a_feedback_file_there_are_no_thumbs(real, visit):
    page = visit(real.url)
    ask(page, "Who did Koizumi meet?")
    expect(page.get_by_role("button", name="Like", exact=True)).to_have_count(0)


def test_a_visitor_who_leaves_frees_their_article(small, visit, monkeypatch):
    monkeypatch.setenv("GRADIO_IS_E2E_TEST", "1")  # Gradio keeps what a closed page had for a second, not an hour
    page = visit(small.url)
    read_text(page, "A text that nobody else has. Rome is in it.")

    def kept():
        return sum(type(thing) is Article and "nobody else" in thing.text for thing in gc.get_objects())

    assert kept()
    page.close()
    other = visit(small.url)
    for _ in range(100):
        if not kept():
            break
        other.wait_for_timeout(200)
    assert not kept()
