"""What the contract knows after some transactions, and what its events have told besides.

Promises: every row is immutable and replaced whole, so that `ContractState.copy` costs a few
dictionaries: simulations keep one state a block, and go on from any of them after a reorg.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chain import events as t
from chain.calldata import Terms
from chain.enums import EndReason, Mode, Status
from chain.hexes import ZERO_ADDRESS

NO_UID = bytes(16)


class ChainPlace(NamedTuple):
    """Where on the chain: a transaction, or (by `log_index`) one event of it. `at`: its time."""

    at: int
    block: int = 0
    block_hash: str = ""
    tx: str = ""
    tx_index: int = 0
    log_index: int = 0


class Emitted(NamedTuple):
    """An event: its type and its own values after `timestamp`, as `chain.events` has them."""

    kind: type[t.ChainEvent]
    values: tuple[Any, ...]
    seq: int
    actor: str
    place: ChainPlace


class EndRow(NamedTuple):
    """How a room ended."""

    reason: EndReason
    detail: int
    actor: str
    place: ChainPlace


class SealedRow(NamedTuple):
    """The last credentials. `times`: how often credentials were sealed for this tag."""

    tag: bytes
    key_version: int
    data: bytes
    place: ChainPlace
    times: int


class RoomRow(NamedTuple):
    """A room. `title`, `details`, `starts_at`, `gate`, `ingest_key`, the places and `sealed` stand
    in events only.

    `pending_host`: zero address for none; `rekeyed_at`: 0 for never; `starts_at`: 0 for not told.
    """

    number: int
    host: str
    operator_id: int
    terms_id: int
    mode: Mode
    gate: str
    ingest_key: bytes
    tag: bytes
    tag_at_creation: bytes
    title: bytes
    created: ChainPlace
    updated: ChainPlace
    seqs: tuple[int, ...]
    pending_host: str = ZERO_ADDRESS
    former_tag: bytes | None = None
    key_version: int = 1
    rekeyed_at: int = 0
    uid: bytes = NO_UID
    provisioned_at: int | None = None
    sealed: SealedRow | None = None
    end: EndRow | None = None
    released_at: int | None = None
    starts_at: int = 0
    details: bytes = b""

    @property
    def status(self) -> Status:
        """As it follows from end and uid."""
        if self.end is not None:
            return Status.ENDED
        return Status.PENDING if self.uid == NO_UID else Status.ACTIVE

    @property
    def fulfilled(self) -> bool:
        return self.uid != NO_UID

    @property
    def released(self) -> bool:
        return self.released_at is not None

    @property
    def events(self) -> int:
        return len(self.seqs)

    @property
    def sealed_tag(self) -> bytes | None:
        """The tag for which credentials were sealed last."""
        return self.sealed.tag if self.sealed else None

    @property
    def provisions(self) -> int:
        """How often credentials were sealed for the present tag."""
        return self.sealed.times if self.sealed and self.sealed.tag == self.tag else 0


class OperatorRow(NamedTuple):
    """`account`: zero address once revoked."""

    account: str
    payee: str
    playback_base: str
    added_at: int
    updated: ChainPlace
    seqs: tuple[int, ...]
    accepting: bool = True
    enabled: bool = True


class TermsRow(NamedTuple):
    terms: Terms
    seq: int
    updated: ChainPlace


class AccountRow(NamedTuple):
    """`changes`: how often it was changed."""

    credit: int = 0
    open_rooms: int = 0
    changes: int = 0


class ModeratorRow(NamedTuple):
    allowed: bool
    updated: ChainPlace
    seqs: tuple[int, ...]


@dataclass(slots=True)
class ContractState:
    """The contract. `count`, `digest`: events so far and the hash over them; `contract_seqs`: those
    of owner, pause and terms."""

    digest: bytes
    count: int = 0
    owner: str = ZERO_ADDRESS
    pending_owner: str = ZERO_ADDRESS
    paused: bool = False
    retired: bool = False
    successor: str = ZERO_ADDRESS
    ended_rooms: int = 0
    contract_seqs: tuple[int, ...] = ()
    terms: dict[int, TermsRow] = field(default_factory=dict)
    operators: dict[int, OperatorRow] = field(default_factory=dict)
    moderators: dict[str, ModeratorRow] = field(default_factory=dict)
    accounts: dict[str, AccountRow] = field(default_factory=dict)
    rooms: dict[int, RoomRow] = field(default_factory=dict)

    def copy(self) -> ContractState:
        """A state to be changed apart from this one."""
        return ContractState(
            self.digest, self.count, self.owner, self.pending_owner, self.paused,
            self.retired, self.successor, self.ended_rooms, self.contract_seqs, dict(self.terms),
            dict(self.operators), dict(self.moderators), dict(self.accounts), dict(self.rooms),
        )  # fmt: skip

    def terms_of(self, room: RoomRow) -> Terms:
        """The terms that a room was created under."""
        return self.terms[room.terms_id].terms

    def operator_account(self, operator_id: int) -> str:
        """Who acts for an operator; zero address if nobody does."""
        operator = self.operators.get(operator_id)
        return operator.account if operator else ZERO_ADDRESS

    def expires_at(self, room: RoomRow) -> int:
        """From when a room is past its time."""
        terms = self.terms_of(room)
        life = terms.max_room_seconds if room.fulfilled else terms.fulfill_deadline_seconds
        return room.created.at + life

    def expirable(self, room: RoomRow, now: int) -> bool:
        """Whether anybody may end a room that has not ended."""
        revoked = self.operator_account(room.operator_id) == ZERO_ADDRESS
        return revoked or now >= self.expires_at(room)

    def obligations(self) -> int:
        """Wei that the contract must hold: deposits and fees of open rooms, and credits."""
        total = sum(account.credit for account in self.accounts.values())
        for room in self.rooms.values():
            if room.end is None:
                terms = self.terms_of(room)
                total += terms.deposit + (0 if room.fulfilled else terms.fee)
        return total
