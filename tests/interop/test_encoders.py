"""What the page advises is given to OBS and to ffmpeg as it stands there.

Of a BROADCAST room, whose viewer on the page plays each broadcast by HLS, and of a WHIP room. The
stand-in speaks no SRT, so the SRT address is given to the same programs with libsrt's own server
behind its host and port.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import pytest
from playwright.sync_api import Browser, Page

from localnet.process import Program, Programs
from localnet.stack import Stack
from localnet.waiting import wait_until
from tests.browser.standin.conftest import BrowserInput, wait_frames, watch
from tests.browser.support.people import Person
from tests.browser.support.stack_actions import StackActions
from tests.interop import obs

Create = Callable[..., BrowserInput]
Open = Callable[[], Page]
People = Callable[..., Person]
CERTIFICATE = (
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
)
CERTIFICATE += ("-nodes", "-subj", "/CN=interop", "-days", "1")
CLOUDFLARE_SRT = "srt://live.cloudflare.com:778"
KEYFRAMES_S = (2, 10)  # what Cloudflare takes
NEAR = 24  # of 255: a colour after H.264 and back
PICTURE = """() => {
  const video = document.querySelector(".stage video");
  const canvas = new OffscreenCanvas(64, 36);
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 64, 36);
  return {
    colour: [...context.getImageData(32, 18, 1, 1).data].slice(0, 3),
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    width: video.videoWidth,
  };
}"""


@dataclass(frozen=True)
class Advice:
    """What a host sees under OBS in a BROADCAST room, and what Cloudflare's side knows of it."""

    room: str
    server: str
    key: str
    srt: str
    kbps: tuple[int, int]
    keyframe_s: int
    fps: int
    srt_stream_id: str
    srt_passphrase: str


class Rows:
    """The table of settings under OBS, by the catalogue's names."""

    def __init__(self, host: Person) -> None:
        panel = host.page.locator(".obs .settings")
        names, values = (panel.locator(tag).all_inner_texts() for tag in ("dt", "dd"))
        self._rows = dict(zip(names, values, strict=True))
        self._words = host.words

    def text(self, word: str) -> str:
        return self._rows[self._words.of("obs", word)]

    def numbers(self, word: str) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", self.text(word))]


@pytest.fixture(scope="module")
def host(stack: Stack, chromium: Browser) -> Iterator[Person]:
    host = Person(chromium, stack, wallet=6)
    yield host
    assert host.close() == []


@pytest.fixture(scope="module")
def advice(stack: Stack, host: Person) -> Advice:
    room = host.create("Lớp học lớn", mode="broadcast")
    panel = host.page.locator(".obs")
    servers = panel.get_by_label(host.words.of("obs", "server"), exact=True)
    key = panel.get_by_label(host.words.of("obs", "streamKey"), exact=True).input_value()
    panel.locator("summary").click()
    rows = Rows(host)
    least, most = rows.numbers("bitrate")
    assert rows.text("audio") == "AAC"
    with StackActions(stack) as actions:
        uid = actions.uid(room)
        (known,) = [found for found in actions.stream.inputs() if found["uid"] == uid]
    return Advice(
        room,
        servers.first.input_value(),
        key,
        servers.last.input_value(),
        (least, most),
        rows.numbers("keyframes")[0],
        rows.numbers("fps")[0],
        known["srt"]["streamId"],
        known["srt"]["passphrase"],
    )


def _ffmpeg(programs: Programs, advice: Advice, kbps: int, format: str, url: str) -> Program:
    """ffmpeg with the page's settings: a moving test picture and a tone."""
    every = str(advice.fps * advice.keyframe_s)
    picture = f"testsrc2=size=1280x720:rate={advice.fps}"
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "warning"]
    command += ["-re", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=frequency=200"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    command += ["-g", every, "-keyint_min", every, "-sc_threshold", "0"]
    for option in ("-b:v", "-minrate", "-maxrate", "-bufsize"):
        command += [option, f"{kbps}k"]
    return programs.start("ffmpeg", [*command, "-c:a", "aac", "-f", format, url])


def _obs(programs: Programs, home: Path, advice: Advice, server: str, key: str) -> Program:
    settings = obs.Settings(server, key, advice.kbps[0], advice.keyframe_s, advice.fps)
    return obs.start(programs, home, settings)


def _watch(viewer: Person, advice: Advice, encoder: Program) -> dict[str, Any]:
    """The page's viewer plays it; three seconds of frames later, what it shows."""
    viewer.visit(f"/room/{advice.room}")
    viewer.wait_playing(40.0)
    first = viewer.page.evaluate(PICTURE)["frames"]
    wait_until(
        lambda: viewer.page.evaluate(PICTURE)["frames"] >= first + 3 * advice.fps,
        20.0,
        "three seconds of frames",
    )
    encoder.require_alive()
    found: dict[str, Any] = viewer.page.evaluate(PICTURE)
    return found


def test_advice__of_the_page__is_what_cloudflare_takes(advice: Advice) -> None:
    assert KEYFRAMES_S[0] <= advice.keyframe_s <= KEYFRAMES_S[1]
    assert advice.kbps == (3000, 7000)
    assert advice.fps == 30
    assert advice.srt.startswith(CLOUDFLARE_SRT + "?")


def test_obs__by_rtmp_as_the_page_advises__its_picture_is_in_the_pages_viewer(
    advice: Advice, person: People, programs: Programs, tmp_path: Path
) -> None:
    encoder = _obs(programs, tmp_path / "obs", advice, advice.server, advice.key)
    shown = _watch(person(), advice, encoder)
    assert shown["width"] == obs.SIZE[0]
    away = [abs(seen - sent) for seen, sent in zip(shown["colour"], obs.COLOUR, strict=True)]
    assert max(away) < NEAR, shown["colour"]
    assert f"keyint:       {advice.fps * advice.keyframe_s}" in encoder.output()


@pytest.mark.parametrize("end", [0, 1], ids=["least", "most"])
def test_ffmpeg__by_rtmp_as_the_page_advises__plays_in_the_pages_viewer(
    advice: Advice, person: People, programs: Programs, end: int
) -> None:
    encoder = _ffmpeg(programs, advice, advice.kbps[end], "flv", advice.server + advice.key)
    assert _watch(person(), advice, encoder)["width"] == 1280


@pytest.mark.parametrize("profile", ["baseline", "main"])
def test_ffmpeg__by_whip_as_the_page_advises__is_played(
    host: Person,
    live_input: Create,
    open_page: Open,
    programs: Programs,
    tmp_path: Path,
    profile: str,
) -> None:
    host.create("Lớp học nhỏ")
    host.button("live", "obs").click()
    rows = Rows(host)
    assert profile in rows.text("profile")
    assert (rows.text("audio"), rows.text("bframes")) == ("Opus", "0")
    room, viewer = live_input(), open_page()
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run([*CERTIFICATE, "-keyout", key, "-out", certificate], check=True)
    numbers = [str(rows.numbers(word)[0]) for word in ("bitrate", "keyframes", "fps")]
    command = ["python", "-m", "tests.interop.whip_encoder", room.whip, *numbers]
    programs.start("ffmpeg", [*command, profile, certificate, key])
    room.wait_live()
    assert watch(viewer, room.whep)["status"] == 201
    found = wait_frames(viewer, 20)
    assert (found["codec"], found["width"]) == ("video/H264", 1280)
    assert found["audio"] > 0


class Listener:
    """srt_listener.py and what it said."""

    def __init__(self, programs: Programs, passphrase: str, target: Path) -> None:
        self.target = target
        command = ["python", "-m", "tests.interop.srt_listener", passphrase, target]
        self._program = programs.start("srt", command)
        self.port = self.wait("port")["port"]

    def events(self) -> list[dict[str, Any]]:
        whole = self._program.output().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def wait(self, word: str, at_least: int = 0, seconds: float = 20.0) -> dict[str, Any]:
        def fits(event: dict[str, Any]) -> bool:
            return word in event and (not at_least or event[word] >= at_least)

        return self._program.wait_until(
            lambda: next(filter(fits, self.events()), None), seconds, f"{word} of the caller"
        )

    def here(self, address: str) -> str:
        """The page's address, with our host and port in it."""
        return address.replace(CLOUDFLARE_SRT, f"srt://127.0.0.1:{self.port}")


def _decoded(path: Path) -> tuple[int, str, str]:
    """Frames of video in the file so far, and its codecs."""
    with av.open(str(path)) as file:
        video, audio = file.streams.video[0], file.streams.audio[0]
        frames = 0
        with contextlib.suppress(av.FFmpegError):  # the last picture is not whole
            for _ in file.decode(video):
                frames += 1
        return frames, video.codec_context.name, audio.codec_context.name


@pytest.mark.parametrize("program", ["ffmpeg", "obs"])
def test_srt__the_address_of_the_page__is_understood_and_sends(
    advice: Advice, programs: Programs, tmp_path: Path, program: str
) -> None:
    listener = Listener(programs, advice.srt_passphrase, tmp_path / "received.ts")
    address = listener.here(advice.srt)
    if program == "obs":
        encoder = _obs(programs, tmp_path / "obs", advice, address, "")
    else:
        encoder = _ffmpeg(programs, advice, advice.kbps[0], "mpegts", address)
    assert listener.wait("streamid") == {"streamid": advice.srt_stream_id, "secured": True}
    listener.wait("bytes", at_least=1_000_000, seconds=30.0)
    encoder.stop()
    listener.wait("end")
    frames, video, audio = _decoded(listener.target)
    assert frames >= 2 * advice.fps
    assert (video, audio) == ("h264", "aac")


def test_srt__another_passphrase__is_refused(
    advice: Advice, programs: Programs, tmp_path: Path
) -> None:
    listener = Listener(programs, advice.srt_passphrase[::-1], tmp_path / "received.ts")
    encoder = _ffmpeg(programs, advice, advice.kbps[0], "mpegts", listener.here(advice.srt))
    assert encoder.wait(30.0) != 0
    assert [event for event in listener.events() if "streamid" in event] == []
