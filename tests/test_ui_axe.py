"""What axe-core, which finds barriers for people with disabilities, says of the page in each of its states."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import ask, read_text
from playwright.sync_api import expect


def barriers(page):
    """Serious and critical violations: the rule, and what breaks it."""
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found if each["impact"] in SERIOUS]


SERIOUS = ("serious", "critical")
PHONE = {"width": 390, "height": 800, "is_mobile": True, "has_touch": True}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [{}, PHONE], ids=["desktop", "phone"])
def test_no_state_of_the_page_has_a_serious_barrier(small, visit, scheme, screen):
    page = visit(small.url, color_scheme=scheme, reduced_motion="reduce", **screen)
    assert barriers(page) == []
    bubble = ask(page, "What is the capital?")
    bubble.get_by_text("Other passages").click()
    ask(page, "And of Italy?")
    ask(page, "silence about the city Rome?")
    ask(page, "crash please")
    assert barriers(page) == []
    page.get_by_role("button", name="Ask about an article of your own").click()
    for tab in ("File", "Text", "Web address"):
        page.get_by_role("tab", name=tab).click()
        assert barriers(page) == []
    page.get_by_role("button", name="Ask about an article of your own").click()
    read_text(page, "Rome is a city.")
    expect(page.get_by_role("combobox", name="Ask")).to_be_visible()
    assert barriers(page) == []
