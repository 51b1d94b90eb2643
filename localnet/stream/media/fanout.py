"""One publisher's track to many viewers, frame by frame, undecoded.

Promises: the source is always read, so nothing piles up without viewers; a viewer that cannot
keep up loses frames, never slows the others, and is given a key frame to start from again.
Assumes: frames are `av.Packet`s from `runtime.PassThrough`.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

Encoded: TypeAlias = "av.Packet[Any]"

_MOST_WAITING = 90
"""Frames held for one slow viewer: three seconds of video."""


class ViewerTrack(MediaStreamTrack):
    """What one viewer's sender reads."""

    def __init__(self, kind: str, fanout: "Fanout") -> None:
        super().__init__()
        self.kind = kind
        self._fanout = fanout
        self._frames: asyncio.Queue[Encoded | None] = asyncio.Queue()
        self._reading = False

    async def recv(self) -> Encoded:
        """The next encoded frame. Raises MediaStreamError once stopped."""
        self._reading = True
        packet = None if self.readyState != "live" else await self._frames.get()
        if packet is None:
            raise MediaStreamError
        return packet

    def push(self, packet: Encoded) -> bool:
        """Hands over a frame; False if the viewer is too slow and lost what was waiting."""
        if not self._reading:
            return True
        keeps_up = self._frames.qsize() < _MOST_WAITING
        if not keeps_up:
            self._frames = asyncio.Queue()
        self._frames.put_nowait(packet)
        return keeps_up

    def stop(self) -> None:
        super().stop()
        self._fanout.leave(self)
        self._frames.put_nowait(None)


class Fanout:
    """Reads `source` until it ends; `ask_keyframe` is called when a viewer lost frames."""

    def __init__(self, source: MediaStreamTrack, ask_keyframe: Callable[[], None]) -> None:
        self.kind = source.kind
        self.frozen = False
        self.frames = 0
        self._ask_keyframe = ask_keyframe
        self._viewers: set[ViewerTrack] = set()
        self._pump = asyncio.create_task(self._run(source))

    def join(self) -> ViewerTrack:
        """A track for one more viewer."""
        track = ViewerTrack(self.kind, self)
        self._viewers.add(track)
        return track

    def leave(self, track: ViewerTrack) -> None:
        self._viewers.discard(track)

    def stop(self) -> None:
        """Stops reading; viewers keep their last frame."""
        self._pump.cancel()

    async def _run(self, source: MediaStreamTrack) -> None:
        try:
            while True:
                packet = await source.recv()
                self.frames += 1
                if self.frozen:
                    continue
                for viewer in tuple(self._viewers):
                    if not viewer.push(packet):  # type: ignore[arg-type]
                        self._ask_keyframe()
        except MediaStreamError:
            return
