"""Calldata for every function of the contract.

Promises: pure. Each function answers selector and arguments as `bytes`; a value out of its type's
range is a ValueError before anything is sent. Addresses are 0x strings, titles, bytesN and `bytes`
are `bytes`. Names and types are the artifact's (`chain.contract`); a test calls every function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chain.contract import livestream_rooms, text_of


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


# --- hosts ------------------------------------------------------------------------------------


def create_room(
    terms_id: int, operator_id: int, mode: int, gate: str, ingest_key: bytes, title: bytes
) -> bytes:
    """`terms_id`: the current terms. Their deposit and fee go with it, less what the sender's
    credit pays. `title`: at most 96 bytes of any kind."""
    return livestream_rooms().encode(
        "createRoom", terms_id, operator_id, int(mode), gate, ingest_key, text_of(title)
    )


def update_room(room_id: int, title: bytes) -> bytes:
    return livestream_rooms().encode("updateRoom", room_id, text_of(title))


def describe_room(room_id: int, starts_at: int, details: bytes) -> bytes:
    """`starts_at`: unix seconds, zero: not told. `details`: at most 1024 bytes of any kind."""
    return livestream_rooms().encode("describeRoom", room_id, starts_at, text_of(details))


def rekey_room(room_id: int, ingest_key: bytes) -> bytes:
    return livestream_rooms().encode("rekeyRoom", room_id, ingest_key)


def transfer_room(room_id: int, to: str) -> bytes:
    """The zero address takes an offer back."""
    return livestream_rooms().encode("transferRoom", room_id, to)


def accept_room(room_id: int, tag: bytes, ingest_key: bytes) -> bytes:
    """`tag`: the room's, as offered."""
    return livestream_rooms().encode("acceptRoom", room_id, tag, ingest_key)


def end_room(room_id: int) -> bytes:
    return livestream_rooms().encode("endRoom", room_id)


def withdraw_to(to: str) -> bytes:
    return livestream_rooms().encode("withdrawTo", to)


# --- operators, anyone, moderators ------------------------------------------------------------


def fulfill(entries: Sequence[Fulfillment]) -> bytes:
    return livestream_rooms().encode("fulfill", [tuple(e) for e in entries])


def decline(entries: Sequence[Declination]) -> bytes:
    return livestream_rooms().encode("decline", [tuple(e) for e in entries])


def release(entries: Sequence[Release]) -> bytes:
    return livestream_rooms().encode("release", [tuple(e) for e in entries])


def set_operator_accepting(operator_id: int, accepting: bool) -> bytes:
    return livestream_rooms().encode("setOperatorAccepting", operator_id, accepting)


def expire(room_ids: Sequence[int]) -> bytes:
    return livestream_rooms().encode("expire", list(room_ids))


def applied(batch: str, answer: bytes) -> int:
    """How many entries took effect, of what "fulfill", "decline", "release" or "expire" answered.
    Raises `chain.eth_call.ViewError`."""
    return int(livestream_rooms().decode(batch, answer)[0])


def take_down(room_id: int, reason: int) -> bytes:
    """`reason`: see `chain.enums.DETAILS`."""
    return livestream_rooms().encode("takeDown", room_id, reason)


# --- the owner --------------------------------------------------------------------------------


def add_operator(account: str, payee: str, playback_base: str) -> bytes:
    return livestream_rooms().encode("addOperator", account, payee, playback_base)


def set_operator_account(operator_id: int, account: str) -> bytes:
    """The zero address revokes the operator."""
    return livestream_rooms().encode("setOperatorAccount", operator_id, account)


def set_operator_payee(operator_id: int, payee: str) -> bytes:
    """By the payee or the owner."""
    return livestream_rooms().encode("setOperatorPayee", operator_id, payee)


def set_operator_enabled(operator_id: int, enabled: bool) -> bytes:
    return livestream_rooms().encode("setOperatorEnabled", operator_id, enabled)


def set_terms(terms: Terms) -> bytes:
    return livestream_rooms().encode("setTerms", tuple(terms))


def set_moderator(account: str, allowed: bool) -> bytes:
    return livestream_rooms().encode("setModerator", account, allowed)


def set_paused(paused: bool) -> bytes:
    return livestream_rooms().encode("setPaused", paused)


def retire(successor: str) -> bytes:
    """The zero address: no successor."""
    return livestream_rooms().encode("retire", successor)


def transfer_ownership(to: str) -> bytes:
    return livestream_rooms().encode("transferOwnership", to)


def accept_ownership() -> bytes:
    return livestream_rooms().encode("acceptOwnership")


def constructor(owner: str, first_room_id: int, terms: Terms) -> bytes:
    """What follows the bytecode in a deployment."""
    return livestream_rooms().encode_constructor(owner, first_room_id, tuple(terms))
