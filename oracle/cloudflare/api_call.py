"""The way of every API call: breaker, rate limit, right to act, one request, its meaning, a record.

Promises: one request at most; whatever happens, cancellation too, the slot and the breaker's
permit are given back; an error is raised without a cause or context that could hold a
secret. On restart nothing is kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from common.clock import Clock
from oracle.cloudflare.breaker import Breaker, Permit
from oracle.cloudflare.credentials import ApiCredentials
from oracle.cloudflare.errors import (
    CloudflareError,
    CloudflareRateLimited,
    NotActing,
    UnexpectedAnswer,
)
from oracle.cloudflare.operations import Operation, Power, Priority
from oracle.cloudflare.rate_headers import retry_after
from oracle.cloudflare.rate_limit import RateLimiter, Slot
from oracle.cloudflare.response_classifier import HttpAnswer, TransportFailure, classify
from oracle.cloudflare.response_parser import ShapeError
from oracle.cloudflare.transport import Transport

T = TypeVar("T")

MAX_BODY_BYTES = 1 << 20
MAX_LIST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One request to be made. `uid` names what it is about, for the record."""

    operation: Operation
    priority: Priority
    method: str
    url: str
    uid: str | None = None
    params: Mapping[str, str] | None = None
    body: bytes | None = None
    headers: Mapping[str, str] | None = None
    max_bytes: int = MAX_BODY_BYTES
    gated: bool = True
    """False: a diagnosis, which passes the breaker unseen."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One finished call, for metrics and logs. `result`: "ok" or the error's `label`."""

    operation: Operation
    priority: Priority
    uid: str | None
    result: str
    status: int | None
    waited: float
    """Seconds in the rate limiter's queue."""
    seconds: float
    """Seconds on the wire; 0 if nothing was sent."""


@dataclass(frozen=True, slots=True, repr=False)
class _Read(Generic[T]):
    value: T


def _settle(permit: Permit, meaning: _Read[Any] | CloudflareError | None) -> None:
    if meaning is None:
        permit.abandoned()
    elif isinstance(meaning, CloudflareError):
        permit.failed(meaning)
    else:
        permit.succeeded()


class ApiCaller:
    """See the module. One per Cloudflare account."""

    def __init__(
        self,
        transport: Transport,
        credentials: ApiCredentials,
        rate_limiter: RateLimiter,
        breaker: Breaker,
        clock: Clock,
        *,
        timeout: float,
        rate_limit_wait: float,
        may_act: Callable[[float], bool],
        observe: Callable[[CallRecord], None],
    ) -> None:
        self._transport = transport
        self._credentials = credentials
        self._rate_limiter = rate_limiter
        self._breaker = breaker
        self._clock = clock
        self._timeout = timeout
        self._rate_limit_wait = rate_limit_wait
        self._may_act = may_act
        self._observe = observe

    async def call(self, call: ApiCall, read: Callable[[Any], T]) -> T:
        """Makes the call and reads its result. Raises CloudflareError."""
        begun = self._clock.monotonic()
        slot: Slot | None = None
        failure: CloudflareError | None = None
        try:
            if call.gated:
                self._breaker.check(call.operation, call.priority)
            async with self._rate_limiter.slot(
                call.operation, call.priority, self._rate_limit_wait
            ) as slot:
                return await self._exchange(call, read, slot)
        except CloudflareError as error:
            failure = error
            raise
        finally:
            self._record(call, begun, slot, failure)

    async def _exchange(self, call: ApiCall, read: Callable[[Any], T], slot: Slot) -> T:
        operation = call.operation
        if operation.power > Power.READ and not self._may_act(self._timeout):
            raise NotActing(operation, "this process must not act now: it does not hold the lease")
        permit = self._breaker.admit(operation, call.priority) if call.gated else None
        meaning: _Read[T] | CloudflareError | None = None
        try:
            slot.leave()
            outcome = await self._transport.send(
                call.method,
                call.url,
                headers={**(call.headers or {}), **self._credentials.headers()},
                params=call.params,
                body=call.body,
                seconds=self._timeout,
                max_bytes=call.max_bytes,
            )
            meaning = self._meaning(operation, outcome, read)
            if isinstance(outcome, HttpAnswer):
                self._inform(slot, outcome, meaning)
        finally:
            if permit is not None:
                _settle(permit, meaning)
        if isinstance(meaning, CloudflareError):
            raise meaning
        return meaning.value

    def _meaning(
        self, operation: Operation, outcome: HttpAnswer | TransportFailure, read: Callable[[Any], T]
    ) -> _Read[T] | CloudflareError:
        scrub = self._credentials.scrub
        meaning = classify(operation, outcome, now=self._clock.now(), scrub=scrub)
        if isinstance(meaning, CloudflareError):
            return meaning
        try:
            return _Read(read(meaning.result))
        except ShapeError as error:
            field = str(error)
        return UnexpectedAnswer(
            operation,
            f"the answer has no valid {field}",
            status=outcome.status if isinstance(outcome, HttpAnswer) else None,
            effect_unknown=operation.power > Power.READ,
        )

    def _inform(self, slot: Slot, answer: HttpAnswer, meaning: object) -> None:
        if isinstance(meaning, CloudflareRateLimited):
            slot.rate_limited(retry_after(answer.headers, self._clock.now()))
        else:
            slot.answered(answer.headers)

    def _record(
        self, call: ApiCall, begun: float, slot: Slot | None, failure: CloudflareError | None
    ) -> None:
        now = self._clock.monotonic()
        sent_at = slot.sent_at if slot is not None else None
        self._observe(
            CallRecord(
                operation=call.operation,
                priority=call.priority,
                uid=call.uid,
                result="ok" if failure is None else failure.label(),
                status=None if failure is None else failure.status,
                waited=(now if sent_at is None else sent_at) - begun,
                seconds=0.0 if sent_at is None else now - sent_at,
            )
        )
