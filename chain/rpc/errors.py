"""What can go wrong between us and a node, as types that say what to do about it.

Promises: every failure of a JSON-RPC call is an `RpcError`. `transient` says whether another node,
or the same one later, may answer. No message carries a URL's path, query or user: these hold API
keys; `endpoint` is scheme://host only. `classify_error` makes a node's error object one of these
types, a pure function of method, code, message and data; what it does not recognise stays a plain
`JsonRpcError`: permanent, reported with the node's own words, and doubted (`unrecognised`), since
it may be a provider's way to refuse us: the pool asks another node (`chain.rpc.second_opinion`).
Assumes: the texts of geth, erigon, nethermind, besu, reth and anvil, and of the usual providers.
What a refused transaction means is `chain.send.txpool_errors`' table, not this one.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from chain.rpc import error_words as words
from chain.rpc.log_limits import parse_log_limit

SENDING = "eth_sendRawTransaction"
PRUNED_CODE = 4444
ACCESS_STATUSES = frozenset({401, 402, 403})
"""HTTP statuses, and codes, by which a provider says that it does not serve us."""


class RpcError(Exception):
    """A call failed. `endpoint` (scheme://host) and `method` say where."""

    transient: ClassVar[bool] = False

    def __init__(self, text: str, *, endpoint: str = "", method: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.endpoint = endpoint
        self.method = method
        self.position: int | None = None
        """Which call of a batch failed, where that is known."""

    @property
    def refusal(self) -> bool:
        """The node refuses to serve us, or makes answers up: it is left at once."""
        return False

    def __str__(self) -> str:
        at = f"at {self.endpoint}" if self.endpoint else ""
        where = " ".join(part for part in (self.method, at) if part)
        return f"{self.text} ({where})" if where else self.text


class TransportError(RpcError):
    """No answer: refused, reset, name not found, TLS. Whether the call took effect is unknown."""

    transient = True


class RpcTimeout(TransportError):
    """No answer in time. Whether the call took effect is unknown."""


class HttpStatusError(RpcError):
    """The node, or a gateway before it, answered with an HTTP error and no JSON-RPC body; or with
    one that says who may ask, whatever the body. `said`: what the body says, if it is short."""

    def __init__(
        self, status: int, *, endpoint: str = "", method: str = "", said: str = ""
    ) -> None:
        text = f"HTTP status {status}" + (f": {said}" if said else "")
        super().__init__(text, endpoint=endpoint, method=method)
        self.status = status

    @property
    def refusal(self) -> bool:
        return self.status in ACCESS_STATUSES

    @property
    def hint(self) -> str:
        """What an operator should check."""
        if self.refusal:
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


class MalformedAnswer(BadResponse):
    """A JSON-RPC answer whose result is not what its method answers. The node is left at once."""

    @property
    def refusal(self) -> bool:
        return True


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


class RefusedByNode(JsonRpcError):
    """The node, or its provider, does not serve us: it speaks of a key, an account or a plan, or
    refuses in unknown words what another node answers. The node is left at once."""

    transient = True

    @property
    def refusal(self) -> bool:
        return True


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

    @property
    def pruned(self) -> bool:
        """The node no longer keeps it; another one may."""
        return self.code == PRUNED_CODE or bool(words.PRUNED.search(self.message))


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


_TRIED = ("eth_call", "eth_estimateGas")

# --- a node's error object ----------------------------------------------------------------------


def classify_error(method: str, error: Any, endpoint: str = "") -> RpcError:
    """The typed error for the JSON-RPC `error` object that answered `method`."""
    if not isinstance(error, dict):
        error = {"message": str(error)[:300]}
    code = _code(error.get("code", 0))
    message = str(error.get("message", ""))[:1000]
    data = error.get("data")
    said = f"{message} {data}" if isinstance(data, str) else message
    where = {"endpoint": endpoint, "method": method}

    if method in _TRIED and (code == 3 or _says_reverted(message, data)):
        bytes_of = _revert_bytes(data) or _revert_bytes(_returned_in(message))
        return ExecutionReverted(code, message, data, revert_data=bytes_of, **where)
    if code == 429 or words.RATE.search(message):
        return RateLimited(_retry_after(message, data), text=message, **where)
    if method in ("eth_getLogs", "eth_getFilterLogs"):
        limit = parse_log_limit(said)
        if limit is not None:
            return LogRangeTooLarge(
                code, message, data, max_blocks=limit.max_blocks, suggested=limit.suggested, **where
            )
    if _denies_access(method, code, message):
        return RefusedByNode(code, message, data, **where)
    if method == SENDING or (method in _TRIED and _evm_failed(message)):
        # The sender reads these texts itself; never guess that a refusal was a passing fault. And
        # anvil calls it an internal error (-32603) when a called contract runs out of gas.
        return JsonRpcError(code, message, data, **where)
    if code in (-32001, -39001, PRUNED_CODE) or _lacks_block(message):
        return UnknownBlock(code, message, data, **where)
    if code in (-32603, -32005) or words.BUSY.search(message):
        return NodeBusy(code, message, data, **where)
    return JsonRpcError(code, message, data, **where)


def _evm_failed(message: str) -> bool:
    """The call itself failed; not for the node's want of a block or of time."""
    other = _lacks_block(message) or words.BUSY.search(message)
    return bool(words.OF_THE_REQUEST.search(message)) and not other


def _lacks_block(message: str) -> bool:
    return bool(words.UNKNOWN_BLOCK.search(message) or words.PRUNED.search(message))


def _denies_access(method: str, code: int, message: str) -> bool:
    """It is about who asks. An archive that takes a plan is about the block all the same."""
    if code in ACCESS_STATUSES:
        return True
    if words.PRUNED.search(message) or not words.ACCESS.search(message):
        return False
    return method != SENDING or not words.OF_A_TRANSACTION.search(message)


def unrecognised(error: RpcError) -> bool:
    """A refusal in words that we do not know: the request's fault, or the node's."""
    return type(error) is JsonRpcError and not words.OF_THE_REQUEST.search(error.message)


def about_batches(error: RpcError) -> bool:
    """The node's words are about how many calls one request holds."""
    if isinstance(error, LogRangeTooLarge | ExecutionReverted):
        return False
    spoken = isinstance(error, JsonRpcError | RateLimited | HttpStatusError)
    return spoken and bool(words.BATCH.search(_all_words(error)))


def batch_limit(error: RpcError, asked: int) -> int | None:
    """The limit of calls that the words name for a batch of `asked`, None if they name none."""
    if not about_batches(error):
        return None
    numbers = [int(text) for text in re.findall(r"\b\d{1,6}\b", _all_words(error))]
    return max((number for number in numbers if 0 < number < asked), default=None)


def _all_words(error: RpcError) -> str:
    data = error.data if isinstance(error, JsonRpcError) else None
    text = error.message if isinstance(error, JsonRpcError) else error.text
    return f"{text} {data}" if isinstance(data, str) else text


def _code(raw: Any) -> int:
    if isinstance(raw, str) and re.fullmatch(r"-?\d{1,9}", raw):
        return int(raw)
    return raw if isinstance(raw, int) else 0


def _says_reverted(message: str, data: Any) -> bool:
    """In the message, or where some nodes put it beside a message that says nothing."""
    if isinstance(data, dict):
        return any(_says_reverted(message, value) for value in (None, *data.values()))
    return bool(words.REVERTED.search(f"{message} {data}" if isinstance(data, str) else message))


def _returned_in(message: str) -> str | None:
    """Revert data that stands in the words only: "... (return data: 0x...)"."""
    found = re.search(r"(?:return data|data|output)\W{1,4}(0x[0-9a-fA-F]*)", message)
    return found[1] if found else None


def _revert_bytes(data: Any) -> bytes:
    """The error bytes, wherever the node put them: "0x..", "Reverted 0x..", {"data": ..} (hardhat,
    several deep), {"result": ..} (ganache), {HASH: {"return": ..}} (older ones)."""
    if isinstance(data, dict):
        named = [data[name] for name in _HOLD_BYTES if name in data]
        nested = [value for value in data.values() if isinstance(value, dict)]
        return next(filter(None, map(_revert_bytes, (*named, *nested))), b"")
    if isinstance(data, str):
        found = re.search(r"0x([0-9a-fA-F]*)", data)
        if found and len(found[1]) % 2 == 0:
            return bytes.fromhex(found[1])
    return b""


_HOLD_BYTES = ("data", "result", "return", "output", "originalError")


def _retry_after(message: str, data: Any) -> float | None:
    if isinstance(data, dict):
        rate = data.get("rate")
        wait = rate.get("backoff_seconds") if isinstance(rate, dict) else data.get("retry_after")
        if isinstance(wait, int | float) and not isinstance(wait, bool):
            return float(wait)
    found = words.RETRY_IN.search(message)
    if not found:
        return None
    return float(found[1]) / (1000.0 if found[2] == "ms" else 1.0)
