"""WHIP and WHEP clients of others in a real browser: what we publish they play, and the reverse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from localnet.stream.control import StandIn
from localnet.waiting import wait_until
from tests.browser.standin.conftest import BrowserInput, wait_frames, watch

Open = Callable[[], Page]
Create = Callable[..., BrowserInput]
LEFT_S = 40.0
"""A peer that goes without DELETE is noticed by ICE's consent, at most."""


def _deletes(standin: StandIn, kind: str) -> list[int | None]:
    """Statuses of the DELETEs of sessions: `publish` or `play`."""
    return [
        request["status"]
        for request in standin.control.requests()
        if request["method"] == "DELETE" and f"/webRTC/{kind}/" in request["path"]
    ]


def _no_problems(page: Page) -> None:
    assert page.evaluate("() => interop.problems") == []


def _broadcast(
    open_interop: Open, room: BrowserInput, publish: str, play: str
) -> tuple[Page, Page, dict[str, Any]]:
    """Host, viewer, and what the viewer has decoded: the programs by their names in page.js."""
    host, viewer = open_interop(), open_interop()
    host.evaluate(f"(url) => interop.{publish}(url)", room.whip)
    room.wait_live()
    viewer.evaluate(f"(url) => interop.{play}(url)", room.whep)
    wait_until(lambda: room.viewers == 1, what="a viewer")
    return host, viewer, wait_frames(viewer, 60)


def test_eyevinn_player__our_publisher__plays_and_hangs_up(
    open_interop: Open, live_input: Create, standin: StandIn
) -> None:
    room = live_input()
    host, viewer, found = _broadcast(open_interop, room, "publishOurs", "watchEyevinn")
    assert found["width"] == 640
    assert found["audio"] > 0
    _no_problems(viewer)
    standin.control.clear_requests()
    viewer.evaluate("() => stop()")
    wait_until(lambda: room.viewers == 0, what="no viewer")
    assert _deletes(standin, "play") == [200]
    host.evaluate("() => stop()")
    room.wait_live(False)
    assert _deletes(standin, "publish") == [200]
    assert host.evaluate("() => interop.states") == ["connecting", "live"]


def test_eyevinn_player__nobody_publishes__is_told_and_not_connected(
    open_interop: Open, live_input: Create
) -> None:
    viewer = open_interop()
    viewer.evaluate("(url) => interop.watchEyevinn(url)", live_input().whep)
    wait_until(
        lambda: viewer.evaluate("() => interop.problems") == ["initial-connection-failed"],
        what="the player's own event",
    )


def test_livepeer__whip_and_whep__publishes_plays_and_leaves(
    open_interop: Open, live_input: Create, standin: StandIn
) -> None:
    room = live_input()
    host, viewer, found = _broadcast(open_interop, room, "publishLivepeer", "watchLivepeer")
    assert found["codec"] == "video/H264", "it asks for H.264 first"
    assert found["audio"] > 0
    assert host.evaluate("() => interop.states") == ["live"]
    _no_problems(viewer)
    _no_problems(host)
    # it never sends DELETE: the server has to notice
    viewer.evaluate("() => stop()")
    wait_until(lambda: room.viewers == 0, LEFT_S, "no viewer")
    host.evaluate("() => stop()")
    room.wait_live(False, timeout=LEFT_S)


def test_livepeer__beside_ours__each_plays_the_others_broadcast(
    open_interop: Open, live_input: Create
) -> None:
    theirs, ours = live_input(), live_input()
    host = open_interop()
    host.evaluate("(url) => interop.publishLivepeer(url)", theirs.whip)
    theirs.wait_live()
    viewer = open_interop()
    assert watch(viewer, theirs.whep)["status"] == 201
    wait_frames(viewer, 30)
    other = open_interop()
    other.evaluate("(url) => interop.publishOurs(url)", ours.whip)
    ours.wait_live()
    viewer.evaluate("(url) => interop.watchLivepeer(url)", ours.whep)
    wait_until(lambda: ours.viewers == 1, what="a viewer")
    wait_frames(viewer, 30)
