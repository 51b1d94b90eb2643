"""What keeps a host's picture from the viewers while it goes out by WHIP."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Route, expect

from localnet.waiting import wait_until
from tests.browser.support.album import Album
from tests.browser.support.people import Person
from tests.browser.support.stack_actions import StackActions

pytestmark = pytest.mark.alone

People = Callable[..., Person]

WHIP = "**/webRTC/publish"
GREEN_SCREEN = """
  MediaDevices.prototype.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
    const context = canvas.getContext("2d");
    setInterval(() => {
      context.fillStyle = "#00c000";
      context.fillRect(0, 0, 640, 360);
    }, 50);
    return canvas.captureStream();
  };"""
"""A screen to share that cannot be taken for the camera: all green."""

STUN = bytes.fromhex("2112a442")
"""The magic cookie of each of its messages (RFC 8489)."""

SEEN = """() => {
  const video = document.querySelector(".stage video");
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = canvas.getContext("2d");
  context.drawImage(video, video.videoWidth / 8, video.videoHeight / 8, 1, 1, 0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
}"""


def sees_green(viewer: Person) -> bool:
    red, green, blue, _ = viewer.page.evaluate(SEEN)
    return bool(green > 150 and red < 60 and blue < 60)


@pytest.fixture
def deaf() -> Iterator[list[socket.socket]]:
    """UDP ports that take all and answer nothing, as behind a firewall that drops."""
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for _ in range(2)]
        for one in made:
            one.bind(("127.0.0.1", 0))
            one.settimeout(5.0)
        yield made


def test_scenario_31__source_changed_while_whip_reconnects__viewers_get_the_new_picture(
    person: People, chain: StackActions
) -> None:
    host, viewer = person(wallet=6, init=GREEN_SCREEN), person()
    room = host.create("Another picture in between")
    host.go_live()
    viewer.visit(f"/room/{room}")
    viewer.wait_playing()
    assert not sees_green(viewer)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    host.page.route(WHIP, hold)
    uid = chain.uid(room)
    # the connection is offered with the camera, and its answer is yet to come
    with host.page.expect_request(WHIP):
        chain.stream.set_media(uid, "cut")
        chain.stream.set_media(uid, "flowing")
    host.button("live", "toScreen").click()
    expect(host.button("live", "toCamera")).to_be_visible()
    for route in held:
        route.continue_()
    host.page.unroute(WHIP)
    host.wait_live()
    viewer.wait_playing()
    wait_until(lambda: sees_green(viewer), 10.0, "the viewer sees the screen")


def test_udp__blocked_at_the_host__is_said_with_the_way_out_and_tried_on(
    person: People, album: Album, deaf: list[socket.socket]
) -> None:
    nowhere, stun = (one.getsockname()[1] for one in deaf)
    host = person(wallet=7)
    host.page.clock.install()
    host.create("Behind a firewall")

    def elsewhere(route: Route) -> None:
        """The server answers, its candidates lead nowhere, and it names a STUN server."""
        told = route.fetch()
        found = r"(a=candidate:\S+ \d+ udp \d+ )\S+ \d+"
        sdp = re.sub(found, rf"\g<1>127.0.0.1 {nowhere}", told.text())
        link = f'<stun:127.0.0.1:{stun}>; rel="ice-server"'
        route.fulfill(response=told, body=sdp, headers={**told.headers, "link": link})

    host.page.route(WHIP, elsewhere)
    host.button("live", "camera").click()
    host.button("live", "start").click()
    words = host.words.of("live", "hindered", "blocked")
    said = host.page.get_by_role("alert").filter(has_text=words)

    def in_time(what: Locator) -> bool:
        """Two seconds pass, of which the test waits for a few milliseconds."""
        host.page.clock.fast_forward(2_000)
        return what.is_visible()

    wait_until(lambda: in_time(said), 10.0, "it is said that UDP is blocked")
    album.take(host, "host-blocked")
    assert deaf[1].recv(1_500)[4:8] == STUN, "the server that the answer names was asked"
    host.page.unroute(WHIP)
    live = host.page.locator(".preview .pill.live")
    wait_until(lambda: in_time(live), 15.0, "the host is live")
    expect(said).to_have_count(0)
