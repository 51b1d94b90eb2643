"""The node of a service that serves the public: made from its settings, and looked at at the start.

Promises: `chain_is_right` is False, with a sentence on stderr, only if a node is of another chain
or a contract has no code. That no node answers yet is no reason not to serve: it is logged.
"""

from __future__ import annotations

import random
import sys

import structlog

from chain.identity import WrongChain, check_chain_ids
from chain.rpc.blocking import BlockingNode, NodeUnavailable
from chain.rpc.errors import RpcError
from chain.start_block import check_deployments
from common.clock import SystemClock
from common.settings import ChainSettings


def node_of(settings: ChainSettings, *, timeout: float | None = None) -> BlockingNode:
    """`timeout`: seconds for one call, where it is not the settings'."""
    return BlockingNode(
        [url.get_secret_value() for url in settings.rpc_urls],
        SystemClock(),
        random.Random(),  # noqa: S311 - jitter, no secret
        timeout=settings.rpc_timeout_seconds if timeout is None else timeout,
        chain_id=settings.chain_id,
    )


def chain_is_right(settings: ChainSettings, log: structlog.stdlib.BoundLogger, away: str) -> bool:
    """`away`: what the log says while no node answers."""
    node = node_of(settings)
    try:
        node.check_all(lambda pool: check_chain_ids(pool, settings.chain_id))
        node.ask(lambda rpc: check_deployments(rpc, settings.contracts, settings.chain_id))
    except WrongChain as error:
        sys.stderr.write(f"{error}\n")
        return False
    except (NodeUnavailable, RpcError) as error:
        log.warning(away, reason=str(error))
    finally:
        node.close()
    return True
