"""What the service keeps: nonces, seats, revocations, left signatures, attendance, its beginning.

Promises of a `PlaybackStore`: each call is one atomic change or one reading; a nonce is taken once;
rights are decided by stored moments, never by when something is cleaned up. It raises
`StoreUnavailable` when the database does not answer; a change may have happened then all the same,
and can be repeated, but for the taking of a nonce.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from playback.admission import Role
from playback.seats import SeatClaim, SeatRecord

MOST_REVOKED = 20_000
"""Links of one host and scope; whoever has more withdraws the delegation."""


class StoreUnavailable(Exception):
    """The database does not answer. `for_operator`: why, and what to do."""

    def __init__(self, text: str, for_operator: str) -> None:
        super().__init__(text)
        self.for_operator = for_operator


class NonceRecord(NamedTuple):
    """What a nonce was given for. `address`: lower case, None: for no wallet. `expires`: unix s."""

    nonce: str
    room: int
    origin: str
    address: str | None
    issued: int
    expires: int


class SeatPlace(NamedTuple):
    """Where seats are: a link in a room (`link`), or a wallet in a room. `host`: whose link it is,
    "" for a wallet's."""

    room: int
    host: str
    subject: str
    number: int = 0
    seats: int = 0

    @property
    def key(self) -> str:
        return f"{self.room}:{self.host}:{self.subject}"


class PlaceRecord(NamedTuple):
    place: SeatPlace
    record: SeatRecord


@dataclass(frozen=True)
class ScopeRevocations:
    """What a host has taken back in a scope. `version` changes with every change; `before`:
    delegations that begin earlier are withdrawn; `returned`: delegations whose host has been back
    since the database began."""

    version: int = 0
    before: int = 0
    links: frozenset[str] = field(default_factory=frozenset)
    delegations: frozenset[str] = field(default_factory=frozenset)
    returned: frozenset[str] = field(default_factory=frozenset)

    def withdrawn(self, delegation: str, granted: int) -> bool:
        return delegation in self.delegations or granted < self.before


class AttendanceRow(NamedTuple):
    """One browser's stay, of one session under one host. `who`: "w:0x.." or "n:3". `left`: 0 while
    it has not."""

    id: str
    room: int
    host: str
    who: str
    role: Role
    link: str
    entered: int
    last: int
    left: int


class PlaybackStore(Protocol):
    """See the module. Moments are unix seconds."""

    def since(self, now: int) -> int:
        """When this database began: `now`, if it is new."""
        ...

    def add_nonce(self, record: NonceRecord) -> None: ...

    def take_nonce(self, nonce: str) -> NonceRecord | None:
        """The nonce, which is gone then; None: there is none, or somebody else took it."""
        ...

    def claim_seat(self, place: SeatPlace, wanted: SeatClaim) -> str | None:
        """Sit down by the rules of `playback.seats`; the slug of a refusal, or None."""
        ...

    def renew_seat(
        self, place: SeatPlace, browser: str, now: int, until: int, *, grace: bool = False
    ) -> bool:
        """Keep a seat that is taken. False: it is not, or (`grace`) was kept so before."""
        ...

    def seat(self, place: SeatPlace) -> SeatRecord | None: ...

    def leave_seat(self, place: SeatPlace, browser: str, now: int) -> None: ...

    def places(self, room: int, host: str) -> list[PlaceRecord]:
        """The host's links in the room that anybody sat on, or that the host did something to."""
        ...

    def close_door(self, place: SeatPlace, now: int, *, closed: bool) -> None: ...

    def allow(self, place: SeatPlace, now: int) -> None: ...

    def remove_browser(self, place: SeatPlace, tag: str, now: int) -> None: ...

    def revocations(
        self, host: str, scope: str, known: ScopeRevocations | None
    ) -> ScopeRevocations:
        """`known` itself, if nothing changed since."""
        ...

    def revoke_links(self, host: str, scope: str, links: Sequence[str]) -> None: ...

    def withdraw(self, host: str, scope: str, delegation: str | None, before: int) -> None:
        """A delegation, or all of them that begin before `before`."""
        ...

    def host_returned(self, host: str, scope: str, delegation: str) -> None: ...

    def leave_signature(self, digest: str, signature: bytes, now: int) -> None: ...

    def left_signature(self, digest: str) -> bytes | None: ...

    def attend(self, rows: Sequence[AttendanceRow]) -> None:
        """Note them; a row that is there keeps what it has but `last` and `left`."""
        ...

    def attendance(self, room: int, host: str) -> list[AttendanceRow]:
        """In the order of entering."""
        ...

    def moderators(self, room: int, since: int) -> list[str]:
        """Addresses of moderators who watched after `since` and have not left."""
        ...

    def purge(self, now: int, attendance_before: int) -> None:
        """Delete what no right depends on any more, and attendance that ended before then."""
        ...

    def close(self) -> None: ...
