"""Each format becomes the text that its reader would see, with its blocks on lines of their own."""

import contextlib
import io
import re
import threading
import time
import zipfile

import fpdf
import pytest
from documents import DOCX, LONG, NEWS, docx_of, pdf_of, refused, written, zip_of

import index.formats.html
import index.formats.markdown
import index.formats.pdf
from index.errors import ArticleError
from index.formats.paragraphs import _LEADER, Line, _dehyphenated, join, without_running_heads
from index.load import load_article

# Plain text and Markdown


def test_text_is_kept_character_by_character_with_its_line_ends(tmp_path):
    text = "Title\r\n\r\n  Indented\tline. \rold Mac\nend\n\n\n"
    assert load_article(written(tmp_path, "a.txt", text)).text == text


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


def test_long_markdown_is_read_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.setattr(index.formats.markdown, "MARKDOWN_LIMIT", 20)
    article = load_article(written(tmp_path, "a.md", "# Head\n\nSome *words* and more"))
    assert (article.title, article.text) == ("Head", "# Head\n\nSome *words* and more")


# HTML


def test_html_is_read_as_its_main_content_with_blocks_on_their_own_lines(tmp_path):
    assert load_article(written(tmp_path, "a.html", NEWS)).text.replace("\xa0", " ") == (
        "PM visits Tokyo\n\nThe prime minister of Norway visited Tokyo on Monday, where she met the foreign minister "
        '& talked about fish.\n\n"We had a good talk," she said.\nThen she left.\n\nBackground\n\n'
        "Trade rose 5 % in 2025.\nTourism fell.\n\nYear\tTrade\n2024\t5 bn"
    )


def test_page_without_a_main_content_is_read_whole_less_its_navigation(tmp_path):
    page = "<nav>Home</nav><div>One <b>fact</b> here</div><script>SCRIPTED</script><div>Two</div><footer>F</footer>"
    assert load_article(written(tmp_path, "a.html", page)).text == "One fact here\nTwo"


@pytest.mark.parametrize("depth", [1, index.formats.html.DEPTH_LIMIT + 50])
def test_page_that_is_too_deep_to_search_is_read_whole(tmp_path, depth):
    page = f"<nav>Home</nav>{'<div>' * depth}<p>{LONG}</p><p>Second <b>paragraph</b>.</p><footer>F</footer>"
    assert load_article(written(tmp_path, "a.html", page)).text == f"{LONG}\n\nSecond paragraph."


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


@pytest.mark.parametrize(
    "page",
    ["<body>{}</body>", "<body><nav><p>Menu</p></nav><div class='WordSection1'>{}</div><footer>2026</footer></body>"],
)
def test_a_page_that_marks_no_article_keeps_its_headings_and_lists(tmp_path, page):
    told = (
        "The storm hit the coast on 31 January 1953 and it killed {} people in England, which led to the building "
        "of the barrier that stands in the river to this day. Engineers worked on it for many years."
    )
    parts = (
        f"<h1>The flood of 1953</h1><p>{told.format(307)}</p><h2>Causes</h2><p>{told.format(308)}</p>"
        f"<ul><li>A wind from the north.</li><li>A spring tide.</li></ul><h2>Losses</h2><p>{told.format(309)}</p>"
    )
    lines = load_article(written(tmp_path, "a.html", f"<html>{page.format(parts)}</html>")).text.split("\n")
    for line in ("The flood of 1953", "Causes", "A wind from the north.", "A spring tide.", "Losses", told.format(309)):
        assert line in lines
    assert "Menu" not in lines


def test_a_page_of_sections_keeps_every_paragraph(tmp_path):
    told = (
        "The storm of {} hit the coast and it killed many people in England, which led to the building of the barrier."
    )
    numbers = iter(range(1900, 2000))
    sections = ""
    for count in (8, 2, 1, 1):
        paragraphs = [f"<p>{told.format(next(numbers)) * 2}</p>" for _ in range(count)]
        sections += f"<section><h2>Part</h2>{''.join(paragraphs)}</section>"
    text = load_article(written(tmp_path, "a.html", f"<html><body><h1>Flood</h1>{sections}</body></html>")).text
    assert all(told.format(year) in text for year in range(1900, 1912))


FEET = [
    ["1", "2", "3"] * 3,
    ["2", "4", "6", "8"],
    ["1-1", "1-2", "1-3", "2-1", "2-2", "2-3"],
    ["Page 1 of 3", "Page 2 of 3", "Page 3 of 3"] * 3,
]


@pytest.mark.parametrize("feet", FEET, ids=["anew", "by two", "of chapters", "of three documents"])
def test_page_numbers_that_begin_anew_are_no_text(feet):
    pages = [[Line("Body.", n, 0, 100, 700, 10), Line(foot, n, 0, 100, 20, 10)] for n, foot in enumerate(feet)]
    kept = [line.text for page in without_running_heads(pages) for line in page]
    assert set(kept) <= {"Body.", *feet[:3]}
    assert len(kept) <= len(feet) + 3


def test_what_stands_between_two_rules_of_markdown_is_no_front_matter(tmp_path):
    source = "---\n\nThe storm hit Leeds in 1953.\n\n---\n\nThe end came later.\n"
    assert load_article(written(tmp_path, "a.md", source)).text == "The storm hit Leeds in 1953.\n\nThe end came later."
    source = "---\ntitle: Storm\n---\n\nThe end came later.\n"
    assert load_article(written(tmp_path, "b.md", source)).text == "The end came later."


def test_a_pdf_keeps_first_and_last_lines_that_differ_in_what_they_tell():
    def page(number, first, last):
        return [Line(text, number, 0, 100, 700 - 20 * n, 10) for n, text in enumerate((first, "Body.", last))]

    told = [("Results of 2017", "Profit: 12"), ("Results of 2019", "Profit: 40"), ("Results of 2023", "Profit: 7")]
    pages = [page(number, *each) for number, each in enumerate(told)]
    assert without_running_heads(pages) == pages
    headed = [page(number, f"Year 2019, part {number + 4} of 12", str(number + 1)) for number in range(4)]
    assert [[line.text for line in each] for each in without_running_heads(headed)] == [
        ["Year 2019, part 4 of 12", "Body."],
        *[["Body."]] * 3,
    ]


def test_a_hyphen_that_waits_for_its_word_stays():
    lines = [Line("They made short-", 0, 0, 300, 100, 10), Line("and long-term plans.", 0, 0, 300, 88, 10)]
    assert join(lines) == "They made short- and long-term plans."
    lines = [Line("I ate a potato and a pota-", 0, 0, 300, 100, 10), Line("to again.", 0, 0, 300, 88, 10)]
    assert join(lines) == "I ate a potato and a potato again."


def test_docx_footnotes_are_read(tmp_path):
    good = docx_of(lambda document: document.add_paragraph("The treaty was signed."))
    notes = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>LINE</w:t></w:r></w:p></w:footnote>'
        '<w:footnote w:id="1"><w:p><w:r><w:t>In Leeds, by Ann Lee.</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    relation = (
        '<Relationship Id="rIdNotes" Target="footnotes.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"/></Relationships>'
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    override = f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'
    added = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(added, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "word/_rels/document.xml.rels":
                data = data.replace(b"</Relationships>", relation.encode())
            if name == "[Content_Types].xml":
                data = data.replace(b"</Types>", override.encode())
            target.writestr(name, data)
        target.writestr("word/footnotes.xml", notes)
    text = load_article(written(tmp_path, "a.docx", added.getvalue())).text
    assert text == "The treaty was signed.\n\nIn Leeds, by Ann Lee."


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.rst", "<!---->" * 40 + "x"),
        ("a.html", "<p>" + "word&nbsp;word " * 200 + "&nbsp;" * 100_000 + "end</p>"),
        ("a.md", "```\na" + " " * 300_000 + "b\n```\n"),
        ("a.md", "```\na\n" + " " * 300_000 + "b\n```\n"),
        ("a.html", "<h1><div>" * 100 + "x" * 1_000_000),
    ],
    ids=["comments", "blanks", "a long line of code", "a line of code that begins with blanks", "headings in headings"],
)
def test_small_files_cannot_keep_it_busy(tmp_path, name, text):
    started = time.monotonic()
    assert load_article(written(tmp_path, name, text)).text
    assert time.monotonic() - started < 15


def test_long_lines_of_a_pdf_cannot_keep_it_busy():
    started = time.monotonic()
    assert _dehyphenated("a" * 100_000 + " ex\ufffe ample \ufffeday") == "a" * 100_000 + " example day"
    assert _LEADER.search("." * 100_000 + "x") is None
    assert time.monotonic() - started < 5
    assert _LEADER.search("Introduction . . . . . . 7")
    assert _LEADER.search("Introduction....7")
    assert not _LEADER.search("and so on... 7")


# PDF


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


def nested_pdf(levels, width):
    """A PDF whose page draws a form that draws another so many times, and so on: width to the power of levels."""
    forms = [
        f"{5 + n} 0 obj <</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {6 + n} 0 R>>>>"
        f"/Length {6 * width}>> stream\n{'/X Do ' * width}\nendstream endobj\n"
        for n in range(levels)
    ]
    text, last = "BT /F 9 Tf (A) Tj ET", 5 + levels
    return "".join(
        [
            "%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n",
            "2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n",
            (
                "3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R"
                "/Resources<</XObject<</X 5 0 R>>>>>> endobj\n"
            ),
            "4 0 obj <</Length 5>> stream\n/X Do\nendstream endobj\n",
            *forms,
            (
                f"{last} 0 obj <</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F {last + 1} 0 R>>>>"
                f"/Length {len(text)}>> stream\n{text}\nendstream endobj\n"
            ),
            f"{last + 1} 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica>> endobj\n",
            "trailer <</Root 1 0 R>>\n%%EOF\n",
        ]
    ).encode()


def test_a_pdf_that_multiplies_itself_is_given_up_and_takes_nothing_along(tmp_path, monkeypatch):
    assert set(load_article(written(tmp_path, "a.pdf", nested_pdf(2, 3))).text) == {"A"}
    monkeypatch.setattr(index.formats.pdf, "PDF_TIME", 1.0)
    monkeypatch.setattr(index.formats.pdf, "STARTING", 1.0)
    started = time.monotonic()
    assert re.search("takes longer|damaged", refused(written(tmp_path, "a.pdf", nested_pdf(9, 10))))
    assert time.monotonic() - started < 60


def test_scanned_pdf_is_refused_with_the_way_out(tmp_path):
    pdf = fpdf.FPDF()
    pdf.add_page()
    pdf.rect(10, 10, 100, 100, style="F")
    message = refused(written(tmp_path, "scan.pdf", bytes(pdf.output())))
    assert "1 page but no text" in message
    assert "OCR" in message


def test_scanned_pdf_with_stamped_page_numbers_is_refused_like_any_other(tmp_path):
    pdf = fpdf.FPDF()
    pdf.set_font("Times", size=11)
    for number in (1, 2, 3):
        pdf.add_page()
        pdf.text(100, 270, str(number))
    assert "3 pages but no text" in refused(written(tmp_path, "scan.pdf", bytes(pdf.output())))


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
    started = time.process_time()
    assert "unpacks to 60 MB" in refused(written(tmp_path, "a.docx", bomb))
    assert time.process_time() - started < 2


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


def docx_with(document_xml: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(DOCX)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            target.writestr(name, document_xml if name == "word/document.xml" else source.read(name))
    return file.getvalue()
