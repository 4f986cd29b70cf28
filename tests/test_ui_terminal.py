import http.server
import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from index.encoder import load_encoder
from ui import console, terminal

ROOT = Path(__file__).parents[1]
MILL = "The mill was built in Leeds in 1821 by John Marshall. It stands on the river."


@pytest.fixture
def verbatim(capsys, monkeypatch):
    """Runs the command; (exit status, standard output, standard error)."""

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        status = terminal.run([str(argument) for argument in arguments])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def mill(tmp_path):
    path = tmp_path / "mill.txt"
    path.write_text(MILL, encoding="utf-8")
    return path


def test_the_bundled_article_answers_who_koizumi_met(verbatim):
    status, out, err = verbatim("ask", "Who did Koizumi meet?")
    assert (status, err) == (0, "")
    assert "Pete Hegseth" in out.splitlines()[0]


def test_an_own_article_is_asked_by_path(verbatim, mill):
    status, out, _ = verbatim("ask", "When was the mill built?", mill)
    assert status == 0
    assert out.startswith("1821")


def test_json_offsets_point_into_the_text(verbatim, mill):
    status, out, _ = verbatim("ask", "When was the mill built?", mill, "--json")
    answer = json.loads(out)
    assert (status, MILL[answer["start"] : answer["end"]]) == (0, "1821")


def test_silence_has_an_exit_status_of_its_own(verbatim, mill):
    status, out, _ = verbatim("ask", "What is the capital of Peru?", mill)
    assert status == 3
    assert "does not say" in out


def test_the_article_can_come_through_a_pipe(verbatim):
    status, out, err = verbatim("ask", "When was the mill built?", "-", stdin=b"\xef\xbb\xbf" + MILL.encode())
    assert (status, err) == (0, "")
    assert out.startswith("1821")


def test_an_article_without_a_name_is_not_the_bundled_one(verbatim):
    for arguments in (["ask", "Who met whom?", ""], ["ask", "--article", ""]):
        status, out, err = verbatim(*arguments)
        assert (status, out) == (1, "")
        assert err.startswith("verbatim: ")


def test_a_session_answers_line_by_line_and_goes_on_after_an_error(verbatim, mill):
    lines = "When was the mill built?\n\n" + "x" * 501 + "\nWho built the mill?\n"
    status, out, err = verbatim("ask", "--article", mill, "--json", stdin=lines.encode())
    assert status == 0
    assert [json.loads(line)["text"] for line in out.splitlines()] == ["1821", "John Marshall"]
    assert err == "verbatim: the question has 501 characters, more than 500; ask a shorter one\n"


def test_a_session_understands_a_follow_up_after_what_was_said(verbatim, mill):
    status, out, _ = verbatim("ask", "--article", mill, "--json", stdin=b"Who built the mill?\nAnd when?\n")
    first, second = (json.loads(line) for line in out.splitlines())
    assert (status, first["read_as"]) == (0, None)
    assert (second["question"][-5:], second["text"]) == ("when?", "1821")
    assert "mill" in second["read_as"]


def test_a_session_survives_bytes_that_are_no_text(verbatim, mill):
    status, out, _ = verbatim("ask", "--article", mill, "--json", stdin=b"\xff\xfe?\nWho built the mill?\n")
    assert status == 0
    assert json.loads(out.splitlines()[-1])["text"] == "John Marshall"


def test_a_prompt_is_not_among_answers_that_go_to_a_file(monkeypatch, capsys):
    lines = ["Who built the mill?"]

    def typed(prompt):
        sys.stdout.write(prompt)
        if not lines:
            raise EOFError
        return lines.pop()

    monkeypatch.setattr("builtins.input", typed)
    assert list(console.questions(prompt="? ")) == ["Who built the mill?"]
    assert capsys.readouterr() == ("", "? ? ")


@pytest.fixture
def site():
    """The address of a server with a page (/mill), a file of a gigabyte (/big), and nothing else."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path not in ("/mill", "/big"):
                return self.send_error(404)
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(MILL) if self.path == "/mill" else 10**9))
            self.end_headers()
            return self.wfile.write(MILL.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_address_of_this_machine_is_read_only_where_that_is_allowed(verbatim, site):
    status, out, err = verbatim("ask", "When was the mill built?", f"{site}/mill")
    assert (status, out) == (1, "")
    assert "not a public address" in err
    status, out, _ = verbatim("ask", "When was the mill built?", f"{site}/mill", "--allow-private")
    assert (status, out.splitlines()[0]) == (0, "1821")


@pytest.mark.parametrize(("path", "reason"), [("/none", "404 Not Found"), ("/big", "1,000 MB, more than 20 MB")])
def test_a_page_that_cannot_be_had_is_one_sentence(verbatim, site, path, reason):
    status, out, err = verbatim("ask", "Who?", site + path, "--allow-private")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert reason in err


def zipped(tmp_path):
    path = tmp_path / "archive.txt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.bin", b"\x00" * 99)
    return path


def empty(tmp_path):
    path = tmp_path / "empty.txt"
    path.touch()
    return path


FAILURES = {
    "missing file": lambda folder: ("ask", "Who?", folder / "none.txt"),
    "folder": lambda folder: ("ask", "Who?", folder),
    "empty file": lambda folder: ("ask", "Who?", empty(folder)),
    "zip called txt": lambda folder: ("ask", "Who?", zipped(folder)),
    "loopback address": lambda folder: ("ask", "Who?", "http://127.0.0.1:9/a.txt"),
    "empty pipe": lambda folder: ("ask", "Who?", "-"),
    "unknown reader": lambda folder: ("ask", "Who?", "--reader", "no-such/reader"),
    "unknown encoder": lambda folder: ("ask", "Who?", "--encoder", "no-such/encoder"),
    "chat about a missing file": lambda folder: ("chat", folder / "none.pdf"),
}
MISUSES = {
    "unknown command": ("sing",),
    "unknown option": ("ask", "Who?", "--loud"),
    "empty question": ("ask", ""),
    "blank question": ("ask", " \n "),
    "long question": ("ask", "x" * 501),
    "two articles": ("ask", "Who?", "a.txt", "--article", "b.txt"),
    "pipe for both": ("ask", "--article", "-"),
    "port out of range": ("chat", "--port", "99999"),
}


@pytest.mark.parametrize("arguments", FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_is_one_sentence_and_status_1(verbatim, tmp_path, arguments):
    status, out, err = verbatim(*arguments(tmp_path))
    assert (status, out) == (1, "")
    assert err.startswith("verbatim: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", MISUSES.values(), ids=MISUSES.keys())
def test_a_misuse_is_one_sentence_and_status_2(verbatim, arguments):
    status, out, err = verbatim(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("verbatim: ")
    assert err.count("\n") == 1


def test_the_chat_gives_the_page_its_encoder_and_the_file_for_thumbs(verbatim, serving, mill, tmp_path, monkeypatch):
    given = {}

    def serve(answerer, **settings):
        given.update(settings, article=answerer.index.article)
        raise KeyboardInterrupt

    monkeypatch.setattr(serving, "serve", serve)
    status, *_ = verbatim("chat", mill, "--feedback", tmp_path / "thumbs.json")
    assert (status, given["feedback"], given["article"].text) == (130, tmp_path / "thumbs.json", MILL)
    assert given["encoder"] is load_encoder(None)


def test_a_bug_is_one_sentence_too_with_a_way_to_see_it(verbatim, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(terminal, "load_answerer", broken)
    assert verbatim("ask", "Who?") == (
        1,
        "",
        "verbatim: unexpected RuntimeError: two lines; run again with VERBATIM_DEBUG=1 to see where\n",
    )
    monkeypatch.setenv("VERBATIM_DEBUG", "1")
    with pytest.raises(RuntimeError):
        verbatim("ask", "Who?")


def test_the_version_is_the_packages(verbatim):
    from importlib.metadata import version

    assert verbatim("--version") == (0, f"verbatim, version {version('verbatim-qa')}\n", "")


def test_the_command_runs_as_a_process_of_its_own():
    done = subprocess.run(
        [sys.executable, "-m", "ui", "ask", "Who did Koizumi meet?"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Pete Hegseth" in done.stdout.splitlines()[0]


def test_letters_that_the_terminal_does_not_know_are_written_out(tmp_path):
    (tmp_path / "lodz.txt").write_text("The yard in Łódź closed in 2003.", encoding="utf-8")
    command = [sys.executable, "-m", "ui", "ask", "Where is the yard?", str(tmp_path / "lodz.txt")]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, env=environment, cwd=ROOT, timeout=200)
    assert b"\\u0141\xf3d\\u017a" in done.stdout
    assert b"Error" not in done.stderr
