"""Index documents as the API's JSON.

Promises: pure functions. What a function answers depends on the document alone, so it can be kept;
what depends on the moment (finality, whether a room is expirable) is added by `api.responses`.
Addresses are checksummed, wei are decimal strings, times are unix seconds.
"""

from __future__ import annotations

from typing import Any

from api.formatting import checksum, checksum_or_none, detail_words, wei
from api.index_source import Document
from chain.enums import room_name

_ADDRESS_ARGS = frozenset({"gate", "to", "former_host", "account"})
_WEI_ARGS = frozenset({"amount", "deposit", "fee"})


def room(doc: Document) -> dict[str, Any]:
    """A room, whole."""
    return {
        "room_id": doc["room_id"],
        "contract": checksum(doc["contract"]),
        "status": doc["status"],
        "mode": doc["mode"],
        "title": doc["title"],
        "title_hex": doc["title_hex"],
        "host": checksum(doc["host"]),
        "pending_host": checksum_or_none(doc["pending_host"]),
        "gate": checksum_or_none(doc["gate"]),
        "operator_id": doc["operator_id"],
        "terms_id": doc["terms_id"],
        "created_at": doc["created_at"],
        "deadline_at": doc["deadline_at"],
        "expires_at": doc["expires_at"],
        "provisioned_at": doc["provisioned_at"],
        "rekeyed_at": doc["rekeyed_at"],
        "uid": doc["uid"],
        "playback": playback(doc),
        "ingest_key": doc["ingest_key"],
        "key_version": doc["key_version"],
        "tag": doc["tag"],
        "end": end(doc),
        "released": doc["released"],
        "released_at": doc["released_at"],
        "events": doc["events"],
        "first_seq": doc["first_seq"],
        "last_seq": doc["last_seq"],
        "created": _place(doc["created"], ("block", "block_hash", "tx", "log_index")),
        "updated": _place(doc["updated"], ("block", "block_hash", "tx", "at")),
    }


def playback(doc: Document) -> dict[str, Any] | None:
    """Where an active public room plays; None while it does not, and for a gated room."""
    if doc["status"] != "active" or doc["uid"] is None or checksum_or_none(doc["gate"]):
        return None
    base, uid = doc["playback_base"], doc["uid"]
    whep = doc["mode"] == "webrtc"
    return {
        "whep_url": doc["playback_url"] if whep else None,
        "hls_url": None if whep else doc["playback_url"],
        "lifecycle_url": f"{base}/{uid}/lifecycle",
    }


def end(doc: Document) -> dict[str, Any] | None:
    """Why, when and by whom a room ended."""
    found = doc["end"]
    if found is None:
        return None
    return {
        "reason": found["reason"],
        "detail": found["detail"],
        "detail_text": detail_words(found["reason"], found["detail"]),
        "actor": checksum(found["actor"]),
        "at": found["at"],
        "block": found["block"],
        "tx": found["tx"],
    }


def event(doc: Document) -> dict[str, Any]:
    """One event of the history."""
    number = doc["room_id"]
    return {
        "seq": doc["seq"],
        "name": doc["name"],
        "room_id": None if number is None else room_name(number),
        "actor": checksum(doc["actor"]),
        "at": doc["at"],
        "block": doc["block"],
        "block_hash": doc["block_hash"],
        "tx": doc["tx"],
        "tx_index": doc["tx_index"],
        "log_index": doc["log_index"],
        "args": {name: _arg(name, value) for name, value in doc["args"].items()},
    }


def sealed(doc: Document) -> dict[str, Any]:
    """The sealed credentials of a room that has them."""
    box = doc["sealed"]
    return {
        "room_id": doc["room_id"],
        "mode": doc["mode"],
        "host": checksum(doc["host"]),
        "ingest_key": doc["ingest_key"],
        "uid": doc["uid"],
        "sealed": {
            "data": box["data"],
            "tag": box["tag"],
            "key_version": box["key_version"],
            "at": box["at"],
            "block": box["block"],
            "tx": box["tx"],
        },
    }


def recording(doc: Document) -> dict[str, Any]:
    """A recording, as the oracle noted it. A signed one plays only with a token."""
    return {
        "uid": doc["_id"],
        "state": doc["state"],
        "hls_url": None if doc["signed"] else doc["hls"],
        "thumbnail_url": None if doc["signed"] else doc["thumbnail"],
        "created_at": doc["created"],
        "duration_seconds": doc["duration_seconds"],
        "size_bytes": doc["size_bytes"],
        "delete_at": doc["delete_at"],
    }


def operator(doc: Document) -> dict[str, Any]:
    """An operator. `account` None: revoked."""
    return {
        "operator_id": doc["operator_id"],
        "account": checksum_or_none(doc["account"]),
        "playback_base": doc["playback_base"],
        "accepting": bool(doc["accepting"]),
        "enabled": bool(doc["enabled"]),
    }


def terms(doc: Document) -> dict[str, Any]:
    """Terms."""
    return {
        "terms_id": doc["terms_id"],
        "deposit": wei(doc["deposit"]),
        "fee": wei(doc["fee"]),
        "max_room_seconds": doc["max_room_seconds"],
        "fulfill_deadline_seconds": doc["fulfill_deadline_seconds"],
        "max_open_rooms": doc["max_open_rooms"],
        "max_room_events": doc["max_room_events"],
        "rekey_cooldown": doc["rekey_cooldown"],
    }


def _place(place: Document, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: place[name] for name in names}


def _arg(name: str, value: Any) -> Any:
    if name in _ADDRESS_ARGS and isinstance(value, str) and len(value) == 42:
        return checksum_or_none(value)
    if name in _WEI_ARGS:
        return wei(value)
    return value
