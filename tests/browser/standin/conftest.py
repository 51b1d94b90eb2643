"""A stand-in, a page served from another loopback origin, and browser contexts to open it in.

The browser is the session's: Playwright's synchronous API must not be nested.
"""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from localnet.stream.control import StandIn
from localnet.waiting import wait_until
from tests.browser.standin.modules import NODE_MODULES, bundle

HTML = '<!doctype html><title>page</title><body></body><script src="/page.js"></script>'


class _Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind, body = _content(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests' output stays readable."""


def _content(path: str) -> tuple[str, bytes]:
    if path == "/":
        return "text/html", HTML.encode()
    if path == "/page.js":
        return "text/javascript", (Path(__file__).parent / "page.js").read_bytes()
    if path.startswith("/whip-whep/"):
        return "text/javascript", (NODE_MODULES / path[1:]).read_bytes()
    if path.startswith("/bundle/"):
        return "text/javascript", bundle(path.removeprefix("/bundle/")).encode()
    return "text/plain", b""


@dataclass
class BrowserInput:
    """A live input, and what may be done with it."""

    standin: StandIn
    uid: str
    whip: str
    whep: str

    def api(self, method: str, tail: str = "", **options: Any) -> dict[str, Any]:
        url = f"{self.standin.api_base}/accounts/{self.standin.account_id}/stream/live_inputs"
        response = httpx.request(
            method, f"{url}/{self.uid}{tail}", headers=self.standin.headers, **options
        )
        response.raise_for_status()
        result = response.json()["result"]
        return result if isinstance(result, dict) else {}

    @property
    def live(self) -> bool:
        answer = httpx.get(f"{self.standin.public_base}/{self.uid}/lifecycle")
        return bool(answer.json()["live"])

    def wait_live(self, live: bool = True, timeout: float = 30.0) -> None:
        wait_until(lambda: self.live is live, timeout, f"live is {live}")

    @property
    def viewers(self) -> int:
        return int(self.standin.control.media().get(self.uid, {}).get("viewers", 0))


def counts(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("() => counts()")
    return found


def publish(page: Page, url: str, codec: str | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate("([url, codec]) => publish(url, codec)", [url, codec])
    return answer


def watch(page: Page, url: str) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate("url => watch(url)", url)
    return answer


def wait_frames(page: Page, more: int, timeout: float = 30.0) -> dict[str, Any]:
    """Waits until `more` further frames are decoded; returns the counts."""
    goal = counts(page).get("frames", 0) + more

    def reached() -> dict[str, Any]:
        found = counts(page)
        return found if found.get("frames", 0) >= goal else {}

    return wait_until(reached, timeout, f"{goal} frames decoded")


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with StandIn.start(tmp_path_factory.mktemp("standin"), rate=(0, 300.0)) as standin:
        yield standin


@pytest.fixture
def live_input(standin: StandIn) -> Callable[..., BrowserInput]:
    """`live_input(**body)` creates an input."""

    def create(**body: Any) -> BrowserInput:
        url = f"{standin.api_base}/accounts/{standin.account_id}/stream/live_inputs"
        result = httpx.post(url, headers=standin.headers, json=body).json()["result"]
        whip, whep = result["webRTC"]["url"], result["webRTCPlayback"]["url"]
        return BrowserInput(standin, result["uid"], whip, whep)

    return create


@pytest.fixture(scope="module")
def page_url() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_page(chromium: Browser, page_url: str) -> Iterator[Callable[[], Page]]:
    """`open_page()` opens the page in a context of its own; all are closed with the test."""
    contexts = []

    def open_one() -> Page:
        contexts.append(chromium.new_context())
        page = contexts[-1].new_page()
        page.goto(page_url)
        return page

    yield open_one
    for context in contexts:
        context.close()
