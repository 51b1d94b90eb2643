"""The contract's events: types, decoding, encoding.

Promises: `decode` turns a log object of eth_getLogs into a typed event, or None for a log of
another kind (OpenZeppelin's ownership events); anything that the contract could not have emitted,
down to a stray bit of padding, is an `EventError`. `encode` is its inverse, for simulations.
"""

from chain.event_codec import EventError, decode
from chain.eventencode import build, encode
from chain.eventlayout import BY_TOPIC, BY_TYPE, LAYOUTS, Layout
from chain.events import (
    ChainEvent,
    Credited,
    LogMeta,
    ModeratorChanged,
    OperatorAcceptingChanged,
    OperatorAccountChanged,
    OperatorAdded,
    OperatorEnabledChanged,
    OwnerChanged,
    OwnerProposed,
    PauseChanged,
    RoomCreated,
    RoomEnded,
    RoomEvent,
    RoomProvisioned,
    RoomRekeyed,
    RoomReleased,
    RoomTransferred,
    RoomTransferStarted,
    RoomUpdated,
    TermsSet,
    Withdrawn,
)

TOPICS: tuple[str, ...] = tuple(layout.topic0 for layout in LAYOUTS)
"""Every topic0 of ours, as 0x strings."""

__all__ = [
    "BY_TOPIC",
    "BY_TYPE",
    "LAYOUTS",
    "TOPICS",
    "ChainEvent",
    "Credited",
    "EventError",
    "Layout",
    "LogMeta",
    "ModeratorChanged",
    "OperatorAcceptingChanged",
    "OperatorAccountChanged",
    "OperatorAdded",
    "OperatorEnabledChanged",
    "OwnerChanged",
    "OwnerProposed",
    "PauseChanged",
    "RoomCreated",
    "RoomEnded",
    "RoomEvent",
    "RoomProvisioned",
    "RoomRekeyed",
    "RoomReleased",
    "RoomTransferStarted",
    "RoomTransferred",
    "RoomUpdated",
    "TermsSet",
    "Withdrawn",
    "build",
    "decode",
    "encode",
]
