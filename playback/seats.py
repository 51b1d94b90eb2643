"""Who sits on a link or a wallet's two seats: the rules, over a record that a store keeps.

Promises: pure. `claim` answers the record as it is afterwards, and why the seat was refused (a
problem's slug) or None. A seat is taken while its time is not over and its browser has not left;
only these stored moments count.

* A personal link (one seat): the newest browser wins. Each change of browser is a move; the seventh
  within an hour makes the link wait until the host allows it again, and whoever sits there stays.
* A group link: as many seats as it says. Nobody is moved.
* A wallet: two; a third browser takes the place of the one that renewed longest ago, since only the
  wallet's owner can bring it.
* A closed door lets those renew who sit, and back in who left within `RETURN_SECONDS` (a reload).
* A renewal takes nobody's seat: it finds its own, or a free one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

MOVES = 6
HOUR = 3600
RETURN_SECONDS = 60
WALLET_SEATS = 2
MOST_REMOVED = 1000
TAG_DIGITS = 8
"""Of a browser's name, which hosts see."""

SeatKind = Literal["personal", "group", "wallet"]


class Seat(NamedTuple):
    """`browser`: 32 hex digits. `since`, `until`: unix seconds. `left`: when it left, 0: it has
    not. `grace`: it was renewed once without the gate's answer, since the last yes."""

    browser: str
    since: int
    until: int
    left: int = 0
    grace: bool = False

    def taken(self, now: int) -> bool:
        return not self.left and self.until > now


@dataclass(frozen=True)
class SeatRecord:
    """`last`: the browser that sat down last. `moves`: when, of the last hour; `moved`: how many
    ever. `waits`: for the host. `removed`: browsers by their tags."""

    seats: tuple[Seat, ...] = ()
    last: str = ""
    moves: tuple[int, ...] = ()
    moved: int = 0
    waits: bool = False
    closed: bool = False
    removed: tuple[str, ...] = ()

    def present(self, now: int) -> list[Seat]:
        return [seat for seat in self.seats if seat.taken(now)]


class SeatClaim(NamedTuple):
    """`browser` wants to sit until `until` (unix seconds). `seats`: how many there are."""

    kind: SeatKind
    seats: int
    browser: str
    now: int
    until: int
    renewing: bool = False


class Claimed(NamedTuple):
    """`refusal`: None, or a problem's slug."""

    record: SeatRecord
    refusal: str | None = None


def kind_of(seats: int) -> SeatKind:
    """Of a link with so many."""
    return "personal" if seats == 1 else "group"


def tag_of(browser: str) -> str:
    """How hosts see a browser."""
    return browser[:TAG_DIGITS]


def claim(record: SeatRecord, wanted: SeatClaim) -> Claimed:
    """The record after `wanted`. A refusal may change it, too."""
    now = wanted.now
    if tag_of(wanted.browser) in record.removed:
        return Claimed(record, "seat-removed")
    mine = next((seat for seat in record.seats if seat.browser == wanted.browser), None)
    others = [s for s in record.seats if s.browser != wanted.browser and s.taken(now)]
    if mine is not None and mine.taken(now):
        until = max(mine.until, wanted.until)
        return Claimed(_seated(record, wanted, others, mine._replace(until=until, grace=False)))
    if (refusal := _kept_out(record, wanted, mine, len(others))) is not None:
        return Claimed(record, refusal)
    seat = Seat(wanted.browser, now, wanted.until)
    if wanted.kind == "group":
        return Claimed(_seated(record, wanted, others, seat))
    if wanted.kind == "personal":
        moved = _moved(record, wanted)
        if moved.waits:
            return Claimed(moved, "link-waits")
        return Claimed(_seated(moved, wanted, [], seat))
    kept = sorted(others, key=lambda other: other.until)[-(wanted.seats - 1) :]
    moved_away = len(others) - len(kept)
    return Claimed(_seated(replace(record, moved=record.moved + moved_away), wanted, kept, seat))


def _kept_out(record: SeatRecord, wanted: SeatClaim, mine: Seat | None, others: int) -> str | None:
    """Why a browser that sits nowhere may not sit down."""
    if record.waits:
        return "link-waits"
    back = mine is not None and mine.left and wanted.now - mine.left <= RETURN_SECONDS
    if record.closed and not back:
        return "door-closed"
    if others < wanted.seats:
        return None
    if wanted.kind == "group":
        return "seats-taken"
    return "opened-elsewhere" if wanted.renewing else None


def left(record: SeatRecord, browser: str, now: int) -> SeatRecord:
    """After the browser left."""
    seats = tuple(
        seat._replace(left=now) if seat.browser == browser and seat.taken(now) else seat
        for seat in record.seats
    )
    return replace(record, seats=seats)


def removed(record: SeatRecord, tag: str) -> SeatRecord:
    """After the host took a browser's seat away, for good."""
    return replace(
        record,
        seats=tuple(seat for seat in record.seats if tag_of(seat.browser) != tag),
        removed=(*(one for one in record.removed if one != tag), tag)[-MOST_REMOVED:],
    )


def allowed(record: SeatRecord) -> SeatRecord:
    """After the host let a link go on that waited."""
    return replace(record, waits=False, moves=())


def renewed(
    record: SeatRecord, browser: str, now: int, until: int, *, grace: bool
) -> SeatRecord | None:
    """With the browser's seat until `until`; None: it has none, or (`grace`) was renewed without
    the gate's answer before."""
    for at, seat in enumerate(record.seats):
        if seat.browser == browser and seat.taken(now) and not (grace and seat.grace):
            fresh = seat._replace(until=max(seat.until, until), grace=grace)
            return replace(record, seats=(*record.seats[:at], fresh, *record.seats[at + 1 :]))
    return None


def _seated(record: SeatRecord, wanted: SeatClaim, others: list[Seat], seat: Seat) -> SeatRecord:
    """With just these, and those who left a moment ago."""
    away = [
        one
        for one in record.seats
        if one.left and one.browser != seat.browser and wanted.now - one.left <= RETURN_SECONDS
    ]
    return replace(record, seats=(*away, *others, seat), last=seat.browser)


def _moved(record: SeatRecord, wanted: SeatClaim) -> SeatRecord:
    """With the move counted, if it is one."""
    if record.last in ("", wanted.browser):
        return record
    recent = tuple(at for at in record.moves if wanted.now - at < HOUR)
    if len(recent) >= MOVES:
        return replace(record, moves=recent, waits=True)
    return replace(record, moves=(*recent, wanted.now), moved=record.moved + 1)
