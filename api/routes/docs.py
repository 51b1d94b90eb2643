"""The API described: for machines (/openapi.json) and for people (/docs).

Promises: both are made from the same document; /docs needs no script at all.
"""

from __future__ import annotations

from functools import cache

from flask import Blueprint

from api.openapi import document, reference
from api.services import Services
from common.web.responses import JSON, encode, fixed_document

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
        csp = STYLE_CSP if kind.startswith("text/html") else None
        routes.add_url_rule(path, endpoint=endpoint, view_func=fixed_document(body, kind, csp))
    return routes
