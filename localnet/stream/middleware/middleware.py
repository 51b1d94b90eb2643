"""The outermost layer: every request is written down, then meets its fault.

Promises: `cf-ray` on every answer; a fault comes before authentication and rate limit, as trouble
at the edge does; a client that hangs up stops neither an effect nor its record.
Assumes: `/_standin` is outside of it, so that a fault can always be taken back.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from localnet.stream.clock import StandInClock
from localnet.stream.middleware.faults import PlannedFault, PlannedFaults
from localnet.stream.middleware.request_journal import JournalledRequest, RequestJournal

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
            status = params.get("status", 500)
            return _envelope(
                status, params.get("code", 1000), params.get("message", "Internal Server Error")
            )
        case "html":
            status = params.get("status", 502)
            return web.Response(status=status, text=_HTML.format(status), content_type="text/html")
        case "429":
            return web.Response(
                status=429,
                text="error code: 1015",
                headers={"Retry-After": str(params.get("retry_after", 1))},
            )
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


def _envelope(status: int, code: int, message: str) -> web.Response:
    body = {
        "result": None,
        "success": False,
        "errors": [{"code": code, "message": message}],
        "messages": [],
    }
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
