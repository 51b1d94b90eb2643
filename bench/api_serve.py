"""`python -m bench.api_serve`: the API with two more routes: `/bare`, that does nothing, and
`/worker`, that says which process answers.

Outside of the package `bench.api`, which imports too much before the monkey patch.
The same server, workers, middleware, limits and logs; so the difference is the route's own work.
"""

from __future__ import annotations

import os
import sys

import common.web.server.gevent_patch  # noqa: F401  # first
from common.web.server.shared_folder import shared_folder


def main() -> None:
    """Serve until SIGTERM."""
    with shared_folder("api") as folder:
        from flask import Flask, Response

        from api.run import make_app, server_options
        from common import logs
        from common.settings import ApiSettings, load
        from common.web.server.gunicorn_server import serve

        settings = load(ApiSettings, dotenv=None)

        def with_bare(counters: str) -> Flask:
            app = make_app(settings, counters)
            app.add_url_rule(
                "/bare",
                endpoint="bare",
                view_func=lambda: Response(b'{"ok":true}', content_type="application/json"),
            )
            app.add_url_rule(
                "/worker", endpoint="worker", view_func=lambda: Response(str(os.getpid()))
            )
            return app

        logs.configure("api", level="warning")
        serve(server_options(settings), with_bare, folder)
        sys.exit(0)


main()
