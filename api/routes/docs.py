"""The API described: for machines (/openapi.json) and for people (/docs).

Promises: both are made from the same document; /docs needs no script at all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from flask import Blueprint, Response, request

from api.http_responses import FIXED, JSON, digest, encode
from api.openapi import document, reference
from api.services import Services

STYLE_CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def blueprint(services: Services) -> Blueprint:
    routes = Blueprint("docs", __name__)

    @cache
    def spec() -> bytes:
        return encode(document.build(services.config.public_url))

    @cache
    def docs() -> bytes:
        return reference.render(document.build(services.config.public_url)).encode()

    @cache
    def style() -> bytes:
        return reference.STYLE.read_bytes()

    for path, endpoint, body, kind in (
        ("/openapi.json", "openapi", spec, JSON),
        ("/docs", "docs", docs, "text/html; charset=utf-8"),
        ("/docs/style.css", "docs_style", style, "text/css; charset=utf-8"),
    ):
        routes.add_url_rule(path, endpoint=endpoint, view_func=_view(body, kind))
    return routes


def _view(body: Callable[[], bytes], kind: str) -> Callable[[], Response]:
    return lambda: _send(body(), kind, STYLE_CSP if kind.startswith("text/html") else None)


def _send(body: bytes, kind: str, csp: str | None = None) -> Response:
    etag = digest(body)
    headers = [("ETag", f'"{etag}"'), ("Cache-Control", FIXED)]
    if csp is not None:
        headers.append(("Content-Security-Policy", csp))
    if request.if_none_match.contains(etag):
        return Response(status=304, headers=headers)
    return Response(body, headers=headers, content_type=kind)
