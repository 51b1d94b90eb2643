"""Our page's publisher against a WHIP server that is not ours, nor made with Cloudflare in mind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from localnet.process import Programs
from tests.interop.said import Said

Open = Callable[[], Page]
HERE = Path(__file__).parent
FRAMES = 210
"""Seven seconds: longer than the publisher waits for reports of the server."""


@pytest.fixture
def server(programs: Programs) -> Said:
    return Said(programs.start("whip-server", ["node", str(HERE / "whip_server.mjs")]))


@pytest.mark.parametrize("location", ["relative", "absolute", "moved"])
def test_whip_server__its_location_in_any_form__receives_and_is_told_the_end(
    open_interop: Open, server: Said, location: str
) -> None:
    host, at = open_interop(), server.wait(lambda event: "first" in event)
    url = f"{at['first']}/{location}/room/whip"
    host.evaluate("(url) => interop.publishOurs(url)", url)
    received = server.wait(lambda event: event.get("frames", 0) >= FRAMES, 30.0)
    assert received["audio"] > 0
    assert received["received"] == 1, "one session all along"
    assert host.evaluate("() => interop.states") == ["connecting", "live"]
    host.evaluate("() => stop()")
    origin, room = at["first"], location
    if location == "moved":  # relative to who answered, not to who was asked
        origin, room = at["answering"], "answering"
    told = server.wait(lambda event: "deleted" in event)
    assert told == {"deleted": f"{origin}/{room}/room/session/1", "status": 200}
    assert [event for event in server.events() if "failed" in event] == []
