"""What a host does with picture and sound: screen, cameras, hiding, muting, and refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from localnet.browser import FLAGS, chromium_executable
from localnet.stack import Stack
from localnet.waiting import wait_until
from tests.browser.support.album import Album
from tests.browser.support.people import Person

pytestmark = pytest.mark.alone

People = Callable[..., Person]
# The loudest sample and the brightest pixel that the viewer got since they were last asked for.
SENSES = """() => {
  const video = document.querySelector(".stage video");
  const sound = new AudioContext();
  const ear = sound.createAnalyser();
  sound.createMediaStreamSource(video.srcObject).connect(ear);
  const samples = new Float32Array(ear.fftSize);
  const eye = new OffscreenCanvas(32, 18).getContext("2d", { willReadFrequently: true });
  window.noticed = { frames: 0, loud: 0, bright: 0 };
  const look = () => {
    noticed.frames += 1;
    ear.getFloatTimeDomainData(samples);
    noticed.loud = samples.reduce((most, each) => Math.max(most, Math.abs(each)), noticed.loud);
    eye.drawImage(video, 0, 0, 32, 18);
    noticed.bright = eye.getImageData(0, 0, 32, 18).data
      .filter((_, at) => at % 4 !== 3)
      .reduce((most, each) => Math.max(most, each), noticed.bright);
    video.requestVideoFrameCallback(look);
  };
  look();
}"""
AFRESH = "() => { window.noticed = { frames: 0, loud: 0, bright: 0 }; }"
FRAMES = 60  # two seconds: the fake microphone beeps each second


def notices(viewer: Person) -> dict[str, float]:
    """What the viewer saw and heard in the next `FRAMES` frames."""
    viewer.page.evaluate(AFRESH)
    wait_until(lambda: viewer.page.evaluate("noticed.frames") >= FRAMES, 30.0, "more frames")
    found: dict[str, float] = viewer.page.evaluate("noticed")
    return found


def test_on_air__muted_and_hidden__the_viewer_hears_and_sees_nothing_until_undone(
    person: People,
) -> None:
    host = person(wallet=4)
    room = host.create("Quiet, please")
    host.go_live()
    viewer = person()
    viewer.visit(f"/room/{room}")
    viewer.wait_playing()
    viewer.page.evaluate(SENSES)
    wait_until(lambda: notices(viewer)["loud"] > 0.01, 30.0, "the viewer hears the beep")
    host.button("live", "mute").click()
    wait_until(lambda: notices(viewer)["loud"] < 0.001, 30.0, "silence")
    host.button("live", "darken").click()
    wait_until(lambda: notices(viewer)["bright"] < 40, 30.0, "a dark picture")
    host.button("live", "unmute").first.click()  # who speaks while muted is shown it twice
    host.button("live", "lighten").click()
    wait_until(lambda: notices(viewer)["loud"] > 0.01, 30.0, "the beep again")
    wait_until(lambda: notices(viewer)["bright"] > 100, 30.0, "the picture again")
    expect(host.page.locator(".preview .pill.live")).to_be_visible()


def test_on_air__from_screen_to_camera__the_viewer_s_session_goes_on(person: People) -> None:
    host = person(wallet=4)
    room = host.create("Slides, then a face")
    host.button("live", "screen").click()
    expect(host.page.locator(".preview.playing")).to_be_visible()
    host.button("live", "start").click()
    host.wait_live()
    viewer = person()
    viewer.visit(f"/room/{room}")
    viewer.wait_playing()
    viewer.page.evaluate("window.stream = document.querySelector('.stage video').srcObject")
    host.button("live", "toCamera").click()
    viewer.wait_counter()
    same = "window.stream === document.querySelector('.stage video').srcObject"
    assert viewer.page.evaluate(same), "another session was needed"
    expect(host.page.locator(".preview .pill.live")).to_be_visible()


@pytest.fixture
def two_cameras(chromium: Browser, stack: Stack) -> Iterator[Person]:
    """A host with another camera: the third fake one, since the second films in no colour."""
    flags = [flag.replace("fps=30", "fps=30,device-count=3") for flag in FLAGS]
    browser = chromium.browser_type.launch(executable_path=chromium_executable(), args=flags)
    host = Person(browser, stack, wallet=4)
    yield host
    troubles = host.close()
    browser.close()
    assert not troubles, troubles


def test_on_air__another_camera__goes_out_without_a_break(
    two_cameras: Person, person: People
) -> None:
    host = two_cameras
    room = host.create("Two cameras")
    host.go_live()
    viewer = person()
    viewer.visit(f"/room/{room}")
    viewer.wait_playing()
    viewer.page.evaluate("window.stream = document.querySelector('.stage video').srcObject")
    picker = host.page.locator(".devices select").first
    expect(picker).to_be_enabled()
    first = picker.input_value()
    assert not _yellow(viewer)
    others = [one for one in picker.locator("option").all() if one.get_attribute("value") != first]
    second = others[-1].get_attribute("value")
    picker.select_option(second)
    device = (
        "(id) => document.querySelector('.preview video').srcObject"
        ".getVideoTracks()[0].getSettings().deviceId === id"
    )
    wait_until(lambda: host.page.evaluate(device, second), 15.0, "the other camera")
    wait_until(lambda: _yellow(viewer), 15.0, "the viewer sees the other camera")
    same = "window.stream === document.querySelector('.stage video').srcObject"
    assert viewer.page.evaluate(same), "another session was needed"
    expect(host.page.locator(".preview .pill.live")).to_be_visible()


def _yellow(viewer: Person) -> bool:
    """Whether the viewer sees the third fake camera: its corners are yellow, the first's green."""
    return bool(
        viewer.page.evaluate(
            """() => {
              const video = document.querySelector(".stage video");
              const pen = new OffscreenCanvas(1, 1).getContext("2d");
              return [[0.03, 0.05], [0.97, 0.05], [0.03, 0.95], [0.97, 0.95]].some(([x, y]) => {
                const [left, top] = [x * video.videoWidth, y * video.videoHeight];
                pen.drawImage(video, left, top, 4, 4, 0, 0, 1, 1);
                return pen.getImageData(0, 0, 1, 1).data[0] > 80;
              });
            }"""
        )
    )


@pytest.mark.parametrize(
    ("error", "word"),
    [("NotAllowedError", "no"), ("NotFoundError", "none"), ("NotReadableError", "busy")],
)
def test_camera__not_to_be_had__is_told_with_a_way_on(
    person: People, album: Album, error: str, word: str
) -> None:
    host = person(wallet=4)
    host.create("No camera")
    host.page.evaluate(
        """(name) => {
          window.camera = navigator.mediaDevices.getUserMedia;
          navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
        }""",
        error,
    )
    host.button("live", "camera").click()
    expect(host.page.get_by_text(host.words.of("live", "trouble", word))).to_be_visible()
    album.take_once(host.page, f"studio-camera-{word}")
    host.page.evaluate("() => { navigator.mediaDevices.getUserMedia = window.camera; }")
    host.button("live", "camera").click()
    expect(host.page.locator(".preview.playing")).to_be_visible()
