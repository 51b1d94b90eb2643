"""Lists of rooms, and where everything stands.

Promises: rooms for some only stay out of a list unless it is one host's or asks for them by
`access`; newest first; a page goes on exactly below the last room of the one before, so rooms that
are added meanwhile are neither skipped nor repeated.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request

from api import query_params, response_shapes
from api.cached_room import CachedRoom
from api.http_responses import least_final
from api.index_source import RoomQuery
from api.index_watch import IndexSnapshot
from api.response_types import ListedRoomJson
from api.services import Services
from chain.enums import Mode, Status
from chain.playback_urls import ACCESS_WORDS
from common.web.query_params import query
from common.web.responses import EncodedJson
from indexer.projection.titles import query_tokens

_ROOMS = frozenset({"status", "host", "pending_host", "mode", "access", "q", "limit", "cursor"})
_ANY = "any"
_ACCESS = (*ACCESS_WORDS, _ANY)


def blueprint(services: Services) -> Blueprint:
    routes = Blueprint("rooms", __name__, url_prefix="/api/livestream")
    routes.add_url_rule("/rooms", view_func=lambda: rooms(services), endpoint="rooms")
    routes.add_url_rule("/status", view_func=lambda: status(services), endpoint="status")
    return routes


def rooms(services: Services) -> Response:
    """A page of rooms."""
    given = query(request.args, _ROOMS)
    text = query_params.search_text(given)
    wanted = RoomQuery(
        status=query_params.one_of(given, "status", Status.words()),
        host=query_params.address(given, "host"),
        mode=query_params.one_of(given, "mode", Mode.words()),
        pending_host=query_params.address(given, "pending_host"),
        tokens=tuple(query_tokens(text)) if text is not None else (),
        access=query_params.one_of(given, "access", _ACCESS),
    )
    if wanted.access is None and wanted.host is None and wanted.pending_host is None:
        # rooms for some only are found by those who know them
        wanted = replace(wanted, access="public")
    elif wanted.access == _ANY:
        wanted = replace(wanted, access=None)
    limit, below = query_params.limit(given), query_params.cursor(given)
    snapshot = services.index_watch.snapshot()
    punctuation = text is not None and not wanted.tokens  # no title has that
    over = wanted.pending_host is not None and wanted.status == Status.ENDED.word
    if punctuation or over:
        found: list[CachedRoom] = []
        goes_on = None
    else:
        found, goes_on = services.cache.anything(
            ("rooms", wanted, below, limit), lambda: _load(services, snapshot, wanted, below, limit)
        )
    shown = [_listed_room(services, entry, snapshot) for entry in found]
    next_cursor = None if goes_on is None else query_params.make_cursor(goes_on)
    encoded = EncodedJson(response_shapes.rooms(shown, next_cursor))
    finality = least_final(
        [room["finality"] for room in shown],
        services.finality(snapshot.main, snapshot.main.block),
    )
    return services.responses.json(encoded.body, encoded.digest, snapshot.main, finality)


def _load(
    services: Services, snapshot: IndexSnapshot, query: RoomQuery, below: int | None, limit: int
) -> tuple[list[CachedRoom], int | None]:
    positions = snapshot.positions.values()
    bottom = min(position.first_room_id for position in positions)
    top = max(position.first_room_id + position.rooms for position in positions) - 1
    if below is not None:
        top = min(top, below - 1)
    if top < bottom:
        return [], None
    page = services.source.rooms(query, top, bottom, limit)
    served = [CachedRoom(doc) for doc in page.rooms if doc["contract"] in snapshot.positions]
    return served, page.below


def _listed_room(services: Services, entry: CachedRoom, snapshot: IndexSnapshot) -> ListedRoomJson:
    position = snapshot.positions[entry.contract]
    return response_shapes.listed_room(
        entry.content,
        entry.expirable(services.now(), services.revoked(entry.contract)),
        services.finality(position, entry.last_block),
    )


def status(services: Services) -> Response:
    """Where the index stands, and what hosts need to know before they create a room."""
    query(request.args, frozenset())
    snapshot = services.index_watch.snapshot()
    main = snapshot.main
    content = response_shapes.index_status(
        main,
        services.config.confirmations,
        services.terms(main.contract, main.current_terms),
        services.operators(main.contract),
        snapshot.positions.values(),
        services.now(),
    )
    encoded = EncodedJson(content)
    finality = services.finality(main, main.block)
    return services.responses.json(encoded.body, encoded.digest, main, finality)
