"""Live, end to end: a host with wallet and camera, a viewer elsewhere, and what may go wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from localnet.waiting import wait_until
from tests.browser.support.album import Album
from tests.browser.support.mocks import bend_room, hold_stream
from tests.browser.support.people import Person
from tests.browser.support.stack_actions import StackActions

pytestmark = pytest.mark.alone

People = Callable[..., Person]
# what the event stream has told the page
HEARD = """
  window.heard = [];
  window.EventSource = class extends EventSource {
    constructor(address) {
      super(address);
      this.addEventListener("message", ({ data }) => heard.push(data));
    }
  };"""


def on_air(person: People, title: str, wallet: int) -> tuple[Person, str]:
    """A host who is on air."""
    host = person(wallet=wallet)
    room = host.create(title)
    host.go_live()
    return host, room


@pytest.mark.parametrize("late", [True, False], ids=["opens late", "held back for ever"])
def test_scenario_28__event_stream_late_or_held_back__host_and_viewer_see_the_change_by_themselves(
    person: People, chain: StackActions, late: bool
) -> None:
    host, viewer = person(wallet=5), person()
    held = [hold_stream(one.page) for one in (host, viewer)]
    room = host.create("Behind a proxy that keeps streams")
    active = chain.wait(room, "active")
    # both pages come before the operator's work, however quick that is here
    before = {"status": "pending", "uid": None, "playback": None}
    before["last_seq"] = active["last_seq"] - 1
    ready = False
    for one in (host, viewer):
        bend_room(one.page, room, lambda told: told if ready else {**told, **before})
    host.visit(f"/studio/{room}")
    viewer.visit(f"/room/{room}")
    expect(host.page.locator(".steps .now")).to_be_visible()
    expect(viewer.word("viewer", "preparing")).to_be_visible()
    # what the browser tells is heard while it is asked
    wait_until(
        lambda: viewer.page.evaluate("true") and all(held), 20, "both have asked for their streams"
    )

    ready = True
    for route in [route for one in held for route in one] if late else []:
        route.continue_()
    expect(viewer.word("viewer", "waiting")).to_be_visible()
    expect(host.button("live", "camera")).to_be_visible()


def test_go_live__camera__viewer_elsewhere_sees_its_counter(
    person: People, chain: StackActions
) -> None:
    host = person(wallet=5)
    room = host.create("Evening class")
    chain.wait(room, "active")
    host.button("live", "camera").click()
    expect(host.page.locator(".preview.playing")).to_be_visible()
    viewer = person(language="vi")
    viewer.visit(f"/room/{room}")
    expect(viewer.word("viewer", "waiting")).to_be_visible()
    host.button("live", "start").click()
    host.wait_live()
    viewer.wait_playing()
    seen = viewer.wait_counter()
    for _ in range(4):
        seen = viewer.wait_counter(above=seen)
    # it is the camera's own: its clock, beside it in the picture, agrees with it
    reading = viewer.reading()
    assert reading is not None
    assert abs(reading["counter"] - 30 * reading["clock"]) <= 1


def test_media__cut_and_back__host_and_viewer_recover_by_themselves(
    person: People, chain: StackActions
) -> None:
    host, room = on_air(person, "Media comes and goes", 6)
    viewer = person()
    viewer.visit(f"/room/{room}")
    viewer.wait_playing()
    uid = chain.uid(room)
    chain.stream.set_media(uid, "cut")
    expect(viewer.word("viewer", "reconnecting")).to_be_visible()
    reconnecting = host.page.locator(
        ".preview .pill", has_text=host.words.of("viewer", "reconnecting")
    )
    expect(reconnecting).to_be_visible()
    before = host.wait_counter()
    chain.stream.set_media(uid, "flowing")
    host.wait_live()
    viewer.wait_playing()
    viewer.wait_counter(above=before)


def test_media__frozen__viewer_notices_and_recovers(person: People, chain: StackActions) -> None:
    _, room = on_air(person, "Frozen", 6)
    viewer = person()
    viewer.visit(f"/room/{room}")
    viewer.wait_playing()
    uid = chain.uid(room)
    last = viewer.wait_counter()
    chain.stream.set_media(uid, "frozen")
    expect(viewer.word("viewer", "reconnecting")).to_be_visible()
    chain.stream.set_media(uid, "flowing")
    viewer.wait_playing()
    viewer.wait_counter(above=last)


def test_host__reloads__goes_on_by_itself(person: People) -> None:
    host, room = on_air(person, "Reload", 7)
    viewer = person()
    viewer.visit(f"/room/{room}")
    viewer.wait_playing()
    host.page.reload()
    host.wait_live()
    viewer.wait_playing()
    viewer.wait_counter()


def test_host__second_tab__takes_over_only_when_asked(person: People) -> None:
    host, room = on_air(person, "Two tabs", 7)
    tab = host.new_tab()
    tab.goto(f"/studio/{room}")
    tab.get_by_role("button", name=host.words.of("live", "camera"), exact=True).click()
    tab.get_by_role("button", name=host.words.of("live", "start"), exact=True).click()
    elsewhere = host.words.of("live", "elsewhere")
    expect(tab.get_by_text(elsewhere)).to_be_visible()
    expect(host.page.locator(".preview .pill.live")).to_be_visible()
    tab.get_by_role("button", name=host.words.of("live", "takeOver"), exact=True).click()
    expect(tab.locator(".preview .pill.live")).to_be_visible()
    expect(host.page.get_by_text(elsewhere)).to_be_visible()


def test_end__by_the_host__the_event_stream_tells_the_viewer_and_deposit_comes_back(
    person: People,
) -> None:
    host, room = on_air(person, "The end", 8)
    viewer = person(language="vi", init=HEARD)
    viewer.visit(f"/room/{room}")
    viewer.wait_playing()
    host.page.get_by_role("button", name=host.words.of("manage", "end")).click()
    confirm = host.page.get_by_role("dialog").get_by_role(
        "button", name=host.words.of("manage", "end")
    )
    confirm.click()
    expect(viewer.word("viewer", "ended")).to_be_visible()
    # while a stream is heard a page with a picture asks nothing by itself
    assert any("RoomEnded" in told for told in viewer.page.evaluate("heard"))
    expect(viewer.page.get_by_text(viewer.words.of("end", "host"))).to_be_visible()
    withdraw = host.button("studio", "withdraw", parts=["0.001"])
    withdraw.click()
    expect(withdraw).to_have_count(0)


def test_credentials__another_wallet_or_another_browser__cannot_open_them(
    person: People,
) -> None:
    host = person(wallet=9)
    room = host.create("Mine alone")
    expect(host.button("live", "camera")).to_be_visible()
    stranger = person(wallet=5)
    stranger.create("My own, so that this browser has a key, too")
    expect(stranger.button("live", "camera")).to_be_visible()
    stranger.visit(f"/studio/{room}")
    expect(stranger.page.get_by_text(stranger.words.of("studio", "notYours"))).to_be_visible()
    # even with the host's account: the key is in the host's browser alone
    stranger.page.evaluate("(address) => window.testWallet.become(address)", host.address)
    expect(stranger.page.get_by_text(stranger.words.of("live", "noKey"))).to_be_visible()
    expect(stranger.button("live", "camera")).to_have_count(0)


def test_viewer__browser_insists_on_silence__unmute_prompt(person: People) -> None:
    _, room = on_air(person, "Silence", 7)
    strict = """
      let touched = false;
      addEventListener("pointerdown", () => (touched = true), true);
      const play = HTMLMediaElement.prototype.play;
      HTMLMediaElement.prototype.play = function () {
        if (!this.muted && !touched)
          return Promise.reject(new DOMException("no gesture", "NotAllowedError"));
        return play.call(this);
      };"""
    viewer = person(init=strict)
    viewer.visit(f"/room/{room}")
    viewer.wait_playing()
    prompt = viewer.page.locator(".unmute")
    expect(prompt).to_be_visible()
    prompt.click()
    expect(prompt).to_have_count(0)
    assert viewer.page.evaluate("document.querySelector('.stage video').muted") is False


def test_viewer__no_path_for_media__is_told_in_words(person: People, album: Album) -> None:
    _, room = on_air(person, "Blocked", 7)
    # as where UDP is dropped: the server answers, but no candidate of its ever works
    blocked = """
      const set = RTCPeerConnection.prototype.setRemoteDescription;
      RTCPeerConnection.prototype.setRemoteDescription = function (answer) {
        const sdp = answer.sdp.replace(/a=candidate:.*\\r\\n/g, "");
        return set.call(this, { type: answer.type, sdp });
      };"""
    viewer = person(init=blocked)
    viewer.visit(f"/room/{room}")
    expect(viewer.word("viewer", "blocked")).to_be_visible()
    album.take(viewer, "viewer-blocked")
