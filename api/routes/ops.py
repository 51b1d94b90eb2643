"""For machines: alive, ready, metrics (`common.web.ops_routes`).

Promises: /healthz says that the process answers; /readyz says 503 with every reason in words while
it cannot serve the truth; /metrics is the same from every worker. None of them is rate-limited.
"""

from __future__ import annotations

from flask import Blueprint, Response

from api.index_source import IndexUnavailable
from api.services import Services
from chain import head_age
from common.web import ops_routes
from indexer.documents import SILENT


def blueprint(services: Services) -> Blueprint:
    routes = Blueprint("ops", __name__)
    routes.before_request(ops_routes.only_by_name)
    routes.add_url_rule("/healthz", endpoint="healthz", view_func=ops_routes.healthz)
    routes.add_url_rule("/readyz", endpoint="readyz", view_func=lambda: readyz(services))
    routes.add_url_rule("/metrics", endpoint="metrics", view_func=lambda: metrics(services))
    return routes


def readyz(services: Services) -> Response:
    return ops_routes.readyz(unready(services), notes(services))


def unready(services: Services) -> list[str]:
    """Why the API cannot serve the truth now, and what to look at."""
    try:
        snapshot = services.index_watch.snapshot()
    except IndexUnavailable as error:
        return [error.for_operator]
    reasons = [*services.keeper.down()]
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
                f"the indexer has not read the chain for {silent} s: check that it is running,"
                " and its machine's clock and this one's"
            )
    return reasons


def notes(services: Services) -> list[str]:
    """What is to be known and hinders nothing: a chain that stands still, a wrong clock, nobody who
    knows what is on air."""
    found = [*services.presence.notes(), *services.aside.down()]
    known = services.index_watch.known()
    if known is None or not known.main.head_timestamp:
        return found
    main, blocks = known.main, services.config.head_age_blocks
    told = head_age.note(services.now(), main.head_timestamp, main.block_seconds, blocks)
    return found if told is None else [*found, told]


def metrics(services: Services) -> Response:
    ready = not unready(services)  # looks at the index, so that what is told of it is fresh
    return ops_routes.metrics(services.metrics, ready=ready, now=services.now())
