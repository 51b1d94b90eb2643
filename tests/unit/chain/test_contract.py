"""A contract's bytes by its ABI: strings of any bytes, addresses of any case, strict answers."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode

from chain.contract import ContractCodec, text_of
from chain.eth_call import ViewError
from chain.hexes import keccak

CODEC = ContractCodec(
    [
        {
            "type": "function", "name": "put", "stateMutability": "view",
            "inputs": [{"type": "string", "name": "text"}, {"type": "address", "name": "who"}],
            "outputs": [{"type": "address", "name": ""}, {"type": "string", "name": ""}],
        },
        {"type": "function", "name": "none", "stateMutability": "view",
         "inputs": [], "outputs": []},
        {"type": "constructor", "inputs": [{"type": "uint8", "name": "n"}]},
        {"type": "event", "name": "put", "inputs": []},
    ]
)  # fmt: skip
WHO = "0x" + "5b" * 20


@pytest.mark.parametrize(
    "title",
    [
        b"",
        b"a" * 31,
        b"a" * 32,
        "Chào 👋".encode(),
        b"\xff",
        b"\xed\xa0\x80\x00",
        bytes(range(256)),
    ],
)
def test_text__bytes_of_any_kind__go_out_as_they_are(title: bytes) -> None:
    data = CODEC.encode("put", text_of(title), WHO)
    assert data == keccak(b"put(string,address)")[:4] + encode(["bytes", "address"], [title, WHO])


def test_text__no_bytes_at_all__is_refused() -> None:
    with pytest.raises(ValueError, match=r"^put: "):
        CODEC.encode("put", "\ud800", WHO)
    with pytest.raises(ValueError, match=r"^put: "):
        CODEC.encode("put", 7, WHO)


def test_encode__too_few_or_too_many_values__is_refused() -> None:
    for values in ([], ["a"], ["a", WHO, 1]):
        with pytest.raises(ValueError, match=r"^put: "):
            CODEC.encode("put", *values)
    with pytest.raises(ValueError, match=r"^none: "):
        CODEC.encode("none", 1)


@pytest.mark.parametrize("who", [None, 7, "", "0x" + "5b" * 19, "alice.eth"])
def test_encode__no_address__is_refused(who: Any) -> None:
    with pytest.raises(ValueError, match=r"^put: "):
        CODEC.encode("put", "a", who)


def test_constructor__its_values__follow_the_bytecode_bare() -> None:
    assert CODEC.encode_constructor(7) == (7).to_bytes(32)
    with pytest.raises(ValueError, match=r"^constructor: "):
        CODEC.encode_constructor(256)


def test_decode__an_address__comes_in_lower_case() -> None:
    mixed = "0x52908400098527886E0F7030069857D2E4169EE7"
    answer = encode(["address", "string"], [mixed, "é"])
    assert CODEC.decode("put", answer) == (mixed.lower(), "é")
    assert CODEC.decode("put", "0x" + answer.hex()) == (mixed.lower(), "é")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x01",
        encode(["uint256", "string"], [2**160, ""]),
        encode(["address", "bytes"], [WHO, b"\xff"]),
        encode(["address", "string"], [WHO, "abc"])[:-1],
        encode(["address", "uint256"], [WHO, 2**255]),
    ],
)
def test_decode__another_shape__is_a_view_error(answer: bytes) -> None:
    with pytest.raises(ViewError):
        CODEC.decode("put", answer)
