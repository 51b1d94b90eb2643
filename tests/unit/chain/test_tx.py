"""EIP-1559 transactions: the fields are checked, and the bytes are the standard's."""

from __future__ import annotations

import random
from typing import Any

import pytest
from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction

from chain.hexes import keccak
from chain.send.tx import fee_tx, signed_bytes, tx_hash, unsigned_bytes

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
TX = {
    "chainId": 31337,
    "nonce": 7,
    "to": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "value": 10**18,
    "data": "0xdeadbeef",
    "gas": 100_000,
    "maxFeePerGas": 3 * 10**9,
    "maxPriorityFeePerGas": 10**8,
}


def test_unsigned_bytes__a_transaction__as_the_eip_lays_them_out() -> None:
    items = (
        "827a69",  # chain id
        "07",  # nonce
        "8405f5e100",  # priority fee
        "84b2d05e00",  # maximum fee
        "830186a0",  # gas
        "9470997970c51812dc3a010c7d01b50e0d17dc79c8",  # to
        "880de0b6b3a7640000",  # value
        "84deadbeef",  # data
        "c0",  # access list
    )
    payload = bytes.fromhex("".join(items))
    assert unsigned_bytes(fee_tx(TX)) == bytes([0x02, 0xC0 + len(payload)]) + payload


def some_transactions() -> list[dict[str, Any]]:
    """Fields of every length, zero among them."""
    rng = random.Random(1559)

    def number(most_bytes: int) -> int:
        return rng.randrange(256 ** rng.randrange(most_bytes + 1))

    return [
        {
            "chainId": number(4),
            "nonce": number(8),
            "to": "0x" + rng.randbytes(20).hex(),
            "value": number(32),
            "data": "0x" + rng.randbytes(rng.choice([0, 1, 4, 55, 56, 300, 70_000])).hex(),
            "gas": number(8),
            "maxFeePerGas": (fee := number(16)),
            "maxPriorityFeePerGas": rng.randrange(fee + 1),
        }
        for _ in range(60)
    ]


@pytest.mark.parametrize("tx", some_transactions())
def test_unsigned_bytes__any_transaction__hash_is_what_eth_account_signs(
    tx: dict[str, Any],
) -> None:
    fields = fee_tx(tx)
    assert keccak(unsigned_bytes(fields)) == TypedTransaction.from_dict(fields).hash()


@pytest.mark.parametrize("nonce", range(8))
def test_signed_bytes__of_a_signature__what_eth_account_broadcasts(nonce: int) -> None:
    """Eight transactions: either parity comes up."""
    fields = fee_tx({**TX, "nonce": nonce})
    signed = Account.sign_transaction(fields, KEY)
    raw = signed_bytes(fields, signed.v, signed.r, signed.s)
    assert raw == bytes(signed.raw_transaction)
    assert tx_hash(raw) == "0x" + bytes(signed.hash).hex()


def test_fee_tx__address_in_lower_case__the_same() -> None:
    assert fee_tx({**TX, "to": str(TX["to"]).lower()}) == fee_tx(TX)


def test_fee_tx__no_value_and_no_data__none_are_sent() -> None:
    bare = {name: field for name, field in TX.items() if name not in ("value", "data")}
    assert fee_tx(bare) == fee_tx({**TX, "value": 0, "data": "0x"})


@pytest.mark.parametrize(
    "change",
    [
        {"to": "0x12"}, {"to": "0x"}, {"nonce": -1}, {"chainId": -1}, {"value": 2**256},
        {"maxPriorityFeePerGas": 10**12}, {"data": "beef"}, {"data": "0xabc"},
    ],
)  # fmt: skip
def test_fee_tx__malformed_field__value_error(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        fee_tx({**TX, **change})


def test_fee_tx__missing_field__named() -> None:
    with pytest.raises(ValueError, match="lacks gas"):
        fee_tx({k: v for k, v in TX.items() if k != "gas"})
