"""What docs/api.md shows is what happens, and the endpoint describes itself with types."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

PAGE = (Path(__file__).parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
SERVED = "http://127.0.0.1:7860"


def example(language: str, url: str) -> str:
    [code] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert SERVED in code
    return code.replace(SERVED, url)


def test_the_python_example_prints_what_it_says(real, capsys):
    code = example("python", real.url)
    exec(compile(code, "docs/api.md", "exec"), {})
    expected = re.findall(r"print\(.*\)  # (.*)$", code, re.MULTILINE)
    # The client says first that it has loaded.
    assert capsys.readouterr().out.strip().splitlines()[-len(expected) :] == expected


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_example_with_curl_gives_an_answer(real):
    asking, waiting = example("sh", real.url).replace("\\\n", "").strip().splitlines()

    def run(command: str) -> str:
        return subprocess.run(command, shell=True, capture_output=True, text=True, check=True, timeout=120).stdout

    event = json.loads(run(asking))["event_id"]
    told = run(waiting.replace("EVENT_ID", event))
    assert "event: complete" in told
    [reply] = json.loads(told.rpartition("data: ")[2])
    assert reply["question"] == "Who did Koizumi meet?"
    assert reply["text"]


def test_the_endpoint_describes_itself_with_types_for_its_parameters_and_its_result(small):
    about = httpx.get(f"{small.url}/gradio_api/openapi.json").json()["paths"]["/gradio_api/call/v2/answer"]["post"]
    assert "or says that the article does not say" in about["description"]
    taken = about["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert (taken["question"], taken["article"]) == ({"type": "string"}, {"type": "string"})
    [given] = httpx.get(f"{small.url}/gradio_api/info").json()["named_endpoints"]["/answer"]["returns"]
    assert given["type"]["properties"]["start"] == {"oneOf": [{"type": "null"}, {"type": "integer"}]}
    assert given["type"]["properties"]["sentence"]["oneOf"][1]["required"] == ["text", "start", "end"]


def test_the_parameters_on_the_page_are_those_of_the_endpoint(small):
    named = httpx.get(f"{small.url}/gradio_api/info").json()["named_endpoints"]["/answer"]["parameters"]
    shown = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert shown == [each["parameter_name"] for each in named]
