"""Good documents become the text a reader would want; everything else becomes one clear sentence."""

import contextlib
import gzip
import io
import os
import socket
import subprocess
import sys
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import docx
import fpdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index.load
from index.errors import ArticleError
from index.load import SIZE_LIMIT, load_article
from index.text import Article

SOON = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def refused(source: object, **settings: bool) -> str:
    """The message, which has to be one line with something to do next after its semicolon."""
    with pytest.raises(ArticleError) as caught:
        load_article(source, **settings)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message
    assert ";" in message
    assert caught.value.__cause__ is None
    return message


def pdf_of(*paragraphs: str, title: str = "", font: str = "Times", **output: object) -> bytes:
    """A PDF with each paragraph wrapped and justified by fpdf2; a line break in a paragraph begins a page."""
    pdf = fpdf.FPDF()
    pdf.set_margin(25)
    pdf.add_page()
    if title:
        pdf.set_title(title)
    for paragraph in paragraphs:
        large = paragraph.startswith("# ")
        pdf.set_font(font, size=20 if large else 11)
        pdf.multi_cell(0, 12 if large else 5.5, paragraph.removeprefix("# "))
        pdf.ln(6)
    if "password" in output:
        pdf.set_encryption(owner_password="owner", user_password=str(output["password"]))
    return bytes(pdf.output())


def docx_of(build) -> bytes:
    document = docx.Document()
    build(document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def zip_of(**members: bytes | str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


# Plain text


def test_text_is_kept_character_by_character_with_its_line_ends(tmp_path):
    text = "Title\r\n\r\n  Indented\tline. \rold Mac\nend\n\n\n"
    assert load_article(written(tmp_path, "a.txt", text)).text == text


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


GERMAN = "Der Fluß fließt über die Brücke; das Mädchen hört zu. Größe zählt, sagt sie."
FRENCH = "The café’s menu – “très cher” – costs 5 €. Ångström said naïve things."
JAPANESE = "日本の首相は国会で演説した。経済政策について説明した。"
CHINESE = "中国国家主席在北京会见了外宾。双方就经贸合作交换了意见。"
RUSSIAN = "Президент встретился с министром обороны в Москве в понедельник."


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", JAPANESE),
        ("utf-8-sig", RUSSIAN),
        ("utf-16", RUSSIAN),
        ("utf-16-le", GERMAN),
        ("utf-16-be", GERMAN),
        ("utf-32", CHINESE),
        ("cp1252", FRENCH),
        ("latin-1", GERMAN),
        ("shift_jis", JAPANESE),
        ("euc_jp", JAPANESE),
        ("gb18030", CHINESE),
        ("cp1251", RUSSIAN),
        ("koi8_r", RUSSIAN),
        ("euc_kr", "대통령은 월요일 서울에서 장관을 만났다."),
        ("big5", "總統星期一在台北會見了外賓。"),
    ],
)
@pytest.mark.parametrize("times", [1, 40])
def test_encoding_is_detected(tmp_path, encoding, text, times):
    text = "\n".join([text] * times)
    assert load_article(written(tmp_path, "a.txt", text.encode(encoding))).text == text


@pytest.mark.parametrize(
    ("mark", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\0\0\xfe\xff", "utf-32-be")]
)
def test_byte_order_mark_decides_and_is_no_part_of_the_text(tmp_path, mark, encoding):
    assert load_article(written(tmp_path, "a.txt", mark + JAPANESE.encode(encoding))).text == JAPANESE


def test_utf_8_with_a_damaged_byte_stays_utf_8(tmp_path):
    text = load_article(written(tmp_path, "a.txt", RUSSIAN.encode() + b"\xff" + RUSSIAN.encode())).text
    assert text == f"{RUSSIAN}\ufffd{RUSSIAN}"


@pytest.mark.parametrize(
    "data",
    [
        b"a\0b and more text " * 9,
        b"\xff\xfe\x00\xd8a\0",
        b"<p>&#xD800; &#0; x",
        "\ud800".encode("utf-8", "surrogatepass") + b" text",
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.md"])
def test_text_can_always_be_encoded(tmp_path, data, name):
    try:
        article = load_article(written(tmp_path, name, data))
    except ArticleError:
        return
    assert "\0" not in article.text
    article.text.encode("utf-8")
    article.title.encode("utf-8")


# Markdown


def test_markdown_is_read_without_its_markup(tmp_path):
    source = """# Head *one*

A hard-wrapped **paragraph** with a [link](http://example.com "t")
that goes on.\\
A new line, `code`, &amp; ![the picture](x.png)

- item one
- item _two_
  - nested

3. third

| Year | Trade |
|------|------:|
| 2024 | 5 \\* 2 |

> A quotation
> over two lines

```python
if x:
    y = "# no heading"
```

<details><summary>More</summary>hidden <b>text</b></details>

<!-- nothing -->
2 * 3 * 4 and snake_case_name
"""
    assert load_article(written(tmp_path, "a.md", source)).text == (
        "Head one\n\nA hard-wrapped paragraph with a link that goes on.\nA new line, code, & the picture\n\n"
        "item one\nitem two\nnested\n\nthird\n\nYear\tTrade\n2024\t5 * 2\n\nA quotation over two lines\n\n"
        'if x:\n    y = "# no heading"\n\nMore\nhidden text\n\n2 * 3 * 4 and snake_case_name'
    )


# HTML

NEWS = """<!doctype html><html><head><title>PM visits Tokyo - The Daily</title><style>p{}</style>
<script>var a = "SCRIPTED";</script></head><body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/w">World</a></li></ul></nav></header>
<main><article><h1>PM visits Tokyo</h1>
<p>The prime minister of <a href="/x">Norway</a> visited Tokyo
   on Monday, where she met the foreign&nbsp;minister &amp; talked about fish.</p>
<p>"We had a good talk," she said.<br>Then she left.</p>
<h2>Background</h2><ul><li>Trade rose 5 % in 2025.</li><li>Tourism <em>fell</em>.</li></ul>
<table><tr><th>Year</th><th>Trade</th></tr><tr><td>2024</td><td>5 bn</td></tr></table>
<noscript>Enable JAVASCRIPT</noscript></article></main>
<aside><h3>Related</h3><a href="/a">Another story</a></aside>
<footer>© 2026 The Daily. All rights reserved.</footer></body></html>"""


def test_html_is_read_as_its_main_content_with_blocks_on_their_own_lines(tmp_path):
    assert load_article(written(tmp_path, "a.html", NEWS)).text.replace("\xa0", " ") == (
        "PM visits Tokyo\n\nThe prime minister of Norway visited Tokyo on Monday, where she met the foreign minister "
        '& talked about fish.\n\n"We had a good talk," she said.\nThen she left.\n\nBackground\n\n'
        "Trade rose 5 % in 2025.\nTourism fell.\n\nYear\tTrade\n2024\t5 bn"
    )


def test_page_without_a_main_content_is_read_whole_less_its_navigation(tmp_path):
    page = "<nav>Home</nav><div>One <b>fact</b> here</div><script>SCRIPTED</script><div>Two</div><footer>F</footer>"
    assert load_article(written(tmp_path, "a.html", page)).text == "One fact here\nTwo"


@pytest.mark.parametrize("depth", [1, index.load.DEPTH_LIMIT + 50])
def test_page_that_is_too_deep_to_search_is_read_whole(tmp_path, depth):
    page = f"<nav>Home</nav>{'<div>' * depth}<p>{LONG}</p><p>Second <b>paragraph</b>.</p><footer>F</footer>"
    assert load_article(written(tmp_path, "a.html", page)).text == f"{LONG}\n\nSecond paragraph."


def test_long_markdown_is_read_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.setattr(index.load, "MARKDOWN_LIMIT", 20)
    article = load_article(written(tmp_path, "a.md", "# Head\n\nSome *words* and more"))
    assert (article.title, article.text) == ("Head", "# Head\n\nSome *words* and more")


@pytest.mark.parametrize(
    ("head", "encoding", "text"),
    [
        ('<meta charset="windows-1251">', "cp1251", RUSSIAN),
        ('<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">', "shift_jis", JAPANESE),
        ("<meta charset=iso-8859-1>", "cp1252", "“café” costs 5 €"),
        ("<meta charset=gb2312>", "gb18030", CHINESE),
        ("<meta charset=iso-8859-2>", "iso-8859-2", "Święto źródła żółwia"),
        ("<meta charset=utf-16>", "utf-8", JAPANESE),
        ("<meta charset=nonsense>", "utf-8", JAPANESE),
        ("<meta charset=unicode_escape>", "utf-8", "a \\x41 text"),
        ("<meta charset=zlib>", "utf-8", JAPANESE),
    ],
)
def test_declared_charset_of_a_page_is_respected_when_browsers_would(tmp_path, head, encoding, text):
    page = f"<html><head>{head}</head><body><p>{text}</p></body></html>"
    assert load_article(written(tmp_path, "a.html", page.encode(encoding))).text == text


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "The end" + "</div>" * 100_000,
        "<b>" * 20_000 + "The end",
        "<a " * 100_000,
        "<p>" + "word " * 1_000_000,
        "<p>The quick fox</p>" * 100_000,
        "<table><tr><td>" * 5_000 + "x",
        "<" * 500_000,
        "<!--" * 100_000,
        "&" * 500_000,
    ],
    ids=["deep", "unclosed", "attributes", "line", "wide", "tables", "angles", "comments", "ampersands"],
)
def test_hostile_html_is_read_or_refused_soon(tmp_path, page):
    started = time.monotonic()
    with contextlib.suppress(ArticleError):
        assert load_article(written(tmp_path, "a.html", page)).text
    assert time.monotonic() - started < 15


# PDF

LONG = (
    "The minister of foreign affairs travelled to the capital on Monday in order to discuss the agreement that both "
    "governments had been preparing since the beginning of the year. Nobody expected results before the summer, "
    "although several newspapers had announced them."
)


def test_pdf_paragraphs_are_whole_again(tmp_path):
    other = LONG.replace("minister", "secretary")
    article = load_article(written(tmp_path, "a.pdf", pdf_of("# The Visit", LONG, other)))
    assert article.text == f"The Visit\n\n{LONG}\n\n{other}"
    assert article.title == "The Visit"


def test_pdf_paragraph_goes_on_over_a_page_break_without_running_heads(tmp_path):
    pages = fpdf.FPDF()
    pages.set_font("Times", size=11)
    sentence = "The report on page {} says that the harvest of the northern valleys was better than the"
    for number in (1, 2, 3, 4):
        pages.add_page()
        pages.set_xy(20, 10)
        pages.cell(text="The Annual Report")
        pages.set_xy(20, 30)
        pages.multi_cell(0, 6, ("harvest of the south. " if number > 1 else "") + sentence.format(number))
        pages.set_xy(100, 270)
        pages.cell(text=str(number))
    text = load_article(written(tmp_path, "a.pdf", bytes(pages.output()))).text
    assert text.count("The Annual Report") == 1
    assert text.count("was better than the harvest of the south.") == 3
    assert "\n4" not in text


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ("an inter-", "national treaty", "an international treaty"),
        ("the Anglo-", "Saxon kings", "the Anglo-Saxon kings"),
        ("a well-known fact is well-", "known to all", "a well-known fact is well-known to all"),
    ],
    ids=["hyphenated", "proper name", "written so elsewhere"],
)
def test_pdf_words_are_whole_again(tmp_path, first, second, text):
    pdf = fpdf.FPDF()
    pdf.add_page()
    pdf.set_font("Times", size=11)
    for number, line in enumerate((first, second)):
        pdf.text(20, 20 + 5 * number, line)
    assert load_article(written(tmp_path, "a.pdf", bytes(pdf.output()))).text == text


@pytest.mark.parametrize(
    ("metadata", "title"),
    [
        ("A Study of Birds", "A Study of Birds"),
        ("Microsoft Word - A Study", "A Study"),
        ("untitled", "The Visit"),
        ("x.dvi", "The Visit"),
    ],
)
def test_pdf_title_is_taken_from_metadata_when_it_is_sensible(tmp_path, metadata, title):
    assert load_article(written(tmp_path, "a.pdf", pdf_of("# The Visit", LONG, title=metadata))).title == title


def test_pdf_by_another_name_is_read_as_pdf(tmp_path):
    assert load_article(written(tmp_path, "a.txt", pdf_of("Some words here."))).text == "Some words here."


def test_pdfs_are_read_from_several_threads_at_once(tmp_path):
    path = written(tmp_path, "a.pdf", pdf_of("# The Visit", *[LONG] * 30))
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(load_article(path).text)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts) == 6
    assert len(set(texts)) == 1


def test_scanned_pdf_is_refused_with_the_way_out(tmp_path):
    pdf = fpdf.FPDF()
    pdf.add_page()
    pdf.rect(10, 10, 100, 100, style="F")
    message = refused(written(tmp_path, "scan.pdf", bytes(pdf.output())))
    assert "1 page but no text" in message
    assert "OCR" in message


def test_encrypted_pdf_is_refused(tmp_path):
    assert "password" in refused(written(tmp_path, "a.pdf", pdf_of("secret", password="x")))


@pytest.mark.parametrize("cut", [5, 20, 400])
def test_broken_pdf_is_refused(tmp_path, cut):
    assert "damaged PDF" in refused(written(tmp_path, "a.pdf", pdf_of("Some words.")[:cut]))


# Word


def test_docx_gives_paragraphs_lists_and_tables_in_order(tmp_path):
    def build(document):
        document.add_paragraph("The Visit", style="Title")
        document.add_heading("Arrival", 1)
        paragraph = document.add_paragraph("She came on ")
        paragraph.add_run("Monday").bold = True
        paragraph.add_run(".\tThen\nleft.")
        document.add_paragraph("first", style="List Bullet")
        document.add_paragraph("second", style="List Bullet")
        table = document.add_table(2, 2)
        for number, text in enumerate(("Year", "Trade", "2024", "5 bn")):
            table.cell(number // 2, number % 2).text = text
        document.add_paragraph("The end.")

    article = load_article(written(tmp_path, "a.docx", docx_of(build)))
    assert article.text == (
        "The Visit\n\nArrival\n\nShe came on Monday.\tThen\nleft.\n\nfirst\nsecond\n\n"
        "Year\tTrade\n2024\t5 bn\n\nThe end."
    )
    assert article.title == "The Visit"


def test_docx_reads_insertions_links_and_text_boxes_but_not_deletions(tmp_path):
    def build(document):
        from docx.oxml import parse_xml
        from docx.oxml.ns import nsdecls

        inner = (
            "<w:r><w:t xml:space='preserve'>She </w:t></w:r><w:ins><w:r><w:t>met</w:t></w:r></w:ins>"
            "<w:del><w:r><w:delText>saw</w:delText></w:r></w:del>"
            "<w:hyperlink><w:r><w:t xml:space='preserve'> the king</w:t></w:r></w:hyperlink>"
            "<w:r><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent></w:r>"
        )
        body = document.element.body
        body.insert(0, parse_xml(f"<w:p {nsdecls('w')}>{inner}</w:p>"))
        body.insert(
            1,
            parse_xml(
                f"<w:sdt {nsdecls('w')}><w:sdtContent>"
                "<w:p><w:r><w:t>Controlled</w:t></w:r></w:p></w:sdtContent></w:sdt>"
            ),
        )

    assert (
        load_article(written(tmp_path, "a.docx", docx_of(build))).text == "She met the king\n\nIn a box\n\nControlled"
    )


def test_docx_nested_tables_are_read_once(tmp_path):
    def build(document):
        outer = document.add_table(1, 2)
        outer.cell(0, 0).text = "left"
        inner = outer.cell(0, 1).add_table(1, 1)
        inner.cell(0, 0).text = "inner"

    assert load_article(written(tmp_path, "a.docx", docx_of(build))).text == "left\tinner"


@pytest.mark.parametrize(
    ("given", "title"), [("On Birds", "On Birds"), ("Word Document", "Chapter"), ("a.docx", "Chapter")]
)
def test_docx_title_is_its_property_unless_that_says_nothing(tmp_path, given, title):
    def build(document):
        document.core_properties.title = given
        document.add_heading("Chapter", 1)
        document.add_paragraph("Text.")

    assert load_article(written(tmp_path, "a.docx", docx_of(build))).title == title


def test_docx_bomb_is_refused_before_it_is_unpacked(tmp_path):
    bomb = zip_of(**{"[Content_Types].xml": "<x/>", "word/document.xml": b" " * 60_000_000})
    assert len(bomb) < 100_000
    started = time.monotonic()
    assert "unpacks to 60 MB" in refused(written(tmp_path, "a.docx", bomb))
    assert time.monotonic() - started < 2


def test_docx_entities_are_not_expanded(tmp_path):
    good = docx_of(lambda document: document.add_paragraph("MARK"))
    bomb = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(bomb, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "word/document.xml":
                declared = b'<!DOCTYPE x [<!ENTITY a "BOOM"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]><w:document'
                data = data.replace(b"<w:document", declared, 1).replace(b"MARK", b"x&b;&f;y")
            target.writestr(name, data)
    with contextlib.suppress(ArticleError):
        text = load_article(written(tmp_path, "a.docx", bomb.getvalue())).text
        assert "BOOM" not in text
        assert "root" not in text


# What cannot be read

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


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


PDF, DOCX = pdf_of("# Title", LONG), docx_of(lambda document: document.add_paragraph(LONG))
STARTS = {".txt": b"", ".html": b"<html><p>", ".md": b"# x\n", ".pdf": b"%PDF-1.7\n", ".docx": b"PK\x03\x04"}


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


def docx_with(document_xml: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(DOCX)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            target.writestr(name, document_xml if name == "word/document.xml" else source.read(name))
    return file.getvalue()


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "<x/>",
        "no xml",
        "<a>" * 100_000,
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>',
    ],
)
def test_docx_with_another_document_inside_is_refused(tmp_path, xml):
    refused(written(tmp_path, "a.docx", docx_with(xml)))


# Addresses


class Handler(BaseHTTPRequestHandler):
    """Answers by the path's first segment; small enough to be read at a glance."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def send(self, body: bytes, kind: str = "text/plain", status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def do_GET(self):
        server, path = self.server, self.path.partition("?")[0]
        server.asked.append((self.path, dict(self.headers)))
        if path == "/redirect":
            self.send(b"", status=302, Location=self.path.partition("?")[2])
        elif path == "/loop":
            self.send(b"", status=301, Location="/loop")
        elif path.startswith("/status/"):
            self.send(b"sorry", status=int(path[8:]))
        elif path == "/announced":
            self.send_response(200)
            self.send_header("Content-Length", "1000000000")
            self.end_headers()
        elif path == "/endless":
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Connection", "close")
            self.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(b"word " * 20_000)
        elif path in ("/drip", "/drip-head"):
            with contextlib.suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + b"\r\n" * (path == "/drip"))
                while not server.stopped.wait(0.05):
                    self.wfile.write(b"x")
        elif path == "/cut":
            self.send(b"short", Content_Length="500")
            self.close_connection = True
        else:
            body, kind, headers = server.pages[path]
            self.send(body, kind, **headers)


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.pages, server.asked, server.stopped = {}, [], threading.Event()
    server.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.stopped.set()
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(site, path: str) -> Article:
    return load_article(site.address + path, allow_private=True)


@pytest.mark.parametrize(
    ("path", "body", "kind", "headers", "title", "text"),
    [
        ("/news", NEWS.encode(), "text/html", {}, "PM visits Tokyo - The Daily", None),
        ("/a.txt", b"Only one line", "text/plain", {}, "a", "Only one line"),
        ("/b%20c.txt?v=1", b"Only one line", "text/plain", {}, "b c", "Only one line"),
        ("/a.md", b"Some *words*", "text/plain", {}, "a", "Some words"),
        ("/x", b"# Head\n\nSome *words*", "text/markdown; charset=utf-8", {}, "Head", "Head\n\nSome words"),
        ("/p", PDF, "application/pdf", {}, "Title", f"Title\n\n{LONG}"),
        ("/p.pdf", PDF, "application/octet-stream", {}, "Title", f"Title\n\n{LONG}"),
        ("/p", PDF, "text/html", {}, "Title", f"Title\n\n{LONG}"),
        ("/w", DOCX, "application/octet-stream", {}, "w", LONG),
        ("/u", b"<html><p>Words", "", {}, "u", "Words"),
        ("/r", RUSSIAN.encode("koi8-r"), "text/plain; charset=KOI8-R", {}, "r", RUSSIAN),
        ("/j", f"<meta charset=utf-8><p>{JAPANESE}".encode("euc-jp"), 'text/html;charset="euc-jp"', {}, "j", JAPANESE),
        ("/z", gzip.compress(b"Packed words"), "text/plain", {"Content_Encoding": "gzip"}, "z", "Packed words"),
        ("/", b"Only one line", "text/plain", {}, None, "Only one line"),
    ],
)
def test_address_is_read_by_its_type_and_content(site, path, body, kind, headers, title, text):
    from urllib.parse import urlsplit

    site.pages[urlsplit(path).path] = (body, kind, headers)
    article = fetch(site, path)
    assert article.source == site.address + path
    assert text is None or article.text == text
    assert article.title == title or (title is None and article.title.startswith("127.0.0"))


def test_redirects_are_followed_to_the_final_address(site):
    site.pages["/end"] = (b"Words", "text/plain", {})
    article = fetch(site, f"/redirect?{site.address}/redirect?/end#part")
    assert (article.text, article.source) == ("Words", f"{site.address}/end")


def test_host_header_keeps_the_name_that_was_asked_for(site):
    site.pages["/a"] = (b"Words", "text/plain", {})
    load_article(f"http://localhost:{site.server_port}/a", allow_private=True)
    assert site.asked[-1][1]["Host"] == f"localhost:{site.server_port}"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/status/404", "404 Not Found"),
        ("/status/410", "410 Gone"),
        ("/status/403", "open it in a browser"),
        ("/status/500", "500 Internal Server Error"),
        ("/status/999", "answered 999"),
        ("/status/304", "304"),
        ("/loop", "redirects more than 10 times"),
        ("/redirect?ftp://127.0.0.1/", "only http and https"),
        ("/redirect?file:///etc/passwd", "only http and https"),
        ("/redirect?http://me:secret@127.0.0.1/", "user name or password"),
        ("/redirect?http://[::1", "invalid address"),
        ("/announced", "1,000 MB, more than 20 MB"),
        ("/endless", "more than 20 MB"),
        ("/cut", "could not be fetched"),
    ],
)
def test_servers_refusals_and_faults_are_told_in_one_sentence(site, path, says):
    message = refused(site.address + path, allow_private=True)
    assert says in message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("body", "kind", "encoding", "says"),
    [
        (b"\x89PNG", "image/png", "", "is image/png"),
        (b"\0\0\0\x20ftyp", "video/mp4", "", "is video/mp4"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\r", "text/plain", "", "a PNG image"),
        (b"", "text/plain", "", "is empty"),
        (b"no gzip", "text/plain", "gzip", "broken gzip"),
        (gzip.compress(b"word " * 1000)[:-9], "text/plain", "gzip", "broke off"),
        (gzip.compress(bytes(200_000_000), 9), "text/plain", "gzip", "more than 20 MB"),
        (b"abc", "text/plain", "br", "was not asked for"),
        (zip_of(a="x"), "application/zip", "", "ZIP archive"),
        (b"<html>Login</html>", "application/pdf", "", "called a PDF"),
    ],
    ids=["image", "video", "lie", "empty", "no gzip", "cut gzip", "gzip bomb", "brotli", "zip", "no pdf"],
)
def test_contents_that_are_no_article_are_refused(site, body, kind, encoding, says):
    site.pages["/a"] = (body, kind, {"Content_Encoding": encoding})
    assert says in refused(f"{site.address}/a", allow_private=True)


@pytest.mark.parametrize("path", ["/drip", "/drip-head"])
def test_slow_drip_is_cut_off(site, path, monkeypatch):
    monkeypatch.setattr(index.load, "DOWNLOAD_TIME", 0.6)
    started = time.monotonic()
    assert "did not arrive within 0.6 seconds" in refused(site.address + path, allow_private=True)
    assert time.monotonic() - started < 3


def test_slow_name_look_up_is_cut_off(monkeypatch):
    monkeypatch.setattr(index.load, "DOWNLOAD_TIME", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1.5) or [])
    started = time.monotonic()
    assert "did not arrive" in refused("http://slow.example/")
    assert time.monotonic() - started < 1


def test_closed_port_and_missing_tls_are_told(site):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "could not be fetched" in refused(f"http://127.0.0.1:{port}/", allow_private=True)
    assert "no secure connection" in refused(f"https://127.0.0.1:{site.server_port}/", allow_private=True)


def test_unknown_host_is_told(monkeypatch):
    def nothing(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    assert "no host 'nowhere.example'" in refused("https://nowhere.example/a")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "100.100.100.200", "168.63.129.16", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "fe80::1", "fc00::1", "fd00:ec2::254",
        "fec0::1", "ff02::1", "2001:db8::1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused_by_number_and_by_name(address, monkeypatch):
    host = f"[{address}]" if ":" in address else address
    assert "not a public address" in refused(f"http://{host}/")
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, port, **more: real(address, port, **more))
    assert "not a public address" in refused("http://innocent.example/")


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "localhost", "0177.0.0.1", "①②⑦.0.0.1"])
def test_disguised_loopback_is_refused(host, site):
    with pytest.raises(ArticleError):
        load_article(f"http://{host}:{site.server_port}/")
    assert site.asked == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "2002:808:808::1"])
def test_public_addresses_are_public(address):
    import ipaddress

    assert index.load._public(ipaddress.ip_address(address))


def redirecting_names(monkeypatch, names: dict[str, list[str]]) -> list[str]:
    """Resolve names to the addresses in turn; the list of names that were asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host, port, *arguments, **more):
        if host in names:
            asked.append(host)
            host = names[host].pop(0) if len(names[host]) > 1 else names[host][0]
        return real(host, port, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_redirect_from_a_public_host_to_loopback_is_refused(site, monkeypatch):
    redirecting_names(monkeypatch, {"public.example": ["127.0.0.1"]})
    monkeypatch.setattr(
        index.load, "_public", lambda address: len(checked) < 1 if checked.append(address) else len(checked) == 1
    )
    checked: list[object] = []
    site.pages["/secret"] = (b"Secret", "text/plain", {})
    target = f"http://127.0.0.1:{site.server_port}/secret"
    message = refused(f"http://public.example:{site.server_port}/redirect?{target}")
    assert "not a public address" in message
    assert [path for path, _ in site.asked] == [f"/redirect?{target}"]


def test_name_is_resolved_once_so_that_it_cannot_change_between_check_and_connection(site, monkeypatch):
    site.pages["/a"] = (b"Words", "text/plain", {})
    asked = redirecting_names(monkeypatch, {"public.example": ["127.0.0.1", "127.0.0.9"]})
    monkeypatch.setattr(index.load, "_public", lambda address: str(address) == "127.0.0.1")
    assert load_article(f"http://public.example:{site.server_port}/a").text == "Words"
    assert asked == ["public.example"]
    assert site.asked[0][1]["Host"] == f"public.example:{site.server_port}"


def test_proxy_of_the_environment_is_not_asked(site, monkeypatch):
    site.pages["/a"] = (b"Words", "text/plain", {})
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert fetch(site, "/a").text == "Words"


def test_second_address_is_tried_when_the_first_is_dead(site, monkeypatch):
    site.pages["/a"] = (b"Words", "text/plain", {})
    entries = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 1)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1)),
    ]
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: entries if host == "two.example" else real(host, *rest, **more),
    )
    assert load_article(f"http://two.example:{site.server_port}/a", allow_private=True).text == "Words"


def test_import_loads_no_parser_and_no_client():
    heavy = ["docx", "lxml", "pypdfium2", "trafilatura", "markdown_it", "charset_normalizer", "httpx2", "httpcore2"]
    code = f"import sys, index.load; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_size_limit_is_20_megabytes():
    assert SIZE_LIMIT == 20_000_000
