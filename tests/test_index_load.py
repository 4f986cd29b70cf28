"""Good documents become articles, titled; everything else becomes one clear sentence."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from documents import DOCX, PDF, docx_of, refused, written, zip_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index.load
from index.errors import ArticleError
from index.load import SIZE_LIMIT, load_article

SOON = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
STARTS = {".txt": b"", ".html": b"<html><p>", ".md": b"# x\n", ".pdf": b"%PDF-1.7\n", ".docx": b"PK\x03\x04"}


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("a.txt", "The visit\n\nShe came on Monday.", "The visit"),
        ("a.txt", "\n\n   The visit  \nShe came.", "The visit"),
        ("a.txt", "She came on Monday.\nThen she left.", "a"),
        ("a.txt", "word " * 50 + "\nmore", "a"),
        ("only.txt", "A single line", "only"),
        ("notes", "A single line", "notes"),
        (".txt", "A single line", ".txt"),
        ("a.md", "Text first.\n\n# The *visit* to `Rome`\n\nText.", "The visit to Rome"),
        ("a.md", "---\ntitle: 'The visit'\n---\nText.", "The visit"),
        ("a.html", "<title> The\n visit </title><p>She came.", "The visit"),
        ("a.html", "<title>The visit - News</title><meta property='og:title' content='The visit'><p>x", "The visit"),
        ("a.html", "<h1>The <b>visit</b></h1><p>She came.", "The visit"),
        ("a.html", "<p>She came.", "a"),
    ],
)
def test_title_comes_from_the_document_or_else_from_its_name(tmp_path, name, text, title):
    assert load_article(written(tmp_path, name, text)).title == title


def test_long_title_is_cut(tmp_path):
    title = load_article(written(tmp_path, "a.html", f"<title>{'word ' * 500}</title><p>text")).title
    assert len(title) <= 200
    assert title.endswith("word…")


def test_path_is_kept_as_given_and_home_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    written(tmp_path, "a.txt", "Some text")
    assert load_article("~/a.txt").source == "~/a.txt"
    assert load_article(tmp_path / "a.txt").source == str(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.txt", b" \n\t\r\n ", "holds no text"),
        ("blank.html", b"<p> </p>", "holds no text"),
        ("blank.md", b"<!-- x -->", "holds no text"),
        ("blank.docx", docx_of(lambda document: None), "holds no text"),
        ("archive.txt", zip_of(a="x"), "ZIP archive"),
        ("book.epub", zip_of(**{"META-INF/container.xml": "x"}), "EPUB"),
        ("sheet.docx", zip_of(**{"xl/workbook.xml": "x"}), "Excel"),
        ("slides.pptx", zip_of(**{"ppt/presentation.xml": "x"}), "PowerPoint"),
        ("text.odt", zip_of(**{"mimetype": "x", "content.xml": "x"}), "OpenDocument"),
        ("cut.docx", zip_of(a="x")[:20], "damaged"),
        ("odd.docx", zip_of(**{"word/document.xml": "<w/>"}), "damaged Word"),
        ("text.docx", b"no zip at all", "called a Word document"),
        ("text.pdf", b"<html>Not found</html>", "called a PDF"),
        ("old.doc", OLE, "old Office file"),
        ("locked.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("text.rtf", b"{\\rtf1 hello}", "RTF"),
        ("program.txt", b"MZ\x90\0\x03\0\0\0" * 40, "a program"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01", "a PNG image"),
        ("picture.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01", "a JPEG image"),
        ("film.mp4", b"\0\0\0\x20ftypisom\0\0\x02\0", "a video"),
        ("unknown.xyz", bytes(range(256)) * 4, "not text"),
        ("zeros", bytes(5000), "not text"),
    ],
)
def test_what_is_no_article_is_refused_with_its_name_and_kind(tmp_path, name, data, says):
    message = refused(written(tmp_path, name, data))
    assert says in message
    assert name in message


def test_unknown_suffix_is_read_when_the_content_is_text(tmp_path):
    assert load_article(written(tmp_path, "notes.rst", "Some *words*\n")).text == "Some *words*\n"
    assert load_article(written(tmp_path, "page", "<!DOCTYPE html><p>Some <i>words</i>")).text == "Some words"
    assert load_article(written(tmp_path, "a.txt", "<html><p>Literal</p>")).text == "<html><p>Literal</p>"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "no path"),
        ("nowhere/file.txt", "no file 'nowhere/file.txt'"),
        ("www.example.com/page", "begin it with https://"),
        ("a\0b", "cannot be opened"),
        ("word " * 2000, "cannot be opened"),
        ("~nosuchuser42/a.txt", "nosuchuser42"),
        ("file:///etc/passwd", "give the path itself"),
        ("ftp://example.com/a.txt", "only http and https"),
        ("HTTP://", "names no host"),
        ("http://[::1", "not a valid address"),
        ("http://example.com:99999/", "port 99999"),
        ("https://me:secret@example.com/", "user name or password"),
    ],
)
def test_what_is_no_path_and_no_address_is_refused(given, says):
    message = refused(given)
    assert says in message
    assert "secret" not in message


def test_path_object_is_a_path_even_when_it_looks_like_an_address(tmp_path):
    assert "no file" in refused(Path("https://example.com/a"))


def test_folder_is_refused(tmp_path):
    assert "is a folder" in refused(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs POSIX")
def test_pipe_and_device_do_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "not a file" in refused(tmp_path / "pipe")
    assert "not a file" in refused("/dev/zero")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission_is_refused(tmp_path):
    path = written(tmp_path, "a.txt", "text")
    path.chmod(0)
    assert "may not be read" in refused(path)


def test_file_that_is_too_large_is_refused_with_its_size(tmp_path):
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(3_000_000_000)
    assert "3,000 MB, more than 20 MB" in refused(path)


def test_text_that_is_too_long_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(index.load, "TEXT_LIMIT", 100)
    assert "101 characters" in refused(written(tmp_path, "a.txt", "x" * 101))
    assert len(load_article(written(tmp_path, "a.txt", "x" * 100)).text) == 100


@SOON
@given(st.sampled_from(sorted(STARTS)), st.booleans(), st.binary(max_size=400))
def test_random_bytes_give_an_article_or_an_article_error(tmp_path, suffix, begin, data):
    path = written(tmp_path, f"random{suffix}", STARTS[suffix] * begin + data)
    with contextlib.suppress(ArticleError):
        article = load_article(path)
        assert article.text.strip()
        assert article.title
        article.text.encode("utf-8")


@SOON
@given(st.sampled_from([".txt", ".html", ".md"]), st.text(max_size=300))
def test_random_text_gives_an_article_or_an_article_error(tmp_path, suffix, text):
    path = written(tmp_path, f"random{suffix}", text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(ArticleError):
        article = load_article(path)
        assert article.title == " ".join(article.title.split())
        assert 0 < len(article.title) <= 200


@SOON
@given(st.sampled_from([PDF, DOCX]), st.data())
def test_damaged_documents_give_an_article_or_an_article_error(tmp_path, good, data):
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ArticleError):
        load_article(written(tmp_path, "damaged", bytes(damaged[: data.draw(st.integers(1, len(good)))])))


def test_import_loads_no_parser_and_no_client():
    heavy = ["docx", "lxml", "pypdfium2", "trafilatura", "markdown_it", "charset_normalizer", "httpx2", "httpcore2"]
    code = f"import sys, index.load; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_size_limit_is_20_megabytes():
    assert SIZE_LIMIT == 20_000_000
