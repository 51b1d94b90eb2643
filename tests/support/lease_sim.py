"""Several processes and one lease: clocks apart, slow and lost answers, pauses, deaths.

Each process has its own wall clock, monotonic clock and speed. What it has sent takes effect even
if it is paused or dead meanwhile. `World.wrong` tells what must never be seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, Protocol

from pymongo.errors import AutoReconnect, PyMongoError

from common.lease import Lease
from common.lease_store import MongoLeaseStore
from indexer.assembly import LEASE_SECONDS, MARKS, OLDER
from tests.support.manual_clock import ManualClock
from tests.support.older_lease import OlderIndexerLease, Rows

STEP = 0.25
SKEW = 15.0


class Actor(Protocol):
    """What a process does about the lease."""

    older: bool

    def holds(self) -> bool: ...

    async def turn(self) -> float:
        """Once; seconds to the next time, negative: it ends."""
        ...


class OwnClock:
    """A process's view of time; whoever is paused does not wake."""

    def __init__(self, world: World, skew: float, speed: float) -> None:
        self._world, self._skew, self._speed = world, skew, speed
        self._start = world.rng.uniform(0, 1e6)
        self.awake = asyncio.Event()
        self.awake.set()

    def now(self) -> float:
        return self._world.clock.now() + self._skew

    def monotonic(self) -> float:
        return self._start + self._world.clock.monotonic() * self._speed

    async def sleep(self, seconds: float) -> None:
        await self._world.clock.sleep(seconds / self._speed)
        await self.awake.wait()


class FarRows:
    """The rows behind a network."""

    def __init__(self, world: World, clock: OwnClock) -> None:
        self._world, self._clock = world, clock

    def __getattr__(self, method: str) -> Callable[..., Any]:
        async def call(*args: Any) -> Any:
            travel = asyncio.ensure_future(self._world.travel(method, args))
            self._world.travelling.add(travel)
            try:
                return await asyncio.shield(travel)
            finally:
                await self._clock.awake.wait()

        return call


class Process:
    """One process: `actor` in a loop, until it ends or dies."""

    def __init__(self, world: World, number: int, make: Callable[[Process], Actor]) -> None:
        rng = world.rng
        self.world = world
        self.host = rng.choice(("here", "here", "there"))
        self.name = f"{self.host}-{number}"
        self.clock = OwnClock(world, rng.choice((-SKEW, 0.0, SKEW)), rng.uniform(0.997, 1.003))
        self.rows = FarRows(world, self.clock)
        self.actor = make(self)
        self.alive = True
        self.task = asyncio.ensure_future(self._run())

    def is_dead(self, other: str) -> bool:
        """As the kernel of its host tells."""
        return any(p.name == other and p.host == self.host and not p.alive for p in self.world.all)

    @property
    def holds(self) -> bool:
        return self.alive and self.actor.holds()

    def die(self) -> None:
        self.alive = False
        self.task.cancel()

    async def _run(self) -> None:
        while True:
            try:
                pause = await self.actor.turn()
            except PyMongoError:
                pause = 0.5
            if pause < 0:
                self.alive = False
                return
            await self.clock.sleep(pause)


class Service:
    """The indexer's way: renew, let go when asked, take it again."""

    older = False

    def __init__(self, process: Process) -> None:
        store = MongoLeaseStore(process.rows, marks=MARKS, older=OLDER)  # type: ignore[arg-type]
        self.lease = Lease(
            store, "writer", process.name, LEASE_SECONDS, process.clock, is_dead=process.is_dead
        )

    def holds(self) -> bool:
        return self.lease.held

    async def turn(self) -> float:
        if await self.lease.step():
            if await self.lease.asked() is None:
                return self.lease.pause_seconds
            await self.lease.release()
        return 0.5


class Command(Service):
    """A rewind: asks until it has the lease, works for a while, gives it back."""

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self.served_at: float | None = None
        self._clock = process.clock
        self._work = process.world.rng.uniform(0.0, 20.0)

    async def turn(self) -> float:
        if not await self.lease.step(ask=True):
            return 0.2
        if self.served_at is None:
            self.served_at = self._clock.monotonic()
        if self._clock.monotonic() - self.served_at < self._work:
            return self.lease.pause_seconds
        await self.lease.release()
        return -1.0


class OlderService:
    """The indexer of the version before."""

    older = True

    def __init__(self, process: Process) -> None:
        self.lease = OlderIndexerLease(process.rows, process.name, process.clock, process.is_dead)

    def holds(self) -> bool:
        return self.lease.held()

    async def turn(self) -> float:
        if not await self.lease.renew():
            return 0.5
        if self.lease.wanted_by is None:
            return 2.0
        await self.lease.release()
        return 0.5


class World:
    """One history, of a seed."""

    def __init__(self, seed: int, *kinds: Callable[[Process], Actor]) -> None:
        self.rng = Random(seed)
        self.clock = ManualClock()
        self.rows = Rows()
        self.travelling: set[asyncio.Future[Any]] = set()
        self.lost = self.slow = 0.0
        self.all: list[Process] = []
        self.kinds = kinds
        self.wrong: list[str] = []
        for kind in kinds:
            self.start(kind)

    def start(self, kind: Callable[[Process], Actor]) -> Process:
        self.all.append(Process(self, len(self.all), kind))
        return self.all[-1]

    @property
    def living(self) -> list[Process]:
        return [process for process in self.all if process.alive]

    @property
    def holders(self) -> list[Process]:
        return [process for process in self.all if process.holds]

    async def travel(self, method: str, args: tuple[Any, ...]) -> Any:
        """There and back; the answer may be lost on either way."""
        rng = self.rng
        await self.clock.sleep(self._delay())
        if rng.random() < self.lost:
            raise AutoReconnect("it never arrived")
        done = await getattr(self.rows, method)(*args)
        await self.clock.sleep(self._delay())
        if rng.random() < self.lost:
            raise AutoReconnect("the answer is lost")
        return done

    def _delay(self) -> float:
        return self.rng.uniform(0.5, 14.0) if self.rng.random() < self.slow else 0.01

    async def advance(self, seconds: float) -> None:
        """Time passes; at every moment at most one may hold it."""
        for _ in range(round(seconds / STEP)):
            await self.clock.advance(STEP, settle=6)
            if len(self.holders) > 1:
                names = [process.name for process in self.holders]
                self.wrong.append(f"{names} at {self.clock.monotonic():.1f} s")

    async def until(self, condition: Callable[[], bool], seconds: float) -> float | None:
        """How long it took; None: longer than `seconds`."""
        began = self.clock.monotonic()
        while not condition():
            if self.clock.monotonic() - began > seconds:
                return None
            await self.advance(STEP)
        return self.clock.monotonic() - began

    async def trouble(self, events: int = 25) -> None:
        """Whatever can happen, happens."""
        rng = self.rng
        self.lost, self.slow = rng.choice((0.0, 0.1, 0.3)), rng.choice((0.0, 0.05, 0.2))
        for _ in range(events):
            await self.advance(rng.choice((0.5, 3.0, 9.0)))
            roll, process = rng.random(), rng.choice(self.living or self.all)
            if roll < 0.35:
                process.clock.awake.clear()
            elif roll < 0.7:
                for other in self.living:
                    other.clock.awake.set()
            elif roll < 0.85 and len(self.living) < 5:
                self.start(rng.choice(self.kinds))
            elif roll < 0.95:
                process.die()

    async def calm(self) -> None:
        """The network is well again, nobody is paused, and a service of the first kind runs."""
        self.lost = self.slow = 0.0
        self.start(self.kinds[0])
        for process in self.living:
            process.clock.awake.set()
        await self.advance(30.0)  # what was on its way has arrived

    async def end(self) -> None:
        for process in self.all:
            process.die()
        for task in self.travelling:
            task.cancel()
        tasks = [process.task for process in self.all]
        await asyncio.gather(*tasks, *self.travelling, return_exceptions=True)
