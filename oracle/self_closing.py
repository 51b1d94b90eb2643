"""Whether an operator with too much work takes no new rooms for a while: the decision, pure.

An operator with more than half a fulfil deadline's work closes itself, and opens again once it has
less than a quarter. Its hosts go to the others meanwhile, and come back (`chain.operator_choice`).

Promises
1. The same facts give the same decision; none is unsafe to repeat, or to die in.
2. At most one switch in `REST_SECONDS`.
3. Only what this oracle closed is opened: the newest change of the switch on the chain is our own
   transaction. Who closes by hand stays closed; whoever switches by hand meanwhile ends our note.
4. Switched off (ORACLE_SELF_CLOSING), it closes no more, and opens what it had closed.
Assumes: the record is written before its transaction is queued.
On restart: the record tells what was asked for, sender and index what came of it. Without the
record (a lost database) a closed operator stays closed, which its oracle says.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import NamedTuple

CLOSE_ABOVE = 0.5
OPEN_BELOW = 0.25
"""Of the fulfil deadline."""
REST_SECONDS = 600.0
REQUESTS_PER_ROOM = 2
"""To Cloudflare, until a room is provisioned: create, and one look at the credentials."""
BUSY_ROOMS = 8
"""A pass that brings fewer rooms on measures how long one takes, not how many go side by side."""
REMEMBERED_PASSES = 10
REMEMBERED_SECONDS = 3600.0


class Switch(StrEnum):
    """What to do. `OVER`: the note that we closed no longer holds; nothing is sent."""

    KEEP = "keep"
    CLOSE = "close"
    OPEN = "open"
    OVER = "over"


class SwitchFlight(Enum):
    """What became of the transaction that was asked for last."""

    UNKNOWN = "unknown"
    """The sender never heard of it, or has forgotten it."""
    FLYING = "flying"
    LANDED = "landed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SwitchRecord:
    """What this oracle remembers of its switches. Times are unix seconds; 0: never.

    `closing`: key of the transaction by which it closed; None: the operator is not closed by us.
    `closing_tx`, `closing_block`: where that was mined. `opening`: key of the one that opens again.
    `asked_at`: when the last of these was asked for; `before_at`: the one before it.
    """

    id: str
    closing: str | None = None
    closing_tx: str | None = None
    closing_block: int = 0
    opening: str | None = None
    asked_at: float = 0.0
    before_at: float = 0.0
    version: int = 0

    @property
    def asked(self) -> str | None:
        """Key of the transaction that was asked for last."""
        return self.opening or self.closing

    def over(self, flight: SwitchFlight) -> SwitchRecord:
        """Without a note. What was never sent does not count as a switch."""
        unsent = flight is SwitchFlight.UNKNOWN and self.closing_tx is None
        asked_at = self.before_at if unsent else self.asked_at
        return SwitchRecord(self.id, asked_at=asked_at, version=self.version)

    def landed(self, tx: str, block: int) -> SwitchRecord:
        """The closing is in this block."""
        return replace(self, closing_tx=tx, closing_block=block)

    def asking(self, switch: Switch, key: str, now: float) -> SwitchRecord:
        """That transaction is about to be queued."""
        times = replace(self, asked_at=now, before_at=self.asked_at)
        if switch is Switch.OPEN:
            return replace(times, opening=key)
        return replace(times, closing=key, closing_tx=None, closing_block=0, opening=None)


class LastChange(NamedTuple):
    """The newest change of the operator's own switch that the index has."""

    accepting: bool
    tx: str
    block: int


@dataclass(frozen=True, slots=True)
class SwitchFacts:
    """All that the decision rests on. `accepting`: at the newest block. `may_switch`: the
    contract still takes switches of us, and we can pay. `load`: the work as a share of the
    deadline. `change`: None if the index has none; `index_block`: how far it is."""

    now: float
    on: bool
    may_switch: bool
    accepting: bool
    load: float
    record: SwitchRecord
    flight: SwitchFlight = SwitchFlight.UNKNOWN
    change: LastChange | None = None
    index_block: int = 0


def decide(facts: SwitchFacts) -> Switch:
    """What to do now."""
    record = facts.record
    if facts.flight is SwitchFlight.FLYING:
        return Switch.KEEP
    if record.opening is not None and facts.flight is SwitchFlight.LANDED:
        return Switch.OVER
    if record.closing is not None:
        return _closed(facts)
    full = facts.on and facts.load > CLOSE_ABOVE
    return Switch.CLOSE if full and facts.accepting and _may(facts) else Switch.KEEP


def _closed(facts: SwitchFacts) -> Switch:
    """We closed, by our record."""
    record = facts.record
    if record.closing_tx is None:
        return Switch.OVER  # it came to nothing
    if facts.index_block < record.closing_block:
        return Switch.KEEP  # who switched since is not known yet
    change = facts.change
    if change is None or (change.tx != record.closing_tx and change.block < record.closing_block):
        return Switch.OVER if facts.flight is SwitchFlight.FAILED else Switch.KEEP  # reorged
    if change.tx != record.closing_tx:
        return Switch.OVER
    light = facts.load < OPEN_BELOW or not facts.on
    return Switch.OPEN if light and not facts.accepting and _may(facts) else Switch.KEEP


def _may(facts: SwitchFacts) -> bool:
    record = facts.record
    # an opening that came to nothing may be tried again as soon as one that was sent
    return facts.may_switch and facts.now - record.asked_at >= REST_SECONDS


class WorkMeter:
    """How long a pending room keeps us. Seconds; the clock's monotonic time is passed in.

    Measured where rooms go through side by side in numbers; never less than Cloudflare's rate
    limit allows. `requests` in `window` seconds is that limit.
    """

    def __init__(self, requests: int, window: float) -> None:
        self._least = REQUESTS_PER_ROOM * window / requests
        self._passes: deque[tuple[float, float, int]] = deque(maxlen=REMEMBERED_PASSES)

    def passed(self, now: float, seconds: float, rooms: int) -> None:
        """A pass over pending rooms took so long, and brought so many on."""
        if rooms >= BUSY_ROOMS:
            self._passes.append((now, seconds, rooms))

    def seconds_per_room(self, now: float) -> float:
        """By the last busy passes of the hour."""
        fresh = [(s, rooms) for at, s, rooms in self._passes if now - at <= REMEMBERED_SECONDS]
        rooms = sum(rooms for _, rooms in fresh)
        measured = sum(seconds for seconds, _ in fresh) / rooms if rooms else 0.0
        return max(self._least, measured)
