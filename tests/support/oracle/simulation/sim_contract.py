"""The contract for the oracle's simulation: the rule book, with hosts' transactions as wishes.

A wish that the rules refuse reverts: it leaves the state as it was. Hosts pay by what the contract
owes them as far as it goes. Left out are the limits that no history of the simulation comes near.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from chain.calldata import Terms
from chain.enums import Mode, Status
from chain.events import Credited
from chain.hexes import ZERO_ADDRESS
from oracle.facts import Proposal
from tests.support.rulebook.book import RuleBook
from tests.support.rulebook.documents import work
from tests.support.rulebook.state import ChainPlace, ContractState, RoomRow
from tests.support.rulebook.turn import ContractCall, Refused

CHAIN_ID = 31337
CONTRACT = "0x" + "c0" * 20
OWNER = "0x" + "0a" * 20
MODERATOR = "0x" + "0d" * 20
PAYEE = "0x" + "0e" * 20
DEPOSIT, FEE = 10_000_000, 1_000_000
BOOK = RuleBook(CHAIN_ID, CONTRACT)


class CreateTx(NamedTuple):
    """Host transactions. `salt` tells apart two of one content."""

    salt: int
    host: str
    operator_id: int
    mode: Mode
    key: bytes


class RekeyTx(NamedTuple):
    room_id: int
    host: str
    key: bytes
    new_host: str | None = None
    """Given: a transfer and its acceptance in one."""


class EndTx(NamedTuple):
    room_id: int
    host: str | None
    """None: taken down."""


class SwitchTx(NamedTuple):
    """The operator's own switch, by hand."""

    salt: int
    accepting: bool


HostTx = CreateTx | RekeyTx | EndTx | SwitchTx
SWITCH = "setOperatorAccepting"
BY_HAND = "by hand"
"""How the transactions of the operator's own hand begin."""


def deployed(max_room_seconds: int, deadline_seconds: int, operator: str) -> ContractState:
    """The contract with one operator and a moderator."""
    terms = Terms(DEPOSIT, FEE, max_room_seconds, deadline_seconds, 65_535, 4000, 0)
    place = ChainPlace(0)
    state = BOOK.deploy(OWNER, OWNER, terms, place).state
    for call in (
        ContractCall(OWNER, "addOperator", (operator, PAYEE, "https://customer-1.example")),
        ContractCall(OWNER, "setModerator", (MODERATOR, True)),
    ):
        state = BOOK.act(state, call, place).state
    return state


def host_tx(state: ContractState, tx: HostTx, number: int, now: int) -> ContractState:
    """A host's (or moderator's) transaction; one that does not fit reverts."""
    by_hand = f"{BY_HAND} {tx.salt}" if isinstance(tx, SwitchTx) else ""
    place = ChainPlace(now, number, tx=by_hand)
    try:
        for call in _calls(state, tx):
            state = BOOK.act(state, call, place).state
    except Refused:
        pass
    return state


def _calls(state: ContractState, tx: HostTx) -> list[ContractCall]:
    if isinstance(tx, CreateTx):
        args = (len(state.terms), tx.operator_id, tx.mode, ZERO_ADDRESS, tx.key, b"")
        credit = state.accounts[tx.host].credit if tx.host in state.accounts else 0
        return [ContractCall(tx.host, "createRoom", args, max(0, DEPOSIT + FEE - credit))]
    if isinstance(tx, SwitchTx):
        return [ContractCall(state.operators[1].account, SWITCH, (1, tx.accepting))]
    if isinstance(tx, EndTx):
        if tx.host is None:
            return [ContractCall(MODERATOR, "takeDown", (tx.room_id, 4))]
        return [ContractCall(tx.host, "endRoom", (tx.room_id,))]
    if tx.new_host is None:
        return [ContractCall(tx.host, "rekeyRoom", (tx.room_id, tx.key))]
    return [
        ContractCall(tx.host, "transferRoom", (tx.room_id, tx.new_host)),
        ContractCall(tx.new_host, "acceptRoom", (tx.room_id, _tag(state, tx.room_id), tx.key)),
    ]


def _tag(state: ContractState, room_id: int) -> bytes:
    return state.rooms[room_id].tag if room_id in state.rooms else bytes(12)


def operator_call(
    state: ContractState,
    sender: str,
    name: str,
    entries: Sequence[Any],
    number: int,
    now: int,
    tx: str = "",
) -> tuple[ContractState, int]:
    """An operator's batch, or its switch: the state after it, and how many entries took effect."""
    args = tuple(entries) if name == SWITCH else (entries,)
    after, events = BOOK.act(
        state, ContractCall(sender, name, args), ChainPlace(now, number, tx=tx)
    )
    return after, sum(event.kind is not Credited for event in events)


def proposal_of(state: ContractState, room: RoomRow) -> Proposal:
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
