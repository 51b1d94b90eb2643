"""The rival: aiortc's own `MediaRelay` behind WHIP and WHEP, which decodes and encodes for each.

`python -m bench.video.relay` prints where it listens: `POST /publish`, then `POST /play`. It keeps
media on loopback and asks the host for the same bitrate as the stand-in does, so that nothing but
the way of passing frames on differs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aioice.ice
from aiohttp import web
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaBlackhole, MediaRelay
from aiortc.mediastreams import MediaStreamTrack

from localnet.stream.media.sdp import Offer, with_bitrate_hints

_CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "Content-Type"}


class Relay:
    """One room: the tracks of its host, for every viewer."""

    def __init__(self) -> None:
        self._relay = MediaRelay()
        self._tracks: dict[str, MediaStreamTrack] = {}
        self._connections: list[RTCPeerConnection] = []
        self._unwatched = MediaBlackhole()

    async def publish(self, request: web.Request) -> web.Response:
        """The host's offer."""
        pc = self._connection()
        pc.on("track", self._arrived)
        answer = await _answer(pc, await request.read())
        await self._unwatched.start()
        return _created(with_bitrate_hints(answer))

    async def play(self, request: web.Request) -> web.Response:
        """A viewer's offer."""
        pc = self._connection()
        body = await request.read()
        for kind in Offer.parse(body).media:
            pc.addTrack(self._relay.subscribe(self._tracks[kind]))
        return _created(await _answer(pc, body))

    async def close(self, _: web.Application) -> None:
        await asyncio.gather(*(pc.close() for pc in self._connections))

    def _connection(self) -> RTCPeerConnection:
        self._connections.append(RTCPeerConnection())
        return self._connections[-1]

    def _arrived(self, track: MediaStreamTrack) -> None:
        self._tracks[track.kind] = track
        self._unwatched.addTrack(self._relay.subscribe(track))


async def _answer(pc: RTCPeerConnection, body: bytes) -> str:
    await pc.setRemoteDescription(RTCSessionDescription(Offer.parse(body).text, "offer"))
    await pc.setLocalDescription(await pc.createAnswer())
    return str(pc.localDescription.sdp)


def _created(answer: str) -> web.Response:
    return web.Response(status=201, text=answer, content_type="application/sdp", headers=_CORS)


async def _preflight(_: web.Request) -> web.Response:
    return web.Response(status=204, headers=_CORS)


async def main() -> None:
    """Runs until it is killed."""
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    relay = Relay()
    app = web.Application()
    handlers: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]]
    handlers = {"/publish": relay.publish, "/play": relay.play}
    for path, handler in handlers.items():
        app.router.add_post(path, handler)
        app.router.add_options(path, _preflight)
    app.on_shutdown.append(relay.close)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    print(f"listening on {host}:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
