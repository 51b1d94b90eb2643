"""How many listeners one process carries, and how soon they hear."""

from __future__ import annotations

import asyncio
import time
from statistics import median

from bench.api.api_bench import ApiBench
from bench.api.hosts import live_room
from bench.output import SuiteOutput
from bench.rows import BenchRow
from bench.usage import Others, resident, tree, usage
from localnet.process import Program

STEPS = (500, 2000, 5000)
PATH = "/api/livestream/stream?room_id=live_1"
CHANGES = 5


class _Listener(asyncio.Protocol):
    """Counts the changes it hears, and when it heard the last."""

    def __init__(self) -> None:
        self.heard = 0
        self.at = 0.0
        self.opened = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(f"GET {PATH} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        self.opened = self.opened or b"event: position" in data
        if b'"RoomUpdated"' in data:
            self.heard += data.count(b'"RoomUpdated"')
            self.at = time.perf_counter()


def streams(out: SuiteOutput) -> list[BenchRow]:
    """Memory per listener, time until the last one has heard of a change, CPU while nothing is."""
    with ApiBench(out.folder) as place:
        live_room(place.rooms)
        place.indexer()
        program, port = place.api(API_WORKERS="1")
        return asyncio.run(_measure(out, place, program, port))


async def _measure(
    out: SuiteOutput, place: ApiBench, program: Program, port: int
) -> list[BenchRow]:
    worker = tree(program.pid)[-1]
    empty = resident(worker)
    listeners: list[_Listener] = []
    rows = []
    table = "event streams: one worker process, all listeners on one room"
    for step in STEPS:
        await _open(listeners, step, port)
        memory = (resident(worker) - empty) / step / 1e3
        before, started = usage(program.pid), time.perf_counter()
        await asyncio.sleep(5.0)
        idle = usage(program.pid).since(before).cpu / (time.perf_counter() - started)
        others = Others()
        delays = [await _change(place, listeners, turn) for turn in range(CHANGES)]
        worst = max(delays) * 1000
        out.say(f"{step} listeners: {memory:.0f} kB each, last one told after {worst:.0f} ms")
        note = (
            f"idle CPU {idle * 100:.1f} % of a core; {memory:.0f} kB each; median of {CHANGES}"
            f" {median(delays) * 1000:.0f} ms; other programs took {others.cores():.2f} of a core"
        )
        rows.append(
            BenchRow(table, f"{step:,} listeners: mined to last told", worst, "ms", note=note)
        )
    for listener in listeners:
        listener.transport.abort()
    return rows


async def _open(listeners: list[_Listener], count: int, port: int) -> None:
    loop = asyncio.get_running_loop()
    while len(listeners) < count:
        _, listener = await loop.create_connection(_Listener, "127.0.0.1", port)
        listeners.append(listener)
    for _ in range(600):
        if all(listener.opened for listener in listeners):
            return
        await asyncio.sleep(0.05)
    raise RuntimeError("not every stream was opened")


async def _change(place: ApiBench, listeners: list[_Listener], turn: int) -> float:
    """Seconds from the transaction's receipt until the last listener heard."""
    heard = [listener.heard for listener in listeners]
    await asyncio.to_thread(place.rooms.rename, 1, f"Tên {time.time_ns()} {turn}".encode())
    mined = time.perf_counter()
    for _ in range(2000):
        if all(now.heard > before for now, before in zip(listeners, heard, strict=True)):
            return max(listener.at for listener in listeners) - mined
        await asyncio.sleep(0.005)
    raise RuntimeError("a listener was not told")
