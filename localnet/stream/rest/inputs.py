"""Routes of live inputs: create, list, get, update, delete, disable, enable, rotate keys."""

import hashlib

from aiohttp import web

from localnet.stream import errors
from localnet.stream.input_change import decode, parse
from localnet.stream.live_inputs import LiveInputs
from localnet.stream.quirks import Quirks
from localnet.stream.rest.envelope import ok
from localnet.stream.rest.guard import RestGuard

INPUTS = "/accounts/{account}/stream/live_inputs"
INPUT = INPUTS + "/{uid}"
_KEY_BYTES = 255


class InputRoutes:
    """Handlers over `LiveInputs`."""

    def __init__(self, guard: RestGuard, inputs: LiveInputs, quirks: Quirks) -> None:
        self._guard = guard
        self._inputs = inputs
        self._quirks = quirks

    def table(self) -> list[web.RouteDef]:
        return [
            web.post(INPUTS, self.create),
            web.get(INPUTS, self.list, allow_head=False),
            web.get(INPUT, self.get, allow_head=False),
            web.put(INPUT, self.update),
            web.delete(INPUT, self.delete),
            web.post(INPUT + "/disable", self.disable),
            web.post(INPUT + "/enable", self.enable),
            web.post(INPUT + "/rotate_keys", self.rotate_keys),
        ]

    async def create(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "write")
        key = request.headers.get("Idempotency-Key") or None
        if key is not None and len(key.encode("utf-8", "surrogateescape")) > _KEY_BYTES:
            raise errors.bad_request(f"Idempotency-Key may have at most {_KEY_BYTES} bytes")
        body = await request.read()
        change = parse(decode(body))
        digest = hashlib.sha256(body).hexdigest()
        return ok(self._inputs.create(account, change, key, digest).render())

    async def list(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "read")
        items = [live.summary() for live in self._inputs.list(account.id)]
        if self._quirks.list_shape == "object":
            return ok({"liveInputs": items, "range": len(items), "total": len(items)})
        return ok(items)

    async def get(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "read")
        return ok(self._inputs.get(account.id, request.match_info["uid"]).render())

    async def update(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "write")
        uid = request.match_info["uid"]
        self._inputs.get(account.id, uid)
        change = parse(decode(await request.read()))
        return ok(self._inputs.update(account.id, uid, change).render())

    async def delete(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "write")
        self._inputs.delete(account.id, request.match_info["uid"])
        return ok("")

    async def disable(self, request: web.Request) -> web.Response:
        return await self._set_enabled(request, False)

    async def enable(self, request: web.Request) -> web.Response:
        return await self._set_enabled(request, True)

    async def rotate_keys(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "write")
        return ok(self._inputs.rotate_keys(account.id, request.match_info["uid"]).render())

    async def _set_enabled(self, request: web.Request, enabled: bool) -> web.Response:
        account = self._guard.account(request, "write")
        uid = request.match_info["uid"]
        return ok(self._inputs.set_enabled(account.id, uid, enabled).render())
