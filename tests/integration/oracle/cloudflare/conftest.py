"""One stand-in for the tests of the Cloudflare client, and clients of its accounts."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from common.clock import SystemClock
from localnet.stream.control import StandIn, StandInControl
from localnet.stream.quirks import Quirks
from oracle.cloudflare.breaker import Breaker
from oracle.cloudflare.client import CloudflareClient
from oracle.cloudflare.credentials import Auth, CloudflareAccount
from oracle.cloudflare.live_input_spec import Owner
from oracle.cloudflare.rate_limit import RateLimiter
from oracle.cloudflare.request_log import RateLimit
from oracle.cloudflare.transport import http_client
from tests.integration.oracle.cloudflare.accounts import (
    ACCOUNT,
    ACCOUNTS,
    CONTRACT,
    WRITER,
    Connect,
    token,
)


@pytest.fixture(scope="package")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    folder = tmp_path_factory.mktemp("standin")
    accounts = folder / "given.json"
    accounts.write_text(json.dumps(ACCOUNTS))
    with StandIn.start(folder / "state", accounts=accounts, rate=(0, 300.0)) as standin:
        yield standin


@pytest.fixture
def control(standin: StandIn) -> Iterator[StandInControl]:
    """The stand-in's controls; no faults, quirks or limits before and after."""
    try:
        yield standin.control
    finally:
        standin.control.clear_faults()
        standin.control.set_rate_limit(0, 300.0)
        standin.control.set_quirks(**Quirks().render())


@pytest.fixture
async def connect(standin: StandIn, control: StandInControl) -> AsyncIterator[Connect]:
    """`connect(auth, account)` gives a client; fresh rate limiter and breaker each."""
    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(http_client())

        def client(
            auth: Auth | None = None,
            account: str = ACCOUNT,
            limits: tuple[RateLimit, ...] = (RateLimit(1200, 300.0),),
            **options: Any,
        ) -> CloudflareClient:
            clock = SystemClock()
            who = CloudflareAccount(account, auth or token(WRITER), standin.api_base)
            return CloudflareClient(
                http, who, RateLimiter(clock, limits), Breaker(clock), clock, **options
            )

        yield client


@pytest.fixture
def owner(request: pytest.FixtureRequest) -> Owner:
    """A room of the test's own."""
    number = int.from_bytes(hashlib.sha256(request.node.nodeid.encode()).digest()[:8])
    return Owner(31337, CONTRACT, number, bytes(12), 0)
