"""Revert data in words."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode

from chain.reverts import ErrorTable

ABI: list[dict[str, Any]] = [
    {"type": "error", "name": "NotOperator",
     "inputs": [{"type": "address", "name": "account"}, {"type": "uint256", "name": "roomId"}]},
    {"type": "error", "name": "Bad",
     "inputs": [{"type": "tuple[]", "name": "items",
                 "components": [{"type": "uint8", "name": ""}, {"type": "bytes", "name": ""}]}]},
    {"type": "function", "name": "x", "inputs": []},
]  # fmt: skip
TABLE = ErrorTable.from_abi(ABI, {"NotOperator": "another account serves this room"})
ACCOUNT = "0x" + "22" * 20
SELECTOR = next(key for key, error in TABLE.errors.items() if error.name == "NotOperator")


def error_string(text: str) -> bytes:
    return bytes.fromhex("08c379a0") + encode(["string"], [text])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "reverted without a reason"),
        (error_string("not the host"), "not the host"),
        (bytes.fromhex("4e487b71") + encode(["uint256"], [0x11]), "arithmetic overflow or"
         " underflow"),
        (bytes.fromhex("4e487b71") + encode(["uint256"], [0x99]), "panic 0x99"),
        (SELECTOR + encode(["address", "uint256"], [ACCOUNT, 7]),
         f"NotOperator(account={ACCOUNT}, roomId=7): another account serves this room"),
        (SELECTOR + b"\x01", f"a malformed error 0x{SELECTOR.hex()}01"),
        (b"\x01\x02\x03\x04", "an unknown error 0x01020304"),
        (b"\x01", "an unknown error 0x01"),
    ],
)  # fmt: skip
def test_words__revert_data__sentence(data: bytes, words: str) -> None:
    assert TABLE.words(data) == words


def test_words__tuples_in_an_error__decoded() -> None:
    error = next(error for error in TABLE.errors.values() if error.name == "Bad")
    data = error.selector + encode(["(uint8,bytes)[]"], [[(1, b"\xff")]])
    assert TABLE.words(data) == "Bad(items=[[1, 0xff]])"
