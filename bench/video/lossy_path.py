"""A bad network between pages and the stand-in: UDP that passes through us late, and not all of it.

`python -m bench.video.lossy_path SEED` prints where it can be asked: `POST /to/PORT` opens a way to
a port of this machine and answers the port to use instead; `PUT /` with `{loss, delay_s}` sets what
happens to each datagram, in either direction; `GET /` answers the counts.

Promises: which datagrams are lost is drawn from the seed and the way's number; a way that nobody
has used for a minute is closed.
Assumes: loopback alone; one peer a way.
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from aiohttp import web

from localnet.process import Program
from localnet.runner import Runner

_HERE = "127.0.0.1"
_UNUSED_S = 60.0
_CANDIDATE = re.compile(r"(?im)^(a=candidate:\S+ \d+ udp \d+ 127\.0\.0\.1 )(\d+)( typ host)")


def ports(answer: str) -> set[int]:
    """Where the candidates of an SDP answer are."""
    return {int(found[2]) for found in _CANDIDATE.finditer(answer)}


def rewritten(answer: str, ways: Mapping[int, int]) -> str:
    """The answer with other ports for its candidates."""
    return _CANDIDATE.sub(lambda found: f"{found[1]}{ways[int(found[2])]}{found[3]}", answer)


class LossyPath:
    """The running program, from outside."""

    def __init__(self, program: Program, url: str) -> None:
        self.program = program
        self.url = url
        self._http = httpx.Client(base_url=url, trust_env=False)

    @classmethod
    def start(cls, runner: Runner, seed: int) -> LossyPath:
        command = [sys.executable, "-m", "bench.video.lossy_path", str(seed)]
        program = runner.start("path", command)
        listening = program.wait_for_output(r"listening on (127\.0\.0\.1:\d+)", 30.0)
        return cls(program, f"http://{listening[1]}")

    def around(self, answer: str) -> str:
        """An SDP answer by which media goes this way."""
        ways = {port: self._way_to(port) for port in ports(answer)}
        return rewritten(answer, ways)

    def _way_to(self, port: int) -> int:
        return int(self._http.post(f"/to/{port}").raise_for_status().json()["port"])

    def set(self, loss: float, delay_s: float) -> None:
        self._http.put("/", json={"loss": loss, "delay_s": delay_s}).raise_for_status()

    def counts(self) -> dict[str, int]:
        """`received` and `lost` datagrams, `open` ways."""
        return dict(self._http.get("/").raise_for_status().json())


class _End(asyncio.DatagramProtocol):
    """One end of a way: what comes in here goes out at the other."""

    def __init__(self, arrived: Callable[[bytes, Any], None]) -> None:
        self._arrived = arrived

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._arrived(data, addr)


class _Way:
    """From a port of ours to one of the stand-in's."""

    def __init__(self, network: _Network, number: int) -> None:
        self._network = network
        self._chance = random.Random(f"{network.seed} {number}")
        self._peer: Any = None
        self.used = asyncio.get_running_loop().time()

    async def open(self, port: int) -> int:
        loop = asyncio.get_running_loop()
        self._near, _ = await loop.create_datagram_endpoint(
            lambda: _End(self._from_peer), local_addr=(_HERE, 0)
        )
        self._far, _ = await loop.create_datagram_endpoint(
            lambda: _End(self._from_server), remote_addr=(_HERE, port)
        )
        return int(self._near.get_extra_info("sockname")[1])

    def close(self) -> None:
        self._near.close()
        self._far.close()

    def _from_peer(self, data: bytes, addr: Any) -> None:
        self._peer = addr
        self._pass(data, self._far, None)

    def _from_server(self, data: bytes, _: Any) -> None:
        if self._peer is not None:
            self._pass(data, self._near, self._peer)

    def _pass(self, data: bytes, out: asyncio.DatagramTransport, addr: Any) -> None:
        network, loop = self._network, asyncio.get_running_loop()
        self.used = loop.time()
        network.received += 1
        if self._chance.random() < network.loss:
            network.lost += 1
        elif network.delay_s:
            loop.call_later(network.delay_s, _send, out, data, addr)
        else:
            _send(out, data, addr)


def _send(out: asyncio.DatagramTransport, data: bytes, addr: Any) -> None:
    if not out.is_closing():
        out.sendto(data, addr)


class _Network:
    """Every way, and what happens on them."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.loss = self.delay_s = 0.0
        self.received = self.lost = self._opened = 0
        self._ways: set[_Way] = set()

    async def open(self, request: web.Request) -> web.Response:
        now = asyncio.get_running_loop().time()
        for way in [way for way in self._ways if now - way.used > _UNUSED_S]:
            way.close()
            self._ways.discard(way)
        self._opened += 1
        way = _Way(self, self._opened)
        port = await way.open(int(request.match_info["port"]))
        self._ways.add(way)
        return web.json_response({"port": port})

    async def set(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.loss, self.delay_s = float(body["loss"]), float(body["delay_s"])
        return web.json_response({})

    async def counts(self, _: web.Request) -> web.Response:
        return web.json_response(
            {"received": self.received, "lost": self.lost, "open": len(self._ways)}
        )


async def main(seed: int) -> None:
    """Runs until it is killed."""
    network = _Network(seed)
    app = web.Application()
    app.router.add_post("/to/{port}", network.open)
    app.router.add_put("/", network.set)
    app.router.add_get("/", network.counts)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, _HERE, 0).start()
    host, port = runner.addresses[0][:2]
    print(f"listening on {host}:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
