"""The outermost layer: every request is written down, then meets its fault.

Promises: `cf-ray` on every answer; a fault comes before authentication and rate limit, as trouble
at the edge does; a client that hangs up stops neither an effect nor its record. What a fault
answers carries the CORS headers of the real answer; with `cors` false none, as a proxy's.
Assumes: `/_standin` is outside of it, so that a fault can always be taken back.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from localnet.stream.clock import StandInClock
from localnet.stream.middleware.faults import PlannedFault, PlannedFaults
from localnet.stream.middleware.request_journal import JournalledRequest, RequestJournal
from localnet.stream.playback.cors import readable

CONTROL_PREFIX = "/_standin"
_NO_ANSWER = 599
_HTML = (
    "<!DOCTYPE html><html><head><title>{0} error</title></head>"
    "<body><center><h1>{0} error</h1></center><hr><center>cloudflare</center></body></html>"
)


class StandInMiddleware:
    """Journal and faults around every request."""

    def __init__(
        self,
        journal: RequestJournal,
        faults: PlannedFaults,
        clock: StandInClock,
        random_hex: Callable[[int], str],
    ) -> None:
        self._journal = journal
        self._faults = faults
        self._clock = clock
        self._random_hex = random_hex

    def middleware(self) -> Middleware:
        """As aiohttp wants it."""

        @web.middleware
        async def edge(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path.startswith(CONTROL_PREFIX):
                return await handler(request)
            ray = f"{self._random_hex(8)}-SGN"
            seen = self._journal.add(
                self._clock.now(),
                ray,
                request.method,
                request.path,
                request.headers.get("Idempotency-Key"),
            )
            fault = self._faults.pick(request.method, request.path)
            seen.fault = None if fault is None else fault.kind
            response = await _answer(request, handler, fault, seen)
            response.headers["cf-ray"] = ray
            response.headers.setdefault("Server", "cloudflare")
            return response

        return edge


async def _answer(
    request: web.Request, handler: Handler, fault: PlannedFault | None, seen: JournalledRequest
) -> web.StreamResponse:
    response = await _meet(request, handler, fault) if fault else await _plain(request, handler)
    seen.status = None if response.status == _NO_ANSWER else response.status
    if fault is not None and fault.kind == "truncated":
        return await _truncate(request, response)
    return response


async def _plain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The handler's answer, raised or returned."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return web.Response(status=error.status, text=error.text, headers=error.headers)


async def _meet(request: web.Request, handler: Handler, fault: PlannedFault) -> web.StreamResponse:
    params = fault.params
    after = params.get("when") == "after"
    match fault.kind:
        case "status":
            return _made(request, params, _envelope(params))
        case "html":
            status = params.get("status", 502)
            page = web.Response(status=status, text=_HTML.format(status), content_type="text/html")
            return _made(request, params, page)
        case "429":
            wait = {"Retry-After": str(params.get("retry_after", 1))}
            busy = web.Response(status=429, text="error code: 1015", headers=wait)
            return _made(request, params, busy)
        case "delay":
            if not after:
                await asyncio.sleep(params.get("seconds", 1.0))
            response = await _plain(request, handler)
            if after:
                await asyncio.sleep(params.get("seconds", 1.0))
            return response
        case "hang":
            if after:
                await _plain(request, handler)
            await _hang(request, params.get("seconds", 3600.0))
            return _reset(request)
        case "connection-reset":
            await request.read()
            return _reset(request)
        case "lost-answer-after-effect":
            await _plain(request, handler)
            return _reset(request)
    return await _plain(request, handler)


def _made(
    request: web.Request, params: dict[str, Any], response: web.Response
) -> web.StreamResponse:
    """An answer that no handler gave."""
    return readable(request, response) if params.get("cors", True) else response


def _envelope(params: dict[str, Any]) -> web.Response:
    message = params.get("message", "Internal Server Error")
    body = {
        "result": None,
        "success": False,
        "errors": [{"code": params.get("code", 1000), "message": message}],
        "messages": [],
    }
    status = params.get("status", 500)
    return web.Response(status=status, text=json.dumps(body), content_type="application/json")


async def _hang(request: web.Request, seconds: float) -> None:
    """Waits until the client gives up, or at most `seconds`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while request.transport is not None and loop.time() < end:  # noqa: ASYNC110 (no event)
        await asyncio.sleep(0.05)


def _reset(request: web.Request) -> web.Response:
    """Closes the connection with a TCP reset: the response returned here never leaves."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if connection is not None:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    return web.Response(status=_NO_ANSWER)


async def _truncate(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Announces the whole body, sends half of it and closes."""
    body = response.body if isinstance(response, web.Response) else None
    if not isinstance(body, bytes) or not body:
        return _reset(request)
    half = web.StreamResponse(status=response.status, headers=response.headers)
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half
