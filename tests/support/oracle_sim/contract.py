"""The contract's rules for rooms, as far as the oracle can see them: a pure model.

Source: `contracts/LivestreamRooms.sol`. Money and titles are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from chain.enums import EndReason, Mode, Status
from chain.hexes import ZERO_ADDRESS
from chain.rooms import RoomView
from chain.tags import room_tag
from oracle.facts import Proposal

CHAIN_ID = 31337
CONTRACT = "0x" + "c0" * 20
NO_UID = bytes(16)


@dataclass(frozen=True, slots=True)
class Terms:
    max_room_seconds: int
    deadline_seconds: int


@dataclass(frozen=True, slots=True)
class Room:
    room_id: int
    host: str
    operator_id: int
    mode: Mode
    created_at: int
    created_block: int
    ingest_key: bytes
    tag: bytes
    tag0: bytes
    former_tag: bytes | None = None
    key_version: int = 1
    uid: bytes = NO_UID
    end: EndReason = EndReason.NONE
    released: bool = False
    sealed_tag: bytes | None = None
    sealed: bytes = b""
    sealed_at: int = 0
    provisions: int = 0
    """RoomProvisioned events for the present tag."""
    detail: int = 0


class Create(NamedTuple):
    """Host transactions. `salt` tells apart two of one content."""

    salt: int
    host: str
    operator_id: int
    mode: Mode
    key: bytes


class Rekey(NamedTuple):
    room_id: int
    host: str
    key: bytes
    new_host: str | None = None
    """Given: a transfer and its acceptance in one."""


class End(NamedTuple):
    room_id: int
    host: str | None
    """None: taken down."""


HostTx = Create | Rekey | End


@dataclass(frozen=True, slots=True)
class State:
    """The contract after a block. `accounts`: operators'; `log`: digest of the history so far."""

    terms: Terms
    accounts: Mapping[int, str]
    rooms: Mapping[int, Room]
    count: int = 0
    log: int = 0

    def with_room(self, room: Room) -> State:
        return replace(
            self,
            rooms={**self.rooms, room.room_id: room},
            count=self.count + 1,
            log=hash((self.log, room)),
        )

    def expirable(self, room: Room, now: int) -> bool:
        age = now - room.created_at
        late = room.uid == NO_UID and age >= self.terms.deadline_seconds
        return age >= self.terms.max_room_seconds or late

    def status(self, room: Room) -> Status:
        if room.end is not EndReason.NONE:
            return Status.ENDED
        return Status.PENDING if room.uid == NO_UID else Status.ACTIVE

    def view(self, room_id: int, now: int) -> RoomView | None:
        room = self.rooms.get(room_id)
        if room is None:
            return None
        status = self.status(room)
        over = status is not Status.ENDED and self.expirable(room, now)
        reason = EndReason.UNFULFILLED if room.uid == NO_UID else EndReason.EXPIRED
        return RoomView(
            room_id=room_id,
            host=room.host,
            pending_host=ZERO_ADDRESS,
            created_at=room.created_at,
            expires_at=room.created_at + self.terms.max_room_seconds,
            rekeyed_at=0,
            operator_id=room.operator_id,
            terms_id=1,
            mode=room.mode,
            gated=False,
            status=status,
            end_reason=room.end,
            effective_status=Status.ENDED if over else status,
            effective_reason=reason if over else room.end,
            released=room.released,
            uid=room.uid,
            tag=room.tag,
            key_version=room.key_version,
            events=0,
        )


def host_tx(state: State, tx: HostTx, number: int, now: int) -> State:
    """A host's (or moderator's) transaction; one that does not fit reverts."""
    if isinstance(tx, Create):
        room_id = len(state.rooms) + 1
        tag = room_tag(
            CHAIN_ID, CONTRACT, room_id, tx.host, tx.operator_id, tx.mode, ZERO_ADDRESS, tx.key, 1
        )
        return state.with_room(
            Room(room_id, tx.host, tx.operator_id, tx.mode, now, number, tx.key, tag, tag)
        )
    room = state.rooms.get(tx.room_id)
    if room is None or state.status(room) is Status.ENDED:
        return state
    if isinstance(tx, End):
        if tx.host is None:
            return state.with_room(replace(room, end=EndReason.TAKEN_DOWN))
        return state.with_room(replace(room, end=EndReason.HOST)) if tx.host == room.host else state
    if tx.host != room.host or state.expirable(room, now):
        return state
    host, version = tx.new_host or room.host, room.key_version + 1
    tag = room_tag(
        CHAIN_ID, CONTRACT, room.room_id, host, room.operator_id, room.mode, room.tag, tx.key,
        version,
    )  # fmt: skip
    return state.with_room(
        replace(
            room, host=host, tag=tag, former_tag=room.tag, key_version=version, ingest_key=tx.key,
            provisions=0,
        )
    )  # fmt: skip


class Entry(NamedTuple):
    """One entry of an operator's batch."""

    room_id: int
    tag: bytes = b""
    uid: bytes = NO_UID
    sealed: bytes = b""
    reason: int = 0


def operator_call(
    state: State, sender: str, name: str, entries: list[Entry], now: int
) -> tuple[State, int]:
    """An operator's batch: the state after it, and how many entries took effect."""
    applied = 0
    for entry in entries:
        room = state.rooms.get(entry.room_id)
        if room is None:
            continue
        after = _apply(state, sender, name, entry, room, now)
        if after is not None:
            state, applied = state.with_room(after), applied + 1
    return state, applied


def _apply(state: State, sender: str, name: str, entry: Entry, room: Room, now: int) -> Room | None:
    ended = state.status(room) is Status.ENDED
    if name == "expire":
        if ended or not state.expirable(room, now):
            return None
        unfulfilled = room.uid == NO_UID
        return replace(room, end=EndReason.UNFULFILLED if unfulfilled else EndReason.EXPIRED)
    if entry.tag != room.tag or state.accounts.get(room.operator_id) != sender:
        return None
    if name == "release":
        if not ended or room.released or room.uid == NO_UID:
            return None
        return replace(room, released=True)
    if ended:
        return None
    if name == "decline":
        return replace(room, end=EndReason.DECLINED, detail=entry.reason)
    if state.expirable(room, now) or room.uid not in (NO_UID, entry.uid) or not entry.sealed:
        return None
    return replace(
        room, uid=entry.uid, sealed_tag=entry.tag, sealed=entry.sealed, sealed_at=now,
        provisions=room.provisions + 1,
    )  # fmt: skip


def proposal_of(state: State, room: Room) -> Proposal:
    """What the index tells of a room."""
    status = state.status(room)
    work = None
    if status is Status.PENDING:
        work = "provision"
    elif status is Status.ACTIVE and room.sealed_tag != room.tag:
        work = "rekey"
    elif status is Status.ENDED and room.uid != NO_UID and not room.released:
        work = "release"
    expire_at = room.created_at + state.terms.max_room_seconds
    if status is Status.PENDING:
        expire_at = min(expire_at, room.created_at + state.terms.deadline_seconds)
    return Proposal(
        room_id=room.room_id,
        operator_id=room.operator_id,
        host=room.host,
        status=status.word,
        end_reason=room.end.word if status is Status.ENDED else None,
        gate=None,
        tag=room.tag,
        tag0=room.tag0,
        former_tag=room.former_tag,
        ingest_key=room.ingest_key,
        key_version=room.key_version,
        sealed_tag=room.sealed_tag,
        created_block=room.created_block,
        work=work,
        expire_at=None if status is Status.ENDED else expire_at,
    )
