"""Schemas of what the service says of itself: problems, readiness, what its page must know."""

from __future__ import annotations

from api.openapi.schema_builders import (
    FINALITY_AND_INDEX,
    Schema,
    address,
    array,
    flag,
    moment,
    number,
    obj,
    or_null,
    ref,
    room_id,
    text,
)

SCHEMAS: dict[str, Schema] = {
    "Problem": obj(
        "An error (RFC 9457)",
        {
            "type": text("Leads to what it means and what to do"),
            "title": text("The kind of problem"),
            "status": number("The HTTP status", 400, maximum=599),
            "detail": text("What happened"),
            "errors": array(
                "What is malformed, each",
                obj(
                    "One of them",
                    {
                        "parameter": text("The query or path parameter"),
                        "pointer": text("The field of the body (JSON pointer)"),
                        "detail": text("What it must be"),
                    },
                    optional=("parameter", "pointer"),
                ),
            ),
            "room_id": room_id(),
            "room_status": ref("Status"),
            "mode": ref("Mode"),
            "room_title": text("The room's title; show it as text only"),
            "host": address("Who hosts the room"),
            "deadline_at": moment("Pending: when it must have its live input"),
            "stream": text("Pending: where to wait for it without polling"),
            "gate": address("Gated: the contract that says who may watch"),
            "end": ref("End"),
            "key_version": number("Credentials pending: the key they will be sealed to", 1),
            **FINALITY_AND_INDEX,
        },
        optional=(
            "errors", "room_id", "room_status", "mode", "room_title", "host", "deadline_at",
            "stream", "gate", "end", "key_version", "finality", "index",
        ),
    ),
    "Readiness": obj(
        "Whether the API can serve the truth",
        {
            "ready": flag("It can"),
            "reasons": array("Why not, and what to look at", text("One reason")),
        },
    ),
    "PageConfig": obj(
        "What the page needs to know before its first question",
        {
            "chain_id": number("The chain", 1),
            "contract": address("Where new rooms are created"),
            "contracts": array(
                "Every contract, newest last",
                obj("One", {"address": address("It"), "start_block": number("Deployed in")}),
            ),
            "confirmations": number("Blocks on top that make a thing `confirmed`"),
            "rpc_url": or_null(text("A node that browsers may use")),
            "playback_hosts": array("Where rooms play", text("An origin")),
            "operator_contact": or_null(text("Where to report a room")),
            "public_url": or_null(text("Where people reach this")),
            "demo": flag("The local demo chain: the page may make and fund a wallet"),
        },
    ),
}  # fmt: skip
