"""Our page's publisher against a WHIP server that is not ours, nor made with Cloudflare in mind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from localnet.process import Program, Programs
from localnet.waiting import wait_until

Open = Callable[[], Page]
HERE = Path(__file__).parent
FRAMES = 210
"""Seven seconds: longer than the publisher waits for reports of the server."""


class WhipServer:
    """whip_server.mjs and what it said."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.at = self.wait(lambda event: "first" in event)

    def events(self) -> list[dict[str, Any]]:
        whole = self._program.output().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def wait(self, wanted: Callable[[dict[str, Any]], Any], seconds: float = 15.0) -> Any:
        """The first event that fits."""
        return self._program.wait_until(
            lambda: next(filter(wanted, self.events()), None), seconds, "its event"
        )


@pytest.fixture
def server(programs: Programs) -> Iterator[WhipServer]:
    yield WhipServer(programs.start("whip-server", ["node", HERE / "whip_server.mjs"]))


@pytest.mark.parametrize("location", ["relative", "absolute", "moved"])
def test_whip_server__its_location_in_any_form__receives_and_is_told_the_end(
    open_interop: Open, server: WhipServer, location: str
) -> None:
    host = open_interop()
    url = f"{server.at['first']}/{location}/room/whip"
    host.evaluate("(url) => interop.publishOurs(url)", url)
    received = server.wait(lambda event: event.get("frames", 0) >= FRAMES, 30.0)
    assert received["audio"] > 0
    assert received["received"] == 1, "one session all along"
    assert host.evaluate("() => interop.states") == ["connecting", "live"]
    host.evaluate("() => stop()")
    origin, room = server.at["first"], location
    if location == "moved":  # relative to who answered, not to who was asked
        origin, room = server.at["answering"], "answering"
    told = server.wait(lambda event: "deleted" in event)
    assert told == {"deleted": f"{origin}/{room}/room/session/1", "status": 200}
    wait_until(lambda: not [e for e in server.events() if "failed" in e], what="no failure")
