"""What the configured credentials may do, found out without any effect.

Reading and writing are tried on a uid that no live input has: with the permission Cloudflare
answers that it does not exist, without it that the call is not permitted. Two or three requests.
Used by the doctor.
"""

from __future__ import annotations

from datetime import datetime

from oracle.cloudflare import response_parser
from oracle.cloudflare.api_call import ApiCall, ApiCaller
from oracle.cloudflare.credentials import CloudflareAccount
from oracle.cloudflare.errors import Gone, HumanError
from oracle.cloudflare.models import TokenReport
from oracle.cloudflare.operations import Operation, Priority

NOBODY = "0" * 32


async def check_token(caller: ApiCaller, account: CloudflareAccount) -> TokenReport:
    """Raises CloudflareError where Cloudflare could not be asked; refusals are in the report."""
    status, expires, problem = await _verify(caller, account)
    url = f"{account.stream_url}/live_inputs/{NOBODY}"
    tries = (
        ApiCall(Operation.GET, Priority.SWEEP, "GET", url, gated=False),
        ApiCall(Operation.ENABLE, Priority.SWEEP, "POST", f"{url}/enable", gated=False),
    )
    problems = [problem, *[await _refusal(caller, call) for call in tries]]
    return TokenReport(
        status=status,
        expires_on=expires,
        can_read=problems[1] is None,
        can_write=problems[2] is None,
        problems=tuple(dict.fromkeys(text for text in problems if text is not None)),
    )


async def _verify(
    caller: ApiCaller, account: CloudflareAccount
) -> tuple[str, datetime | None, str | None]:
    url = account.verify_url
    if url is None:
        return "unverified", None, None
    call = ApiCall(Operation.VERIFY_TOKEN, Priority.SWEEP, "GET", url, gated=False)
    try:
        status, expires = await caller.call(call, response_parser.token_status)
    except HumanError as error:
        return "invalid", None, str(error)
    problem = None if status == "active" else f"Cloudflare reports the token as {status}"
    return status, expires, problem


async def _refusal(caller: ApiCaller, call: ApiCall) -> str | None:
    try:
        await caller.call(call, lambda _result: None)
    except Gone:
        return None
    except HumanError as error:
        return str(error)
    return None
