"""Where video is measured: one browser with a window for each person, and what lies between them.

Promises: leaving a `VideoBench` or a way stops what it started.
Assumes: a Chromium, set up by `make test`, and `make setup`.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from localnet.browser import FLAGS, chromium_executable
from localnet.runner import Runner
from localnet.stream.control import StandIn
from localnet.waiting import wait_until

PAGE = Path(__file__).parent / "page"


class Way(Protocol):
    """How frames come from a host's page to a viewer's."""

    @property
    def pid(self) -> int | None:
        """The server's process, if there is one."""

    def publish(self, host: Page) -> None:
        """The host goes live."""

    def play(self, viewer: Page) -> None:
        """A viewer asks for the picture."""


@dataclass
class Urls:
    """By a server's WHIP and WHEP addresses."""

    pid: int | None
    whip: str
    whep: str

    def publish(self, host: Page) -> None:
        host.evaluate("url => publish(url)", self.whip)

    def play(self, viewer: Page) -> None:
        # until the host is connected, asking is refused
        wait_until(lambda: self._asked(viewer), 15.0, "the host is live")

    def _asked(self, viewer: Page) -> bool:
        script = "url => play(url).then(() => '', (error) => error.message)"
        refused: str = viewer.evaluate(script, self.whep)
        if refused and not refused.startswith("409"):
            raise RuntimeError(refused)
        return not refused


class Direct:
    """From page to page without a server; one viewer."""

    pid = None

    def __init__(self) -> None:
        self._host: Page | None = None

    def publish(self, host: Page) -> None:
        self._host = host

    def play(self, viewer: Page) -> None:
        assert self._host is not None
        answer = viewer.evaluate(
            "sdp => answerDirectly(sdp)", self._host.evaluate("offerDirectly()")
        )
        self._host.evaluate("sdp => acceptDirectly(sdp)", answer)


@contextmanager
def stand_in(folder: Path) -> Iterator[Way]:
    """Our stand-in for Cloudflare Stream, with one live input."""
    with StandIn.start(folder / "stream", rate=(0, 300.0)) as running:
        url = f"{running.api_base}/accounts/{running.account_id}/stream/live_inputs"
        answer = httpx.post(url, headers=running.headers, json={}, trust_env=False)
        made: dict[str, Any] = answer.raise_for_status().json()["result"]
        yield Urls(running.pid, made["webRTC"]["url"], made["webRTCPlayback"]["url"])


@contextmanager
def media_relay(folder: Path) -> Iterator[Way]:
    """aiortc's own relay, which encodes for each viewer."""
    with Runner(folder) as runner:
        relay = runner.start("relay", [sys.executable, "-m", "bench.video.relay"])
        listening = relay.wait_for_output(r"listening on (127\.0\.0\.1:\d+)", 30.0)
        origin = f"http://{listening[1]}"
        yield Urls(relay.pid, f"{origin}/publish", f"{origin}/play")


@contextmanager
def direct(_: Path) -> Iterator[Way]:
    """No server."""
    yield Direct()


class VideoBench:
    """A browser, and the page that measures served to it."""

    def __init__(self) -> None:
        self._stop = contextlib.ExitStack()
        self._browser: Browser
        self._url = ""

    def __enter__(self) -> VideoBench:
        with contextlib.ExitStack() as stop:
            serve = functools.partial(_QuietPageServer, directory=str(PAGE))
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve)
            stop.callback(server.server_close)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            stop.callback(thread.join)
            stop.callback(server.shutdown)
            self._url = f"http://127.0.0.1:{server.server_port}/index.html"
            playwright = stop.enter_context(sync_playwright())
            self._browser = playwright.chromium.launch(
                executable_path=chromium_executable(), args=list(FLAGS)
            )
            stop.callback(self._browser.close)
            self._stop = stop.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.close()

    @contextmanager
    def people(self, count: int) -> Iterator[list[Page]]:
        """That many people, each with a window of their own, until left."""
        with contextlib.ExitStack() as stop:
            yield [self._window(stop) for _ in range(count)]

    def _window(self, stop: contextlib.ExitStack) -> Page:
        page = stop.enter_context(self.window())
        page.goto(self._url)
        return page

    @contextmanager
    def window(self) -> Iterator[Page]:
        """An empty one, in a browser context of its own."""
        context = self._browser.new_context()
        try:
            yield context.new_page()
        finally:
            context.close()


class _QuietPageServer(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""
