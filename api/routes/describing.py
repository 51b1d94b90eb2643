"""The API described: for machines (/openapi.json) and for people (/docs).

Promises: both are made from the same document; /docs needs no script at all.
"""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Response, request

from api.answers import FIXED, JSON, digest, encode
from api.openapi import document
from api.services import Services

STYLE_CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def blueprint(services: Services) -> Blueprint:
    routes = Blueprint("describing", __name__)

    @cache
    def spec() -> bytes:
        return encode(document.build(services.config))

    routes.add_url_rule("/openapi.json", endpoint="openapi", view_func=lambda: _send(spec(), JSON))
    return routes


def _send(body: bytes, kind: str, csp: str | None = None) -> Response:
    etag = digest(body)
    headers = [("ETag", f'"{etag}"'), ("Cache-Control", FIXED)]
    if csp is not None:
        headers.append(("Content-Security-Policy", csp))
    if request.if_none_match.contains(etag):
        return Response(status=304, headers=headers)
    return Response(body, headers=headers, content_type=kind)
