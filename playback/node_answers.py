"""What a node's answer to a call of a stranger's contract means.

Promises: a call that fails inside of the EVM (a revert, no gas left, an invalid opcode) is the
contract's answer and never a node's failure. A missing block, a time-out and a node's own trouble
are no answer.
"""

from __future__ import annotations

from typing import Any

from chain.rpc import answers
from chain.rpc.ask import ask
from chain.rpc.client import Rpc
from chain.rpc.error_words import OF_THE_REQUEST
from chain.rpc.errors import ExecutionReverted, JsonRpcError, UnknownBlock


async def call_stranger(rpc: Rpc, tx: dict[str, Any], block: str) -> bytes | None:
    """What the call answers, None: it failed. `tx`: hex values. Raises `RpcError`."""
    try:
        return await ask(rpc, "eth_call", [tx, block], answers.data)
    except ExecutionReverted:
        return None
    except JsonRpcError as error:
        if error.transient or isinstance(error, UnknownBlock) or not _evm_failed(error.message):
            raise
        return None


def _evm_failed(message: str) -> bool:
    """In the contract; geth's "execution aborted (timeout = 5s)" is its own want of time."""
    return bool(OF_THE_REQUEST.search(message)) and "timeout" not in message
