"""What is known of every active room: from the index, by looking, from the oracle's notes; and the
rows that follow from it.

Promises: no I/O. A row is there for each room that was looked at or had one; `take_changes` gives
those that have changed since they were last stored, each with the next rev. A room that is over is
unknown at once, and its row is removed an hour later. Looks of a host that has said nothing that
counts for two minutes no longer count.
Assumes: one task at a time. Unix seconds throughout.
On restart: `load` takes the stored rows. After a pause longer than `verdict.KEPT_SECONDS` nobody
knows what happened meanwhile: every room is unknown until it was looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chain.playback_urls import room_access
from indexer.documents import ModeWord
from presence.documents import PresenceRow
from presence.pace import RoomKind
from presence.verdict import LifecycleLook, OracleNote, Standing, follows, judge

HOT_SECONDS = 3600.0
"""A room is hot for so long after it was made or went off air."""
HINTED_SECONDS = 120.0
SILENT_ROOM_SECONDS = 86_400.0
GONE_SECONDS = 3600.0
"""How long the row of a room that is over stays."""


class ActiveRoom(NamedTuple):
    """A room that may be on air, as the index has it. `public`: anybody may watch. `new_at`: when
    it became active. `ends_at`: when its time is over."""

    n: int
    contract: str
    mode: ModeWord
    base: str
    uid: str
    public: bool
    new_at: int
    ends_at: int


def active_room(doc: Mapping[str, Any]) -> ActiveRoom | None:
    """The room in a document of the index; None: it is not active."""
    if doc["status"] != "active" or doc["uid"] is None or doc["expire_at"] is None:
        return None
    return ActiveRoom(
        doc["_id"],
        doc["contract"],
        doc["mode"],
        doc["playback_base"],
        doc["uid"],
        room_access(doc["gate"], doc["contract"]) == "public",
        doc["provisioned_at"] or doc["created_at"],
        doc["expire_at"],
    )


@dataclass(slots=True)
class _Known:
    """`room` None: it is over, since `over_at`."""

    contract: str
    room: ActiveRoom | None = None
    look: LifecycleLook | None = None
    note: OracleNote | None = None
    standing: Standing = field(default_factory=Standing)
    viewers: int | None = None
    hinted_at: float = float("-inf")
    over_at: float = 0.0
    stored: PresenceRow | None = None


class Board:
    """See the module."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}
        self._dirty: set[int] = set()
        self._over: dict[int, float] = {}
        self.knows_whip: dict[str, int] = {}
        self.new_hosts: dict[str, int] = {}
        self.rev = 0

    def load(
        self,
        rows: Iterable[PresenceRow],
        knows_whip: Mapping[str, int],
        rev: int,
        *,
        kept: bool,
        now: float,
    ) -> None:
        """What was stored, into an empty board. `kept`: the last process worked until moments
        ago."""
        self.knows_whip = dict(knows_whip)
        self.rev = rev
        for row in rows:
            standing = Standing(row["live"], row["live_since"], None, row.get("off_at"))
            known = _Known(row["contract"], standing=standing, viewers=row["viewers"], stored=row)
            known.over_at = now
            self._known[row["_id"]] = known
            self.rev = max(self.rev, row["rev"])
            if not kept and row["live"] is not None:
                off_at = row.get("off_at")
                known.standing, known.viewers = Standing(None, off_at=off_at), None
                self._dirty.add(row["_id"])

    # --- what is told -----------------------------------------------------------------------------

    def room_is(self, room: ActiveRoom, now: float) -> bool:
        """The index has this active room. True: that is news."""
        known = self._known.get(room.n)
        if room.ends_at <= now:
            return False
        if known is None or known.contract != room.contract:
            stored = None if known is None else known.stored
            known = self._known[room.n] = _Known(room.contract, stored=stored)
            if stored is not None:
                self._dirty.add(room.n)
        before = known.room
        if before == room:
            return False
        if before is not None and (before.uid, before.base) != (room.uid, room.base):
            known.look, known.viewers = None, None
            self._judge(room.n, known, now)
        known.room = room
        self._over.pop(room.n, None)
        return True

    def room_is_over(self, n: int, now: float) -> bool:
        """The room is not active any more. True: that is news."""
        known = self._known.get(n)
        if known is None or n in self._over:
            return False
        known.room, known.look, known.note, known.viewers = None, None, None, None
        known.standing = Standing()
        self._over[n] = now
        self._dirty.add(n)
        return True

    def looked(self, n: int, uid: str, live: bool | None, now: float) -> None:
        """/lifecycle of this live input says so; None: nothing that counts."""
        known = self._known.get(n)
        if known is None or known.room is None or known.room.uid != uid:
            return
        room = known.room
        known.look = LifecycleLook(live, now)
        if live and room.mode == "webrtc" and room.base not in self.knows_whip:
            self.knows_whip[room.base] = self.new_hosts[room.base] = int(now)
        self._judge(n, known, now)

    def saw_viewers(self, n: int, uid: str, viewers: int | None, now: float) -> None:
        """/views of this live input says so."""
        known = self._known.get(n)
        if known is None or known.room is None or known.room.uid != uid:
            return
        known.viewers = viewers
        self._judge(n, known, now)

    def noted(self, n: int, note: OracleNote | None, now: float) -> None:
        """The oracle's note on a room."""
        known = self._known.get(n)
        if known is not None and known.room is not None and known.note != note:
            known.note = note
            self._judge(n, known, now)

    def hinted(self, n: int, now: float) -> bool:
        """Somebody says that something happens there; False: we know no such active room."""
        known = self._known.get(n)
        if known is None or known.room is None:
            return False
        known.hinted_at = now
        return True

    def host_is_silent(self, base: str, now: float) -> None:
        """What was said there is too old to count."""
        for n, known in self._known.items():
            if known.room is None or known.room.base != base or known.standing.live is None:
                continue
            if known.look is None or known.look.live is not None:
                known.look = LifecycleLook(None, now)
                self._judge(n, known, now)

    # --- what follows -----------------------------------------------------------------------------

    def room(self, n: int) -> ActiveRoom | None:
        """The active room of this number."""
        known = self._known.get(n)
        return None if known is None else known.room

    def active(self) -> list[ActiveRoom]:
        """Every active room."""
        return [known.room for known in self._known.values() if known.room is not None]

    def unclaimed(self) -> list[int]:
        """Rooms with a row of which the index has not said whether they are active."""
        return [n for n, known in self._known.items() if known.room is None and n not in self._over]

    def overdue(self, now: float) -> list[int]:
        """Active rooms whose time is over."""
        return [room.n for room in self.active() if room.ends_at <= now]

    def kind(self, n: int, now: float) -> RoomKind:
        """How lively the room is."""
        known = self._known[n]
        if known.standing.live:
            return RoomKind.ON_AIR
        new_at = known.room.new_at if known.room is not None else 0
        off_at = known.standing.off_at or 0
        last = max(new_at, off_at)
        lost = known.standing.since is not None
        if lost or now - last < HOT_SECONDS or now - known.hinted_at < HINTED_SECONDS:
            return RoomKind.HOT
        return RoomKind.USUAL if now - last < SILENT_ROOM_SECONDS else RoomKind.SILENT

    def wants_views(self, n: int) -> bool:
        """Whether its viewers are counted."""
        known = self._known[n]
        room = known.room
        on_air = room is not None and known.standing.live
        return on_air is True and room is not None and room.mode == "broadcast" and room.public

    def wants_note(self, n: int) -> bool:
        """Whether the oracle's note may say more than /lifecycle did."""
        known = self._known.get(n)
        if known is None or known.room is None or known.room.mode != "webrtc":
            return False
        return not (known.look is not None and known.look.live)

    def counts(self) -> dict[str, int]:
        """Active rooms: how many are on air, off air, unknown."""
        told = {True: 0, False: 0, None: 0}
        for known in self._known.values():
            if known.room is not None:
                told[known.standing.live] += 1
        return {"on_air": told[True], "off_air": told[False], "unknown": told[None]}

    @property
    def dirty(self) -> bool:
        """Whether there is something to store."""
        return bool(self._dirty or self.new_hosts)

    def take_changes(self, most: int) -> list[PresenceRow]:
        """Up to `most` rows that are to be stored, with new revs; `stored` confirms them."""
        rows = []
        for n in sorted(self._dirty)[:most]:
            self._dirty.discard(n)
            row = _row(n, self._known[n])
            if row != self._known[n].stored:
                self.rev += 1
                row["rev"] = self.rev
                rows.append(row)
        return rows

    def has_row(self, n: int) -> bool:
        """Whether a row of this room is known to stand in the database."""
        return self._known[n].stored is not None

    def stored(self, rows: Sequence[PresenceRow]) -> None:
        """These stand in the database."""
        for row in rows:
            if row["_id"] in self._known:
                self._known[row["_id"]].stored = row

    def not_stored(self, rows: Sequence[PresenceRow]) -> None:
        """Nobody knows whether these stand there: they are to be written again."""
        self._dirty.update(row["_id"] for row in rows if row["_id"] in self._known)

    def gone(self, now: float) -> list[int]:
        """Rooms that have been over for an hour: their rows are to be removed."""
        return [n for n, at in self._over.items() if now - at >= GONE_SECONDS]

    def forget(self, numbers: Iterable[int]) -> None:
        """Their rows were removed."""
        for n in numbers:
            self._known.pop(n, None)
            self._over.pop(n, None)
            self._dirty.discard(n)

    # --- inside -----------------------------------------------------------------------------------

    def _judge(self, n: int, known: _Known, now: float) -> None:
        room = known.room
        if room is None:
            return
        live = judge(
            room.mode,
            known.look,
            knows_whip=room.base in self.knows_whip,
            note=known.note,
            now=now,
        )
        known.standing = follows(known.standing, live, now)
        if not known.standing.live:
            known.viewers = None
        if _row(n, known) != known.stored:
            self._dirty.add(n)


def _row(n: int, known: _Known) -> PresenceRow:
    """As it is to stand in the database, with the rev that it has there."""
    standing = known.standing
    return {
        "_id": n,
        "contract": known.contract,
        "live": standing.live,
        "live_since": standing.live_since,
        "viewers": known.viewers,
        "rev": known.stored["rev"] if known.stored is not None else 0,
        "off_at": standing.off_at,
    }
