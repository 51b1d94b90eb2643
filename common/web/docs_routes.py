"""A service described: its OpenAPI document for machines, and the same as a page for people.

Promises: both are made from one document, once a worker; the page needs no script at all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Blueprint, Response

from common.web.openapi import reference
from common.web.problems import Catalogue
from common.web.responses import JSON, encode, fixed_document

STYLE_CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def blueprint(
    build: Callable[[], dict[str, Any]],
    problems: Catalogue,
    *,
    under: str = "",
    asked: Callable[[], None] = lambda: None,
) -> Blueprint:
    """`/openapi.json`, `/docs` and its style, all below `under`. `asked` comes before each answer,
    and may raise a `Problem`."""
    routes = Blueprint("docs", __name__)
    document, page, style = f"{under}/openapi.json", f"{under}/docs", f"{under}/docs/style.css"

    @cache
    def machines() -> bytes:
        return encode(build())

    @cache
    def people() -> bytes:
        told = reference.render(build(), problems, document=document, style=style)
        return told.encode()

    @cache
    def looks() -> bytes:
        return reference.STYLE.read_bytes()

    def add(
        path: str, endpoint: str, body: Callable[[], bytes], kind: str, csp: str | None = None
    ) -> None:
        told = fixed_document(body, kind, csp)

        def view() -> Response:
            asked()
            return told()

        routes.add_url_rule(path, endpoint=endpoint, view_func=view)

    add(document, "openapi", machines, JSON)
    add(page, "docs", people, "text/html; charset=utf-8", STYLE_CSP)
    add(style, "docs_style", looks, "text/css; charset=utf-8")
    return routes
