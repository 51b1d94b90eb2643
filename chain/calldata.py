"""Calldata for every function of the contract; how a call that only reads is asked and answered.

Promises: pure. Each function answers selector and arguments as `bytes`; a value out of its type's
range is a ValueError before anything is sent. Addresses are 0x strings, bytesN and dynamic values
`bytes`. An answer that is not of a view's shape is a `ViewError`.
Source: `contracts/interfaces/ILivestreamRooms.sol`; a test compares every selector with the ABI.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from chain.hexes import hex_data, keccak, to_bytes

TERMS_TYPE = "(uint256,uint256,uint32,uint32,uint16,uint16,uint16)"


class Terms(NamedTuple):
    """What hosting costs and what bounds it. `deposit` and `fee`: wei, whole gwei."""

    deposit: int
    fee: int
    max_room_seconds: int
    fulfill_deadline_seconds: int
    max_open_rooms: int
    max_room_events: int
    rekey_cooldown: int


class Fulfillment(NamedTuple):
    """A live input for a room. `tag` 12 bytes, `uid` 16, `sealed_ingest` 1 to 1024."""

    room_id: int
    tag: bytes
    uid: bytes
    sealed_ingest: bytes


class Declination(NamedTuple):
    """`reason`: see `chain.enums.DETAILS`."""

    room_id: int
    tag: bytes
    reason: int


class Release(NamedTuple):
    """An ended room whose live input is gone."""

    room_id: int
    tag: bytes


class ViewError(Exception):
    """The answer of a view is not of its shape; the text says which and what to check."""


def selector(signature: str) -> bytes:
    """The four bytes that choose a function, e.g. of "endRoom(uint256)"."""
    return keccak(signature.encode())[:4]


def call(name: str, types: Sequence[str], *values: Any) -> bytes:
    """Calldata of `name` with arguments of the given ABI types. Raises ValueError."""
    try:
        return selector(f"{name}({','.join(types)})") + _args(types, *values)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def block_param(block: str) -> Any:
    """The block parameter for a hash (0x, 32 bytes), a quantity or a tag."""
    if len(block) == 66:
        return {"blockHash": block, "requireCanonical": True}
    return block


def call_params(contract: str, data: bytes, block: str) -> list[Any]:
    """The parameters of an eth_call that only reads."""
    return [{"to": contract, "data": hex_data(data)}, block_param(block)]


def answer_bytes(answer: Any) -> bytes:
    """The bytes of an eth_call's answer."""
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


# --- hosts ------------------------------------------------------------------------------------


def create_room(operator_id: int, mode: int, gate: str, ingest_key: bytes, title: bytes) -> bytes:
    """Send deposit and fee of the current terms with it. `title`: at most 96 bytes of any kind."""
    # `bytes` and `string` are encoded alike; a title need not be valid UTF-8.
    return selector("createRoom(uint16,uint8,address,bytes32,string)") + _args(
        ("uint16", "uint8", "address", "bytes32", "bytes"),
        operator_id, int(mode), gate, ingest_key, title,
    )  # fmt: skip


def update_room(room_id: int, title: bytes) -> bytes:
    return selector("updateRoom(uint256,string)") + _args(("uint256", "bytes"), room_id, title)


def rekey_room(room_id: int, ingest_key: bytes) -> bytes:
    return call("rekeyRoom", ("uint256", "bytes32"), room_id, ingest_key)


def transfer_room(room_id: int, to: str) -> bytes:
    """The zero address takes an offer back."""
    return call("transferRoom", ("uint256", "address"), room_id, to)


def accept_room(room_id: int, ingest_key: bytes) -> bytes:
    return call("acceptRoom", ("uint256", "bytes32"), room_id, ingest_key)


def end_room(room_id: int) -> bytes:
    return call("endRoom", ("uint256",), room_id)


def withdraw_to(to: str) -> bytes:
    return call("withdrawTo", ("address",), to)


# --- operators, anyone, moderators ------------------------------------------------------------


def fulfill(entries: Sequence[Fulfillment]) -> bytes:
    return call("fulfill", ("(uint256,bytes12,bytes16,bytes)[]",), [tuple(e) for e in entries])


def decline(entries: Sequence[Declination]) -> bytes:
    return call("decline", ("(uint256,bytes12,uint16)[]",), [tuple(e) for e in entries])


def release(entries: Sequence[Release]) -> bytes:
    return call("release", ("(uint256,bytes12)[]",), [tuple(e) for e in entries])


def set_operator_accepting(operator_id: int, accepting: bool) -> bytes:
    return call("setOperatorAccepting", ("uint16", "bool"), operator_id, accepting)


def expire(room_ids: Sequence[int]) -> bytes:
    return call("expire", ("uint256[]",), list(room_ids))


def take_down(room_id: int, reason: int) -> bytes:
    """`reason`: see `chain.enums.DETAILS`."""
    return call("takeDown", ("uint256", "uint16"), room_id, reason)


# --- the owner --------------------------------------------------------------------------------


def add_operator(account: str, playback_base: str) -> bytes:
    return call("addOperator", ("address", "string"), account, playback_base)


def set_operator_account(operator_id: int, account: str) -> bytes:
    """The zero address revokes the operator."""
    return call("setOperatorAccount", ("uint16", "address"), operator_id, account)


def set_operator_enabled(operator_id: int, enabled: bool) -> bytes:
    return call("setOperatorEnabled", ("uint16", "bool"), operator_id, enabled)


def set_terms(terms: Terms) -> bytes:
    return call("setTerms", (TERMS_TYPE,), tuple(terms))


def set_moderator(account: str, allowed: bool) -> bytes:
    return call("setModerator", ("address", "bool"), account, allowed)


def set_paused(paused: bool) -> bytes:
    return call("setPaused", ("bool",), paused)


def transfer_ownership(to: str) -> bytes:
    return call("transferOwnership", ("address",), to)


def accept_ownership() -> bytes:
    return call("acceptOwnership", ())


def constructor(owner: str, first_room_id: int, terms: Terms) -> bytes:
    """What follows the bytecode in a deployment."""
    return _args(("address", "uint64", TERMS_TYPE), owner, first_room_id, tuple(terms))


def _args(types: Sequence[str], *values: Any) -> bytes:
    if not types:
        return b""
    # Imported here: it takes 0.14 s, and the indexer never needs it.
    from eth_abi.abi import encode
    from eth_abi.exceptions import EncodingError

    try:
        return encode(list(types), list(values))
    except (EncodingError, TypeError) as error:
        raise ValueError(str(error)) from None
