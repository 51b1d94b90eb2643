"""A thousand rooms in simulated time: hosts that lie, lag, refuse and go away; a database that goes
away, too; processes of presence that die; and a reader who believes what he reads.

The services are the real ones. `Air.wrong` tells what must never be seen.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from pymongo.errors import AutoReconnect

from chain.enums import Mode, Status
from chain.events import CONTRACT_VERSION
from common.lease import Lease, LeaseRecord, LeaseWish
from common.lease_store import MemoryLeaseStore
from indexer.documents import FORMAT
from presence.answers import HostAnswer, read_lifecycle, read_views
from presence.board import ActiveRoom
from presence.documents import SILENT_SECONDS, PresenceRow, PresenceState
from presence.host_manners import AnswerKind
from presence.metrics import PresenceMetrics
from presence.room_index import RoomFollower
from presence.rounds import Rounds
from presence.service import PresenceService
from presence.status import PresenceStatus
from presence.store import LostStore, StoredPresence
from presence.verdict import OracleNote
from tests.support.oracle.simulation.sim_clock import OracleSimClock

CONTRACT = "0x" + "c0" * 20
START = 1_800_000_000.0
DAY = 86_400
WRITTEN_WITHIN = 4.0
"""Seconds from an answer until a reader has it, while the database is well."""


@dataclass
class SimHost:
    """How a playback host answers. `lag`: seconds until it knows; `refuses`: a status that it gives
    instead; `away`: no answer at all."""

    base: str
    knows_whip: bool = True
    lag: float = 0.0
    seconds: float = 0.15
    refuses: int = 0
    retry_after: str = ""
    away: bool = False
    odd: bytes = b""


@dataclass
class SimRoom:
    """`turns`: unix times at which it goes on air, off, on ..., ascending."""

    n: int
    mode: Mode
    host: SimHost
    made_at: float
    gate: str | None = None
    turns: list[float] = field(default_factory=list)
    ended: bool = False

    def on_air(self, at: float) -> bool:
        return bisect_right(self.turns, at) % 2 == 1


class SimDatabase:
    """What every process shares. `away`: it answers nobody."""

    def __init__(self) -> None:
        self.rows: dict[int, PresenceRow] = {}
        self.state: PresenceState | None = None
        self.knows_whip: dict[str, int] = {}
        self.leases = MemoryLeaseStore()
        self.notes: dict[int, OracleNote] = {}
        self.away = False
        self.removed = 0

    def lose(self) -> None:
        """It is dropped."""
        self.rows, self.state, self.knows_whip = {}, None, {}
        self.leases.rows.clear()


class SimStore:
    """A process's way to the database: `presence.store`, the lease's rows and the notes."""

    def __init__(self, database: SimDatabase, air: Air) -> None:
        self._db = database
        self._air = air
        self.dead = False

    async def _reach(self) -> None:
        await self._air.clock.sleep(0.005)
        if self.dead or self._db.away:
            raise AutoReconnect("the database does not answer")

    async def load(self) -> StoredPresence:
        await self._reach()
        return StoredPresence(
            list(self._db.rows.values()), self._db.state, dict(self._db.knows_whip)
        )

    async def write_rows(self, rows: Sequence[PresenceRow], known: Sequence[bool]) -> None:
        await self._reach()
        lost = False
        for row, old in zip(rows, known, strict=True):
            there = self._db.rows.get(row["_id"])
            if (there is None and old) or (there is not None and there["rev"] > row["rev"]):
                lost = True
                continue
            self._db.rows[row["_id"]] = row
            self._air.shown(row)
        if lost:
            raise LostStore("rows of ours are gone, or newer than ours")
        if self._air.rng.random() < self._air.lost_answers:
            raise AutoReconnect("the answer was lost")

    async def write_hosts(self, knows_whip: Mapping[str, int]) -> None:
        await self._reach()
        self._db.knows_whip.update(knows_whip)

    async def write_state(self, before: PresenceState | None, after: PresenceState) -> None:
        await self._reach()
        there = self._db.state
        ours = {after["beat"]} | ({before["beat"]} if before is not None else set())
        if (there is None) != (before is None) or (there is not None and there["beat"] not in ours):
            raise LostStore("the state is another's, or gone")
        self._db.state = after

    async def remove(self, numbers: Sequence[int]) -> None:
        await self._reach()
        for n in numbers:
            self._db.removed += self._db.rows.pop(n, None) is not None

    async def read_notes(self, numbers: Sequence[int]) -> dict[int, OracleNote]:
        await self._reach()
        return {n: self._db.notes[n] for n in numbers if n in self._db.notes}

    # the lease's rows

    async def read(self, name: str) -> LeaseRecord | None:
        await self._reach()
        return await self._db.leases.read(name)

    async def swap(self, before: LeaseRecord | None, after: LeaseRecord) -> bool:
        await self._reach()
        return await self._db.leases.swap(before, after)

    async def wish(self, name: str, before: str | None, after: LeaseWish | None) -> bool:
        await self._reach()
        return await self._db.leases.wish(name, before, after)


class SimNotes:
    def __init__(self, store: SimStore) -> None:
        self.read = store.read_notes


class SimAsking:
    """The playback hosts. Every question is written down."""

    def __init__(self, air: Air) -> None:
        self._air = air

    async def lifecycle(self, room: ActiveRoom) -> HostAnswer:
        air, there = self._air, self._air.rooms[room.n]
        refused = await self._answer(there)
        if refused is not None:
            air.said[room.n].append((air.clock.now(), None))
            return refused
        live = there.on_air(air.clock.now() - there.host.lag)
        if there.mode is Mode.WEBRTC and not there.host.knows_whip:
            live = False
        body = b'{"isInput":true,"videoUID":null,"live":%s}' % (b"true" if live else b"false")
        air.said[room.n].append((air.clock.now(), live))
        return read_lifecycle(200, "", there.host.odd or body, air.clock.now())

    async def views(self, room: ActiveRoom) -> HostAnswer:
        refused = await self._answer(self._air.rooms[room.n])
        return refused or read_views(200, "", b'{"liveViewers":3}', self._air.clock.now())

    async def _answer(self, room: SimRoom) -> HostAnswer | None:
        air, host = self._air, room.host
        air.questions.append((air.clock.now(), host.base))
        if host.away:
            await air.clock.sleep(5.0)
            return HostAnswer(AnswerKind.AWAY, why="no answer within 5 s")
        await air.clock.sleep(host.seconds * (0.5 + air.rng.random()))
        if host.refuses:
            return read_lifecycle(host.refuses, host.retry_after, b"", air.clock.now())
        return None


class SimIndex:
    """The index, always there and always right."""

    def __init__(self, air: Air) -> None:
        self._air = air
        self.events_of: list[int] = []

    async def positions(self) -> list[dict[str, Any]]:
        seq = len(self.events_of)
        return [
            {
                "_id": CONTRACT, "format": FORMAT, "version": CONTRACT_VERSION, "seq": seq,
                "history": f"0x{seq:064x}", "updated_at": self._air.clock.now(),
            }
        ]  # fmt: skip

    async def events(self, contract: str, first: int, last: int) -> list[dict[str, Any]]:
        return [
            {
                "seq": seq, "room_id": self.events_of[seq - 1], "block_hash": f"0x{seq}",
                "log_index": 0,
            }
            for seq in range(max(1, first), min(last, len(self.events_of)) + 1)
        ]  # fmt: skip

    async def rooms_by_id(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        return [self._doc(self._air.rooms[n]) for n in ids]

    async def open_rooms(self, now: int) -> list[dict[str, Any]]:
        return [self._doc(room) for room in self._air.rooms.values() if not room.ended]

    def _doc(self, room: SimRoom) -> dict[str, Any]:
        status = Status.ENDED if room.ended else Status.ACTIVE
        return {
            "_id": room.n, "contract": CONTRACT, "status": status.word, "mode": room.mode.word,
            "uid": f"{room.n:032x}", "playback_base": room.host.base, "gate": room.gate,
            "created_at": int(room.made_at), "provisioned_at": int(room.made_at),
            "expire_at": None if room.ended else int(START + 30 * DAY),
        }  # fmt: skip


class SimPresence:
    """One process of `python -m presence`."""

    def __init__(self, air: Air, name: str) -> None:
        self.store = SimStore(air.database, air)
        self.metrics = PresenceMetrics()
        self.status = PresenceStatus()
        clock = air.clock
        follower = RoomFollower(air.index, [CONTRACT], clock)
        lease = Lease(self.store, "presence", name, 12.0, clock, is_dead=lambda _: False)

        def make_rounds(allowed: Any) -> Rounds:
            return Rounds(
                SimAsking(air), 20, clock, air.rng, self.metrics, allowed=allowed,
                note=self.status.note,
            )  # fmt: skip

        self.service = PresenceService(
            clock, air.rng, lease, self.store, SimNotes(self.store), follower, self.status,
            self.metrics, make_rounds,
        )  # fmt: skip
        self.stop = asyncio.Event()
        self.task = asyncio.ensure_future(self.service.run(self.stop))

    def die(self) -> None:
        """At once: nothing that it sends arrives any more."""
        self.store.dead = True
        self.stop.set()

    def end(self) -> None:
        """In order."""
        self.stop.set()


class Air:
    """The world. `wrong`: what must never be seen, in words."""

    def __init__(self, seed: int, hosts: Sequence[SimHost]) -> None:
        self.rng = Random(seed)
        self.clock = OracleSimClock(START)
        self.hosts = list(hosts)
        self.rooms: dict[int, SimRoom] = {}
        self.database = SimDatabase()
        self.index = SimIndex(self)
        self.questions: list[tuple[float, str]] = []
        self.said: defaultdict[int, list[tuple[float, bool | None]]] = defaultdict(list)
        self.first_shown: dict[tuple[int, float], float] = {}
        self.lost_answers = 0.0
        self._lost: list[tuple[float, float]] = []
        self.processes: list[SimPresence] = []
        self.wrong: list[str] = []
        self._beat: tuple[int, float] = (-1, START)

    def room(self, mode: Mode, host: SimHost, made_at: float, turns: Sequence[float]) -> SimRoom:
        n = len(self.rooms) + 1
        room = self.rooms[n] = SimRoom(n, mode, host, made_at, turns=list(turns))
        return room

    def end_room(self, n: int) -> None:
        self.rooms[n].ended = True
        self.index.events_of.append(n)

    def start(self) -> SimPresence:
        process = SimPresence(self, f"process {len(self.processes)}")
        self.processes.append(process)
        return process

    async def close(self) -> None:
        for process in self.processes:
            process.end()
        await self.clock.advance(10.0)
        await asyncio.gather(*(process.task for process in self.processes))

    def shown(self, row: PresenceRow) -> None:
        """A row stands in the database."""
        room, now = self.rooms[row["_id"]], self.clock.now()
        if row["live"]:
            started = [turn for turn in room.turns[::2] if turn <= now]
            if started:
                self.first_shown.setdefault((room.n, started[-1]), now)
            if row["live_since"] is None or row["live_since"] > now:
                self.wrong.append(f"room {room.n}: on air since {row['live_since']}")
        elif row["live_since"] is not None or row["viewers"] is not None:
            self.wrong.append(f"room {room.n}: not on air, and yet {row}")

    def reads(self, n: int) -> bool | None:
        """What a reader believes of a room now."""
        silent = self.clock.now() - self._beat[1] >= SILENT_SECONDS
        row = self.database.rows.get(n)
        return None if silent or row is None else row["live"]

    async def live(self, seconds: float) -> None:
        """Time passes; the reader looks each second."""
        end = self.clock.now() + seconds
        while self.clock.now() < end:
            await self.clock.advance(1.0)
            state = self.database.state
            if state is not None and not self.database.away and state["beat"] != self._beat[0]:
                self._beat = (state["beat"], self.clock.now())
            for room in self.rooms.values():
                self._check(room)

    def losing(self, seconds: float = 0.0) -> None:
        """What is said in the next seconds, or was said just now, may never be written."""
        now = self.clock.now()
        self._lost.append((now - WRITTEN_WITHIN, now + seconds + WRITTEN_WITHIN))

    def _check(self, room: SimRoom) -> None:
        """What is read is what one of the last answers said: the last one that had time to be
        written, or one since."""
        told = self.reads(room.n)
        if told is None or room.ended:
            return
        said, now = self.said[room.n], self.clock.now()
        note = self.database.notes.get(room.n)
        if note is not None and told == note.live:
            return
        allowed = set()
        for at, live in reversed(said):
            allowed.add(live)
            if at <= now - WRITTEN_WITHIN and not any(a <= at <= b for a, b in self._lost):
                break
        if told not in allowed:
            self.wrong.append(f"at {now - START:.0f} s room {room.n} is {told}; said: {said[-3:]}")

    def latencies(self, rooms: Sequence[SimRoom], since: float) -> list[float]:
        """Seconds from going on air until it was shown; those that were never shown, for ever."""
        now = self.clock.now()
        return sorted(
            self.first_shown.get((room.n, turn), float("inf")) - turn
            for room in rooms
            for turn, off in zip(room.turns[::2], [*room.turns[1::2], now], strict=False)
            # whoever is on for a moment only need not be seen
            if since <= turn and min(off, now) - turn >= 90.0
        )

    def most_in_a_second(self) -> int:
        times = [at for at, _ in self.questions]
        most = start = 0
        for end, at in enumerate(times):
            while times[start] <= at - 1.0:
                start += 1
            most = max(most, end - start + 1)
        return most
