"""The transaction that creates a room, as the contract stands at the chain's head.

Promises: terms, payment and whether the contract takes the room at all come from the node's latest
block, never from the index, which may be behind. What is missing in the host's balance of the price
is the transaction's value. If terms or balance move while it is tried, it is made once more. What
the contract would refuse for its own state is a `Problem`; what it would refuse in the request
(title, key, gate) is told by the simulation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from api.unsigned_transactions import SOMEBODY, UnsignedTransaction, WantedCall, build_unsigned
from chain.hexes import checksum_or_none
from chain.rpc.client import Rpc
from chain.views import CreationView, read_creation
from common.web.problems import Problem

GAS = 250_000  # for the case that it would revert now and cannot be estimated
MOVED = ("TermsChanged(", "WrongPayment(")  # how the reasons begin that a second look mends


class WantedRoom(NamedTuple):
    """`host` None: nobody in particular. `data`: the call, under these terms."""

    contract: str
    operator_id: int
    host: str | None
    data: Callable[[int], bytes]


class Creation(NamedTuple):
    """`state`: what it depends on. `value`: what the wallet pays, the balance pays the rest."""

    state: CreationView
    value: int
    made: UnsignedTransaction


async def build_creation(rpc: Rpc, chain_id: int, wanted: WantedRoom) -> Creation:
    """Build the transaction and try it. Raises `RpcError`, and `Problem` if the contract takes no
    such room now."""
    built = await _build(rpc, chain_id, wanted)
    if (built.made.simulation["reason"] or "").startswith(MOVED):
        built = await _build(rpc, chain_id, wanted)
    return built


async def _build(rpc: Rpc, chain_id: int, wanted: WantedRoom) -> Creation:
    state = await read_creation(
        rpc, wanted.contract, wanted.operator_id, wanted.host or SOMEBODY, "latest"
    )
    _check(state, wanted)
    value = state.price - (state.from_balance if wanted.host is not None else 0)
    call = WantedCall(
        to=wanted.contract,
        data=wanted.data(state.terms_id),
        value=value,
        sender=wanted.host,
        gas=GAS,
    )
    return Creation(state, value, await build_unsigned(rpc, chain_id, call))


def _check(state: CreationView, wanted: WantedRoom) -> None:
    """Raises the `Problem` of a contract that takes no such room, in the contract's order."""
    if state.retired:
        successor = checksum_or_none(state.successor)
        goes_on = "it names no successor" if successor is None else f"it names {successor}"
        raise Problem(
            "registry-retired",
            f"the contract's owner has retired it: it takes no new rooms; {goes_on}",
            extra={"successor": successor},
        )
    if state.paused:
        raise Problem("creation-paused", "the contract's owner has paused the creation of rooms")
    if not state.accepting:
        raise Problem("operator-not-accepting", f"operator {wanted.operator_id} takes no new rooms")
    if wanted.host is not None and state.open_rooms >= state.terms.max_open_rooms:
        raise Problem(
            "too-many-rooms",
            f"the host has {state.open_rooms} open rooms, the terms allow"
            f" {state.terms.max_open_rooms}",
        )
