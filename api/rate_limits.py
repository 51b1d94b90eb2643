"""Rate limits per client, by Flask-Limiter, one count for all workers.

Promises: a client (`api.client_address`) gets `rate_limit` requests over all routes and
`transaction_rate_limit` for the routes that ask the node; over it, 429 with `Retry-After`. Health
routes are free, so that a busy neighbour never makes an orchestrator think that we are dead.
"""

from __future__ import annotations

import math
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded

from api.problems import CATALOGUE
from api.server.shared_counters import SCHEME
from api.services import Services

FREE = ("ops.healthz", "ops.readyz", "ops.metrics")
DEAR = ("transactions.create", "transactions.end")


def install(app: Flask, services: Services, counters: str | None) -> None:
    """Limit `app`. `counters`: path of the file that workers share; None: count alone."""
    config = services.config
    if config.rate_limit == "off":
        return
    limiter = Limiter(
        lambda: str(request.environ.get("api.client", "unknown")),
        app=app,
        application_limits=[config.rate_limit],
        storage_uri=f"{SCHEME}://{counters}" if counters else "memory://",
        strategy="fixed-window",
        headers_enabled=False,
    )
    for endpoint in FREE:
        limiter.exempt(app.view_functions[endpoint])
    for endpoint in DEAR:
        if config.transaction_rate_limit != "off":
            limited: Any = limiter.limit(config.transaction_rate_limit)
            app.view_functions[endpoint] = limited(app.view_functions[endpoint])

    def on_limit(error: RateLimitExceeded) -> Response:
        current = limiter.current_limit
        wait = 1 if current is None else max(1, math.ceil(current.reset_at - services.now()))
        return services.responses.problem(
            CATALOGUE["rate-limited"],
            f"more than {error.limit.limit}",
            retry_after=wait,
            provenance=services.last_provenance(),
        )

    app.register_error_handler(RateLimitExceeded, on_limit)
