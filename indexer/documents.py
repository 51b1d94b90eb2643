"""The index's documents: their collections, shapes and keys.

Numbers are int64: block numbers, sequence numbers, ids, unix seconds. Wei are decimal strings of
`WEI_DIGITS` digits, zero-padded, so that they sort as numbers. Hashes, addresses and bytes are 0x
strings in lower case; a uid is 32 hex digits without 0x, as Cloudflare writes it. Every field is
always there; None says that there is no such thing.
`VOLATILE` fields are the index's own records: they may differ between two indexes of one chain
and stay out of comparisons.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

from chain.events import CONTRACT_VERSION

ROOMS = "livestreams"
EVENTS = "livestream_events"
OPERATORS = "operators"
TERMS = "terms"
ACCOUNTS = "accounts"
MODERATORS = "moderators"
CHECKPOINT = "checkpoint"
WRITER = "index_writer"

FOLDED = (ROOMS, OPERATORS, TERMS, ACCOUNTS, MODERATORS)
"""The collections that are a pure function of the events."""

VOLATILE = frozenset({"write", "as_of"})

SILENT = 60
"""Seconds without a look at the chain after which a reader takes the index for dead."""

FORMAT = 3
"""Of the documents: an index of another one is to be made anew from the chain."""

WEI_DIGITS = 30

StatusWord = Literal["pending", "active", "ended"]
ModeWord = Literal["webrtc", "broadcast"]
Work = Literal["provision", "rekey", "release"]
SyncState = Literal["syncing", "following", "stopped"]


def wei(amount: int) -> str:
    """An amount as documents hold it."""
    return f"{amount:0{WEI_DIGITS}d}"


def doc_id(contract: str, name: int | str) -> str:
    """The `_id` of an operator, terms, an account or a moderator."""
    return f"{contract}:{name}"


class End(TypedDict):
    """How a room ended. `detail`: the code given to decline or takeDown, else 0."""

    reason: str
    detail: int
    actor: str
    at: int
    block: int
    tx: str


class Sealed(TypedDict):
    """The last sealed credentials: ciphertext for the holder of the room's ingest key."""

    key_version: int
    tag: str
    data: str
    at: int
    block: int
    tx: str


class Created(TypedDict):
    block: int
    block_hash: str
    tx: str
    log_index: int


class Updated(TypedDict):
    block: int
    block_hash: str
    tx: str
    at: int


class RoomDoc(TypedDict):
    """A room. `_id` and `n` are its number.

    `title`: invalid UTF-8 replaced; `title_hex`: the bytes. `rekeyed_at`: the last key change.
    `former_tag`: the tag before the last key change.
    `starts_at`: when the host plans to go on air; `details`, `details_hex`: what else the host
    tells, as `title`. Nothing in the index reads more in them.
    `seqs`: the sequence numbers of its events, ascending; `events` is how many.
    `work`: what its operator has to do; `expire_at`: from when it is expirable, None once ended.
    """

    _id: int
    n: int
    room_id: str
    contract: str
    host: str
    pending_host: str | None
    title: str
    title_hex: str
    search: list[str]
    starts_at: int | None
    details: str
    details_hex: str
    mode: ModeWord
    gate: str | None
    status: StatusWord
    end: End | None
    operator_id: int
    terms_id: int
    created_at: int
    deadline_at: int
    expires_at: int
    expire_at: int | None
    uid: str | None
    playback_base: str
    playback_url: str | None
    ingest_key: str
    tag: str
    tag_at_creation: str
    former_tag: str | None
    key_version: int
    rekeyed_at: int | None
    sealed: Sealed | None
    provisioned_at: int | None
    released: bool
    released_at: int | None
    work: Work | None
    events: int
    first_seq: int
    last_seq: int
    seqs: list[int]
    created: Created
    updated: Updated


class EventDoc(TypedDict):
    """An event as it was emitted. `args`: its own parameters, by their names in snake case."""

    contract: str
    seq: int
    name: str
    room_id: int | None
    account: str | None
    block: int
    block_hash: str
    tx: str
    tx_index: int
    log_index: int
    actor: str
    at: int
    args: dict[str, Any]


class EventPage(TypedDict):
    """Consecutive events (`indexer.event_pages`). `last`: the number of the last one in it."""

    _id: str
    contract: str
    page: int
    last: int
    events: list[EventDoc]


class OperatorDoc(TypedDict):
    """`account`: None once revoked. `payee`: who is owed its fees."""

    _id: str
    contract: str
    operator_id: int
    account: str | None
    payee: str
    accepting: bool
    enabled: bool
    playback_base: str
    added_at: int
    seqs: list[int]
    last_seq: int
    updated: Updated


class TermsDoc(TypedDict):
    _id: str
    contract: str
    terms_id: int
    deposit: str
    fee: str
    max_room_seconds: int
    fulfill_deadline_seconds: int
    max_open_rooms: int
    max_room_events: int
    rekey_cooldown: int
    set_at: int
    seq: int
    updated: Updated


class AsOf(TypedDict):
    """A position of the index."""

    block: int
    block_hash: str
    seq: int


class AccountDoc(TypedDict):
    """Who is owed or hosts. `rooms`: how many it hosts, ended ones included.

    `as_of` (volatile): its last event's position; after a reorg that changed it, if that lies far
    back, a later one since which it has not changed.
    `write` (volatile): the number of the write that last changed the document.
    """

    _id: str
    contract: str
    account: str
    credit: str
    open_rooms: int
    rooms: int
    events: int
    as_of: AsOf | None
    write: int


class ModeratorDoc(TypedDict):
    _id: str
    contract: str
    account: str
    allowed: bool
    seqs: list[int]
    last_seq: int
    updated: Updated


class BlockRef(TypedDict):
    block: int
    block_hash: str


class HeadRef(TypedDict):
    """`block_seconds`: the chain's block time as measured, once it is."""

    block: int
    timestamp: int
    block_seconds: NotRequired[float]


class Pending(TypedDict):
    """A write under way. Events up to `through` may be in the documents.

    `kind`: "commit" adds events; "undo" takes a commit back that did not end; "cut" takes settled
    events back. `write`: its number, which accounts that it changed carry.
    """

    kind: Literal["commit", "undo", "cut"]
    through: int
    write: int


class Checkpoint(TypedDict):
    """Where the index of one contract stands; `_id` is the contract.

    `block`, `block_hash`, `seq`, `history`: everything up to here is in the documents, nothing
    beyond, unless a write is under way (`pending`). `writes`: how many there were. `window`:
    [number, hash, seq, history] of recent blocks, ascending.
    `format`: of this contract's documents, `FORMAT`; `version`: the contract's `VERSION`.
    `retired`: no room is created any more; `successor`: where its owner says that hosts go on.
    `proven`: the last such entry at which the contract's own `history()` was the same.
    `head`: the chain's head as last seen; `updated_at`: when (unix seconds, float).
    """

    _id: str
    format: int
    version: str
    chain_id: int
    start_block: int
    block: int
    block_hash: str
    seq: int
    history: str
    rooms: int
    ended_rooms: int
    first_room_id: int
    owner: str | None
    pending_owner: str | None
    paused: bool
    retired: bool
    successor: str | None
    current_terms: int | None
    contract_seqs: list[int]
    finalized: BlockRef
    head: HeadRef
    window: list[list[Any]]
    proven: list[Any]
    writes: int
    pending: Pending | None
    state: SyncState
    stop_reason: str | None
    updated_at: float
    writer: NotRequired[str]


def why_unreadable(point: Mapping[str, Any]) -> str | None:
    """Why this program cannot use the index that a checkpoint stands for, and what to do; None: it
    can."""
    found = (point.get("format"), point.get("version"))
    if found == (FORMAT, CONTRACT_VERSION):
        return None
    return (
        f"the index of {point['_id']} has documents of format {found[0]} of a contract of version "
        f"{found[1]}, this program reads format {FORMAT} and version {CONTRACT_VERSION}: run "
        "`python -m indexer rebuild`"
    )
