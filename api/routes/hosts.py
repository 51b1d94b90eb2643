"""A host's channel: what their permanent link shows (`api.channel`).

Promises: at most `MOST_OPEN` rooms of a status are looked at, the newest, however many the host
has; rooms for some only are among them, as in a list of one host. A host nobody has heard of has an
empty channel.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, Response, request

from api import query_params, response_shapes
from api.cached_room import CachedRoom
from api.channel import MOST_OPEN, Channel, ChannelRoom, choose
from api.index_source import RoomQuery
from api.index_watch import IndexSnapshot
from api.routes.listing import Listing
from api.services import Services
from chain.enums import Status
from common.web.query_params import query
from common.web.responses import encode
from indexer.queries import OPEN


class _HostRooms(NamedTuple):
    """A host's newest rooms that are not ended, newest first, and the newest ended one."""

    open: list[CachedRoom]
    ended: list[CachedRoom]


def blueprint(services: Services) -> Blueprint:
    routes = Blueprint("hosts", __name__, url_prefix="/api/livestream")
    routes.add_url_rule(
        "/hosts/<address>",
        view_func=lambda address: channel(services, address),
        endpoint="channel",
    )
    return routes


def channel(services: Services, address: str) -> Response:
    """The host's channel now."""
    host = query_params.path_address(address)
    query(request.args, frozenset())
    snapshot = services.index_watch.snapshot()
    rooms = services.cache.anything(("channel", host), lambda: _load(services, snapshot, host))
    now = services.now()
    found = choose(
        [
            ChannelRoom(
                entry,
                services.on_air(entry),
                entry.status == Status.ENDED.word
                or entry.expirable(now, services.revoked(entry.contract)),
            )
            for entry in (*rooms.open, *rooms.ended)
        ],
        now,
    )
    return _answer(services, snapshot, host, found)


def _answer(services: Services, snapshot: IndexSnapshot, host: str, found: Channel) -> Response:
    listing = Listing(services, snapshot)
    content = response_shapes.host(
        host,
        found.shown,
        None if found.room is None else listing.show(found.room),
        [listing.show(entry) for entry in found.upcoming],
        listing.presence,
    )
    return listing.answer(encode(content), f"{host} {found.shown}")


def _load(services: Services, snapshot: IndexSnapshot, host: str) -> _HostRooms:
    def newest(status: str, limit: int) -> list[CachedRoom]:
        numbers = snapshot.room_numbers
        if not numbers:
            return []
        wanted = RoomQuery(status=status, host=host)
        page = services.source.rooms(wanted, numbers[-1], numbers[0], limit)
        return [CachedRoom(doc) for doc in page.rooms if doc["contract"] in snapshot.positions]

    not_ended = [entry for status in OPEN for entry in newest(status, MOST_OPEN)]
    not_ended.sort(key=lambda entry: -int(entry.doc["n"]))
    return _HostRooms(not_ended, newest(Status.ENDED.word, 1))
