"""What a host's page asks: a session by its browser's key, links, doors, seats, attendance; and
what the host's wallet withdraws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from chain.enums import room_number
from common import base64url
from common.web.problems import malformed
from common.web.query_params import query
from common.web.request_bodies import read
from common.web.responses import fresh_json
from playback import request_bodies
from playback.parts import PlaybackParts, bearer, client_address, number_of, origin

_ROOM = frozenset({"room_id"})


def blueprint(parts: PlaybackParts) -> Blueprint:
    routes = Blueprint("hosts", __name__, url_prefix="/api/playback/host")
    pages = HostRoutes(parts)
    for path, view in (
        ("/session", pages.session),
        ("/revoke", pages.revoke),
        ("/revoke-all", pages.revoke_all),
        ("/returned", pages.returned),
        ("/door", pages.door),
        ("/allow", pages.allow),
        ("/seat/remove", pages.remove_seat),
        ("/delegation", pages.delegation),
    ):
        routes.add_url_rule(path, endpoint=view.__name__, view_func=view, methods=["POST"])
    for path, view in (("/links", pages.links), ("/attendance", pages.attendance)):
        routes.add_url_rule(path, endpoint=view.__name__, view_func=view)
    return routes


class HostRoutes:
    """Handlers."""

    def __init__(self, parts: PlaybackParts) -> None:
        self._limits = parts.limits
        self._host = parts.service.host

    # --- what proves something --------------------------------------------------------------------

    def session(self) -> Response:
        def act() -> Any:
            body = read(request_bodies.HostSessionRequest)
            return self._host.open_session(
                number_of(body.room_id), origin(), client_address(),
                delegation=body.delegation, at=body.at, nonce=body.nonce,
                signature=base64url.decode(body.signature),
            )  # fmt: skip

        return self._entering(act)

    def revoke_all(self) -> Response:
        def act() -> Any:
            body = read(request_bodies.WithdrawRequest)
            return self._host.withdraw(
                number_of(body.room_id), origin(), client_address(),
                scope=body.scope, language=body.language, delegation=body.delegation_hash,
                before=body.before, issued=body.issued,
                signature=bytes.fromhex(body.signature[2:]),
            )  # fmt: skip

        return self._entering(act)

    def delegation(self) -> Response:
        def act() -> Any:
            body = read(request_bodies.DelegationRequest)
            return self._host.leave_signature(
                number_of(body.room_id), origin(), client_address(),
                delegation=body.delegation, signature=bytes.fromhex(body.signature[2:]),
            )  # fmt: skip

        return self._entering(act)

    # --- by the session ---------------------------------------------------------------------------

    def revoke(self) -> Response:
        session = self._session()
        body = read(request_bodies.RevokeRequest)
        return fresh_json(self._host.revoke(session, body.links))

    def returned(self) -> Response:
        session = self._session()
        body = read(request_bodies.ReturnedRequest)
        return fresh_json(self._host.returned(session, body.since))

    def door(self) -> Response:
        session = self._session()
        body = read(request_bodies.DoorRequest)
        return fresh_json(self._host.door(session, body.link_hash, closed=body.closed))

    def allow(self) -> Response:
        session = self._session()
        body = read(request_bodies.AllowRequest)
        return fresh_json(self._host.allow(session, body.link_hash))

    def remove_seat(self) -> Response:
        session = self._session()
        body = read(request_bodies.SeatRequest)
        return fresh_json(self._host.remove(session, body.link_hash, body.browser))

    def links(self) -> Response:
        session = self._session()
        return fresh_json(self._host.links(session, _room()))

    def attendance(self) -> Response:
        session = self._session()
        return fresh_json(self._host.attendance(session, _room()))

    def _session(self) -> str:
        self._limits.asked()
        return bearer()

    def _entering(self, act: Callable[[], Any]) -> Response:
        return fresh_json(self._limits.entering(act))


def _room() -> int | None:
    """The room asked for; None: the session's."""
    told = query(request.args, _ROOM).get("room_id")
    if told is None:
        return None
    try:
        return room_number(told)
    except ValueError as error:
        raise malformed("room_id", str(error)) from None
