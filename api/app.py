"""The Flask application.

Promises: `create_app` wires the routes, the limits and what surrounds them around one `Services`;
nothing runs at import.
"""

from __future__ import annotations

from flask import Flask

from api import problem_answers, rate_limits
from api.cross_origin import OpenToReaders
from api.openapi import document
from api.problems import CATALOGUE
from api.routes import hints, hosts, ops, page, room, rooms, stream, transactions
from api.services import Services
from common.web import docs_routes
from common.web.surroundings import Surroundings, new_app, surround


def create_app(services: Services, counters: str | None = None) -> Flask:
    """`counters`: path of the rate limits' shared file (`common.web.server.shared_counters`), None:
    count alone."""
    app = new_app("api")
    for routes in (room, rooms, hosts, hints, stream, transactions, ops, page):
        app.register_blueprint(routes.blueprint(services))
    public_url = services.config.public_url
    app.register_blueprint(docs_routes.blueprint(lambda: document.build(public_url), CATALOGUE))
    answers = problem_answers.IndexedProblemAnswers(services)
    given = Surroundings(
        kinds=CATALOGUE,
        answers=answers,
        metrics=services.metrics,
        origins=OpenToReaders(),
        log_format=services.config.log_format,
        trusted_proxies=services.config.trusted_proxies,
        hang_up=services.hub.close,
        close=services.close,
    )
    surround(app, given)
    problem_answers.install(app, services)
    rate_limits.install(app, services, answers, counters)
    return app
