"""A host's channel: what their permanent link shows (`api.channel`).

Promises: rooms for some only are among its rooms, as in a list of one host. A host nobody has heard
of has an empty channel.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from api import query_params, response_shapes
from api.channel import Channel
from api.host_channel import host_channel
from api.index_watch import IndexSnapshot
from api.routes.listing import Listing
from api.services import Services
from common.web.query_params import query
from common.web.responses import encode


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
    found = host_channel(services, snapshot, host)
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
