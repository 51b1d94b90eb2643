"""The running service: its lease, the index, the rounds, the notes, and what is stored of it.

Promises
1. Only who holds the lease and has read the database asks and writes; before each write the lease
   is asked whether it lasts. Who loses it forgets what it knew.
2. Rows are written twice a second at most, only those that changed; the beat rises every two
   seconds.
3. Whatever fails for a while (database, index) is tried again; `PresenceStatus` tells it. A task
   that dies of a bug is started again and told (`common.task_keeper`).
4. `run` ends when `stop` is set: what is known is stored, and the lease given back.
On restart: as `board` says. Losing the database costs one look at each room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog
from pymongo.errors import PyMongoError

from common.clock import Clock, Rng, wait_event
from common.database_errors import DatabaseErrors
from common.lease import Lease
from common.supervisor import JobGuard
from common.task_keeper import TaskKeeper
from common.tasks import end_tasks
from presence.documents import BEAT_SECONDS, PresenceState
from presence.metrics import PresenceMetrics
from presence.room_index import IndexUnusable, RoomFollower
from presence.rounds import Rounds
from presence.status import PresenceStatus
from presence.store import (
    STORE_SECONDS,
    LostStore,
    NoteReader,
    PresenceStore,
    next_state,
)
from presence.verdict import KEPT_SECONDS

log = structlog.get_logger(__name__)

INDEX_SECONDS = 1.0
NOTES_SECONDS = 1.0
LOOK_THROUGH_SECONDS = 10.0
WRITE_SECONDS = 0.5
MOST_ROWS = 1000
MOST_GONE = 500


@dataclass
class PresenceService:
    """See the module."""

    clock: Clock
    rng: Rng
    lease: Lease
    store: PresenceStore
    notes: NoteReader
    follower: RoomFollower
    status: PresenceStatus
    metrics: PresenceMetrics
    make_rounds: Callable[[Callable[[], bool]], Rounds]
    errors: DatabaseErrors = field(default_factory=DatabaseErrors)

    def __post_init__(self) -> None:
        self.rounds = self.make_rounds(self.may_ask)
        self.keeper = TaskKeeper(
            self.clock, self.rng,
            count=lambda task, restarts: self.metrics.task_restarts.labels(task).inc(restarts),
        )  # fmt: skip
        self.status.tasks_down = self.keeper.down
        self.guard = _guard(self.status, self.metrics, self.errors, self._lost_store)
        self._loaded = 0
        self._held = False
        self._state: PresenceState | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set."""
        loops: Sequence[tuple[str, Callable[[], Awaitable[object]]]] = (
            ("lease", self._keep_lease),
            ("index", self._follow_index),
            ("rounds", self.rounds.run),
            ("notes", self._read_notes),
            ("write", self._keep_writing),
            ("look_through", self._look_through),
        )
        tasks = [asyncio.ensure_future(self.keeper.keep(name, loop)) for name, loop in loops]
        stopped = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({*tasks, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.status.stopping = True
            await end_tasks(*tasks, stopped)
            if self._may_write():
                await self.guard.run("write", self._write)
            await self.lease.let_go()

    def may_ask(self) -> bool:
        """Whether this process asks and writes."""
        return self.lease.held and self._loaded == self.lease.token

    # --- the lease --------------------------------------------------------------------------------

    async def _keep_lease(self) -> None:
        while True:
            await self.guard.run("lease", self._lease_step)
            await self.clock.sleep(self.lease.pause_seconds)

    async def _lease_step(self) -> None:
        had = self._held
        has = await self.lease.step()
        self.status.set("lease", None if has else f"held by {self.lease.other or 'another'}")
        if had != has:
            self._held = has
            self.metrics.lease_changes.labels("won" if has else "lost").inc()
            self.metrics.held.set(has)
            log.info("lease won" if has else "lease lost", fence=self.lease.token)
        if not has:
            self._forget()
        elif self._loaded != self.lease.token:
            await self._load()

    def _forget(self) -> None:
        if self._loaded:
            self._loaded = 0
            self.rounds.begin_anew()

    def _lost_store(self) -> None:
        """Read all anew, at the lease's next step."""
        self._forget()

    async def _load(self) -> None:
        token = self.lease.token
        stored = await self.store.load()
        now = self.clock.now()
        self.rounds.begin_anew()
        self.follower.forget()
        self._state = stored.state
        rev = int(now) if stored.state is None else stored.state["rev"]
        kept = stored.state is not None and now - stored.state["at"] < KEPT_SECONDS
        self.rounds.board.load(stored.rows, stored.knows_whip, rev, kept=kept, now=now)
        self._loaded = token
        log.info("rows read", rows=len(stored.rows), rev=self.rounds.board.rev)

    # --- the other loops --------------------------------------------------------------------------

    async def _follow_index(self) -> None:
        while True:
            if self.may_ask():
                await self.guard.run("index", self._index_step)
            await self.clock.sleep(INDEX_SECONDS)

    async def _index_step(self) -> None:
        fence = self._loaded
        change = await self.follower.step()
        self.status.note("index", self.follower.note)
        if self.may_ask() and self._loaded == fence:
            self.rounds.take(change)
        else:
            self.follower.forget()

    async def _read_notes(self) -> None:
        while True:
            await self.clock.sleep(NOTES_SECONDS)
            if self.may_ask():
                await self.guard.run("notes", self._notes_step)

    async def _notes_step(self) -> None:
        board = self.rounds.board
        numbers = self.rounds.take_noteworthy()
        if numbers:
            notes = await self.notes.read(numbers)
            for n in numbers:
                board.noted(n, notes.get(n), self.clock.now())
            if board.dirty:
                self.rounds.changed.set()

    async def _look_through(self) -> None:
        while True:
            if self.may_ask():
                self.rounds.look_through()
                await self.guard.run("remove", self._remove_gone)
            await self.clock.sleep(LOOK_THROUGH_SECONDS)

    async def _remove_gone(self) -> None:
        board = self.rounds.board
        gone = board.gone(self.clock.now())[:MOST_GONE]
        if gone and self._may_write():
            await self.store.remove(gone)
            board.forget(gone)

    async def _keep_writing(self) -> None:
        changed = self.rounds.changed
        while True:
            await wait_event(self.clock, changed, BEAT_SECONDS - WRITE_SECONDS)
            changed.clear()
            if self._may_write():
                await self.guard.run("write", self._write)
            await self.clock.sleep(WRITE_SECONDS)

    def _may_write(self) -> bool:
        return self.may_ask() and self.lease.covers(STORE_SECONDS)

    async def _write(self) -> None:
        board = self.rounds.board
        rows = board.take_changes(MOST_ROWS)
        hosts = dict(board.new_hosts)
        try:
            if hosts:
                await self.store.write_hosts(hosts)
                for base in hosts:
                    del board.new_hosts[base]
            if rows:
                self._check_lease()
                await self.store.write_rows(rows, [board.has_row(row["_id"]) for row in rows])
        except BaseException:
            board.not_stored(rows)
            raise
        board.stored(rows)
        self._check_lease()
        after = next_state(self._state, board.rev, self.clock.now())
        await self.store.write_state(self._state, after)
        self._state = after
        self.metrics.rows.inc(len(rows))
        self.metrics.written_at.set(after["at"])
        if board.dirty:
            self.rounds.changed.set()

    def _check_lease(self) -> None:
        """Raises LostStore if it may not last as long as a write."""
        if not self._may_write():
            raise LostStore("the lease may be over")


def _guard(
    status: PresenceStatus,
    metrics: PresenceMetrics,
    errors: DatabaseErrors,
    lost: Callable[[], None],
) -> JobGuard:
    def database(job: str, error: Exception) -> None:
        # the notes are another's, and read beside
        say = status.note if job == "notes" else status.set
        say(f"database ({job})", f"MongoDB: {errors.explain(error)}")

    def index(_: str, error: Exception) -> None:
        status.set("index", str(error))

    def another(job: str, error: Exception) -> None:
        log.warning("all is read anew", job=job, reason=str(error))
        lost()

    def fault(job: str, error: Exception) -> None:
        status.set(f"job {job}", f"internal error, see the log: {error!r}")
        log.exception("internal error", job=job, exc_info=error)

    def worked(job: str) -> None:
        status.set(f"database ({job})", None)
        status.note(f"database ({job})", None)
        status.set(f"job {job}", None)
        if job == "index":
            status.set("index", None)

    return JobGuard(
        [
            ((PyMongoError,), database),
            ((IndexUnusable,), index),
            ((LostStore,), another),
            ((Exception,), fault),
        ],
        worked=worked,
        failed=lambda job: metrics.job_failures.labels(job).inc(),
    )
