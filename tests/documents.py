"""Documents to read, built small: texts of several languages, a page, PDF and Word files, ZIP archives."""

import io
import zipfile
from pathlib import Path

import docx
import fpdf
import pytest

from index.errors import ArticleError
from index.load import load_article

GERMAN = "Der Fluß fließt über die Brücke; das Mädchen hört zu. Größe zählt, sagt sie."
FRENCH = "The café’s menu – “très cher” – costs 5 €. Ångström said naïve things."
JAPANESE = "日本の首相は国会で演説した。経済政策について説明した。"
CHINESE = "中国国家主席在北京会见了外宾。双方就经贸合作交换了意见。"
RUSSIAN = "Президент встретился с министром обороны в Москве в понедельник."

LONG = (
    "The minister of foreign affairs travelled to the capital on Monday in order to discuss the agreement that both "
    "governments had been preparing since the beginning of the year. Nobody expected results before the summer, "
    "although several newspapers had announced them."
)

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


PDF, DOCX = pdf_of("# Title", LONG), docx_of(lambda document: document.add_paragraph(LONG))
