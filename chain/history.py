"""The history commitment, folded as the contract folds it.

Promises: pure. Folding every event of a contract in order from `genesis` gives exactly what its
`history()` answers: a missing, re-ordered or invented event changes the hash.
Source: `contracts/libraries/HistoryHead.sol` and the `_emit...` functions beside each event.
"""

from __future__ import annotations

from sha3 import keccak_256

from chain.events import ChainEvent
from chain.tags import address_word

HASH_BYTES = 24
_PAD = bytes(8)


def genesis(chain_id: int, contract: str) -> bytes:
    """The hash before the first event, 24 bytes, bound to chain and contract."""
    digest: bytes = keccak_256(chain_id.to_bytes(32) + address_word(contract)).digest()
    return digest[:HASH_BYTES]


def step(h: bytes, event: ChainEvent) -> bytes:
    """The hash after `event`, given the hash before it; both 24 bytes.

    Whether `event.seq` follows is the caller's question.
    """
    digest: bytes = keccak_256(h + _PAD + event.words).digest()
    return digest[:HASH_BYTES]
