"""Questions over HTTP to hosts that do everything wrong."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from common.clock import SystemClock
from presence.answers import MOST_ANSWER_BYTES, HostAnswer
from presence.asking import HttpAsking, http_client
from presence.board import ActiveRoom
from presence.host_manners import AnswerKind

LIVE = b'{"isInput":true,"videoUID":null,"live":true}'


class _Host(BaseHTTPRequestHandler):
    """Answers by the first part of the path; writes down what it was asked."""

    seen: list[tuple[str, str]]
    ended: threading.Event

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["User-Agent"]))
        how = self.path.split("/")[1]
        if how == "moved":
            self.send_response(302)
            self.send_header("Location", self.path.replace("moved", "well"))
            self.end_headers()
            return
        self.send_response(200)
        if how == "packed":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if how == "long":
            self.wfile.write(b" " * (MOST_ANSWER_BYTES + 1) + LIVE)
        elif how == "silent":
            self.wfile.flush()
            self.ended.wait(30)
        elif how != "empty":
            self.wfile.write(LIVE)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _QuickClock(SystemClock):
    """Patience of a tenth."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 10)


@pytest.fixture
def host() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    seen: list[tuple[str, str]] = []
    ended = threading.Event()
    handler = type("Handler", (_Host,), {"seen": seen, "ended": ended})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


async def _ask(base: str) -> HostAnswer:
    room = ActiveRoom(1, "0x" + "c0" * 20, "broadcast", base, "ab" * 16, True, 0, 1)
    async with http_client("ours/1") as http:
        return await HttpAsking(http, _QuickClock()).lifecycle(room)


@pytest.mark.parametrize(
    ("how", "kind", "live"),
    [
        ("well", AnswerKind.GOOD, True),
        ("moved", AnswerKind.AWAY, None),
        ("long", AnswerKind.ROOM, None),
        ("packed", AnswerKind.GOOD, True),
        ("empty", AnswerKind.ROOM, None),
        ("silent", AnswerKind.AWAY, None),
    ],
)
async def test_lifecycle__asked_of_a_host_that_does_so__counts_or_is_unknown(
    host: tuple[str, list[tuple[str, str]]], how: str, kind: AnswerKind, live: bool | None
) -> None:
    base, seen = host
    answer = await _ask(f"{base}/{how}")
    assert (answer.outcome, answer.live) == (kind, live)
    assert seen == [(f"/{how}/{'ab' * 16}/lifecycle", "ours/1")]


@pytest.mark.parametrize(
    "base", ["ftp://127.0.0.1", "http://user@127.0.0.1", "file:///etc", "nonsense", "http://x?y"]
)
async def test_lifecycle__of_a_base_that_is_no_address__asks_nobody(base: str) -> None:
    answer = await _ask(base)
    assert (answer.outcome, answer.live) == (AnswerKind.ROOM, None)
    assert "no http(s) address" in answer.why


async def test_lifecycle__of_a_host_that_is_not_there__is_away() -> None:
    assert (await _ask("http://127.0.0.1:9")).outcome is AnswerKind.AWAY
