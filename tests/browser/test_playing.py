"""What a viewer's picture does: it does not decode, somebody pauses it, another site frames it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from localnet.stack import Stack
from localnet.waiting import wait_until
from tests.browser.support.album import Album
from tests.browser.support.catalogue import words
from tests.browser.support.foreign_site import site_of
from tests.browser.support.people import Person
from tests.browser.support.stack_actions import StackActions

pytestmark = pytest.mark.alone

People = Callable[..., Person]

# while `window.garbled`, every video frame that arrives is noise to the decoder
GARBLE = """
  window.garbled = true;
  window.sessions = 0;
  const Real = RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(options) {
      super({ ...options, encodedInsertableStreams: true });
      window.sessions += 1;
      this.addEventListener("track", ({ receiver, track }) => {
        const { readable, writable } = receiver.createEncodedStreams();
        const spoil = new TransformStream({
          transform(frame, out) {
            if (window.garbled && track.kind === "video")
              frame.data = new Uint8Array(frame.data.byteLength).fill(255).buffer;
            out.enqueue(frame);
          },
        });
        void readable.pipeThrough(spoil).pipeTo(writable).catch(() => {});
      });
    }
  };"""
# a phone that saves power: nothing starts without a touch, not even in silence
NO_AUTOPLAY = """
  let touched = false;
  addEventListener("pointerdown", () => (touched = true), true);
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    if (!touched) return Promise.reject(new DOMException("no gesture", "NotAllowedError"));
    return play.call(this);
  };"""


@pytest.fixture(scope="module")
def room(stack: Stack, chromium: Browser) -> Iterator[str]:
    """A room that is on air."""
    host = Person(chromium, stack, wallet=8)
    name = host.create("Lớp học nhìn thấy được")
    host.go_live()
    yield name
    assert not host.close()


def test_scenario_32__packets_arrive_and_nothing_decodes__told_another_way_tried_recovers(
    person: People, room: str, album: Album
) -> None:
    viewer = person(init=GARBLE)
    viewer.visit(f"/room/{room}")
    expect(viewer.word("viewer", "dark")).to_be_visible()
    album.take(viewer, "viewer-dark")
    wait_until(
        lambda: viewer.page.evaluate("window.sessions") > 1, 20.0, "another session is tried"
    )
    viewer.page.evaluate("window.garbled = false")
    viewer.wait_playing()
    # and decoding that stops later
    seen = viewer.wait_counter()
    viewer.page.evaluate("window.garbled = true")
    expect(viewer.word("viewer", "dark")).to_be_visible()
    viewer.page.evaluate("window.garbled = false")
    viewer.wait_playing()
    viewer.wait_counter(above=seen)


def test_picture__paused_by_the_person_or_by_the_system__plays_on_when_asked(
    person: People, room: str, album: Album
) -> None:
    viewer = person()
    viewer.visit(f"/room/{room}")
    viewer.wait_playing()
    video = viewer.page.locator(".stage video")
    resume = viewer.page.locator(".stage .resume")
    paused = "(each) => each.paused"
    video.click()
    expect(resume).to_have_text(viewer.words.of("viewer", "paused"))
    album.take(viewer, "viewer-paused")
    assert video.evaluate(paused), "nobody but the person plays on"
    expect(viewer.word("viewer", "reconnecting")).to_have_count(0)
    viewer.page.keyboard.press("k")
    expect(resume).to_have_count(0)
    assert not video.evaluate(paused)

    video.evaluate("(each) => each.pause()")  # as a phone call does
    expect(resume).to_have_text(viewer.words.of("viewer", "tapToPlay"))
    resume.click()
    expect(resume).to_have_count(0)
    viewer.page.keyboard.press("m")
    expect(viewer.page.locator(".unmute")).to_be_visible()
    viewer.page.get_by_label(viewer.words.of("viewer", "volume")).fill("0.5")
    expect(viewer.page.locator(".unmute")).to_have_count(0)
    viewer.button("viewer", "fullscreen").click()
    viewer.button("viewer", "exitFull").click()
    expect(viewer.button("viewer", "fullscreen")).to_be_visible()
    viewer.wait_counter()


def test_picture__nothing_may_start_without_a_touch__a_large_button_does(
    person: People, room: str
) -> None:
    viewer = person(init=NO_AUTOPLAY, language="vi")
    viewer.visit(f"/room/{room}")
    resume = viewer.page.locator(".stage .resume")
    expect(resume).to_have_text(viewer.words.of("viewer", "tapToPlay"))
    resume.click()
    expect(resume).to_have_count(0)
    viewer.wait_counter()


def test_scenario_36__lifecycle_lies_refuses_or_is_away__live_plays_and_is_never_called_not_live(
    person: People, room: str, chain: StackActions
) -> None:
    silent = chain.create("Chưa có ai phát".encode())
    chain.wait(silent, "active")
    viewer, reader = person(), person()
    mark = reader.page.locator(f'.card[href="/room/{room}"] .pill')

    def plays_and_is_marked(*words: str) -> None:
        reader.visit("/")
        viewer.visit(f"/room/{room}")
        viewer.wait_playing()
        expect(mark).to_have_text(
            re.compile("|".join(reader.words.of("room", word) for word in words))
        )

    try:
        chain.stream.set_quirks(whip_lifecycle="unknown")
        chain.lose_presence()  # it may have learned otherwise in tests before
        plays_and_is_marked("open", "live")
        for kind in ("429", "html"):
            chain.stream.clear_faults()
            chain.stream.fault(kind, path="/lifecycle$", times=None)
            plays_and_is_marked("open", "live")
        chain.stream.clear_faults()
        chain.stream.fault("hang", path="/lifecycle$", times=None)
        viewer.page.reload()
        viewer.wait_playing()
    finally:
        chain.stream.clear_faults()
        chain.stream.set_quirks(whip_lifecycle="known")
    plays_and_is_marked("live")
    # what is not live, though /lifecycle says so, waits
    viewer.page.route("**/lifecycle", lambda route: route.fulfill(json={"live": True}))
    viewer.visit(f"/room/{silent}")
    expect(viewer.word("viewer", "waiting")).to_be_visible()


def test_embed__sandboxed_without_origin_or_without_scripts__plays_or_says_why(
    chromium: Browser, stack: Stack, room: str
) -> None:
    said = words("en")
    address = f"{stack.state.url('api')}/embed/{room}"
    allow = "autoplay; fullscreen 'none'; picture-in-picture 'none'"
    frames = {
        f"/{name}": f'<iframe width=640 height=360 sandbox="{sandbox}" allow="{allow}"'
        f' src="{address}"></iframe>'
        for name, sandbox in (("no-origin", "allow-scripts"), ("no-scripts", ""))
    }
    with site_of(frames) as site:
        page = chromium.new_page()
        page.goto(f"{site}/no-origin")
        frame = page.frame_locator("iframe")
        expect(frame.locator(".stage.playing")).to_be_visible()
        expect(frame.get_by_role("button", name=said.of("viewer", "pause"))).to_be_visible()
        for forbidden in ("fullscreen", "float"):
            button = frame.get_by_role("button", name=said.of("viewer", forbidden))
            expect(button).to_have_count(0)
        expect(frame.get_by_role("link", name=said.of("viewer", "open"))).to_be_visible()
        page.goto(f"{site}/no-scripts")
        # in every language, since none can be chosen
        for language in ("en", "vi"):
            why = page.frame_locator("iframe").locator(f".without [lang={language}]")
            expect(why).to_be_visible()
        page.close()
