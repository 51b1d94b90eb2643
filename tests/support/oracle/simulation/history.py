"""One seeded history of the whole system, and what must hold at its end.

A troubled part (hosts act, blocks come and are reorged, processes die, calls fail, are slow or
lose their answers, the journal is dropped, the lease moves, inputs vanish) is followed by a quiet
part in which everything must come to rest with I1, I2 and I5.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import orjson

from chain.enums import Mode, Status
from chain.hexes import hex_data
from chain.send import MemorySenderStore
from common.lease_store import MemoryLeaseStore
from oracle.cloudflare.live_input_spec import owner_of
from oracle.facts import Proposal
from oracle.journal import MemoryJournal
from oracle.operator_switch import MemorySwitchStore
from oracle.self_closing import REST_SECONDS, SwitchRecord
from tests.support.oracle.simulation import sim_contract as c
from tests.support.oracle.simulation.checks import BAD_KEY, generation_of, wrong_at_rest
from tests.support.oracle.simulation.oracle_process import PASSES, OracleProcess
from tests.support.oracle.simulation.rooms_chain import FINALITY, Block, RoomsChain, parse
from tests.support.oracle.simulation.sim_clock import OracleSimClock, quiet
from tests.support.oracle.simulation.sim_cloudflare import SimCloudflareAccount
from tests.support.oracle.simulation.sim_contract import proposal_of
from tests.support.simchain.tree import START

HOSTS = ("0x" + "a1" * 20, "0x" + "a2" * 20, "0x" + "a3" * 20)
OPERATOR = "0x" + "0b" * 20
ROBBER = b"\x07" * 32
MAX_ROOMS = 6
ROUNDS = 160
KNOWN_SECONDS = 60.0
"""An answer of the index is no older, whatever is slow."""


class OracleSim:
    """See the module. `run` lives one history and checks it."""

    def __init__(self, seed: int, *, switches: bool = False) -> None:
        """`switches`: the operator closes itself when it has much to do, and somebody switches by
        hand. Apart from the other histories, which are told by their seeds as ever."""
        self.rng = rng = Random(seed)
        self.clock = OracleSimClock(START)
        long = 30 * 86400
        terms = rng.choice(((long, long), (long, 200), (900, 400)))
        self.chain = RoomsChain(c.deployed(*terms, OPERATOR))
        self.confirmations = rng.choice((0, 1, 2))
        self.cloudflare = SimCloudflareAccount(
            disable_ends=rng.random() < 0.5, rotate_ends=rng.random() < 0.7
        )
        self.journal, self.leases = MemoryJournal(), MemoryLeaseStore()
        self.sender_rows = MemorySenderStore()
        self.switches = WatchedSwitchStore(self)
        self.jobs = (*PASSES, "switch") if switches else PASSES
        self.index_lag = 0
        happenings = (
            (self._host_acts, 8), (self._mine, 20), (self._work, 40), (self._answer, 10),
            (self._flow, 10), (self._reorg, 4), (self._lag, 3), (self._start, 1.5), (self._kill, 2),
            (self._forget, 0.7), (self._by_hand, 0.7), (self._tamper, 1), (self._hours, 0.5),
            (self._broadcast, 2),
        )  # fmt: skip
        more = ((self._switch_by_hand, 2.0), (self._minutes, 1.0), (self._crowd, 1.0))
        every = (*happenings, *more) if switches else happenings
        self.happenings = [happening for happening, _ in every]
        # Every history has its own temper: what is rare in one is common in another.
        self.weights = [weight * rng.choice((0.2, 1, 1, 3)) for _, weight in every]
        self.paces = rng.choice(((0.0, 0.1, 0.5, 2.0), (0.5, 2.0, 5.0), (0.1, 1.0, 13.0)))
        self.care = rng.choice((1.0, 0.5, 0.15))
        """How often a process comes to renew its lease."""
        self.loyalty = rng.choice((0.2, 0.6, 0.9))
        """How much of what a reorg undoes comes back."""
        self.upheaval = rng.choice((0.0, 0.2, 0.6))
        """How often a reorg follows at once on what was just done."""
        self.sweeps = rng.random() < 0.3
        self.crash = self.before = self.after = self.slow = 0.0
        self.faults_of_ours: list[str] = []
        self.last_error: Exception | None = None
        self.broken_by_hand: set[str] = set()
        self.forgotten = self.meddled = self.rows_lost = False
        self.tampered: set[int] = set()
        self.violations: list[str] = []
        self.salt = 0
        self.seen: dict[str, set[str]] = {}
        """Which keys' holders may have read which credentials (digest of the text -> keys)."""
        self.lives = 0
        self.processes: list[OracleProcess] = []
        self.foreign = self.cloudflare.create(b'{"meta":{"name":"by hand"}}', None, START).uid
        self.cloudflare.on_create = self._created

    # --- what the edges ask ---------------------------------------------------------------------

    def index_block(self) -> Block:
        return self.chain.at(self.chain.top.number - self.index_lag)

    def proposals(self) -> list[Proposal]:
        block = self.index_block()
        state = block.state
        told = [proposal_of(state, room) for room in state.rooms.values()]
        return [p._replace(ingest_key=ROBBER) if p.room_id in self.tampered else p for p in told]

    def pass_point(self, die: Callable[[], BaseException], fail: Callable[[], Exception]) -> None:
        """A moment before or after an exchange of a process, which dies, or the exchange fails, if
        one of the two is raised. Here chance decides on that, elsewhere."""

    def acts(self, process: OracleProcess, what: str) -> None:
        """Something is changed: only the lease's holder may do that."""
        row = self.leases.rows.get(process.lease.name)
        if row is None or row.holder != process.name:
            self.violations.append(f"{process.name} did {what} without the lease")

    def _created(self, meta: dict[str, Any]) -> None:
        """A live input is made: there must be none for that room yet."""
        twins = [i for i in self.cloudflare.inputs.values() if i.meta.get("tag") == meta["tag"]]
        if len(twins) > 1 and not self.forgotten:
            self.violations.append(f"I1: a second live input for room {meta['room']}")
        rooms = self.chain.top.state.rooms.values()
        if any(hex_data(r.tag) == meta["tag"] and r.ingest_key == BAD_KEY for r in rooms):
            self.violations.append(f"a live input for room {meta['room']}, whose key is unusable")

    def saw_broadcast(self, raw: bytes) -> None:
        """Sealed bytes become public: whose keys open which credentials."""
        call = parse(orjson.loads(raw)["data"])
        if call is None or call[0] != "fulfill":
            return
        for entry in call[1]:
            key, tag, uid, text = entry.sealed_ingest.split(b"|", 3)
            assert bytes.fromhex(tag.decode()) == entry.tag, "sealed for another tag than its entry"
            assert bytes.fromhex(uid.decode()) == entry.uid, "sealed for another input"
            self.seen.setdefault(text.decode(), set()).add(key.decode())

    # --- the history ----------------------------------------------------------------------------

    async def run(self) -> None:
        self._birth()
        for _ in range(self.rng.randint(0, 3)):
            self._host_acts()
        severity = self.rng.choice((0.0, 0.01, 0.03, 0.06))
        self.before, self.after = severity, severity
        self.crash = self.rng.choice((0.0, severity / 3, severity))
        self.slow = self.rng.choice((0.0, 0.05, 0.2))
        try:
            for _ in range(self.rng.randint(20, 120)):
                await self._event()
            await self._settle()
        finally:
            for process in self.processes:
                process.die()
            await quiet()

    def _birth(self) -> None:
        self.lives += 1
        self.processes = [p for p in self.processes if p.alive]
        self.processes.append(OracleProcess(self, f"life-{self.lives}", 1, OPERATOR))

    async def _event(self) -> None:
        (happening,) = self.rng.choices(self.happenings, self.weights)
        waited = happening()
        if waited is not None:
            await waited
        await quiet()
        await self.clock.advance(self.rng.choice(self.paces))

    async def _flow(self) -> None:
        """A stretch of ordinary life: the lease's holder works, blocks come."""
        for _ in range(self.rng.randint(2, 6)):
            for process in self.processes:
                if process.lease.held or self.rng.random() < 0.3:
                    process.start("lease")
                for job in (*self.jobs, "sender"):
                    process.start(job)
            await quiet()
            await self.clock.advance(self.rng.choice((0.5, 2.0)))
            self._mine()
        if self.rng.random() < self.upheaval:
            self._reorg()

    def _switch_by_hand(self) -> None:
        """The operator's own hand, by its account."""
        self.salt += 1
        self.chain.host_pool.append(c.SwitchTx(self.salt, self.rng.random() < 0.5))

    async def _minutes(self) -> None:
        """As long as an operator rests between two switches."""
        while self.clock.release_all():
            await quiet()
        self.clock.skip(REST_SECONDS)

    def _crowd(self) -> None:
        """Many rooms at once."""
        for n in range(4):
            self.salt += 1
            host, key = HOSTS[n % len(HOSTS)], self.salt.to_bytes(32)
            self.chain.host_pool.append(c.CreateTx(self.salt, host, 1, Mode.WEBRTC, key))

    def _answer(self) -> None:
        self.clock.release_one(self.rng)

    def _lag(self) -> None:
        self.index_lag = self.rng.choice((0, 0, 0, 1, 3))

    def _start(self) -> None:
        if len(self.processes) < 3:
            self._birth()

    def _kill(self) -> None:
        process = self.rng.choice(self.processes)
        process.die()
        row = self.leases.rows.get(process.lease.name)
        if row is not None and row.holder == process.name and self.rng.random() < 0.5:
            # In order: it gave the lease back.
            self.leases.rows[row.name] = replace(row, holder=None, beat=row.beat + 1)
        if not any(p.alive for p in self.processes):
            self._birth()

    def _tamper(self) -> None:
        """Somebody writes another key into the index, or takes it back."""
        rooms = list(self.chain.top.state.rooms)
        if rooms:
            self.tampered ^= {self.rng.choice(rooms)}

    async def _hours(self) -> None:
        """Hours pass at once. What was on its way has arrived: no request travels for so long."""
        seconds = self.rng.choice((300.0, 7 * 3600.0))
        while self.clock.release_all():
            await quiet()
        self.clock.skip(seconds)

    def _work(self) -> None:
        """One process gets to run: all of its jobs, as at a new head, or only some."""
        rng = self.rng
        holders = [p for p in self.processes if p.alive and p.lease.held]
        process = rng.choice(holders if holders and rng.random() < 0.7 else self.processes)
        if rng.random() < self.care:
            process.start("lease")
        jobs = (*self.jobs, "sender") + (("sweep",) if self.sweeps else ())
        for job in rng.sample(jobs, len(jobs) if rng.random() < 0.5 else 3):
            process.start(job)

    def _host_acts(self) -> None:
        rng, rooms = self.rng, list(self.chain.top.state.rooms.values())
        roll, self.salt = rng.random(), self.salt + 1
        key = self.salt.to_bytes(32) if rng.random() < 0.93 else BAD_KEY
        tx: c.HostTx
        if not rooms or (roll < 0.5 and len(rooms) < MAX_ROOMS):
            tx = c.CreateTx(self.salt, rng.choice(HOSTS), 1, Mode.WEBRTC, key)
        else:
            open_rooms = [r for r in rooms if r.status is not Status.ENDED]
            live = [r for r in open_rooms if r.fulfilled]
            room = rng.choice(live if live and rng.random() < 0.7 else open_rooms or rooms)
            if roll < 0.68:
                heir = rng.choice(HOSTS) if rng.random() < 0.3 else None
                tx = c.RekeyTx(room.number, room.host, key, heir)
            else:
                tx = c.EndTx(room.number, None if rng.random() < 0.3 else room.host)
        self.chain.host_pool.append(tx)

    def _broadcast(self) -> None:
        """A host goes on the air with what is published for its room."""
        rooms = [r for r in self.chain.top.state.rooms.values() if r.sealed is not None]
        if not rooms:
            return
        room = self.rng.choice(rooms)
        if room.uid.hex() in self.cloudflare.inputs:
            self.cloudflare.broadcast(room.uid.hex(), generation_of(room))

    def _mine(self) -> None:
        pool = self.chain.host_pool
        chosen = [tx for tx in pool if self.rng.random() < 0.8]
        self.rng.shuffle(chosen)
        self.chain.mine_at(self.clock.now(), host_txs=chosen, with_pool=self.rng.random() < 0.85)

    def _reorg(self) -> None:
        """Other blocks win, never below finality; what was in them may come back, or not."""
        rng = self.rng
        depth = rng.randint(1, FINALITY)
        if depth > self.chain.top.number - 1:
            return
        undone = self.chain.undo(depth)
        back = [tx for block in undone for tx in block.wishes if rng.random() < self.loyalty]
        rng.shuffle(back)
        for block in undone:
            for tx in block.txs:
                if rng.random() < self.loyalty:
                    self.chain.pool.setdefault(tx.nonce, tx)
        if rng.random() < 0.4:
            self._host_acts()
            back.insert(0, self.chain.host_pool.pop())
        for n in range(depth + 1):
            share = back[n :: depth + 1]
            self.chain.mine_at(self.clock.now(), host_txs=share, with_pool=rng.random() < 0.6)

    def _forget(self) -> None:
        """The oracle's database is dropped; with it the sender's rows, now and then."""
        self.forgotten = True
        self.journal.records.clear()
        self.switches.rows.clear()
        if self.rng.random() < 0.5:
            self.rows_lost = True
            self.sender_rows.rows.clear()
            self.sender_rows.floors.clear()
        for process in self.processes:
            process.die()
        self._birth()

    def _by_hand(self) -> None:
        """Somebody deletes one of our inputs in the dashboard, or switches it off."""
        ours = [i for i in self.cloudflare.inputs.values() if owner_of(i.meta)]
        if not ours:
            return
        live = self.rng.choice(ours)
        self.meddled = True
        if self.rng.random() < 0.5:
            self.cloudflare.delete(live.uid, "hand")
            self.broken_by_hand.add(live.uid)
        else:
            live.enabled = False

    # --- the quiet part -------------------------------------------------------------------------

    async def _settle(self) -> None:
        self.crash = self.before = self.after = self.slow = 0.0
        self.index_lag = 0
        self.tampered = set()
        self.clock.release_all()
        wrong: str | None = "not begun"
        for n in range(ROUNDS):
            if not any(p.alive for p in self.processes):
                self._birth()
            for process in [p for p in self.processes if p.alive]:
                process.start("lease")
                sweep = (self.forgotten or self.meddled) and n % 10 == 5
                for job in ("sweep", *self.jobs, "sender") if sweep else (*self.jobs, "sender"):
                    process.start(job)
            await self.clock.advance(1.0)
            self.chain.mine_at(self.clock.now(), host_txs=list(self.chain.host_pool))
            await self.clock.advance(1.0 if n < 30 else 8.0)
            wrong = wrong_at_rest(self) if n > FINALITY + 6 else wrong
            if wrong is None:
                break
        assert not self.violations, f"{len(self.violations)} violations: {self.violations[:3]}"
        assert not self.faults_of_ours, f"faults of ours: {self.faults_of_ours[:3]}"
        assert wrong is None, f"not at rest: {wrong}"


class WatchedSwitchStore(MemorySwitchStore):
    """What is asked for: with a rest between two, and never to open what a hand has closed, once
    that could be known."""

    def __init__(self, world: OracleSim) -> None:
        super().__init__()
        self._world = world

    async def save(self, record: SwitchRecord) -> SwitchRecord:
        world, before = self._world, self.rows.get(record.id)
        asked = record.asked is not None and (before is None or record.asked != before.asked)
        if asked and record.before_at and record.asked_at - record.before_at < REST_SECONDS:
            world.violations.append("two switches without a rest")
        row = world.index_block().state.operators[1]
        known = world.clock.now() - row.updated.at > KNOWN_SECONDS
        if asked and record.opening and known and row.updated.tx.startswith(c.BY_HAND):
            world.violations.append("asked to open what a hand has switched")
        return await super().save(record)


def run_history(seed: int, *, switches: bool = False) -> str | None:
    """Live one history; what went wrong, or None."""

    async def live() -> str | None:
        world = OracleSim(seed, switches=switches)
        try:
            await world.run()
        except AssertionError as error:
            return f"{error}"
        return None

    return asyncio.run(live())
