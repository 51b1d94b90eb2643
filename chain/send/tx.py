"""EIP-1559 transactions, between our callers and eth-account.

Promises: pure functions. Access lists are always empty; no other transaction type is made here.
eth-account encodes, signs and recovers; here stands what it leaves to its caller: the checks, and
the bytes for somebody else to sign.
Source: EIP-1559 and EIP-2718 (type 2: 0x02 || rlp([...])).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import rlp
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_account.types import TransactionDictType

from chain.hexes import hex_data, keccak, to_bytes

_SIGNED_IN_ORDER = (
    "chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas", "to", "value", "data",
)  # fmt: skip


def fee_tx(tx: Mapping[str, Any]) -> TransactionDictType:
    """`tx` as eth-account takes it: numbers are ints, `to` and `data` bytes, the type is said.

    `tx`: {chainId, nonce, to, value, data, gas, maxFeePerGas, maxPriorityFeePerGas}; fees are wei
    per gas, `value` and `data` may be left out. Raises ValueError if it is malformed.
    """
    try:
        to, data = to_bytes(tx["to"]), to_bytes(tx.get("data", "0x"))
        numbers = {
            name: int(tx[name])
            for name in ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas")
        }
    except KeyError as error:
        raise ValueError(f"the transaction lacks {error.args[0]}") from None
    numbers["value"] = int(tx.get("value", 0))
    if len(to) != 20:
        raise ValueError(f"a recipient is 20 bytes, this has {len(to)}")
    if any(not 0 <= number < 2**256 for number in numbers.values()):
        raise ValueError("a transaction's number is out of range")
    if numbers["maxPriorityFeePerGas"] > numbers["maxFeePerGas"]:
        raise ValueError("the priority fee is above the maximum fee")
    return {"type": 2, **numbers, "to": to, "data": data}


def unsigned_bytes(fields: TransactionDictType) -> bytes:
    """What is hashed and signed for `fields` (of `fee_tx`).

    Ours, because eth-account shows only the hash of it (`TypedTransaction.hash`), and a remote
    signer wants the bytes, to hash them itself.
    """
    return b"\x02" + bytes(rlp.encode([*(fields[name] for name in _SIGNED_IN_ORDER), []]))


def signed_bytes(fields: TransactionDictType, y_parity: int, r: int, s: int) -> bytes:
    """What is broadcast: `fields` (of `fee_tx`) with a signature. TypeError if r or s is 0."""
    return TypedTransaction.from_dict({**fields, "v": y_parity, "r": r, "s": s}).encode()


def tx_hash(raw: bytes) -> str:
    """The hash of a raw signed transaction, 0x and lower case."""
    return hex_data(keccak(raw))
