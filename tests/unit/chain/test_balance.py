"""The balance watch: warns by days left, stops in time, goes on only with a reserve."""

from __future__ import annotations

import pytest

from chain.send.balance import DAY, BalanceLevel, BalancePolicy, BalanceWatch
from chain.units import ETHER
from tests.support.manual_clock import ManualClock
from tests.support.nodes.scripted_rpc import ScriptedRpc

ACCOUNT = "0x00000000000000000000000000000000000000AA"
POLICY = BalancePolicy(
    stop_wei=ETHER // 100, warn_wei=ETHER // 50, warn_days=10.0, least_window_hours=6.0
)


class WatchedBalance:
    def __init__(self, history: list[tuple[float, int]] | None = None) -> None:
        self.clock = ManualClock()
        self.rpc = ScriptedRpc()
        self.watch = BalanceWatch(self.rpc, ACCOUNT, self.clock, POLICY, history or [])

    async def level(self, ether: float) -> BalanceLevel:
        self.rpc.answers["eth_getBalance"] = hex(int(ether * ETHER))
        return (await self.watch.check()).level

    async def days(self, ether: float) -> float | None:
        self.rpc.answers["eth_getBalance"] = hex(int(ether * ETHER))
        return (await self.watch.check()).days_left


async def test_check__nothing_spent_yet__ok_without_days() -> None:
    watched = WatchedBalance()
    assert await watched.level(1.0) is BalanceLevel.OK
    assert watched.watch.latest is not None
    assert watched.watch.latest.days_left is None


async def test_check__steady_spending__days_left_until_the_stop() -> None:
    watched = WatchedBalance()
    for _ in range(4):
        watched.watch.spent(ETHER // 10)
        watched.clock.tick(DAY)
    # 0.4 ether in 4 days; 1.01 - 0.01 left
    assert await watched.days(1.01) == pytest.approx(10.0)
    assert await watched.level(1.2) is BalanceLevel.OK
    assert await watched.level(0.9) is BalanceLevel.WARN


async def test_check__burst_in_the_first_minutes__not_taken_for_a_daily_pace() -> None:
    watched = WatchedBalance()
    watched.watch.spent(ETHER // 100)
    # 0.01 ether counts as spent in six hours: 0.04 a day
    assert await watched.days(1.01) == pytest.approx(25.0)


async def test_recall__spending_of_a_former_life__the_pace_is_known_at_once() -> None:
    watched = WatchedBalance()
    now = watched.clock.now()
    watched.watch.recall([(now - 4 * DAY, ETHER // 5), (now - 2 * DAY, ETHER // 5)])
    assert await watched.days(1.01) == pytest.approx(10.0)


async def test_check__old_spending__forgotten_after_the_window() -> None:
    watched = WatchedBalance()
    watched.watch.spent(ETHER)
    watched.clock.tick(8 * DAY)
    assert await watched.days(1.0) is None


async def test_check__history_of_before_the_restart__gives_a_pace_at_once() -> None:
    start = ManualClock().now()
    watched = WatchedBalance([(start - 2 * DAY, ETHER // 10), (start - DAY, ETHER // 10)])
    assert await watched.days(1.01) == pytest.approx(10.0)


async def test_check__low_balance__warn_then_stop_and_resume_with_reserve() -> None:
    watched = WatchedBalance()
    assert await watched.level(0.015) is BalanceLevel.WARN
    assert await watched.level(0.0099) is BalanceLevel.STOP
    assert await watched.level(0.011) is BalanceLevel.STOP
    assert await watched.level(0.013) is BalanceLevel.WARN
    report = watched.watch.latest
    assert report is not None
    assert ACCOUNT in report.message
    assert "top it up" in report.message
