"""Addresses are fetched from public hosts only, within a time and a size; refusals are one clear sentence."""

import contextlib
import gzip
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from documents import DOCX, JAPANESE, LONG, NEWS, PDF, RUSSIAN, refused, zip_of

import index.address
import index.fetch
from index.errors import ArticleError
from index.fetch import _decoded
from index.load import load_article
from index.text import Article


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


@pytest.mark.parametrize(("sent", "read"), [("/café".encode(), "/café"), ("/café".encode("latin-1"), "/café")])
def test_headers_are_read_as_utf8_and_else_as_latin1(sent, read):
    assert _decoded(sent) == read


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
    monkeypatch.setattr(index.fetch, "DOWNLOAD_TIME", 0.6)
    started = time.monotonic()
    assert "did not arrive within 0.6 seconds" in refused(site.address + path, allow_private=True)
    assert time.monotonic() - started < 10


def test_slow_name_look_up_is_cut_off(monkeypatch):
    monkeypatch.setattr(index.fetch, "DOWNLOAD_TIME", 0.2)
    over, found = threading.Event(), socket.getaddrinfo("127.0.0.1", 80)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: (over.wait(60), found)[1])
    started = time.monotonic()
    assert "did not arrive" in refused("http://slow.example/")
    assert time.monotonic() - started < 20
    over.set()


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

    assert index.address.is_public(ipaddress.ip_address(address))


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
        index.address, "is_public", lambda address: len(checked) < 1 if checked.append(address) else len(checked) == 1
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
    monkeypatch.setattr(index.address, "is_public", lambda address: str(address) == "127.0.0.1")
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
