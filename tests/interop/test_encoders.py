"""What the page advises is given to OBS and to ffmpeg as it stands there.

Of a BROADCAST room, whose viewer on the page plays each broadcast by HLS, and of a WHIP room.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from localnet.process import Program, Programs
from localnet.waiting import wait_until
from tests.browser.standin.conftest import BrowserInput, wait_frames, watch
from tests.browser.support.people import Person
from tests.interop import obs
from tests.interop.advice import CLOUDFLARE_SRT, Advice, Rows, start_ffmpeg, start_obs

Create = Callable[..., BrowserInput]
Open = Callable[[], Page]
People = Callable[..., Person]
CERTIFICATE = (
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
    *("-nodes", "-subj", "/CN=interop", "-days", "1"),
)
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


def _watch(viewer: Person, advice: Advice, encoder: Program) -> dict[str, Any]:
    """The page's viewer plays it; three seconds of frames later, what it shows."""
    viewer.visit(f"/room/{advice.room}")
    viewer.wait_playing()
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
    encoder = start_obs(programs, tmp_path / "obs", advice, advice.server, advice.key)
    shown = _watch(person(), advice, encoder)
    assert shown["width"] == obs.SIZE[0]
    away = [abs(seen - sent) for seen, sent in zip(shown["colour"], obs.COLOUR, strict=True)]
    assert max(away) < NEAR, shown["colour"]
    assert f"keyint:       {advice.fps * advice.keyframe_s}" in encoder.output()


@pytest.mark.parametrize("end", [0, 1], ids=["least", "most"])
def test_ffmpeg__by_rtmp_as_the_page_advises__plays_in_the_pages_viewer(
    advice: Advice, person: People, programs: Programs, end: int
) -> None:
    encoder = start_ffmpeg(programs, advice, advice.kbps[end], "flv", advice.server + advice.key)
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
    encoder = programs.start("ffmpeg", [*command, profile, str(certificate), str(key)])
    encoder.wait_until(lambda: room.live, 10.0, "it is live")
    assert watch(viewer, room.whep)["status"] == 201
    found = wait_frames(viewer, 20)
    assert (found["codec"], found["width"]) == ("video/H264", 1280)
    assert found["audio"] > 0
