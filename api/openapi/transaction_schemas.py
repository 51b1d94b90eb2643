"""Schemas of unsigned transactions: what create and end are sent, and what they answer."""

from __future__ import annotations

from api.openapi.schema_builders import (
    FINALITY_AND_INDEX,
    Schema,
    address,
    flag,
    hexed,
    number,
    obj,
    or_null,
    quantity,
    ref,
    room_id,
    text,
    wei,
)
from api.query_params import ADDRESS

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
            **FINALITY_AND_INDEX,
        },
    ),
    "EndAnswer": obj(
        "The transaction that ends the room; tried as its host's unless `from` was given",
        {
            "room_id": room_id(),
            "transaction": _TRANSACTION,
            "simulation": _SIMULATION,
            "cost": _COST,
            **FINALITY_AND_INDEX,
        },
    ),
}  # fmt: skip
