"""From settings to a running server.

Promises: `main` returns the exit code; see `api.__main__`. `make_app` builds a worker's application
on real parts, `server_options` says how it is served.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

from flask import Flask
from pymongo import MongoClient

from api.app import create_app
from api.app_config import ApiConfig
from api.index_source import IndexUnavailable
from api.mongo_index_source import MongoIndexSource
from api.presence_source import MongoPresenceSource
from api.previews.pictures import plain
from api.services import Services
from chain.service_node import chain_is_right, node_of
from common import logs
from common.database_errors import DatabaseErrors
from common.settings import ApiSettings, SettingsError, load
from common.web.database import connect
from common.web.server.gunicorn_server import ServerOptions, serve


def main(shared: Path) -> int:
    """Serve until a signal to stop. `shared`: what `common.web.server.shared_folder` made."""
    try:
        settings = load(ApiSettings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    log = logs.configure("api", fmt=settings.log_format, level=settings.log_level)
    if not chain_is_right(settings, log, "no node answers yet; transactions will not work"):
        return 3
    client = connect(settings.mongodb_uri.get_secret_value(), "api")
    source = make_source(settings, ApiConfig.of(settings), client)
    try:
        source.reach()
    except IndexUnavailable as error:
        log.warning("no database answers yet; /readyz tells when", reason=error.for_operator)
    finally:
        source.close()
        _await_threads()
    log.info("serving", address=f"http://{settings.api_bind}", workers=settings.api_workers)
    serve(server_options(settings), lambda counters: make_app(settings, counters), shared)
    return 0


def server_options(settings: ApiSettings) -> ServerOptions:
    """How the API is served."""
    return ServerOptions(
        service="api",
        bind=settings.api_bind,
        workers=settings.api_workers,
        connections=settings.api_connections,
        connections_per_client=settings.api_connections_per_client,
        patience_seconds=settings.api_patience_seconds,
        trusted_proxies=settings.api_trusted_proxies,
    )


def _await_threads() -> None:
    """Until what pymongo ran beside us has ended: a fork in between leaves a worker greenlets of
    threads that it does not have."""
    for thread in threading.enumerate():
        if thread.name.startswith("pymongo"):
            thread.join(timeout=5)


def make_app(settings: ApiSettings, counters: str) -> Flask:
    """A worker's application."""
    plain()  # drawn before anybody waits for it
    config = ApiConfig.of(settings)
    client = connect(settings.mongodb_uri.get_secret_value(), "api")
    source = make_source(settings, config, client)
    node = node_of(settings)
    presence = MongoPresenceSource(client, settings.presence_database, errors_of(settings))
    services = Services(config, source, node, presence)
    node.on_call = services.metrics.node_call
    return create_app(services, counters)


def make_source(
    settings: ApiSettings, config: ApiConfig, client: MongoClient[dict[str, Any]]
) -> MongoIndexSource:
    return MongoIndexSource(
        client,
        settings.mongodb_database,
        config.addresses,
        oracle_database=settings.oracle_database,
        errors=errors_of(settings),
    )


def errors_of(settings: ApiSettings) -> DatabaseErrors:
    return DatabaseErrors.of(settings.mongodb_uri.get_secret_value())
