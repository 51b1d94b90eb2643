"""The contract's views, read at one block.

Promises: every reader takes the block it reads at and asks the node for exactly that one: a hash is
sent as EIP-1898's `{"blockHash": ..., "requireCanonical": true}`, so an answer never comes from
another fork than the one meant. A revert is `chain.rpc.errors.ExecutionReverted`, an answer that is
not the view's shape `chain.rpc.errors.MalformedAnswer`: the contract was checked before
(`chain.identity`). What decodes without asking raises `chain.eth_call.ViewError`.
Names and types are the artifact's (`chain.contract`); web3.py asks (`chain.rpc.web3_provider`).
Only `history()` is asked as the indexer asks it, which has no web3.py.
Assumes: the node has the state of that block (else `chain.rpc.errors.UnknownBlock`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from chain.calldata import Terms
from chain.contract import livestream_rooms
from chain.enums import EndReason, Mode, Status
from chain.eth_call import ViewError, block_param, call_params
from chain.history import HISTORY_CALL, HistoryView, decode_history
from chain.rpc.answers import understood
from chain.rpc.ask import ask
from chain.rpc.client import Rpc
from chain.rpc.web3_provider import eth_call

T = TypeVar("T")
MAX_ROOMS_PER_CALL = 500


class RoomView(NamedTuple):
    """A room as the contract tells it: `RoomView` of the interface, field by field.

    Addresses are 0x, lower case, zero where there is none; times are unix seconds; `uid` is 16 zero
    bytes while pending. `rekeyed_at` is zero before the first key change. An unknown room has
    room_id 0 and status NONE.
    """

    room_id: int
    host: str
    pending_host: str
    created_at: int
    expires_at: int
    rekeyed_at: int
    operator_id: int
    terms_id: int
    mode: Mode
    gated: bool
    status: Status
    end_reason: EndReason
    effective_status: Status
    effective_reason: EndReason
    released: bool
    uid: bytes
    tag: bytes
    key_version: int
    events: int

    @property
    def expirable(self) -> bool:
        """Whether `expire` would end it at the block of the view: its time is over or its operator
        revoked, and nobody has ended it."""
        return self.status is not Status.ENDED and self.effective_status is Status.ENDED


class OperatorView(NamedTuple):
    """`account` zero: revoked. `playback_base` never changes for an id."""

    account: str
    payee: str
    accepting: bool
    enabled: bool
    playback_base: str


class CreationView(NamedTuple):
    """All that a creation depends on. `terms_id` and `terms`: the current ones. `successor`: zero
    address if none is named. `accepting`: the operator asked for takes new rooms. `credit` and
    `open_rooms`: the host's."""

    terms_id: int
    terms: Terms
    paused: bool
    successor: str
    retired: bool
    accepting: bool
    credit: int
    open_rooms: int

    @property
    def price(self) -> int:
        """Wei that a room costs."""
        return self.terms.deposit + self.terms.fee

    @property
    def from_balance(self) -> int:
        """Wei of the price that the host's credit pays; the wallet pays the rest."""
        return min(self.credit, self.price)


class AccountView(NamedTuple):
    """`credit`: wei it may withdraw, or create rooms with."""

    credit: int
    open_rooms: int


def view_call(name: str, *values: Any) -> bytes:
    """The calldata that asks a view."""
    return livestream_rooms().encode(name, *values)


async def view(rpc: Rpc, contract: str, block: str, name: str, *values: Any) -> tuple[Any, ...]:
    """Ask a view; the decoded return values. `block`: hash, quantity or tag."""
    data = view_call(name, *values)
    return await _ask(rpc, contract, block, data, partial(decode_view, name))


async def _ask(rpc: Rpc, contract: str, block: str, data: bytes, decode: Callable[[bytes], T]) -> T:
    answer = await eth_call(rpc, {"to": contract, "data": data}, block_param(block))
    return understood(rpc, "eth_call", answer, decode)


def decode_view(name: str, answer: Any) -> tuple[Any, ...]:
    """The return values of a view in an eth_call's answer. Raises `ViewError`."""
    return livestream_rooms().decode(name, answer)


async def read_rooms(rpc: Rpc, contract: str, ids: Sequence[int], block: str) -> list[RoomView]:
    """The rooms in the order of `ids`, all at `block`, in as few calls as the answers allow."""
    parts = [ids[i : i + MAX_ROOMS_PER_CALL] for i in range(0, len(ids), MAX_ROOMS_PER_CALL)]
    found: list[RoomView] = []
    for part in parts:
        data, decode = view_call("rooms", list(part)), partial(_rooms_of, len(part))
        found += await _ask(rpc, contract, block, data, decode)
    return found


def _rooms_of(asked: int, answer: Any) -> list[RoomView]:
    rows = decode_rooms(answer)
    if len(rows) != asked:
        raise ViewError(f"rooms() answered {len(rows)} rooms for {asked} ids")
    return rows


def decode_rooms(answer: Any) -> list[RoomView]:
    """The rooms in the answer to an eth_call of `rooms`. Raises `ViewError`."""
    (rows,) = decode_view("rooms", answer)
    return [room_of(row) for row in rows]


def room_of(row: Sequence[Any]) -> RoomView:
    """A room of its decoded values. Raises `ViewError`."""
    fields = RoomView(*row)
    try:
        return fields._replace(
            host=fields.host.lower(),
            pending_host=fields.pending_host.lower(),
            mode=Mode(fields.mode),
            status=Status(fields.status),
            end_reason=EndReason(fields.end_reason),
            effective_status=Status(fields.effective_status),
            effective_reason=EndReason(fields.effective_reason),
        )
    except ValueError as error:
        raise ViewError(f"rooms() answered an unknown enum value: {error}") from None


async def read_history(rpc: Rpc, contract: str, block: str) -> HistoryView:
    """The history commitment at `block`."""
    return await ask(rpc, "eth_call", call_params(contract, HISTORY_CALL, block), decode_history)


async def read_operator(rpc: Rpc, contract: str, operator_id: int, block: str) -> OperatorView:
    """Raises ExecutionReverted (OperatorUnknown) for a number that is not given out."""
    (values,) = await view(rpc, contract, block, "operator", operator_id)
    account, payee, *rest = values
    return OperatorView(account.lower(), payee.lower(), *rest)


async def read_operator_count(rpc: Rpc, contract: str, block: str) -> int:
    return int((await view(rpc, contract, block, "operatorCount"))[0])


async def read_terms(rpc: Rpc, contract: str, terms_id: int, block: str) -> Terms:
    """Raises ExecutionReverted (TermsUnknown) for a number that is not given out."""
    (values,) = await view(rpc, contract, block, "terms", terms_id)
    return Terms(*values)


async def read_current_terms_id(rpc: Rpc, contract: str, block: str) -> int:
    return int((await view(rpc, contract, block, "currentTermsId"))[0])


async def read_creation(
    rpc: Rpc, contract: str, operator_id: int, host: str, block: str
) -> CreationView:
    (values,) = await view(rpc, contract, block, "creation", operator_id, host)
    terms_id, terms, paused, successor, *rest = values
    return CreationView(terms_id, Terms(*terms), paused, successor.lower(), *rest)


async def read_account(rpc: Rpc, contract: str, account: str, block: str) -> AccountView:
    return AccountView(*await view(rpc, contract, block, "account", account))


async def read_room_count(rpc: Rpc, contract: str, block: str) -> int:
    return int((await view(rpc, contract, block, "roomCount"))[0])


async def read_owner(rpc: Rpc, contract: str, block: str) -> str:
    """The owner's address, 0x, lower case."""
    return str((await view(rpc, contract, block, "owner"))[0]).lower()


async def read_pending_owner(rpc: Rpc, contract: str, block: str) -> str:
    """Whom ownership is offered to, 0x, lower case; the zero address: nobody."""
    return str((await view(rpc, contract, block, "pendingOwner"))[0]).lower()


async def read_paused(rpc: Rpc, contract: str, block: str) -> bool:
    return bool((await view(rpc, contract, block, "paused"))[0])


async def read_is_moderator(rpc: Rpc, contract: str, account: str, block: str) -> bool:
    return bool((await view(rpc, contract, block, "isModerator", account))[0])
