"""RTMP's handshake and chunk stream.

Promises: `RtmpConnection.messages` yields whole messages; one over 8 MB, or a stream that breaks
the rules, is an `RtmpError`.
Source: Adobe's RTMP 1.0 specification, sections 5.2 and 5.3.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

SET_CHUNK_SIZE, ABORT, ACK, CONTROL, WINDOW, BANDWIDTH = 1, 2, 3, 4, 5, 6
AUDIO, VIDEO, DATA, COMMAND = 8, 9, 18, 20
_LARGEST = 8 << 20
_HANDSHAKE = 1536
_OUT_CHUNK = 4096
_NO_TIME = 0xFFFFFF


class RtmpError(ValueError):
    """The peer does not speak RTMP."""


@dataclass(slots=True)
class RtmpMessage:
    """One message: `time` in milliseconds, as its encoder counts."""

    kind: int
    stream: int
    time: int
    body: bytes


@dataclass(slots=True)
class _ChunkStream:
    """What the next chunk of one chunk stream inherits."""

    time: int = 0
    delta: int = 0
    extended: bool = False
    length: int = 0
    kind: int = 0
    stream: int = 0
    body: bytearray = field(default_factory=bytearray)


class RtmpConnection:
    """One TCP connection, seen from the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._channels: dict[int, _ChunkStream] = {}
        self._chunk = 128

    async def handshake(self) -> None:
        """The simple handshake: version 3, times and random bytes echoed."""
        if await self._reader.readexactly(1) != b"\x03":
            raise RtmpError("not RTMP version 3")
        theirs = await self._reader.readexactly(_HANDSHAKE)
        self._writer.write(b"\x03" + bytes(8) + os.urandom(_HANDSHAKE - 8) + theirs)
        await self._writer.drain()
        await self._reader.readexactly(_HANDSHAKE)

    async def send(self, kind: int, body: bytes, *, stream: int = 0, channel: int = 3) -> None:
        """Sends one message."""
        head = bytes(3) + len(body).to_bytes(3, "big") + bytes([kind])
        out = bytes([channel]) + head + stream.to_bytes(4, "little")
        parts = [body[n : n + _OUT_CHUNK] for n in range(0, len(body), _OUT_CHUNK)]
        self._writer.write(out + bytes([0xC0 | channel]).join(parts))
        await self._writer.drain()

    async def announce_chunk_size(self) -> None:
        """Tells the peer how long our chunks are; `send` uses it from the start."""
        await self.send(SET_CHUNK_SIZE, _OUT_CHUNK.to_bytes(4, "big"), channel=2)

    async def messages(self) -> AsyncIterator[RtmpMessage]:
        """Messages until the peer closes. Raises RtmpError."""
        while True:
            try:
                message = await self._chunk_read()
            except asyncio.IncompleteReadError:
                return
            if message is None:
                continue
            if message.kind == SET_CHUNK_SIZE:
                self._chunk = int.from_bytes(message.body[:4], "big") & 0x7FFFFFFF
                if not 1 <= self._chunk <= _LARGEST:
                    raise RtmpError("impossible chunk size")
            elif message.kind == ABORT:
                self._channels.pop(int.from_bytes(message.body[:4], "big"), None)
            else:
                yield message

    async def _number(self, size: int) -> int:
        return int.from_bytes(await self._reader.readexactly(size), "big")

    async def _chunk_read(self) -> RtmpMessage | None:
        first = await self._number(1)
        form, number = first >> 6, first & 0x3F
        if number == 0:
            number = 64 + await self._number(1)
        elif number == 1:
            low, high = await self._number(1), await self._number(1)
            number = 64 + low + 256 * high
        channel = self._channels.setdefault(number, _ChunkStream())
        fresh = not channel.body
        if form < 3:
            await self._header(channel, form)
        if channel.extended:
            stamp = await self._number(4)
            if form < 3:
                channel.delta = stamp
        if fresh or form < 3:
            channel.time = channel.delta if form == 0 else channel.time + channel.delta
        if channel.length > _LARGEST:
            raise RtmpError("message too large")
        missing = channel.length - len(channel.body)
        channel.body += await self._reader.readexactly(min(missing, self._chunk))
        if len(channel.body) < channel.length:
            return None
        body, channel.body = bytes(channel.body), bytearray()
        return RtmpMessage(channel.kind, channel.stream, channel.time & 0xFFFFFFFF, body)

    async def _header(self, channel: _ChunkStream, form: int) -> None:
        channel.body.clear()
        channel.delta = await self._number(3)
        channel.extended = channel.delta == _NO_TIME
        if form < 2:
            channel.length = await self._number(3)
            channel.kind = await self._number(1)
        if form == 0:
            channel.stream = int.from_bytes(await self._reader.readexactly(4), "little")
