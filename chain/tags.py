"""A room's tag: what binds a live input and its sealed credentials to one room, host and key.

Source: `LivestreamRooms.tagOf`. A reorg can give a room number to another host; the tag differs.
"""

from __future__ import annotations

from chain.hexes import to_bytes
from chain.keccak import keccak

TAG_BYTES = 12


def address_word(address: str) -> bytes:
    """An address (0x, 20 bytes) as the 32-byte word that the ABI makes of it."""
    return bytes(12) + to_bytes(address)


def room_tag(
    chain_id: int,
    contract: str,
    room_id: int,
    host: str,
    operator_id: int,
    mode: int,
    binding: str | bytes,
    ingest_key: bytes,
    key_version: int,
) -> bytes:
    """The 12-byte tag.

    `binding`: for key version 1 the gate's address (0x...; zero address: public); for later ones
    the former tag (12 bytes). `ingest_key`: 32 bytes.
    """
    if isinstance(binding, str):
        bound = address_word(binding)
    else:
        bound = binding.ljust(32, b"\0")
    if len(ingest_key) != 32 or len(bound) != 32:
        raise ValueError("an ingest key has 32 bytes, a former tag 12")
    words = (
        chain_id.to_bytes(32),
        address_word(contract),
        room_id.to_bytes(32),
        address_word(host),
        operator_id.to_bytes(32),
        int(mode).to_bytes(32),
        bound,
        ingest_key,
        key_version.to_bytes(32),
    )
    return keccak(b"".join(words))[:TAG_BYTES]
