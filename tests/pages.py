"""What a person does on the page, for the tests that drive a browser."""

from playwright.sync_api import expect

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong


def ask(page, question):
    """Asks in the box and returns the bubble that answers."""
    before = page.locator("#chat .bot-row").count()
    page.locator("#box textarea").fill(question)
    page.locator("#box textarea").press("Enter")
    bubble = page.locator("#chat .bot-row").nth(before)
    expect(bubble.locator(".card")).to_be_attached()
    return bubble


def words(bubble):
    return bubble.locator(".message-content")


def read_text(page, text):
    """Opens a pasted text as the visitor's article."""
    page.get_by_role("button", name="Ask about an article of your own").click()
    page.get_by_role("tab", name="Text").click()
    page.locator("#pasted textarea").fill(text)
    page.get_by_role("button", name="Read this text").click()
    name = " ".join(text[:200].split())[:60] + "…"
    expect(page.locator("#picker option[selected]")).to_have_text(name, timeout=60_000)


def choose(page, name):
    """Chooses what to ask in the picker."""
    page.get_by_role("combobox", name="Ask").select_option(name)
    expect(page.locator("#picker option[selected]")).to_have_text(name)


def article_text(page):
    return page.evaluate("document.querySelector('#view .text').textContent")


def marked(page):
    """(position in UTF-16 units, text) of what is marked in the article."""
    return page.evaluate(
        """() => {
            const text = document.querySelector("#view .text"), before = document.createRange();
            const at = (mark) => (before.selectNodeContents(text), before.setEndBefore(mark), before.toString().length);
            return [...text.querySelectorAll("mark")].map((mark) => [at(mark), mark.textContent]);
        }"""
    )
