"""A path or an address becomes an article: its readable text, its title and where it came from, or one clear refusal.

    open a file, or download an address (index.fetch)  ->  Document
    tell its kind                                      ->  text, Markdown, HTML, PDF or Word
    read it (index.formats)                            ->  title and text  ->  Article

What a document is, its bytes decide; its name or content type only chooses between kinds of text.
"""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path, PurePosixPath

from index.document import READABLE, SIZE_LIMIT, TEXT_LIMIT, Document
from index.errors import ArticleError
from index.fetch import download
from index.formats import html, markdown, pdf, plain, word
from index.text import Article, showable, utf8
from index.wording import megabytes, one_line, quoted

__all__ = ["SIZE_LIMIT", "SUFFIXES", "load_article"]

_READERS: dict[str, Callable[[Document], tuple[str, str]]] = {
    "text": plain.read,
    "markdown": markdown.read,
    "html": html.read,
    "pdf": pdf.read,
    "docx": word.read,
}
_BY_SUFFIX = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd"), "markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".xht"), "html"),
    ".pdf": "pdf",
    ".docx": "docx",
}
SUFFIXES = (".txt", ".text", ".rst", *_BY_SUFFIX)  # of the files that are taken for articles where one may choose
_BY_TYPE = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}
_ZIPPED = (  # a file inside, what the archive is then, what to do
    ("META-INF/container.xml", "an EPUB book", "convert it to HTML, PDF or text first"),
    ("xl/workbook.xml", "an Excel workbook", "save the sheet as text first"),
    ("ppt/presentation.xml", "a PowerPoint presentation", "save it as PDF first"),
    ("content.xml", "an OpenDocument file", "save it as .docx or PDF first"),
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ADDRESS = re.compile(r"\s*[a-z][a-z0-9+.-]+://", re.IGNORECASE)  # two letters at least: C:// is a drive
_LOOKS_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).){0,500}-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


def load_article(path_or_url: str | Path, *, allow_private: bool = False) -> Article:
    """The article at a path or an http(s) address: txt, md, html, pdf or docx, whatever it is called.

    A str that begins with a scheme (`https://`) is an address, any other str is a path, and a `Path` always is;
    `~` is the home folder. `article.source` is the path as given or the address after redirects; the title comes from
    the document, or from its name, and is never empty. The text can always be encoded as UTF-8.
    `allow_private` also fetches from loopback and private networks, which are refused otherwise.

    Raises ArticleError, in one sentence, for everything that cannot be read: missing, empty, larger than 20 MB, of
    another format, encrypted, broken, without text, a refused address, a server's refusal, no answer in 30 s.
    """
    if isinstance(path_or_url, str) and _ADDRESS.match(path_or_url):
        document = download(path_or_url.strip(), allow_private=allow_private)
    else:
        document = _open(path_or_url)
    title, text = _READERS[_kind(document)](document)
    return _article(document, title, text)


def _open(path: str | Path) -> Document:
    """The file's bytes, when it is a regular file of at most SIZE_LIMIT bytes."""
    given = str(path)
    shown = quoted(given)
    if not given.strip():
        raise ArticleError("no path was given; name a file or an address that begins with https://")
    try:
        full = Path(path).expanduser()
        found = full.stat()
        if stat.S_ISDIR(found.st_mode):
            raise ArticleError(f"{shown} is a folder; name a file in it")
        if not stat.S_ISREG(found.st_mode):  # reading a pipe or a device might never end
            raise ArticleError(f"{shown} is a device or a pipe, not a file; save its content to a file first")
        with full.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        hint = "if it is an address, begin it with https://" if given.lower().startswith("www.") else "check the path"
        raise ArticleError(f"there is no file {shown}; {hint}") from None
    except PermissionError:
        raise ArticleError(f"{shown} may not be read; change its permissions or choose another file") from None
    except (OSError, ValueError, RuntimeError) as error:  # too long, an embedded null, ~ without a home
        reason = getattr(error, "strerror", None) or str(error)
        raise ArticleError(f"{shown} cannot be opened as a file ({reason}); check the path") from None
    if len(data) > SIZE_LIMIT:
        size = max(found.st_size, len(data))
        raise ArticleError(f"{shown} has {megabytes(size)}, more than {megabytes(SIZE_LIMIT)}; split it into parts")
    if not data:
        raise ArticleError(f"{shown} is empty; choose a file with text in it")
    return Document(data, given, full.name)


def _kind(document: Document) -> str:
    """The key of the document's reader; raises ArticleError when there is none."""
    shown, data = document.shown, document.data
    if data.lstrip()[:5] == b"%PDF-":
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _zipped(document)
    if data.startswith(_OLD_OFFICE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise ArticleError(f"{shown} is encrypted with a password; save a copy without one")
        raise ArticleError(f"{shown} is an old Office file (.doc, .xls, .ppt); save it as .docx or PDF first")
    if data.startswith(b"{\\rtf"):
        raise ArticleError(f"{shown} is an RTF file; save it as .docx, PDF or text first")
    suffix = PurePosixPath(document.name).suffix.lower()
    if document.type in ("", "text/plain", "application/octet-stream"):  # they say little: the name decides
        kind = _BY_SUFFIX.get(suffix, "text")
    else:
        kind = _BY_TYPE.get(document.type, "text")
    if kind == "pdf" and b"%PDF-" in data[:1024]:  # the format allows a kilobyte of anything before
        return "pdf"
    if kind in ("pdf", "docx"):
        wanted = {"pdf": "a PDF", "docx": "a Word document"}[kind]
        raise ArticleError(
            f"{shown} is called {wanted} but does not begin like one; it may be damaged, so get it again"
        )
    if kind == "text" and suffix != ".txt" and document.type != "text/plain" and _LOOKS_HTML.match(data[:2048]):
        return "html"
    return kind


def _zipped(document: Document) -> str:
    """`docx` for a ZIP archive that is one; raises ArticleError with what any other is."""
    shown = document.shown
    try:
        with zipfile.ZipFile(BytesIO(document.data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError):
        raise ArticleError(f"{shown} is a damaged ZIP archive or Word document; get it again") from None
    if "word/document.xml" in names or (
        "[Content_Types].xml" in names and any(name.startswith("word/") for name in names)
    ):
        return "docx"
    for name, what, advice in _ZIPPED:
        if name in names:
            raise ArticleError(f"{shown} is {what}; {advice}")
    raise ArticleError(f"{shown} is a ZIP archive, not an article; unpack it and choose {READABLE} inside")


def _article(document: Document, title: str, text: str) -> Article:
    """The article, when its text is neither too long nor blank; the title is the document's or its file's name."""
    if len(text) > TEXT_LIMIT:
        raise ArticleError(
            f"{document.shown} holds {len(text):,} characters of text, more than {TEXT_LIMIT:,}; split it into parts"
        )
    if not text.strip():
        raise ArticleError(f"{document.shown} holds no text; choose a document with words in it")
    title = one_line(title) or one_line(PurePosixPath(document.name).stem) or "Untitled"
    return Article(showable(text), title, utf8(document.source))
