"""Routes that say whether an API token is good.

A user's token verifies at `/user/tokens/verify`, an account's at `/accounts/{a}/tokens/verify`;
the other place answers 1000 "Invalid API Token" (measured for account tokens at the user's place).
"""

from aiohttp import web

from localnet.stream import errors
from localnet.stream.accounts import StandInAccounts, StandInToken
from localnet.stream.rest.envelope import ok


class TokenRoutes:
    """Handlers over `StandInAccounts`."""

    def __init__(self, accounts: StandInAccounts) -> None:
        self._accounts = accounts

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/user/tokens/verify", self.user, allow_head=False),
            web.get("/accounts/{account}/tokens/verify", self.account, allow_head=False),
        ]

    async def user(self, request: web.Request) -> web.Response:
        token = self._token(request)
        if token.owner != "user":
            raise errors.invalid_api_token()
        return _verified(token)

    async def account(self, request: web.Request) -> web.Response:
        token = self._token(request)
        if token.owner != "account" or token.account != request.match_info["account"]:
            raise errors.invalid_api_token()
        return _verified(token)

    def _token(self, request: web.Request) -> StandInToken:
        if "Authorization" not in request.headers:
            raise errors.missing_credentials()
        token = self._accounts.token(request.headers["Authorization"])
        if token is None:
            raise errors.invalid_api_token()
        return token


def _verified(token: StandInToken) -> web.Response:
    message = {"code": 10000, "message": "This API Token is valid and active", "type": None}
    active = token.status == "active"
    return ok({"id": token.id, "status": token.status}, messages=[message] if active else [])
