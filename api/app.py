"""The Flask application.

Promises: `create_app` wires the routes, the error handlers, the limits and the middleware around
one `Services`; nothing runs at import.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from api import error_handlers, rate_limits
from api.access_log import AccessLog
from api.middleware import MOST_BODY, Environ, RequestMiddleware, StartResponse, Wsgi
from api.problems import CATALOGUE
from api.routes import docs, ops, page, room, rooms, stream, transactions
from api.services import Services


def create_app(services: Services, counters: str | None = None) -> Flask:
    """`counters`: path of the rate limits' shared file (`api.server.shared_counters`), None: count
    alone. The services are at `app.extensions["services"]`, what counts and logs at
    `["record"]`."""
    app = Flask("api", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    app.extensions["services"] = services
    for routes in (room, rooms, stream, transactions, ops, docs, page):
        app.register_blueprint(routes.blueprint(services))
    app.before_request(_note_route)
    error_handlers.install(app, services)
    rate_limits.install(app, services, counters)
    record = AccessLog(services.metrics, services.config.log_format)
    app.extensions["record"] = record
    inner: Any = RequestMiddleware(cast(Wsgi, app.wsgi_app), record, _refuser(app, services))
    if services.config.trusted_proxies:
        count = services.config.trusted_proxies
        inner = ProxyFix(inner, x_for=count, x_proto=count, x_host=0)
    app.wsgi_app = inner  # type: ignore[method-assign]  # the documented way to add middleware
    return app


def _note_route() -> None:
    """For the middleware, which is outside of Flask."""
    if request.url_rule is not None:
        request.environ["api.route"] = request.url_rule.rule


def _refuser(app: Flask, services: Services) -> Any:
    """Answers with a problem for a request that must not reach Flask."""

    def refuse(environ: Environ, start_response: StartResponse, slug: str) -> Iterable[bytes]:
        kind = CATALOGUE[slug]
        response = services.responses.problem(
            kind, kind.title, headers={"Connection": "close"}, provenance=services.last_provenance()
        )
        return response(environ, start_response)

    return refuse
