"""Puts around a Flask application what every service has around its routes.

Promises: after `surround`, error handlers, size limit, route names, access log, request checks and
trusted proxies are in place; what the server asks for is at `app.extensions["web"]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from common.web import error_handlers
from common.web.access_log import AccessLog
from common.web.metrics import HttpMetrics
from common.web.middleware import CrossOrigin, Environ, RequestMiddleware, StartResponse, Wsgi
from common.web.problems import Catalogue, ProblemAnswers
from common.web.request_checks import MOST_BODY


@dataclass(frozen=True)
class Surroundings:
    """What a service hands in. `hang_up`: end answers that would go on for ever, when the worker
    stops; `close`: the worker has ended."""

    kinds: Catalogue
    answers: ProblemAnswers
    metrics: HttpMetrics
    origins: CrossOrigin
    log_format: str
    trusted_proxies: int
    hang_up: Callable[[], None]
    close: Callable[[], None]


@dataclass(frozen=True)
class InPlace:
    """What the server's worker asks the application for."""

    given: Surroundings
    record: AccessLog


def new_app(name: str) -> Flask:
    """An application without static files, whose paths are taken byte for byte."""
    app = Flask(name, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    return app


def surround(app: Flask, given: Surroundings) -> None:
    """Once all routes are registered."""
    app.before_request(_note_route)
    error_handlers.install(app, given.kinds, given.answers)
    record = AccessLog(given.metrics, given.log_format)
    app.extensions["web"] = InPlace(given, record)
    inner: Any = RequestMiddleware(
        cast(Wsgi, app.wsgi_app), record, _refuser(given.answers), given.origins
    )
    if given.trusted_proxies:
        count = given.trusted_proxies
        inner = ProxyFix(inner, x_for=count, x_proto=count, x_host=0)
    app.wsgi_app = inner  # type: ignore[method-assign]  # the documented way to add middleware


def _note_route() -> None:
    """For the middleware, which is outside of Flask."""
    if request.url_rule is not None:
        request.environ["web.route"] = request.url_rule.rule


def _refuser(answers: ProblemAnswers) -> Any:
    """Answers with a problem for a request that must not reach Flask."""

    def refuse(
        environ: Environ, start_response: StartResponse, slug: str, detail: str
    ) -> Iterable[bytes]:
        return answers.unread(slug, detail)(environ, start_response)

    return refuse
