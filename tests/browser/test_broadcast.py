"""A BROADCAST room: an encoder sends by RTMP, viewers watch by HLS, then the recording."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from localnet.waiting import wait_until
from tests.browser.support.album import Album
from tests.browser.support.people import Person

pytestmark = pytest.mark.alone

People = Callable[..., Person]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def broadcast() -> Iterator[Callable[[str], None]]:
    """`broadcast(url)` sends twenty seconds of video by RTMP and stays connected."""
    running: list[subprocess.Popen[bytes]] = []

    def start(url: str) -> None:
        command = [sys.executable, "-m", "tests.integration.stream.encoder", url, "20", "hold"]
        running.append(subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE))

    yield start
    for encoder in running:
        encoder.kill()
        encoder.communicate()


def test_broadcast__by_an_encoder__seen_by_hls_and_replayed_after_the_end(
    person: People, broadcast: Callable[[str], None], album: Album
) -> None:
    host = person(wallet=6)
    room = host.create("Chương trình lớn", mode="broadcast")
    obs = host.page.locator(".obs")
    server = obs.get_by_label(host.words.of("obs", "server"), exact=True).first.input_value()
    key = obs.get_by_label(host.words.of("obs", "streamKey"), exact=True).input_value()
    viewer = person()
    gone = "**/assets/broadcast-part*"
    viewer.page.route(gone, lambda route: route.abort())  # as after an update
    viewer.visit(f"/room/{room}")
    expect(viewer.word("viewer", "unloaded")).to_be_visible()
    viewer.page.unroute(gone)
    expect(viewer.word("viewer", "waiting")).to_be_visible()
    assert not viewer.asked("hls"), "hls.js came before it was needed"
    broadcast(server + key)
    expect(obs.get_by_text(host.words.of("room", "live"), exact=True)).to_be_visible()
    viewer.wait_playing()
    wait_until(lambda: _seconds(viewer, ".stage") > 1, what="the broadcast plays")
    assert viewer.asked("hls")
    line = viewer.page.get_by_label(viewer.words.of("viewer", "timeLine"))
    line.fill("2")
    wait_until(lambda: 1 < _seconds(viewer, ".stage") < 8, what="the viewer has gone back")
    to_live = viewer.page.get_by_role("button", name=viewer.words.of("viewer", "toLive"))
    album.take(viewer, "viewer-behind")
    to_live.click()
    wait_until(lambda: _seconds(viewer, ".stage") > 12, what="the viewer is at what is live")
    expect(to_live).to_have_count(0)
    album.take_once(host.page, "studio-obs-live")

    host.page.get_by_role("button", name=host.words.of("manage", "end")).click()
    dialog = host.page.get_by_role("dialog")
    dialog.get_by_role("button", name=host.words.of("manage", "end"), exact=True).click()
    expect(viewer.word("viewer", "ended")).to_be_visible()
    replay = viewer.page.get_by_role(
        "button", name=viewer.words.of("room", "recording", parts=["1"])
    )
    replay.click()
    wait_until(lambda: _seconds(viewer, ".block") > 0.5, what="the recording plays")
    expect(viewer.page.locator(".block .controls")).to_have_count(0)  # the browser's own are there
    album.take(viewer, "viewer-recordings")


def _seconds(viewer: Person, place: str) -> float:
    """How far the video there has played."""
    script = "(place) => document.querySelector(`${place} video`)?.currentTime ?? 0"
    return float(viewer.page.evaluate(script, place))
