"""Lists of rooms, and where everything stands.

Promises: rooms for some only stay out of a list unless it is one host's or asks for them by
`access`, or for each by its name; newest first; a page goes on exactly below the last room of the
one before, so rooms that are added meanwhile are neither skipped nor repeated. What is on air now
is a list of its own order (`api.on_air_list`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from api import cursors, query_params, response_shapes
from api.cached_room import CachedRoom
from api.index_source import RoomQuery
from api.index_watch import IndexSnapshot
from api.routes.listing import Listing
from api.services import Services
from chain.enums import Mode, Status
from chain.playback_urls import ACCESS_WORDS
from common.web.problems import malformed
from common.web.query_params import query
from common.web.responses import EncodedJson
from indexer.projection.titles import query_tokens

_ON_AIR = frozenset({"live", "host", "mode", "access", "limit", "cursor"})
_ROOMS = frozenset({"status", "host", "pending_host", "mode", "access", "q", "limit", "cursor"})
_ANY = "any"
_ACCESS = (*ACCESS_WORDS, _ANY)


def blueprint(services: Services) -> Blueprint:
    routes = Blueprint("rooms", __name__, url_prefix="/api/livestream")
    routes.add_url_rule("/rooms", view_func=lambda: rooms(services), endpoint="rooms")
    routes.add_url_rule("/status", view_func=lambda: status(services), endpoint="status")
    return routes


def rooms(services: Services) -> Response:
    """A page of rooms: those asked for by name, those on air, or of all."""
    if "room_id" in request.args:
        return named_rooms(services)
    if "live" in request.args:
        return rooms_on_air(services)
    given = query(request.args, _ROOMS)
    text = query_params.search_text(given)
    wanted = _wanted(
        given,
        status=query_params.one_of(given, "status", Status.words()),
        pending_host=query_params.address(given, "pending_host"),
        tokens=tuple(query_tokens(text)) if text is not None else (),
    )
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
    next_cursor = None if goes_on is None else cursors.of_number(goes_on)
    return Listing(services, snapshot).rooms(found, next_cursor)


def named_rooms(services: Services) -> Response:
    """The rooms of these names that exist, in the order asked."""
    numbers = query_params.room_numbers(request.args)
    snapshot = services.index_watch.snapshot()
    found = services.rooms(numbers, snapshot)
    return Listing(services, snapshot).rooms(found, None)


def rooms_on_air(services: Services) -> Response:
    """A page of the rooms that are on air now, those that came on air last first."""
    for name in sorted(_ROOMS - _ON_AIR):
        if name in request.args:
            known = ", ".join(sorted(_ON_AIR - {"live"}))
            raise malformed(name, f"cannot stand beside live, which takes: {known}")
    given = query(request.args, _ON_AIR)
    query_params.one_of(given, "live", ("true",))
    limit, after = query_params.limit(given), query_params.on_air_cursor(given)
    snapshot = services.index_watch.snapshot()
    wanted = _wanted(given, status=Status.ACTIVE.word)
    found, goes_on = services.on_air_list.page(wanted.filter, snapshot, after, limit)
    next_cursor = None if goes_on is None else cursors.of_place(goes_on)
    return Listing(services, snapshot).rooms(found, next_cursor)


def _wanted(given: Mapping[str, str], **more: Any) -> RoomQuery:
    wanted = RoomQuery(
        host=query_params.address(given, "host"),
        mode=query_params.one_of(given, "mode", Mode.words()),
        access=query_params.one_of(given, "access", _ACCESS),
        **more,
    )
    if wanted.access is None and wanted.host is None and wanted.pending_host is None:
        # rooms for some only are found by those who know them
        return replace(wanted, access="public")
    return replace(wanted, access=None) if wanted.access == _ANY else wanted


def _load(
    services: Services, snapshot: IndexSnapshot, query: RoomQuery, below: int | None, limit: int
) -> tuple[list[CachedRoom], int | None]:
    numbers = snapshot.room_numbers
    if below is not None:
        numbers = numbers[: max(0, below - numbers.start)]
    if not numbers:
        return [], None
    page = services.source.rooms(query, numbers[-1], numbers[0], limit)
    served = [CachedRoom(doc) for doc in page.rooms if doc["contract"] in snapshot.positions]
    return served, page.below


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
