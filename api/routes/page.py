"""The built page, its settings, and its fallback.

Promises: `/`, `/new`, `/room/<id>`, `/host/<address>`, `/studio...` and `/audit...` are the page,
`/embed/<id>` the bare player; hashed files may be cached for a year. A browser that asks for
anything else gets the page, too, as a 404 that the page puts in the reader's language. Where the
page was not built, a plain one says how to.

What a link shows where it is shared (`api.previews`) stands in the documents of the site, of rooms
and of hosts. Its picture is below `/preview/`: of what is asked about as it is now, whatever digest
the address has; caches keep it for a day if that is its own, else for a minute. The index has
`PATIENCE` to answer: over it the document is as it was built, and the picture the site's.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from api import response_shapes
from api.bounded_look import BoundedLook
from api.csp import PageKind, page_headers
from api.index_source import IndexUnavailable
from api.previews.contents import Preview, home_preview
from api.previews.head import head_of
from api.previews.lookup import Lookup, PageOf
from api.previews.pictures import plain
from api.services import Services
from api.static_pages import StaticFile, StaticPages
from common.web.problems import Problem
from common.web.responses import JSON, encode

PATIENCE, FIRST_PATIENCE = 1.0, 2.5  # seconds; the second until the index has answered once
PICTURE_KEPT = "public, max-age=86400"  # no longer: a room may be taken down
PICTURE_SOON = "public, max-age=60"
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
    for path in ("/new", "/studio", "/studio/<path:rest>"):
        routes.add_url_rule(path, endpoint="page", view_func=pages.page)
    routes.add_url_rule("/", endpoint="home", view_func=pages.home)
    routes.add_url_rule("/room/<path:rest>", endpoint="room", view_func=pages.room)
    routes.add_url_rule("/host/<path:rest>", endpoint="host", view_func=pages.host)
    routes.add_url_rule(
        "/preview/home/<digest>.png", endpoint="home_picture", view_func=pages.home_picture
    )
    routes.add_url_rule(
        "/preview/room/<name>/<digest>.png", endpoint="room_picture", view_func=pages.room_picture
    )
    routes.add_url_rule(
        "/preview/host/<name>/<digest>.png", endpoint="host_picture", view_func=pages.host_picture
    )
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
        self._lookup = Lookup(services)
        self._look = BoundedLook(services.monotonic)
        self._pictures = services.pictures
        self._known_hosts: list[str] | None = None

    def page(self, rest: str = "") -> Response:
        return self._html("index.html", "page")

    def home(self) -> Response:
        return self._html("index.html", "page", "home")

    def room(self, rest: str) -> Response:
        return self._html("index.html", "page", "room", rest)

    def host(self, rest: str) -> Response:
        return self._html("index.html", "page", "host", rest)

    def home_picture(self, digest: str) -> Response:
        return self._picture("home", "", digest)

    def room_picture(self, name: str, digest: str) -> Response:
        return self._picture("room", name, digest)

    def host_picture(self, name: str, digest: str) -> Response:
        return self._picture("host", name, digest)

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
        hosts, _ = self._from_index()
        content = response_shapes.page_config(self._services.config, hosts)
        return Response(
            encode(content), headers=[("Cache-Control", "public, max-age=5")], content_type=JSON
        )

    def _html(
        self, name: str, kind: PageKind, of: PageOf | None = None, rest: str = ""
    ) -> Response:
        config = self._services.config
        node = [] if config.public_rpc_url is None else [config.public_rpc_url]
        asked = [*node, *config.playback_services.values()]
        hosts, preview = self._from_index(of, rest)
        headers = page_headers(kind, hosts, asked)
        if preview is None:
            found = self._pages.get(name)
        else:
            found = self._pages.with_head(name, head_of(preview, config.public_url))
        if found is None:
            headers.append(("Cache-Control", "no-store"))
            return Response(_NOT_BUILT, headers=headers, content_type="text/html; charset=utf-8")
        return _send(found, headers)

    def _from_index(
        self, of: PageOf | None = None, name: str = ""
    ) -> tuple[list[str], Preview | None]:
        """Where rooms play, as was known last while the index does not answer (at first nowhere:
        the page then cannot play), and what the page is about, None: nothing, or not known."""
        known = self._known_hosts
        patience = FIRST_PATIENCE if known is None else PATIENCE
        try:
            return self._look.answer(lambda: self._read_index(of, name), patience)
        except IndexUnavailable:
            return known or [], home_preview() if of == "home" else None

    def _read_index(self, of: PageOf | None, name: str) -> tuple[list[str], Preview | None]:
        services = self._services
        services.index_watch.snapshot()
        bases = {
            str(doc["playback_base"])
            for contract in services.config.addresses
            for doc in services.operators(contract)
        }
        self._known_hosts = sorted(bases)
        return self._known_hosts, None if of is None else self._lookup.preview(of, name)

    def _picture(self, of: PageOf, name: str, digest: str) -> Response:
        _, preview = self._from_index(of, name)
        drawn = None if preview is None else self._pictures.get(preview.picture)
        if preview is None or drawn is None:
            return Response(
                plain(), headers=[("Cache-Control", "no-store")], content_type="image/png"
            )
        current = preview.picture.digest
        headers = [
            ("ETag", f'"{current}"'),
            ("Cache-Control", PICTURE_KEPT if digest == current else PICTURE_SOON),
        ]
        if request.if_none_match.contains(current):
            return Response(status=304, headers=headers)
        return Response(drawn, headers=headers, content_type="image/png")


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
