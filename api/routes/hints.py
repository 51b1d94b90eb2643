"""Hints of pages: a room that somebody just opened, or goes live in, may be looked at first.

Promises: a hint only moves a room to the front of what presence asks by itself anyway; it is handed
on where the index says that the room could be on air, and taken without a word where it could not,
or where enough were given (`api.rate_limits`).
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from api import query_params
from api.response_types import HintJson
from api.services import Services
from chain.enums import Status
from common.web.query_params import query
from common.web.responses import fresh_json


def blueprint(services: Services) -> Blueprint:
    routes = Blueprint("hints", __name__, url_prefix="/api/livestream")
    routes.add_url_rule(
        "/rooms/<room_id>/hint",
        view_func=lambda room_id: hint(services, query_params.room_number(room_id)),
        endpoint="hint",
        methods=["POST"],
    )
    return routes


def hint(services: Services, number: int) -> Response:
    """Take the hint; nobody waits for what comes of it."""
    query(request.args, frozenset())
    entry = services.room(number, services.index_watch.snapshot())
    if entry.status == Status.ACTIVE.word and services.may_hint(number):
        services.hints.give(number)
    taken: HintJson = {}
    return fresh_json(taken, 202)
