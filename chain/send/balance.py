"""How long the account's money lasts.

Promises: `check` reads the balance and says OK, WARN (fewer than `warn_days` left at the recent
pace, or below `warn_wei`) or STOP (below `stop_wei`: start nothing new, so that what is in flight
can still be bumped or cancelled). Once stopped, it goes on only at `resume_factor` times that.
Assumes: the caller reports what final transactions cost (`spent`); the pace is their sum over the
window.
On restart: the pace is unknown (days left: None) until `recall` or new spending gives one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from chain.rpc.answers import amount
from chain.rpc.ask import ask
from chain.rpc.client import Rpc
from chain.units import ETHER
from common.clock import Clock

DAY = 86_400.0


class BalanceLevel(StrEnum):
    OK = "ok"
    WARN = "warn"
    STOP = "stop"


@dataclass(frozen=True)
class BalancePolicy:
    """Amounts are wei. `stop_wei` should pay for everything in flight at the fee ceiling."""

    stop_wei: int = ETHER // 100
    warn_wei: int = ETHER // 20
    warn_days: float = 14.0
    window_days: float = 7.0
    resume_factor: float = 1.25
    least_window_hours: float = 6.0


@dataclass(frozen=True)
class BalanceReport:
    """`days_left`: until `stop_wei` at the recent pace; None: unknown, or nothing is spent."""

    wei: int
    days_left: float | None
    level: BalanceLevel
    message: str


class BalanceWatch:
    """Watches one account. `history`: (unix time, wei) of earlier spending, oldest first."""

    def __init__(
        self,
        rpc: Rpc,
        address: str,
        clock: Clock,
        policy: BalancePolicy | None = None,
        history: Iterable[tuple[float, int]] = (),
    ) -> None:
        self._rpc = rpc
        self._address = address
        self._clock = clock
        self._policy = policy or BalancePolicy()
        self._spending: deque[tuple[float, int]] = deque(history)
        self._stopped = False
        self.latest: BalanceReport | None = None

    @property
    def window_seconds(self) -> float:
        """How far back spending counts."""
        return self._policy.window_days * DAY

    def recall(self, history: Iterable[tuple[float, int]]) -> None:
        """This was spent before: (unix time, wei), oldest first, in place of what was known."""
        self._spending = deque(history)

    def spent(self, wei: int) -> None:
        """A transaction of ours is final and cost so much."""
        self._spending.append((self._clock.now(), wei))

    async def check(self) -> BalanceReport:
        """Read the balance and judge it. Raises `RpcError`."""
        wei = await ask(self._rpc, "eth_getBalance", [self._address, "latest"], amount)
        self.latest = self._judge(wei)
        return self.latest

    def _judge(self, wei: int) -> BalanceReport:
        policy = self._policy
        least = policy.stop_wei * (policy.resume_factor if self._stopped else 1.0)
        self._stopped = wei < least
        pace = self._wei_per_day()
        days = max(0.0, (wei - policy.stop_wei) / pace) if pace > 0 else None
        amount = f"{self._address} holds {wei / ETHER:.6f} ether"
        lasts = "" if days is None else f", enough for {days:.1f} days"
        if self._stopped:
            text = f"{amount}, too low to continue safely: top it up to resume"
            return BalanceReport(wei, days, BalanceLevel.STOP, text)
        if wei < policy.warn_wei or (days is not None and days < policy.warn_days):
            return BalanceReport(wei, days, BalanceLevel.WARN, f"{amount}{lasts}: top it up")
        return BalanceReport(wei, days, BalanceLevel.OK, f"{amount}{lasts}")

    def _wei_per_day(self) -> float:
        now = self._clock.now()
        while self._spending and self._spending[0][0] < now - self.window_seconds:
            self._spending.popleft()
        if not self._spending:
            return 0.0
        # A burst in the first minutes is no pace yet: reckon with some hours at least.
        span = max(now - self._spending[0][0], self._policy.least_window_hours * 3600.0)
        return sum(wei for _, wei in self._spending) / (span / DAY)
