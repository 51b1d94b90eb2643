"""The Flask application of the playback service.

Promises: `create_app` wires the routes and what surrounds them around one `PlaybackParts`; nothing
runs at import.
"""

from __future__ import annotations

from flask import Flask

from common.web import docs_routes
from common.web.surroundings import Surroundings, new_app, surround
from playback.openapi import document, paths
from playback.origins import NamedOrigins
from playback.parts import PlaybackParts, PlaybackProblemAnswers
from playback.problems import CATALOGUE
from playback.routes import hosts, ops, viewers


def create_app(parts: PlaybackParts) -> Flask:
    """A worker's application."""
    app = new_app("playback")
    for routes in (viewers, hosts, ops):
        app.register_blueprint(routes.blueprint(parts))
    described = docs_routes.blueprint(
        document.build, CATALOGUE, under=paths.PREFIX, asked=parts.limits.asked
    )
    app.register_blueprint(described)
    settings = parts.settings
    given = Surroundings(
        kinds=CATALOGUE,
        answers=PlaybackProblemAnswers(parts.metrics),
        metrics=parts.metrics,
        origins=NamedOrigins(settings.playback_origins),
        log_format=settings.log_format,
        trusted_proxies=settings.playback_trusted_proxies,
        hang_up=lambda: None,
        close=parts.close,
    )
    surround(app, given)
    return app
