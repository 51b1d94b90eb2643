"""From settings to a running server.

Promises: `main` returns the exit code; see `api.__main__`. `make_app` builds a worker's application
on real parts.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from flask import Flask

from api.app import create_app
from api.app_config import ApiConfig
from api.mongo_index_source import MongoIndexSource, connect
from api.server.gunicorn_server import serve
from api.services import Services
from chain.identity import WrongChain, check_chain_id, check_contracts, check_version
from chain.rpc.blocking import BlockingNode, NodeUnavailable
from chain.rpc.client import Rpc
from chain.rpc.errors import RpcError
from common import logs
from common.clock import SystemClock
from common.settings import ApiSettings, SettingsError, load


def main(shared: Path) -> int:
    """Serve until a signal to stop. `shared`: what `api.server.shared_folder` made."""
    try:
        settings = load(ApiSettings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    log = logs.configure("api", fmt=settings.log_format, level=settings.log_level)
    node = make_node(settings)
    try:
        node.ask(lambda rpc: check_settings(rpc, settings))
    except WrongChain as error:
        sys.stderr.write(f"{error}\n")
        return 3
    except (NodeUnavailable, RpcError) as error:
        log.warning("no node answers yet; transactions will not work", reason=str(error))
    finally:
        node.close()
    bind = settings.api_bind
    log.info("serving", address=f"http://{bind.host}:{bind.port}", workers=settings.api_workers)
    serve(settings, make_app, shared)
    return 0


def make_app(settings: ApiSettings, counters: str) -> Flask:
    """A worker's application."""
    config = ApiConfig.of(settings)
    client = connect(settings.mongodb_uri.get_secret_value())
    source = MongoIndexSource(
        client,
        settings.mongodb_database,
        config.addresses,
        oracle_database=settings.oracle_database,
    )
    node = make_node(settings)
    services = Services(config, source, node)
    node.on_call = services.metrics.node_call
    return create_app(services, counters)


def make_node(settings: ApiSettings) -> BlockingNode:
    urls = [url.get_secret_value() for url in settings.rpc_urls]
    rng = random.Random()  # noqa: S311 - jitter, no secret
    return BlockingNode(urls, SystemClock(), rng, timeout=settings.rpc_timeout_seconds)


async def check_settings(rpc: Rpc, settings: ApiSettings) -> None:
    """These settings are meant for this node. Raises `WrongChain`, `RpcError`."""
    await check_chain_id(rpc, settings.chain_id)
    await check_contracts(rpc, [ref.address for ref in settings.contracts], settings.chain_id)
    for ref in settings.contracts:
        await check_version(rpc, ref.address)
