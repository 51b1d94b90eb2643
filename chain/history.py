"""What the contract commits to by a hash: its history, and each room's tag.

Promises: pure. Folding every event of a contract in order from `genesis` gives exactly what its
`history()` answers (`HISTORY_CALL`): a missing, re-ordered or invented event changes the hash. A
room's tag binds a live input and its sealed credentials to one room, host and key: a reorg can give
a room number to another host, and the tag differs then.
Source: `contracts/libraries/HistoryHead.sol` and the `_emit...` functions beside each event;
`LivestreamRooms.tagOf`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sha3 import keccak_256

from chain.eth_call import answer_words, word_call
from chain.events import ChainEvent
from chain.hexes import keccak, to_bytes

HASH_BYTES = 23
TAG_BYTES = 12
HISTORY_CALL = word_call("history")
_PAD = bytes(32 - HASH_BYTES)


def address_word(address: str) -> bytes:
    """An address (0x, 20 bytes) as the 32-byte word that the ABI makes of it."""
    return bytes(12) + to_bytes(address)


def genesis(chain_id: int, contract: str) -> bytes:
    """The hash before the first event, `HASH_BYTES`, bound to chain and contract."""
    digest: bytes = keccak_256(chain_id.to_bytes(32) + address_word(contract)).digest()
    return digest[:HASH_BYTES]


def step(h: bytes, event: ChainEvent) -> bytes:
    """The hash after `event`, given the hash before it; both `HASH_BYTES`.

    Whether `event.seq` follows is the caller's question.
    """
    digest: bytes = keccak_256(h + _PAD + event.words).digest()
    return digest[:HASH_BYTES]


@dataclass(frozen=True)
class HistoryView:
    """How many events there were, and the hash over them (`HASH_BYTES`)."""

    count: int
    hash: bytes


NO_CONTRACT = HistoryView(0, b"")
"""There is no contract at that block, by the node's word: no events, and no proof of that."""


def decode_history(answer: Any) -> HistoryView:
    """The `HistoryView` in the answer to an eth_call of `HISTORY_CALL`. Raises `ViewError`."""
    count, digest = answer_words(answer, 2)
    return HistoryView(int.from_bytes(count), digest[:HASH_BYTES])


def decode_early_history(answer: Any) -> HistoryView:
    """The same at a block at which the contract may not be deployed yet: nodes answer nothing then,
    which is `NO_CONTRACT`."""
    return NO_CONTRACT if answer in (None, "0x") else decode_history(answer)


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
