"""Whether somebody may watch a room, or act for its host: every proof, asked anew where it can be.

Promises: a wallet's role is the first that it has of host, moderator and holder, at this moment. An
invitation is good while its time is, its two signatures are right, the wallet's being that of the
room's present host, and nothing of it was taken back. What a session renews by was proven when it
began; host, class, window, revocations and the gate are looked at each time.
Raises `Problem`.
On restart: nothing is kept but what contracts said of delegations in the last minute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import NamedTuple

from chain.enums import room_number
from chain.hexes import hex_data
from common.clock import Clock
from common.web.problems import Problem
from playback.admission import OutOfTime, PrivateRoom, Role, window
from playback.delegation import (
    ALL,
    RoomRegistry,
    Withdrawal,
    delegation_digest,
    withdrawal_digest,
)
from playback.failures import AWAY_RETRY
from playback.gate import GateAnswer, TokenGate
from playback.index_view import RoomsView
from playback.invitation import (
    Delegation,
    Invitation,
    InvitationScope,
    MalformedInvitation,
    decode,
    decode_delegation,
)
from playback.proofs import EntryLimits
from playback.records import Records
from playback.session import ViewerSession
from playback.store import PlaybackStore
from playback.wallet_proof import WalletProofs
from playback.wallet_signature import signer_of

REMEMBERED_SECONDS = 60.0
"""How long a contract's yes to a delegation is good for others who bring the same."""
_MOST_REMEMBERED = 4096


class _GateAway(Exception):
    """No node says what the wallet holds."""


class WalletRight(NamedTuple):
    """`asked`: False where the gate could not be, and the session's former role stands."""

    role: Role
    asked: bool = True


class Rights:
    def __init__(
        self,
        chain_id: int,
        index: RoomsView,
        store: PlaybackStore,
        records: Records,
        gate: TokenGate,
        proofs: WalletProofs,
        limits: EntryLimits,
        clock: Clock,
    ) -> None:
        self._chain_id = chain_id
        self._index = index
        self._store = store
        self._records = records
        self._gate = gate
        self._proofs = proofs
        self._limits = limits
        self._clock = clock
        self._remembered: dict[tuple[str, bytes, bytes], float] = {}

    # --- wallets ----------------------------------------------------------------------------------

    def of_wallet(self, room: PrivateRoom, address: str) -> WalletRight:
        """A wallet that enters. `address`: lower case, proven."""
        try:
            role = self._role(room, address)
        except _GateAway:
            raise _unanswered() from None
        if role is None:
            raise Problem("not-a-holder", _why_not(room), extra={"had": False})
        return WalletRight(role)

    def goes_on(self, room: PrivateRoom, session: ViewerSession) -> WalletRight:
        """A wallet's session that is renewed."""
        try:
            role = self._role(room, session.subject[2:])
        except _GateAway:
            if session.role != "holder":
                raise _unanswered() from None
            return WalletRight("holder", asked=False)
        if role is not None:
            return WalletRight(role)
        if session.role == "host":
            raise Problem("host-changed", "the room has another host now")
        raise Problem("not-a-holder", _why_not(room), extra={"had": session.role == "holder"})

    def _role(self, room: PrivateRoom, address: str) -> Role | None:
        if address == room.host:
            return "host"
        if not room.recorded and self._index.moderates(room.contract, address):
            return "moderator"
        if room.gate is None:
            return None
        answer = self._gate.holds(room.gate, address)
        if answer is GateAnswer.AWAY:
            raise _GateAway
        return "holder" if answer is GateAnswer.YES else None

    def wallet_signed(self, address: str, digest: bytes, signature: bytes, client: str) -> bool:
        return self._proofs.holds(address, digest, signature, self._limited(client))

    def _limited(self, client: str) -> Callable[[], None]:
        return lambda: self._limits.entered("proof", client)

    # --- invitations ------------------------------------------------------------------------------

    def of_invitation(self, room: PrivateRoom, origin: str, text: str, client: str) -> Invitation:
        """A link that somebody brings."""
        try:
            invitation = decode(text)
        except MalformedInvitation as error:
            raise Problem("invitation-malformed", str(error)) from None
        granted, link = invitation.delegation, invitation.link
        self._covers(room, granted.scope)
        if not invitation.within:
            raise Problem(
                "invitation-invalid", "the link goes beyond what the host's wallet granted"
            )
        if not invitation.key_signed:
            raise Problem("invitation-invalid", "the link's signature is not its key's")
        self._in_time(link.start, link.until)
        self._host_signed(room, origin, granted, client)
        self._in_force(
            room, granted.scope.text, granted.delegation_hash, granted.start, invitation.link_hash
        )
        return invitation

    def invitation_goes_on(self, room: PrivateRoom, session: ViewerSession) -> None:
        """An invitation's session that is renewed."""
        if session.host != room.host:
            raise Problem("host-changed", "the room has another host, who did not invite you")
        self._covers(room, scope_of(session.scope))
        self._in_time(session.start, session.until)
        link = session.subject[2:]
        self._in_force(room, session.scope, session.delegation, session.granted, link)

    def of_delegation(self, room: PrivateRoom, origin: str, text: str, client: str) -> Delegation:
        """A browser that acts for the host by its key, whose own signature is yet to be looked
        at."""
        granted = read_delegation(text)
        self._covers(room, granted.scope)
        self._in_time(granted.start, granted.until)
        self._host_signed(room, origin, granted, client)
        self.delegation_in_force(room, granted.scope.text, granted.delegation_hash, granted.start)
        return granted

    def delegation_in_force(
        self, room: PrivateRoom, scope: str, delegation: str, granted: int
    ) -> None:
        """That the host has not withdrawn it."""
        if self._records.of(room.host, scope).withdrawn(delegation, granted):
            raise Problem("invitation-revoked", "the host's wallet has withdrawn it")

    def leave_signature(
        self, room: PrivateRoom, origin: str, text: str, signature: bytes, client: str
    ) -> str:
        """Keep a long signature of the host's wallet for links that name it; its hash."""
        left = read_delegation(text)
        if left.signature_hash is None:
            raise Problem("invitation-malformed", "the signature stands in the delegation itself")
        if hashlib.sha256(signature).digest() != left.signature_hash:
            raise Problem("invitation-invalid", "the signature is not the one that is named")
        self._covers(room, left.scope)
        if not self._signed_by(room, origin, left, signature, client):
            raise Problem("not-the-host", "the signature is not the room's host's")
        digest = left.signature_hash.hex()
        self._store.leave_signature(digest, signature, int(self._clock.now()))
        return digest

    def withdrawal(
        self,
        room: PrivateRoom,
        origin: str,
        told: Withdrawal,
        signature: bytes,
        client: str,
    ) -> None:
        """The host's wallet takes back: looked at, then noted."""
        self._covers(room, told.scope)
        digest = withdrawal_digest(self._registry(room), origin, told)
        if not self.wallet_signed(room.host, digest, signature, client):
            raise Problem("not-the-host", "the signature is not the room's host's")
        named = None if told.delegation == ALL else hex_data(told.delegation)
        self._records.withdraw(room.host, told.scope.text, named, told.before)

    def _covers(self, room: PrivateRoom, scope: InvitationScope) -> None:
        if not scope.covers(room.number, room.class_):
            raise Problem("invitation-invalid", f"it is for {scope.text}, not for {room.name}")

    def _in_time(self, start: int, until: int) -> None:
        _refuse(window(start, until, int(self._clock.now())))

    def _host_signed(
        self, room: PrivateRoom, origin: str, granted: Delegation, client: str
    ) -> None:
        signature = granted.signature
        if signature is None:
            named = (granted.signature_hash or b"").hex()
            signature = self._store.left_signature(named)
            if signature is None:
                raise Problem("host-must-return", "the host's signature was not left here yet")
        signer = signer_of(delegation_digest(self._registry(room), origin, granted), signature)
        if signer not in (None, room.host) and signer in self._index.former_hosts(room.number):
            raise Problem("host-changed", "a former host of the room signed it")
        if not self._signed_by(room, origin, granted, signature, client):
            raise Problem("invitation-invalid", "the room's host did not sign it")

    def _signed_by(
        self, room: PrivateRoom, origin: str, granted: Delegation, signature: bytes, client: str
    ) -> bool:
        digest = delegation_digest(self._registry(room), origin, granted)
        key = (room.host, digest, signature)
        now = self._clock.monotonic()
        known = self._remembered.get(key)
        if known is not None and now - known < REMEMBERED_SECONDS:
            return True
        if not self.wallet_signed(room.host, digest, signature, client):
            return False
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = now
        return True

    def _in_force(
        self, room: PrivateRoom, scope: str, delegation: str, granted: int, link: str
    ) -> None:
        known = self._records.of(room.host, scope)
        if link in known.links or known.withdrawn(delegation, granted):
            raise Problem("invitation-revoked", "the host has revoked this invitation")
        if self._records.waits(known, delegation, granted):
            raise Problem(
                "host-must-return",
                "the service's records began anew after this was issued; it waits for its host",
            )

    def _registry(self, room: PrivateRoom) -> RoomRegistry:
        return RoomRegistry(self._chain_id, room.contract)


def read_delegation(text: str) -> Delegation:
    """Raises the problem of one that cannot be read."""
    try:
        return decode_delegation(text)
    except MalformedInvitation as error:
        raise Problem("invitation-malformed", str(error)) from None


def scope_of(text: str) -> InvitationScope:
    """Of its text. Raises ValueError."""
    kind, _, name = text.partition(" ")
    if kind == "class":
        data = bytes.fromhex(name)
        if len(data) != 8 or data.hex() != name:
            raise ValueError("a class is 16 lower-case hex digits")
        return InvitationScope(True, data)
    return InvitationScope.of_room(room_number(text))


def _why_not(room: PrivateRoom) -> str:
    if room.gate is None:
        return "the room is by invitation only"
    return "the wallet holds none of the tokens that the room asks for"


def _refuse(refused: OutOfTime | None) -> None:
    if refused is not None:
        raise Problem(refused.slug, refused.detail, extra=refused.extra)


def _unanswered() -> Problem:
    return Problem(
        "node-unavailable", "no node can say what the wallet holds", retry_after=AWAY_RETRY
    )
