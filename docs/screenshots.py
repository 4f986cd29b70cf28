"""Takes the pictures in this folder anew, with the bundled models: python docs/screenshots.py [NAME ...]

All of them together make accessibility.md too: what axe-core says of the page in the state of each picture.
Chromium is looked for at /usr/bin/chromium, or where the variable CHROMIUM says. Each picture is a function below.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from index.library import Library
from index.search import ArticleIndex
from index.text import Article
from qa.answerer import Answerer, bundled_article
from ui import serving

HERE = Path(__file__).parent
DESKTOP = {"viewport": {"width": 1366, "height": 768}}
NARROW = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
WIDE = {"viewport": {"width": 1920, "height": 1080}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
PATIENCE = 120_000  # ms that an answer may take on a busy machine
TOWNS = {
    "The mill at Armley": "The mill was built in 1821 by John Marshall. It spun flax until 1886. Nobody has lived "
    "there since the fire. Today the building is a museum, which opens on Sundays.",
    "The harbour of Whitby": "The harbour was dug in 1702. Captain James Cook was apprenticed here to John Walker, a "
    "shipowner. The west pier has a lighthouse that was finished in 1831.",
    "The library of Leeds": "The Leeds Library was founded in 1768 by Joseph Priestley. It is the oldest subscription "
    "library in Britain. Its reading room holds 140,000 books.",
}


def ask(page: Page, *questions: str) -> None:
    for question in questions:
        before = page.locator("#chat .card").count()
        page.locator("#box textarea").fill(question)
        page.locator("#box textarea").press("Enter")
        page.locator("#chat .card").nth(before).wait_for(timeout=PATIENCE)
    page.wait_for_timeout(1500)  # until the article has scrolled


def read_text(page: Page, text: str) -> None:
    page.get_by_role("button", name="Ask about an article of your own").click()
    page.get_by_role("tab", name="Text").click()
    page.locator("#pasted textarea").fill(text)
    page.get_by_role("button", name="Read this text").click()
    page.locator("#picker select").wait_for(timeout=PATIENCE)


def empty(page: Page) -> None:
    page.wait_for_timeout(500)


def answer(page: Page) -> None:
    ask(page, "Who did Koizumi meet?")


def silent(page: Page) -> None:
    ask(page, "How much did the dinner cost?")


def follow_up(page: Page) -> None:
    ask(page, "Who did Koizumi meet?", "When?")


def error(page: Page) -> None:
    """A link that holds too long a question: the box itself takes none."""
    page.goto(f"{page.url}?q=Who{'+who' * 130}")
    page.locator("#chat .again").wait_for(timeout=PATIENCE)
    page.wait_for_timeout(500)


def refused(page: Page) -> None:
    page.get_by_role("button", name="Ask about an article of your own").click()
    broken = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 broken"}
    page.locator("#file input[type=file]").set_input_files(files=[broken])
    page.get_by_role("alert").filter(has_text="report.pdf").wait_for(timeout=PATIENCE)


def long(page: Page) -> None:
    """Some 5,000 words, with what is asked in the middle."""
    lines = [f"In the year {1500 + number} the town council met and nothing was decided." for number in range(440)]
    lines[220] = "In the year 1720 the council let Anna Weber open the first paper mill on the river."
    read_text(page, "\n\n".join(" ".join(lines[first : first + 8]) for first in range(0, len(lines), 8)))
    ask(page, "Who opened the first paper mill?")


def library(page: Page) -> None:
    ask(page, "When was the library founded?", "Who built the mill?")


def article(page: Page) -> None:
    answer(page)
    page.get_by_role("link", name="Show in article").click()
    page.wait_for_timeout(1000)


def contents(page: Page) -> None:
    page.locator("#view .contents").wait_for()


PICTURES: dict[str, tuple[str, Callable[[Page], None], dict[str, object]]] = {
    "desktop-empty": ("article", empty, DESKTOP),
    "desktop-answer": ("article", answer, DESKTOP),
    "desktop-dark": ("article", answer, {**DESKTOP, "color_scheme": "dark"}),
    "desktop-silent": ("article", silent, DESKTOP),
    "desktop-followup": ("article", follow_up, DESKTOP),
    "desktop-error": ("article", error, DESKTOP),
    "desktop-own": ("article", refused, DESKTOP),
    "desktop-long": ("article", long, DESKTOP),
    "desktop-library": ("library", library, DESKTOP),
    "desktop-contents": ("library", contents, DESKTOP),
    "wide-answer": ("article", answer, WIDE),
    "narrow-answer": ("article", answer, NARROW),
    "phone-empty": ("article", empty, PHONE),
    "phone-answer": ("article", answer, PHONE),
    "phone-article": ("article", article, PHONE),
    "phone-library": ("library", library, PHONE),
    "phone-dark": ("article", silent, {**PHONE, "color_scheme": "dark"}),
}


REPORT = """# What axe-core says of the page

`python docs/screenshots.py` runs [axe-core](https://github.com/dequelabs/axe-core) {version} in Chromium on the page in
the state of each picture here: its rules for WCAG 2 A and AA, and its best practices. *Held*: rules that apply and
hold. *To be looked at*: rules of which axe cannot tell, as where it does not see the colour behind a text. The tests
(`tests/test_ui_axe.py`) allow no serious or critical violation in any state, light or dark, desktop or phone.

| state | held | violated | to be looked at |
|---|---|---|---|
{rows}
"""


def judged(page: Page) -> tuple[str, str]:
    """The version of axe-core, and what it says as the cells of a row."""
    found = Axe().run(page).response
    violated = [f"{each['id']} ({each['impact']}, {len(each['nodes'])})" for each in found["violations"]]
    unsure = [f"{each['id']} ({len(each['nodes'])})" for each in found["incomplete"]]
    cells = (str(len(found["passes"])), ", ".join(violated) or "none", ", ".join(unsure) or "none")
    return found["testEngine"]["version"], " | ".join(cells)


def small(png: bytes) -> bytes:
    """The same picture in 256 colours, which is a third of the size."""
    file = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def launched(playwright: Playwright) -> Browser:
    where = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    return playwright.chromium.launch(executable_path=where, args=["--no-sandbox", "--disable-gpu"])


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "Yorkshire", create=True) as shelf:
        for title, text in TOWNS.items():
            shelf.add(Article(text, title=title))
        opened = Answerer(ArticleIndex.from_article(bundled_article()))
        servers = {"article": serving.serve(opened), "library": serving.serve(Answerer(shelf, reader=opened.reader))}
        with sync_playwright() as playwright:
            browser, rows, version = launched(playwright), list[str](), ""
            for name in names or PICTURES:
                server, act, options = PICTURES[name]
                page = browser.new_page(**options)  # type: ignore[arg-type]
                page.goto(servers[server].url)
                page.locator("#box textarea").wait_for(timeout=PATIENCE)
                act(page)
                picture = small(page.screenshot())
                (HERE / f"{name}.png").write_bytes(picture)
                version, cells = judged(page)
                rows.append(f"| {name} | {cells} |")
                print(f"{name}: {len(picture) // 1000} kB, {cells}", flush=True)  # noqa: T201
                page.close()
            browser.close()
        if not names:
            (HERE / "accessibility.md").write_text(REPORT.format(version=version, rows="\n".join(rows)), "utf-8")
        for each in servers.values():
            each.close()


if __name__ == "__main__":
    main(sys.argv[1:])
