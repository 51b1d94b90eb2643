"""Viewers that do not decode: they connect by WHEP, count what reaches them, and come back.

`python -m bench.video.receivers WHEP PATH COUNT` connects that many by the bad network that can be
asked at PATH (`lossy_path`), and prints the sums once a second as a line of JSON: `connected` now,
`sessions` that were begun, packets `received` and `sent` (what the sequence numbers say).

Promises: whoever loses the session asks for another one after a second.
Assumes: aiortc's private name of what takes a packet (its version is pinned): nothing is put
together, decoded or asked for again, so that twenty of them cost little.
"""

from __future__ import annotations

import asyncio
import json
import sys

import httpx
from aiortc import RTCRtpReceiver, RTCSessionDescription
from aiortc.rtp import RtpPacket

from bench.video.lossy_path import ports, rewritten
from localnet.stream.media.runtime import connection, expect_peers, install

_AGAIN_S = 1.0
_CONNECT_WITHIN_S = 20.0
_SDP = {"Content-Type": "application/sdp"}


class PacketCount:
    """The packets of one stream."""

    def __init__(self, first: int) -> None:
        self._first = self._highest = first
        self.received = 0

    def add(self, number: int) -> None:
        self.received += 1
        ahead = (number - self._highest) & 0xFFFF
        if ahead < 0x8000:
            self._highest += ahead

    @property
    def sent(self) -> int:
        return self._highest - self._first + 1


class Receivers:
    """All of them."""

    def __init__(self, whep: str, path: str) -> None:
        self._whep = whep
        self._path = path
        self._connected = 0
        self._sessions = 0
        self._streams: dict[tuple[int, int], PacketCount] = {}
        self._kept: list[RTCRtpReceiver] = []  # their identity is a key

    def count(self, receiver: RTCRtpReceiver, packet: RtpPacket) -> None:
        """In place of aiortc's own way with a packet."""
        number = packet.sequence_number
        key = id(receiver), packet.ssrc
        if key not in self._streams:
            self._streams[key] = PacketCount(number)
            self._kept.append(receiver)
        self._streams[key].add(number)

    async def watch(self) -> None:
        """One of them, for ever."""
        async with httpx.AsyncClient(trust_env=False) as http:
            while True:
                try:
                    await self._session(http)
                except (httpx.HTTPError, TimeoutError, ConnectionError, ValueError) as error:
                    print(f"not connected: {type(error).__name__}", file=sys.stderr, flush=True)
                await asyncio.sleep(_AGAIN_S)

    async def _session(self, http: httpx.AsyncClient) -> None:
        pc = connection()
        connected, over = asyncio.Event(), asyncio.Event()

        def changed() -> None:
            if pc.connectionState == "connected":
                connected.set()
            elif pc.connectionState in ("failed", "closed"):
                connected.set()
                over.set()

        pc.on("connectionstatechange", changed)
        try:
            for kind in ("video", "audio"):
                pc.addTransceiver(kind, direction="recvonly")
            await pc.setLocalDescription(await pc.createOffer())
            asked = await http.post(self._whep, content=pc.localDescription.sdp, headers=_SDP)
            answer = await self._by_the_path(http, asked.raise_for_status().text)
            await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            async with asyncio.timeout(_CONNECT_WITHIN_S):
                await connected.wait()
            self._sessions += 1
            self._connected += 1
            try:
                await over.wait()
            finally:
                self._connected -= 1
        finally:
            await pc.close()

    async def _by_the_path(self, http: httpx.AsyncClient, answer: str) -> str:
        ways = {}
        for port in ports(answer):
            way = await http.post(f"{self._path}/to/{port}")
            ways[port] = int(way.raise_for_status().json()["port"])
        return rewritten(answer, ways)

    def sums(self) -> dict[str, int]:
        return {
            "connected": self._connected,
            "sessions": self._sessions,
            "received": sum(stream.received for stream in self._streams.values()),
            "sent": sum(stream.sent for stream in self._streams.values()),
        }


async def main(whep: str, path: str, count: int) -> None:
    """Runs until it is killed."""
    install()
    expect_peers(far=True)
    receivers = Receivers(whep, path)

    async def taken(receiver: RTCRtpReceiver, packet: RtpPacket, arrival_time_ms: int) -> None:
        receivers.count(receiver, packet)

    setattr(RTCRtpReceiver, "_handle_rtp_packet", taken)  # noqa: B010
    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(receivers.watch())
            await asyncio.sleep(0.1)
        while True:
            await asyncio.sleep(1.0)
            print(json.dumps(receivers.sums()), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
