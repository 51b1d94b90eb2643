"""Whether the code on a chain is what the source at hand compiles to.

Promises: compares every byte but the immutable values, and these with what they must be. The
committed artifact stands for the source: `make check` proves that it compiles to it.
"""

from __future__ import annotations

from chain import abi
from scripts.support.chainread import code_at
from scripts.support.wallet import Wallet


def same_code(wallet: Wallet, address: str, first_room_id: int) -> str | None:
    """None if it is, else how it differs. `first_room_id`: the only immutable's value."""
    contract = abi.load()
    wanted = bytearray(contract.deployed_bytecode)
    for start, length in contract.immutables:
        wanted[start : start + length] = first_room_id.to_bytes(length)
    found = code_at(wallet, address)
    if found == bytes(wanted):
        return None
    if len(found) != len(wanted):
        return f"{len(found)} bytes on chain, {len(wanted)} from the source"
    at = next(i for i, (a, b) in enumerate(zip(found, wanted, strict=True)) if a != b)
    return f"byte {at} is 0x{found[at]:02x} on chain, 0x{wanted[at]:02x} from the source"
