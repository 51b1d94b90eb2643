"""A Cloudflare client whose server is a function, on a clock of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from oracle.cloudflare import errors as e
from oracle.cloudflare.api_call import CallRecord
from oracle.cloudflare.breaker import Breaker
from oracle.cloudflare.client import CloudflareClient
from oracle.cloudflare.credentials import ApiToken, CloudflareAccount
from oracle.cloudflare.rate_limit import RateLimiter
from tests.support.manual_clock import ManualClock
from tests.unit.oracle import samples

ACCOUNT_ID = "a" * 32
TOKEN = "the-operators-token"
UID = samples.UID
Handler = Callable[[httpx.Request], Any]


def ok(result: Any, **headers: str) -> httpx.Response:
    document = {"result": result, "success": True, "errors": [], "messages": []}
    return httpx.Response(200, json=document, headers=headers)


def refusal(status: int, code: int, message: str = "no", **headers: str) -> httpx.Response:
    error = {"code": code, "message": message}
    document = {"result": None, "success": False, "errors": [error], "messages": None}
    return httpx.Response(status, json=document, headers=headers)


class ClientHarness:
    """A client whose server is a function."""

    def __init__(self, handler: Handler, **options: Any) -> None:
        self.clock = ManualClock()
        self.requests: list[httpx.Request] = []
        self.records: list[CallRecord] = []
        self.rate_limiter = RateLimiter(self.clock)
        self.breaker = Breaker(self.clock)

        async def serve(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            answer = handler(request)
            if asyncio.iscoroutine(answer):
                answer = await answer
            assert isinstance(answer, httpx.Response)
            return answer

        self.http = httpx.AsyncClient(transport=httpx.MockTransport(serve))
        self.client = CloudflareClient(
            self.http,
            CloudflareAccount(ACCOUNT_ID, ApiToken(SecretStr(TOKEN)), "https://cf.example/v4"),
            self.rate_limiter,
            self.breaker,
            self.clock,
            observe=self.records.append,
            **options,
        )


async def fails_with(kind: type[e.CloudflareError], call: Any) -> e.CloudflareError:
    with pytest.raises(e.CloudflareError) as caught:
        await call
    assert type(caught.value) is kind
    return caught.value
