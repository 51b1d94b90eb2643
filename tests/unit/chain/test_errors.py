"""Nodes' error objects become typed errors."""

from __future__ import annotations

from typing import Any

import pytest

from chain.rpc.errors import (
    ExecutionReverted,
    JsonRpcError,
    LogRangeTooLarge,
    NodeBusy,
    RateLimited,
    UnknownBlock,
    classify_error,
)

CASES: list[tuple[str, str, dict[str, Any], type[Exception]]] = [
    ("geth", "eth_call", {"code": -32000, "message": "header not found"}, UnknownBlock),
    ("geth pruned", "eth_call",
     {"code": -32000, "message": "missing trie node 12ab (path ) state 0x12 is not available"},
     UnknownBlock),
    ("geth by hash", "eth_getLogs", {"code": -32000, "message": "unknown block"}, UnknownBlock),
    ("anvil", "eth_getLogs",
     {"code": -32602,
      "message": "BlockOutOfRangeError: block height is 1 but requested was 256"}, UnknownBlock),
    ("anvil by hash", "eth_call", {"code": -32001, "message": "Resource not found"}, UnknownBlock),
    ("nethermind", "eth_getLogs",
     {"code": -32001, "message": "Block 21 could not be found"}, UnknownBlock),
    ("hardhat by hash", "eth_getLogs",
     {"code": -32602, "message": "blockHash cannot be found"}, UnknownBlock),
    ("hardhat call by hash", "eth_call",
     {"code": -32000, "message": "Received invalid block tag 0x12ab. Latest block number is 2"},
     UnknownBlock),
    ("infura rate", "eth_call",
     {"code": -32005, "message": "daily request count exceeded, request rate limited",
      "data": {"rate": {"backoff_seconds": 30}}}, RateLimited),
    ("alchemy rate", "eth_call",
     {"code": 429, "message": "Your app has exceeded its compute units per second capacity."},
     RateLimited),
    ("logs", "eth_getLogs",
     {"code": -32005, "message": "query returned more than 10000 results"}, LogRangeTooLarge),
    ("reverted", "eth_call",
     {"code": 3, "message": "execution reverted: no", "data": "0x08c379a0"}, ExecutionReverted),
    ("besu", "eth_estimateGas",
     {"code": -32000, "message": "Execution reverted", "data": "0x1234"}, ExecutionReverted),
    ("internal", "eth_getLogs", {"code": -32603, "message": "oops"}, NodeBusy),
    ("no gas", "eth_call", {"code": -32603, "message": "EVM error OutOfGas"}, JsonRpcError),
    ("indexing", "eth_getTransactionReceipt",
     {"code": -32000, "message": "transaction indexing is in progress"}, NodeBusy),
    ("unknown method", "nope", {"code": -32601, "message": "Method not found"}, JsonRpcError),
]  # fmt: skip


@pytest.mark.parametrize(("method", "error", "kind"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_classify__words_of_a_node__typed_error(
    method: str, error: dict[str, Any], kind: type[Exception]
) -> None:
    assert type(classify_error(method, error, "https://node")) is kind


def test_classify__revert_data_in_any_place__bytes() -> None:
    for data in ("0xabcd", {"data": "0xabcd"}, "Reverted 0xabcd", {"data": {"data": "0xabcd"}}):
        error = classify_error(
            "eth_call", {"code": 3, "message": "execution reverted", "data": data}
        )
        assert isinstance(error, ExecutionReverted)
        assert error.revert_data == b"\xab\xcd"


def test_classify__rate_limit_with_wait__wait_is_read() -> None:
    texts: list[tuple[dict[str, Any], float]] = [
        ({"code": -32005, "message": "rate limited", "data": {"rate": {"backoff_seconds": 7}}}, 7),
        ({"code": 429, "message": "too many requests, retry in 250ms"}, 0.25),
        ({"code": 429, "message": "Too many requests, try again after 12s"}, 12),
    ]
    for error, seconds in texts:
        limited = classify_error("eth_call", error)
        assert isinstance(limited, RateLimited)
        assert limited.retry_after == seconds


def test_classify__refused_transaction__never_guessed_transient() -> None:
    error = classify_error("eth_sendRawTransaction", {"code": -32603, "message": "already known"})
    assert type(error) is JsonRpcError
    assert not error.transient


@pytest.mark.parametrize("error", ["text", None, 7, {"message": None}, {"code": "x"}])
def test_classify__malformed_error_object__plain_error(error: Any) -> None:
    assert isinstance(classify_error("eth_call", error), JsonRpcError)
