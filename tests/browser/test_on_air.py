"""On air with real devices and a real wallet: both come and go, the broadcast stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from localnet.waiting import wait_until
from tests.browser.support.album import Album
from tests.browser.support.people import PHONE, Person

pytestmark = pytest.mark.alone

People = Callable[..., Person]
HARDWARE = (Path(__file__).parent / "support" / "hardware.js").read_text(encoding="utf-8")
VOICE, TAB = 440, 1500  # Hz, as in hardware.js

PREVIEW = "document.querySelector('.preview video').srcObject"
# whether each tone stands out of what the viewer hears now
EAR = """() => {
  const { srcObject } = document.querySelector(".stage video");
  const sound = new AudioContext();
  const ear = new AnalyserNode(sound, { fftSize: 4096, smoothingTimeConstant: 0 });
  sound.createMediaStreamSource(srcObject).connect(ear);
  const bins = new Float32Array(ear.frequencyBinCount);
  window.heard = (hertz) => {
    ear.getFloatFrequencyData(bins);
    const at = Math.round((hertz * ear.fftSize) / sound.sampleRate);
    return Math.max(...bins.slice(at - 2, at + 3)) > -60;
  };
  window.session = srcObject;
}"""


def hears(viewer: Person) -> list[int]:
    return [
        hertz for hertz in (VOICE, TAB) if viewer.page.evaluate("(hertz) => heard(hertz)", hertz)
    ]


def without_node(host: Person) -> None:
    """As where the operator names no public node: the page reads the chain by the wallet alone."""

    def answer(route: Route) -> None:
        told = route.fetch()
        route.fulfill(response=told, body=json.dumps({**told.json(), "rpc_url": None}))

    host.page.route("**/config.json", answer)


def test_scenario_29__wallet_locks_or_changes_on_air__nothing_of_the_broadcast_does(
    person: People, album: Album
) -> None:
    host = person(wallet=8, viewport=PHONE)
    without_node(host)
    room = host.create("The wallet locks")
    host.go_live()
    viewer = person()
    viewer.visit(f"/room/{room}")
    viewer.wait_playing()
    host.page.evaluate(f"window.shown = {PREVIEW}")
    live = host.page.locator(".preview .pill.live")

    def goes_on() -> None:
        assert host.page.evaluate(f"window.shown === {PREVIEW}"), "the preview was made anew"
        expect(live).to_be_visible()
        for on, off in (("mute", "unmute"), ("darken", "lighten")):
            host.button("live", on).click()
            # who speaks while muted is shown this button once more
            host.button("live", off).first.click()
        expect(host.button("live", "stop")).to_be_visible()

    wallet = "window.testWallet"
    host.page.evaluate(f"{wallet}.lock()")
    expect(host.page.get_by_text(host.words.of("wallet", "locked"))).to_be_visible()
    goes_on()
    album.take_once(host.page, "on-air-wallet-locked")
    host.page.evaluate(f"{wallet}.unlock()")
    expect(host.page.get_by_text(host.words.of("manage", "title"))).to_be_visible()
    goes_on()
    host.page.evaluate(f"{wallet}.become('{host.stack.node.accounts[3]}')")
    expect(host.page.get_by_text(host.words.of("studio", "notYours"))).to_be_visible()
    goes_on()
    host.page.evaluate(f"{wallet}.moveTo('0x1')")
    expect(host.page.get_by_text(host.words.of("wallet", "wrongChain"))).to_be_visible()
    goes_on()

    # elsewhere in the page, and back
    host.page.get_by_role("link", name=host.words.of("studio", "viewer")).first.click()
    host.page.get_by_role("link", name=host.words.of("room", "toAir")).click()
    expect(live).to_be_visible()

    # a reload without the wallet, muted as before
    host.button("live", "mute").click()
    host.page.evaluate(f"{wallet}.lock(true)")
    host.page.reload()
    host.wait_live()
    expect(host.button("live", "unmute")).to_be_visible()
    viewer.wait_playing()
    viewer.wait_counter()


def test_scenario_30__devices_missing_lost_held_and_back__said_and_the_rest_goes_out(
    person: People, album: Album
) -> None:
    host = person(wallet=7, language="vi", viewport=PHONE, init=HARDWARE)
    room = host.create("Devices come and go")

    def lack(kind: str, why: str) -> None:
        expect(host.page.get_by_text(host.words.of("live", "lack", kind, why))).to_be_visible()

    def nothing_missing() -> None:
        expect(host.page.locator(".notes .note")).to_have_count(0)

    # a headset of another day is forgotten, and there is no camera
    remembered = "localStorage['livestream-rooms.microphone']"
    host.page.evaluate(f"{remembered} = 'the headset at home'")
    host.page.evaluate("hardware.take('video')")
    host.page.reload()
    host.page.evaluate("hardware.take('video')")
    host.button("live", "camera").click()
    lack("video", "none")
    assert host.page.evaluate(f"{remembered} ?? null") is None
    album.take_once(host.page, "on-air-only-microphone")
    host.button("live", "start").click()
    host.wait_live()
    viewer = person()
    viewer.visit(f"/room/{room}")
    expect(viewer.page.get_by_text(viewer.words.of("viewer", "voice"))).to_be_visible()

    # plugged in, and told by the browser
    host.page.evaluate("() => { hardware.give('video'); hardware.tell(); }")
    nothing_missing()
    viewer.wait_counter()

    # the microphone goes and comes without an event
    host.page.evaluate("hardware.take('audio')")
    lack("audio", "lost")
    album.take_once(host.page, "on-air-microphone-lost")
    before = viewer.wait_counter()
    host.page.evaluate("hardware.give('audio')")
    nothing_missing()

    # a phone call
    host.page.evaluate("hardware.hold(true)")
    lack("audio", "held")
    host.page.evaluate("hardware.hold(false)")
    nothing_missing()

    # speaking while muted
    host.button("live", "mute").click()
    unheard = host.page.get_by_text(host.words.of("live", "unheard"))
    expect(unheard).to_be_visible()
    album.take_once(host.page, "on-air-muted-speaking")
    host.button("live", "unmute").first.click()
    expect(unheard).to_have_count(0)

    # the camera: its button does what waiting would do
    host.page.evaluate("hardware.take('video')")
    lack("video", "lost")
    host.page.evaluate("hardware.give('video')")
    host.page.locator(".notes").get_by_role("button", name=host.words.of("common", "again")).click()
    nothing_missing()
    viewer.wait_counter(above=before)
    expect(host.page.locator(".preview .pill.live")).to_be_visible()


def test_scenario_31__a_tab_with_its_sound__the_viewer_hears_it_and_the_voice(
    person: People,
) -> None:
    host = person(wallet=6, init=HARDWARE)
    room = host.create("A film with comments")
    host.go_live()
    viewer = person()
    viewer.visit(f"/room/{room}")
    viewer.wait_playing()
    viewer.page.evaluate(EAR)
    wait_until(lambda: hears(viewer) == [VOICE], 10.0, "the voice alone")
    host.button("live", "toScreen").click()
    wait_until(lambda: hears(viewer) == [VOICE, TAB], 10.0, "both")
    expect(host.page.get_by_text(host.words.of("live", "mixed"))).to_be_visible()
    host.button("live", "mute").click()
    wait_until(lambda: hears(viewer) == [TAB], 10.0, "muting mutes the voice alone")
    expect(host.page.get_by_text(host.words.of("live", "mutedShared"))).to_be_visible()
    host.page.locator(".desk").get_by_role("button", name=host.words.of("live", "unmute")).click()
    host.page.evaluate("hardware.endShare()")  # by the browser's own bar, without its event
    wait_until(lambda: hears(viewer) == [VOICE], 10.0, "the voice alone again")
    viewer.wait_counter()
    same = "window.session === document.querySelector('.stage video').srcObject"
    assert viewer.page.evaluate(same), "another session was needed"
