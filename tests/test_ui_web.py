import socket
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import get_type_hints

import httpx
import pytest

from index.errors import VerbatimError
from index.text import Article
from qa.answer import Answer
from qa.answerer import bundled_article

TIDES = "Tides are caused by the Moon. The Bay of Fundy has the highest tides. Its extreme range is 16.3 metres."


@pytest.fixture(scope="module")
def ask(real):
    """Asks the endpoint of the real page."""
    return endpoint(real.url)


def endpoint(url):
    from gradio_client import Client

    client = Client(url, verbose=False)

    def asked(question, article="", *history):
        return client.predict(question, article, *history, api_name="/answer")

    asked.client = client
    return asked


@pytest.mark.parametrize("question", ["Who did Koizumi meet?", "What happened to Koizumi during the workout?"])
def test_the_endpoint_answers_from_the_bundled_article_with_exact_offsets(ask, question):
    reply = ask(question)
    assert reply["text"] == bundled_article().text[reply["start"] : reply["end"]]
    sentence = reply["sentence"]
    assert sentence["start"] <= reply["start"] < reply["end"] <= sentence["end"]
    assert sentence["text"] == bundled_article().text[sentence["start"] : sentence["end"]]
    assert 0 <= reply["confidence"] <= 1


def test_the_endpoint_answers_from_an_article_that_is_sent(ask):
    reply = ask("Which bay has the highest tides?", TIDES)
    assert "Fundy" in reply["text"]
    assert reply["text"] == TIDES[reply["start"] : reply["end"]]


def test_the_endpoint_says_when_the_article_does_not(small):
    reply = endpoint(small.url)("What is said of silence, Rome?")
    assert reply["text"] is reply["start"] is reply["end"] is reply["sentence"] is None
    assert reply["nearest"][0]["text"] == "Rome is a city."


@pytest.mark.parametrize(
    ("question", "article", "said"),
    [
        ("", "", "The question is empty"),
        ("  \n", "", "The question is empty"),
        ("a" * 501, "", "The question has 501 characters"),
        ("Who?", "a" * 1_000_001, "The article has 1,000,001 characters"),
    ],
    ids=["empty", "blank", "long question", "long article"],
)
def test_what_cannot_be_asked_is_answered_with_a_sentence_and_the_endpoint_goes_on(ask, question, article, said):
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match=said):
        ask(question, article)
    assert ask("Which bay has the highest tides?", TIDES)["text"]


def test_an_unexpected_failure_tells_the_caller_nothing_of_the_machine(small):
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError) as told:
        endpoint(small.url)("crash please")
    assert "Something went wrong" in str(told.value)
    assert "secret" not in str(told.value)


def test_only_the_answer_endpoint_is_public_and_its_result_is_typed(ask):
    named = ask.client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(named) == {"/answer"}
    assert [parameter["parameter_name"] for parameter in named["/answer"]["parameters"]] == [
        "question",
        "article",
        "history",
    ]
    [returned] = named["/answer"]["returns"]
    for name in ("text", "read_as"):
        assert returned["type"]["properties"][name] == {"oneOf": [{"type": "null"}, {"type": "string"}]}
    assert "Answers a question in the exact words" in named["/answer"]["description"]


def test_the_typed_result_is_what_an_answer_becomes(serving):
    from ui.desk import Alternative, Nearest, Reply

    article = Article("a b")
    other = Answer("?", article, article.span(0, 1), article.span(), 0.4)
    said = Answer(
        "?", article, article.span(2, 3), article.span(), 0.5, alternatives=(other,), nearest=(article.span(),)
    )
    for typed, found in (
        (Reply, said.to_dict()),
        (Alternative, said.to_dict()["alternatives"][0]),
        (Nearest, said.to_dict()["nearest"][0]),
    ):
        assert set(get_type_hints(typed)) == set(found)


def test_a_follow_up_is_understood_after_the_history_that_is_sent_and_literally_without_it(small):
    asked, history = endpoint(small.url), [["What is the capital of France?", "Paris"]]
    reply = asked("And of Italy?", "", history)
    assert (reply["question"], reply["read_as"]) == ("And of Italy?", "What is the capital of Italy?")
    assert asked("And of Italy?")["read_as"] is None
    assert asked("Where is Rome?", "", history)["read_as"] is None


def test_callers_at_the_same_time_get_the_answers_of_their_own_articles(ask):
    names = ["Alice", "Boris", "Chloe", "Derek", "Elena", "Fahim", "Grace", "Henry"]

    def who(name):
        return ask("Who wrote the letter?", f"The letter was written by {name}. It was long.")["text"]

    with ThreadPoolExecutor(len(names)) as pool:
        assert list(pool.map(who, names)) == names


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("localhost:7860", 200), ("[::1]:7860", 200), ("evil.example", 400), ("", 400)],
)
def test_a_page_under_a_foreign_name_is_refused(small, host, status):
    assert httpx.get(small.url, headers={"host": host}).status_code == status


def test_another_site_may_not_ask_in_a_visitors_name(small):
    url = f"{small.url}/gradio_api/call/answer"
    asked = {"data": ["What is Rome?", ""]}
    assert httpx.post(url, json=asked, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert httpx.post(url, json=asked, headers={"sec-fetch-site": "same-origin"}).status_code == 200


def test_every_page_carries_a_policy_that_keeps_it_to_this_host(small):
    policy = httpx.get(small.url).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", ["/etc/passwd", "pyproject.toml", "../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd"])
def test_no_file_of_the_machine_is_served(small, path):
    assert httpx.get(f"{small.url}/gradio_api/file={path}").status_code in (403, 404)


def test_a_port_that_is_taken_is_told_and_another_is_found(serving, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(VerbatimError, match=f"port {number} is taken"):
            serving.free_port("127.0.0.1", number)
        monkeypatch.setattr(serving, "PORTS", (number, free))
        assert serving.free_port("127.0.0.1", None) == free


def test_a_full_memory_forgets_callers_of_the_endpoint_before_visitors_and_of_visitors_the_quietest(serving):
    holder = serving.Visitors()
    holder.capacity = 2

    def come(name, **kept):
        holder.session_data[name] = SimpleNamespace(state_data=kept)
        holder.update(name)
        return list(holder.session_data)

    come("one", visit=1)
    assert come("caller") == ["one", "caller"]
    assert come("another caller") == ["one", "another caller"]
    assert come("two", visit=2) == ["one", "two"]
    holder.update("one")
    assert come("three", visit=3) == ["one", "three"]


def test_a_served_page_has_that_memory(small, serving):
    assert isinstance(small.demo.state_holder, serving.Visitors)
    assert small.demo.state_holder.capacity == serving.VISITORS


def test_a_host_that_is_not_this_machine_is_told(serving):
    with pytest.raises(VerbatimError, match=r"cannot listen on 192\.0\.2\.1"):
        serving.free_port("192.0.2.1", 7860)


def test_the_page_is_served_without_a_public_link_or_anything_sent(serving):
    settings = serving.launch_settings()
    assert (
        settings["share"] is settings["run_history"] is settings["show_error"] is settings["enable_monitoring"] is False
    )
    assert settings["footer_links"] == []
