"""create, describe, rekey, accept, end: unsigned transactions. Nothing is written; the wallet signs
and sends.

Promises: what cannot be (no such room, ended already, a key of a room that waits for its live
input, a contract that takes no rooms) is a problem at once; anything else is tried on the node, and
`simulation` says in words whether it would go through.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from api import query_params, request_bodies, response_shapes
from api.cached_room import CachedRoom
from api.creation import WantedRoom, build_creation, operators_for
from api.ending import build_ending
from api.index_position import IndexPosition
from api.routes.room import refuse
from api.services import Services
from api.transaction_types import ChangeContent
from api.unsigned_transactions import WantedCall, build_unsigned
from chain import calldata
from chain.enums import Mode
from chain.hexes import ZERO_ADDRESS, to_bytes
from chain.room_details import details_json
from common.web.problems import Problem, malformed
from common.web.request_bodies import read

AS_CREATED = ": until then its key and its host stay as they were created"
# What each takes at most, for the case that it would revert now and cannot be estimated.
DESCRIBE_GAS, REKEY_GAS, ACCEPT_GAS = 150_000, 120_000, 150_000


def blueprint(services: Services) -> Blueprint:
    routes = Blueprint("transactions", __name__, url_prefix="/api/livestream")
    for view in (create, describe, rekey, accept, end):
        routes.add_url_rule(
            f"/{view.__name__}",
            endpoint=view.__name__,
            methods=["POST"],
            view_func=_with(services, view),
        )
    return routes


def _with(services: Services, view: Any) -> Any:
    return lambda: view(services)


def create(services: Services) -> Response:
    """The transaction that creates a room."""
    body = read(request_bodies.CreateRequest)
    if body.host and body.sender:
        raise malformed("/host", "is the same as /from: give only one of them")
    main = services.index_watch.snapshot().main

    def call(terms_id: int, operator_id: int) -> bytes:
        return calldata.create_room(
            terms_id,
            operator_id,
            Mode[body.mode.upper()],
            body.gate,
            to_bytes(body.ingest_key),
            body.title.encode(errors="replace"),
        )

    host = body.sender or body.host or None
    everybody = body.gate == ZERO_ADDRESS
    operators = operators_for(
        host,
        services.operators(main.contract),
        body.operator_id or None,
        None if everybody else services.config.playback_services.keys(),
    )
    wanted = WantedRoom(main.contract, operators, host, call)
    creation = services.node.ask(lambda rpc: build_creation(rpc, services.config.chain_id, wanted))
    content = response_shapes.create_answer(creation)
    return services.responses.fresh(content, main, services.finality(main, main.block))


def describe(services: Services) -> Response:
    """The transaction that tells a room's start and what it is about."""
    body = read(request_bodies.DescribeRequest)
    details = details_json(body.about, body.lang, body.class_)
    number, entry, position = _open_room(services, body)
    data = calldata.describe_room(number, body.starts_at, details)
    return _change(services, body, entry, position, data, DESCRIBE_GAS, entry.doc["host"])


def rekey(services: Services) -> Response:
    """The transaction that gives a room a new ingest key."""
    body = read(request_bodies.RekeyRequest)
    number, entry, position = _open_room(services, body)
    _refuse_while_pending(services, entry, position)
    data = calldata.rekey_room(number, to_bytes(body.ingest_key))
    return _change(services, body, entry, position, data, REKEY_GAS, entry.doc["host"])


def accept(services: Services) -> Response:
    """The transaction that takes a room over from its host, as it was shown."""
    body = read(request_bodies.AcceptRequest)
    number, entry, position = _open_room(services, body)
    _refuse_while_pending(services, entry, position)
    data = calldata.accept_room(number, to_bytes(body.tag), to_bytes(body.ingest_key))
    heir = entry.doc["pending_host"]
    return _change(services, body, entry, position, data, ACCEPT_GAS, heir)


def end(services: Services) -> Response:
    """The transaction that ends a room, and what that costs."""
    body = read(request_bodies.EndRequest)
    _, entry, position = _open_room(services, body)
    terms = services.terms(entry.contract, entry.doc["terms_id"])
    if terms is None:
        raise Problem("index-unavailable", "the index has no terms yet", retry_after=2)
    sender = body.sender or entry.doc["host"]
    ending, made = services.node.ask(
        lambda rpc: build_ending(rpc, services.config.chain_id, entry.doc, terms, sender)
    )
    signed_by = made if body.sender else made.without_sender()
    content = response_shapes.end_answer(body.room_id, signed_by, ending)
    return _answer(services, content, entry, position)


def _open_room(
    services: Services, body: request_bodies.RoomRequest
) -> tuple[int, CachedRoom, IndexPosition]:
    """The room asked for, as long as the index has it open."""
    number = query_params.room_number(body.room_id, "/room_id")
    snapshot = services.index_watch.snapshot()
    entry = services.room(number, snapshot)
    position = snapshot.positions[entry.contract]
    if entry.status == "ended":
        refuse(services, entry, position)
    return number, entry, position


def _refuse_while_pending(services: Services, entry: CachedRoom, position: IndexPosition) -> None:
    """A room that waits for its live input stays as it was created, by the contract."""
    if entry.status == "pending":
        refuse(services, entry, position, AS_CREATED)


def _change(
    services: Services,
    body: request_bodies.RoomRequest,
    entry: CachedRoom,
    position: IndexPosition,
    data: bytes,
    gas: int,
    usual: str | None,
) -> Response:
    """Try a call about a room. `usual`: whose it is, if the request does not say."""
    wanted = WantedCall(to=entry.contract, data=data, value=0, sender=body.sender or usual, gas=gas)
    made = services.node.ask(lambda rpc: build_unsigned(rpc, services.config.chain_id, wanted))
    signed_by = made if body.sender else made.without_sender()
    content = response_shapes.change_answer(body.room_id, signed_by)
    return _answer(services, content, entry, position)


def _answer(
    services: Services, content: ChangeContent, entry: CachedRoom, position: IndexPosition
) -> Response:
    return services.responses.fresh(
        content, position, services.finality(position, entry.last_block)
    )
