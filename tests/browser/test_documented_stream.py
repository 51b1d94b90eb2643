"""The event stream as docs/api.md shows it: the very text, in a real browser, over a bad server."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from localnet.waiting import wait_until

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
PAUSE_MS = 90_000  # the longest pause of the example
CALLS = """
window.told = [];
for (const name of ["refetch", "show", "apply"]) window[name] = (it) => told.push([name, it?.say]);
"""


def sent(event: str, say: str, event_id: str) -> str:
    name = "" if event == "message" else f"event: {event}\n"
    return f"id: {event_id}\n{name}data: {json.dumps({'say': say})}\n\n"


# One answer after another: a status, and what the stream says before it breaks off.
ANSWERS: list[tuple[int, str]] = [
    (502, ""), (503, ""), (429, ""),
    (200, sent("position", "first", "7-aaaaaaaa") + sent("message", "change", "8-bbbbbbbb")),
    (502, ""),
    (200, sent("reset", "", "8-cccccccc") + sent("position", "second", "8-cccccccc")),
    (429, ""), (503, ""),
    (200, sent("position", "third", "9-dddddddd")),
]  # fmt: skip


class BadServer(ThreadingHTTPServer):
    """Answers as `ANSWERS` has it; `asked` are the streams' addresses."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: BadServer

    def do_GET(self) -> None:
        status, kind, body = 200, "text/html", "<!doctype html><title>x</title>"
        if self.path.startswith("/api/livestream/stream"):
            status, body = ANSWERS[min(len(self.server.asked), len(ANSWERS) - 1)]
            kind = "text/event-stream" if status == 200 else "application/problem+json"
            self.server.asked.append(self.path)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def bad_server() -> Iterator[BadServer]:
    with BadServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        yield context.new_page()


def test_documented_stream__502_503_429_and_lost_connections__survived_without_a_gap(
    page: Page, bad_server: BadServer
) -> None:
    (example,) = re.findall(
        r"^```js\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert "new EventSource" in example
    page.clock.install(time=0)
    page.clock.pause_at(1)  # its pauses are over when we say so
    page.goto(f"http://127.0.0.1:{bad_server.server_port}/")
    page.add_script_tag(content=CALLS + example)
    for asked in range(1, len(ANSWERS)):
        # the stream has failed and been given up: then nothing happens until the pause is over
        wait_until(lambda n=asked: len(bad_server.asked) == n, what="a question")  # type: ignore[misc]
        page.wait_for_function("source.readyState === EventSource.CLOSED")
        page.clock.fast_forward(PAUSE_MS)
    page.wait_for_function("told.some(([, say]) => say === 'third')")
    resumed = [address.partition("last_event_id=")[2] for address in bad_server.asked]
    assert resumed[: len(ANSWERS)] == [
        "", "", "", "", "8-bbbbbbbb", "8-bbbbbbbb", "8-cccccccc", "8-cccccccc", "8-cccccccc",
    ]  # fmt: skip
    told = page.evaluate("told")
    assert told == [
        ["refetch", None], ["show", "first"], ["apply", "change"],
        ["refetch", None], ["refetch", None], ["show", "second"],
        ["refetch", None], ["show", "third"],
    ]  # fmt: skip
