"""Routes of the control surface. `docs/stand-in.md` lists them; `control.py` is the client.

Promises: answers loopback callers with the control token only; `/_standin/health` is open.
"""

import hmac
import ipaddress
import json
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from localnet.stream.clock import ShiftedClock
from localnet.stream.errors import ApiError
from localnet.stream.middleware.faults import PlannedFaults
from localnet.stream.middleware.rate_limit import StandInRateLimit
from localnet.stream.middleware.request_journal import RequestJournal
from localnet.stream.quirks import Quirks
from localnet.stream.store import StandInStore


def control_guard(token: str) -> Middleware:
    """Middleware: loopback and token; turns ValueError and ApiError into plain JSON errors."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.endswith("/health"):
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            local = ipaddress.ip_address(request.remote or "0.0.0.0").is_loopback
            if not local or not hmac.compare_digest(given.encode(), token.encode()):
                return _problem(403, "loopback callers with the control token only")
        try:
            return await handler(request)
        except ApiError as error:
            return _problem(error.status, str(error.errors[0]["message"]))
        except (ValueError, KeyError) as error:
            return _problem(400, str(error))

    return guard


class OpsRoutes:
    """Faults, journal, limits, quirks and clock."""

    def __init__(
        self,
        faults: PlannedFaults,
        journal: RequestJournal,
        limit: StandInRateLimit,
        quirks: Quirks,
        clock: ShiftedClock,
        store: StandInStore,
    ) -> None:
        self._faults = faults
        self._journal = journal
        self._limit = limit
        self._quirks = quirks
        self._clock = clock
        self._store = store

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/health", self.health),
            web.get("/faults", self.faults),
            web.post("/faults", self.add_fault),
            web.delete("/faults", self.clear_faults),
            web.delete("/faults/{id}", self.remove_fault),
            web.get("/requests", self.requests),
            web.delete("/requests", self.clear_requests),
            web.put("/ratelimit", self.ratelimit),
            web.put("/quirks", self.quirks),
            web.post("/clock", self.clock),
        ]

    async def health(self, request: web.Request) -> web.Response:
        return answer({"ok": True, "now": self._clock.now()})

    async def faults(self, request: web.Request) -> web.Response:
        return answer([fault.render() for fault in self._faults.all()])

    async def add_fault(self, request: web.Request) -> web.Response:
        return answer(self._faults.add(await body_of(request)).render())

    async def clear_faults(self, request: web.Request) -> web.Response:
        self._faults.clear()
        return answer({})

    async def remove_fault(self, request: web.Request) -> web.Response:
        found = self._faults.remove(int(request.match_info["id"]))
        return answer({}) if found else _problem(404, "no fault of that number")

    async def requests(self, request: web.Request) -> web.Response:
        since = int(request.query.get("since", "0"))
        return answer([seen.render() for seen in self._journal.since(since)])

    async def clear_requests(self, request: web.Request) -> web.Response:
        self._journal.clear()
        return answer({})

    async def ratelimit(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        self._limit.set(int(body["requests"]), float(body["window_s"]))
        return answer({"requests": self._limit.requests, "window_s": self._limit.window_s})

    async def quirks(self, request: web.Request) -> web.Response:
        self._quirks.update(await body_of(request))
        return answer(self._quirks.render())

    async def clock(self, request: web.Request) -> web.Response:
        offset = self._clock.advance(float((await body_of(request))["advance_s"]))
        self._store.put_fact(CLOCK_OFFSET, repr(offset))
        return answer({"now": self._clock.now()})


CLOCK_OFFSET = "clock_offset"


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of a control request. Raises ValueError."""
    text = await request.text()
    raw = json.loads(text) if text.strip() else {}
    if not isinstance(raw, dict):
        raise ValueError("the body must be a JSON object")
    return raw


def answer(body: Any) -> web.Response:
    """A plain JSON answer."""
    return web.Response(text=json.dumps(body), content_type="application/json")


def _problem(status: int, why: str) -> web.Response:
    text = json.dumps({"error": why})
    return web.Response(status=status, text=text, content_type="application/json")
