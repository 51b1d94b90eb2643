"""`playback.store.PlaybackStore` in memory, for unit tests. `down`: every call fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from playback import seats as rules
from playback.seats import SeatClaim, SeatRecord
from playback.store import (
    AttendanceRow,
    NonceRecord,
    PlaceRecord,
    ScopeRevocations,
    SeatPlace,
    StoreUnavailable,
)

T = TypeVar("T")


class MemoryPlaybackStore:
    """`lose()`: as if the database was made anew."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.down = False
        self.lose()

    def lose(self) -> None:
        self._since: int | None = None
        self.nonces: dict[str, NonceRecord] = {}
        self._places: dict[str, PlaceRecord] = {}
        self._revoked: dict[tuple[str, str], ScopeRevocations] = {}
        self._signatures: dict[str, bytes] = {}
        self.rows: dict[str, AttendanceRow] = {}

    def _ask(self, name: str) -> None:
        self.asked[name] += 1
        if self.down:
            raise StoreUnavailable("the database does not answer (Test)", "start it")

    def since(self, now: int) -> int:
        self._ask("since")
        if self._since is None:
            self._since = now
        return self._since

    def add_nonce(self, record: NonceRecord) -> None:
        self._ask("add_nonce")
        self.nonces[record.nonce] = record

    def take_nonce(self, nonce: str) -> NonceRecord | None:
        self._ask("take_nonce")
        return self.nonces.pop(nonce, None)

    def claim_seat(self, place: SeatPlace, wanted: SeatClaim) -> str | None:
        self._ask("claim_seat")
        known = self._places.get(place.key)
        result = rules.claim(known.record if known else SeatRecord(), wanted)
        self._places[place.key] = PlaceRecord(place, result.record)
        return result.refusal

    def renew_seat(
        self, place: SeatPlace, browser: str, now: int, until: int, *, grace: bool = False
    ) -> bool:
        self._ask("renew_seat")
        known = self._places.get(place.key)
        fresh = known and rules.renewed(known.record, browser, now, until, grace=grace)
        if not fresh:
            return False
        self._places[place.key] = PlaceRecord(place, fresh)
        return True

    def seat(self, place: SeatPlace) -> SeatRecord | None:
        self._ask("seat")
        known = self._places.get(place.key)
        return known.record if known else None

    def leave_seat(self, place: SeatPlace, browser: str, now: int) -> None:
        self._ask("leave_seat")
        if place.key in self._places:
            self._change(place, lambda record: rules.left(record, browser, now))

    def places(self, room: int, host: str) -> list[PlaceRecord]:
        self._ask("places")
        return [
            one for one in self._places.values() if (one.place.room, one.place.host) == (room, host)
        ]

    def close_door(self, place: SeatPlace, now: int, *, closed: bool) -> None:
        self._ask("close_door")
        self._change(place, lambda record: replace(record, closed=closed))

    def allow(self, place: SeatPlace, now: int) -> None:
        self._ask("allow")
        self._change(place, rules.allowed)

    def remove_browser(self, place: SeatPlace, tag: str, now: int) -> None:
        self._ask("remove_browser")
        self._change(place, lambda record: rules.removed(record, tag))

    def _change(self, place: SeatPlace, change: Callable[[SeatRecord], SeatRecord]) -> None:
        known = self._places.get(place.key, PlaceRecord(place, SeatRecord()))
        self._places[place.key] = PlaceRecord(known.place, change(known.record))

    def revocations(
        self, host: str, scope: str, known: ScopeRevocations | None
    ) -> ScopeRevocations:
        self._ask("revocations")
        return self._revoked.get((host, scope), ScopeRevocations())

    def revoke_links(self, host: str, scope: str, links: Sequence[str]) -> None:
        self._ask("revoke_links")
        now = self._revoked.get((host, scope), ScopeRevocations())
        self._revoke(host, scope, replace(now, links=now.links | set(links)))

    def withdraw(self, host: str, scope: str, delegation: str | None, before: int) -> None:
        self._ask("withdraw")
        now = self._revoked.get((host, scope), ScopeRevocations())
        if delegation is not None:
            now = replace(now, delegations=now.delegations | {delegation})
        self._revoke(host, scope, replace(now, before=max(now.before, before)))

    def host_returned(self, host: str, scope: str, delegation: str) -> None:
        self._ask("host_returned")
        now = self._revoked.get((host, scope), ScopeRevocations())
        self._revoke(host, scope, replace(now, returned=now.returned | {delegation}))

    def _revoke(self, host: str, scope: str, changed: ScopeRevocations) -> None:
        self._revoked[host, scope] = replace(changed, version=changed.version + 1)

    def leave_signature(self, digest: str, signature: bytes, now: int) -> None:
        self._ask("leave_signature")
        self._signatures[digest] = signature

    def left_signature(self, digest: str) -> bytes | None:
        self._ask("left_signature")
        return self._signatures.get(digest)

    def attend(self, rows: Sequence[AttendanceRow]) -> None:
        self._ask("attend")
        for row in rows:
            known = self.rows.get(row.id)
            last = row.last if known is None else max(known.last, row.last)
            self.rows[row.id] = (known or row)._replace(last=last, left=row.left)

    def attendance(self, room: int, host: str) -> list[AttendanceRow]:
        self._ask("attendance")
        found = [row for row in self.rows.values() if (row.room, row.host) == (room, host)]
        return sorted(found, key=lambda row: row.entered)

    def moderators(self, room: int, since: int) -> list[str]:
        self._ask("moderators")
        return sorted(
            {
                row.who[2:]
                for row in self.rows.values()
                if row.room == room
                and row.role == "moderator"
                and row.last > since
                and not row.left
            }
        )

    def purge(self, now: int, attendance_before: int) -> None:
        self._ask("purge")
        self.nonces = {key: one for key, one in self.nonces.items() if one.expires > now}
        self.rows = {key: row for key, row in self.rows.items() if row.last >= attendance_before}

    def close(self) -> None:
        pass
