"""Whether a node is on the chain that the settings mean, and has the contracts there, of our
version; what number their rooms begin with.

Promises: a mismatch is a `WrongChain` that says what was found and what to correct, in the same
words whoever asks; an answer of another shape is a `chain.rpc.errors.BadResponse`, never a
mismatch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from chain.eth_call import ViewError, answer_words, call_params, word_call
from chain.events import CONTRACT_VERSION
from chain.hexes import to_bytes, to_int
from chain.rpc.client import Rpc
from chain.rpc.errors import BadResponse, ExecutionReverted

FIRST_ROOM_CALL = word_call("firstRoomId")
VERSION_CALL = word_call("VERSION")
T = TypeVar("T")


class WrongChain(Exception):
    """The settings and the node do not belong together. `found`: how; `fix`: what to do."""

    def __init__(self, found: str, fix: str) -> None:
        super().__init__(f"{found}: {fix}")
        self.found = found
        self.fix = fix


async def read_chain_id(rpc: Rpc) -> int:
    """The chain that the node is on. Raises `RpcError`."""
    return _read("eth_chainId", to_int, await rpc.call("eth_chainId", []))


async def read_code(rpc: Rpc, address: str) -> bytes:
    """The code at an address, empty where there is none. Raises `RpcError`."""
    return _read("eth_getCode", code_of, await rpc.call("eth_getCode", [address, "latest"]))


def code_of(answer: Any) -> bytes:
    """The code in an answer to eth_getCode; some nodes say null where there is none."""
    return b"" if answer is None else to_bytes(answer)


async def check_chain_id(rpc: Rpc, wanted: int, name: str = "the node") -> int:
    """The node's chain id, which is `wanted`. Raises `WrongChain`, `RpcError`."""
    found = await read_chain_id(rpc)
    if found != wanted:
        raise WrongChain(
            f"{name} is on chain {found}, the settings say {wanted}",
            "correct RPC_URLS or CHAIN_ID",
        )
    return found


async def check_contracts(rpc: Rpc, addresses: Iterable[str], chain_id: int) -> None:
    """There is code at each address. Raises `WrongChain`, `RpcError`."""
    for address in addresses:
        if not await read_code(rpc, address):
            raise WrongChain(
                f"there is no contract at {address} on chain {chain_id}",
                "correct CONTRACTS or RPC_URLS",
            )


async def check_version(rpc: Rpc, contract: str) -> None:
    """The contract is of the version whose events we read. Raises `WrongChain`, `RpcError`."""
    try:
        answer = await rpc.call("eth_call", call_params(contract, VERSION_CALL, "latest"))
        found = _read("eth_call", _text, answer)
    except ExecutionReverted:
        found = "unknown"
    if found != CONTRACT_VERSION:
        raise WrongChain(
            f"the contract at {contract} is of version {found}, this program reads"
            f" {CONTRACT_VERSION}",
            "correct CONTRACTS, or use the program of that version",
        )


async def read_first_room_id(rpc: Rpc, contract: str, block: str) -> int:
    """The number of the contract's first room. Raises `RpcError`, `ViewError`."""
    params = call_params(contract, FIRST_ROOM_CALL, block)
    return int.from_bytes(answer_words(await rpc.call("eth_call", params), 1)[0])


def _text(answer: Any) -> str:
    """A short string that is all of a view's answer. Raises ValueError."""
    try:
        where, size, content = answer_words(answer, 3)
    except ViewError as error:
        raise ValueError(str(error)) from None
    if int.from_bytes(where) != 32 or int.from_bytes(size) > 32:
        raise ValueError("the answer is no short text")
    return ascii(content[: int.from_bytes(size)].decode("ascii", "replace"))[1:-1]


def _read(method: str, read: Callable[[Any], T], answer: Any) -> T:
    try:
        return read(answer)
    except ValueError as error:
        raise BadResponse(f"an unexpected answer: {error}", method=method) from None
