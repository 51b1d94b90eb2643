"""What viewers and hosts ask about one room: join, the room, its history, its credentials.

Promises: a room is answered from the cache; the status codes are those of `api.problems`.
"""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Blueprint, Response, request

from api import cursors, query_params, response_shapes
from api.cached_room import CachedRoom
from api.http_responses import BRIEFLY, SETTLED, least_final
from api.index_position import IndexPosition
from api.problems import IndexedProblem
from api.response_shapes import room_problem
from api.response_types import EndJson, ProblemMembers
from api.services import Services
from chain.enums import EndReason
from chain.hexes import checksum
from common.web.query_params import query
from common.web.responses import EncodedJson

RECORDINGS_SECONDS = 2
RETRY_PENDING = 2  # seconds; a room is provisioned a few blocks after its creation
_NOTHING: frozenset[str] = frozenset()
_EVENTS = frozenset({"limit", "cursor"})
_EXPIRABLE = {True: b',"expirable":true', False: b',"expirable":false'}


def blueprint(services: Services) -> Blueprint:
    routes = Blueprint("room", __name__, url_prefix="/api/livestream")
    routes.add_url_rule("/join", view_func=lambda: join(services), endpoint="join")
    views_of_a_room = (
        ("", room),
        ("/events", events),
        ("/ingest", ingest),
        ("/recordings", recordings),
    )
    for path, view in views_of_a_room:
        routes.add_url_rule(
            f"/rooms/<room_id>{path}", endpoint=view.__name__, view_func=_of_room(services, view)
        )
    return routes


def _of_room(services: Services, view: Any) -> Any:
    return lambda room_id: view(services, query_params.room_number(room_id))


def join(services: Services) -> Response:
    """The playback URLs, or why there are none."""
    number = query_params.only_room_number(
        request.environ.get("QUERY_STRING", ""), lambda: request.args
    )
    snapshot = services.index_watch.snapshot()
    entry = services.room(number, snapshot)
    position = snapshot.positions[entry.contract]
    if entry.status != "active" or entry.gated:
        refuse(services, entry, position)
    finality = services.finality(position, entry.last_block)
    encoded, on_air = entry.join, services.presence.room(number)
    return services.responses.json(
        encoded.body, encoded.digest, position, finality,
        members=on_air.join_members, tag=on_air.tag,
    )  # fmt: skip


def room(services: Services, number: int) -> Response:
    """One room."""
    query(request.args, _NOTHING)
    snapshot = services.index_watch.snapshot()
    entry = services.room(number, snapshot)
    position = snapshot.positions[entry.contract]
    finality = services.finality(position, entry.last_block)
    expirable = entry.expirable(services.now(), services.revoked(entry.contract))
    on_air = services.on_air(entry)
    return services.responses.json(
        entry.room.body,
        entry.room.digest,
        position,
        finality,
        members=_EXPIRABLE[expirable] + on_air.room_members,
        tag=f"-{expirable:d}{on_air.tag}",
        cache=SETTLED if entry.settled and finality == "finalized" else BRIEFLY,
    )


def events(services: Services, number: int) -> Response:
    """A page of a room's history, oldest first."""
    given = query(request.args, _EVENTS)
    limit, after = query_params.limit(given), query_params.cursor(given) or 0
    snapshot = services.index_watch.snapshot()
    entry = services.room(number, snapshot)
    position = snapshot.positions[entry.contract]
    seqs = [seq for seq in entry.doc["seqs"] if seq > after]
    loaded = services.cache.anything(
        ("events", number, after, limit),
        lambda: services.source.room_events(number, after, limit),
    )
    found = [event for event in loaded if event["seq"] in seqs]
    next_cursor = cursors.of_number(seqs[limit - 1]) if len(seqs) > limit else None
    encoded = EncodedJson(response_shapes.events(entry.doc, found, next_cursor))
    finality = least_final(
        [services.finality(position, event["block"]) for event in found],
        services.finality(position, entry.last_block),
    )
    return services.responses.json(encoded.body, encoded.digest, position, finality)


def ingest(services: Services, number: int) -> Response:
    """The sealed credentials of the current key version."""
    query(request.args, _NOTHING)
    snapshot = services.index_watch.snapshot()
    entry = services.room(number, snapshot)
    position = snapshot.positions[entry.contract]
    if entry.status != "active":
        refuse(services, entry, position)
    if not entry.sealed_now:
        raise IndexedProblem(
            "credentials-pending",
            f"key {entry.doc['key_version']} of {entry.doc['room_id']} has no sealed credentials"
            " yet",
            retry_after=RETRY_PENDING,
            extra=room_problem(entry.doc, {"key_version": entry.doc["key_version"]}),
            max_age=1,
            provenance=services.provenance(position, entry.last_block),
        )
    finality = services.finality(position, entry.last_block)
    return services.responses.json(entry.ingest.body, entry.ingest.digest, position, finality)


def recordings(services: Services, number: int) -> Response:
    """What was recorded of a public room, newest first. Nothing of one that was taken down."""
    query(request.args, _NOTHING)
    snapshot = services.index_watch.snapshot()
    entry = services.room(number, snapshot)
    position = snapshot.positions[entry.contract]
    if entry.gated:
        refuse_gated(services, entry, position)
    now = services.now()
    found = services.cache.anything(
        # the index does not say when these change: look again every few seconds
        ("recordings", number, int(now) // RECORDINGS_SECONDS),
        lambda: services.source.recordings(entry.contract, number),
    )
    if (entry.doc["end"] or {}).get("reason") == EndReason.TAKEN_DOWN.word:
        found = []
    kept = [doc for doc in found if doc["delete_at"] is None or doc["delete_at"] > now]
    kept.sort(key=lambda doc: -(doc["created"] or 0))
    encoded = EncodedJson(response_shapes.recordings(entry.doc, kept))
    finality = services.finality(position, entry.last_block)
    return services.responses.json(encoded.body, encoded.digest, position, finality)


def refuse(
    services: Services, entry: CachedRoom, position: IndexPosition, while_pending: str = ""
) -> NoReturn:
    """The problem of a room that cannot be watched. `while_pending`: how the sentence goes on that
    it waits for its live input."""
    doc = entry.doc
    name = doc["room_id"]
    provenance = services.provenance(position, entry.last_block)
    if entry.status == "ended":
        found = response_shapes.end(doc)
        more: ProblemMembers = {} if found is None else {"end": found}
        text = f"{name} has ended" if found is None else f"{name} has ended ({_reason(found)})"
        raise IndexedProblem(
            "room-ended",
            text,
            extra=room_problem(entry.doc, more),
            max_age=1,
            provenance=provenance,
        )
    if entry.status == "pending":
        raise IndexedProblem(
            "room-pending",
            f"{name} is waiting for its live input{while_pending}",
            retry_after=RETRY_PENDING,
            extra=room_problem(
                doc,
                {
                    "deadline_at": doc["deadline_at"],
                    "stream": f"/api/livestream/stream?room_id={name}",
                },
            ),
            max_age=1,
            provenance=provenance,
        )
    refuse_gated(services, entry, position)


def refuse_gated(services: Services, entry: CachedRoom, position: IndexPosition) -> NoReturn:
    """The problem of a room that is for some only."""
    doc = entry.doc
    access = response_shapes.access(doc)
    service = services.config.playback_services.get(doc["operator_id"])
    invited = "is by invitation only: its host decides who may watch"
    gated = "is gated: its gate decides who may watch"
    where = "its operator has no playback service" if service is None else f"ask {service}"
    gate: ProblemMembers = {
        "access": access,
        "gate": checksum(doc["gate"]),
        "playback_service": service,
    }
    raise IndexedProblem(
        "room-gated",
        f"{doc['room_id']} {invited if access == 'invitation' else gated}; {where}",
        extra=room_problem(doc, gate),
        max_age=1,
        provenance=services.provenance(position, entry.last_block),
    )


def _reason(end: EndJson) -> str:
    words = end["reason"].replace("_", " ")
    return f"{words}: {end['detail_text']}" if end["detail_text"] else words
