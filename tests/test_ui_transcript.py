import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from test_ui_render import HOSTILE, texts

from index.text import Article
from qa.answer import Answer
from ui.transcript import Turn, file_name, saved

ROME = Article("Paris is a prince. Rome is a city. Paris is a city.", title="Cities & princes", source="cities.txt")


def turns(article=ROME):
    met = Answer("Which is a city?", article, article.span(35, 40), article.span(35, 51), 0.9)
    then = Answer("Who?", article, article.span(0, 5), article.span(0, 18), 0.5, read_as="Who is a prince?")
    silent = Answer("Why?", article, None, None, 0.8, nearest=(article.span(19, 34),))
    return [Turn("Which is a city?", met), Turn("Who?", then), Turn("Why?", silent), Turn("Oh?", problem="It failed.")]


def test_the_markdown_of_a_conversation_reads_as_it_went():
    assert saved(ROME, turns(), "md") == (
        "# Cities \\& princes\n\n"
        "Source: cities\\.txt\n\n"
        "## Which is a city\\?\n\n**Paris**\n\n> Paris is a city\\.\n\nHigh confidence, 90%\n\n"
        "Characters 35 to 40 of the article\n\n"
        "## Who\\?\n\nRead as: Who is a prince\\?\n\n**Paris**\n\n> Paris is a prince\\.\n\nMedium confidence, 50%\n\n"
        "Characters 0 to 5 of the article\n\n"
        "## Why\\?\n\n**The article does not say\\.**\n\n> Rome is a city\\.\n\nHigh confidence, 80%\n\n"
        "## Oh\\?\n\nIt failed\\.\n"
    )


def test_a_library_is_silent_as_a_whole():
    assert "**None of the articles says\\.**" in saved("shelf", turns(), "md")


def test_the_json_of_a_conversation_has_offsets_that_point_into_the_article():
    talk = json.loads(saved(ROME, turns(), "json"))
    assert talk["article"] == {"title": "Cities & princes", "source": "cities.txt", "characters": len(ROME.text)}
    assert [turn["question"] for turn in talk["turns"]] == ["Which is a city?", "Who?", "Why?", "Oh?"]
    assert [turn.get("read_as") for turn in talk["turns"]] == [None, "Who is a prince?", None, None]
    assert [(turn["start"], turn["end"]) for turn in talk["turns"][:3]] == [(35, 40), (0, 5), (None, None)]
    article = {"title": "Cities & princes", "source": "cities.txt"}
    assert talk["turns"][2]["nearest"] == [{"text": "Rome is a city.", "start": 19, "end": 34, "article": article}]
    assert talk["turns"][0]["article"] == article
    assert talk["turns"][3] == {"question": "Oh?", "problem": "It failed."}


@given(texts, texts, texts)
def test_nothing_that_was_asked_or_said_acts_in_the_markdown(title, question, text):
    article = Article(f"So {text} it is.", title=f"On {title}", source=f"from {title}")
    answer = Answer(question, article, article.span(), article.span(), 0.9, read_as=f"Is {question}")
    source = saved(article, [Turn(f"Is {question}", answer), Turn("?", problem=text + ".")], "md")
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(source)
    blocks = [token.type for token in tokens if token.nesting == 1]
    answered = ["heading_open", "paragraph_open", "paragraph_open", "blockquote_open", *["paragraph_open"] * 3]
    assert blocks == ["heading_open", "paragraph_open", *answered, "heading_open", "paragraph_open"]
    inline = [child.type for token in tokens if token.type == "inline" for child in token.children]
    assert set(inline) <= {"text", "strong_open", "strong_close"}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_json_gives_hostile_text_back_as_it_was_in_plain_ascii(text):
    article = Article(f"It reads {text} here.", title=text, source=text)
    answer = Answer(text, article, article.span(9, 9 + len(text)), article.span(), 0.9)
    source = saved(article, [Turn(text, answer)], "json")
    assert source.isascii()
    talk = json.loads(source)
    assert [talk["article"]["title"], talk["turns"][0]["question"], talk["turns"][0]["text"]] == [text] * 3


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Japan-U.S. defence ministers' meeting", "verbatim-Japan-U-S-defence-ministers-meeting.md"),
        ("", "verbatim-conversation.md"),
        ("../../etc/passwd\x00\u202e", "verbatim-etc-passwd.md"),
        ("Élan / Ünï", "verbatim-Élan-Ünï.md"),
    ],
)
def test_a_file_is_named_after_the_article(title, name):
    assert file_name(Article("a", title=title), "md") == name


@given(st.text())
def test_no_title_makes_a_name_that_a_system_refuses(title):
    assert re.fullmatch(r"verbatim-[\w-]{1,60}\.json", file_name(Article("a", title=title), "json"))
