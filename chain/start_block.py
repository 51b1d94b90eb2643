"""Whether a contract's first event lies at or after its start block, as CONTRACTS names it.

Promises: a start block that is too late is a `WrongChain` that says how that is known, and the
right block where the node tells it. Reading from before the deployment is no fault: there is
nothing to read, and a node that answers nothing there (`0x`, null) says just that. What a node
cannot tell, since it keeps no old state or refuses wide ranges, is no proof of anything. Asks a
bounded number of questions.
Assumes: the constructor emits the first event (docs/contract.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chain.eth_call import call_params
from chain.event_codec import EventError, decode
from chain.hexes import to_hex
from chain.history import HISTORY_CALL, decode_early_history
from chain.identity import WrongChain, check_ours, not_reached, read_code, read_head
from chain.rpc.answers import data, entries, or_none, or_unknown
from chain.rpc.ask import ask
from chain.rpc.client import Rpc
from chain.rpc.errors import JsonRpcError, NoEndpoint, RpcError

RANGES_BELOW = (10_000, 1_000, 100)
"""Blocks below the start block that are looked at for events, where a node refuses all of them."""


async def check_start_block(node: Rpc, contract: str, start: int) -> None:
    """The contract has no event before block `start`, as far as the node can tell.

    Raises `WrongChain`, and `RpcError`, also while the node has not reached `start`.
    """
    if start <= 0:
        return
    head = await read_head(node)
    if start > head:
        if not await read_code(node, contract):
            raise not_reached(contract, start, head)
        raise await _too_late(node, contract, start, f"the newest block is {head}", head)
    count = await _events_up_to(node, contract, start - 1)
    if count:
        raise await _too_late(node, contract, start, f"the contract had {count} events before it")


async def check_deployments(node: Rpc, contracts: Iterable[tuple[str, int]], chain_id: int) -> None:
    """What a service wants of CONTRACTS before it starts: each is there, of our version, and its
    start block is not too late. Raises `WrongChain`, `RpcError`."""
    named = list(contracts)
    await check_ours(node, named, chain_id)
    for address, start in named:
        await check_start_block(node, address, start)


async def find_earlier_events(node: Rpc, contract: str, start: int) -> WrongChain | None:
    """That the contract has events before block `start`; None if the node does not show any.

    For when events are missing: it asks for logs, too. Raises nothing of the node's.
    """
    try:
        await check_start_block(node, contract, start)
        found = await _first_log_below(node, contract, start)
    except WrongChain as late:
        return late
    except RpcError:
        return None
    if found is None:
        return None
    return await _too_late(node, contract, start, f"block {found} has an event of the contract")


async def _too_late(
    node: Rpc, contract: str, start: int, how: str, below: int | None = None
) -> WrongChain:
    """That block `start` is too late; `how` that is known. `below`: the contract is there by this
    block, if not the one before `start`."""
    deployed = await _deployed_in(node, contract, start - 1 if below is None else below)
    right = "the block in which it was deployed (its deployment's receipt or a block explorer says)"
    if deployed is not None:
        right = f"{contract}@{deployed}"
    return WrongChain(
        f"the start block of {contract} is {start}, which is too late: {how}",
        f"correct it in CONTRACTS to {right}",
    )


async def _events_up_to(node: Rpc, contract: str, block: int) -> int | None:
    """How many events the contract has up to a block; None: the node has no state that old."""
    try:
        params = call_params(contract, HISTORY_CALL, to_hex(block))
        found = await ask(node, "eth_call", params, or_unknown(decode_early_history))
    except JsonRpcError as error:
        if error.transient:
            raise
        return None
    return None if found is None else found.count


async def _deployed_in(node: Rpc, contract: str, block: int) -> int | None:
    """The block whose event is the contract's first, at most `block`; None if nobody can tell."""
    try:
        first = await _first_log(node, contract, 0, block)
        if first is None:
            first = await _first_with_code(node, contract, block)
        logs = await _logs(node, contract, first, first)
        seqs = [event.seq for event in map(decode, logs) if event is not None]
    except (RpcError, EventError, KeyError, ValueError, TypeError):
        return None
    return first if seqs[:1] == [1] else None


async def _first_with_code(node: Rpc, contract: str, block: int) -> int:
    """By halving, since code stays. Raises `RpcError`, also where a node has no state that old."""
    low, high = 0, block
    while low < high:
        middle = (low + high) // 2
        if await ask(node, "eth_getCode", [contract, to_hex(middle)], or_none(data)):
            high = middle
        else:
            low = middle + 1
    return low


async def _first_log_below(node: Rpc, contract: str, start: int) -> int | None:
    """A block below `start` with an event of the contract, if the node shows one."""
    found = await _first_log(node, contract, 0, start - 1)
    for blocks in RANGES_BELOW:
        found = found or await _first_log(node, contract, max(0, start - blocks), start - 1)
    return found


async def _first_log(node: Rpc, contract: str, first: int, last: int) -> int | None:
    """The block of the first log in a range; None: there is none, or the node refuses the range."""
    try:
        logs = await _logs(node, contract, first, last)
        return int(logs[0]["blockNumber"], 16) if logs else None
    except NoEndpoint:
        raise
    except (RpcError, KeyError, ValueError, TypeError):
        return None


async def _logs(node: Rpc, contract: str, first: int, last: int) -> list[dict[str, Any]]:
    query = {"address": contract, "fromBlock": to_hex(first), "toBlock": to_hex(last)}
    return await ask(node, "eth_getLogs", [query], entries)
