"""create and end: unsigned transactions. Nothing is written; the wallet signs and sends.

Promises: what the index knows to be impossible (no such room, ended already) is a problem at once;
anything else is tried on the node, and `simulation` says in words whether it would go through.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from api import query_params, request_bodies, response_shapes
from api.index_source import Document
from api.problems import Problem, malformed
from api.routes.room import refuse
from api.services import Services
from api.unsigned_transactions import (
    GAS_WITHOUT_ESTIMATE,
    UnsignedTransaction,
    WantedCall,
    build_unsigned,
)
from chain import calldata
from chain.enums import Mode
from chain.hexes import ZERO_ADDRESS, to_bytes


def blueprint(services: Services) -> Blueprint:
    routes = Blueprint("transactions", __name__, url_prefix="/api/livestream")
    for path, view in (("create", create), ("end", end)):
        routes.add_url_rule(
            f"/{path}", endpoint=path, methods=["POST"], view_func=_with(services, view)
        )
    return routes


def _with(services: Services, view: Any) -> Any:
    return lambda: view(services)


def create(services: Services) -> Response:
    """The transaction that creates a room."""
    body = request_bodies.read(request_bodies.CreateRequest)
    if body.host and body.sender:
        raise malformed("/host", "is the same as /from: give only one of them")
    snapshot = services.index_watch.snapshot()
    main = snapshot.main
    terms = services.terms(main.contract, main.current_terms)
    if terms is None:
        raise Problem("index-unavailable", "the index has no terms yet", retry_after=2)
    deposit, fee = int(terms["deposit"]), int(terms["fee"])
    operator_id = body.operator_id or _operator(services.operators(main.contract))
    data = calldata.create_room(
        operator_id,
        Mode[body.mode.upper()],
        body.gate,
        to_bytes(body.ingest_key),
        body.title.encode(errors="replace"),
    )
    made = _build(
        services,
        WantedCall(
            to=main.contract,
            data=data,
            value=deposit + fee,
            sender=body.sender or body.host or None,
            gas=GAS_WITHOUT_ESTIMATE["create"],
        ),
    )
    content = response_shapes.create_answer(
        made.transaction, made.simulation, operator_id, terms, made.most_gas_cost
    )
    return services.responses.fresh(content, main, services.finality(main, main.block))


def end(services: Services) -> Response:
    """The transaction that ends a room; tried as its host's unless `from` says otherwise."""
    body = request_bodies.read(request_bodies.EndRequest)
    number = query_params.room_number(body.room_id, "/room_id")
    snapshot = services.index_watch.snapshot()
    entry = services.room(number, snapshot)
    position = snapshot.positions[entry.contract]
    if entry.status == "ended":
        refuse(services, entry, position)
    made = _build(
        services,
        WantedCall(
            to=entry.contract,
            data=calldata.end_room(number),
            value=0,
            sender=body.sender or entry.doc["host"],
            gas=GAS_WITHOUT_ESTIMATE["end"],
        ),
    )
    transaction = made.transaction.copy()
    if not body.sender:  # nobody said who signs, so the nonce is the wallet's business
        transaction.pop("nonce", None)
        transaction.pop("from", None)
    content = response_shapes.end_answer(
        body.room_id, transaction, made.simulation, made.most_gas_cost
    )
    return services.responses.fresh(
        content, position, services.finality(position, entry.last_block)
    )


def _build(services: Services, wanted: WantedCall) -> UnsignedTransaction:
    return services.node.ask(lambda rpc: build_unsigned(rpc, services.config.chain_id, wanted))


def _operator(operators: list[Document]) -> int:
    """The first operator that takes new rooms; else the last one, and the simulation says why."""
    for doc in operators:
        if doc["accepting"] and doc["enabled"] and doc["account"] not in (None, ZERO_ADDRESS):
            return int(doc["operator_id"])
    return int(operators[-1]["operator_id"]) if operators else 1
