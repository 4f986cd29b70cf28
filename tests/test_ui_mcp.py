"""The tool, asked by the SDK's client: here with doubles, and once over stdio with the bundled models."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from doubles import PatternReader, WordEncoder

from index.search import ArticleIndex
from index.text import Article
from qa.answer import Answer
from qa.answerer import Answerer, bundled_article
from ui import terminal

mcp = pytest.importorskip("mcp")
from ui.mcp import Reply, build, reply  # noqa: E402  (only where the SDK is)

ROOT = Path(__file__).parent.parent
MILL = Article("The mill was built in 1821. It stands on the river.", title="The mill")
TOWER = "Nothing is known of the owner. The tower was built in 1907."


class Loaded:
    """Counts what is loaded."""

    def __init__(self):
        self.articles = []

    def __call__(self, article=MILL):
        self.articles.append(article.title or "sent")
        if "unreadable" in article.text:
            raise RuntimeError("/secret/path")
        index = ArticleIndex.from_article(article, encoder=WordEncoder("mill", "tower", "built"))
        return Answerer(index, reader=PatternReader(r"\d{4}"))


def asked(*calls, loaded=None):
    """What the tool gives for each call's arguments, in one session."""
    loaded = loaded or Loaded()

    async def session():
        async with mcp.Client(build(loaded, loaded, title="“The mill”")) as client:
            return [await client.call_tool("ask_article", arguments) for arguments in calls]

    return anyio.run(session)


def test_an_answer_is_the_articles_own_words_with_their_place():
    [result] = asked({"question": "When was the mill built?"})
    assert not result.is_error
    reply = result.structured_content
    assert (reply["text"], MILL.text[reply["start"] : reply["end"]]) == ("1821", "1821")
    assert reply["sentence"] == {"text": "The mill was built in 1821.", "start": 0, "end": 27}
    assert reply["article"] == {"title": "The mill", "source": ""}
    assert json.loads(result.content[0].text) == reply  # for clients that know no structured results


def test_a_text_that_is_sent_is_asked_instead_and_both_are_loaded_once():
    loaded = Loaded()
    tower, mill = {"question": "When was it built?", "article": TOWER}, {"question": "When was it built?"}
    assert loaded.articles == []
    results = asked(tower, mill, tower, mill, loaded=loaded)
    assert [result.structured_content["text"] for result in results] == ["1907", "1821", "1907", "1821"]
    assert loaded.articles == ["sent", "The mill"]


def test_silence_comes_with_the_nearest_sentences():
    [result] = asked({"question": "Who owned the tower?", "article": "The tower is high. The mill is not."})
    reply = result.structured_content
    assert reply["text"] is reply["start"] is reply["end"] is reply["sentence"] is None
    sent = {"title": "", "source": ""}
    assert reply["nearest"][0] == {"text": "The tower is high.", "start": 0, "end": 18, "article": sent}


def test_what_comes_from_another_article_of_a_library_says_so():
    tower = Article(TOWER, title="The tower")
    best = Answer("?", MILL, MILL.span(22, 26), MILL.span(0, 27), 0.5)
    other = Answer("?", tower, tower.span(54, 58), tower.span(31, 59), 0.25)
    found = reply(replace(best, alternatives=(other,), nearest=(tower.span(0, 30),), kind="list"))
    assert [each.article.title for each in (found, *found.alternatives, *found.nearest)] == [
        "The mill",
        "The tower",
        "The tower",
    ]
    assert (found.kind, found.alternatives[0].text, found.alternatives[0].confidence) == ("list", "1907", 0.25)


def test_a_follow_up_is_understood_after_the_history():
    history = [{"question": "Where does the mill stand?", "answer": "on the river"}]
    [result] = asked({"question": "When was it built?", "history": history})
    assert result.structured_content["read_as"] == "When was the mill built?"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"question": " "}, "the question is empty"),
        ({"question": "a" * 501}, "the question has 501 characters"),
        ({"question": "When?", "history": [["When?", "1821"]]}, "history"),
        ({}, "question"),
    ],
    ids=["empty", "long", "history", "nothing"],
)
def test_what_cannot_be_asked_is_an_error_with_a_sentence_and_the_server_goes_on(arguments, said):
    refused, answered = asked(arguments, {"question": "When was the mill built?"})
    assert refused.is_error
    assert said in refused.content[0].text
    assert answered.structured_content["text"] == "1821"


def test_an_unexpected_failure_tells_the_model_nothing_of_the_machine():
    [result] = asked({"question": "Why?", "article": "unreadable"})
    assert result.is_error
    assert "secret" not in result.content[0].text


def test_the_tool_tells_a_model_what_it_takes_and_gives():
    async def listed():
        async with mcp.Client(build(Loaded(), Loaded(), title="“The mill”")) as client:
            return (await client.list_tools()).tools

    [tool] = anyio.run(listed)
    assert tool.name == "ask_article"
    assert tool.annotations.read_only_hint is True
    assert "Without `article`, “The mill” is asked." in tool.description
    taken, given = tool.input_schema, tool.output_schema
    assert taken["required"] == ["question"]
    assert [name for name in taken["properties"] if "description" not in taken["properties"][name]] == []
    assert list(given["properties"]) == list(Reply.model_fields)
    assert given["properties"]["start"]["anyOf"] == [{"type": "integer"}, {"type": "null"}]


def test_the_command_answers_a_real_client_over_stdio_as_the_documentation_shows():
    shown = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "mcp.md").read_text(encoding="utf-8"), re.DOTALL)
    question, expected = json.loads(shown[-2]), Reply.model_validate_json(shown[-1])
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    command = mcp.StdioServerParameters(command=sys.executable, args=["-m", "ui", "mcp"], env=environment, cwd=ROOT)

    async def session():
        async with mcp.Client(mcp.stdio_client(command)) as client:
            return await client.call_tool("ask_article", question)

    found = Reply.model_validate(anyio.run(session).structured_content)
    vague = {"confidence", "alternatives"}
    assert found.model_dump(exclude=vague) == expected.model_dump(exclude=vague)
    assert found.confidence == pytest.approx(expected.confidence, abs=0.005)  # processors differ
    assert [other.text for other in found.alternatives] == [other.text for other in expected.alternatives]
    assert bundled_article().text[found.start : found.end] == found.text


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["-"], terminal.MISUSED, "standard input belongs to the protocol"),
        (["a.txt", "--library", "b"], terminal.MISUSED, "not both"),
        (["missing.txt"], terminal.FAILED, "missing.txt"),
        (["--library", "missing"], terminal.FAILED, "missing"),
    ],
)
def test_what_cannot_be_served_is_told_before_a_client_asks(arguments, status, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert terminal.run(["mcp", *arguments]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_without_the_sdk_the_command_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    monkeypatch.delitem(sys.modules, "ui.mcp", raising=False)
    assert terminal.run(["mcp"]) == terminal.FAILED
    assert "pip install 'verbatim-qa[mcp]'" in capsys.readouterr().err
