"""Rate limits per client, by Flask-Limiter, one count for all workers.

Promises: a client (`common.web.client_address`) may send `rate_limit` questions; beside them
`page_rate_limit` requests for the page itself (documents, files, settings), so that a first load
takes nothing from the questions; of the questions `database_rate_limit` may read the database and
`transaction_rate_limit` the node. Over it: 429 with `Retry-After`. Hints are all taken, but no more
are handed on than one in 5 s a room and 30 a minute a client. Health routes are free, so that a
busy neighbour never makes an orchestrator think that we are dead.

Why so: a school is one address. 300 browsers whose event streams are refused ask for their room six
times and try their stream six times each in the first minute, by the page's paces (`polling.ts`,
`live-query.ts`), and more rarely later; none of them may see a 429. An answer from memory is cheap.
What is dear, reading the database with ever new words, numbers or cursors, is counted where it
happens: a crowd that asks alike reads once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, has_request_context, request
from flask_limiter import ApplicationLimit, Limiter
from flask_limiter.errors import RateLimitExceeded
from limits import parse

from api.routes import page
from api.services import Services
from common.web.problems import ProblemAnswers
from common.web.rate_limits import OFF, Allowance, client, seconds_until, storage_uri

FREE = ("ops.healthz", "ops.readyz", "ops.metrics")
HINTS_OF_A_CLIENT = "30/minute"
HINTS_OF_A_ROOM = "1/5 second"
DEAR = tuple(f"transactions.{name}" for name in ("create", "describe", "rekey", "accept", "end"))


def install(app: Flask, services: Services, answers: ProblemAnswers, counters: str | None) -> None:
    """Limit `app`. `counters`: path of the file that workers share; None: count alone."""
    config = services.config
    wanted = (
        (config.rate_limit, client, _is_page),
        (config.page_rate_limit, lambda: f"page {client()}", lambda: not _is_page()),
    )
    limiter = Limiter(
        client,
        app=app,
        application_limits=[
            ApplicationLimit(limit, key_function=key, exempt_when=exempt)
            for limit, key, exempt in wanted
            if limit != OFF
        ],
        storage_uri=storage_uri(counters),
        strategy="fixed-window",
        headers_enabled=False,
    )
    for endpoint in FREE:
        limiter.exempt(app.view_functions[endpoint])
    for endpoint in DEAR:
        if config.transaction_rate_limit != OFF:
            limited: Any = limiter.limit(config.transaction_rate_limit)
            app.view_functions[endpoint] = limited(app.view_functions[endpoint])
    services.may_hint = _hint_guard(limiter)
    if config.database_rate_limit != OFF:
        services.cache.before_load = _database_guard(limiter, services)

    def on_limit(error: RateLimitExceeded) -> Response:
        current = limiter.current_limit
        wait = 1 if current is None else seconds_until(current.reset_at, services.now())
        return answers.unread("rate-limited", f"more than {error.limit.limit}", wait)

    app.register_error_handler(RateLimitExceeded, on_limit)


def _hint_guard(limiter: Limiter) -> Callable[[int], bool]:
    """Whether one more hint of this room, by whoever asks, is handed on. A class that opens its
    room is one address: nobody of it is refused what only saves time."""
    of_room, of_client = parse(HINTS_OF_A_ROOM), parse(HINTS_OF_A_CLIENT)

    def guard(number: int) -> bool:
        who, hit = client(), limiter.limiter.hit
        return hit(of_room, "hint of room", str(number)) and hit(of_client, "hint of client", who)

    return guard


def _is_page() -> bool:
    return request.blueprint == page.NAME


def _database_guard(limiter: Limiter, services: Services) -> Callable[[], None]:
    """Counts a read of the database for whoever asks; refuses one too many."""
    allowance = Allowance(
        limiter.limiter, services.config.database_rate_limit, "database",
        "that memory has no answer to", services.now,
    )  # fmt: skip

    def guard() -> None:
        if has_request_context():  # else it is nobody's
            allowance.take(client())

    return guard
