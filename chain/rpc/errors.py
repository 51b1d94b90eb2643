"""What can go wrong between us and a node, as types that say what to do about it.

Promises: every failure of a JSON-RPC call is an `RpcError`. `transient` says whether another node,
or the same one later, may answer. No message carries a URL's path, query or user: these hold API
keys; `endpoint` is scheme://host only.
"""

from __future__ import annotations

from typing import Any, ClassVar


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
            return "the endpoint refuses our key; check the URL in the settings"
        return "the endpoint or its gateway is in trouble"

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
