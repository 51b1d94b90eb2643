"""A registry set up for a test: actors by name, an operator, a moderator, short ways to rooms."""

from __future__ import annotations

from typing import Any

from chain.calldata import Declination, Fulfillment, Release, Terms
from chain.hexes import ZERO_ADDRESS, keccak
from tests.support.evm.revm import Revm
from tests.support.registry.registry import BASE, OWNER, RICH, TERMS, Registry

OPERATOR = "0x" + "b2" * 20
MODERATOR = "0x" + "c3" * 20
HOST = "0x" + "d4" * 20
OTHER = "0x" + "e5" * 20
STRANGER = "0x" + "f6" * 20
PAYEE = "0x" + "b3" * 20
SECOND_OPERATOR = "0x" + "b7" * 20

KEY = bytes(range(32))
UID = bytes.fromhex("b236bde30eb07b9d01318940e5fc3eda")
SEALED = b"sealed credentials" * 10


class Stage(Registry):
    """On revm: operator 1 (OPERATOR, its fees PAYEE's) and MODERATOR are there, HOST and OTHER are
    rich."""

    machine: Revm

    def __init__(
        self, terms: Terms = TERMS, first_room_id: int = 1, contracts: tuple[str, ...] = ()
    ) -> None:
        super().__init__(Revm(), terms=terms, first_room_id=first_room_id, contracts=contracts)
        self.act(OWNER, "addOperator", OPERATOR, PAYEE, BASE)
        self.act(OWNER, "setModerator", MODERATOR, True)
        for account in (HOST, OTHER):
            self.machine.fund(account, RICH)

    @property
    def terms_id(self) -> int:
        """The current terms' number."""
        return self.views.number("currentTermsId")

    @property
    def terms(self) -> Terms:
        """The current terms."""
        return self.views.terms(self.terms_id)

    @property
    def price(self) -> int:
        return self.terms.deposit + self.terms.fee

    def create(
        self,
        host: str = HOST,
        *,
        operator: int = 1,
        mode: int = 0,
        gate: str = ZERO_ADDRESS,
        key: bytes = KEY,
        title: bytes = b"A room",
    ) -> int:
        """A pending room, paid in ether; its number."""
        args = (self.terms_id, operator, mode, gate, key, title)
        events = self.act(host, "createRoom", *args, value=self.price)
        return int(events[0].room_id)  # type: ignore[union-attr]

    def tag(self, room_id: int) -> bytes:
        """A room's present tag."""
        return self.room(room_id).tag

    def entry(self, room_id: int, uid: bytes | None = None, sealed: bytes = SEALED) -> Fulfillment:
        """What fulfils a room."""
        uid = uid if uid is not None else keccak(b"uid %d" % room_id)[:16]
        return Fulfillment(room_id, self.tag(room_id), uid, sealed)

    def fulfill(self, *room_ids: int, sender: str = OPERATOR) -> list[Any]:
        """Fulfil rooms, or seal anew; the events."""
        return self.act(sender, "fulfill", [self.entry(room_id) for room_id in room_ids])

    def active(self, host: str = HOST, **kinds: Any) -> int:
        """An active room; its number."""
        room_id = self.create(host, **kinds)
        self.fulfill(room_id)
        return room_id

    def ended(self, host: str = HOST) -> int:
        """A room that was active and is over; its number."""
        room_id = self.active(host)
        self.act(host, "endRoom", room_id)
        return room_id

    def decline(self, *room_ids: int, sender: str = OPERATOR, reason: int = 4) -> list[Any]:
        """Decline rooms; the events."""
        entries = [Declination(room_id, self.tag(room_id), reason) for room_id in room_ids]
        return self.act(sender, "decline", entries)

    def release(self, *room_ids: int, sender: str = OPERATOR) -> list[Any]:
        """Release rooms; the events."""
        entries = [Release(room_id, self.tag(room_id)) for room_id in room_ids]
        return self.act(sender, "release", entries)

    def credit(self, who: str) -> int:
        """What an account is owed."""
        return self.views.account(who).credit

    def open_rooms(self, who: str) -> int:
        """How many rooms an account has open."""
        return self.views.account(who).open_rooms
