"""python -m scripts.playback_base account=ID token_file=FILE [api=https://api.cloudflare.com/client/v4]

Tells where a Cloudflare account plays, and proves that the API token may do what the oracle does:
makes a live input, reads its address, deletes it.

account     the Cloudflare account's id
token_file  a file that holds the API token; nothing of it is printed
api         Cloudflare's API, if not Cloudflare's own

Promises: no live input is left behind, or the script says which one. What is wrong is said in the
oracle's words for it.
"""

from __future__ import annotations

import asyncio
import sys
import uuid

import orjson
from pydantic import SecretStr

from common.clock import SystemClock
from common.settings.files import read_text, why_unreadable
from oracle.cloudflare.breaker import Breaker
from oracle.cloudflare.client import CloudflareClient
from oracle.cloudflare.credentials import API_BASE, ApiToken, CloudflareAccount
from oracle.cloudflare.errors import CloudflareError
from oracle.cloudflare.models import LiveInput
from oracle.cloudflare.rate_limit import RateLimiter
from oracle.cloudflare.transport import http_client
from scripts.support.cli_args import CliArgs, Stop

BODY = orjson.dumps({"meta": {"name": "which playback base? (scripts/playback_base.py)"}})


def main(*given: str) -> None:
    """See above."""
    words = CliArgs(given)
    account, path = words.text("account"), words.text("token_file")
    api = words.text("api", API_BASE)
    words.done()
    try:
        token = read_text(path).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"token_file: {why_unreadable(path, error)}") from None
    try:
        asked = CloudflareAccount(account, ApiToken(SecretStr(token)), api)
    except ValueError as error:
        raise Stop(f"{error}: correct account=, token_file= or api=") from None
    print(asyncio.run(_ask(asked)))


async def _ask(account: CloudflareAccount) -> str:
    clock = SystemClock()
    async with http_client() as http:
        client = CloudflareClient(http, account, RateLimiter(clock), Breaker(clock), clock)
        try:
            made = (await client.create(BODY, uuid.uuid4().hex)).input
        except CloudflareError as error:
            raise Stop(f"{error} (the token needs Account > Stream > Edit)") from None
        try:
            await client.delete(made.uid)
        except CloudflareError as error:
            raise Stop(f"{error}: delete the live input {made.uid} in the dashboard") from None
    return _base(made)


def _base(made: LiveInput) -> str:
    base, found, _ = (made.playback.webrtc or "").partition(f"/{made.uid}/")
    if not found:
        raise Stop("Cloudflare gave no WebRTC playback address: has the account Stream?")
    return base


if __name__ == "__main__":
    main(*sys.argv[1:])
