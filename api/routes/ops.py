"""For machines: alive, ready, metrics.

Promises: /healthz says that the process answers; /readyz says 503 with every reason in words while
it cannot serve the truth; /metrics sums over all workers. None of them is rate-limited.
"""

from __future__ import annotations

from flask import Blueprint, Response

from api import response_shapes
from api.http_responses import JSON, NEVER, encode
from api.index_source import IndexUnavailable
from api.services import Services

SILENT = 60  # seconds without a look at the chain after which the index counts as dead


def blueprint(services: Services) -> Blueprint:
    routes = Blueprint("ops", __name__)
    routes.add_url_rule("/healthz", view_func=healthz)
    routes.add_url_rule("/readyz", endpoint="readyz", view_func=lambda: readyz(services))
    routes.add_url_rule("/metrics", endpoint="metrics", view_func=lambda: metrics(services))
    return routes


def healthz() -> Response:
    return Response("ok\n", headers=[("Cache-Control", NEVER)], content_type="text/plain")


def readyz(services: Services) -> Response:
    reasons = unready(services)
    return Response(
        encode(response_shapes.readiness(reasons)),
        status=503 if reasons else 200,
        headers=[("Cache-Control", NEVER)],
        content_type=JSON,
    )


def unready(services: Services) -> list[str]:
    """Why the API cannot serve the truth now, and what to look at."""
    try:
        snapshot = services.index_watch.snapshot()
    except IndexUnavailable as error:
        return [f"{error}: check MONGODB_URI, the database and the indexer"]
    reasons = []
    for position in snapshot.positions.values():
        name = position.contract
        if position.chain_id != services.config.chain_id:
            reasons.append(
                f"the index of {name} belongs to chain {position.chain_id}, not to"
                f" {services.config.chain_id}: check CHAIN_ID and MONGODB_DATABASE"
            )
        if position.state == "stopped":
            reasons.append(f"the indexer has stopped: {position.stop_reason or 'see its log'}")
        elif (silent := position.lag_seconds(services.now())) > SILENT:
            reasons.append(
                f"the indexer has not read the chain for {silent} s: check that it is running"
            )
    return reasons


def metrics(services: Services) -> Response:
    text = services.metrics.text(services.index_watch.known(), services.now())
    return Response(
        text, headers=[("Cache-Control", NEVER)], content_type=services.metrics.content_type
    )
