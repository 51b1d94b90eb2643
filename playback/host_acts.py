"""What a host does: by a browser's key for a quarter of an hour, by the wallet what takes back.

Promises: a session is for the delegation's scope and ends with the delegation's withdrawal, with
the room's transfer, and after `HOST_SECONDS`. With it: see and shut seats, revoke links, read the
attendance of this host's time. It cannot withdraw a delegation, nor grant one, nor reach a room
outside of its scope; and it is no right to watch. Whoever takes a browser's key can do as much,
until the wallet withdraws it.
Raises `Problem`.
On restart: nothing is kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chain.enums import room_name
from chain.hexes import to_bytes
from common.clock import Clock
from common.web.problems import Problem, malformed
from playback import session as sessions
from playback.admission import CLOCK_SECONDS, PrivateRoom
from playback.attendance import AttendanceNotes, told
from playback.delegation import ALL, Withdrawal
from playback.failures import failures_told
from playback.index_view import RoomsView
from playback.invitation import InvitationScope, session_message
from playback.proofs import EntryLimits
from playback.records import Records
from playback.response_types import (
    AttendanceJson,
    HostReturnedJson,
    HostSessionJson,
    InvitedLinkJson,
    InvitedLinksJson,
    LeftSignatureJson,
    LinkChangedJson,
    RevokedLinksJson,
    WithdrawnJson,
)
from playback.rights import Rights, scope_of
from playback.seats import tag_of
from playback.session import HOST_SECONDS, HostSession, NoSession
from playback.store import MOST_REVOKED, NonceRecord, PlaceRecord, PlaybackStore, SeatPlace

MOST_LINKS = 200
"""Of one request: what a body may hold (`common.web.request_checks`)."""


class HostActs:
    """`room_of`: a private room of this operator, or its problem; `page_of`: one of our pages, by
    an `Origin`; `take`: a nonce for a room, page and no wallet."""

    def __init__(
        self,
        key: bytes,
        index: RoomsView,
        store: PlaybackStore,
        records: Records,
        rights: Rights,
        notes: AttendanceNotes,
        limits: EntryLimits,
        clock: Clock,
        *,
        room_of: Callable[[int], PrivateRoom],
        page_of: Callable[[str | None], str],
        take: Callable[[str, int, str, str | None], NonceRecord],
        token_seconds: int,
        attendance_days: int,
    ) -> None:
        self._key = key
        self._index = index
        self._store = store
        self._records = records
        self._rights = rights
        self._notes = notes
        self._limits = limits
        self._clock = clock
        self._room_of = room_of
        self._page_of = page_of
        self._take = take
        self._token_seconds = token_seconds
        self._kept_seconds = attendance_days * 86400

    # --- the wallet -------------------------------------------------------------------------------

    @failures_told()
    def withdraw(
        self,
        room: int,
        origin: str | None,
        client: str,
        *,
        scope: str,
        language: str,
        delegation: str | None,
        before: int,
        issued: int,
        signature: bytes,
    ) -> WithdrawnJson:
        """Take a delegation back, or (`delegation` None) all that begin before `before`."""
        found = self._room_of(room)
        latest = self._now() + CLOCK_SECONDS
        if delegation is None and not 0 < before <= latest:
            raise malformed("/before", "must be a moment that has been")
        named = ALL if delegation is None else to_bytes(delegation)
        told_ = Withdrawal(read_scope(scope), language, named, before, issued)
        self._rights.withdrawal(found, self._page_of(origin), told_, signature, client)
        self._limits.entered("host", found.host)
        return {"revoked": True}

    @failures_told()
    def leave_signature(
        self, room: int, origin: str | None, client: str, *, delegation: str, signature: bytes
    ) -> LeftSignatureJson:
        """Leave a wallet's long signature here, which links name by its hash."""
        found = self._room_of(room)
        page = self._page_of(origin)
        digest = self._rights.leave_signature(found, page, delegation, signature, client)
        self._limits.entered("host", found.host)
        return {"hash": f"0x{digest}"}

    # --- the browser's key ------------------------------------------------------------------------

    @failures_told()
    def open_session(
        self,
        room: int,
        origin: str | None,
        client: str,
        *,
        delegation: str,
        at: int,
        nonce: str,
        signature: bytes,
    ) -> HostSessionJson:
        """A session, for a signature of the delegated key over the nonce."""
        found = self._room_of(room)
        page = self._page_of(origin)
        granted = self._rights.of_delegation(found, page, delegation, client)
        now = self._now()
        self._take(nonce, room, page, None)
        message = session_message(granted, at, bytes.fromhex(nonce), room)
        if not granted.key_signed(signature, message) or abs(now - at) > CLOCK_SECONDS:
            raise Problem(
                "proof-invalid", "the signature is not the delegated key's, of this moment"
            )
        self._limits.entered("host", found.host)
        until = min(now + HOST_SECONDS, granted.until)
        scope = granted.scope.text
        session = HostSession(
            room, found.tag, found.host, scope, granted.delegation_hash, granted.start, until
        )
        return {
            "session": sessions.write(self._key, session),
            "expires_at": until,
            "room_id": room_name(room),
            "scope": scope,
            "server_time": now,
        }

    @failures_told()
    def revoke(self, session: str, links: Sequence[str]) -> RevokedLinksJson:
        """Take links back, by their hashes; again is the same."""
        here, found = self._acting(session)
        if len(links) > MOST_LINKS:
            raise malformed("/links", f"must be {MOST_LINKS} at most")
        known = self._records.of(found.host, here.scope)
        if len(known.links | set(links)) > MOST_REVOKED:
            raise malformed("/links", "too many are revoked: withdraw the delegation instead")
        self._records.revoke_links(found.host, here.scope, links)
        return {"revoked": len(set(links))}

    @failures_told()
    def returned(self, session: str, since: int) -> HostReturnedJson:
        """The host's page has sent what it had revoked; `since`: of the records that it saw."""
        here, found = self._acting(session)
        if since != (known := self._records.since()):
            raise malformed("/since", f"the records began at {known}")
        self._records.returned(found.host, here.scope, here.delegation)
        return {"since": known}

    @failures_told()
    def links(self, session: str, room: int | None = None) -> InvitedLinksJson:
        """The links that anybody used in the room, or that the host did something to."""
        here, found = self._acting(session, room)
        now = self._now()
        revoked = self._records.of(found.host, here.scope).links
        rows = [
            _link(one, now, one.place.subject[2:] in revoked)
            for one in self._store.places(found.number, found.host)
        ]
        rows.sort(key=lambda row: (row["number"], row["link_hash"]))
        return {"links": rows, "since": self._records.since(), "server_time": now}

    @failures_told()
    def door(self, session: str, link: str, *, closed: bool) -> LinkChangedJson:
        """Let in only who sits there, or everybody whom the link is for again."""
        self._store.close_door(self._place(session, link), self._now(), closed=closed)
        return {"link_hash": link}

    @failures_told()
    def allow(self, session: str, link: str) -> LinkChangedJson:
        """Let a link go on that went from browser to browser too often."""
        self._store.allow(self._place(session, link), self._now())
        return {"link_hash": link}

    @failures_told()
    def remove(self, session: str, link: str, browser: str) -> LinkChangedJson:
        """Take a browser's seat away for good. `browser`: as `links` names it."""
        self._store.remove_browser(self._place(session, link), tag_of(browser), self._now())
        return {"link_hash": link}

    @failures_told()
    def attendance(self, session: str, room: int | None = None) -> AttendanceJson:
        """Who was there in this host's time; not what is to be deleted, deleted or not."""
        _, found = self._acting(session, room)
        self._notes.flush()
        now = self._now()
        rows = self._store.attendance(found.number, found.host)
        kept = [row for row in rows if row.last >= now - self._kept_seconds]
        return {"rows": told(kept, now, self._token_seconds), "now": now}

    def _place(self, session: str, link: str) -> SeatPlace:
        _, found = self._acting(session)
        return SeatPlace(found.number, found.host, f"l:{link}")

    def _acting(self, text: str, room: int | None = None) -> tuple[HostSession, PrivateRoom]:
        """The session, and the room that it acts on."""
        try:
            here = sessions.read_host(self._key, text)
        except NoSession:
            raise Problem("session-invalid", "not a host's session of this service") from None
        if self._now() >= here.until:
            raise Problem("session-over", "the host's session is over: open another")
        found = self._room_of(here.room if room is None else room)
        if found.host != here.host:
            raise Problem("host-changed", "the room has another host")
        if here.room == found.number and here.tag != found.tag:
            raise Problem("session-over", "the room is another one now")
        if not scope_of(here.scope).covers(found.number, found.class_):
            raise Problem("not-the-host", f"the session is for {here.scope}")
        self._rights.delegation_in_force(found, here.scope, here.delegation, here.granted)
        return here, found

    def _now(self) -> int:
        return int(self._clock.now())


def read_scope(text: str) -> InvitationScope:
    """Raises the problem of what is none."""
    try:
        return scope_of(text)
    except ValueError as error:
        raise malformed("/scope", str(error)) from None


def _link(one: PlaceRecord, now: int, revoked: bool) -> InvitedLinkJson:
    present = one.record.present(now)
    return {
        "link_hash": one.place.subject[2:],
        "number": one.place.number,
        "seats": one.place.seats,
        "used": len(present),
        "moves": one.record.moved,
        "waits": one.record.waits,
        "closed": one.record.closed,
        "revoked": revoked,
        "present": [{"browser": tag_of(s.browser), "since": s.since} for s in present],
    }
