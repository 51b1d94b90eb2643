"""The three gates: circuit, account hold, provisioning hold."""

from __future__ import annotations

import pytest

from oracle.cloudflare import errors as e
from oracle.cloudflare.breaker import Breaker, CircuitPolicy, CircuitState, Permit
from oracle.cloudflare.operations import Operation, Power, Priority
from tests.support.manual_clock import ManualClock

C, G, D = Operation.CREATE, Operation.GET, Operation.DELETE
PRIORITY = {
    C: Priority.PROVISION, G: Priority.PROVISION, D: Priority.RELEASE,
    Operation.DISABLE: Priority.RELEASE, Operation.LIST: Priority.SWEEP,
}  # fmt: skip
TROUBLE = e.ServerTrouble(C, "an empty answer", status=500)
BAD_TOKEN = e.TokenInvalid(C, "Invalid access token", status=401, code=9109)
BAD_BODY = e.RetentionRefused(C, "must be between 30 and 1096 days", status=400, code=10060)
POLICY = CircuitPolicy(threshold=3, open_seconds=2.0, max_open_seconds=10.0)


class BreakerHarness:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.breaker = Breaker(self.clock, POLICY, probe_seconds=30.0)

    def admit(self, operation: Operation, priority: Priority | None = None) -> Permit:
        return self.breaker.admit(operation, priority or PRIORITY[operation])

    def passes(self, operation: Operation, priority: Priority | None = None) -> bool:
        try:
            self.breaker.check(operation, priority or PRIORITY[operation])
        except (e.CircuitOpen, e.HeldForOperator):
            return False
        return True

    def fail(self, error: e.CloudflareError, operation: Operation = C, times: int = 1) -> None:
        for _ in range(times):
            self.admit(operation).failed(error)

    def state(self) -> CircuitState:
        return self.breaker.report().circuit


def test_circuit__failures_in_a_row__opens_probes_and_closes() -> None:
    harness = BreakerHarness()
    harness.fail(TROUBLE, times=2)
    harness.admit(C).succeeded()
    harness.fail(TROUBLE, times=2)
    assert harness.state() is CircuitState.CLOSED
    harness.fail(TROUBLE)
    assert harness.state() is CircuitState.OPEN
    with pytest.raises(e.CircuitOpen, match="an empty answer") as caught:
        harness.admit(G)
    assert caught.value.until == harness.clock.now() + 2.0
    harness.clock.tick(2.0)
    assert harness.state() is CircuitState.HALF_OPEN
    probe = harness.admit(G)
    assert not harness.passes(G)
    probe.succeeded()
    assert harness.state() is CircuitState.CLOSED
    assert harness.breaker.report().circuit_reason is None


def test_circuit__failed_probes__wait_longer_up_to_a_bound() -> None:
    harness = BreakerHarness()
    harness.fail(TROUBLE, times=3)
    waits = []
    for _ in range(6):
        waits.append(harness.breaker.report().circuit_wait)
        harness.clock.tick(waits[-1])
        harness.fail(TROUBLE)
    assert waits == [2.0, 4.0, 8.0, 10.0, 10.0, 10.0]


def test_circuit__cancelled_probe__another_may_probe() -> None:
    harness = BreakerHarness()
    harness.fail(TROUBLE, times=3)
    harness.clock.tick(2.0)
    harness.admit(G).abandoned()
    harness.admit(G).succeeded()
    assert harness.state() is CircuitState.CLOSED


def test_circuit__late_results_of_earlier_calls__change_nothing() -> None:
    harness = BreakerHarness()
    late = [harness.admit(C) for _ in range(4)]
    harness.fail(TROUBLE, times=3)
    wait = harness.breaker.report().circuit_wait
    for permit in late[:2]:
        permit.failed(TROUBLE)
    assert harness.breaker.report().circuit_wait == wait
    late[2].succeeded()
    assert harness.state() is CircuitState.OPEN
    harness.clock.tick(2.0)
    harness.admit(G).succeeded()
    harness.fail(TROUBLE, times=2)
    late[3].failed(TROUBLE)
    assert harness.state() is CircuitState.CLOSED


@pytest.mark.parametrize(
    "error",
    [
        e.CloudflareRateLimited(C, "", until=1.0),
        e.Gone(G, ""),
        e.IdempotencyConflict(C, ""),
    ],
)
def test_circuit__an_answer_in_the_apis_form__is_a_sign_of_life(error: e.CloudflareError) -> None:
    harness = BreakerHarness()
    harness.fail(TROUBLE, times=2)
    harness.fail(error)
    harness.fail(TROUBLE, times=2)
    assert harness.state() is CircuitState.CLOSED


def test_circuit__open__a_take_down_passes_and_closes_it() -> None:
    harness = BreakerHarness()
    harness.fail(TROUBLE, times=3)
    harness.admit(Operation.DISABLE, Priority.TAKE_DOWN).failed(TROUBLE)
    assert harness.breaker.report().circuit_wait == 2.0
    harness.admit(Operation.DISABLE, Priority.TAKE_DOWN).succeeded()
    assert harness.state() is CircuitState.CLOSED


def test_hold__bad_token__held_with_its_reason_and_mended_without_restart() -> None:
    harness = BreakerHarness()
    since = harness.clock.now()
    harness.fail(BAD_TOKEN)
    report = harness.breaker.report()
    assert report.account_held is not None
    assert "Invalid access token" in report.account_held
    assert "Create an API token" in report.account_held
    assert report.held_since == since
    assert not report.may_provision
    for operation in (C, G, D, Operation.LIST):
        with pytest.raises(e.HeldForOperator, match="Invalid access token") as caught:
            harness.admit(operation)
        assert caught.value.until == harness.clock.now() + 30.0
    assert harness.passes(Operation.DISABLE, Priority.TAKE_DOWN)
    harness.clock.tick(30.0)
    probe = harness.admit(C)
    assert not harness.passes(C)
    probe.failed(BAD_TOKEN)
    harness.clock.tick(29.0)
    assert not harness.passes(C)
    harness.clock.tick(1.0)
    harness.admit(C).succeeded()
    assert harness.breaker.report().may_provision
    assert harness.breaker.report().held_since is None
    assert harness.passes(D)


def test_hold__read_only_token__a_read_that_succeeds_does_not_lift_it() -> None:
    harness = BreakerHarness()
    harness.fail(e.NotPermitted(D, "Authentication error"), D)
    harness.clock.tick(30.0)
    harness.admit(G).succeeded()
    assert harness.breaker.report().account_held is not None
    harness.clock.tick(30.0)
    harness.admit(D).succeeded()
    assert harness.breaker.report().account_held is None


def test_hold__refused_body__stops_creates_only() -> None:
    harness = BreakerHarness()
    harness.fail(BAD_BODY)
    report = harness.breaker.report()
    assert report.provisioning_held is not None
    assert "30 to 1096" in report.provisioning_held
    assert report.account_held is None
    assert not harness.passes(C)
    assert harness.passes(D)
    assert harness.passes(G)
    harness.admit(D).succeeded()
    assert not harness.passes(C)
    harness.clock.tick(30.0)
    harness.admit(C).succeeded()
    assert harness.breaker.report().may_provision


def test_hold__refused_update__says_nothing_about_provisioning() -> None:
    harness = BreakerHarness()
    harness.admit(D).failed(e.RequestRefused(D, "Bad Request"))
    assert harness.breaker.report().may_provision


def test_hold__lost_probe__the_next_one_passes_a_while_later() -> None:
    harness = BreakerHarness()
    harness.fail(BAD_TOKEN)
    harness.clock.tick(30.0)
    harness.admit(C).abandoned()
    assert not harness.passes(C)
    harness.clock.tick(30.0)
    assert harness.passes(C)


def test_due_probe__nobody_calls__a_read_while_half_open_and_nothing_before() -> None:
    harness = BreakerHarness()
    assert harness.breaker.due_probe() is None
    harness.fail(TROUBLE, times=3)
    assert harness.breaker.due_probe() is None, "not while it is open"
    harness.clock.tick(2.0)
    assert harness.breaker.due_probe() is Power.READ
    permit = harness.admit(G)
    assert harness.breaker.due_probe() is None, "one at a time"
    permit.succeeded()
    assert harness.state() is CircuitState.CLOSED
    assert harness.breaker.due_probe() is None


def test_due_probe__account_held__what_the_refused_call_needed_and_no_input_there_opens_it() -> (
    None
):
    harness = BreakerHarness()
    harness.fail(BAD_TOKEN)
    assert harness.breaker.due_probe() is None
    harness.clock.tick(30.0)
    assert harness.breaker.due_probe() is Power.WRITE
    nobody = e.Gone(Operation.ENABLE, "not found", status=404, code=10003)
    harness.admit(Operation.ENABLE, Priority.SWEEP).failed(nobody)
    assert harness.breaker.report().account_held is None


def test_due_probe__a_refused_create__none_without_effect_could_tell() -> None:
    harness = BreakerHarness()
    harness.fail(BAD_BODY)
    harness.clock.tick(60.0)
    assert harness.breaker.due_probe() is None
