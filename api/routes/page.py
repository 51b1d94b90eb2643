"""The built page, its settings, and its fallback.

Promises: `/`, `/new`, `/room/<id>`, `/studio...` and `/audit...` are the page, `/embed/<id>` the
bare player; hashed files may be cached for a year. A browser that asks for anything else gets the
page, too, as a 404 that the page puts in the reader's language. Where the page was not built, a
plain one says how to.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from api import response_shapes
from api.csp import PageKind, page_headers
from api.index_source import IndexUnavailable
from api.services import Services
from api.static_pages import StaticFile, StaticPages
from common.web.problems import Problem
from common.web.responses import JSON, encode

NAME = "page"  # the blueprint's, by which its requests are counted apart
_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Livestream Rooms</title>
<h1>Livestream Rooms</h1><p>The page is not built here. Build it with <code>make dapp</code> and
reload.</p><p>The API works: <a href="/docs">documentation</a>,
<a href="/api/livestream/status">status</a>, <a href="/api/livestream/rooms">rooms</a>.</p></html>
"""


def blueprint(services: Services) -> Blueprint:
    routes = Blueprint(NAME, __name__)
    pages = PageRoutes(services)
    routes.add_url_rule("/config.json", endpoint="config", view_func=pages.config)
    for path in ("/", "/new", "/room/<path:rest>", "/studio", "/studio/<path:rest>"):
        routes.add_url_rule(path, endpoint="page", view_func=pages.page)
    for path in ("/audit", "/audit/<rest>"):
        routes.add_url_rule(path, endpoint="audit", view_func=pages.audit)
    routes.add_url_rule("/embed/<rest>", endpoint="embed", view_func=pages.embed)
    # not a rule for every path: a wrong method on another route must stay a 405
    for path in ("/<name>", "/assets/<path:name>"):
        routes.add_url_rule(path, endpoint="file", view_func=pages.file)
    return routes


class PageRoutes:
    """Handlers of the page's routes."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._pages = StaticPages(services.config.page_folder)

    def page(self, rest: str = "") -> Response:
        return self._html("index.html", "page")

    def audit(self, rest: str = "") -> Response:
        return self._html("index.html", "audit")

    def embed(self, rest: str = "") -> Response:
        name = "embed.html" if self._pages.get("embed.html") else "index.html"
        return self._html(name, "embed")

    def file(self, name: str) -> Response:
        found = self._pages.get(request.path[1:])
        if found is None or name.endswith(".html"):
            if "." not in name and "text/html" in request.headers.get("Accept", ""):
                missing = self._html("index.html", "page")
                missing.status_code = 404
                return missing
            raise Problem("not-found", "no route has this path")
        return _send(found, [])

    def config(self) -> Response:
        """What the page needs to know before its first question."""
        content = response_shapes.page_config(self._services.config, self._hosts())
        return Response(
            encode(content), headers=[("Cache-Control", "public, max-age=5")], content_type=JSON
        )

    def _html(self, name: str, kind: PageKind) -> Response:
        config = self._services.config
        node = [] if config.public_rpc_url is None else [config.public_rpc_url]
        asked = [*node, *config.playback_services.values()]
        headers = page_headers(kind, self._hosts(), asked)
        found = self._pages.get(name)
        if found is None:
            headers.append(("Cache-Control", "no-store"))
            return Response(_NOT_BUILT, headers=headers, content_type="text/html; charset=utf-8")
        return _send(found, headers)

    def _hosts(self) -> list[str]:
        """Where rooms play; none while the index does not answer (the page then cannot play)."""
        services = self._services
        try:
            services.index_watch.snapshot()
            bases = {
                str(doc["playback_base"])
                for contract in services.config.addresses
                for doc in services.operators(contract)
            }
        except IndexUnavailable:
            return []
        return sorted(bases)


def _send(file: StaticFile, headers: list[tuple[str, str]]) -> Response:
    headers = [*headers, ("ETag", file.etag), ("Cache-Control", file.cache)]
    if file.packed is not None:
        headers.append(("Vary", "Accept-Encoding"))
    if request.if_none_match.contains(file.etag.strip('"')):
        return Response(status=304, headers=headers)
    body = file.body
    if file.packed is not None and request.accept_encodings["gzip"] > 0:
        body = file.packed
        headers.append(("Content-Encoding", "gzip"))
    return Response(body, headers=headers, content_type=file.content_type)
