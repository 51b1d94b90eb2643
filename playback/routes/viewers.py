"""What a viewer's page asks: who this is, a text to sign, a session, its renewal, the way out."""

from __future__ import annotations

from flask import Blueprint, Response, request

from common import base64url
from common.web.query_params import query
from common.web.request_bodies import read
from common.web.responses import fresh_json
from playback import request_bodies
from playback.parts import PlaybackParts, bearer, client_address, number_of, origin
from playback.proofs import InvitationProof, WalletProof


def blueprint(parts: PlaybackParts) -> Blueprint:
    routes = Blueprint("viewers", __name__, url_prefix="/api/playback")
    pages = ViewerRoutes(parts)
    routes.add_url_rule("/status", view_func=pages.status)
    for view in (pages.challenge, pages.session, pages.renew, pages.leave):
        routes.add_url_rule(f"/{view.__name__}", view_func=view, methods=["POST"])
    return routes


class ViewerRoutes:
    """Handlers."""

    def __init__(self, parts: PlaybackParts) -> None:
        self._parts = parts
        self._service = parts.service

    def status(self) -> Response:
        """Who this is."""
        self._parts.limits.asked()
        query(request.args, frozenset())
        return fresh_json(self._service.status())

    def challenge(self) -> Response:
        """A nonce, and the text to sign."""
        self._parts.limits.asked()
        body = read(request_bodies.ChallengeRequest)
        return fresh_json(self._service.challenge(number_of(body.room_id), body.address, origin()))

    def session(self) -> Response:
        """Let somebody in."""
        return self._parts.limits.entering(self._enter)

    def _enter(self) -> Response:
        body = read(request_bodies.SessionRequest)
        if body.wallet is None:
            proof: WalletProof | InvitationProof = InvitationProof(body.invitation or "")
        else:
            signature = bytes.fromhex(body.wallet.signature[2:])
            proof = WalletProof(body.wallet.nonce, signature)
        admission = self._service.enter(
            number_of(body.room_id),
            origin(),
            client_address(),
            base64url.decode(body.browser),
            proof,
        )
        self._parts.metrics.admitted("enter", admission["role"])
        return fresh_json(admission)

    def renew(self) -> Response:
        """A fresh token."""
        self._parts.limits.asked()
        session = bearer()
        read(request_bodies.RenewRequest)
        admission = self._service.renew(session)
        self._parts.metrics.admitted("renew", admission["role"])
        return fresh_json(admission)

    def leave(self) -> Response:
        """Free the seat. As text, too: `sendBeacon` of a page that is closed sends that."""
        self._parts.limits.asked()
        body = read(request_bodies.LeaveRequest, "text/plain")
        self._service.leave(body.session)
        return Response(status=204, headers=[("Cache-Control", "no-store")])
