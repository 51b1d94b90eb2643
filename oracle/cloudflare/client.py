"""Live inputs, recordings and signing keys of one Cloudflare account.

Promises:
- A call is one request, never repeated here: its error says what to do (`errors.Action`).
- Every request passes the breaker and the rate limiter; a changing one is sent only if `may_act`
  says that this process may act for longer than the call can take.
- Each call ends within `rate_limit_wait` + `timeout` seconds.
- Secrets leave in `Issued` and `IssuedKey` only; errors, their causes and the call records hold
  none.
- Credentials that Cloudflare refuses are read again by `renew_credentials`, without a restart.
Assumes: the caller journals what it is about to do and can repeat every call (`create` with the
same key and the same bytes). On restart nothing is kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import httpx
import orjson

from common.clock import Clock
from common.playback_key import KID
from oracle.cloudflare import response_parser
from oracle.cloudflare.api_call import MAX_LIST_BYTES, ApiCall, ApiCaller, CallRecord
from oracle.cloudflare.breaker import Breaker
from oracle.cloudflare.credentials import ApiCredentials, CloudflareAccount, Reread
from oracle.cloudflare.errors import CloudflareError, Gone
from oracle.cloudflare.models import (
    Issued,
    IssuedKey,
    ListedInput,
    ListedKey,
    LiveInput,
    TokenReport,
    Video,
)
from oracle.cloudflare.operations import Operation, Power, Priority
from oracle.cloudflare.rate_limit import RateLimiter
from oracle.cloudflare.token_check import NOBODY, check_token
from oracle.cloudflare.transport import Transport

MAX_KEY_BYTES = 255
T = TypeVar("T", bound=LiveInput | Issued)


def _always(_seconds: float) -> bool:
    return True


def _ignore(_record: CallRecord) -> None:
    return None


class CloudflareClient:
    """See the module. Every method raises CloudflareError subclasses only, and ValueError for a uid
    that is not 32 lower-case hex digits."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        account: CloudflareAccount,
        rate_limiter: RateLimiter,
        breaker: Breaker,
        clock: Clock,
        *,
        timeout: float = 20.0,
        rate_limit_wait: float = 60.0,
        may_act: Callable[[float], bool] = _always,
        observe: Callable[[CallRecord], None] = _ignore,
        reread: Reread | None = None,
    ) -> None:
        """`timeout` and `rate_limit_wait` in seconds; `may_act(seconds)` tells whether this process
        may still act that much later; `observe` gets a record of every call; `reread` tells the
        credentials that the settings name now."""
        self._account = account
        self._breaker = breaker
        self._credentials = (
            ApiCredentials(account.auth, reread)
            if reread is not None
            else ApiCredentials(account.auth)
        )
        self._inputs = f"{account.stream_url}/live_inputs"
        self._keys = f"{account.stream_url}/keys"
        self._caller = ApiCaller(
            Transport(http, clock),
            self._credentials,
            rate_limiter,
            breaker,
            clock,
            timeout=timeout,
            rate_limit_wait=rate_limit_wait,
            may_act=may_act,
            observe=observe,
        )

    async def create(
        self, body: bytes, idempotency_key: str, *, priority: Priority = Priority.PROVISION
    ) -> Issued:
        """Creates a live input, or returns the one this key created within the last six hours.

        `body` is sent as it is (`intent.create_body`). Raises IdempotencyConflict if that input was
        deleted since.
        """
        if not 0 < len(idempotency_key.encode()) <= MAX_KEY_BYTES:
            raise ValueError("an idempotency key has 1 to 255 bytes")
        headers = {"Idempotency-Key": idempotency_key, "Content-Type": "application/json"}
        call = ApiCall(Operation.CREATE, priority, "POST", self._inputs, body=body, headers=headers)
        return await self._caller.call(call, response_parser.issued)

    async def get(self, uid: str, *, priority: Priority = Priority.PROVISION) -> Issued:
        """One live input with its current credentials. Raises Gone."""
        call = self._one(Operation.GET, priority, "GET", uid)
        return await self._caller.call(call, _of(uid, response_parser.issued))

    async def list_inputs(self, *, priority: Priority = Priority.SWEEP) -> tuple[ListedInput, ...]:
        """All live inputs of the account, ours or not. For the sweep and the doctor only."""
        call = ApiCall(Operation.LIST, priority, "GET", self._inputs, max_bytes=MAX_LIST_BYTES)
        return await self._caller.call(call, response_parser.listed_inputs)

    async def update(
        self, uid: str, body: Mapping[str, Any], *, priority: Priority = Priority.PROVISION
    ) -> LiveInput:
        """Changes settings. Send whole objects: it is not known whether nested ones are merged."""
        call = self._one(Operation.UPDATE, priority, "PUT", uid, body=orjson.dumps(dict(body)))
        return await self._caller.call(call, _of(uid, response_parser.live_input))

    async def disable(self, uid: str, *, priority: Priority = Priority.RELEASE) -> LiveInput:
        """Ends a running broadcast and refuses new ones; can be undone. Raises Gone."""
        call = self._one(Operation.DISABLE, priority, "POST", uid, "/disable")
        return await self._caller.call(call, _of(uid, response_parser.live_input))

    async def enable(self, uid: str, *, priority: Priority = Priority.RELEASE) -> LiveInput:
        """Undoes `disable`. Raises Gone."""
        call = self._one(Operation.ENABLE, priority, "POST", uid, "/enable")
        return await self._caller.call(call, _of(uid, response_parser.live_input))

    async def rotate_keys(self, uid: str, *, priority: Priority = Priority.REKEY) -> Issued:
        """Revokes all credentials and returns fresh ones; the uid stays. Raises Gone."""
        call = self._one(Operation.ROTATE_KEYS, priority, "POST", uid, "/rotate_keys")
        return await self._caller.call(call, _of(uid, response_parser.issued))

    async def delete(self, uid: str, *, priority: Priority = Priority.RELEASE) -> bool:
        """Deletes for good; recordings stay. False: it was gone already. Cannot be undone."""
        return await self._delete(self._one(Operation.DELETE, priority, "DELETE", uid))

    async def videos(
        self, uid: str, *, after_delete: bool = False, priority: Priority = Priority.RELEASE
    ) -> tuple[Video, ...]:
        """Recordings of a live input, and the broadcast in progress. Raises Gone.

        Once the input is deleted they are found in the account's video list only (`after_delete`);
        from there only what names the input is returned.
        """
        if not after_delete:
            call = self._one(Operation.VIDEOS, priority, "GET", uid, "/videos")
            return await self._caller.call(call, response_parser.videos)
        call = ApiCall(
            Operation.VIDEOS,
            priority,
            "GET",
            self._account.stream_url,
            uid=_checked(uid),
            params={"live_input_id": uid},
            max_bytes=MAX_LIST_BYTES,
        )
        found = await self._caller.call(call, response_parser.videos)
        return tuple(video for video in found if video.live_input == uid)

    async def delete_video(self, video_uid: str, *, priority: Priority = Priority.RELEASE) -> bool:
        """Deletes a recording. False: it was gone already. Raises VideoLive while it runs."""
        url = f"{self._account.stream_url}/{_checked(video_uid)}"
        return await self._delete(
            ApiCall(Operation.DELETE_VIDEO, priority, "DELETE", url, uid=video_uid)
        )

    async def create_key(self) -> IssuedKey:
        """Makes a signing key of playback tokens. Not to be repeated blindly: an answer that is
        lost leaves a key that nobody holds (`effect_unknown`)."""
        call = ApiCall(Operation.CREATE_KEY, Priority.SWEEP, "POST", self._keys)
        return await self._caller.call(call, response_parser.issued_key)

    async def keys(self) -> tuple[ListedKey, ...]:
        """All signing keys of the account, ours or not."""
        call = ApiCall(Operation.KEYS, Priority.SWEEP, "GET", self._keys)
        return await self._caller.call(call, response_parser.keys)

    async def delete_key(self, kid: str) -> bool:
        """Revokes a signing key with every token of its making. False: it was gone already."""
        if not KID.fullmatch(kid):
            raise ValueError("a signing key's id is letters, digits, - and _")
        url = f"{self._keys}/{kid}"
        return await self._delete(ApiCall(Operation.DELETE_KEY, Priority.SWEEP, "DELETE", url))

    def renew_credentials(self) -> bool:
        """Read the credentials again if Cloudflare refuses the account; True if they changed, and
        the next call tries them."""
        if self._breaker.report().account_held is None or not self._credentials.renew():
            return False
        self._breaker.look_again()
        return True

    async def probe(self) -> None:
        """If a gate of the breaker's is shut and nobody else calls: look whether it may open.

        Without effect: it names a live input that nobody has. What it finds, the breaker says.
        """
        power = self._breaker.due_probe()
        if power is None:
            return
        with suppress(CloudflareError):
            if power is Power.READ:
                await self.get(NOBODY, priority=Priority.SWEEP)
            else:
                await self.enable(NOBODY, priority=Priority.SWEEP)

    async def verify_token(self) -> TokenReport:
        """What the credentials may do, found out without any effect (two or three requests)."""
        return await check_token(self._caller, self._account)

    async def _delete(self, call: ApiCall) -> bool:
        try:
            await self._caller.call(call, lambda _result: None)
        except Gone:
            return False
        return True

    def _one(
        self,
        operation: Operation,
        priority: Priority,
        method: str,
        uid: str,
        action: str = "",
        body: bytes | None = None,
    ) -> ApiCall:
        url = f"{self._inputs}/{_checked(uid)}{action}"
        headers = None if body is None else {"Content-Type": "application/json"}
        return ApiCall(operation, priority, method, url, uid=uid, body=body, headers=headers)


def _checked(uid: str) -> str:
    if not response_parser.UID.fullmatch(uid):
        raise ValueError("a uid is 32 lower-case hex digits")
    return uid


def _of(uid: str, read: Callable[[Any], T]) -> Callable[[Any], T]:
    """`read`, refusing an answer about another live input than the one asked for."""

    def checked(result: Any) -> T:
        answer = read(result)
        told = answer.input.uid if isinstance(answer, Issued) else answer.uid
        if told != uid:
            raise response_parser.ShapeError("result.uid (it belongs to another live input)")
        return answer

    return checked
