"""Real video through the stand-in: published by WHIP, played by WHEP, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page

from localnet.stream.control import StandIn
from localnet.waiting import wait_until
from tests.browser.standin.conftest import BrowserInput, counts, publish, wait_frames, watch
from tests.support.signed_tokens import SigningPen

pytestmark = pytest.mark.alone

Open = Callable[[], Page]
Create = Callable[..., BrowserInput]
NOT_STARTED = {"status": 409, "text": "Live broadcast not started yet"}


@pytest.mark.parametrize("codec", ["video/VP8", "video/H264"])
def test_video__host_and_viewer__the_picture_moves_in_the_publishers_codec(
    open_page: Open, live_input: Create, codec: str
) -> None:
    room = live_input()
    host, viewer = open_page(), open_page()
    assert watch(viewer, room.whep) == NOT_STARTED
    assert publish(host, room.whip, codec)["status"] == 201
    room.wait_live()
    assert watch(viewer, room.whep)["status"] == 201
    found = wait_frames(viewer, 30)
    assert found["codec"] == codec
    assert found["width"] == 640
    assert found["audio"] > 0
    assert found["firstFrame"] < 3000
    first = viewer.evaluate("() => picture()")
    assert first["lit"] > 1000
    wait_until(lambda: viewer.evaluate("() => picture()")["sum"] != first["sum"], what="new pixels")


def test_video__five_viewers__all_get_it_and_are_counted(
    open_page: Open, live_input: Create
) -> None:
    room = live_input()
    publish(open_page(), room.whip)
    room.wait_live()
    viewers = [open_page() for _ in range(5)]
    for viewer in viewers:
        assert watch(viewer, room.whep)["status"] == 201
    for viewer in viewers:
        shown = counts(viewer).get("frames", 0)
        assert wait_frames(viewer, max(0, 60 - shown))["width"] == 640
    assert room.viewers == 5


def test_video__frozen_and_flowing_again__the_same_session_goes_on(
    open_page: Open, live_input: Create, standin: StandIn
) -> None:
    room = live_input()
    publish(open_page(), room.whip)
    room.wait_live()
    viewer = open_page()
    watch(viewer, room.whep)
    wait_frames(viewer, 10)
    standin.control.set_media(room.uid, "frozen")
    wait_until(lambda: _stands_still(viewer, standin, room.uid), what="a frozen picture")
    assert room.live
    assert counts(viewer)["state"] == "connected"
    standin.control.set_media(room.uid, "flowing")
    wait_frames(viewer, 30)


def _stands_still(viewer: Page, standin: StandIn, uid: str) -> bool:
    """Whether the viewer got nothing while fifteen more frames came from the host."""
    before = counts(viewer)["frames"]
    arrived = standin.control.media()[uid]["frames"]["video"]
    wait_until(
        lambda: standin.control.media()[uid]["frames"]["video"] >= arrived + 15, what="frames"
    )
    return bool(counts(viewer)["frames"] == before)


def test_video__cut_and_brought_back__both_connect_anew(
    open_page: Open, live_input: Create, standin: StandIn
) -> None:
    room = live_input()
    host, viewer = open_page(), open_page()
    publish(host, room.whip)
    room.wait_live()
    watch(viewer, room.whep)
    wait_frames(viewer, 10)
    standin.control.set_media(room.uid, "cut")
    room.wait_live(False)
    assert publish(host, room.whip)["status"] == 503
    assert watch(viewer, room.whep) == NOT_STARTED
    standin.control.set_media(room.uid, "flowing")
    assert publish(host, room.whip)["status"] == 201
    room.wait_live()
    assert watch(viewer, room.whep)["status"] == 201
    wait_frames(viewer, 10)


def test_video__host_reloads__the_newest_publisher_takes_over(
    open_page: Open, live_input: Create, standin: StandIn
) -> None:
    room = live_input()
    first, second, viewer = open_page(), open_page(), open_page()
    publish(first, room.whip)
    room.wait_live()
    before = standin.control.media()[room.uid]["session"]
    publish(second, room.whip)
    wait_until(
        lambda: standin.control.media()[room.uid]["session"] != before, what="another session"
    )
    assert room.live
    assert watch(viewer, room.whep)["status"] == 201
    wait_frames(viewer, 30)


def test_video__host_closes_the_tab__is_noticed(open_page: Open, live_input: Create) -> None:
    room = live_input()
    host = open_page()
    publish(host, room.whip)
    room.wait_live()
    host.context.close()
    room.wait_live(False)
    assert watch(open_page(), room.whep) == NOT_STARTED


def test_video__host_hangs_up__is_not_live_at_once_and_twice_is_fine(
    open_page: Open, live_input: Create
) -> None:
    room = live_input()
    session = publish(open_page(), room.whip)["session"]
    room.wait_live()
    assert [httpx.delete(session).status_code for _ in range(2)] == [200, 200]
    assert not room.live


@pytest.mark.parametrize("how", ["disable", "rotate", "delete"])
def test_video__input_revoked_while_live__nothing_plays_any_more(
    open_page: Open, live_input: Create, standin: StandIn, how: str
) -> None:
    room = live_input()
    host, viewer = open_page(), open_page()
    publish(host, room.whip)
    room.wait_live()
    watch(viewer, room.whep)
    wait_frames(viewer, 10)
    if how == "delete":
        room.api("DELETE")
    else:
        room.api("POST", "/disable" if how == "disable" else "/rotate_keys")
        assert not room.live
    assert watch(open_page(), room.whep) == NOT_STARTED
    assert standin.control.media().get(room.uid) is None
    assert publish(host, room.whip)["status"] == (403 if how == "disable" else 401)
    if how == "disable":
        room.api("POST", "/enable")
        assert publish(host, room.whip)["status"] == 201
        room.wait_live()


def _signed(room: BrowserInput, seconds: float) -> str:
    """The room's WHEP address by a token that ends in `seconds` of the stand-in's time."""
    base, headers = room.standin.api_base, room.standin.headers
    url = f"{base}/accounts/{room.standin.account_id}/stream"
    key = httpx.post(f"{url}/keys", headers=headers).json()["result"]
    now = httpx.get(f"{room.standin.public_base}/_standin/health").json()["now"]
    token = SigningPen(key["id"], key["pem"]).token(room.uid, now + seconds)
    return room.whep.replace(room.uid, token)


def test_video__signed_playback__only_with_a_token_and_on_after_its_end(
    open_page: Open, live_input: Create, standin: StandIn
) -> None:
    room = live_input(recording={"requireSignedURLs": True})
    publish(open_page(), room.whip)
    room.wait_live()
    viewer = open_page()
    assert watch(viewer, room.whep)["status"] == 401
    url = _signed(room, 600)
    watching = watch(viewer, url)
    assert watching["session"].startswith(url + "/")
    wait_frames(viewer, 10)
    standin.control.advance_clock(601)
    wait_frames(viewer, 30)
    assert watch(open_page(), url)["status"] == 401
    assert httpx.patch(watching["session"]).status_code == 204
    assert httpx.delete(watching["session"]).status_code == 200
    wait_until(lambda: room.viewers == 0, what="nobody left")


def test_video__token_that_ends_its_session__ends_it_then(
    open_page: Open, live_input: Create, standin: StandIn
) -> None:
    standin.control.set_quirks(whep_exp="ends")
    try:
        room = live_input(recording={"requireSignedURLs": True})
        publish(open_page(), room.whip)
        room.wait_live()
        first, second = open_page(), open_page()
        assert watch(first, _signed(room, 600))["status"] == 201
        assert watch(second, _signed(room, 1200))["status"] == 201
        wait_until(lambda: room.viewers == 2, what="both watch")
        standin.control.advance_clock(600)
        wait_until(lambda: room.viewers == 1, what="one left")
        wait_frames(second, 10)
        standin.control.advance_clock(600)
        wait_until(lambda: room.viewers == 0, what="nobody left")
    finally:
        standin.control.set_quirks(whep_exp="runs")
