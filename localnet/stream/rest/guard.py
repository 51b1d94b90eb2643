"""Who may call the REST API, and how often.

Promises: on every answer the rate headers; errors always in the envelope, but 429, which is plain
text (as seen by clients); the caller is known to the handlers (`caller_of`).
Assumes: calls without valid credentials spend a common budget of their own.
"""

import re

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from localnet.stream import errors
from localnet.stream.accounts import StandInAccount, StandInAccounts, StandInCaller
from localnet.stream.errors import ApiError
from localnet.stream.middleware.rate_limit import StandInRateLimit
from localnet.stream.rest.envelope import failure

_ACCOUNT_ID = re.compile(r"[0-9a-f]{32}")
_CALLER = web.RequestKey[StandInCaller | ApiError]("caller")


class RestGuard:
    """Rate limit, authentication and permission."""

    def __init__(self, accounts: StandInAccounts, limit: StandInRateLimit) -> None:
        self._accounts = accounts
        self._limit = limit

    def middleware(self) -> Middleware:
        """As aiohttp wants it."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            caller: StandInCaller | ApiError
            try:
                caller = self._accounts.caller(request.headers)
                budget = caller.budget
            except ApiError as error:
                caller, budget = error, f"unknown:{request.remote}"
            verdict = self._limit.take(budget)
            if not verdict.allowed:
                headers = self._limit.headers(verdict)
                return web.Response(status=429, text="error code: 1015", headers=headers)
            response = await self._answer(request, handler, caller)
            response.headers.update(self._limit.headers(verdict))
            return response

        return guard

    async def _answer(
        self, request: web.Request, handler: Handler, caller: StandInCaller | ApiError
    ) -> web.StreamResponse:
        try:
            if request.match_info.http_exception is not None:
                raise _unrouted(request)
            request[_CALLER] = caller
            return await handler(request)
        except ApiError as error:
            return failure(error)
        except web.HTTPRequestEntityTooLarge:
            return failure(errors.too_large())

    def account(self, request: web.Request, permission: str) -> StandInAccount:
        """The account of the path, if the caller may `read` or `write` its Stream.

        Raises ApiError: bad id 7003, credentials as `StandInAccounts.caller`, permission 10000,
        no subscription 10002.
        """
        account_id = request.match_info["account"]
        if not _ACCOUNT_ID.fullmatch(account_id):
            raise errors.no_route(request.path)
        caller = caller_of(request)
        account = self._accounts.get(account_id)
        enough = {"read": {"read", "write"}, "write": {"write"}}[permission]
        if account is None or caller.account != account_id or not caller.permissions & enough:
            raise errors.no_permission()
        if not account.stream:
            raise errors.stream_not_enabled()
        return account


def caller_of(request: web.Request) -> StandInCaller:
    """The authenticated caller. Raises the ApiError of their credentials."""
    caller = request[_CALLER]
    if isinstance(caller, ApiError):
        raise caller
    return caller


def _unrouted(request: web.Request) -> ApiError:
    error = request.match_info.http_exception
    if error is not None and error.status == 405:
        return errors.method_not_allowed()
    return errors.no_route(request.path)
