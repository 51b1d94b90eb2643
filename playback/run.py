"""From settings to a running server.

Promises: `main` returns the exit code; see `playback.__main__`. `make_app` builds a worker's
application on real parts. A node, a database or a key that is not there yet is no reason not to
serve: /readyz says what is missing.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from flask import Flask

from chain.service_node import chain_is_right, node_of
from common import logs
from common.private_file import PrivateFileError
from common.settings import PlaybackSettings, SettingsError, load
from common.web.server.gunicorn_server import ServerOptions, serve
from playback.app import create_app
from playback.clock_check import ServerDate
from playback.limits import PlaybackLimits
from playback.metrics import PlaybackMetrics
from playback.parts import PlaybackParts
from playback.readiness import PlaybackReadiness
from playback.wiring import build_service, session_key


def main(shared: Path) -> int:
    """Serve until a signal to stop. `shared`: what `common.web.server.shared_folder` made."""
    try:
        settings = load(PlaybackSettings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        session_key(settings.playback_session_key_file)
    except PrivateFileError as error:
        sys.stderr.write(f"PLAYBACK_SESSION_KEY_FILE: {error}\n")
        return 2
    log = logs.configure("playback", fmt=settings.log_format, level=settings.log_level)
    if not chain_is_right(settings, log, "no node answers yet; /readyz tells when"):
        return 3
    address = f"http://{settings.playback_bind}"
    log.info("serving", address=address, workers=settings.playback_workers)
    serve(server_options(settings), lambda counters: make_app(settings, counters), shared)
    return 0


def server_options(settings: PlaybackSettings) -> ServerOptions:
    """How the service is served."""
    return ServerOptions(
        service="playback",
        bind=settings.playback_bind,
        workers=settings.playback_workers,
        connections=settings.playback_connections,
        connections_per_client=settings.playback_connections_per_client,
        patience_seconds=settings.playback_patience_seconds,
        trusted_proxies=settings.playback_trusted_proxies,
    )


def make_app(settings: PlaybackSettings, counters: str | None) -> Flask:
    """A worker's application. `counters`: the path of what the workers count together."""
    metrics = PlaybackMetrics()
    limits = PlaybackLimits(settings, counters, time.time)
    service = build_service(settings, limits, metrics)
    node = node_of(settings)
    node.on_call = metrics.node_call
    readiness = PlaybackReadiness(
        service.ready,
        node,
        ServerDate(settings.playback_cloudflare_date_url, time.time),
        head_age_blocks=settings.head_age_blocks,
        block_seconds=service.block_seconds,
        now=time.time,
        monotonic=time.monotonic,
        on_clock=metrics.clock_error,
    )
    return create_app(PlaybackParts(settings, service, limits, metrics, readiness, time.time))
