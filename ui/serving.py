"""The page, served: a free port, Gradio's settings, and the guard before every request."""

from __future__ import annotations

import errno
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.state_holder import StateHolder
from starlette.middleware import Middleware

from index.encoder import Encoder
from index.errors import VerbatimError
from qa.answerer import Answerer
from ui.desk import Index, Suggest
from ui.guard import Guard
from ui.web import build

LARGEST_FILE = "20mb"
VISITORS = 200  # whose article and conversation are kept; past it, those who were quiet for longest lose theirs
RACES = 10  # times that another program may take the port we found
PORTS = range(7860, 7960)  # tried in turn when none was chosen
ASSETS = Path(__file__).parent

THEME = gr.themes.Base(
    primary_hue="blue",
    neutral_hue="stone",
    font=["var(--sans)"],
    font_mono=["ui-monospace", "monospace"],
    radius_size="md",
)
ICON = (  # a highlighted V
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' "
    "rx='7' fill='%23ffe17a'/%3E%3Cpath d='M7 8h6l4 12 4-12h5l-7 17h-4z' fill='%2322242a'/%3E%3C/svg%3E"
)
HEAD = f"""<link rel="icon" type="image/svg+xml" href="{ICON}"><meta name="color-scheme" content="light dark">"""


class Visitors(StateHolder):
    """Gradio's memory of visitors; when it is full, callers of the endpoint are forgotten before anybody on the page.

    Each call without a session of its own is a visitor to Gradio, though nothing is kept for it.
    """

    def update(self, session_id: str) -> None:
        with self.lock:
            if session_id in self.session_data:
                self.session_data.move_to_end(session_id)
            while len(self.session_data) > self.capacity:
                callers = (each for each, state in self.session_data.items() if not state.state_data)
                evicted = next((each for each in callers if each != session_id), next(iter(self.session_data)))
                del self.session_data[evicted]
                self.time_last_used.pop(evicted, None)


@dataclass(frozen=True, slots=True)
class Server:
    """A page that is being served at `url`."""

    url: str
    demo: gr.Blocks

    def wait(self) -> None:
        """Returns when the person at the terminal presses Ctrl+C, with the page closed."""
        with suppress(KeyboardInterrupt):
            while self.demo.is_running:
                time.sleep(0.2)
        self.close()

    def close(self) -> None:
        """Frees the port."""
        self.demo.close(verbose=False)


def serve(
    answerer: Answerer[Index],
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    encoder: Encoder | None = None,
    feedback: Path | None = None,
    suggest: Suggest | None = None,
    open_page: bool = False,
) -> Server:
    """The page of `build`, served until it is closed; `port` None is the first free one from 7860.

    Raises VerbatimError when the port is taken or the host is not an address of this machine.
    """
    free_port(host, port)  # before anything that takes time
    demo = build(answerer, encoder=encoder, feedback=feedback, suggest=suggest)
    settings = {**launch_settings(host), "inbrowser": open_page, "prevent_thread_lock": True, "quiet": True}
    with no_proxy():
        for _ in range(RACES):
            with suppress(OSError):  # taken by another since we looked
                app, url, _ = demo.launch(server_port=free_port(host, port), **settings)
                app.state_holder = Visitors()  # type: ignore[no-untyped-call]  # it inherits a constructor without types
                app.state_holder.set_blocks(demo)
                return Server(url.rstrip("/"), demo)
    raise VerbatimError(f"no port of {host} stayed free; choose another with --port")


def launch_settings(host: str = "127.0.0.1") -> dict[str, Any]:
    """The keyword arguments of `Blocks.launch`, the same for people and for tests."""
    return {
        "server_name": f"[{host}]" if ":" in host else host,
        "share": False,
        "ssr_mode": False,
        "mcp_server": False,
        "show_error": False,
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": [],
        "max_file_size": LARGEST_FILE,
        "state_session_capacity": VISITORS,
        "theme": THEME,
        "css": (ASSETS / "page.css").read_text(encoding="utf-8"),
        "head": f"{HEAD}<script>{(ASSETS / 'page.js').read_text(encoding='utf-8')}</script>",
        "app_kwargs": {"middleware": [Middleware(Guard, host=host)]},
    }


def free_port(host: str, port: int | None) -> int:
    """`port`, or when None the first free one from 7860. Raises VerbatimError when it cannot be listened on."""
    for number in PORTS if port is None else (port,):
        reason = cannot_listen(host, number)
        if reason is None:
            return number
        if reason.errno != errno.EADDRINUSE:
            raise VerbatimError(f"cannot listen on {host}, port {number}: {reason.strerror or reason}; try another")
    if port is None:
        raise VerbatimError(f"every port from {PORTS[0]} to {PORTS[-1]} is taken; choose another with --port")
    raise VerbatimError(f"port {port} is taken; choose another with --port, or leave it out to have a free one found")


def cannot_listen(host: str, port: int) -> OSError | None:
    """Why a server cannot listen there, or None when it can."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        return error
    return None


@contextmanager
def no_proxy() -> Iterator[None]:
    """While it lasts no proxy is asked: Gradio looks once whether its page is up, and a proxy would not find it."""
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
    os.environ.update(dict.fromkeys(before, "*"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
