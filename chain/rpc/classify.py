"""From a node's error object to our typed error.

Promises: a pure function of method, code, message and data. What is not recognised stays a plain
`JsonRpcError`: permanent, and reported with the node's own words.
Assumes: the texts of geth, erigon, nethermind, besu, reth and anvil, and of the usual providers.
What a refused transaction means is `chain.send.txpool_errors`' table, not this one.
"""

from __future__ import annotations

import re
from typing import Any

from chain.rpc.errors import (
    ExecutionReverted,
    JsonRpcError,
    LogRangeTooLarge,
    NodeBusy,
    RateLimited,
    RpcError,
    UnknownBlock,
)
from chain.rpc.log_limits import parse_log_limit

_UNKNOWN_BLOCK = re.compile(
    r"header not found|header for hash not found|unknown block|block not found|"
    r"missing trie node|missing block|block #?\d* ?not found|BlockOutOfRange|"
    r"resource not found|state (?:is )?(?:not available|histories? .*not available)|"
    r"historical state .*not available|required historical state|world state unavailable|"
    r"no state available|after last accepted block|greater than latest|"
    r"requested .*block.* (?:does not exist|not (?:yet )?available)|"
    r"one of the blocks specified in filter .* cannot be found|"
    r"invalid block range params|begin block .* greater than current|beyond (?:the )?"
    r"(?:current )?head|could not find block|"
    r"(?:block |\")(?:finalized|safe|pending|\d+)\"? (?:is )?not available|"
    r"(?:finalized|safe|pending) block (?:is )?not (?:available|found)|"
    r"^\"?(?:finalized|safe|pending|\d+)\"? could not be found",
    re.IGNORECASE,
)
_REVERTED = re.compile(
    r"execution reverted|VM execution error|transaction reverted|^reverted", re.IGNORECASE
)
_RATE = re.compile(
    r"rate.?limit|too many requests|request limit|requests per second|"
    r"exceeded (?:its|your|the) (?:compute|capacity|daily|throughput|quota)|"
    r"compute units per second|capacity exceeded|daily request count|credits? (?:exhausted|limit)|"
    r"throttl",
    re.IGNORECASE,
)
_BUSY = re.compile(
    r"indexing is in progress|not (?:fully )?synced|still syncing|server is busy|"
    r"no backend is currently healthy|backend .*unavailable|service unavailable|"
    r"temporar(?:y|ily)|try again|upstream|internal (?:server )?error|request timed out|"
    r"context deadline exceeded|execution timeout",
    re.IGNORECASE,
)
_RETRY_IN = re.compile(
    r"(?:retry|try again) (?:in|after) (\d+(?:\.\d+)?) ?(ms|s|sec)?", re.IGNORECASE
)


def _revert_bytes(data: Any) -> bytes:
    """The error bytes, wherever the node put them: "0x..", {"data": ..}, "Reverted 0x.."."""
    if isinstance(data, dict):
        data = data.get("data", data.get("originalError"))
        return _revert_bytes(data) if data is not None else b""
    if isinstance(data, str):
        found = re.search(r"0x([0-9a-fA-F]*)", data)
        if found and len(found[1]) % 2 == 0:
            return bytes.fromhex(found[1])
    return b""


def _retry_after(message: str, data: Any) -> float | None:
    if isinstance(data, dict):
        rate = data.get("rate")
        wait = rate.get("backoff_seconds") if isinstance(rate, dict) else data.get("retry_after")
        if isinstance(wait, int | float) and not isinstance(wait, bool):
            return float(wait)
    found = _RETRY_IN.search(message)
    if not found:
        return None
    return float(found[1]) / (1000.0 if found[2] == "ms" else 1.0)


def classify(method: str, error: Any, endpoint: str = "") -> RpcError:
    """The typed error for the JSON-RPC `error` object that answered `method`."""
    if not isinstance(error, dict):
        return JsonRpcError(0, str(error)[:300], endpoint=endpoint, method=method)
    raw_code = error.get("code", 0)
    code = raw_code if isinstance(raw_code, int) else 0
    message = str(error.get("message", ""))[:1000]
    data = error.get("data")
    where = {"endpoint": endpoint, "method": method}

    if method in ("eth_call", "eth_estimateGas") and (code == 3 or _REVERTED.search(message)):
        return ExecutionReverted(code, message, data, revert_data=_revert_bytes(data), **where)
    if code == 429 or _RATE.search(message):
        return RateLimited(_retry_after(message, data), text=message, **where)
    if method in ("eth_getLogs", "eth_getFilterLogs"):
        limit = parse_log_limit(f"{message} {data if isinstance(data, str) else ''}")
        if limit is not None:
            return LogRangeTooLarge(
                code, message, data, max_blocks=limit.max_blocks, suggested=limit.suggested, **where
            )
    if method == "eth_sendRawTransaction":
        # The sender reads these texts itself; never guess that a refusal was a passing fault.
        return JsonRpcError(code, message, data, **where)
    if code in (-32001, -39001) or _UNKNOWN_BLOCK.search(message):
        return UnknownBlock(code, message, data, **where)
    if code in (-32603, -32005) or _BUSY.search(message):
        return NodeBusy(code, message, data, **where)
    return JsonRpcError(code, message, data, **where)
