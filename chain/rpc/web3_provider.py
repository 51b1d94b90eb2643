"""web3.py over our nodes: what it asks goes through an `Rpc`, and what fails is our error.

Promises
1. `web3_on` gives one `AsyncWeb3` a node, however often it is asked for; the services ask for them
   as they open their nodes.
2. The provider raises the `Rpc`'s own typed errors and never hands web3.py an error answer: that
   would make a revert of any error that has `data`. An answer of another shape than its method's is
   a `MalformedAnswer`, before web3.py sees it.
3. Nothing is asked that the caller did not ask for: no middleware, no ENS, no cache, and CCIP-Read
   is off, on the provider and at each call (it would follow an URL that a revert names).
4. A block hash goes to the node as EIP-1898's object. So calls take `eth.call`: a contract
   function's own `.call(block_identifier=hash)` asks by number in the end.
Addresses are checksummed on their way out, since web3.py refuses lower-case ones.
Assumes: who asks holds the `Rpc` while it asks; the provider refers to it weakly.
On restart: nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast
from weakref import WeakKeyDictionary, ref

from eth_utils.address import is_address, to_checksum_address
from web3 import AsyncWeb3
from web3.eth import AsyncEth
from web3.providers import AsyncBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from chain.rpc.answers import data, number
from chain.rpc.ask import ask
from chain.rpc.client import Rpc

_SHAPES: Mapping[str, Callable[[Any], Any]] = {"eth_call": data, "eth_estimateGas": number}
"""What the answer of each method that we ask through web3.py has to be."""


class RpcProvider(AsyncBaseProvider):
    """web3.py's way to one node. Raises `RpcError`."""

    global_ccip_read_enabled = False

    def __init__(self, rpc: Rpc) -> None:
        super().__init__()
        self._rpc = ref(rpc)

    async def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        rpc = self._rpc()
        if rpc is None:
            raise RuntimeError("the node was let go of")
        result = await ask(rpc, method, params, _SHAPES[method])
        return {"jsonrpc": "2.0", "id": 1, "result": result}


def new_web3(provider: AsyncBaseProvider) -> AsyncWeb3[Any]:
    """web3.py with its eth module alone, over `provider`."""
    return AsyncWeb3(provider, middleware=[], modules={"eth": AsyncEth}, ens=cast(Any, None))


_OF_NODE: WeakKeyDictionary[Rpc, AsyncWeb3[Any]] = WeakKeyDictionary()


def web3_on(rpc: Rpc) -> AsyncWeb3[Any]:
    """The node's web3.py."""
    made = _OF_NODE.get(rpc)
    if made is None:
        made = _OF_NODE[rpc] = new_web3(RpcProvider(rpc))
    return made


async def eth_call(
    rpc: Rpc, tx: Mapping[str, Any], block: Any, state: Mapping[str, Any] | None = None
) -> bytes:
    """What the call answers on the state after `block`: a quantity, a tag, or EIP-1898's object.

    `tx`: from, to, data, value, gas, as far as they matter; addresses of any case, numbers as ints.
    `state`: what to take for true of accounts, by address. Raises `RpcError`.
    """
    eth = web3_on(rpc).eth
    answer = await eth.call(
        cast(Any, _checksummed(tx)), block, cast(Any, state), ccip_read_enabled=False
    )
    return bytes(answer)


async def eth_estimate_gas(
    rpc: Rpc, tx: Mapping[str, Any], state: Mapping[str, Any] | None = None
) -> int:
    """The gas that the transaction would take at the newest block. As `eth_call`."""
    eth = web3_on(rpc).eth
    return await eth.estimate_gas(cast(Any, _checksummed(tx)), "latest", cast(Any, state))


@lru_cache(maxsize=4096)
def checksummed(address: str) -> str:
    """An address of any case as web3.py wants it. Raises ValueError for one that is none."""
    if not is_address(address):
        raise ValueError(f"not an address: {address!r}")
    return to_checksum_address(address)


def _checksummed(tx: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: checksummed(value) if name in ("from", "to") else value for name, value in tx.items()
    }
