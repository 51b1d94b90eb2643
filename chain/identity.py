"""Whether a node is on the chain that the settings mean, and has the contracts there, of our
version; what number their rooms begin with.

Promises: a mismatch is a `WrongChain` that says what was found and what to correct, in the same
words whoever asks; an answer of another shape is a `chain.rpc.errors.MalformedAnswer`, never a
mismatch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from chain.eth_call import answer_words, call_params, word_call
from chain.events import CONTRACT_VERSION
from chain.header import parse_header
from chain.hexes import hex_data
from chain.rpc import answers
from chain.rpc.answers import data, number
from chain.rpc.ask import ask
from chain.rpc.chain_guard import CHAIN_FIX, CHAIN_ID, is_on_another
from chain.rpc.client import Rpc
from chain.rpc.errors import (
    ExecutionReverted,
    JsonRpcError,
    NoEndpoint,
    RpcError,
    UnknownBlock,
)

FIRST_ROOM_CALL = word_call("firstRoomId")
VERSION_CALL = word_call("VERSION")
RETRY_SECONDS = 2.0


class WrongChain(Exception):
    """The settings and the node do not belong together. `found`: how; `fix`: what to do."""

    def __init__(self, found: str, fix: str) -> None:
        super().__init__(f"{found}: {fix}")
        self.found = found
        self.fix = fix


async def read_chain_id(rpc: Rpc) -> int:
    """The chain that the node is on. Raises `RpcError`."""
    return await ask(rpc, CHAIN_ID, [], answers.chain_id)


async def read_code(rpc: Rpc, address: str) -> bytes:
    """The code at an address, empty where there is none. Raises `RpcError`."""
    return await ask(rpc, "eth_getCode", [address, "latest"], data)


async def check_chain_id(rpc: Rpc, wanted: int, name: str = "the node") -> int:
    """The node's chain id, which is `wanted`. Raises `WrongChain`, `RpcError`."""
    found = await read_chain_id(rpc)
    if found != wanted:
        raise WrongChain(is_on_another(name, found, wanted), CHAIN_FIX)
    return found


class ChainNodes(Protocol):
    """What `check_chain_ids` needs of `chain.rpc.pool.NodePool`."""

    @property
    def names(self) -> Sequence[str]: ...

    def on(self, name: str) -> Rpc: ...

    def quarantine(self, name: str, reason: str, seconds: float | None = None) -> None: ...


async def check_chain_ids(pool: ChainNodes, wanted: int) -> None:
    """Ask every node, one after the other, and leave out those of another chain, if one is right.

    Raises `WrongChain` if none is; an `RpcError` if only silent ones might be.
    """
    wrong: dict[str, WrongChain] = {}
    silent: RpcError | None = None
    right = False
    for name in pool.names:
        try:
            await check_chain_id(pool.on(name), wanted, f"the node at {name}")
            right = True
        except WrongChain as error:
            wrong[name] = error
        except RpcError as error:
            silent = error
    if right:
        for name, reason in wrong.items():
            pool.quarantine(name, str(reason))
        return
    found = "; ".join(reason.found for reason in wrong.values())
    if silent is None:
        raise WrongChain(found, CHAIN_FIX)
    if wrong:
        raise NoEndpoint(f"{found}; no other node answers ({silent}): {CHAIN_FIX}", RETRY_SECONDS)
    raise silent


async def check_contracts(rpc: Rpc, contracts: Iterable[tuple[str, int]], chain_id: int) -> None:
    """There is code at each address; with it comes its start block, which a node that still syncs
    has not reached. Raises `WrongChain`, `RpcError`."""
    for address, start in contracts:
        if not await read_code(rpc, address):
            if start > 0 and start > (head := await read_head(rpc)):
                raise not_reached(address, start, head)
            raise WrongChain(
                f"there is no contract at {address} on chain {chain_id}",
                "correct CONTRACTS or RPC_URLS",
            )


async def read_head(rpc: Rpc) -> int:
    """The number of the node's newest block. Raises `RpcError`."""
    return (await ask(rpc, "eth_getBlockByNumber", ["latest", False], parse_header)).number


def not_reached(contract: str, start: int, head: int) -> RpcError:
    """That a node without the contract has not come to its start block: it may still sync."""
    text = f"the start block {start} of {contract} is above the node's newest block, {head}"
    fix = "wait until the node has it, or correct CONTRACTS"
    return JsonRpcError(0, f"{text}: {fix}", method="eth_getBlockByNumber")


async def check_version(rpc: Rpc, contract: str) -> None:
    """The contract is of the version whose events we read. Raises `WrongChain`, `RpcError`."""
    try:
        found = await ask(rpc, "eth_call", call_params(contract, VERSION_CALL, "latest"), _text)
    except ExecutionReverted:
        found = "unknown"
    if found != CONTRACT_VERSION:
        raise WrongChain(
            f"the contract at {contract} is of version {found}, this program reads"
            f" {CONTRACT_VERSION}",
            "correct CONTRACTS, or use the program of that version",
        )


async def check_ours(rpc: Rpc, contracts: Iterable[tuple[str, int]], chain_id: int) -> None:
    """Each contract is there, and of our version. Raises `WrongChain`, `RpcError`."""
    named = list(contracts)
    await check_contracts(rpc, named, chain_id)
    for address, _ in named:
        await check_version(rpc, address)


async def check_calls_at_a_hash(rpc: Rpc, contract: str) -> None:
    """The node takes eth_call at a block hash, without which nothing can be proved near its head.

    Raises `WrongChain`, `RpcError`.
    """
    head = await ask(rpc, "eth_getBlockByNumber", ["latest", False], parse_header)
    try:
        await ask(rpc, "eth_call", call_params(contract, VERSION_CALL, head.hash), data)
    except (UnknownBlock, ExecutionReverted):
        return  # it understood
    except JsonRpcError as error:
        if error.transient:
            raise
        raise WrongChain(
            f"it refuses eth_call at a block hash ({error.message})",
            "use a node that supports EIP-1898 (docs/operations.md, What a node must do)",
        ) from None


async def read_first_room_id(rpc: Rpc, contract: str, block: str) -> int:
    """The number of the contract's first room. Raises `RpcError`."""
    return await ask(rpc, "eth_call", call_params(contract, FIRST_ROOM_CALL, block), _room_number)


def _room_number(answer: Any) -> int:
    return number(hex_data(answer_words(answer, 1)[0]))


def _text(answer: Any) -> str:
    """A short string that is all of a view's answer. Raises ValueError."""
    where, size, content = answer_words(answer, 3)
    if int.from_bytes(where) != 32 or int.from_bytes(size) > 32:
        raise ValueError("the answer is no short text")
    return ascii(content[: int.from_bytes(size)].decode("ascii", "replace"))[1:-1]
