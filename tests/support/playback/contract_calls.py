"""Calls of the contracts that tests alone have."""

from __future__ import annotations

from eth_abi.abi import encode

from chain.hexes import keccak


def call(signature: str, *values: object) -> bytes:
    """A call's data; `signature` as in `give(address,uint256)`."""
    types = signature.partition("(")[2][:-1]
    return keccak(signature.encode())[:4] + encode(types.split(",") if types else [], list(values))
