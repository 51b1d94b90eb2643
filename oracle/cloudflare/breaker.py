"""Decides whether a call to Cloudflare may be made now.

Three gates, each with its own reason:
- the circuit (`circuit`) opens when Cloudflare fails, and probes;
- the account's hold (`hold`) closes on an error of the credentials or the account, the provisioning
  hold on a refused create body. Both are an operator's to mend; they probe slowly, and at once when
  the credentials were changed (`look_again`), so that mending needs no restart. Take-downs pass
  every gate: they must not wait, and their success is as good a probe as any. A hold of the account
  stops everything else, since nothing else could succeed and repeated failures lock a token.

Promises: a permit is always given back (`Permit.abandoned` for cancelled callers), so no probe is
lost. On restart all gates are free.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.clock import Clock
from oracle.cloudflare.circuit import Circuit, CircuitPolicy, Pass, State
from oracle.cloudflare.errors import (
    Action,
    CircuitOpen,
    CloudflareError,
    HeldForOperator,
    Scope,
)
from oracle.cloudflare.hold import Hold
from oracle.cloudflare.operations import Operation, Power, Priority

PROBE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class BreakerReport:
    """For readiness, status and metrics. Reasons are words for an operator, without secrets."""

    circuit: State
    circuit_reason: str | None
    circuit_wait: float
    account_held: str | None
    provisioning_held: str | None
    held_since: float | None

    @property
    def may_provision(self) -> bool:
        """Whether a create would pass now (a probe aside)."""
        return self.circuit is State.CLOSED and not (self.account_held or self.provisioning_held)


class Permit:
    """The right to make one call; exactly one of its methods is called at its end."""

    def __init__(self, breaker: Breaker, operation: Operation, by: Pass) -> None:
        self._breaker = breaker
        self._operation = operation
        self._pass = by

    def succeeded(self) -> None:
        """The call did what was asked."""
        self._breaker.record(self._operation, self._pass, None)

    def failed(self, error: CloudflareError) -> None:
        """The call was answered by, or failed with, `error`."""
        self._breaker.record(self._operation, self._pass, error)

    def abandoned(self) -> None:
        """The call was not made, or its caller was cancelled."""
        self._breaker.give_back(self._pass)


class Breaker:
    """See the module. One object per Cloudflare account."""

    def __init__(
        self,
        clock: Clock,
        policy: CircuitPolicy | None = None,
        *,
        probe_seconds: float = PROBE_SECONDS,
    ) -> None:
        self._clock = clock
        self._circuit = Circuit(policy or CircuitPolicy())
        self._account = Hold(probe_seconds)
        self._provisioning = Hold(probe_seconds)

    def check(self, operation: Operation, priority: Priority) -> None:
        """Raises CircuitOpen or HeldForOperator if a call could not pass now; takes nothing."""
        if priority is Priority.TAKE_DOWN:
            return
        now = self._clock.monotonic()
        wait = self._circuit.wait(now)
        if wait > 0:
            detail = f"not called for a while, it fails: {self._circuit.last_failure}"
            raise CircuitOpen(operation, detail, until=self._clock.now() + wait)
        for hold in self._holds(operation):
            wait = hold.wait(now)
            if wait > 0:
                detail = f"waits for an operator: {hold.reason}"
                raise HeldForOperator(operation, detail, until=self._clock.now() + wait)

    def admit(self, operation: Operation, priority: Priority) -> Permit:
        """A permit for one call. Raises as `check` does."""
        self.check(operation, priority)
        now = self._clock.monotonic()
        for hold in self._holds(operation):
            hold.enter(now)
        return Permit(self, operation, self._circuit.enter(now))

    def report(self) -> BreakerReport:
        """The state of the gates."""
        now = self._clock.monotonic()
        state = self._circuit.state(now)
        held = [h.since for h in (self._account, self._provisioning) if h.since is not None]
        return BreakerReport(
            circuit=state,
            circuit_reason=None if state is State.CLOSED else self._circuit.last_failure,
            circuit_wait=self._circuit.wait(now),
            account_held=self._account.reason,
            provisioning_held=self._provisioning.reason,
            held_since=min(held, default=None),
        )

    def look_again(self) -> None:
        """The credentials were changed: the account's next call is a probe, whatever the time."""
        self._account.look_again()

    def record(self, operation: Operation, by: Pass, error: CloudflareError | None) -> None:
        """The result of a permitted call (see Permit)."""
        if error is not None and error.action is Action.RETRY:
            self._circuit.failure(by, self._clock.monotonic(), str(error))
            return
        self._circuit.alive(by)
        if error is None:
            self._account.proved(operation.power)
            self._provisioning.proved(operation.power)
        elif error.action is Action.HUMAN:
            self._close_hold(operation, error)

    def give_back(self, by: Pass) -> None:
        """A permit that told nothing."""
        self._circuit.leave(by)

    def _close_hold(self, operation: Operation, error: CloudflareError) -> None:
        now, unix_now = self._clock.monotonic(), self._clock.now()
        if error.scope is Scope.ACCOUNT:
            needed = min(operation.power, Power.WRITE)
            self._account.close(str(error), needed, now, unix_now)
        elif operation is Operation.CREATE:
            self._provisioning.close(str(error), Power.CREATE, now, unix_now)

    def _holds(self, operation: Operation) -> tuple[Hold, ...]:
        if operation is Operation.CREATE:
            return (self._account, self._provisioning)
        return (self._account,)
