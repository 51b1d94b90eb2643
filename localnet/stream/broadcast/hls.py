"""FLV tags in, an HLS playlist with its segments out, by the FFmpeg libraries inside PyAV.

Promises: encoded media is copied, never transcoded; writing never waits: an encoder faster than
the disk for ten thousand tags is cut off. The playlist grows with the broadcast and is closed at
its end, so that it plays as a recording.
Assumes: H.264 and AAC, which is what RTMP encoders send.
On restart: a playlist that was cut short is closed by `finish`.
"""

import logging
import queue
import threading
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger("localnet.stream")

PLAYLIST = "video.m3u8"
_FLV_HEAD = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
_DATA = 18
_SET_DATA_FRAME = b"\x02\x00\x0d@setDataFrame"
_MOST_WAITING = 10_000


class _Pipe:
    """What PyAV reads from: blocks until there is a tag, ends with an empty read."""

    def __init__(self) -> None:
        self._tags: queue.Queue[bytes] = queue.Queue(_MOST_WAITING)
        self._rest = _FLV_HEAD
        self._ended = False

    def put(self, tag: bytes) -> None:
        self._tags.put_nowait(tag)

    def end(self) -> None:
        """What waits is still read; if there is no room for the end, one tag makes it."""
        try:
            self._tags.put_nowait(b"")
        except queue.Full:
            self._tags.get_nowait()
            self._tags.put_nowait(b"")

    def read(self, size: int) -> bytes:
        if not self._rest and not self._ended:
            self._rest = self._tags.get()
            self._ended = not self._rest
        part, self._rest = self._rest[:size], self._rest[size:]
        return part


class HlsWriter:
    """A `Sink` that writes into `folder`; `on_end` is called once, on the caller's thread."""

    def __init__(self, folder: Path, on_end: Callable[[], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._on_end = on_end
        self._pipe = _Pipe()
        self._thread = threading.Thread(target=self._run, name="hls", daemon=True)
        self._thread.start()

    def write(self, kind: int, time: int, body: bytes) -> None:
        """Raises OSError if the writer cannot keep up."""
        if kind == _DATA:
            body = body.removeprefix(_SET_DATA_FRAME)
        stamp = (time & 0xFFFFFF).to_bytes(3, "big") + bytes([time >> 24 & 0xFF])
        head = bytes([kind]) + len(body).to_bytes(3, "big") + stamp + bytes(3)
        try:
            self._pipe.put(head + body + (len(body) + 11).to_bytes(4, "big"))
        except queue.Full:
            raise OSError("the HLS writer cannot keep up") from None

    def close(self) -> None:
        self._pipe.end()
        self._on_end()

    def join(self, seconds: float) -> None:
        """Waits until the playlist is closed, at most `seconds`."""
        self._thread.join(seconds)

    def _run(self) -> None:
        import av
        from av.container import InputContainer, OutputContainer

        options = {
            "hls_time": "1",
            "hls_list_size": "0",
            "hls_playlist_type": "event",
            "hls_segment_filename": str(self._folder / "seg%05d.ts"),
        }
        try:
            source: InputContainer = av.open(
                self._pipe, "r", format="flv", options={"analyzeduration": "1000000"}
            )
            target: OutputContainer = av.open(
                str(self._folder / PLAYLIST), "w", format="hls", options=options
            )
            streams = {
                stream.index: target.add_stream_from_template(stream)
                for stream in source.streams
                if stream.type in ("audio", "video")
            }
            for packet in source.demux():
                if packet.dts is not None and packet.stream.index in streams:
                    packet.stream = streams[packet.stream.index]
                    target.mux(packet)
            target.close()
        except (av.FFmpegError, ValueError) as error:
            log.warning("HLS stopped: %s", type(error).__name__)


def finish(folder: Path) -> None:
    """Closes a playlist that a crash cut short."""
    playlist = folder / PLAYLIST
    if playlist.exists() and "#EXT-X-ENDLIST" not in playlist.read_text():
        with playlist.open("a") as file:
            file.write("#EXT-X-ENDLIST\n")
