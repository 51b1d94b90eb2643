"""The health of one node: what we have seen of it, and whether it may be asked now.

Promises: plain data and arithmetic, no I/O. Failures cool a node down for a time that doubles
up to a bound; a success after the cool-down forgives slowly (the time shrinks by one step per
`forgive_seconds` of good service), so a node that alternates between good and bad stays cool.
A node that refuses us or makes answers up is left at the first, and told why.
Assumes: times are `Clock.monotonic` seconds, but for `head_timestamp` (unix, from the block).
On restart: nothing is kept; every node starts healthy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class PoolPolicy:
    """When to leave a node, and for how long. Times are seconds.

    `max_lag_blocks`: a head further behind the best one lags.
    `frozen_seconds`: a head that lags for so long counts as frozen; a few block times of the chain.
    Also: no head advanced for so long means that the chain stalls.
    `last_resort_seconds`: between tries of a failing node while no other may be asked.
    `fault_seconds`: so long it is told why a node was left at once, unless it mends before.
    `aside_seconds`: so long a node without the history that was asked for comes after others.
    """

    errors_to_cool: int = 3
    cool_seconds: float = 2.0
    max_cool_seconds: float = 60.0
    forgive_seconds: float = 60.0
    quarantine_seconds: float = 1800.0
    frozen_seconds: float = 60.0
    max_lag_blocks: int = 3
    latency_weight: float = 0.2
    last_resort_seconds: float = 1.0
    fault_seconds: float = 600.0
    aside_seconds: float = 600.0

    @classmethod
    def for_polling(cls, seconds: float) -> PoolPolicy:
        """The services' policy: the head is asked for every `seconds`."""
        return cls(frozen_seconds=max(5.0, 30.0 * seconds))


class NodeState(StrEnum):
    """`cooling` ends by itself; `quarantined` lied and is asked nothing until its time is over."""

    HEALTHY = "healthy"
    FROZEN = "frozen"
    COOLING = "cooling"
    QUARANTINED = "quarantined"


@dataclass(frozen=True)
class NodeHealth:
    """A snapshot for status pages and metrics. Never holds a URL beyond scheme://host.

    `stands`: frozen, and its head is not merely late: it does not move. `fault`: why it was left at
    once. `aside`: others come first, which keep more history.
    """

    name: str
    state: NodeState
    current: bool
    calls: int
    errors: int
    consecutive_errors: int
    last_error: str | None
    latency_ms: float | None
    head: int | None
    head_age: float | None
    stands: bool
    free_in: float
    quarantine_reason: str | None
    fault: str | None = None
    aside: bool = False


@dataclass
class HealthRecord:
    """The mutable record behind it. The pool owns it."""

    policy: PoolPolicy
    calls: int = 0
    errors: int = 0
    consecutive: int = 0
    last_error: str | None = None
    latency: float | None = None
    cool_until: float = 0.0
    cooled_at: float = float("-inf")
    limited_until: float = 0.0
    tried_at: float = float("-inf")
    cool_level: int = 0
    last_bad: float = 0.0
    quarantined_until: float = 0.0
    quarantine_reason: str | None = None
    head: int | None = None
    head_timestamp: int | None = None
    head_advanced: float | None = None
    announced: int | None = None
    behind_since: float | None = None
    fault: str | None = None
    fault_method: str = ""
    fault_until: float = 0.0
    aside_until: float = 0.0
    in_a_row: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def succeeded(self, now: float, seconds: float, methods: Iterable[str] = ()) -> None:
        """An answer to `methods` came after `seconds`."""
        self.calls += 1
        self.consecutive = 0
        self.refused.clear()
        for method in methods:
            self.in_a_row.pop(method, None)
        if self.fault_method in ("", *methods):
            self.fault = None
        weight = self.policy.latency_weight
        before = self.latency
        self.latency = seconds if before is None else before + weight * (seconds - before)
        if self.cool_level and now - self.last_bad >= self.policy.forgive_seconds:
            self.cool_level -= 1
            self.last_bad = now

    def missed(self, method: str) -> int:
        """`method` was not answered; how often in a row, up to now."""
        count = self.in_a_row[method] = self.in_a_row.get(method, 0) + 1
        return count

    def refuses_all(self, method: str, *, agreed: bool) -> bool:
        """`method` was refused in unknown words, and nobody could say better. True: so is all that
        it is asked. `agreed`: another node said the same, so that one method proves nothing."""
        self.refused.append(method)
        del self.refused[: -2 * self.policy.errors_to_cool]
        enough = len(self.refused) >= self.policy.errors_to_cool
        return enough and (not agreed or len(set(self.refused)) > 1)

    def faulty(self, now: float, text: str, method: str = "") -> None:
        """Why it is left at once; `method`: it is about this one alone."""
        self.fault, self.fault_method = text, method
        self.fault_until = now + self.policy.fault_seconds

    def step_aside(self, now: float) -> None:
        """Others come first for a while: they keep more history."""
        self.aside_until = now + self.policy.aside_seconds

    def failed(self, now: float, text: str, *, again: bool = False) -> None:
        """A transient failure. Enough of them in a row cool the node down. `again`: of the fault
        that it cools down for already."""
        self.calls += 1
        self.errors += 1
        self.consecutive += 1
        self.last_error = text
        # After a cool-down one failure is enough: it had its second chance.
        if self.consecutive >= self.policy.errors_to_cool or self.cool_level:
            self.cool(now, again=again)

    def complained(self, text: str) -> None:
        """Something was wrong that its answers do not suffer from: counted, and no more."""
        self.errors += 1
        self.last_error = text

    def leave(self, now: float, *, again: bool = False) -> None:
        """Cool down at the first failure, which `failed` has counted."""
        if self.cool_until <= now:
            self.cool(now, again=again)

    def cool(self, now: float, at_least: float = 0.0, *, again: bool = False) -> None:
        """Leave it alone for a while; `at_least` is what the node itself asked for.
        `again`: no longer than before, unless it asks for that."""
        asked = min(at_least, 600.0)
        if again:
            self.cool_until = max(self.cool_until, now + asked)
            return
        step = self.policy.cool_seconds * 2.0**self.cool_level
        seconds = max(min(step, self.policy.max_cool_seconds), asked)
        self.cool_until = max(self.cool_until, now + seconds)
        self.cooled_at = now
        self.tried_at = max(self.tried_at, now)
        if step < self.policy.max_cool_seconds:
            self.cool_level += 1
        self.last_bad = now

    def limit(self, now: float, at_least: float, *, again: bool = False) -> None:
        """It asked to be left alone (`at_least` seconds, if it said): nobody asks it before."""
        self.cool(now, at_least, again=again)
        self.limited_until = self.cool_until

    def recovered(self, now: float) -> None:
        """A try of last resort was answered: it is there again."""
        self.cool_until = min(self.cool_until, now)

    def quarantine(self, now: float, reason: str, seconds: float) -> None:
        self.quarantined_until = max(self.quarantined_until, now + seconds)
        self.quarantine_reason = reason

    def saw_head(self, now: float, number: int, timestamp: int) -> None:
        """Its head was `number`. A lower number than before is a reorg or another backend."""
        if self.head is None or number != self.head:
            self.head_advanced = now
        self.head = number
        self.head_timestamp = timestamp

    def compare(self, now: float, best: int | None) -> None:
        """Note since when it lags behind the best head known."""
        if best is None or self.head is None or best - self.head <= self.policy.max_lag_blocks:
            self.behind_since = None
        elif self.head == 0:  # it has not begun to sync: there is nothing to wait for
            self.behind_since = now - self.policy.frozen_seconds
        elif self.behind_since is None:
            self.behind_since = now

    def frozen(self, now: float) -> bool:
        """It lags, and has for long."""
        since = self.behind_since
        return since is not None and now - since >= self.policy.frozen_seconds

    def free_in(self, now: float) -> float:
        """Seconds until it may be asked; 0: now."""
        return max(0.0, self.cool_until - now, self.quarantined_until - now)

    def resort_in(self, now: float, pause: float) -> float:
        """Seconds until it may be asked although it cools down, there being no other; `pause`
        between tries. A node that asked to be left alone, or lied, is left alone all the same."""
        early = min(self.cool_until, self.tried_at + pause)
        return max(0.0, early - now, self.limited_until - now, self.quarantined_until - now)

    def state(self, now: float) -> NodeState:
        if self.quarantined_until > now:
            return NodeState.QUARANTINED
        if self.cool_until > now:
            return NodeState.COOLING
        return NodeState.FROZEN if self.frozen(now) else NodeState.HEALTHY

    def snapshot(self, name: str, now: float, unix: float, *, current: bool) -> NodeHealth:
        """All of it at `now`, for those who look on; `unix`: the same moment by the calendar."""
        head_at = self.head_timestamp
        return NodeHealth(
            name=name,
            state=self.state(now),
            current=current,
            calls=self.calls,
            errors=self.errors,
            consecutive_errors=self.consecutive,
            last_error=self.last_error,
            latency_ms=None if self.latency is None else self.latency * 1000.0,
            head=self.head,
            head_age=None if head_at is None else max(0.0, unix - head_at),
            stands=self.frozen(now)
            and self.head_advanced is not None
            and now - self.head_advanced >= self.policy.frozen_seconds,
            free_in=self.free_in(now),
            quarantine_reason=self.quarantine_reason if self.quarantined_until > now else None,
            fault=self.fault if self.fault_until > now else None,
            aside=self.aside_until > now,
        )


def hindrance(nodes: Sequence[NodeHealth]) -> str | None:
    """Why the node that is asked cannot tell the truth of now, in words."""
    for node in nodes:
        if node.current and node.stands:
            return (
                f"the head of {node.name} stands still at block {node.head} while blocks are "
                "announced, and no better node is available: check that it is running, and RPC_URLS"
            )
        if node.current and node.fault and node.state is NodeState.COOLING:
            return f"{node.name}: {node.fault}; no better node is available"
    return None


def left_out(nodes: Sequence[NodeHealth]) -> str | None:
    """Which nodes are not asked although they answer, and why; it hinders nothing."""
    lines = []
    for node in nodes:
        if node.state is NodeState.QUARANTINED:
            lines.append(
                f"{node.name} is quarantined and gets no requests: {node.quarantine_reason}"
            )
        elif node.state is NodeState.FROZEN and not node.current:
            lines.append(f"{node.name} gets no requests while its head stands still or lags")
        elif node.fault and not node.current:
            lines.append(f"{node.name} gets no requests: {node.fault}")
        elif node.aside and not node.current:
            lines.append(f"{node.name} keeps too little history; others are asked first")
    return "; ".join(lines) or None
