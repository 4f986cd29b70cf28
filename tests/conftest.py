"""The served page, once with the bundled models and once with doubles, and a browser to look at it."""

import os
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # before anything reads it
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"

import pytest
from doubles import PatternReader, WordEncoder
from libraries import ENCODER

import index.nearest
from index.library import Library
from index.search import ArticleIndex
from index.text import Article
from qa.answerer import Answerer, bundled_article

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
REQUIRED = any(os.environ.get(name) for name in ("CI", "VERBATIM_REQUIRE_BROWSER"))
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
DECOY = "Paris was a prince of Troy. Paris is the capital of France. 🙂 Rome is a city. Nothing else is known."


def pytest_configure(config):
    """Warnings of Gradio's own: what it leaves to the garbage collector, and how its queue's statistics use pandas.

    Twice: pytest filters each test by its own list, and what is collected after the last test by Python's.
    """
    for message, category in (
        ("unclosed event loop", ResourceWarning),
        ("unclosed <socket", ResourceWarning),
        (".future.no_silent_downcasting. is deprecated", Warning),
        ("The copy keyword is deprecated", Warning),
    ):
        config.addinivalue_line("filterwarnings", f"ignore:{message}:{category.__name__}")
        warnings.filterwarnings("ignore", message, category)


class CrashingReader(PatternReader):
    """Finds the second of two Parises, Rome for "Italy", nothing for "silence", and fails for "crash" with a secret."""

    def read(self, question, passages, *, longest, top):
        if "crash" in question:
            raise RuntimeError("/secret/path holds the password")
        found = [] if "silence" in question else super().read(question, passages, longest=longest, top=top)
        return [reading for reading in found if "Italy" not in question or reading.span.text == "Rome"]


@pytest.fixture(scope="session")
def serving():
    """The module ui.serving; what Gradio warns of while it is imported is not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ui.serving
    return ui.serving


@pytest.fixture(scope="session")
def real(serving):
    """The page as people get it: the bundled article, reader and encoder."""
    server = serving.serve(Answerer(ArticleIndex.from_article(bundled_article())))
    yield server
    server.close()


@pytest.fixture(scope="session")
def thumbs(tmp_path_factory):
    """The file that the small page writes thumbs to."""
    return tmp_path_factory.mktemp("feedback") / "thumbs.jsonl"


@pytest.fixture(scope="session")
def small(serving, thumbs):
    """A page with doubles, opening on DECOY."""
    encoder = WordEncoder("paris", "rome", "capital", "prince", "city")
    reader = CrashingReader(r"(?<=Troy\. )Paris|Rome|(?<=is )<.*?>(?= here)|needle")
    index = ArticleIndex.from_article(Article(DECOY, title="Decoy"), encoder=encoder)
    server = serving.serve(Answerer(index, reader=reader), encoder=encoder, feedback=thumbs)
    yield server
    server.close()


@pytest.fixture(scope="module")
def browser():
    """Chromium without a network. Skips without one, unless the environment asks for it."""
    if not CHROMIUM.exists():
        (pytest.fail if REQUIRED else pytest.skip)(f"there is no Chromium at {CHROMIUM}; set CHROMIUM to where it is")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*arguments, OFFLINE])
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser):
    """Opens a page as a new visitor; afterwards no page may have asked another host, or have had an error."""
    contexts, foreign, errors = [], [], []

    def opened(url, *, width=1366, height=768, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        own = (url.partition("?")[0], "data:", "blob:")
        page.on("request", lambda request: None if request.url.startswith(own) else foreign.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(url)
        page.locator("#box textarea").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert foreign == []
    assert errors == []


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library", encoder=ENCODER, create=True) as library:
        yield library


@pytest.fixture
def small_limit(monkeypatch):
    """Libraries of more than twenty sentences count as large."""
    monkeypatch.setattr(index.nearest, "EXACT", 20)
