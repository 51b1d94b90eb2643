"""EIP-1559 transactions as bytes.

Promises: pure functions from a transaction's fields to the bytes that are signed and the bytes that
are sent. Access lists are always empty; no other transaction type is made here.
Source: EIP-1559 and EIP-2718 (type 2: 0x02 || rlp([...])).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rlp

from chain.hexes import hex_data, keccak, to_bytes


@dataclass(frozen=True)
class FeeTx:
    """The fields of a type 2 transaction. Fees are wei per gas; `to` is 20 bytes."""

    chain_id: int
    nonce: int
    max_priority_fee: int
    max_fee: int
    gas: int
    to: bytes
    value: int
    data: bytes

    def __post_init__(self) -> None:
        if len(self.to) != 20:
            raise ValueError(f"a recipient is 20 bytes, this has {len(self.to)}")
        numbers = (self.nonce, self.max_priority_fee, self.max_fee, self.gas, self.value)
        if any(not 0 <= number < 2**256 for number in numbers):
            raise ValueError("a transaction's number is out of range")
        if self.max_priority_fee > self.max_fee:
            raise ValueError("the priority fee is above the maximum fee")

    @classmethod
    def from_dict(cls, tx: Mapping[str, Any]) -> FeeTx:
        """From {chainId, nonce, to, value, data, gas, maxFeePerGas, maxPriorityFeePerGas}."""
        try:
            return cls(
                chain_id=int(tx["chainId"]),
                nonce=int(tx["nonce"]),
                max_priority_fee=int(tx["maxPriorityFeePerGas"]),
                max_fee=int(tx["maxFeePerGas"]),
                gas=int(tx["gas"]),
                to=to_bytes(tx["to"]),
                value=int(tx.get("value", 0)),
                data=to_bytes(tx.get("data", "0x")),
            )
        except KeyError as error:
            raise ValueError(f"the transaction lacks {error.args[0]}") from None

    def _fields(self) -> list[Any]:
        return [
            self.chain_id,
            self.nonce,
            self.max_priority_fee,
            self.max_fee,
            self.gas,
            self.to,
            self.value,
            self.data,
            [],
        ]

    def unsigned(self) -> bytes:
        """What is hashed and signed."""
        return b"\x02" + bytes(rlp.encode(self._fields()))

    def signing_hash(self) -> bytes:
        return keccak(self.unsigned())

    def signed(self, y_parity: int, r: int, s: int) -> bytes:
        """What is broadcast."""
        return b"\x02" + bytes(rlp.encode([*self._fields(), y_parity, r, s]))


def tx_hash(raw: bytes) -> str:
    """The hash of a raw signed transaction, 0x and lower case."""
    return hex_data(keccak(raw))
