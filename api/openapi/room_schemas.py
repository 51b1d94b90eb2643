"""Schemas of what routes about rooms answer: join, a room, lists, history, credentials, recordings;
and of `finality` and `index`, which every answer has."""

from __future__ import annotations

from api.index_position import FINALITIES
from api.openapi.schema_builders import (
    FINALITY_AND_INDEX,
    Schema,
    address,
    array,
    cursor,
    flag,
    hexed,
    moment,
    number,
    obj,
    one_of,
    or_null,
    ref,
    room_id,
    text,
)
from chain.enums import EndReason, Mode, Status

_PLAYBACK = {
    "whep_url": or_null(text("WebRTC rooms: where a WHEP player posts its offer")),
    "hls_url": or_null(text("Broadcast rooms: the HLS manifest")),
    "lifecycle_url": text('Says {"live": true|false}: whether the host sends right now'),
}
_ROOM: dict[str, Schema] = {
    "room_id": room_id(),
    "contract": address("The contract it lives in"),
    "status": ref("Status"),
    "mode": ref("Mode"),
    "title": text("The title, invalid UTF-8 replaced; show it as text only"),
    "title_hex": hexed("Its bytes"),
    "host": address("Who hosts the room"),
    "pending_host": or_null(address("Whom it was offered to")),
    "gate": or_null(address("The contract that says who may watch; null: everybody")),
    "operator_id": number("Its operator", 1),
    "terms_id": number("Its terms", 1),
    "created_at": moment("When it was created"),
    "deadline_at": moment("When it must have its live input"),
    "expires_at": moment("From when anybody may end it"),
    "provisioned_at": or_null(moment("When it got its live input")),
    "rekeyed_at": or_null(moment("When its key last changed, rounded up to a minute")),
    "uid": or_null(text("Cloudflare's id of its live input", pattern="^[0-9a-f]{32}$")),
    "playback": or_null(ref("Playback")),
    "ingest_key": hexed("The X25519 public key its credentials are sealed to", 32),
    "key_version": number("How many such keys it has had", 1),
    "tag": hexed("Names this room, host and key", 12),
    "end": or_null(ref("End")),
    "released": flag("Ended, and its live input is gone"),
    "released_at": or_null(moment("When its operator attested that")),
    "events": number("How many events it has had", 1),
    "first_seq": number("The first one's number in the history", 1),
    "last_seq": number("The last one's", 1),
    "created": obj(
        "Where it was created",
        {
            "block": number("The block"),
            "block_hash": hexed("Its hash", 32),
            "tx": hexed("The transaction", 32),
            "log_index": number("The log's place in the block"),
        },
    ),
    "updated": obj(
        "Its last event",
        {
            "block": number("The block"),
            "block_hash": hexed("Its hash", 32),
            "tx": hexed("The transaction", 32),
            "at": moment("When"),
        },
    ),
}
_EXPIRABLE = {"expirable": flag("Whether `expire` would end it now")}

SCHEMAS: dict[str, Schema] = {
    "Finality": one_of(
        "How safe what the answer tells is from a reorg, computed when asked: `latest` (just"
        " indexed), `confirmed` (some blocks on top), `finalized` (cannot go away any more). Of"
        " several things together: the least safe of them.",
        *FINALITIES,
    ),
    "Index": obj(
        "Where the index stands. Everything up to this block is in the answer.",
        {
            "chain_id": number("The chain", 1),
            "contract": address("The contract"),
            "block": number("The block indexed"),
            "block_hash": hexed("Its hash", 32),
            "seq": number("How many events the contract's history has up to there"),
            "history": hexed("The history's hash, the 24 bytes that `history()` answers", 24),
            "lag": obj(
                "How far behind the chain this is",
                {
                    "blocks": number("Blocks from the head to the block indexed"),
                    "seconds": number("Seconds since the indexer last looked at the chain"),
                },
            ),
        },
    ),
    "Status": one_of(
        "`pending` (waits for its live input), `active` (can be watched), `ended`",
        *Status.words(),
    ),
    "Mode": one_of(
        "`webrtc` (WHIP in, WHEP out: under a second) or `broadcast` (RTMPS or SRT in, HLS out:"
        " recording)",
        *Mode.words(),
    ),
    "Join": obj(
        "What a viewer needs",
        {
            "room_id": room_id(),
            "status": one_of("Only an active room can be joined", "active"),
            "mode": ref("Mode"),
            **_PLAYBACK,
            "title": text("The title; show it as text only"),
            "host": address("Who hosts the room"),
            "created_at": moment("When it was created"),
            "expires_at": moment("From when anybody may end it"),
            **FINALITY_AND_INDEX,
        },
    ),
    "Playback": obj("Where a room plays", _PLAYBACK),
    "End": obj(
        "How a room ended",
        {
            "reason": one_of(
                "`host` ended it; `expired`: past its time; `unfulfilled`: no live input came;"
                " `declined` by its operator; `taken_down` by a moderator",
                *EndReason.words(),
            ),
            "detail": number("The code of a decline or take-down, else 0"),
            "detail_text": or_null(text("The code in words")),
            "actor": address("Who sent the transaction"),
            "at": moment("When"),
            "block": number("The block"),
            "tx": hexed("The transaction", 32),
        },
    ),
    "Room": obj("A room", _ROOM),
    "RoomAnswer": obj(
        "A room, and where the index stands", {**_ROOM, **_EXPIRABLE, **FINALITY_AND_INDEX}
    ),
    "ListedRoom": obj(
        "A room in a list", {**_ROOM, **_EXPIRABLE, "finality": ref("Finality")}
    ),
    "Rooms": obj(
        "A page of rooms, newest first",
        {
            "rooms": array(
                "At most `limit`. A page may hold fewer, even none, while `next_cursor` says that"
                " the search goes on: a rare filter over very many rooms is answered in steps.",
                ref("ListedRoom"),
            ),
            "next_cursor": or_null(cursor("Give it as `cursor` for the next page; null: the end")),
            **FINALITY_AND_INDEX,
        },
    ),
    "Event": obj(
        "One event of the contract",
        {
            "seq": number("Its number in the contract's history", 1),
            "name": text("Its name in the contract, for example RoomCreated"),
            "room_id": or_null(room_id("The room it concerns")),
            "actor": address("Who sent the transaction"),
            "at": moment("When"),
            "block": number("The block"),
            "block_hash": hexed("Its hash", 32),
            "tx": hexed("The transaction", 32),
            "tx_index": number("The transaction's place in the block"),
            "log_index": number("The log's place in the block"),
            "args": {
                "type": "object",
                "description": "The event's own parameters, by their names in snake case",
            },
        },
    ),
    "Events": obj(
        "A page of a room's history, oldest first",
        {
            "room_id": room_id(),
            "total": number("How many events the room has had", 1),
            "events": array("At most `limit`", ref("Event")),
            "next_cursor": or_null(cursor("Give it as `cursor` for the next page; null: the end")),
            **FINALITY_AND_INDEX,
        },
    ),
    "Ingest": obj(
        "The broadcast credentials, sealed (HPKE) to the room's ingest key: of use to nobody but"
        " the holder of its private half",
        {
            "room_id": room_id(),
            "mode": ref("Mode"),
            "host": address("Who hosts the room"),
            "ingest_key": hexed("The X25519 public key they are sealed to", 32),
            "uid": text("The live input; bound into the sealing", pattern="^[0-9a-f]{32}$"),
            "sealed": obj(
                "The ciphertext, as the chain has it",
                {
                    "data": hexed("Encapsulated key and ciphertext"),
                    "tag": hexed("The room's tag; bound into the sealing", 12),
                    "key_version": number("Which of the room's keys", 1),
                    "at": moment("When"),
                    "block": number("The block"),
                    "tx": hexed("The transaction", 32),
                },
            ),
            **FINALITY_AND_INDEX,
        },
    ),
    "Recordings": obj(
        "What was recorded of a broadcast room; Cloudflare keeps it for the operator's time",
        {
            "room_id": room_id(),
            "recordings": array(
                "Newest first; none of a room that was taken down",
                obj(
                    "One recording",
                    {
                        "uid": text("Cloudflare's id of the video"),
                        "state": text("`ready` once it can be watched"),
                        "hls_url": or_null(text("Its HLS manifest; null: needs a token")),
                        "thumbnail_url": or_null(text("A picture of it")),
                        "created_at": or_null(moment("When it began")),
                        "duration_seconds": or_null(
                            {"type": "number", "description": "How long it is, once known"}
                        ),
                        "size_bytes": or_null(number("How large it is")),
                        "delete_at": or_null(moment("When Cloudflare will delete it")),
                    },
                ),
            ),
            **FINALITY_AND_INDEX,
        },
    ),
}  # fmt: skip
