"""An eth_call that only reads: how it is asked at one block, and its answer as words.

Promises: pure, and needs no ABI: for views that take nothing and answer words of fixed number. The
indexer asks `history()`, `firstRoomId()` and `VERSION()` so, and does without web3.py, which costs
half a second at the start and 19 MB. Every other view is `chain.views`'
matter. An answer of another shape is a `ViewError`.
Source: the ABI (a selector is the start of the signature's hash); tests hold both calls against the
artifact.
"""

from __future__ import annotations

from typing import Any

from chain.hexes import hex_data, keccak, to_bytes


class ViewError(ValueError):
    """The answer of a view is not of its shape; the text says which and what to check."""


def word_call(name: str) -> bytes:
    """The calldata of a view that takes nothing: its selector."""
    return keccak(f"{name}()".encode())[:4]


def block_param(block: str) -> Any:
    """The block parameter for a hash (0x, 32 bytes), a quantity or a tag. A hash is EIP-1898's
    object, so that the answer never comes from another fork than the one meant."""
    if len(block) == 66:
        return {"blockHash": block, "requireCanonical": True}
    return block


def call_params(contract: str, data: bytes, block: str) -> list[Any]:
    """The parameters of an eth_call that only reads."""
    return [{"to": contract, "data": hex_data(data)}, block_param(block)]


def answer_bytes(answer: Any) -> bytes:
    """The bytes of an eth_call's answer: 0x data or bytes. Raises `ViewError`, also for none: views
    always answer something."""
    try:
        raw = to_bytes(answer)
    except (TypeError, ValueError) as error:
        raise ViewError(f"the answer is no data: {error}") from None
    if not raw:
        raise ViewError("the answer is empty: is there a contract at this address and block?")
    return raw


def answer_words(answer: Any, count: int) -> list[bytes]:
    """The words of an answer that has just so many."""
    raw = answer_bytes(answer)
    if len(raw) != 32 * count:
        raise ViewError(f"the answer has {len(raw)} bytes instead of {32 * count}")
    return [raw[at : at + 32] for at in range(0, len(raw), 32)]
