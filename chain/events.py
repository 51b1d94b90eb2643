"""The contract's events as typed, immutable tuples.

Shapes: addresses are 0x strings in lower case (the zero address stays an address), bytesN and
dynamic values are `bytes`, amounts are wei, times unix seconds.
Every event opens with `meta` (where it stands on the chain), `words` (the bytes that the history
hash covers after the former hash), `seq`, `actor`, `timestamp`; then come the event's own values.
They are NamedTuples and not dataclasses because an index builds millions of them: 0.5 us, not 3.
Source: `contracts/interfaces/ILivestreamRooms.sol`; a test compares names and types with the ABI.
"""

from __future__ import annotations

from typing import NamedTuple

from chain.enums import EndReason, Mode

CONTRACT_VERSION = "1.1.0"
"""`VERSION` of the contract whose events these are."""


class LogMeta(NamedTuple):
    """Where a log stands. Hashes are 0x, lower case; `log_index` counts within the block."""

    contract: str
    block_number: int
    block_hash: str
    tx_hash: str
    tx_index: int
    log_index: int


class RoomCreated(NamedTuple):
    """`actor` is the host."""

    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    room_id: int
    operator_id: int
    terms_id: int
    mode: Mode
    gate: str
    ingest_key: bytes
    tag: bytes
    title: bytes


class RoomUpdated(NamedTuple):
    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    room_id: int
    title: bytes


class RoomDescribed(NamedTuple):
    """`starts_at` zero: not told."""

    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    room_id: int
    starts_at: int
    details: bytes


class RoomRekeyed(NamedTuple):
    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    room_id: int
    key_version: int
    ingest_key: bytes
    tag: bytes


class RoomTransferStarted(NamedTuple):
    """`to` zero takes the offer back."""

    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    room_id: int
    to: str


class RoomTransferred(NamedTuple):
    """`actor` is the new host, `former_host` the event's `from`."""

    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    room_id: int
    former_host: str
    key_version: int
    ingest_key: bytes
    tag: bytes


class RoomProvisioned(NamedTuple):
    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    room_id: int
    tag: bytes
    uid: bytes
    sealed_ingest: bytes


class RoomEnded(NamedTuple):
    """`amount`: wei credited to `host`."""

    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    room_id: int
    host: str
    reason: EndReason
    detail: int
    amount: int


class RoomReleased(NamedTuple):
    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    room_id: int


class Credited(NamedTuple):
    """An operator's payee, `account`, is owed fees: of a fulfilment, or of a room ended early."""

    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    account: str
    amount: int
    operator_id: int


class CreditSpent(NamedTuple):
    """`amount` of the price of `room_id` came from the credit of its host, `actor`."""

    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    room_id: int
    amount: int


class Withdrawn(NamedTuple):
    """`actor` took all it was owed."""

    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    to: str
    amount: int


class OperatorAdded(NamedTuple):
    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    operator_id: int
    account: str
    payee: str
    playback_base: bytes


class OperatorAccountChanged(NamedTuple):
    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    operator_id: int
    account: str


class OperatorPayeeChanged(NamedTuple):
    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    operator_id: int
    payee: str


class OperatorAcceptingChanged(NamedTuple):
    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    operator_id: int
    accepting: bool


class OperatorEnabledChanged(NamedTuple):
    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    operator_id: int
    enabled: bool


class TermsSet(NamedTuple):
    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    terms_id: int
    deposit: int
    fee: int
    max_room_seconds: int
    fulfill_deadline_seconds: int
    max_open_rooms: int
    max_room_events: int
    rekey_cooldown: int


class ModeratorChanged(NamedTuple):
    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    account: str
    allowed: bool


class PauseChanged(NamedTuple):
    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    paused: bool


class Retired(NamedTuple):
    """`successor` zero: none named."""

    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    successor: str


class OwnerProposed(NamedTuple):
    """`account` zero takes the offer back."""

    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    account: str


class OwnerChanged(NamedTuple):
    meta: LogMeta
    words: bytes
    seq: int
    actor: str
    timestamp: int
    account: str


RoomEvent = (
    RoomCreated
    | RoomUpdated
    | RoomDescribed
    | RoomRekeyed
    | RoomTransferStarted
    | RoomTransferred
    | RoomProvisioned
    | RoomEnded
    | RoomReleased
)

ChainEvent = (
    RoomEvent
    | Credited
    | CreditSpent
    | Withdrawn
    | OperatorAdded
    | OperatorAccountChanged
    | OperatorPayeeChanged
    | OperatorAcceptingChanged
    | OperatorEnabledChanged
    | TermsSet
    | ModeratorChanged
    | PauseChanged
    | Retired
    | OwnerProposed
    | OwnerChanged
)
