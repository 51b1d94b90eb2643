"""What can go wrong between us and a node, as types that say what to do about it.

Promises: every failure of a JSON-RPC call is an `RpcError`. `transient` says whether another node,
or the same one later, may answer. No message carries a URL's path, query or user: these hold API
keys; `endpoint` is scheme://host only. `classify_error` makes a node's error object one of these
types, a pure function of method, code, message and data; what it does not recognise stays a plain
`JsonRpcError`: permanent, and reported with the node's own words.
Assumes: the texts of geth, erigon, nethermind, besu, reth and anvil, and of the usual providers.
What a refused transaction means is `chain.send.txpool_errors`' table, not this one.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from chain.rpc.log_limits import parse_log_limit


class RpcError(Exception):
    """A call failed. `endpoint` (scheme://host) and `method` say where."""

    transient: ClassVar[bool] = False

    def __init__(self, text: str, *, endpoint: str = "", method: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.endpoint = endpoint
        self.method = method

    def __str__(self) -> str:
        where = " ".join(part for part in (self.method, f"at {self.endpoint}") if part != "at ")
        return f"{self.text} ({where})" if where else self.text


class TransportError(RpcError):
    """No answer: refused, reset, name not found, TLS. Whether the call took effect is unknown."""

    transient = True


class RpcTimeout(TransportError):
    """No answer in time. Whether the call took effect is unknown."""


class HttpStatusError(RpcError):
    """The node, or a gateway before it, answered with an HTTP error and no JSON-RPC body."""

    def __init__(self, status: int, *, endpoint: str = "", method: str = "") -> None:
        super().__init__(f"HTTP status {status}", endpoint=endpoint, method=method)
        self.status = status

    @property
    def hint(self) -> str:
        """What an operator should check."""
        if self.status in (401, 403):
            return "the endpoint rejects the key in its URL; check RPC_URLS"
        return "the endpoint or its gateway is failing; retry later, or use another one"

    # 401, 403 and 404 are refusals by one provider; another endpoint may well answer.
    transient = True


class RateLimited(RpcError):
    """Too many calls. `retry_after`: seconds the node asked for, or None."""

    transient = True

    def __init__(
        self, retry_after: float | None, *, endpoint: str = "", method: str = "", text: str = ""
    ) -> None:
        super().__init__(text or "rate limited", endpoint=endpoint, method=method)
        self.retry_after = retry_after


class BadResponse(RpcError):
    """An answer that is not the JSON-RPC it should be: HTML, truncated, wrong shape, too large."""

    transient = True


class NoEndpoint(RpcError):
    """Every endpoint cools down or is quarantined; the first is free after `retry_after` s."""

    transient = True

    def __init__(self, text: str, retry_after: float) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class JsonRpcError(RpcError):
    """The node understood and said no: JSON-RPC `code`, `message`, `data`."""

    def __init__(
        self, code: int, message: str, data: Any = None, *, endpoint: str = "", method: str = ""
    ) -> None:
        super().__init__(f"{message} [{code}]", endpoint=endpoint, method=method)
        self.code = code
        self.message = message
        self.data = data


class NodeBusy(JsonRpcError):
    """The node failed inside or is not ready (syncing, indexing, internal error, -32603)."""

    transient = True


class LogRangeTooLarge(JsonRpcError):
    """eth_getLogs asked for too much at once.

    `max_blocks`: the most blocks a range may span, where the node said so.
    `suggested`: (from, to) block numbers, both included, where the node proposed them.
    """

    def __init__(
        self,
        code: int,
        message: str,
        data: Any = None,
        *,
        max_blocks: int | None = None,
        suggested: tuple[int, int] | None = None,
        endpoint: str = "",
        method: str = "",
    ) -> None:
        super().__init__(code, message, data, endpoint=endpoint, method=method)
        self.max_blocks = max_blocks
        self.suggested = suggested


class UnknownBlock(JsonRpcError):
    """The node does not have the block (or its state): it lags, was reorged, or is pruned."""


class ExecutionReverted(JsonRpcError):
    """A call or estimate reverted. `revert_data`: the raw error bytes, empty if none were given."""

    def __init__(
        self,
        code: int,
        message: str,
        data: Any = None,
        *,
        revert_data: bytes = b"",
        endpoint: str = "",
        method: str = "",
    ) -> None:
        super().__init__(code, message, data, endpoint=endpoint, method=method)
        self.revert_data = revert_data


# --- a node's error object ----------------------------------------------------------------------

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


def classify_error(method: str, error: Any, endpoint: str = "") -> RpcError:
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
