"""What each event of a room does to the room's document.

Promises: pure; each function takes the document before the event and changes it in place;
`note_event` adds what every event changes: counters, position, and the work that follows.
Documents within documents are replaced, never changed. (They are written as `{...}`, as a backlog
makes millions of them and calling the TypedDict takes twice as long.)
Source: `contracts/LivestreamRooms.sol`, function by function.
"""

from __future__ import annotations

from chain import events as t
from chain.enums import Mode, room_name
from chain.hexes import ZERO_ADDRESS, hex_data
from chain.playback_urls import play_url
from indexer.documents import ModeWord, RoomDoc, TermsDoc, Updated, Work
from indexer.projection.ledger import FoldError

_MODES: dict[Mode, ModeWord] = {Mode.WEBRTC: "webrtc", Mode.BROADCAST: "broadcast"}


def create(e: t.RoomCreated, playback_base: str, terms: TermsDoc) -> RoomDoc:
    """The document of a new room; `search` follows (`Ledger.finish`)."""
    meta = e.meta
    text = e.title.decode("utf-8", "replace")
    tag = hex_data(e.tag)
    deadline = e.timestamp + terms["fulfill_deadline_seconds"]
    return {
        "_id": e.room_id,
        "n": e.room_id,
        "room_id": room_name(e.room_id),
        "contract": meta.contract,
        "host": e.actor,
        "pending_host": None,
        "title": text,
        "title_hex": hex_data(e.title),
        "search": [],
        "starts_at": None,
        "details": "",
        "details_hex": "0x",
        "mode": _MODES[e.mode],
        "gate": None if e.gate == ZERO_ADDRESS else e.gate,
        "status": "pending",
        "end": None,
        "operator_id": e.operator_id,
        "terms_id": e.terms_id,
        "created_at": e.timestamp,
        "deadline_at": deadline,
        "expires_at": e.timestamp + terms["max_room_seconds"],
        "expire_at": deadline,
        "uid": None,
        "playback_base": playback_base,
        "playback_url": None,
        "ingest_key": hex_data(e.ingest_key),
        "tag": tag,
        "tag_at_creation": tag,
        "former_tag": None,
        "key_version": 1,
        "rekeyed_at": None,
        "sealed": None,
        "provisioned_at": None,
        "released": False,
        "released_at": None,
        "work": "provision",
        "events": 1,
        "first_seq": e.seq,
        "last_seq": e.seq,
        "seqs": [e.seq],
        "created": {
            "block": meta.block_number,
            "block_hash": meta.block_hash,
            "tx": meta.tx_hash,
            "log_index": meta.log_index,
        },
        "updated": updated(e),
    }


def note_event(doc: RoomDoc, e: t.RoomEvent) -> None:
    """One more event: counters, position, and what the operator has to do now."""
    doc["events"] += 1
    doc["last_seq"] = e.seq
    doc["seqs"].append(e.seq)
    doc["updated"] = updated(e)
    doc["work"] = _work(doc)


def updated(e: t.ChainEvent) -> Updated:
    """The place in the chain of a document's last event."""
    meta = e.meta
    return {
        "block": meta.block_number,
        "block_hash": meta.block_hash,
        "tx": meta.tx_hash,
        "at": e.timestamp,
    }


def _work(doc: RoomDoc) -> Work | None:
    if doc["status"] == "pending":
        return "provision"
    if doc["status"] == "active":
        sealed = doc["sealed"]
        return None if sealed is not None and sealed["tag"] == doc["tag"] else "rekey"
    return "release" if doc["uid"] is not None and not doc["released"] else None


def _open(doc: RoomDoc) -> None:
    if doc["status"] == "ended":
        raise FoldError(f"room {doc['_id']} changed after its end")


def rename(doc: RoomDoc, e: t.RoomUpdated) -> None:
    """A new title; `search` follows (`Ledger.finish`)."""
    _open(doc)
    text = e.title.decode("utf-8", "replace")
    doc["title"] = text
    doc["title_hex"] = hex_data(e.title)
    note_event(doc, e)


def describe(doc: RoomDoc, e: t.RoomDescribed) -> None:
    """When it is planned to go on air, and details, which nothing here reads."""
    _open(doc)
    doc["starts_at"] = e.starts_at or None
    doc["details"] = e.details.decode("utf-8", "replace")
    doc["details_hex"] = hex_data(e.details)
    note_event(doc, e)


def _new_key(doc: RoomDoc, e: t.RoomRekeyed | t.RoomTransferred) -> None:
    _open(doc)
    if e.key_version != doc["key_version"] + 1:
        raise FoldError(f"room {doc['_id']} skipped a key version")
    doc["former_tag"] = doc["tag"]
    doc["tag"] = hex_data(e.tag)
    doc["ingest_key"] = hex_data(e.ingest_key)
    doc["key_version"] = e.key_version
    doc["rekeyed_at"] = e.timestamp


def rekey(doc: RoomDoc, e: t.RoomRekeyed) -> None:
    """A new key of the same host's."""
    _new_key(doc, e)
    note_event(doc, e)


def offer(doc: RoomDoc, e: t.RoomTransferStarted) -> None:
    """The room is offered to somebody, or no longer."""
    _open(doc)
    doc["pending_host"] = None if e.to == ZERO_ADDRESS else e.to
    note_event(doc, e)


def transfer(doc: RoomDoc, e: t.RoomTransferred) -> None:
    """A new host, and with it a new key."""
    if doc["host"] != e.former_host:
        raise FoldError(f"room {doc['_id']} was transferred from an account that is not its host")
    _new_key(doc, e)
    doc["host"] = e.actor
    doc["pending_host"] = None
    note_event(doc, e)


def provision(doc: RoomDoc, e: t.RoomProvisioned) -> None:
    """The live input is there, or its credentials are sealed anew."""
    _open(doc)
    uid = e.uid.hex()
    if doc["uid"] is None:
        doc["uid"] = uid
        doc["playback_url"] = play_url(doc["playback_base"], uid, doc["mode"])
        doc["status"] = "active"
        doc["provisioned_at"] = e.timestamp
        doc["expire_at"] = doc["expires_at"]
    elif doc["uid"] != uid:
        raise FoldError(f"room {doc['_id']} was given a second live input")
    doc["sealed"] = {
        "key_version": doc["key_version"],
        "tag": hex_data(e.tag),
        "data": hex_data(e.sealed_ingest),
        "at": e.timestamp,
        "block": e.meta.block_number,
        "tx": e.meta.tx_hash,
    }
    note_event(doc, e)


def end(doc: RoomDoc, e: t.RoomEnded) -> None:
    """The room is over."""
    _open(doc)
    if doc["host"] != e.host:
        raise FoldError(f"room {doc['_id']} ended for an account that is not its host")
    doc["status"] = "ended"
    doc["expire_at"] = None
    doc["end"] = {
        "reason": e.reason.word,
        "detail": e.detail,
        "actor": e.actor,
        "at": e.timestamp,
        "block": e.meta.block_number,
        "tx": e.meta.tx_hash,
    }
    note_event(doc, e)


def release(doc: RoomDoc, e: t.RoomReleased) -> None:
    """The live input is gone."""
    if doc["status"] != "ended" or doc["released"]:
        raise FoldError(f"room {doc['_id']} was released before its end, or twice")
    doc["released"] = True
    doc["released_at"] = e.timestamp
    note_event(doc, e)
