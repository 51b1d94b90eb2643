"""Decides whether a call to Cloudflare may be made now.

Three gates, each with its own reason:
- the circuit opens when Cloudflare fails (`threshold` failures in a row) for `open_seconds`,
  doubling with every failed probe up to `max_open_seconds`; then one probe at a time passes and its
  success closes the circuit. Results of calls that began before it opened change nothing.
- the account's hold closes on an error of the credentials or the account, the provisioning hold on
  a refused create body. Both are an operator's to mend; they probe slowly, and at once when the
  credentials were changed (`look_again`), so that mending needs no restart. The reason stays
  visible until a call succeeds that needs as much as the failed one did.
A gate that is shut says so in readiness, so it must not wait for a room that needs a call: while
none does, `due_probe` says what to ask for (`CloudflareClient.probe`). Only the provisioning hold
needs a create.
Take-downs pass every gate: they must not wait, and their success is as good a probe as any. A hold
of the account stops everything else, since nothing else could succeed and repeated failures lock a
token.

Promises: a permit is always given back (`Permit.abandoned` for cancelled callers), so no probe is
lost. `Circuit` and `Hold` are pure; monotonic seconds are passed in.
On restart all gates are free.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from common.clock import Clock
from oracle.cloudflare.errors import (
    Action,
    CircuitOpen,
    CloudflareError,
    HeldForOperator,
    Scope,
)
from oracle.cloudflare.operations import Operation, Power, Priority

PROBE_SECONDS = 30.0


class CircuitState(StrEnum):
    """Closed: calls pass. Open: none does. Half open: one does, to find out."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class CircuitPolicy:
    """When to open, and how long to stay open. Seconds."""

    threshold: int = 5
    open_seconds: float = 2.0
    max_open_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class CircuitPass:
    """One call's way through: the opening it belongs to, and whether it is the probe."""

    generation: int
    probe: bool


class Circuit:
    """Stops calling a Cloudflare that is down, and finds out when it is back."""

    def __init__(self, policy: CircuitPolicy) -> None:
        self._policy = policy
        self._failures = 0
        self._openings = 0
        self._generation = 0
        self._open_until: float | None = None
        self._probe_out = False
        self.last_failure: str | None = None

    def state(self, now: float) -> CircuitState:
        """The state at `now`."""
        if self._open_until is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if now < self._open_until else CircuitState.HALF_OPEN

    def wait(self, now: float) -> float:
        """Seconds until a call may pass; 0 if one may now."""
        if self._open_until is None:
            return 0.0
        if now < self._open_until:
            return self._open_until - now
        return self._policy.open_seconds if self._probe_out else 0.0

    def enter(self, now: float) -> CircuitPass:
        """Counts a call; one that must not wait may enter an open circuit as well."""
        probe = self.state(now) is CircuitState.HALF_OPEN and not self._probe_out
        self._probe_out = self._probe_out or probe
        return CircuitPass(self._generation, probe)

    def alive(self, by: CircuitPass) -> None:
        """The call was answered."""
        self.leave(by)
        if by.generation == self._generation:
            self._failures = self._openings = 0
            self._open_until = None
            self._probe_out = False

    def failure(self, by: CircuitPass, now: float, words: str) -> None:
        """The call failed in a way that speaks against Cloudflare's health."""
        self.leave(by)
        if by.generation != self._generation:
            return
        self._failures += 1
        self.last_failure = words
        if by.probe or (self._open_until is None and self._failures >= self._policy.threshold):
            pause = self._policy.open_seconds * 2.0**self._openings
            self._open_until = now + min(pause, self._policy.max_open_seconds)
            self._openings = min(self._openings + 1, 20)
            self._generation += 1
            self._probe_out = False

    def leave(self, by: CircuitPass) -> None:
        """The call ended without saying anything about Cloudflare's health."""
        if by.probe and by.generation == self._generation:
            self._probe_out = False


class Hold:
    """A kind of call waits for an operator; one call every `probe_seconds` looks if it still must.

    Free at first, and after a restart.
    """

    def __init__(self, probe_seconds: float) -> None:
        self._probe_seconds = probe_seconds
        self._next_probe = 0.0
        self._power = Power.READ
        self.reason: str | None = None
        self.since: float | None = None

    @property
    def power(self) -> Power:
        """What the call needs that opens it."""
        return self._power

    def wait(self, now: float) -> float:
        """Monotonic seconds until a call may pass; 0 if one may now."""
        return 0.0 if self.reason is None else max(0.0, self._next_probe - now)

    def enter(self, now: float) -> None:
        """A call passes; if held, it is the probe and the next one waits."""
        if self.reason is not None:
            self._next_probe = now + self._probe_seconds

    def look_again(self) -> None:
        """The next call passes: something was mended. The reason stays until it succeeds."""
        self._next_probe = float("-inf")

    def close(self, reason: str, power: Power, now: float, unix_now: float) -> None:
        """Holds, for `reason`, until something of `power` succeeds."""
        if self.reason is None:
            self.since = unix_now
            self._power = power
        self._power = max(self._power, power)
        self.reason = reason
        self._next_probe = now + self._probe_seconds

    def proved(self, power: Power) -> None:
        """Something of `power` succeeded."""
        if power >= self._power:
            self.reason = self.since = None


@dataclass(frozen=True, slots=True)
class BreakerReport:
    """For readiness, status and metrics. Reasons are words for an operator, without secrets."""

    circuit: CircuitState
    circuit_reason: str | None
    circuit_wait: float
    account_held: str | None
    provisioning_held: str | None
    held_since: float | None

    @property
    def may_provision(self) -> bool:
        """Whether a create would pass now (a probe aside)."""
        return self.circuit is CircuitState.CLOSED and not (
            self.account_held or self.provisioning_held
        )


class Permit:
    """The right to make one call; exactly one of its methods is called at its end."""

    def __init__(self, breaker: Breaker, operation: Operation, by: CircuitPass) -> None:
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
            detail = f"circuit open, last failure: {self._circuit.last_failure}"
            raise CircuitOpen(operation, detail, until=self._clock.now() + wait)
        for hold in self._holds(operation):
            wait = hold.wait(now)
            if wait > 0:
                detail = f"waiting for an operator: {hold.reason}"
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
            circuit_reason=None if state is CircuitState.CLOSED else self._circuit.last_failure,
            circuit_wait=self._circuit.wait(now),
            account_held=self._account.reason,
            provisioning_held=self._provisioning.reason,
            held_since=min(held, default=None),
        )

    def due_probe(self) -> Power | None:
        """What a call has to need, now, to find out whether a shut gate may open; None: no gate is
        shut that a call without effect could open, or it is too early."""
        now = self._clock.monotonic()
        if self._circuit.wait(now) > 0:
            return None
        if self._account.reason is not None:
            return self._account.power if self._account.wait(now) == 0 else None
        half_open = self._circuit.state(now) is CircuitState.HALF_OPEN
        return Power.READ if half_open else None

    def look_again(self) -> None:
        """The credentials were changed: the account's next call is a probe, whatever the time."""
        self._account.look_again()

    def record(self, operation: Operation, by: CircuitPass, error: CloudflareError | None) -> None:
        """The result of a permitted call (see Permit)."""
        if error is not None and error.action is Action.RETRY:
            self._circuit.failure(by, self._clock.monotonic(), str(error))
            return
        self._circuit.alive(by)
        if error is None or error.action is Action.DONE:  # "no such input" is said to who may ask
            self._account.proved(operation.power)
            self._provisioning.proved(operation.power)
        elif error.action is Action.HUMAN:
            self._close_hold(operation, error)

    def give_back(self, by: CircuitPass) -> None:
        """A permit whose call says nothing about Cloudflare's health."""
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
