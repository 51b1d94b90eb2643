"""The RTMP server: one connection is one broadcast.

Promises: only a valid stream key gets in (`admit`), the encoder is told why not; what it sends goes
to a `Sink` as FLV tags; `cut` ends the broadcast of an input, and so does the next encoder with
the same key; a broadcast that Cloudflare would not take ends with the tag that shows it, and
`refuse` is told why.
Assumes: `rtmp://` without TLS, on loopback, where Cloudflare has `rtmps://`; an encoder that is
refused hears nothing but the end of its connection (a guess).
On restart: encoders connect again by themselves.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any, Protocol

from localnet.stream.broadcast import amf
from localnet.stream.broadcast.chunks import (
    AUDIO,
    BANDWIDTH,
    COMMAND,
    CONTROL,
    DATA,
    VIDEO,
    WINDOW,
    RtmpConnection,
    RtmpError,
    RtmpMessage,
)
from localnet.stream.broadcast.encoding import EncodingCheck

log = logging.getLogger("localnet.stream")

_FIRST_WORDS_S = 10.0
_SILENCE_S = 20.0
_WINDOW = (2_500_000).to_bytes(4, "big")


class Sink(Protocol):
    """Where a broadcast goes."""

    def write(self, kind: int, time: int, body: bytes) -> None:
        """One FLV tag: kind 8 (audio), 9 (video) or 18 (data), time in milliseconds."""
        ...

    def close(self) -> None:
        """The broadcast is over."""
        ...


class Ingest:
    """Listens, and knows who broadcasts to which input."""

    def __init__(
        self,
        admit: Callable[[str], str | None],
        begin: Callable[[str], Sink],
        refuse: Callable[[str, str], None],
    ) -> None:
        """`admit(stream key)` gives the input's uid or None; `begin(uid)` a sink for it;
        `refuse(uid, code)` hears why a broadcast was ended."""
        self._admit = admit
        self._begin = begin
        self._refuse = refuse
        self._server: asyncio.Server | None = None
        self._live: dict[str, asyncio.Task[Any]] = {}

    async def start(self, listener: socket.socket) -> None:
        self._server = await asyncio.start_server(self._serve, sock=listener)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        tasks = list(self._live.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def cut(self, uid: str) -> None:
        """Ends the broadcast to this input, if there is one."""
        task = self._live.pop(uid, None)
        if task is not None:
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = RtmpConnection(reader, writer)
        try:
            async with asyncio.timeout(_FIRST_WORDS_S):
                await peer.handshake()
                uid = await self._publishing(peer)
            if uid is not None:
                await self._broadcast(peer, uid)
        except (OSError, EOFError, RtmpError, amf.AmfError) as error:
            log.info("RTMP connection ended: %s", type(error).__name__)
        except asyncio.CancelledError:
            log.info("RTMP connection cut")
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _publishing(self, peer: RtmpConnection) -> str | None:
        """Answers commands up to `publish`; the uid it may publish to, None if it may not."""
        async for message in peer.messages():
            if message.kind != COMMAND:
                continue
            values: list[Any] = [*amf.decode(message.body), None, None, None, None]
            name, number = values[:2]
            if name == "connect":
                await peer.send(WINDOW, _WINDOW, channel=2)
                await peer.send(BANDWIDTH, _WINDOW + b"\x02", channel=2)
                await peer.announce_chunk_size()
                await _reply(peer, number, {"fmsVer": "FMS/3,0,1,123"}, "NetConnection.Connect")
            elif name == "createStream":
                await peer.send(COMMAND, amf.encode("_result", number, None, 1))
            elif name == "publish":
                uid = self._admit(str(values[3]))
                await _status(peer, message, accepted=uid is not None)
                return uid
        return None

    async def _broadcast(self, peer: RtmpConnection, uid: str) -> None:
        before, task = self._live.get(uid), asyncio.current_task()
        if before is not None:
            self.cut(uid)
            await asyncio.wait([before])
        if task is not None:
            self._live[uid] = task
        sink, check = self._begin(uid), EncodingCheck()
        try:
            messages = peer.messages()
            while True:
                async with asyncio.timeout(_SILENCE_S):
                    message = await anext(messages, None)
                if message is None or _says_goodbye(message):
                    return
                if fault := check.fault(message):
                    log.info("RTMP broadcast refused: %s", fault)
                    self._refuse(uid, fault)
                    return
                if message.kind in (AUDIO, VIDEO, DATA):
                    sink.write(message.kind, message.time, message.body)
        finally:
            if self._live.get(uid) is task:
                del self._live[uid]
            sink.close()


def _says_goodbye(message: RtmpMessage) -> bool:
    if message.kind != COMMAND:
        return False
    return amf.decode(message.body)[:1] in (["deleteStream"], ["FCUnpublish"], ["closeStream"])


async def _reply(peer: RtmpConnection, number: Any, about: dict[str, Any], code: str) -> None:
    said = {"level": "status", "code": f"{code}.Success", "objectEncoding": 0}
    await peer.send(COMMAND, amf.encode("_result", number, about, said))


async def _status(peer: RtmpConnection, asked: RtmpMessage, *, accepted: bool) -> None:
    if accepted:
        await peer.send(CONTROL, bytes(2) + asked.stream.to_bytes(4, "big"), channel=2)
        said = {"level": "status", "code": "NetStream.Publish.Start"}
    else:
        why = "invalid stream key, or the live input is disabled"
        said = {"level": "error", "code": "NetStream.Publish.BadName", "description": why}
    body = amf.encode("onStatus", 0, None, said)
    await peer.send(COMMAND, body, stream=asked.stream, channel=5)
