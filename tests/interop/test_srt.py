"""The SRT address that the page shows is understood by ffmpeg and by OBS.

The stand-in speaks no SRT: libsrt's own server stands behind the address's host and port.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import av
import pytest

from localnet.process import Programs
from tests.interop.advice import CLOUDFLARE_SRT, Advice, start_ffmpeg, start_obs
from tests.interop.said import Said

ENOUGH = 1_000_000  # bytes


class Listener(Said):
    """srt_listener.py, for whom knows the passphrase."""

    def __init__(self, programs: Programs, passphrase: str, target: Path) -> None:
        self.target = target
        command = ["python", "-m", "tests.interop.srt_listener", passphrase, str(target)]
        super().__init__(programs.start("srt", command))
        self.port = self.wait(lambda event: "port" in event)["port"]

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
        encoder = start_obs(programs, tmp_path / "obs", advice, address, "")
    else:
        encoder = start_ffmpeg(programs, advice, advice.kbps[0], "mpegts", address)
    accepted = listener.wait(lambda event: "streamid" in event)
    assert accepted == {"streamid": advice.srt_stream_id, "secured": True}
    listener.wait(lambda event: event.get("bytes", 0) >= ENOUGH, 30.0)
    encoder.stop()
    listener.wait(lambda event: "end" in event)
    frames, video, audio = _decoded(listener.target)
    assert frames >= 2 * advice.fps
    assert (video, audio) == ("h264", "aac")


def test_srt__another_passphrase__is_refused(
    advice: Advice, programs: Programs, tmp_path: Path
) -> None:
    listener = Listener(programs, advice.srt_passphrase[::-1], tmp_path / "received.ts")
    encoder = start_ffmpeg(programs, advice, advice.kbps[0], "mpegts", listener.here(advice.srt))
    assert encoder.wait(30.0) != 0
    assert "Incorrect passphrase" in encoder.output()
    assert [event for event in listener.events() if "streamid" in event] == []
