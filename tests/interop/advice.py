"""What the page tells a host under OBS, and an encoder that is given exactly that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from localnet.process import Program, Programs
from localnet.stack import Stack
from tests.browser.support.people import Person
from tests.browser.support.stack_actions import StackActions
from tests.interop import obs

CLOUDFLARE_SRT = "srt://live.cloudflare.com:778"


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


def broadcast_advice(stack: Stack, host: Person) -> Advice:
    """Creates a BROADCAST room and reads what its studio shows."""
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


def start_ffmpeg(programs: Programs, advice: Advice, kbps: int, format: str, url: str) -> Program:
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


def start_obs(programs: Programs, home: Path, advice: Advice, server: str, key: str) -> Program:
    settings = obs.Settings(server, key, advice.kbps[0], advice.keyframe_s, advice.fps)
    return obs.start(programs, home, settings)
