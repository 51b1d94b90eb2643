"""Where everything stands, unsigned transactions, problems, and what is sent to us."""

from __future__ import annotations

from api.openapi.schema_builders import (
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
    quantity,
    ref,
    room_id,
    text,
    wei,
)
from api.query_params import ADDRESS

_FINALITY_AND_INDEX: dict[str, Schema] = {"finality": ref("Finality"), "index": ref("Index")}
_COST = obj(
    "What it costs",
    {
        "deposit": wei("Given back on every end"),
        "fee": wei("For the operator"),
        "value": wei("Deposit and fee: what the transaction carries"),
        "most_gas": wei("The most that gas can cost"),
    },
)
_TRANSACTION = obj(
    "For the wallet's eth_sendTransaction, as it is. `from` and `nonce` are there if the request"
    " named the sender.",
    {
        "type": text("EIP-1559", enum=["0x2"]),
        "chainId": quantity("The chain"),
        "to": address("The contract"),
        "data": hexed("The call"),
        "value": quantity("Wei it carries"),
        "gas": quantity("The gas limit: estimated with a margin"),
        "maxFeePerGas": quantity("Good for about six full blocks"),
        "maxPriorityFeePerGas": quantity("The tip"),
        "from": address("The sender"),
        "nonce": quantity("The sender's next one, pending transactions counted"),
    },
    optional=("from", "nonce"),
)
_SIMULATION = obj(
    "What it would do right now",
    {
        "ok": flag("It would go through"),
        "reason": or_null(text("Why it would not, in words")),
        "block": number("Tried on the state after this block"),
        "block_hash": hexed("Its hash", 32),
    },
)

SCHEMAS: dict[str, Schema] = {
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
            **_FINALITY_AND_INDEX,
        },
    ),
    "CreateRequest": {
        **obj(
            "A room to be created. Give the wallet that will sign as `from` or, as the outline"
            " calls it, `host`; or neither.",
            {
                "title": text("At most 96 bytes in UTF-8", maxLength=96,
                              examples=["Lớp học online"]),
                "ingest_key": text(
                    "X25519 public key, made by the host, to which the credentials will be sealed",
                    pattern="^0x[0-9a-fA-F]{64}$", examples=["0x" + "11" * 32],
                ),
                "from": text("The wallet that will sign", pattern=ADDRESS),
                "host": text("The same", pattern=ADDRESS),
                "operator_id": number("Default: the first that takes rooms", 1, maximum=65535),
                "mode": {**ref("Mode"), "default": "webrtc"},
                "gate": text("Contract whose balanceOf(viewer) says who may watch; leave it out"
                             " for everybody", pattern=ADDRESS),
            },
            optional=("from", "host", "operator_id", "mode", "gate"),
        ),
        "not": {"required": ["from", "host"]},
    },
    "EndRequest": obj(
        "A room to be ended",
        {"room_id": room_id(), "from": text("The wallet that will sign", pattern=ADDRESS)},
        optional=("from",),
    ),
    "CreateAnswer": obj(
        "The transaction that creates the room. Its number is in the RoomCreated event.",
        {
            "transaction": _TRANSACTION,
            "simulation": _SIMULATION,
            "operator_id": number("The operator asked", 1),
            "terms_id": number("The terms it is created under", 1),
            "cost": _COST,
            **_FINALITY_AND_INDEX,
        },
    ),
    "EndAnswer": obj(
        "The transaction that ends the room; tried as its host's unless `from` was given",
        {
            "room_id": room_id(),
            "transaction": _TRANSACTION,
            "simulation": _SIMULATION,
            "cost": _COST,
            **_FINALITY_AND_INDEX,
        },
    ),
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
            **_FINALITY_AND_INDEX,
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
