"""A picture that goes from a WHIP address to a WHEP address, without a browser."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import VideoStreamTrack

from localnet.waiting import wait_until_async

_SDP = {"Content-Type": "application/sdp"}
SECONDS = 60


def picture_plays(whip: str, whep: str) -> bool:
    """Send a picture to `whip` and see it arrive at `whep`. Raises TimeoutError if it does not."""
    return asyncio.run(_plays(whip, whep))


async def _plays(whip: str, whep: str) -> bool:
    host, viewer = RTCPeerConnection(), RTCPeerConnection()
    arrived: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    viewer.on("track", arrived.set_result)
    try:
        patient = httpx.AsyncClient(trust_env=False, timeout=SECONDS)
        async with asyncio.timeout(SECONDS), patient as http:
            host.addTrack(VideoStreamTrack())
            assert await _connect(http, host, whip) == 201
            viewer.addTransceiver("video", direction="recvonly")

            async def joined() -> bool:
                return await _connect(http, viewer, whep) == 201

            # 409 until the host's picture has come to the server
            await wait_until_async(joined, SECONDS, what="the viewer joins")
            frame = await (await arrived).recv()
            return bool(frame.width > 0)
    finally:
        await host.close()
        await viewer.close()


async def _connect(http: httpx.AsyncClient, peer: RTCPeerConnection, url: str) -> int:
    offer: Any = peer.localDescription
    if offer is None:
        await peer.setLocalDescription(await peer.createOffer())
        offer = peer.localDescription
    answer = await http.post(url, content=offer.sdp, headers=_SDP)
    if answer.status_code == 201:
        await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    return answer.status_code
