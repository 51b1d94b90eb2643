"""`playback.store.PlaybackStore` in MongoDB, a database of its own.

    playback_nonces      {_id, room, origin, address, issued, expires}
    playback_places      {_id: room:host:subject, v, room, host, subject, number, capacity, taken:
                         [{b, since, until, left, grace}], last, moves, moved, waits, closed,
                         removed, touched}
    playback_scopes      {_id: host and scope, v, before, links, delegations, returned}
    playback_signatures  {_id: sha256, signature, left}
    playback_attendance  {_id: room:host:session, room, host, who, role, link, entered, last, left}
    playback_meta        {_id: "since", at}

Promises: every write is acknowledged by a majority. Who sits down does so by one update that holds
only if nobody changed the place since it was read, else it is decided anew; a renewal is one
update, which goes with those that wait at the same time. Rights compare stored moments; `purge`
deletes what none of them depends on.
Assumes: reads are the primary's. A change of a place that finds ever new changes by others gives up
after `ATTEMPTS` (greenlets of one process wait for each other instead).
On restart: nothing is kept here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from pymongo import ASCENDING, MongoClient, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from common.database_errors import DatabaseErrors
from playback import seats as rules
from playback.group_commit import GroupCommit
from playback.seats import Seat, SeatClaim, SeatRecord
from playback.store import (
    AttendanceRow,
    NonceRecord,
    PlaceRecord,
    ScopeRevocations,
    SeatPlace,
    StoreUnavailable,
)

T = TypeVar("T")
ATTEMPTS = 40
LOCKS = 64
KEPT_SECONDS = 200 * 86400
"""Places and left signatures that nobody touched for so long are deleted: a class's invitations
last 180 days, and a host's page brings its signature again."""
MOST_ROWS = 20_000
SWEEPS, SWEPT = 10, 2000
"""Documents of places and of attendance that one `purge` looks at, in turn: an index by their last
moment would be written at each renewal."""
COLLECTIONS = (
    "playback_nonces", "playback_places", "playback_scopes", "playback_signatures",
    "playback_attendance", "playback_meta",
)  # fmt: skip
_Doc = dict[str, Any]


class _Renewal(NamedTuple):
    key: str
    browser: str
    now: int
    until: int
    grace: bool

    def change(self) -> UpdateOne:
        seat: _Doc = {"b": self.browser, "left": 0, "until": {"$gt": self.now}}
        if self.grace:
            seat["grace"] = False
        return UpdateOne(
            {"_id": self.key, "taken": {"$elemMatch": seat}},
            {
                "$set": {
                    "taken.$.until": self.until, "taken.$.grace": self.grace, "touched": self.now
                },
                "$inc": {"v": 1},
            },
        )  # fmt: skip

    def renewed(self, taken: Sequence[_Doc]) -> bool:
        """Whether a place's seats are those after the change."""
        return any(
            seat["b"] == self.browser and not seat["left"] and seat["until"] >= self.until
            for seat in taken
        )


class MongoPlaybackStore:
    """`errors` explains, to the operator, what the database's errors mean."""

    def __init__(
        self, client: MongoClient[_Doc], database: str, *, errors: DatabaseErrors | None = None
    ) -> None:
        self._client = client
        self._errors = errors or DatabaseErrors()
        db = client.get_database(database, write_concern=WriteConcern("majority"))
        self._db = db
        self._nonces = db["playback_nonces"]
        self._places = db["playback_places"]
        self._scopes = db["playback_scopes"]
        self._signatures = db["playback_signatures"]
        self._attendance = db["playback_attendance"]
        self._meta = db["playback_meta"]
        self._locks = [threading.Lock() for _ in range(LOCKS)]
        self._renewals = GroupCommit(self._renew_seats)
        self._swept: dict[str, str] = {}

    # --- beginning --------------------------------------------------------------------------------

    def since(self, now: int) -> int:
        return self._guard(lambda: self._since(now))

    def _since(self, now: int) -> int:
        wanted = {"_id": "since"}
        found = self._meta.find_one(wanted)
        if found is None:
            self._add_indexes()
            self._meta.update_one(wanted, {"$setOnInsert": {"at": now}}, upsert=True)
            found = self._meta.find_one(wanted) or {"at": now}
        return int(found["at"])

    def _add_indexes(self) -> None:
        self._nonces.create_index([("expires", ASCENDING)])
        self._signatures.create_index([("left", ASCENDING)])

    # --- nonces -----------------------------------------------------------------------------------

    def add_nonce(self, record: NonceRecord) -> None:
        doc = record._asdict()
        doc["_id"] = doc.pop("nonce")
        self._guard(lambda: self._nonces.insert_one(doc))

    def take_nonce(self, nonce: str) -> NonceRecord | None:
        doc = self._guard(lambda: self._nonces.find_one_and_delete({"_id": nonce}))
        if doc is None:
            return None
        return NonceRecord(nonce=doc.pop("_id"), **doc)

    # --- seats ------------------------------------------------------------------------------------

    def claim_seat(self, place: SeatPlace, wanted: SeatClaim) -> str | None:
        def change(record: SeatRecord) -> tuple[SeatRecord, str | None]:
            result = rules.claim(record, wanted)
            return result.record, result.refusal

        return self._change(place, wanted.now, change)

    def renew_seat(
        self, place: SeatPlace, browser: str, now: int, until: int, *, grace: bool = False
    ) -> bool:
        renewal = _Renewal(place.key, browser, now, until, grace)
        # one of grace goes by itself: its seat does not tell afterwards whether it was this one
        return self._renew_seats([renewal])[0] if grace else self._renewals.do(renewal)

    def _renew_seats(self, renewals: Sequence[_Renewal]) -> list[bool]:
        """Which of them found their seats. The server only counts: where not all did, the seats
        tell which."""
        changes = [renewal.change() for renewal in renewals]
        found = self._guard(lambda: self._places.bulk_write(changes, ordered=False).matched_count)
        if found in (0, len(renewals)):
            return [found > 0] * len(renewals)
        keys = list({renewal.key for renewal in renewals})
        docs = self._guard(lambda: list(self._places.find({"_id": {"$in": keys}}, {"taken": 1})))
        seats = {doc["_id"]: doc["taken"] for doc in docs}
        return [renewal.renewed(seats.get(renewal.key, ())) for renewal in renewals]

    def seat(self, place: SeatPlace) -> SeatRecord | None:
        doc = self._guard(lambda: self._places.find_one({"_id": place.key}))
        return None if doc is None else _record(doc)

    def leave_seat(self, place: SeatPlace, browser: str, now: int) -> None:
        seat = {"b": browser, "left": 0, "until": {"$gt": now}}
        self._guard(
            lambda: self._places.update_one(
                {"_id": place.key, "taken": {"$elemMatch": seat}},
                {"$set": {"taken.$.left": now}, "$inc": {"v": 1}},
            )
        )

    def places(self, room: int, host: str) -> list[PlaceRecord]:
        docs = self._guard(lambda: list(self._places.find(_of_room(room, host))))
        return [PlaceRecord(_place(doc), _record(doc)) for doc in docs]

    def close_door(self, place: SeatPlace, now: int, *, closed: bool) -> None:
        self._change(place, now, lambda record: (replace(record, closed=closed), None))

    def allow(self, place: SeatPlace, now: int) -> None:
        self._change(place, now, lambda record: (rules.allowed(record), None))

    def remove_browser(self, place: SeatPlace, tag: str, now: int) -> None:
        self._change(place, now, lambda record: (rules.removed(record, tag), None))

    def _change(
        self,
        place: SeatPlace,
        now: int,
        change: Callable[[SeatRecord], tuple[SeatRecord, T]],
    ) -> T:
        """What `change` answers of the record that it changed."""
        with self._locks[hash(place.key) % LOCKS]:
            for _ in range(ATTEMPTS):
                done, answer = self._guard(lambda: self._try(place, now, change))
                if done:
                    return answer
        text = "the database has too much to do with this link"
        raise StoreUnavailable(text, f"{text}: {place.key} changes all the time")

    def _try(
        self,
        place: SeatPlace,
        now: int,
        change: Callable[[SeatRecord], tuple[SeatRecord, T]],
    ) -> tuple[bool, T]:
        doc = self._places.find_one({"_id": place.key})
        before = SeatRecord() if doc is None else _record(doc)
        record, answer = change(before)
        fields = _fields(record)
        fields["touched"] = now
        if place.seats:  # which a host, who acts by a link's name, does not tell
            fields |= {"number": place.number, "capacity": place.seats}
        if doc is None:
            whole = {"_id": place.key, "v": 1, "room": place.room, "host": place.host,
                     "subject": place.subject, "number": 0, "capacity": 0}  # fmt: skip
            try:
                self._places.insert_one(whole | fields)
            except DuplicateKeyError:
                return False, answer
            return True, answer
        held = self._places.update_one(
            {"_id": place.key, "v": doc["v"]}, {"$set": fields, "$inc": {"v": 1}}
        )
        return held.matched_count == 1, answer

    # --- revocations ------------------------------------------------------------------------------

    def revocations(
        self, host: str, scope: str, known: ScopeRevocations | None
    ) -> ScopeRevocations:
        wanted = {"_id": _scope_key(host, scope)}
        seen = self._guard(lambda: self._scopes.find_one(wanted, {"v": 1}))
        if seen is None:
            return ScopeRevocations()
        if known is not None and known.version == seen["v"]:
            return known
        doc = self._guard(lambda: self._scopes.find_one(wanted)) or {}
        return ScopeRevocations(
            doc.get("v", 0), doc.get("before", 0), frozenset(doc.get("links", ())),
            frozenset(doc.get("delegations", ())), frozenset(doc.get("returned", ())),
        )  # fmt: skip

    def revoke_links(self, host: str, scope: str, links: Sequence[str]) -> None:
        self._revoke(host, scope, {"$addToSet": {"links": {"$each": list(links)}}})

    def withdraw(self, host: str, scope: str, delegation: str | None, before: int) -> None:
        change: _Doc = {"$max": {"before": before}}
        if delegation is not None:
            change["$addToSet"] = {"delegations": delegation}
        self._revoke(host, scope, change)

    def host_returned(self, host: str, scope: str, delegation: str) -> None:
        self._revoke(host, scope, {"$addToSet": {"returned": delegation}})

    def _revoke(self, host: str, scope: str, change: _Doc) -> None:
        wanted = {"_id": _scope_key(host, scope)}
        self._guard(
            lambda: self._scopes.update_one(wanted, change | {"$inc": {"v": 1}}, upsert=True)
        )

    # --- signatures -------------------------------------------------------------------------------

    def leave_signature(self, digest: str, signature: bytes, now: int) -> None:
        fields = {"signature": signature, "left": now}
        self._guard(
            lambda: self._signatures.update_one({"_id": digest}, {"$set": fields}, upsert=True)
        )

    def left_signature(self, digest: str) -> bytes | None:
        doc = self._guard(lambda: self._signatures.find_one({"_id": digest}))
        return None if doc is None else bytes(doc["signature"])

    # --- attendance -------------------------------------------------------------------------------

    def attend(self, rows: Sequence[AttendanceRow]) -> None:
        changes = [
            UpdateOne(
                {"_id": f"{row.room}:{row.host}:{row.id}"},
                {
                    "$setOnInsert": {
                        name: value
                        for name, value in row._asdict().items()
                        if name not in ("id", "last", "left")
                    },
                    "$max": {"last": row.last},
                    "$set": {"left": row.left},
                },
                upsert=True,
            )
            for row in rows
        ]
        self._guard(lambda: self._attendance.bulk_write(changes, ordered=False))

    def attendance(self, room: int, host: str) -> list[AttendanceRow]:
        docs = self._guard(
            lambda: list(self._attendance.find(_of_room(room, host)).limit(MOST_ROWS))
        )
        before = len(f"{room}:{host}:")
        rows = [AttendanceRow(id=doc.pop("_id")[before:], **doc) for doc in docs]
        return sorted(rows, key=lambda row: row.entered)

    def moderators(self, room: int, since: int) -> list[str]:
        wanted = _of_room(room) | {"role": "moderator", "last": {"$gt": since}, "left": 0}
        docs = self._guard(lambda: list(self._attendance.find(wanted, {"who": 1}).limit(100)))
        return sorted({doc["who"][2:] for doc in docs})

    # --- upkeep -----------------------------------------------------------------------------------

    def purge(self, now: int, attendance_before: int) -> None:
        def delete() -> None:
            self._nonces.delete_many({"expires": {"$lte": now}})
            self._sweep(self._attendance, "last", attendance_before)
            self._sweep(self._places, "touched", now - KEPT_SECONDS)
            self._signatures.delete_many({"left": {"$lt": now - KEPT_SECONDS}})

        self._guard(delete)

    def _sweep(self, collection: Collection[_Doc], moment: str, before: int) -> None:
        """Delete what is older among the next `SWEEPS` times `SWEPT` of the collection."""
        for _ in range(SWEEPS):
            after = {"_id": {"$gt": self._swept.get(collection.name, "")}}
            page = collection.find(after, {moment: 1}).sort("_id", ASCENDING).limit(SWEPT)
            docs = list(page)
            self._swept[collection.name] = docs[-1]["_id"] if len(docs) == SWEPT else ""
            old = [doc["_id"] for doc in docs if doc[moment] < before]
            if old:
                collection.delete_many({"_id": {"$in": old}, moment: {"$lt": before}})
            if len(docs) < SWEPT:
                return

    def close(self) -> None:
        self._client.close()

    def _guard(self, question: Callable[[], T]) -> T:
        return self._errors.told(question, StoreUnavailable)


def _scope_key(host: str, scope: str) -> str:
    return f"{host} {scope}"


def _of_room(room: int, host: str | None = None) -> _Doc:
    """Places and attendance of a room, or of one of its hosts, by the beginning of their keys."""
    beginning = f"{room}" if host is None else f"{room}:{host}"
    return {"_id": {"$gte": f"{beginning}:", "$lt": f"{beginning};"}}


def _place(doc: _Doc) -> SeatPlace:
    return SeatPlace(doc["room"], doc["host"], doc["subject"], doc["number"], doc["capacity"])


def _record(doc: _Doc) -> SeatRecord:
    return SeatRecord(
        seats=tuple(
            Seat(one["b"], one["since"], one["until"], one["left"], one["grace"])
            for one in doc["taken"]
        ),
        last=doc["last"],
        moves=tuple(doc["moves"]),
        moved=doc["moved"],
        waits=doc["waits"],
        closed=doc["closed"],
        removed=tuple(doc["removed"]),
    )


def _fields(record: SeatRecord) -> _Doc:
    return {
        "taken": [
            {"b": s.browser, "since": s.since, "until": s.until, "left": s.left, "grace": s.grace}
            for s in record.seats
        ],
        "last": record.last,
        "moves": list(record.moves),
        "moved": record.moved,
        "waits": record.waits,
        "closed": record.closed,
        "removed": list(record.removed),
    }
