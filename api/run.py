"""From settings to a running server.

Promises: `main` answers the exit code; see `api.__main__`. `make_app` builds a worker's application
on real parts.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from flask import Flask

import logs
from api.app import create_app
from api.config import ApiConfig
from api.mongo_source import MongoSource, connect
from api.node import BlockingNode, NodeUnavailable
from api.server import serve
from api.services import Services
from chain.errors import RpcError
from chain.hexes import to_int
from chain.rpc import Rpc
from settings import ApiSettings, SettingsError, load


def main(shared: Path) -> int:
    """Serve until told to stop. `shared`: what `api.shared_folder` made."""
    try:
        settings = load(ApiSettings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    log = logs.configure("api", fmt=settings.log_format, level=settings.log_level)
    node = make_node(settings)
    try:
        wrong = node.ask(lambda rpc: whats_wrong(rpc, settings))
    except (NodeUnavailable, RpcError) as error:
        log.warning("no node answers yet; create and end will not work", reason=str(error))
        wrong = None
    finally:
        node.close()
    if wrong is not None:
        sys.stderr.write(f"{wrong}\n")
        return 3
    bind = settings.api_bind
    log.info("serving", address=f"http://{bind.host}:{bind.port}", workers=settings.api_workers)
    serve(settings, make_app, shared)
    return 0


def make_app(settings: ApiSettings, counters: str) -> Flask:
    """A worker's application."""
    config = ApiConfig.of(settings)
    client = connect(settings.mongodb_uri.get_secret_value())
    source = MongoSource(
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
    return BlockingNode(urls, timeout=settings.rpc_timeout_seconds)


async def whats_wrong(rpc: Rpc, settings: ApiSettings) -> str | None:
    """Why these settings cannot be meant for this node; None: they can."""
    chain_id = to_int(await rpc.call("eth_chainId", []))
    if chain_id != settings.chain_id:
        return f"the node is of chain {chain_id}, CHAIN_ID says {settings.chain_id}: mend one"
    addresses: Sequence[str] = [ref.address for ref in settings.contracts]
    codes = await rpc.batch([("eth_getCode", [address, "latest"]) for address in addresses])
    for address, code in zip(addresses, codes, strict=True):
        if code in ("0x", None):
            return f"there is no contract at {address}: check CONTRACTS"
    return None
