"""One HTTP request, bounded in time and size, to an `HttpAnswer` or a `TransportFailure`.

Promises: never raises for what the network or the server does; never follows a redirect (it would
carry the credentials elsewhere); stops reading at `max_bytes`; ends within `seconds` of the
clock even if the server drips a byte at a time. No httpx exception escapes: they hold the request
and its headers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import httpx

from common.clock import Clock
from common.http_proxies import direct_mounts
from common.tasks import end_tasks
from oracle.cloudflare.response_classifier import HttpAnswer, TransportFailure

T = TypeVar("T")
CONNECT_SECONDS = 5.0


def http_client(*, max_connections: int = 24) -> httpx.AsyncClient:
    """The shared connection pool for Cloudflare; the caller closes it."""
    return httpx.AsyncClient(
        mounts=direct_mounts(),
        limits=httpx.Limits(
            max_connections=max_connections, max_keepalive_connections=max_connections
        ),
        follow_redirects=False,
        headers={"User-Agent": "livestream-rooms-oracle"},
    )


class Transport:
    """Sends; knows nothing of meaning."""

    def __init__(self, http: httpx.AsyncClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float,
        max_bytes: int,
    ) -> HttpAnswer | TransportFailure:
        """One attempt, no retry; `seconds` bounds all of it."""
        request = self._http.build_request(
            method,
            url,
            headers=dict(headers),
            params=params,
            content=body,
            timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
        )
        try:
            return await _within(self._clock, seconds, self._exchange(request, max_bytes))
        except TimeoutError:
            return TransportFailure.TIMEOUT

    async def _exchange(
        self, request: httpx.Request, max_bytes: int
    ) -> HttpAnswer | TransportFailure:
        try:
            response = await self._http.send(request, stream=True, follow_redirects=False)
            try:
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > max_bytes:
                        return TransportFailure.TOO_LARGE
            finally:
                await response.aclose()
            names = {name.lower(): value for name, value in response.headers.items()}
            return HttpAnswer(response.status_code, names, bytes(body))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError):
            return TransportFailure.NOT_CONNECTED
        except httpx.TimeoutException:
            return TransportFailure.TIMEOUT
        except (httpx.RequestError, httpx.InvalidURL):
            return TransportFailure.BROKEN


async def _within(clock: Clock, seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """`work`'s result, or TimeoutError after `seconds`; `work` has ended either way."""
    task = asyncio.ensure_future(work)
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise TimeoutError
    finally:
        await end_tasks(timer, task)
