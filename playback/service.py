"""The service without HTTP: who asks to watch is told where, or why not.

Promises: each act raises `Problem` by a slug of `playback.problems.CATALOGUE`. Proofs come before
seats, seats before tokens: no token is made for who has no right or no seat. A renewal asks the
database once (its seat); what the index says and what was taken back may be a second old. A
session is never lengthened: it ends after 12 hours, with the invitation, or with the room.
A wallet's session whose gate cannot be asked is renewed once, and not again before the gate has
said yes: its seat remembers that.
Assumes: blocking calls of gevent's kind; `origin` is the request's `Origin`, None without one.
On restart: sessions go on; attendance of the last second may be missing.
"""

from __future__ import annotations

import hashlib
import random
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from chain.enums import room_name
from chain.hexes import checksum
from common.clock import Clock, Rng, SystemClock
from common.playback_key import PlaybackKeyError, PlaybackKeyFile
from common.task_keeper import TaskKeeper
from common.web.problems import Problem
from playback import session as sessions
from playback import sign_in
from playback.admission import PrivateRoom, Role, sees_recordings, stays
from playback.attendance import AttendanceNotes
from playback.delegation import RoomRegistry
from playback.failures import AWAY_RETRY, failures_told
from playback.gate import TokenGate
from playback.host_acts import HostActs
from playback.index_view import Fresh, RoomsView
from playback.playing import PlaybackAddresses
from playback.proofs import EntryLimits, InvitationProof, WalletProof
from playback.records import Records
from playback.response_types import AdmissionJson, ChallengeJson, PlaybackStatusJson
from playback.rights import Rights
from playback.seats import WALLET_SEATS, SeatClaim, kind_of
from playback.session import NoSession, ViewerSession
from playback.store import (
    AttendanceRow,
    NonceRecord,
    PlaybackStore,
    SeatPlace,
    StoreUnavailable,
)
from playback.wallet_proof import WalletProofs

log = structlog.get_logger(__name__)
PENDING_RETRY = 5
TOLD_SECONDS = 5.0
"""How old the list of moderators who watch may be."""
WRITE_EVERY, PURGE_EVERY = 1.0, 600.0


@dataclass(frozen=True)
class PlaybackConfig:
    """`contracts`: lower case, newest last. `origins`: of our page, the first is the default.
    `session_key`: 32 secret bytes."""

    operator_id: int
    chain_id: int
    contracts: tuple[str, ...]
    origins: tuple[str, ...]
    session_key: bytes
    token_seconds: int = 600
    attendance_days: int = 30
    wait_for_hosts: bool = True


class _Entry(NamedTuple):
    """A right, with the place of its seat and the session that it begins."""

    role: Role
    place: SeatPlace
    session: ViewerSession
    asked: bool = True


class PlaybackService:
    """See the module. `host`: what hosts do. `release`: closes what `gate` and `proofs` ask."""

    def __init__(
        self,
        config: PlaybackConfig,
        index: RoomsView,
        store: PlaybackStore,
        gate: TokenGate,
        proofs: WalletProofs,
        keys: PlaybackKeyFile,
        limits: EntryLimits,
        clock: Clock,
        rng: Rng,
        *,
        keeper: TaskKeeper | None = None,
        background: bool = True,
        release: Callable[[], None] = lambda: None,
    ) -> None:
        self.config = config
        self._index = index
        self._store = store
        self._keys = keys
        self._limits = limits
        self._clock = clock
        self._records = Records(store, clock, wait_for_hosts=config.wait_for_hosts)
        self._rights = Rights(
            config.chain_id, index, store, self._records, gate, proofs, limits, clock
        )
        self._addresses = PlaybackAddresses(keys.key, clock, rng, seconds=config.token_seconds)
        self._notes = AttendanceNotes(store)
        self._moderators = Fresh(clock, self._watching, TOLD_SECONDS)
        self.host = HostActs(
            config.session_key, index, store, self._records, self._rights, self._notes, limits,
            clock, room_of=self._room, page_of=self._page, take=self._take,
            token_seconds=config.token_seconds, attendance_days=config.attendance_days,
        )  # fmt: skip
        self._keeper = keeper or TaskKeeper(SystemClock(), random.Random())  # noqa: S311  (jitter)
        self._background = background
        self._release = release
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._purged = clock.monotonic()

    # --- anybody ----------------------------------------------------------------------------------

    @failures_told()
    def status(self) -> PlaybackStatusJson:
        """Who this is, and which key signs."""
        config = self.config
        since = self._records.since()
        kid, kid_since = None, None
        try:
            kid = self._keys.key().kid
            kid_since = int(self._keys.since)
        except PlaybackKeyError:
            pass  # told by `ready`
        return {
            "service": "playback",
            "operator_id": config.operator_id,
            "chain_id": config.chain_id,
            "contracts": [checksum(one) for one in config.contracts],
            "kid": kid,
            "kid_since": kid_since,
            "token_seconds": config.token_seconds,
            "since": since,
            "server_time": self._now(),
            "attendance_days": config.attendance_days,
            "wait_for_hosts": config.wait_for_hosts,
        }

    def ready(self) -> list[str]:
        """Why nobody could be let in, for the operator; [] if somebody could."""
        self._wake()  # without viewers, too, what is over is deleted
        reasons = [*self._keeper.down(), *self._index.unready()]
        try:
            self._store.since(self._now())  # begins new records, before anybody comes
        except StoreUnavailable as error:
            reasons.append(error.for_operator)
        try:
            self._keys.key()
        except PlaybackKeyError as error:
            reasons.append(str(error))
        else:
            if (problem := self._keys.problem) is not None:
                reasons.append(problem)
        return list(dict.fromkeys(reasons))  # index and store may share a database: told once

    def has_key(self) -> bool:
        """Whether tokens can be signed now."""
        try:
            self._keys.key()
        except PlaybackKeyError:
            return False
        return True

    def block_seconds(self) -> float | None:
        """The chain's block time as the index measured it; None: not known here."""
        return self._index.block_seconds()

    # --- viewers ----------------------------------------------------------------------------------

    @failures_told()
    def challenge(self, room: int, address: str | None, origin: str | None) -> ChallengeJson:
        """A nonce for this room, page and wallet, and the text to sign with a wallet. `address`:
        any case."""
        found = self._room(room)
        page = self._page(origin)
        now = self._now()
        wallet = None if address is None else address.lower()
        record = NonceRecord(secrets.token_hex(16), room, page, wallet, now, now + sign_in.SECONDS)
        self._store.add_nonce(record)
        message = None if wallet is None else sign_in.message(self._asked(found, record, wallet))
        return {
            "nonce": record.nonce,
            "message": message,
            "expires_at": record.expires,
            "server_time": now,
        }

    @failures_told()
    def enter(
        self,
        room: int,
        origin: str | None,
        client: str,
        browser: bytes,
        proof: WalletProof | InvitationProof,
    ) -> AdmissionJson:
        """A session, for a proof. `client`: the viewer's address; `browser`: 16 bytes."""
        found = self._room(room)
        page = self._page(origin)
        self._watchable(found)
        name = hashlib.sha256(browser).hexdigest()[:32]
        if isinstance(proof, WalletProof):
            entry = self._wallet(found, page, client, name, proof)
        else:
            entry = self._invited(found, page, client, name, proof)
        return self._admit(found, entry, renewing=False)

    @failures_told()
    def renew(self, session: str) -> AdmissionJson:
        """A fresh token, if the right goes on."""
        here = self._session(session)
        if self._now() >= here.until:
            raise Problem("session-over", "the session is over: enter again")
        found = self._room(here.room)
        if not stays(found, here.tag):
            raise Problem("session-over", "the room is another one now: enter again")
        self._watchable(found)
        if here.subject.startswith("l:"):
            self._rights.invitation_goes_on(found, here)
            return self._admit(found, _Entry("invited", _link_place(here), here), renewing=True)
        right = self._rights.goes_on(found, here)
        entry = _Entry(right.role, _wallet_place(here), here, right.asked)
        return self._admit(found, entry, renewing=True)

    @failures_told()
    def leave(self, session: str) -> None:
        """The viewer's page was closed: the seat is free."""
        here = self._session(session)
        now = self._now()
        if now >= here.until:
            return
        place = _link_place(here) if here.subject.startswith("l:") else _wallet_place(here)
        self._store.leave_seat(place, here.browser, now)
        found = self._index.room(here.room)
        if found is not None and stays(found, here.tag) and found.status == "active":
            self._note(found, here, here.role, left=now)

    # --- inside -----------------------------------------------------------------------------------

    def _wallet(
        self, room: PrivateRoom, page: str, client: str, browser: str, proof: WalletProof
    ) -> _Entry:
        record = self._take(proof.nonce, room.number, page, "")
        address = record.address or ""
        digest = sign_in.personal_digest(sign_in.message(self._asked(room, record, address)))
        if not self._rights.wallet_signed(address, digest, proof.signature, client):
            raise Problem("proof-invalid", "the signature is not this wallet's of this text")
        self._limits.entered("wallet", address)
        right = self._rights.of_wallet(room, address)
        session = ViewerSession(
            room.number, room.tag, f"w:{address}", browser, right.role,
            self._now() + sessions.SECONDS, secrets.token_hex(8),
        )  # fmt: skip
        return _Entry(right.role, _wallet_place(session), session)

    def _invited(
        self, room: PrivateRoom, page: str, client: str, browser: str, proof: InvitationProof
    ) -> _Entry:
        invitation = self._rights.of_invitation(room, page, proof.text, client)
        granted, link = invitation.delegation, invitation.link
        self._limits.entered("link", invitation.link_hash)
        session = ViewerSession(
            room.number, room.tag, f"l:{invitation.link_hash}", browser, "invited",
            min(self._now() + sessions.SECONDS, link.until), secrets.token_hex(8), room.host,
            granted.scope.text, granted.delegation_hash, granted.start, link.start, link.number,
            link.seats,
        )  # fmt: skip
        return _Entry("invited", _link_place(session), session)

    def _admit(self, room: PrivateRoom, entry: _Entry, *, renewing: bool) -> AdmissionJson:
        """The answer to who has the right: with a seat and a token, or with recordings."""
        session, role, now = entry.session, entry.role, self._now()
        playback, recordings, retry_in = None, None, None
        if room.recorded:
            if not sees_recordings(role):
                raise Problem("room-ended", "the room has ended")
            found = self._index.recordings(room)
            recordings = self._addresses.recordings(room, found, session.until)
        else:
            self._sit(entry, now, renewing=renewing)
            if room.uid is None:
                retry_in = PENDING_RETRY
            else:
                playback = self._addresses.live(room, room.uid, session.until)
                self._note(room, session, role)
        return {
            "room_id": room.name,
            "role": role,
            "session": sessions.write(self.config.session_key, session),
            "session_expires_at": session.until,
            "server_time": now,
            "playback": playback,
            "recordings": recordings,
            "retry_in": retry_in,
            "attendance_days": self.config.attendance_days,
            "moderators": [] if room.recorded else self._moderators.get(room.number),
        }

    def _sit(self, entry: _Entry, now: int, *, renewing: bool) -> None:
        """Take or keep the seat, until the token that follows ends."""
        place, browser = entry.place, entry.session.browser
        until = min(now + self.config.token_seconds, entry.session.until)
        grace = not entry.asked
        if renewing and self._store.renew_seat(place, browser, now, until, grace=grace):
            return
        if grace:
            raise Problem(
                "node-unavailable", "no node can say what the wallet holds", retry_after=AWAY_RETRY
            )
        wallet = place.subject.startswith("w:")
        kind = "wallet" if wallet else kind_of(place.seats)
        seats = WALLET_SEATS if wallet else place.seats
        wanted = SeatClaim(kind, seats, browser, now, until, renewing)
        refusal = self._store.claim_seat(place, wanted)
        if refusal is not None:
            raise Problem(refusal, _SEAT_WORDS[refusal])

    def _note(self, room: PrivateRoom, session: ViewerSession, role: Role, left: int = 0) -> None:
        """Attendance, for the host of now. The host is not noted."""
        if role == "host":
            return
        now = self._now()
        invited = session.subject.startswith("l:")
        self._notes.note(
            AttendanceRow(
                id=f"{session.id}:{room.host}",
                room=room.number,
                host=room.host,
                who=f"n:{session.number}" if invited else session.subject,
                role=role,
                link=session.subject[2:] if invited else "",
                entered=now,
                last=now,
                left=left,
            )
        )
        self._wake()

    def _watching(self, room: int) -> list[str]:
        since = self._now() - self.config.token_seconds
        return [checksum(one) for one in self._store.moderators(room, since)]

    def _room(self, number: int) -> PrivateRoom:
        room = self._index.room(number)
        if room is None:
            raise Problem("room-unknown", f"the index has no room {room_name(number)}")
        if room.operator_id != self.config.operator_id:
            raise Problem(
                "other-operator",
                f"the room is operator {room.operator_id}'s",
                extra={"operator_id": room.operator_id},
            )
        if room.public:
            raise Problem("room-public", "anybody may watch this room")
        return room

    def _watchable(self, room: PrivateRoom) -> None:
        if room.status == "ended" and not room.recorded:
            raise Problem("room-ended", "the room has ended")

    def _page(self, origin: str | None) -> str:
        if origin is None:
            return self.config.origins[0]
        if origin not in self.config.origins:
            raise Problem("origin-refused", "the request comes from a page that is not ours")
        return origin

    def _session(self, text: str) -> ViewerSession:
        try:
            return sessions.read_viewer(self.config.session_key, text)
        except NoSession:
            raise Problem("session-invalid", "not a session of this service") from None

    def _take(self, nonce: str, room: int, page: str, address: str | None) -> NonceRecord:
        """The nonce, if it is for this. `address`: None for no wallet, "" for any."""
        record = self._store.take_nonce(nonce)
        if record is None or self._now() >= record.expires:
            raise Problem("nonce-used", "the nonce is used, too old or unknown: ask for a new one")
        if (record.room, record.origin) != (room, page):
            raise Problem("proof-invalid", "the nonce is for another room or page")
        if (record.address is None) is not (address is None):
            raise Problem("proof-invalid", "the nonce is for another purpose")
        return record

    def _asked(self, room: PrivateRoom, record: NonceRecord, address: str) -> sign_in.SignIn:
        registry = RoomRegistry(self.config.chain_id, room.contract)
        return sign_in.SignIn(
            registry, record.origin, record.room, checksum(address), record.nonce, record.issued
        )

    def _now(self) -> int:
        return int(self._clock.now())

    # --- the background ---------------------------------------------------------------------------

    def tick(self) -> None:
        """Write the attendance that waits; now and then delete what is over."""
        self._notes.flush()
        if self._clock.monotonic() - self._purged >= PURGE_EVERY:
            self._purged = self._clock.monotonic()
            now = self._now()
            self._store.purge(now, now - self.config.attendance_days * 86400)

    def close(self) -> None:
        """Write what waits, and let go of everything."""
        self._closed.set()
        thread = self._thread
        if thread is not None:
            thread.join(timeout=5)
        try:
            self._notes.flush()
        except StoreUnavailable as error:
            log.warning("attendance lost", error=error.for_operator)
        self._store.close()
        self._index.close()
        self._release()

    def _wake(self) -> None:
        if self._background and self._thread is None:
            # by the first viewer or look: a thread does not outlive the fork of a worker
            self._thread = threading.Thread(target=self._keep_writing, daemon=True)
            self._thread.start()

    def _keep_writing(self) -> None:
        self._keeper.keep_here(
            "playback_records", self._write_on, self._pause, over=self._closed.is_set
        )

    def _pause(self, seconds: float) -> None:
        self._closed.wait(seconds)

    def _write_on(self) -> None:
        while not self._closed.wait(WRITE_EVERY):
            try:
                self.tick()
            except StoreUnavailable as error:
                log.warning("attendance waits for the database", error=error.for_operator)


_SEAT_WORDS = {
    "seat-removed": "the host took this seat away",
    "link-waits": "the link went from browser to browser too often: the host has to allow it",
    "door-closed": "the host has closed the door",
    "seats-taken": "all seats of this link are taken",
    "opened-elsewhere": "it was opened in a newer browser",
}


def _link_place(session: ViewerSession) -> SeatPlace:
    return SeatPlace(session.room, session.host, session.subject, session.number, session.seats)


def _wallet_place(session: ViewerSession) -> SeatPlace:
    return SeatPlace(session.room, "", session.subject)
