"""The contract for the oracle's simulation: the rule book, with hosts' transactions as wishes.

A wish that the rules refuse reverts: it leaves the state as it was. Money is left out (deposit and
fee are zero), and so are the limits that no history of the simulation comes near.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from chain.calldata import Terms
from chain.enums import Mode, Status
from chain.hexes import ZERO_ADDRESS
from oracle.facts import Proposal
from tests.support.rulebook.book import RuleBook
from tests.support.rulebook.documents import work
from tests.support.rulebook.state import Place, Room, State
from tests.support.rulebook.turn import Call, Refused

CHAIN_ID = 31337
CONTRACT = "0x" + "c0" * 20
OWNER = "0x" + "0a" * 20
MODERATOR = "0x" + "0d" * 20
BOOK = RuleBook(CHAIN_ID, CONTRACT)


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


def deployed(max_room_seconds: int, deadline_seconds: int, operator: str) -> State:
    """The contract with one operator and a moderator."""
    terms = Terms(0, 0, max_room_seconds, deadline_seconds, 65_535, 4000, 0)
    place = Place(0)
    state = BOOK.deploy(OWNER, OWNER, terms, place).state
    for call in (
        Call(OWNER, "addOperator", (operator, "https://customer-1.example")),
        Call(OWNER, "setModerator", (MODERATOR, True)),
    ):
        state = BOOK.act(state, call, place).state
    return state


def host_tx(state: State, tx: HostTx, number: int, now: int) -> State:
    """A host's (or moderator's) transaction; one that does not fit reverts."""
    place = Place(now, number)
    try:
        for call in _calls(tx):
            state = BOOK.act(state, call, place).state
    except Refused:
        pass
    return state


def _calls(tx: HostTx) -> list[Call]:
    if isinstance(tx, Create):
        args: tuple[Any, ...] = (tx.operator_id, tx.mode, ZERO_ADDRESS, tx.key, b"")
        return [Call(tx.host, "createRoom", args)]
    if isinstance(tx, End):
        if tx.host is None:
            return [Call(MODERATOR, "takeDown", (tx.room_id, 4))]
        return [Call(tx.host, "endRoom", (tx.room_id,))]
    if tx.new_host is None:
        return [Call(tx.host, "rekeyRoom", (tx.room_id, tx.key))]
    return [
        Call(tx.host, "transferRoom", (tx.room_id, tx.new_host)),
        Call(tx.new_host, "acceptRoom", (tx.room_id, tx.key)),
    ]


def operator_call(
    state: State, sender: str, name: str, entries: Sequence[Any], number: int, now: int
) -> tuple[State, int]:
    """An operator's batch: the state after it, and how many entries took effect."""
    after, events = BOOK.act(state, Call(sender, name, (entries,)), Place(now, number))
    return after, len(events)


def proposal_of(state: State, room: Room) -> Proposal:
    """What the index tells of a room."""
    ended = room.status is Status.ENDED
    return Proposal(
        room_id=room.number,
        operator_id=room.operator_id,
        host=room.host,
        status=room.status.word,
        end_reason=room.end.reason.word if room.end else None,
        gate=None,
        tag=room.tag,
        tag0=room.tag_at_creation,
        former_tag=room.former_tag,
        ingest_key=room.ingest_key,
        key_version=room.key_version,
        sealed_tag=room.sealed_tag,
        created_block=room.created.block,
        work=work(room),
        expire_at=None if ended else state.expires_at(room),
    )
