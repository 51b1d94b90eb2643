"""Schemas of what `/status` answers: how each contract's index stands, terms and operators."""

from __future__ import annotations

from api.openapi.schema_builders import (
    FINALITY_AND_INDEX,
    Schema,
    address,
    array,
    flag,
    hexed,
    moment,
    number,
    obj,
    one_of,
    or_null,
    ref,
    text,
    wei,
)

SCHEMAS: dict[str, Schema] = {
    "Operator": obj(
        "Who serves rooms",
        {
            "operator_id": number("Its number", 1),
            "account": or_null(address("Its account; null: revoked")),
            "playback_base": text("Where its rooms play"),
            "accepting": flag("The operator takes new rooms"),
            "enabled": flag("The owner lets it"),
        },
    ),
    "Terms": obj(
        "What hosting costs and what bounds it",
        {
            "terms_id": number("Their number", 1),
            "deposit": wei("Given back on every end"),
            "fee": wei("For the operator, once the room has its live input"),
            "max_room_seconds": number("A room can be ended by anybody after this"),
            "fulfill_deadline_seconds": number("A room still pending can be ended after this"),
            "max_open_rooms": number("Open rooms one host may have"),
            "max_room_events": number("After so many events a room can only be ended"),
            "rekey_cooldown": number("Seconds between two changes of the ingest key"),
        },
    ),
    "Contract": obj(
        "Where the index of one contract stands",
        {
            "chain_id": number("The chain", 1),
            "contract": address("The contract"),
            "block": number("The block indexed"),
            "block_hash": hexed("Its hash", 32),
            "seq": number("How many events its history has"),
            "history": hexed("The history's hash", 24),
            "lag": obj(
                "How far behind", {"blocks": number("Blocks"), "seconds": number("Seconds")}
            ),
            "start_block": number("The block it was deployed in"),
            "rooms": number("How many rooms it has had"),
            "state": one_of("What the indexer does", "syncing", "following", "stopped"),
            "head": obj(
                "The chain's head as the indexer last saw it",
                {"block": number("Its number"), "timestamp": moment("Its time")},
            ),
            "finalized": or_null(ref("Block")),
        },
    ),
    "Block": obj("A block", {"block": number("Its number"), "block_hash": hexed("Its hash", 32)}),
    "IndexStatus": obj(
        "Where everything stands",
        {
            "chain_id": number("The chain", 1),
            "contract": address("Where new rooms are created"),
            "confirmations": number("Blocks on top that make a thing `confirmed`"),
            "state": one_of("What the indexer does", "syncing", "following", "stopped"),
            "stop_reason": or_null(text("Why it stopped")),
            "paused": flag("No rooms can be created for now"),
            "owner": or_null(address("The contract's owner")),
            "terms": or_null(ref("Terms")),
            "operators": array("All operators", ref("Operator")),
            "contracts": array("Every contract indexed, newest last", ref("Contract")),
            **FINALITY_AND_INDEX,
        },
    ),
}  # fmt: skip
