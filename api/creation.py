"""The transaction that creates a room, as the contract stands at the chain's head; which operator
it goes to.

Promises: terms, payment and whether the contract takes the room at all come from the node's latest
block, never from the index, which may be behind: where the host's operator has closed since, the
next one in the host's order gets the room. What is missing in the host's balance of the price
is the transaction's value. If terms or balance move while it is tried, it is made once more. What
the contract would refuse for its own state is a `Problem`; what it would refuse in the request
(title, key, gate) is told by the simulation. A room for some only goes to nobody who has no
playback service.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from api.index_source import Document
from api.unsigned_transactions import SOMEBODY, UnsignedTransaction, WantedCall, build_unsigned
from chain.hexes import ZERO_ADDRESS, checksum_or_none
from chain.operator_choice import ranked, takes_rooms
from chain.rpc.client import Rpc
from chain.views import CreationView, read_creation
from common.web.problems import Problem

GAS = 250_000  # for the case that it would revert now and cannot be estimated
MOVED = ("TermsChanged(", "WrongPayment(")  # how the reasons begin that a second look mends
MOST_ASKED = 5
"""Operators that the chain is asked about: so many that all closed since the index saw them."""


class WantedRoom(NamedTuple):
    """`operators`: who may get it, first choice first; at least one. `host` None: nobody in
    particular. `data`: the call, under these terms with this operator."""

    contract: str
    operators: Sequence[int]
    host: str | None
    data: Callable[[int, int], bytes]


class Creation(NamedTuple):
    """`state`: what it depends on. `value`: what the wallet pays, the balance pays the rest."""

    operator_id: int
    state: CreationView
    value: int
    made: UnsignedTransaction


def operators_for(
    host: str | None,
    known: Sequence[Document],
    named: int | None,
    playback: Collection[int] | None,
) -> list[int]:
    """Who may get a host's room, first choice first; at least one.

    `known`: the index's operators. `named`: the one that the request asks for. `playback`: the
    operators with a playback service, for a room that is for some only; None: it is for everybody.
    Those that take rooms come first: the index may be behind. Raises the `Problem` of a room for
    some only that nobody could watch.
    """
    if named is not None:
        if playback is not None and named not in playback:
            raise _without_playback(f"operator {named} has", playback)
        return [named]
    fit = [doc for doc in known if playback is None or doc["operator_id"] in playback]
    if playback is not None and not fit:
        raise _without_playback("none of the contract's operators has", ())
    host = host or ZERO_ADDRESS
    order: list[int] = []
    for taking in (True, False):
        order += ranked(host, [doc["operator_id"] for doc in fit if _takes(doc) is taking])
    return order or [1]


def _takes(doc: Document) -> bool:
    return takes_rooms(account=doc["account"], accepting=doc["accepting"], enabled=doc["enabled"])


def _without_playback(who: str, playback: Collection[int]) -> Problem:
    others = ", ".join(map(str, sorted(playback)))
    return Problem(
        "playback-missing",
        f"{who} no playback service here, so nobody could watch a room for some only"
        + (f"; operators with one: {others}" if others else ""),
    )


async def build_creation(rpc: Rpc, chain_id: int, wanted: WantedRoom) -> Creation:
    """Build the transaction and try it. Raises `RpcError`, and `Problem` if the contract takes no
    such room now."""
    built = await _build(rpc, chain_id, wanted)
    if (built.made.simulation["reason"] or "").startswith(MOVED):
        built = await _build(rpc, chain_id, wanted)
    return built


async def _build(rpc: Rpc, chain_id: int, wanted: WantedRoom) -> Creation:
    operator_id, state = await _first_that_takes(rpc, wanted)
    _check(state, wanted, operator_id)
    value = state.price - (state.from_balance if wanted.host is not None else 0)
    call = WantedCall(
        to=wanted.contract,
        data=wanted.data(state.terms_id, operator_id),
        value=value,
        sender=wanted.host,
        gas=GAS,
    )
    return Creation(operator_id, state, value, await build_unsigned(rpc, chain_id, call))


async def _first_that_takes(rpc: Rpc, wanted: WantedRoom) -> tuple[int, CreationView]:
    """The first operator that takes the room now, and how the contract stands; else the first."""
    found: list[tuple[int, CreationView]] = []
    for operator_id in wanted.operators[:MOST_ASKED]:
        host = wanted.host or SOMEBODY
        state = await read_creation(rpc, wanted.contract, operator_id, host, "latest")
        found.append((operator_id, state))
        if state.accepting or state.retired or state.paused:
            return found[-1]
    return found[0]


def _check(state: CreationView, wanted: WantedRoom, operator_id: int) -> None:
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
        several = len(wanted.operators) > 1
        who = "no operator takes" if several else f"operator {operator_id} takes no"
        raise Problem("operator-not-accepting", f"{who} new rooms")
    if wanted.host is not None and state.open_rooms >= state.terms.max_open_rooms:
        raise Problem(
            "too-many-rooms",
            f"the host has {state.open_rooms} open rooms, the terms allow"
            f" {state.terms.max_open_rooms}",
        )
