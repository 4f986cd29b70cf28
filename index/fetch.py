"""A document from an address, within one deadline and one size, from the hosts that were checked and no others.

Every hop is resolved once, checked, and connected to by the address that was checked, so a name cannot change its
meaning in between. Proxies from the environment are not used: a proxy would resolve the name again, and the check
would be worth nothing.
"""

from __future__ import annotations

import contextlib
import re
import time
import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from index.address import IPAddress, follow, parse, resolve
from index.document import READABLE, SIZE_LIMIT, Document
from index.errors import ArticleError
from index.wording import megabytes, one_line, quoted

if TYPE_CHECKING:
    import httpcore2
    import httpx2

DOWNLOAD_TIME = 30.0  # seconds for a whole download, redirects and name look-ups included
REDIRECTS = 10
HEADERS = (
    ("User-Agent", "verbatim-qa"),
    ("Accept", "text/html, text/plain, text/markdown, application/pdf, */*;q=0.5"),
    ("Accept-Encoding", "gzip"),
    ("Connection", "close"),
)


def download(url: str, *, allow_private: bool) -> Document:
    """What the address holds, after at most REDIRECTS redirects, each hop checked like the first.

    `source` is the final address without its fragment; `data` is unpacked and not empty. Raises ArticleError for a
    refused address, a server's refusal, a document that is too large, and no answer in DOWNLOAD_TIME.
    """
    if url.lower().startswith("file://"):
        raise ArticleError(f"{quoted(url)} is a file address; give the path itself, without file://")
    deadline = time.monotonic() + DOWNLOAD_TIME
    target = url
    for _ in range(REDIRECTS + 1):
        address = parse(target)
        with _asked(address, deadline, allow_private=allow_private) as response:
            headers = {_decoded(name).lower(): _decoded(value) for name, value in response.headers}
            if response.status in (301, 302, 303, 307, 308) and headers.get("location"):
                target = follow(address, headers["location"])
                continue
            return _received(response, headers, str(address.copy_with(fragment=None)))
    raise ArticleError(f"{quoted(url)} redirects more than {REDIRECTS} times; open it in a browser and save the page")


def _decoded(header: bytes) -> str:
    """As browsers take it, which send and follow UTF-8 where the standard knows Latin-1 only."""
    try:
        return header.decode("utf-8")
    except UnicodeDecodeError:
        return header.decode("latin-1")


@contextlib.contextmanager
def _asked(address: httpx2.URL, deadline: float, *, allow_private: bool) -> Iterator[httpcore2.Response]:
    """The server's response, its body still to come; what goes wrong meanwhile becomes an ArticleError."""
    import httpcore2
    import httpx2

    shown = quoted(str(address))
    url = httpcore2.URL(scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path)
    try:
        addresses = resolve(address, deadline=deadline, allow_private=allow_private)
        with (
            httpcore2.ConnectionPool(
                ssl_context=httpx2.create_ssl_context() if address.scheme == "https" else None,
                network_backend=_pinned(addresses, deadline),
            ) as pool,
            pool.stream("GET", url, headers=HEADERS) as response,
        ):
            yield response
    except (TimeoutError, httpcore2.TimeoutException):
        raise ArticleError(
            f"{shown} did not arrive within {DOWNLOAD_TIME:g} seconds; "
            "try again later or save the page and open the file"
        ) from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
        raise ArticleError(_unreachable(shown, error)) from None


def _pinned(addresses: list[IPAddress], deadline: float) -> httpcore2.NetworkBackend:
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

    class Backend(httpcore2.NetworkBackend):
        def connect_tcp(
            self,
            host: str,  # noqa: ARG002
            port: int,
            timeout: float | None = None,  # noqa: ARG002
            local_address: str | None = None,  # noqa: ARG002
            socket_options: Iterable[Any] | None = None,
        ) -> httpcore2.NetworkStream:
            def connect(address: IPAddress, seconds: float) -> Stream:
                inner = httpcore2.SyncBackend().connect_tcp(str(address), port, seconds, socket_options=socket_options)
                return Stream(inner)

            *others, last = addresses
            for place, address in enumerate(others):
                with contextlib.suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                    return connect(address, left() / (len(addresses) - place))  # leaves time for the others
            return connect(last, left())

    return Backend()


def _received(response: httpcore2.Response, headers: dict[str, str], source: str) -> Document:
    """The response's document, when its status, type and size allow it."""
    shown = quoted(source)
    kind, charset = _content_type(headers.get("content-type", ""))
    if not 200 <= response.status < 300:
        raise ArticleError(_refusal(shown, response.status))
    if kind.startswith(("image/", "video/", "audio/", "font/")):
        raise ArticleError(f"{shown} is {kind}, not an article; give the address of {READABLE}")
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > SIZE_LIMIT:
        raise ArticleError(
            f"{shown} has {megabytes(int(announced))}, more than {megabytes(SIZE_LIMIT)}; choose a shorter document"
        )
    packing = headers.get("content-encoding", "identity").strip().lower()
    if packing not in ("identity", "", "gzip", "x-gzip"):
        raise ArticleError(
            f"{shown} is compressed by {quoted(packing)}, which was not asked for; save the page instead"
        )
    data = _body(response.iter_stream(), shown, packed="gzip" in packing)
    path = unquote(source.partition("://")[2].partition("?")[0])
    return Document(data, source, path.rstrip("/").rpartition("/")[2] or path, kind, charset)


def _body(chunks: Iterable[bytes], shown: str, *, packed: bool) -> bytes:
    """The chunks together, unpacked by gzip if `packed`, when they are whole, not empty and within SIZE_LIMIT."""
    inflate = zlib.decompressobj(wbits=31) if packed else None
    data = bytearray()
    taken = 0
    for chunk in chunks:
        taken += len(chunk)
        try:  # at most one byte too many is unpacked, so that a bomb fills no memory
            data += inflate.decompress(chunk, SIZE_LIMIT + 1 - len(data)) if inflate else chunk
        except zlib.error:
            raise ArticleError(f"{shown} arrived as broken gzip data; try again later or save the page") from None
        if max(taken, len(data)) > SIZE_LIMIT:
            raise ArticleError(f"{shown} has more than {megabytes(SIZE_LIMIT)}; choose a shorter document")
    if inflate and data and not inflate.eof:
        raise ArticleError(f"{shown} broke off before its end; try again later")
    if not data:
        raise ArticleError(f"{shown} is empty; choose an address with text in it")
    return bytes(data)


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
    reason = one_line(str(error)) or type(error).__name__
    return f"{shown} could not be fetched ({reason}); check the address or try later"
