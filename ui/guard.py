"""Only this server's own pages may talk to it, and they load nothing from anywhere else."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; script-src-attr 'none'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)


class Guard:
    """ASGI middleware that refuses foreign hosts and other sites, and sends a content security policy.

    A page that resolves its own name to our address (DNS rebinding) still sends that name as Host, so a Host must be
    an IP address, localhost, the name we are served at, or this machine's name.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self.app = app
        self.names = {"localhost", host.lower(), socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self.known(headers.get("host", "")):
            await PlainTextResponse("This page is not served under that name.", 400)(scope, receive, send)
            return
        if scope["method"] == "POST" and headers.get("sec-fetch-site") == "cross-site":
            await PlainTextResponse("Another site may not ask here.", 403)(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                answered["content-security-policy"] = POLICY
                answered["x-content-type-options"] = "nosniff"
                answered["referrer-policy"] = "no-referrer"
            await send(message)

        await self.app(scope, receive, guarded)

    def known(self, host: str) -> bool:
        name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
        with suppress(ValueError):
            return bool(ipaddress.ip_address(name))
        return name.lower() in self.names
