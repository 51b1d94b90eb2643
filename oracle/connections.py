"""Opens the oracle's connections, from its settings: nodes, database, Cloudflare, signer.

Promises: everything opened here is closed by `close`; nothing is asked of anybody. Time-outs are
shorter than the lease, so that "may act" can be promised.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase

from chain.rpc.client import http_client
from chain.rpc.node_health import PoolPolicy
from chain.rpc.pool import NodePool
from chain.rpc.urls import node_configs
from chain.rpc.web3_provider import web3_on
from chain.send.signer import Signer, Web3Signer, keystore_signer, plain_key_signer
from common.clock import Clock, Rng
from common.database_errors import DatabaseErrors
from common.settings import OracleSettings, reread
from oracle.cloudflare.breaker import Breaker
from oracle.cloudflare.client import CloudflareClient
from oracle.cloudflare.credentials import ApiToken, Auth, CloudflareAccount, GlobalKey
from oracle.cloudflare.live_input_spec import MIN_RETENTION_DAYS, RecordingPolicy
from oracle.cloudflare.rate_limit import RateLimiter
from oracle.cloudflare.request_log import RateLimit
from oracle.cloudflare.transport import http_client as cloudflare_http

MONGO_SECONDS = 5
PER_SECOND = RateLimit(100, 1.0)


@dataclass
class Connections:
    """What `open_connections` opened."""

    pool: NodePool
    index_database: AsyncDatabase[dict[str, Any]]
    database: AsyncDatabase[dict[str, Any]]
    database_errors: DatabaseErrors
    cloudflare: httpx.AsyncClient
    signer_http: httpx.AsyncClient
    stack: AsyncExitStack

    async def close(self) -> None:
        """Close everything."""
        await self.stack.aclose()


def open_connections(settings: OracleSettings, clock: Clock, rng: Rng) -> Connections:
    """Nothing is sent yet."""
    stack = AsyncExitStack()
    node_http, signer_http, cloudflare = http_client(), http_client(), cloudflare_http()
    mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        settings.mongodb_uri.get_secret_value(),
        serverSelectionTimeoutMS=MONGO_SECONDS * 1000,
        socketTimeoutMS=MONGO_SECONDS * 1000,
        connectTimeoutMS=MONGO_SECONDS * 1000,
    )
    for client in (node_http, signer_http, cloudflare):
        stack.push_async_callback(client.aclose)
    stack.push_async_callback(mongo.close)
    pool = NodePool.build(
        node_configs([url.get_secret_value() for url in settings.rpc_urls]), node_http, clock,
        rng, policy=PoolPolicy.for_polling(settings.poll_seconds), timeout=node_seconds(settings),
        chain_id=settings.chain_id,
    )  # fmt: skip
    for name in pool.names:
        web3_on(pool.on(name))
    own = mongo.get_database(settings.oracle_database, write_concern=WriteConcern("majority"))
    errors = DatabaseErrors.of(settings.mongodb_uri.get_secret_value())
    index = mongo[settings.mongodb_database]
    return Connections(pool, index, own, errors, cloudflare, signer_http, stack)


def effect_seconds(settings: OracleSettings) -> float:
    """The longest time an effect may take: what a lease, just renewed late, still covers."""
    return settings.oracle_lease_seconds / 2


def node_seconds(settings: OracleSettings) -> float:
    """Patience with a node."""
    return min(settings.rpc_timeout_seconds, effect_seconds(settings))


def cloudflare_seconds(settings: OracleSettings) -> float:
    """Patience with Cloudflare."""
    return min(settings.cloudflare_timeout_seconds, effect_seconds(settings))


def cloudflare_account(settings: OracleSettings) -> CloudflareAccount:
    """Raises ValueError, which says what to fix."""
    auth = _auth(
        settings.cloudflare_api_token, settings.cloudflare_email, settings.cloudflare_api_key
    )
    return CloudflareAccount(settings.cloudflare_account_id, auth, settings.cloudflare_api_base)


def reread_auth(settings: OracleSettings) -> Auth | None:
    """The credentials as their files have them now; None if nothing usable stands there."""
    token, key = reread("CLOUDFLARE_API_TOKEN"), reread("CLOUDFLARE_API_KEY")
    try:
        return _auth(
            SecretStr(token) if token else None,
            settings.cloudflare_email,
            SecretStr(key) if key else None,
        )
    except ValueError:
        return None


def _auth(token: SecretStr | None, email: str | None, key: SecretStr | None) -> Auth:
    """Raises ValueError, which says what to fix."""
    if token is not None:
        return ApiToken(token)
    if email is not None and key is not None:
        return GlobalKey(email, key)
    raise ValueError("Cloudflare needs an API token, or an email and its Global API Key")


def cloudflare_rate_limiter(settings: OracleSettings, clock: Clock) -> RateLimiter:
    """The account's rate limit, as the settings have it."""
    limit = RateLimit(settings.cloudflare_requests, settings.cloudflare_window_seconds)
    return RateLimiter(clock, (limit, PER_SECOND))


def command_client(
    settings: OracleSettings, http: httpx.AsyncClient, clock: Clock
) -> CloudflareClient:
    """A client of its own for a command that changes nothing which the lease guards: no live input
    of a room."""
    account, rate_limiter = cloudflare_account(settings), cloudflare_rate_limiter(settings, clock)
    seconds = cloudflare_seconds(settings)
    return CloudflareClient(http, account, rate_limiter, Breaker(clock), clock, timeout=seconds)


def recording_policy(settings: OracleSettings) -> RecordingPolicy:
    """Recordings that are deleted at the end are given a last day all the same, should the oracle
    never come to it."""
    return RecordingPolicy(
        delete_after_days=settings.recording_retention_days or MIN_RETENTION_DAYS
    )


async def open_signer(settings: OracleSettings, http: httpx.AsyncClient) -> Signer:
    """The operator's key, as the settings name it; a remote signer is not asked yet (`check`).
    Raises SignerError."""
    if settings.oracle_keystore is not None and settings.oracle_keystore_password_file is not None:
        # in a thread: the loop, and whoever watches it, goes on while the file is decrypted
        return await asyncio.to_thread(
            keystore_signer, settings.oracle_keystore, settings.oracle_keystore_password_file
        )
    if settings.oracle_signer_url is not None and settings.oracle_signer_address is not None:
        return Web3Signer(settings.oracle_signer_url, settings.oracle_signer_address, http)
    key = settings.oracle_private_key
    return plain_key_signer(key.get_secret_value() if key else "", settings.chain_id)
