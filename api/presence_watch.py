"""Keeps what this process knows of who is on air a second or two old while anybody asks.

Promises: `room` answers from memory and never fails: what is not known, or not known any more, is
`UNKNOWN`. While people ask, a thread reads each second what changed; a quiet process reads nothing,
and its first question waits for a reading, `PATIENCE` at most. A `beat` that stands still for
`SILENT_SECONDS` of our own monotonic time means that presence is down: then nothing is known. So is
a beat that was written longer ago than that by the clocks, until it moves. A database that is new
(a smaller rev or beat, or none) is read from its beginning, and so is one not looked at for
`AWAY_SECONDS`, whose rows may have come and gone meanwhile.
Assumes: the reader's rules (`presence.reader`). A row that does not change is not told of again.
On restart: the first question reads everything.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from api.awake_thread import AwakeThread
from api.cursors import OnAirPlace
from api.on_air import UNKNOWN, OnAir
from api.presence_board import MOST_ROOMS, PresenceBoard
from api.presence_source import PresenceSource, PresenceUnavailable
from api.response_types import PresenceWord
from common.clock import SystemClock
from common.task_keeper import TaskKeeper
from presence.documents import SILENT_SECONDS, PresenceState

INTERVAL = 1.0  # seconds between two readings
AWAKE = 30.0  # seconds that the thread goes on after the last question
PATIENCE = 0.3  # seconds that a first question waits
GOOD = 5.0  # seconds after a reading in which nobody waits for the next one
AWAY_SECONDS = 600.0
_NOTHING: Mapping[int, OnAir] = {}
_NEVER = float("-inf")
Changes = Mapping[int, OnAir]
"""What was known before of rooms of which something became different."""
Observer = Callable[[Changes, bool], None]


class PresenceWatch:
    """One per process. `now`: unix seconds. `on_read(known, live)` is told after every reading
    whether anything is known, and how many rooms are on air."""

    def __init__(
        self,
        source: PresenceSource | None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        background: bool = True,
        on_read: Callable[[bool, int], None] = lambda known, live: None,
        keeper: TaskKeeper | None = None,
        most: int = MOST_ROOMS,
    ) -> None:
        self._source = source
        self._monotonic = monotonic
        self._now = now
        self._background = background
        self._on_read = on_read
        self._most = most
        self._observers: list[Observer] = []
        self._board = PresenceBoard(most)
        self._told: Mapping[int, OnAir] = _NOTHING  # the board's rooms, or none while all unknown
        self._state: PresenceState | None = None
        self._beat_at = _NEVER  # monotonic, when the beat was seen to move
        self._read_at = _NEVER  # monotonic, when a reading last succeeded
        self._good_until = _NEVER if source is not None else float("inf")
        self._trouble: str | None = None
        self._readings = 0
        self._reading = threading.Condition()
        self._reader = AwakeThread(
            "presence_watch", self._read_on, AWAKE,
            keeper=keeper or TaskKeeper(SystemClock(), random.Random()),  # noqa: S311  (jitter)
            monotonic=monotonic,
        )  # fmt: skip

    # --- questions ------------------------------------------------------------------------------

    def room(self, number: int) -> OnAir:
        """What is known of a room now."""
        now = self._reader.asked_at = self._monotonic()
        if now > self._good_until:
            self._refresh(now)
        return self._told.get(number, UNKNOWN)

    def word(self) -> PresenceWord:
        """Whether anything is known now."""
        now = self._reader.asked_at = self._monotonic()
        if now > self._good_until:
            self._refresh(now)
        return "unknown" if self._told is _NOTHING else "known"

    def live_after(self, place: OnAirPlace | None, most: int) -> Sequence[OnAirPlace]:
        """The next rooms on air after a place, in the order of `api.on_air_list`."""
        if self.word() == "unknown":
            return []
        return self._board.after(place, most)

    def notes(self) -> list[str]:
        """What is wrong, in words for the operator; it hinders nothing."""
        if self._source is None:
            return []
        if self.word() == "unknown":
            why = self._trouble or (
                "python -m presence has given no sign of life"
                f" for {SILENT_SECONDS:.0f} s: check that it is running"
            )
            return [f"nobody knows which rooms are on air, and `live` is null: {why}"]
        if self._board.full:
            return [f"of more than {self._most} rooms, `live` of the others is null"]
        return []

    def observe(self, observer: Observer) -> None:
        """Tell `observer`, after every reading, what changed, and whether all rooms became known or
        unknown: then of the others those on air are told alone."""
        self._observers.append(observer)

    def hold(self) -> None:
        """Go on reading until `release`: somebody waits for changes."""
        self._reader.hold()
        if self._background and self._source is not None:
            self._reader.wake()

    def release(self) -> None:
        self._reader.release()

    def close(self) -> None:
        """End the thread."""
        self._reader.close()

    # --- reading --------------------------------------------------------------------------------

    def _refresh(self, now: float) -> None:
        """Somebody asks, and the last reading is not good any more."""
        if not self._background:
            self._read()
            return
        before = self._readings
        self._reader.wake()
        with self._reading:
            read = self._reading.wait_for(lambda: self._readings != before, PATIENCE)
        if not read:
            self._good_until = now + GOOD  # the next one does not wait as well
            self._judge()

    def _read(self) -> None:
        """Read what changed. Never fails for the database's sake."""
        began = self._monotonic()
        changed: Changes = _NOTHING
        try:
            changed = self._take(began)
            self._trouble = None
        except PresenceUnavailable as error:
            self._trouble = str(error)
        self._good_until = began + (GOOD if self._background else INTERVAL / 2)
        self._judge(changed)
        self._on_read(self._told is not _NOTHING, self._board.live)
        with self._reading:
            self._readings += 1
            self._reading.notify_all()

    def _take(self, now: float) -> Changes:
        """Read, and answer what changed since the last reading."""
        assert self._source is not None  # noqa: S101 - without one nothing reads
        before, state = self._state, self._source.state()
        slept = now - self._read_at
        anew = (
            before is None
            or state is None
            or state["rev"] < before["rev"]
            or state["beat"] < before["beat"]
            or slept > AWAY_SECONDS
        )
        changed: Changes = _NOTHING
        if anew:
            changed = self._read_anew(state)
        elif before is not None and state is not None and state["rev"] > before["rev"]:
            changed = self._read_into(self._board, before["rev"])
        self._follow_beat(state, seen_moving=before is not None and slept <= SILENT_SECONDS)
        self._state, self._read_at = state, now
        return changed

    def _read_anew(self, state: PresenceState | None) -> Changes:
        board = PresenceBoard(self._most)
        if state is not None:
            self._read_into(board, 0)
        before, after = self._board.rooms, board.rooms
        self._board = board
        if self._told is not _NOTHING:
            self._told = after
        return {
            number: before.get(number, UNKNOWN)
            for number in {*before, *after}
            if before.get(number, UNKNOWN) != after.get(number, UNKNOWN)
        }

    def _read_into(self, board: PresenceBoard, after_rev: int) -> Changes:
        assert self._source is not None  # noqa: S101 - as in `_take`
        changed: dict[int, OnAir] = {}
        rev: int | None = after_rev
        while rev is not None:
            rows, rev = self._source.changes(rev)
            changed = {**board.tell(rows), **changed}  # of two changes the first one's before
        return changed

    def _follow_beat(self, state: PresenceState | None, *, seen_moving: bool) -> None:
        """When presence last gave a sign of life. A beat seen for the first time may be an old one:
        it counts if it is recent by the clocks, else once it moves."""
        if state is None:
            self._beat_at = _NEVER
        elif self._state is None or state["beat"] != self._state["beat"]:
            recent = abs(self._now() - state["at"]) <= SILENT_SECONDS
            self._beat_at = self._monotonic() if seen_moving or recent else _NEVER

    def _judge(self, changed: Changes = _NOTHING) -> None:
        """Whether anything is known, by presence's last sign of life; tells what that changes."""
        known = self._monotonic() - self._beat_at <= SILENT_SECONDS
        was, rooms = self._told, self._board.rooms
        self._told = rooms if known else _NOTHING
        turned = known != (was is not _NOTHING)
        if was is _NOTHING:
            changed = _NOTHING
        if turned:
            live = self._board.after(None, self._most)
            changed = {**{at.room: was.get(at.room, UNKNOWN) for at in live}, **changed}
        for observer in self._observers:
            observer(changed, turned)

    def _read_on(self) -> None:
        self._read()
        time.sleep(INTERVAL)
