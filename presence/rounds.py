"""Goes round the rooms: asks about the one that is due, and puts what comes of it on the board.

Promises: no more questions begin in any second than allowed, none while `allowed` says no; an
answer that comes after `begin_anew` counts no more. Board and schedule agree on which rooms there
are and how lively each is.
On restart: see `board`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

import structlog

from common.clock import Clock, Rng, wait_event
from common.tasks import end_tasks
from presence.answers import HostAnswer
from presence.asking import Asking
from presence.board import ActiveRoom, Board
from presence.host_manners import AnswerKind, QuestionRate
from presence.metrics import PresenceMetrics
from presence.pace import RoomKind
from presence.room_index import RoomChange
from presence.schedule import RoomQuestion, Schedule

log = structlog.get_logger(__name__)

IDLE_SECONDS = 0.25
TOLD_FAILURES = 3


class Rounds:
    """See the module. `changed` is set whenever the board may have something to store."""

    def __init__(
        self,
        asking: Asking,
        per_second: int,
        clock: Clock,
        rng: Rng,
        metrics: PresenceMetrics,
        *,
        allowed: Callable[[], bool],
        note: Callable[[str, str | None], None],
    ) -> None:
        """`note(host, text)`: what is to be known about a host; None: nothing any more."""
        self._asking = asking
        self._per_second = per_second
        self._clock = clock
        self._rng = rng
        self._metrics = metrics
        self._allowed = allowed
        self._note = note
        self._rate = QuestionRate(per_second)
        self._wake = asyncio.Event()
        self._asked: set[asyncio.Future[None]] = set()
        self._noteworthy: set[int] = set()
        self._troubles: dict[str, str] = {}
        self.changed = asyncio.Event()
        self.board = Board()
        self.schedule = self._new_schedule(self.board)

    def begin_anew(self) -> None:
        """Nothing is known any more: another process may have worked meanwhile."""
        for base in self._troubles:
            self._note(base, None)
        self._troubles.clear()
        self._noteworthy.clear()
        # who worked until now may have asked all that may be asked in this second
        self._rate = QuestionRate(self._per_second, self._clock.monotonic() + 1.0)
        self.board = Board()
        self.schedule = self._new_schedule(self.board)

    def take(self, change: RoomChange) -> None:
        """What the index says."""
        now = self._clock.now()
        for room in change.active:
            if self.board.room_is(room, now):
                self._refresh(room)
        over = list(change.over)
        if change.complete:
            there = {room.n for room in change.active}
            over += [room.n for room in self.board.active() if room.n not in there]
            over += [n for n in self.board.unclaimed() if n not in there]
        self._end(over)

    def look_through(self) -> None:
        """Now and then: rooms whose time is over, hosts that have been silent for long."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        self._end(self.board.overdue(now))
        hosts = self.schedule.hosts()
        for base, manners in hosts.items():
            if manners.silent(monotonic):
                self.board.host_is_silent(base, now)
        self._stir()
        self._metrics.show_pace(self.schedule.pace)
        self._metrics.show_waits(self.schedule.longest_waits(monotonic))
        self._metrics.show_rooms(self.board.counts())
        self._metrics.hosts.set(len(hosts))
        self._metrics.hosts_failing.set(sum(manners.failures > 0 for manners in hosts.values()))

    def hint(self, numbers: Iterable[int]) -> None:
        """Something happens in these rooms, somebody says."""
        for n in numbers:
            taken = self._allowed() and self.board.hinted(n, self._clock.now())
            if taken and (room := self.board.room(n)) is not None:
                self._refresh(room)
                taken = self.schedule.hint(n)
            self._metrics.hints.labels("yes" if taken else "no").inc()
        self._wake.set()

    def take_noteworthy(self) -> list[int]:
        """Rooms looked at since the last call of which the oracle's note may say more."""
        numbers, self._noteworthy = self._noteworthy, set()
        return [n for n in numbers if self.board.wants_note(n)]

    async def run(self) -> None:
        """Ask, until cancelled."""
        try:
            while True:
                pause = self._begin_next()
                if pause > 0:
                    self._wake.clear()
                    await wait_event(self._clock, self._wake, pause)
        finally:
            await end_tasks(*self._asked)

    # --- inside -----------------------------------------------------------------------------------

    def _new_schedule(self, board: Board) -> Schedule:
        kind_of = partial(_kind_of, board, self._clock)
        return Schedule(self._per_second, self._rng, kind_of)

    def _begin_next(self) -> float:
        """Begin the next question, if there is one; seconds until there may be another."""
        now = self._clock.monotonic()
        wait = self._rate.wait(now)
        if wait > 0:
            return wait
        if not self._allowed():
            return IDLE_SECONDS
        question = self.schedule.next_question(now)
        if question is None:
            return IDLE_SECONDS
        self._rate.began(now)
        task = asyncio.ensure_future(self._ask(question, self.schedule))
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        return self._rate.wait(now)

    async def _ask(self, question: RoomQuestion, schedule: Schedule) -> None:
        room = self.board.room(question.n)
        views = question.kind is RoomKind.VIEWS
        ask = self._asking.views if views else self._asking.lifecycle
        answer = HostAnswer(AnswerKind.ROOM) if room is None else await ask(room)
        now = self._clock.monotonic()
        schedule.ended(question, answer.outcome, now, answer.retry_after)
        asked = "views" if views else "lifecycle"
        self._metrics.questions.labels(asked, answer.outcome.value).inc()
        self._metrics.question_seconds.observe(now - question.asked_at)
        if schedule is not self.schedule or room is None:
            return
        self._tell(question.host, answer)
        if views:
            self.board.saw_viewers(room.n, room.uid, answer.viewers, self._clock.now())
        else:
            self.board.looked(room.n, room.uid, answer.live, self._clock.now())
            self._noteworthy.add(room.n)
        self._refresh_if_there(room.n)
        self._stir()

    def _tell(self, base: str, answer: HostAnswer) -> None:
        failures = self.schedule.host(base, self._clock.monotonic()).failures
        if failures >= TOLD_FAILURES:
            trouble = f"says nothing that counts ({answer.why}): its rooms are unknown meanwhile"
            if base not in self._troubles:
                self._troubles[base] = trouble
                self._note(base, trouble)
        elif not failures and self._troubles.pop(base, None) is not None:
            self._note(base, None)

    def _end(self, numbers: Iterable[int]) -> None:
        for n in numbers:
            if self.board.room_is_over(n, self._clock.now()):
                self.schedule.drop(n)
        self._stir()

    def _refresh_if_there(self, n: int) -> None:
        if (room := self.board.room(n)) is not None:
            self._refresh(room)

    def _refresh(self, room: ActiveRoom) -> None:
        now = self._clock.monotonic()
        kind = self.board.kind(room.n, self._clock.now())
        self.schedule.put(room.n, room.base, kind, now)
        if self.board.wants_views(room.n):
            self.schedule.put_views(room.n, room.base, now)
        else:
            self.schedule.drop_views(room.n)

    def _stir(self) -> None:
        if self.board.dirty:
            self.changed.set()


def _kind_of(board: Board, clock: Clock, n: int) -> RoomKind:
    return board.kind(n, clock.now())
