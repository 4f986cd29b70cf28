"""A path or an address becomes an article: its readable text, its title and where it came from, or one clear refusal.

What a document is, its bytes decide; its name or content type only chooses between kinds of text. The rules:

- *Plain text* stays as it is, line ends included, so that offsets are those of the decoded file.
- *Markdown* is read as it is rendered, without its markup, since nobody wants `**Paris**` as an answer: soft line
  breaks become spaces, headings, list items, table rows and lines of code keep lines of their own.
- *HTML* is its main content by trafilatura; a page in which that finds nothing is read whole, less its navigation.
- *PDF* lines are joined to paragraphs and hyphenated words to words; running heads and page numbers are left out.
- *Word* gives paragraphs, list items and table rows in their order.

Blocks are separated by an empty line; list items and table rows by a line end; cells by a tab.

Addresses are fetched from public hosts only. Every hop is resolved once, checked, and connected to by the address that
was checked, so a name cannot change its meaning in between. Proxies from the environment are not used: a proxy would
resolve the name again, and the check would be worth nothing.
"""

from __future__ import annotations

import codecs
import contextlib
import ipaddress
import itertools
import re
import stat
import threading
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from index.errors import ArticleError
from index.text import Article

if TYPE_CHECKING:
    import httpcore2
    import httpx2

SIZE_LIMIT = 20_000_000  # bytes of a file or a download, before and after decompression
TEXT_LIMIT = 20_000_000  # characters of an article; every text file within SIZE_LIMIT passes
XML_LIMIT = 50_000_000  # bytes of one unpacked part of a Word file; its tree takes about ten times as much memory
UNPACKED_LIMIT = 200_000_000  # bytes of a whole unpacked Word file, pictures included
NODE_LIMIT = 50_000  # HTML elements searched for the main content (seconds); larger pages are read whole
DEPTH_LIMIT = 200  # nested HTML elements that are searched; no page written for readers comes near
MARKDOWN_LIMIT = 2_000_000  # characters of Markdown that are parsed (seconds); a longer file is read as it stands
TITLE_LIMIT = 200  # characters of a title
FIRST_LINE_LIMIT = 100  # characters of a first line that may serve as a title
DOWNLOAD_TIME = 30.0  # seconds for a whole download, redirects and name look-ups included
PDF_TIME = 60.0  # seconds for the pages of one PDF
REDIRECTS = 10

_PDFIUM = threading.Lock()  # PDFium is not thread-safe
_READABLE = "a text, Markdown, HTML, PDF or Word (.docx) file"

_BY_SUFFIX = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd"), "markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".xht"), "html"),
    ".pdf": "pdf",
    ".docx": "docx",
}
_BY_TYPE = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}
_SIGNATURES = (  # looked up only in files that are not text, so that short ones do no harm
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"BM", "a BMP image"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"ID3", "an audio file"),
    (b"OggS", "an audio or video file"),
    (b"fLaC", "an audio file"),
    (b"RIFF", "an image, audio or video file"),
    (b"\x1aE\xdf\xa3", "a video"),
)
_ZIPPED = (  # a file inside, what the archive is then
    ("META-INF/container.xml", "an EPUB book", "convert it to HTML, PDF or text first"),
    ("xl/workbook.xml", "an Excel workbook", "save the sheet as text first"),
    ("ppt/presentation.xml", "a PowerPoint presentation", "save it as PDF first"),
    ("content.xml", "an OpenDocument file", "save it as .docx or PDF first"),
)

# Encodings without a declaration, when the bytes are not UTF-8. Few, since a detector that may choose among a hundred
# finds Central European in French; text in others has to declare its encoding or be saved as UTF-8.
_LEGACY = ("cp1252", "cp932", "gb18030", "cp1251", "euc_jp", "euc_kr", "big5", "koi8_r", "cp1253", "cp1255", "cp1256")
_WIDER = {  # what browsers take these labels for: the superset that is really used (WHATWG Encoding Standard)
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_NOT_TEXT = {"utf-7", "unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined", "mbcs", "oem"}
_BOMS = (  # the longer first: UTF-16's is how UTF-32's begins
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1c-\x1f]")  # no text holds these in number
_UNENCODABLE = re.compile(r"[\x00\ud800-\udfff]")
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]+)://", re.IGNORECASE)  # two letters at least: C:// is a drive
_LOOKS_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.{0,20000}?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title[ \t]*:[ \t]*(.+)$", re.IGNORECASE | re.MULTILINE)
_POOR_TITLE = re.compile(
    r"\W*|untitled.*|title|document\d*|word document|powerpoint presentation"
    r"|.*\.(?:docx?|pdf|tex|dvi|indd|qxd|rtf|odt|txt|html?|pptx?|xlsx?)",
    re.IGNORECASE,
)

# HTML elements, and those of trafilatura's result (head, item, row, cell, lb, quote, list), by the break around them
# fmt: off
_DROPPED = frozenset((
    "script", "style", "template", "noscript", "svg", "nav", "footer", "aside", "title", "button", "select", "textarea",
    "iframe", "object",
))
_PARAGRAPHS = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "head", "blockquote", "quote", "ul", "ol", "dl", "list", "table", "pre",
    "figure",
))
_LINES = frozenset((
    "div", "section", "article", "main", "li", "item", "dt", "dd", "tr", "row", "hr", "address", "figcaption", "header",
    "form", "fieldset", "summary", "details", "caption", "center",
))
# fmt: on
_CELLS = frozenset(("td", "th", "cell"))
_KEEPS_LINES = frozenset(("pre", "code", "quote"))
_PARAGRAPH, _LINE = (
    "\x1e",
    "\x1f",
)  # marks of breaks, which neighbours share: the end of one block, the start of the next
_NO_MARKS = {0x1E: " ", 0x1F: " "}

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_HYPHEN = "\ufffe"  # PDFium's sign for a hyphen at the end of a line
_BULLET = re.compile(r"(?:[•‣▪●◦■□–—*·\uf0b7\uf0a7]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s", re.IGNORECASE)
_LEADER = re.compile(r"(?:\.\s?){4,}\d*$")  # a line of a table of contents
_ENDED = re.compile(r"[.!?:;。！？…][\"'”’»)\]]*$")

_AZURE_METADATA = ipaddress.ip_address("168.63.129.16")  # answers inside Azure only, though it is a public address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class _Document:
    """Bytes as they came, with what their origin says about them."""

    data: bytes
    source: str
    name: str  # a file name, for its suffix and as the last resort for a title
    type: str = ""  # the content type, when a server gave one
    charset: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """One visual line of a PDF; points from the lower left corner of the page."""

    text: str
    page: int
    left: float
    right: float
    bottom: float
    height: float


def load_article(path_or_url: str | Path, *, allow_private: bool = False) -> Article:
    """The article at a path or an http(s) address: txt, md, html, pdf or docx, whatever it is called.

    A str that begins with a scheme (`https://`) is an address, any other str is a path, and a `Path` always is;
    `~` is the home folder. `article.source` is the path as given or the address after redirects; the title comes from
    the document, or from its name, and is never empty. The text can always be encoded as UTF-8.
    `allow_private` also fetches from loopback and private networks, which are refused otherwise.

    Raises ArticleError, in one sentence, for everything that cannot be read: missing, empty, larger than 20 MB, of
    another format, encrypted, broken, without text, a refused address, a server's refusal, no answer in 30 s.
    """
    if isinstance(path_or_url, str) and (scheme := _SCHEME.match(path_or_url)):
        document = _download(path_or_url.strip(), scheme[1].lower(), allow_private=allow_private)
    else:
        document = _open(path_or_url)
    title, text = _READERS[_kind(document)](document)
    return _article(document, title, text)


def _article(document: _Document, title: str, text: str) -> Article:
    if len(text) > TEXT_LIMIT:
        raise ArticleError(
            f"{_shown(document)} holds {len(text):,} characters of text, more than {TEXT_LIMIT:,}; split it into parts"
        )
    if not text.strip():
        raise ArticleError(f"{_shown(document)} holds no text; choose a document with words in it")
    stem = PurePosixPath(document.name).stem
    title = next(filter(None, map(_one_line, (title, stem))), "Untitled")
    return Article(_encodable(text), title, _encodable(document.source))


# Files


def _open(path: str | Path) -> _Document:
    """The file's bytes, when it is a regular file of at most SIZE_LIMIT bytes."""
    given = str(path)
    shown = _quoted(given)
    if not given.strip():
        raise ArticleError("no path was given; name a file or an address that begins with https://")
    try:
        full = Path(path).expanduser()
        mode = full.stat().st_mode
        if stat.S_ISDIR(mode):
            raise ArticleError(f"{shown} is a folder; name a file in it")
        if not stat.S_ISREG(mode):  # reading a pipe or a device might never end
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
        size = max(full.stat().st_size, len(data))
        raise ArticleError(f"{shown} has {_megabytes(size)}, more than {_megabytes(SIZE_LIMIT)}; split it into parts")
    if not data:
        raise ArticleError(f"{shown} is empty; choose a file with text in it")
    return _Document(data, given, full.name)


# Addresses


def _download(url: str, scheme: str, *, allow_private: bool) -> _Document:
    """What the address holds, after at most REDIRECTS redirects, each hop checked like the first."""
    import httpcore2
    import httpx2

    if scheme == "file":
        raise ArticleError(f"{_quoted(url)} is a file address; give the path itself, without file://")
    deadline = time.monotonic() + DOWNLOAD_TIME
    target = url
    for _ in range(REDIRECTS + 1):
        address = _checked(target)
        shown = _quoted(str(address))
        addresses = _resolve(address, deadline, allow_private=allow_private)
        try:
            with (
                httpcore2.ConnectionPool(
                    ssl_context=httpx2.create_ssl_context() if address.scheme == "https" else None,
                    network_backend=_backend(addresses, deadline),
                ) as pool,
                pool.stream(
                    "GET",
                    httpcore2.URL(
                        scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path
                    ),
                    headers={
                        "User-Agent": "verbatim-qa",
                        "Accept": "text/html, text/plain, text/markdown, application/pdf, */*;q=0.5",
                        "Accept-Encoding": "gzip",
                        "Connection": "close",
                    },
                ) as response,
            ):
                headers = _headers(response)
                if response.status in (301, 302, 303, 307, 308) and headers.get("location"):
                    target = _joined(address, headers["location"])
                    continue
                return _received(response, headers, str(address.copy_with(fragment=None)))
        except httpcore2.TimeoutException:
            raise ArticleError(_too_slow(shown)) from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
            raise ArticleError(_unreachable(shown, error)) from None
    raise ArticleError(f"{_quoted(url)} redirects more than {REDIRECTS} times; open it in a browser and save the page")


def _checked(url: str) -> httpx2.URL:
    """The address, parsed, when it is http(s), has a host and carries no credentials."""
    import httpx2

    shown = _quoted(_without_credentials(url))
    try:
        address = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        raise ArticleError(f"{shown} is not a valid address; check it") from None
    if address.scheme not in ("http", "https"):
        raise ArticleError(f"{shown} has the scheme {address.scheme!r}; only http and https addresses can be read")
    if address.userinfo:
        raise ArticleError(f"{shown} carries a user name or password; remove it, or save the page and open the file")
    if address.port is not None and not 0 < address.port < 65536:
        raise ArticleError(f"{shown} has the port {address.port}, which does not exist; check it")
    if not address.host:
        raise ArticleError(f"{shown} names no host to ask; write it as https://host/page")
    return address


def _joined(address: httpx2.URL, location: str) -> str:
    import httpx2

    try:
        return str(address.join(location))
    except (httpx2.InvalidURL, ValueError):
        raise ArticleError(
            f"{_quoted(str(address))} redirects to an invalid address; open it in a browser and save the page"
        ) from None


def _resolve(address: httpx2.URL, deadline: float, *, allow_private: bool) -> list[_Address]:
    """The host's addresses, all of them public unless `allow_private`."""
    import socket

    host = address.raw_host.decode("ascii").strip("[]")
    port = address.port or (443 if address.scheme == "https" else 80)
    found: list[Any] = []

    def look_up() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))

    thread = threading.Thread(target=look_up, daemon=True)  # the resolver knows no time-out of its own
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if thread.is_alive():
        raise ArticleError(_too_slow(_quoted(str(address))))
    addresses = list(dict.fromkeys(ipaddress.ip_address(entry[4][0].partition("%")[0]) for entry in found))
    if not addresses:
        raise ArticleError(f"no host {_quoted(host)} was found; check the address and the network connection")
    private = [each for each in addresses if not _public(each)]
    if private and not allow_private:
        raise ArticleError(
            f"{_quoted(str(address))} leads to {private[0]}, which is not a public address; "
            "save the page and open the file instead"
        )
    return addresses


def _public(address: _Address) -> bool:
    """Whether the whole internet can reach it, also looking at an IPv4 address inside an IPv6 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved and address != _AZURE_METADATA
    if address in _NAT64:
        return _public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    return (address in _GLOBAL_UNICAST and address.is_global) and (inner is None or _public(inner))


def _backend(addresses: list[_Address], deadline: float) -> httpcore2.NetworkBackend:
    """Connections to the given addresses whatever the host is called, each step cut off at the deadline."""
    import httpcore2

    def left() -> float:
        seconds = deadline - time.monotonic()
        if seconds <= 0:  # a slow drip keeps every single read short, so the whole is measured
            raise httpcore2.ReadTimeout("the download took too long")
        return seconds

    class Stream(httpcore2.NetworkStream):
        def __init__(self, inner: httpcore2.NetworkStream) -> None:
            self._inner = inner

        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
            return self._inner.read(max_bytes, left())

        def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
            self._inner.write(buffer, left())

        def close(self) -> None:
            self._inner.close()

        def start_tls(
            self,
            ssl_context: Any,
            server_hostname: str | None = None,
            timeout: float | None = None,  # noqa: ARG002
        ) -> httpcore2.NetworkStream:
            return Stream(self._inner.start_tls(ssl_context, server_hostname, left()))

        def get_extra_info(self, info: str) -> Any:
            return self._inner.get_extra_info(info)

    def connect(address: _Address, port: int, seconds: float, options: Iterable[Any] | None) -> Stream:
        return Stream(httpcore2.SyncBackend().connect_tcp(str(address), port, seconds, socket_options=options))

    class Backend(httpcore2.NetworkBackend):
        def connect_tcp(
            self,
            host: str,  # noqa: ARG002
            port: int,
            timeout: float | None = None,  # noqa: ARG002
            local_address: str | None = None,  # noqa: ARG002
            socket_options: Iterable[Any] | None = None,
        ) -> httpcore2.NetworkStream:
            for tries, address in zip(range(len(addresses), 1, -1), addresses, strict=False):
                with contextlib.suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                    return connect(address, port, left() / tries, socket_options)  # leaves time for the others
            return connect(addresses[-1], port, left(), socket_options)

    return Backend()


def _received(response: httpcore2.Response, headers: dict[str, str], source: str) -> _Document:
    """The response's document, when its status, type and size allow it."""
    shown, status = _quoted(source), response.status
    kind, charset = _content_type(headers.get("content-type", ""))
    if not 200 <= status < 300:
        raise ArticleError(_refusal(shown, status))
    if kind.startswith(("image/", "video/", "audio/", "font/")):
        raise ArticleError(f"{shown} is {kind}, not an article; give the address of {_READABLE}")
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > SIZE_LIMIT:
        raise ArticleError(
            f"{shown} has {_megabytes(int(announced))}, more than {_megabytes(SIZE_LIMIT)}; choose a shorter document"
        )
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip"):
        raise ArticleError(
            f"{shown} is compressed by {_quoted(encoding)}, which was not asked for; save the page instead"
        )
    inflate = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
    data = bytearray()
    taken = 0
    for chunk in response.iter_stream():
        taken += len(chunk)
        try:  # at most one byte too many is unpacked, so that a bomb fills no memory
            data += inflate.decompress(chunk, SIZE_LIMIT + 1 - len(data)) if inflate else chunk
        except zlib.error:
            raise ArticleError(f"{shown} arrived as broken gzip data; try again later or save the page") from None
        if max(taken, len(data)) > SIZE_LIMIT:
            raise ArticleError(f"{shown} has more than {_megabytes(SIZE_LIMIT)}; choose a shorter document")
    if inflate and data and not inflate.eof:
        raise ArticleError(f"{shown} broke off before its end; try again later")
    if not data:
        raise ArticleError(f"{shown} is empty; choose an address with text in it")
    path = unquote(source.partition("://")[2].partition("?")[0])
    return _Document(bytes(data), source, path.rstrip("/").rpartition("/")[2] or path, kind, charset)


def _headers(response: httpcore2.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}


def _content_type(header: str) -> tuple[str, str]:
    """(type, charset), either empty when not given."""
    kind, _, parameters = header.partition(";")
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", parameters, re.IGNORECASE)
    return kind.strip().lower(), charset[1] if charset else ""


def _refusal(shown: str, status: int) -> str:
    from http import HTTPStatus

    try:
        phrase = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    if status in (404, 410):
        advice = "check the address"
    elif status in (401, 402, 403, 407, 451):
        advice = "open it in a browser, save the page and open the file"
    elif status == 429 or status >= 500:
        advice = "try again later"
    else:
        advice = "check the address or save the page and open the file"
    return f"the server answered {phrase} for {shown}; {advice}"


def _unreachable(shown: str, error: Exception) -> str:
    import ssl

    causes = (error.__cause__, error.__context__)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        reason = next(getattr(cause, "verify_message", "") or getattr(cause, "reason", "") for cause in causes if cause)
        return f"no secure connection to {shown} could be made ({reason}); check the address or save the page"
    reason = _one_line(str(error)) or type(error).__name__
    return f"{shown} could not be fetched ({reason}); check the address or try later"


def _too_slow(shown: str) -> str:
    return (
        f"{shown} did not arrive within {DOWNLOAD_TIME:g} seconds; try again later or save the page and open the file"
    )


# What a document is


def _kind(document: _Document) -> str:
    """The reader for the document; raises ArticleError when there is none."""
    shown, data = _shown(document), document.data
    if data.lstrip()[:5] == b"%PDF-":
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _zipped(document)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise ArticleError(f"{shown} is encrypted with a password; save a copy without one")
        raise ArticleError(f"{shown} is an old Office file (.doc, .xls, .ppt); save it as .docx or PDF first")
    if data.startswith(b"{\\rtf"):
        raise ArticleError(f"{shown} is an RTF file; save it as .docx, PDF or text first")
    suffix = PurePosixPath(document.name).suffix.lower()
    by_name = _BY_SUFFIX.get(suffix, "text")
    kind = (
        by_name
        if document.type in ("", "text/plain", "application/octet-stream")
        else _BY_TYPE.get(document.type, "text")
    )
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


def _zipped(document: _Document) -> str:
    shown = _shown(document)
    try:
        with zipfile.ZipFile(BytesIO(document.data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError):
        raise ArticleError(f"{shown} is a damaged ZIP archive or Word document; get it again") from None
    names = {entry.filename for entry in entries}
    if "word/document.xml" in names or (
        "[Content_Types].xml" in names and any(name.startswith("word/") for name in names)
    ):
        largest = max((entry.file_size for entry in entries if entry.filename.endswith((".xml", ".rels"))), default=0)
        total = sum(entry.file_size for entry in entries)
        if largest > XML_LIMIT or total > UNPACKED_LIMIT:
            raise ArticleError(f"{shown} unpacks to {_megabytes(total)}, which is too much; save it as text first")
        return "docx"
    for name, what, advice in _ZIPPED:
        if name in names:
            raise ArticleError(f"{shown} is {what}; {advice}")
    raise ArticleError(f"{shown} is a ZIP archive, not an article; unpack it and choose {_READABLE} inside")


# Characters


def _decoded(document: _Document, declared: str = "") -> str:
    """The document's characters; raises ArticleError when it is not text."""
    data = document.data
    text = _decode(data, declared)
    if len(_CONTROL.findall(text[:100_000])) > 0.02 * min(len(text), 100_000):
        what = next((what for start, what in _SIGNATURES if data.startswith(start)), None)
        if data[4:8] == b"ftyp":
            what = "an image or a video"
        raise ArticleError(f"{_shown(document)} is {what or 'not text'}; choose {_READABLE}")
    return _encodable(text)


def _decode(data: bytes, declared: str) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "replace")
    if encoding := _known(declared):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            pass  # declared wrongly, or damaged: below
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if wide := _wide(data):
        return data.decode(wide, "replace")
    if encoding:
        return data.decode(encoding, "replace")
    loose = data.decode("utf-8", "replace")
    several = sum(map(loose.count, "\u2019\u201c\u201d\u2013")) + len(re.findall(r"[^\x00-\x7f\ufffd]", loose))
    if loose.count("\ufffd") * 20 < several:  # UTF-8 with a damaged place
        return loose
    return data.decode(_guess(data), "replace")


def _known(label: str) -> str:
    """The codec for a declared charset, empty when there is none that browsers would use too."""
    try:
        name = codecs.lookup(label.lower().replace("x-sjis", "shift_jis")).name
        b"    ".decode(name)  # a codec such as zlib says only now that it is not one of text
    except (LookupError, ValueError):
        return ""
    return "" if name.replace("_", "-") in _NOT_TEXT else _WIDER.get(name, name)


def _wide(data: bytes) -> str:
    """UTF-16 without a mark, known by the zeros beside its Latin letters, spaces and line ends."""
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 10 < len(sample) or min(even, odd) * 20 > max(even, odd):
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _guess(data: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8; Windows-1252 in doubt."""
    from charset_normalizer import from_bytes

    sample = data[:50_000]
    best = from_bytes(sample, cp_isolation=list(_LEGACY), preemptive_behaviour=False, enable_fallback=False).best()
    return best.encoding if best else "cp1252"


# Plain text and Markdown


def _read_text(document: _Document) -> tuple[str, str]:
    text = _decoded(document, document.charset)
    return _first_line(text), text


def _read_markdown(document: _Document) -> tuple[str, str]:
    from markdown_it import MarkdownIt

    source = _decoded(document, document.charset)
    if len(source) > MARKDOWN_LIMIT:
        return _first_line(source).lstrip("# "), source
    title = ""
    if front := _FRONT_MATTER.match(source):
        source = source[front.end() :]
        if named := _FRONT_TITLE.search(front[1]):
            title = named[1].strip().strip("\"'")
    blocks: list[str] = []
    opened: list[str] = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(source):
        if token.nesting:
            opened = [*opened, token.type] if token.nesting > 0 else opened[:-1]
            blocks.append(_markdown_break(token))
        elif token.type == "inline":
            text = _inline(token.children or [])
            if not title and opened[-1:] == ["heading_open"]:
                title = text
            blocks.append(text.translate(_NO_MARKS))
        elif token.type in ("fence", "code_block", "html_block"):
            text = _html_text(token.content) if token.type == "html_block" else token.content.strip("\n")
            blocks += [_PARAGRAPH, text.translate(_NO_MARKS), _PARAGRAPH]
    text = _tidy("".join(blocks), indent=True)
    return title or _first_line(text), text


def _markdown_break(token: Any) -> str:
    """The break at the beginning or end of a block of Markdown."""
    name = token.type.rpartition("_")[0]
    if name in ("td", "th"):
        return "\t" if token.nesting > 0 else ""
    if name in ("tr", "list_item", "thead", "tbody") or token.hidden or (name.endswith("list") and token.level):
        return _LINE
    return _PARAGRAPH


def _inline(tokens: Iterable[Any]) -> str:
    """The words of inline Markdown as they are rendered; a picture gives its description."""
    words: list[str] = []
    for token in tokens:
        if token.type in ("text", "code_inline", "text_special"):
            words.append(token.content)
        elif token.type == "softbreak":
            words.append(" ")
        elif token.type == "hardbreak" or (token.type == "html_inline" and token.content.lower().startswith("<br")):
            words.append("\n")
        elif token.type == "image":
            words.append(_inline(token.children or []))
    return "".join(words)


# HTML


def _read_html(document: _Document) -> tuple[str, str]:
    meta = _META_CHARSET.search(document.data[:4096])
    declared = meta[1].decode("ascii", "replace") if meta else ""
    if declared.lower().startswith("utf-16"):  # it could not have been read as ASCII: browsers take UTF-8 then
        declared = "utf-8"
    source = _decoded(document, document.charset or declared)
    root = _parsed(source)
    if root is None:
        return "", ""
    title = _html_title(root)
    marked = root.xpath("//article") or root.xpath("//main | //*[@role='main']")
    whole = _walked(marked[0] if len(marked) == 1 else root)  # now, since the search below changes the tree
    found = _main_content(root)
    # On short pages trafilatura gives up and returns all words of the page on one line; a real single paragraph is
    # a line of the page too.
    one_paragraph = bool(found) and found in whole.split("\n")
    return title, found if "\n" in found or one_paragraph else whole


def _parsed(source: str) -> Any:
    """The root element, or None when there is nothing to parse."""
    from lxml import etree, html  # type: ignore[import-untyped]  # no stubs

    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(source.encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError):
        return None


def _html_title(root: Any) -> str:
    shared = root.xpath("//meta[@property='og:title' or @name='og:title']/@content")
    titles = [element.text_content() for element in root.xpath("//head/title | //body//h1")]
    return next((str(each) for each in [*shared, *titles] if _one_line(str(each))), "")


def _main_content(root: Any) -> str:
    """The article in a page, or an empty text when none stands out or the page is too large or deep to search."""
    from trafilatura import bare_extraction

    if not _searchable(root):
        return ""
    try:
        found = bare_extraction(root, include_comments=False, with_metadata=False)
    except Exception:  # heuristics over hostile trees: whatever they trip over, the whole page is there to be read
        return ""
    body = getattr(found, "body", None)
    return "" if body is None else _walked(body)


def _searchable(root: Any) -> bool:
    from lxml import etree

    depth = 0
    for count, (event, _) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        if depth > DEPTH_LIMIT or count > 2 * NODE_LIMIT:
            return False
    return True


def _html_text(source: str) -> str:
    root = _parsed(source) if source.strip() else None
    return "" if root is None else _walked(root)


def _walked(root: Any) -> str:
    """The words under an element, blocks on lines of their own; without recursion, since pages nest deeply."""
    from lxml import etree

    words: list[str] = []
    keeping = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        around = _PARAGRAPH if tag in _PARAGRAPHS else _LINE if tag in _LINES else "\t" if tag in _CELLS else ""
        around = "\n" if tag in ("br", "lb") else around  # two in a row make an empty line
        if event == "start":
            if tag in _DROPPED:
                walk.skip_subtree()
                continue
            keeping += tag in _KEEPS_LINES
            words += (around, _flat(element.text, keeping=keeping > 0))
            continue
        if tag not in _DROPPED:
            keeping -= tag in _KEEPS_LINES
            words.append(around if around in (_PARAGRAPH, _LINE) else "")
        if element is not root:
            words.append(_flat(element.tail, keeping=keeping > 0))
    return _tidy("".join(words))


def _flat(text: str | None, *, keeping: bool) -> str:
    """The text with its line ends as spaces, since in HTML they mean no more; kept inside `pre`."""
    text = (text or "").translate(_NO_MARKS)
    return text.replace("\t", "    ") if keeping else re.sub(r"[^\S\xa0]+", " ", text)


# PDF


def _read_pdf(document: _Document) -> tuple[str, str]:
    import pypdfium2  # type: ignore[import-untyped]  # no stubs

    shown = _shown(document)
    with _PDFIUM:
        try:
            pdf = pypdfium2.PdfDocument(document.data)
        except pypdfium2.PdfiumError as error:
            if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
                raise ArticleError(f"{shown} is encrypted with a password; save a copy without one") from None
            raise ArticleError(
                f"{shown} is a damaged PDF; get it again or open it in a viewer and save a copy"
            ) from None
        try:
            count = len(pdf)
            title = pdf.get_metadata_dict().get("Title", "")
            pages = list(_pdf_pages(pdf, shown))
        finally:
            pdf.close()
    if not any(line.text.strip() for page in pages for line in page):
        raise ArticleError(
            f"{shown} has {count} page{'s' * (count != 1)} but no text, as if scanned; "
            "run text recognition (OCR) on it first"
        )
    lines = [line for page in _without_running_heads(pages) for line in page]
    title = re.sub(r"^Microsoft \w+ - ", "", title.strip())
    return _largest(lines) if _POOR_TITLE.fullmatch(title) else title, _paragraphs(lines)


def _pdf_pages(pdf: Any, shown: str) -> Iterator[list[_Line]]:
    import pypdfium2

    deadline = time.monotonic() + PDF_TIME
    size = 0
    for number in range(len(pdf)):
        if time.monotonic() > deadline:
            raise ArticleError(f"{shown} takes longer than {PDF_TIME:g} seconds to read; split it into parts")
        try:
            page = pdf[number]
            textpage = page.get_textpage()
            lines = _pdf_lines(textpage, number)
            textpage.close()
            page.close()
        except pypdfium2.PdfiumError:  # one damaged page does not take the others along
            continue
        size += sum(len(line.text) for line in lines)
        if size > TEXT_LIMIT:
            raise ArticleError(f"{shown} holds more than {TEXT_LIMIT:,} characters of text; split it into parts")
        yield lines


def _pdf_lines(textpage: Any, page: int) -> list[_Line]:
    """The visual lines of a page, in the order of its content."""
    from pypdfium2 import raw

    codes = [raw.FPDFText_GetUnicode(textpage.raw, place) for place in range(textpage.count_chars())]
    ends = [place for place, code in enumerate(codes) if code in (10, 13)]
    lines: list[_Line] = []
    for start, end in zip([0, *(place + 1 for place in ends)], [*ends, len(codes)], strict=True):
        text = _from_codes(codes[start:end]).strip()
        visible = [place for place in range(start, end) if codes[place] > 32]
        if text and visible:
            sample = visible[:: 1 + len(visible) // 8]  # one glyph of another font must not speak for the line
            height = median(
                top - bottom for _, bottom, _, top in (textpage.get_charbox(at, loose=True) for at in sample)
            )
            left, right = textpage.get_charbox(visible[0])[0], textpage.get_charbox(visible[-1])[2]
            lines.append(_Line(text, page, left, right, _baseline(textpage, visible[-1]), height))
    return lines


def _baseline(textpage: Any, place: int) -> float:
    from ctypes import byref, c_double

    from pypdfium2 import raw

    x, y = c_double(), c_double()
    raw.FPDFText_GetCharOrigin(textpage.raw, place, byref(x), byref(y))
    return y.value


def _from_codes(codes: list[int]) -> str:
    """The characters of a PDF line: surrogate pairs joined, ligatures opened, unmapped glyphs left out."""
    text = "".join(map(chr, codes)).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = text.translate(_LIGATURES).replace("\x02", _HYPHEN).replace("\xad", "")
    return re.sub(r"[\x00-\x1f\x7f]", " ", text)


def _without_running_heads(pages: list[list[_Line]]) -> list[list[_Line]]:
    """The pages less first and last lines that return, apart from their numbers, on three or more; the first stays."""
    for place in (0, -1):
        masked = [re.sub(r"\d+|\b[ivxlc]+\b", "#", page[place].text) if page else "" for page in pages]
        often = {text for text, times in Counter(masked).items() if text and times >= 3}
        seen: set[str] = set()
        kept = []
        for page, text in zip(pages, masked, strict=True):
            drop = text in often and (text in seen or not re.search(r"[^\W\d_]", text))
            seen.add(text)
            kept.append((page[1:] if place == 0 else page[:-1]) if drop else page)
        pages = kept
    return pages


def _paragraphs(lines: list[_Line]) -> str:
    """The lines as text: those of one paragraph joined, words that were hyphenated at a line's end made whole."""
    pitch = _pitches(lines)
    pieces: list[str] = []
    for number, line in enumerate(lines):
        if number:
            above = lines[number - 1]
            edge = max(each.right for each in lines[max(0, number - 12) : number + 12] if each.page == above.page)
            gap = above.bottom - line.bottom
            if _continues(above, line, edge=edge, pitch=pitch.get(above.page, 1.2 * above.height)):
                pieces.append("" if above.text.endswith(_HYPHEN) else " ")
            elif above.page != line.page or gap > 1.3 * pitch.get(above.page, gap) or not _same_size(above, line):
                pieces.append("\n\n")
            else:
                pieces.append("\n")
        text = line.text
        pieces.append(text[:-1] + _HYPHEN if re.search(r"[^\W\d_]-$", text) else text)
    return _tidy(_dehyphenated("".join(pieces)))


def _continues(above: _Line, below: _Line, *, edge: float, pitch: float) -> bool:
    """Whether `below` goes on with the paragraph of `above`."""
    if _BULLET.match(below.text) or _LEADER.search(above.text) or not _same_size(above, below):
        return False
    ended = bool(_ENDED.search(above.text))
    drop = above.bottom - below.bottom
    if above.page != below.page or drop < -0.5 * above.height:  # the next page or column
        return not ended and (below.text[0].islower() or above.text.endswith((",", "-", _HYPHEN)))
    if drop > 1.3 * pitch:
        return False
    word = len(below.text.split(maxsplit=1)[0]) + 1
    if above.right + word * (below.right - below.left) / len(below.text) < edge - 0.5 * above.height:
        return False  # the next word had room on the line above: the line was ended on purpose
    return not (ended and below.left - above.left > 0.8 * above.height)  # an indented first line


def _same_size(above: _Line, below: _Line) -> bool:
    return abs(above.height - below.height) <= 0.15 * max(above.height, below.height)


def _pitches(lines: list[_Line]) -> dict[int, float]:
    """For each page the distance from one line of a paragraph to the next, in points."""
    drops: dict[int, list[float]] = {}
    for above, below in itertools.pairwise(lines):
        drop = above.bottom - below.bottom
        if above.page == below.page and _same_size(above, below) and 0 < drop < 3 * above.height:
            drops.setdefault(above.page, []).append(drop)
    return {
        page: sorted(each)[len(each) // 4] for page, each in drops.items()
    }  # a page of short lists has a wide median


def _dehyphenated(text: str) -> str:
    """The text with words made whole; a hyphen stays where the text writes that word with one elsewhere."""
    known = set(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.lower()))

    def whole(match: re.Match[str]) -> str:
        first, second = match[1], match[2]
        joined, hyphened = f"{first}{second}", f"{first}-{second}"
        keep = second[:1].isupper() or (hyphened.lower() in known and joined.lower() not in known)
        return hyphened if keep else joined

    text = re.sub(rf"([^\W\d_]*){_HYPHEN}\s?([^\W\d_]+)", whole, text)
    return text.replace(_HYPHEN, "-")


def _largest(lines: list[_Line]) -> str:
    """The lines in the largest type of the first page when it is larger than usual; else a short first line."""
    first = [line for line in lines if line.page == lines[0].page]
    usual = median(line.height for line in lines)
    top = max(first, key=lambda line: line.height)
    if top.height > 1.15 * usual:
        start = first.index(top)
        stop = next((at for at in range(start, len(first)) if not _same_size(first[at], top)), len(first))
        return _dehyphenated(" ".join(line.text for line in first[start : min(stop, start + 3)]))
    return _first_line("\n".join(line.text for line in first))


# Word


def _read_docx(document: _Document) -> tuple[str, str]:
    import docx
    from docx.opc.exceptions import OpcError
    from lxml import etree

    try:
        word = docx.Document(BytesIO(document.data))
        body = word.element.body
        properties = word.core_properties.title or ""
        styles = {style.style_id: style.name or "" for style in word.styles}
    except (
        OpcError,
        zipfile.BadZipFile,
        zlib.error,
        etree.LxmlError,
        KeyError,  # a part that others refer to is missing
        ValueError,
        AttributeError,  # a part of another type than its name says
        TypeError,
        IndexError,
        NotImplementedError,
        RuntimeError,  # an encrypted member
        EOFError,
        OSError,
    ):
        raise ArticleError(
            f"{_shown(document)} is a damaged Word document; open it in a word processor and save a copy"
        ) from None
    blocks = list(_blocks(body)) if body is not None else []
    named = {"title": "", "heading 1": ""}
    pieces: list[str] = []
    previous = ""
    for style, block in blocks:
        if not block.strip():
            continue
        name = styles.get(style, style).lower()
        if name in named and not named[name]:
            named[name] = block
        tight = style == previous and (style in (_ROW, _ITEM) or "list" in name)
        pieces += ("\n" if tight else "\n\n", block)
        previous = style
    text = _tidy("".join(pieces))
    properties = "" if _POOR_TITLE.fullmatch(properties.strip()) else properties
    return named["title"] or properties or named["heading 1"] or _first_line(text), text


_ROW, _ITEM = "\0row", "\0item"


def _blocks(element: Any) -> Iterator[tuple[str, str]]:
    """(style, text) of each paragraph, list item and table row, in order."""
    for child in element.iterchildren():
        if child.tag == f"{_W}p":
            numbered = child.find(f"{_W}pPr/{_W}numPr") is not None
            style = child.find(f"{_W}pPr/{_W}pStyle")
            yield _ITEM if numbered else "" if style is None else style.get(f"{_W}val", ""), _runs(child)
            for box in _nearest(child, "txbxContent"):
                if not any(up.tag == f"{_MC}Fallback" for up in box.iterancestors()):
                    yield from _blocks(box)
        elif child.tag == f"{_W}tbl":
            for row in _nearest(child, "tr"):
                cells = (" ".join(text for _, text in _blocks(cell)) for cell in _nearest(row, "tc"))
                yield _ROW, "\t".join(" ".join(cell.split()) for cell in cells)
        elif isinstance(child.tag, str) and child.tag not in (f"{_W}del", f"{_W}moveFrom"):
            yield from _blocks(child)  # content controls, insertions and other wrappers


def _nearest(element: Any, name: str) -> list[Any]:
    """The descendants of that name that belong to no inner element of the same kind as `element`, so none twice."""
    return [each for each in element.iter(f"{_W}{name}") if next(each.iterancestors(element.tag)) is element]


def _runs(element: Any) -> str:
    """The visible words of a paragraph; deleted text, field codes and text boxes are not among them."""
    words: list[str] = []
    for child in element.iterchildren():
        if child.tag in (f"{_W}t", f"{_M}t"):
            words.append(child.text or "")
        elif child.tag == f"{_W}tab":
            words.append("\t")
        elif child.tag in (f"{_W}br", f"{_W}cr"):
            words.append("\n" if child.get(f"{_W}type", "textWrapping") == "textWrapping" else " ")
        elif child.tag == f"{_W}noBreakHyphen":
            words.append("-")
        elif isinstance(child.tag, str) and child.tag not in _HIDDEN:
            words.append(_runs(child))
    return "".join(words)


_HIDDEN = {f"{_W}{name}" for name in ("pPr", "rPr", "del", "moveFrom", "txbxContent", "instrText")} | {f"{_MC}Fallback"}


# Small things about text


def _tidy(text: str, *, indent: bool = False) -> str:
    """The text trimmed, its break marks as line ends, at most one empty line together; `indent`: line starts kept."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not indent:
        text = re.sub(r"[ \xa0]*\t[ \t\xa0]*", "\t", re.sub(r" {2,}", " ", text))
    text = re.sub(
        r"[ \t\xa0]*([\n\x1e\x1f][ \t\xa0\n\x1e\x1f]*)", lambda found: _line_ends(found[1], indent=indent), text
    )
    return text.strip(" \t\n") if not indent else text.strip("\t\n").rstrip()


def _line_ends(found: str, *, indent: bool) -> str:
    ends = "\n\n" if _PARAGRAPH in found or found.count("\n") > 1 else "\n"
    return ends + re.sub(r".*[\n\x1e\x1f]\t*", "", found, flags=re.DOTALL) if indent else ends


def _first_line(text: str) -> str:
    """The first line when it reads like a title: short, without a full stop, and not all there is; else empty."""
    first, _, rest = text[:100_000].strip().partition("\n")
    first = first.strip()
    return first if len(first) <= FIRST_LINE_LIMIT and not first.endswith(".") and rest.strip() else ""


def _one_line(text: str) -> str:
    """At most TITLE_LIMIT characters on one line, without control characters."""
    text = " ".join("".join(each if each.isprintable() else " " for each in text[:10_000]).split())
    return text if len(text) <= TITLE_LIMIT else text[: TITLE_LIMIT - 1].rstrip() + "…"


def _encodable(text: str) -> str:
    """The text with U+FFFD for null characters and lone surrogates, so that it can be shown and saved anywhere."""
    return _UNENCODABLE.sub("\ufffd", text)


def _shown(document: _Document) -> str:
    return _quoted(document.source)


def _quoted(text: str) -> str:
    """The text as messages quote it: printable, on one line, at most about a hundred characters."""
    text = "".join(each if each.isprintable() else "\ufffd" for each in _encodable(text))
    return f"'{text}'" if len(text) <= 100 else f"'{text[:60]}…{text[-35:]}'"


def _without_credentials(url: str) -> str:
    return re.sub(r"//[^/?#]*@", "//…@", url)


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB".replace(".0 MB", " MB")


_READERS: dict[str, Callable[[_Document], tuple[str, str]]] = {
    "text": _read_text,
    "markdown": _read_markdown,
    "html": _read_html,
    "pdf": _read_pdf,
    "docx": _read_docx,
}
