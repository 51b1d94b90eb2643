"""Broadcasts of the stand-in: who may send by RTMP, where their HLS lies.

Promises: an input with `recording.mode` automatic plays as HLS while it is live, and its recording
plays afterwards until it is deleted; with mode off nothing is kept (measured). A broadcast that is
refused leaves its code as the reason in the input's `status`.
Assumes: each RTMP connection is a recording of its own; Cloudflare joins those within
`timeoutSeconds`.
On restart: playlists that were cut short are closed.
"""

import asyncio
import re
import shutil
import socket
from collections import deque
from collections.abc import Callable
from pathlib import Path

from localnet.stream.broadcast.hls import HlsWriter, finish
from localnet.stream.broadcast.ingest import Ingest, Sink
from localnet.stream.live_inputs import LiveInputs
from localnet.stream.recordings import StandInRecordings

_LAST_SEGMENT_S = 2.0
_MOST_AT_ONCE = 20
_FILE = re.compile(r"video\.m3u8|seg\d{5}\.ts")


class _Nothing:
    """The sink of a broadcast that is not recorded."""

    def __init__(self, on_end: Callable[[], None]) -> None:
        self._on_end = on_end

    def write(self, kind: int, time: int, body: bytes) -> None:
        """Thrown away."""

    def close(self) -> None:
        self._on_end()


class Broadcasts:
    """RTMP in, HLS out, under `<state>/hls/<video uid>`."""

    def __init__(self, state: Path, inputs: LiveInputs, recordings: StandInRecordings) -> None:
        self._folder = state / "hls"
        self._inputs = inputs
        self._recordings = recordings
        self._writers: deque[HlsWriter] = deque(maxlen=_MOST_AT_ONCE)
        self._ingest = Ingest(self._admit, self._begin, inputs.disconnected)
        inputs.on_revoked.append(self._ingest.cut)
        recordings.on_deleted.append(self._forget)
        for folder in self._folder.glob("*"):
            finish(folder)

    async def start(self, listener: socket.socket) -> None:
        """Takes RTMP connections from a listening socket."""
        await self._ingest.start(listener)

    async def close(self) -> None:
        """Ends every broadcast and waits for its last segment."""
        await self._ingest.close()
        for writer in self._writers:
            await asyncio.to_thread(writer.join, _LAST_SEGMENT_S)

    def has(self, video: str) -> bool:
        """Whether media of this recording is kept here (its playlist may be yet to come)."""
        return (self._folder / video).is_dir()

    def file(self, video: str, name: str) -> Path | None:
        """A playlist or segment; None if there is none (yet)."""
        path = self._folder / video / name
        return path if _FILE.fullmatch(name) and path.is_file() else None

    def _admit(self, key: str) -> str | None:
        _, _, uid = key.partition("k")
        live = self._inputs.find(uid)
        if live is None or not live.enabled or live.credentials.rtmps != key:
            return None
        return None if live.is_live and live.by_whip else uid

    def _begin(self, uid: str) -> Sink:
        self._inputs.connected(uid, "rtmp")
        video = self._recordings.current(uid)

        def over() -> None:
            self._inputs.disconnected(uid)

        if video is None:
            return _Nothing(over)
        writer = HlsWriter(self._folder / video.uid, over)
        self._writers.append(writer)
        return writer

    def _forget(self, video: str) -> None:
        shutil.rmtree(self._folder / video, ignore_errors=True)
