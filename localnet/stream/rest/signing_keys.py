"""Routes of signing keys: create, list, revoke.

A list has ids and moments alone; a key is shown once, in the answer that makes it.
"""

import asyncio

from aiohttp import web

from localnet.stream.model import stamp
from localnet.stream.rest.envelope import ok
from localnet.stream.rest.guard import RestGuard
from localnet.stream.signing_keys import SigningKeys, fresh_key

_KEYS = "/accounts/{account}/stream/keys"


class SigningKeyRoutes:
    """Handlers over `SigningKeys`."""

    def __init__(self, guard: RestGuard, keys: SigningKeys) -> None:
        self._guard = guard
        self._keys = keys

    def table(self) -> list[web.RouteDef]:
        return [
            web.post(_KEYS, self.create),
            web.get(_KEYS, self.list, allow_head=False),
            web.delete(_KEYS + "/{kid}", self.revoke),
        ]

    async def create(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "write")
        private = await asyncio.to_thread(fresh_key)
        return ok(self._keys.issue(account.id, private).render())

    async def list(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "read")
        rows = self._keys.list(account.id)
        return ok([{"id": row.kid, "created": stamp(row.created)} for row in rows])

    async def revoke(self, request: web.Request) -> web.Response:
        account = self._guard.account(request, "write")
        self._keys.revoke(account.id, request.match_info["kid"])
        return ok("Revoked")
