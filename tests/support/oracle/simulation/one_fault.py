"""One room's whole life without chance, in which the process dies, or a call fails, at one point.

A point is the moment before or after one exchange with the outside: so counting them through is to
kill the oracle at every await, or to lose every answer once. The story: a room is created,
provisioned, given a new key, ended and released; meanwhile a second room is taken away by a reorg
that gives its number to another host, whose end another reorg takes back once it is acted on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from chain.enums import Mode, Status
from tests.support.oracle.simulation import sim_contract as c
from tests.support.oracle.simulation.history import HOSTS, OPERATOR, OracleSim
from tests.support.oracle.simulation.oracle_process import PASSES
from tests.support.oracle.simulation.rooms_chain import FINALITY, RoomsChain
from tests.support.oracle.simulation.sim_clock import quiet

SEED = 1
LONG = 30 * 86400
PATIENCE = 60


class OneFaultSim(OracleSim):
    """`fatal`: the point at which it happens; 0: nothing does."""

    def __init__(self, fatal: int, dies: bool) -> None:
        super().__init__(SEED)
        self.fatal, self.dies = fatal, dies
        self.confirmations = 1
        self.chain = RoomsChain(c.deployed(LONG, LONG, OPERATOR))

    async def run(self) -> None:
        try:
            self._birth()
            await self._live()
            await self._settle()
        finally:
            for process in self.processes:
                process.die()
            await quiet()

    async def _live(self) -> None:
        create = c.CreateTx(1, HOSTS[0], 1, Mode.WEBRTC, _key(1))
        await self._does(create, lambda: self._status(1) is Status.ACTIVE)
        await self._does(c.RekeyTx(1, HOSTS[0], _key(2)), lambda: self._sealed(1))
        lost = c.CreateTx(2, HOSTS[1], 1, Mode.WEBRTC, _key(3))
        await self._does(lost, lambda: len(self.cloudflare.inputs) > 2)
        self._replaced(c.CreateTx(3, HOSTS[2], 1, Mode.WEBRTC, _key(4)))
        await self._does(None, lambda: self._status(2) is Status.ACTIVE)
        await self._does(c.EndTx(2, HOSTS[2]), lambda: not self._on(2))
        if self._taken_back():
            await self._does(None, lambda: self._on(2))
        await self._does(c.EndTx(1, HOSTS[0]), lambda: self.chain.top.state.rooms[1].released)

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
        for _ in range(depth + 1):
            self.chain.mine_at(self.clock.now())
        return True

    async def _does(self, tx: c.HostTx | None, done: Callable[[], bool]) -> None:
        """A host's transaction, and life until it has had its effect."""
        if tx is not None:
            self.chain.host_pool.append(tx)
        for _ in range(PATIENCE):
            if not any(process.alive for process in self.processes):
                self._birth()
            for process in self.processes:
                for job in ("lease", *PASSES, "sender"):
                    process.start(job)
            await self.clock.advance(1.0)
            self.chain.mine_at(self.clock.now(), host_txs=list(self.chain.host_pool))
            await self.clock.advance(1.0)
            if done():
                return
        raise AssertionError(f"nothing follows on {tx}")

    def _status(self, room_id: int) -> Status | None:
        room = self.chain.top.state.rooms.get(room_id)
        return room.status if room else None

    def _on(self, room_id: int) -> bool:
        live = self.cloudflare.inputs.get(self.chain.top.state.rooms[room_id].uid.hex())
        return live is not None and live.enabled

    def _sealed(self, room_id: int) -> bool:
        room = self.chain.top.state.rooms[room_id]
        return room.key_version == 2 and room.sealed_tag == room.tag


def _key(n: int) -> bytes:
    return (1000 + n).to_bytes(32)


def tell(fatal: int, dies: bool) -> tuple[int, str | None]:
    """How many points there were, and what went wrong, or None."""

    async def live() -> tuple[int, str | None]:
        story = OneFaultSim(fatal, dies)
        try:
            await story.run()
        except AssertionError as error:
            return story.points, f"{error}"
        return story.points, None

    return asyncio.run(live())
