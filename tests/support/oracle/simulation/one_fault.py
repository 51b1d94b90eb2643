"""One room's whole life without chance, disturbed at one point: the process dies there, a call
fails, or a reorg takes the oracle's transactions.

A point is the moment before or after one exchange with the outside: so counting them through is to
kill the oracle at every await, to lose every answer once, or to take back at each moment what was
mined. The story: a room is created, provisioned, given a new key, ended and released; meanwhile a
second room is taken away by a reorg that gives its number to another host, whose end another reorg
takes back once it is acted on. The first room's host stays connected, whatever is done but the
delete.

Many points are one: see `points_that_differ`. So that they are, chance begins anew at the point.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import os
from collections.abc import Callable, Iterable
from enum import Enum
from itertools import groupby

from chain.enums import Mode, Status
from tests.support.oracle.simulation import sim_contract as c
from tests.support.oracle.simulation.checks import generation_of
from tests.support.oracle.simulation.history import HOSTS, OPERATOR, OracleSim
from tests.support.oracle.simulation.oracle_process import PASSES
from tests.support.oracle.simulation.rooms_chain import FINALITY, RoomsChain
from tests.support.oracle.simulation.sim_clock import quiet

SEED = 1
LONG = 30 * 86400
PATIENCE = 60
FINE = "fine"


class Disturbance(Enum):
    """What happens at the point: the process dies; the exchange fails, or its answer is lost; or
    blocks are undone, with what the oracle had in them, which no pool remembers."""

    KILLED = "killed"
    ANSWER_LOST = "answer_lost"
    REORGED = "reorged"


class OneFaultSim(OracleSim):
    """`fatal`: the point at which it happens; 0: nothing does. `chance`: what decides from there
    on; None: the point's own."""

    def __init__(self, fatal: int, disturbance: Disturbance, chance: int | None = None) -> None:
        super().__init__(SEED)
        self.points, self.fatal, self.disturbance = 0, fatal, disturbance
        self.chance = chance
        self.confirmations = 1
        self.chain = RoomsChain(c.deployed(LONG, LONG, OPERATOR))
        self.cloudflare.disable_ends = self.cloudflare.rotate_ends = False

    async def run(self) -> None:
        try:
            self._birth()
            await self._live()
            await self._settle()
        finally:
            for process in self.processes:
                process.die()
            await quiet()

    def pass_point(self, die: Callable[[], BaseException], fail: Callable[[], Exception]) -> None:
        self.points += 1
        if self.points != self.fatal:
            return
        self.rng.seed(self.points if self.chance is None else self.chance)
        if self.disturbance is Disturbance.REORGED:
            self._take_back()
        else:
            raise die() if self.disturbance is Disturbance.KILLED else fail()

    def _take_back(self) -> None:
        """A reorg as deep as any. Rooms are made again at once; all else has to come once more."""
        depth = min(FINALITY, self.chain.top.number - 1)
        if depth < 1:
            return
        wishes = [tx for block in self.chain.undo(depth) for tx in block.wishes]
        made = [tx for tx in wishes if isinstance(tx, c.CreateTx)]
        self.chain.host_pool[:0] = [tx for tx in wishes if tx not in made]
        self.chain.drop()
        for n in range(depth + 1):
            self.chain.mine_at(self.clock.now(), host_txs=made if n == 0 else [], with_pool=False)

    def told(self, wrong: str | None) -> None:
        """The story is over."""

    async def _live(self) -> None:
        create = c.CreateTx(1, HOSTS[0], 1, Mode.WEBRTC, _key(1))
        await self._does(create, lambda: self._status(1) is Status.ACTIVE)
        await self._does(c.RekeyTx(1, HOSTS[0], _key(2)), lambda: self._sealed(1))
        lost = c.CreateTx(2, HOSTS[1], 1, Mode.WEBRTC, _key(3))
        await self._does(lost, lambda: len(self.cloudflare.inputs) > 2)
        self._replaced(c.CreateTx(3, HOSTS[2], 1, Mode.WEBRTC, _key(4)))
        await self._does(None, lambda: self._verified(2))
        await self._does(c.EndTx(2, HOSTS[2]), lambda: not self._on(2))
        if self._taken_back():
            await self._does(None, lambda: self._on(2))
        await self._does(None, lambda: self.chain.top.state.rooms[1].sealed is not None)
        self.cloudflare.broadcast(self._uid(1), generation_of(self.chain.top.state.rooms[1]))
        await self._does(c.EndTx(1, HOSTS[0]), lambda: self._confirmed_end(1) and not self._on(1))
        await self._stands_still(
            lambda: self._seen_on_air(1) or self._deleted(1) or bool(self.chain.host_pool)
        )
        await self._does(None, lambda: self.chain.top.state.rooms[1].released)

    def _replaced(self, tx: c.HostTx) -> None:
        """A reorg: the newest room is another host's, in the block that had it."""
        rooms, depth = self.chain.top.state.rooms, 1
        while len(self.chain.at(self.chain.top.number - depth).state.rooms) == len(rooms):
            depth += 1
        self.chain.undo(depth)
        for n in range(depth + 1):
            self.chain.mine_at(self.clock.now(), host_txs=[tx] if n == 0 else [])

    def _taken_back(self) -> bool:
        """A reorg: the second room has not ended after all; unless that is final by now."""
        depth = 1
        while self.chain.at(self.chain.top.number - depth).state.rooms[2].end is not None:
            depth += 1
        if depth > FINALITY:
            return False
        self.chain.undo(depth)
        self.chain.host_pool.clear()
        for _ in range(depth + 1):
            self.chain.mine_at(self.clock.now())
        return True

    async def _does(self, tx: c.HostTx | None, done: Callable[[], bool]) -> None:
        """A host's transaction, and life until it has had its effect."""
        if tx is not None:
            self.chain.host_pool.append(tx)
        for _ in range(PATIENCE):
            await self._all_work()
            self.chain.mine_at(self.clock.now(), host_txs=self._possible())
            await self.clock.advance(1.0)
            if done():
                return
        raise AssertionError(f"nothing follows on {tx}")

    def _possible(self) -> list[c.HostTx]:
        """What a wallet would send now: a host waits with what the contract would refuse."""
        top, now = self.chain.top, int(self.clock.now())
        return [
            tx for tx in self.chain.host_pool
            if c.host_tx(top.state, tx, top.number + 1, now) is not top.state
        ]  # fmt: skip

    async def _stands_still(self, done: Callable[[], bool]) -> None:
        """Life without blocks, so without finality, until something is seen."""
        for _ in range(PATIENCE):
            await self._all_work()
            await self.clock.advance(9.0)
            if done():
                return
        raise AssertionError("nobody looks at what was taken down")

    async def _all_work(self) -> None:
        if not any(process.alive for process in self.processes):
            self._birth()
        for process in self.processes:
            for job in ("lease", *PASSES, "sender"):
                process.start(job)
        await self.clock.advance(1.0)

    def _status(self, room_id: int) -> Status | None:
        room = self.chain.top.state.rooms.get(room_id)
        return room.status if room else None

    def _uid(self, room_id: int) -> str:
        return self.chain.top.state.rooms[room_id].uid.hex()

    def _on(self, room_id: int) -> bool:
        live = self.cloudflare.inputs.get(self._uid(room_id))
        return live is not None and live.enabled

    def _confirmed_end(self, room_id: int) -> bool:
        acting = self.chain.at(self.chain.top.number - self.confirmations)
        return acting.state.rooms[room_id].end is not None

    def _deleted(self, room_id: int) -> bool:
        return self._uid(room_id) not in self.cloudflare.inputs

    def _verified(self, room_id: int) -> bool:
        room, records = self.chain.top.state.rooms[room_id], self.journal.records.values()
        return any(r.verified == room.tag for r in records if r.room_id == room_id)

    def _seen_on_air(self, room_id: int) -> bool:
        records = self.journal.records.values()
        return any(r.still_connected for r in records if r.room_id == room_id)

    def _sealed(self, room_id: int) -> bool:
        room = self.chain.top.state.rooms[room_id]
        return room.key_version == 2 and room.sealed_tag == room.tag


def _key(n: int) -> bytes:
    return (1000 + n).to_bytes(32)


def tell(fatal: int, disturbance: Disturbance) -> tuple[int, str | None]:
    """How many points there were, and what went wrong, or None."""
    story = OneFaultSim(fatal, disturbance)
    wrong = asyncio.run(_wrong(story))
    return story.points, wrong


def tell_each(points: Iterable[int], disturbance: Disturbance) -> list[tuple[int, str]]:
    """What went wrong at which of these points. The story up to them is told once."""
    gc.freeze()  # what is there already is not copied for being looked at
    story = ForkedStory(points, disturbance)
    asyncio.run(_wrong(story))
    return story.found


def points_that_differ(disturbance: Disturbance) -> list[list[int]]:
    """The points of the undisturbed story, those together at which the disturbance is the same one.

    Of a process that dies the world alone is left: between two changes of it, it is the same
    wherever it dies. An exchange that changes nothing and fails in one way is the same to whoever
    asked, whether it never came about or its answer was lost. Reorgs are each their own.
    """
    story = WatchedStory()
    wrong = asyncio.run(_wrong(story))
    assert wrong is None, wrong
    seen = list(enumerate(zip(story.worlds, story.failures, strict=True), 1))

    def before_and_after(one: tuple[int, tuple[str, object]]) -> object:
        point, (world, failure) = one
        return (point - 1) // 2, world, failure  # points come in pairs, around an exchange

    same: dict[Disturbance, Callable[[tuple[int, tuple[str, object]]], object]] = {
        Disturbance.KILLED: lambda one: one[1][0],
        Disturbance.ANSWER_LOST: before_and_after,
        Disturbance.REORGED: lambda one: one[0],
    }
    return [[point for point, _ in some] for _, some in groupby(seen, same[disturbance])]


def ending(fatal: int, disturbance: Disturbance, chance: int) -> tuple[str | None, str]:
    """What went wrong, and the world at the end of the story."""
    story = OneFaultSim(fatal, disturbance, chance)
    return asyncio.run(_wrong(story)), world_of(story)


def world_of(story: OneFaultSim) -> str:
    """All there is but the processes. A block's hash tells all that was before it in a story."""
    chain, cloudflare = story.chain, story.cloudflare
    told = (
        story.clock.now(), chain.mined, chain.reorgs, chain.top.hash, sorted(chain.pool.items()),
        chain.host_pool, story.index_lag, story.journal.records, story.leases.rows,
        story.sender_rows.rows, story.sender_rows.floors, cloudflare.inputs, cloudflare.keys,
        cloudflare.deleted, cloudflare.rotations, story.switches.rows, story.violations,
        story.faults_of_ours,
        sorted((text, sorted(keys)) for text, keys in story.seen.items()),
    )  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()


async def _wrong(story: OneFaultSim) -> str | None:
    wrong: str | None = None
    try:
        await story.run()
    except AssertionError as error:
        wrong = f"{error}"
    story.told(wrong)
    return wrong


class WatchedStory(OneFaultSim):
    """Undisturbed. For each point: how the world was there, and which failure was due."""

    def __init__(self) -> None:
        super().__init__(0, Disturbance.KILLED)
        self.worlds: list[str] = []
        self.failures: list[object] = []

    def pass_point(self, die: Callable[[], BaseException], fail: Callable[[], Exception]) -> None:
        super().pass_point(die, fail)
        self.worlds.append(world_of(self))
        self.failures.append(fail)


class ForkedStory(OneFaultSim):
    """At each of the points a copy of this process goes on with the story, disturbed; here it goes
    on undisturbed. For a process with no other threads."""

    def __init__(self, points: Iterable[int], disturbance: Disturbance) -> None:
        super().__init__(0, disturbance)
        self._wanted, self._pipe = frozenset(points), 0
        self.found: list[tuple[int, str]] = []

    def pass_point(self, die: Callable[[], BaseException], fail: Callable[[], Exception]) -> None:
        if not self._pipe and self.points + 1 in self._wanted:
            self._fork()
        super().pass_point(die, fail)

    def _fork(self) -> None:
        loop = asyncio.get_running_loop()
        reading, writing = os.pipe()
        if os.fork() == 0:
            asyncio._set_running_loop(loop)  # a loop is bound to its process
            self._wanted, self._pipe, self.fatal = frozenset(), writing, self.points + 1
            return
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as pipe:
            said = pipe.read()
        os.wait()
        if said != FINE:
            self.found.append((self.points + 1, said or "the copy of the process died"))

    def told(self, wrong: str | None) -> None:
        """A copy ends here, before it could close what it shares."""
        if self._pipe:
            os.write(self._pipe, (wrong or FINE).encode())
            os._exit(0)
