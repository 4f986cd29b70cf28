"""Which addresses may be asked: http(s), without credentials, on hosts that the whole internet can reach."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import threading
import time
from typing import TYPE_CHECKING, Any

from index.errors import ArticleError
from index.wording import quoted

if TYPE_CHECKING:
    import httpx2

_AZURE_METADATA = ipaddress.ip_address("168.63.129.16")  # answers inside Azure only, though it is a public address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def parse(url: str) -> httpx2.URL:
    """The address, when it is http(s), names a host and carries no credentials; raises ArticleError otherwise."""
    import httpx2

    shown = quoted(re.sub(r"//[^/?#]*@", "//…@", url))
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


def follow(address: httpx2.URL, location: str) -> str:
    """Where a redirect from `address` leads; raises ArticleError when that is no address."""
    import httpx2

    try:
        return str(address.join(location))
    except (httpx2.InvalidURL, ValueError):
        raise ArticleError(
            f"{quoted(str(address))} redirects to an invalid address; open it in a browser and save the page"
        ) from None


def resolve(address: httpx2.URL, *, deadline: float, allow_private: bool) -> list[IPAddress]:
    """The IP addresses of the host, at least one, in the resolver's order.

    Raises TimeoutError when the monotonic clock passes `deadline`; ArticleError when the host is unknown or when one
    of its addresses is not public and `allow_private` does not say that this is welcome.
    """
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
        raise TimeoutError
    addresses = list(dict.fromkeys(ipaddress.ip_address(entry[4][0].partition("%")[0]) for entry in found))
    if not addresses:
        raise ArticleError(f"no host {quoted(host)} was found; check the address and the network connection")
    private = [each for each in addresses if not is_public(each)]
    if private and not allow_private:
        raise ArticleError(
            f"{quoted(str(address))} leads to {private[0]}, which is not a public address; "
            "save the page and open the file instead"
        )
    return addresses


def is_public(address: IPAddress) -> bool:
    """Whether the whole internet can reach it, also looking at an IPv4 address inside an IPv6 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved and address != _AZURE_METADATA
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    return (address in _GLOBAL_UNICAST and address.is_global) and (inner is None or is_public(inner))
