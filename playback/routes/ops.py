"""For machines: alive, ready, metrics (`common.web.ops_routes`)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response

from common.web import ops_routes
from playback.parts import PlaybackParts


def blueprint(parts: PlaybackParts) -> Blueprint:
    routes = Blueprint("ops", __name__)
    routes.add_url_rule("/healthz", endpoint="healthz", view_func=_named(ops_routes.healthz))
    routes.add_url_rule("/readyz", endpoint="readyz", view_func=_named(lambda: readyz(parts)))
    routes.add_url_rule("/metrics", endpoint="metrics", view_func=_named(lambda: metrics(parts)))
    return routes


def readyz(parts: PlaybackParts) -> Response:
    return ops_routes.readyz(parts.readiness.reasons(), parts.readiness.notes())


def metrics(parts: PlaybackParts) -> Response:
    ready = not parts.readiness.reasons()
    parts.metrics.has_key(parts.service.has_key())
    return ops_routes.metrics(parts.metrics, ready=ready, now=parts.now())


def _named(view: Callable[[], Response]) -> Callable[[], Response]:
    def guarded() -> Response:
        ops_routes.only_by_name()
        return view()

    return guarded
