"""Events as documents, and back.

Promises: `from_doc(event_doc(event)) == event`, so that stored events can be folded and hashed
again without the chain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chain import events as t
from chain.enums import EndReason, Mode
from chain.event_codec import build_event
from chain.hexes import hex_data, to_bytes
from indexer.documents import EventDoc, wei

_Args = Callable[[Any], dict[str, Any]]

_ARGS: dict[type[t.ChainEvent], _Args] = {
    t.RoomCreated: lambda e: {
        "operator_id": e.operator_id,
        "terms_id": e.terms_id,
        "mode": e.mode.word,
        "gate": e.gate,
        "ingest_key": hex_data(e.ingest_key),
        "tag": hex_data(e.tag),
        "title": e.title.decode("utf-8", "replace"),
        "title_hex": hex_data(e.title),
    },
    t.RoomUpdated: lambda e: {
        "title": e.title.decode("utf-8", "replace"),
        "title_hex": hex_data(e.title),
    },
    t.RoomRekeyed: lambda e: {
        "key_version": e.key_version,
        "ingest_key": hex_data(e.ingest_key),
        "tag": hex_data(e.tag),
    },
    t.RoomTransferStarted: lambda e: {"to": e.to},
    t.RoomTransferred: lambda e: {
        "former_host": e.former_host,
        "key_version": e.key_version,
        "ingest_key": hex_data(e.ingest_key),
        "tag": hex_data(e.tag),
    },
    t.RoomProvisioned: lambda e: {
        "tag": hex_data(e.tag),
        "uid": e.uid.hex(),
        "sealed_ingest": hex_data(e.sealed_ingest),
    },
    t.RoomEnded: lambda e: {
        "reason": e.reason.word,
        "detail": e.detail,
        "amount": wei(e.amount),
    },
    t.RoomReleased: lambda e: {},
    t.Credited: lambda e: {"account": e.account, "amount": wei(e.amount)},
    t.Withdrawn: lambda e: {"to": e.to, "amount": wei(e.amount)},
    t.OperatorAdded: lambda e: {
        "operator_id": e.operator_id,
        "account": e.account,
        "playback_base": e.playback_base.decode("ascii"),
    },
    t.OperatorAccountChanged: lambda e: {"operator_id": e.operator_id, "account": e.account},
    t.OperatorAcceptingChanged: lambda e: {"operator_id": e.operator_id, "accepting": e.accepting},
    t.OperatorEnabledChanged: lambda e: {"operator_id": e.operator_id, "enabled": e.enabled},
    t.TermsSet: lambda e: {
        "terms_id": e.terms_id,
        "deposit": wei(e.deposit),
        "fee": wei(e.fee),
        "max_room_seconds": e.max_room_seconds,
        "fulfill_deadline_seconds": e.fulfill_deadline_seconds,
        "max_open_rooms": e.max_open_rooms,
        "max_room_events": e.max_room_events,
        "rekey_cooldown": e.rekey_cooldown,
    },
    t.ModeratorChanged: lambda e: {"account": e.account, "allowed": e.allowed},
    t.PauseChanged: lambda e: {"paused": e.paused},
    t.OwnerProposed: lambda e: {"account": e.account},
    t.OwnerChanged: lambda e: {"account": e.account},
}

_TYPES = {kind.__name__: kind for kind in _ARGS}
_NAMES = {kind: kind.__name__ for kind in _ARGS}
_ROOM_EVENTS = frozenset(kind for kind in _ARGS if "room_id" in kind._fields)


def event_doc(event: t.ChainEvent) -> EventDoc:
    """The document of an event."""
    kind = type(event)
    meta = event.meta
    args = _ARGS[kind](event)
    return {
        "contract": meta.contract,
        "seq": event.seq,
        "name": _NAMES[kind],
        "room_id": event.room_id if kind in _ROOM_EVENTS else None,  # type: ignore[union-attr]
        "account": event.actor if kind is t.Withdrawn else args.get("account"),
        "block": meta.block_number,
        "block_hash": meta.block_hash,
        "tx": meta.tx_hash,
        "tx_index": meta.tx_index,
        "log_index": meta.log_index,
        "actor": event.actor,
        "at": event.timestamp,
        "args": args,
    }


_BACK: dict[str, Callable[[Any], Any]] = {
    "mode": lambda word: Mode[word.upper()],
    "reason": lambda word: EndReason[word.upper()],
    "ingest_key": to_bytes,
    "tag": to_bytes,
    "uid": bytes.fromhex,
    "sealed_ingest": to_bytes,
    "playback_base": lambda text: text.encode("ascii"),
    "amount": int,
    "deposit": int,
    "fee": int,
}


def from_doc(doc: EventDoc) -> t.ChainEvent:
    """The event in a document. Raises KeyError or ValueError for a document that is not ours."""
    kind = _TYPES[doc["name"]]
    values = {
        name: _BACK[name](value) if name in _BACK else value
        for name, value in doc["args"].items()
        if name not in ("title", "title_hex")
    }
    if "title_hex" in doc["args"]:
        values["title"] = to_bytes(doc["args"]["title_hex"])
    if kind in _ROOM_EVENTS:
        values["room_id"] = doc["room_id"]
    meta = t.LogMeta(
        doc["contract"],
        doc["block"],
        doc["block_hash"],
        doc["tx"],
        doc["tx_index"],
        doc["log_index"],
    )
    return build_event(
        kind, meta, seq=doc["seq"], actor=doc["actor"], timestamp=doc["at"], **values
    )
