"""What the oracle shows to Prometheus. Names are public; monitoring/alerts.yml has rules for
them.

Promises: no secret and no room number in any label, so their number stays small.
"""

from __future__ import annotations

from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from chain.head_age import HeadAge
from common.lease import Lease

_LATENCY = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 60, 120, 300, 600)


class OracleMetrics:
    """One per process. Times are seconds, amounts ether."""

    def __init__(self) -> None:
        r = self.registry = CollectorRegistry()
        self.steps = Counter(
            "oracle_steps_total",
            "steps on rooms, by kind and result",
            ["step", "result"],
            registry=r,
        )
        self.passes = Counter(
            "oracle_passes_total",
            "passes over rooms, by kind and result",
            ["kind", "result"],
            registry=r,
        )
        self.pass_seconds = Histogram(
            "oracle_pass_seconds", "how long a pass took", ["kind"], buckets=_LATENCY, registry=r
        )
        self.job_seconds = Gauge(
            "oracle_job_seconds", "how long a periodic job's last run took", ["job"], registry=r
        )
        self.provision_seconds = Histogram(
            "oracle_provision_seconds",
            "from a room's creation (block time) to its fulfilment in a block",
            buckets=_LATENCY,
            registry=r,
        )
        self.oldest_pending = Gauge(
            "oracle_oldest_pending_seconds", "age of the oldest pending room", registry=r
        )
        self.waiting = Gauge(
            "oracle_rooms_waiting", "rooms with work, according to the index", ["work"], registry=r
        )
        self.cloudflare = Counter(
            "oracle_cloudflare_calls_total", "calls by result", ["operation", "result"], registry=r
        )
        self.cloudflare_seconds = Histogram(
            "oracle_cloudflare_seconds",
            "time of a call",
            ["operation"],
            buckets=_LATENCY,
            registry=r,
        )
        self.cloudflare_room = Gauge(
            "oracle_cloudflare_budget", "requests that can be sent immediately", registry=r
        )
        self.transactions = Counter(
            "oracle_transactions_total",
            "state changes of our transactions",
            ["kind", "event"],
            registry=r,
        )
        self.gas = Counter(
            "oracle_gas_total", "gas used by final transactions", ["kind"], registry=r
        )
        self.fees = Counter(
            "oracle_fees_ether_total",
            "ether paid for gas by final transactions",
            ["kind"],
            registry=r,
        )
        self.income = Counter(
            "oracle_income_ether_total",
            "fees credited to the operator's payee since this process started, by final events; "
            "source: provisioned rooms, or rooms that their hosts ended before (forfeited)",
            ["source"],
            registry=r,
        )
        self.work_seconds = Gauge(
            "oracle_work_seconds",
            "time that the pending rooms will take, as measured; above half the fulfil deadline "
            "the operator closes itself",
            registry=r,
        )
        self.accepting = Gauge(
            "oracle_accepting", "1 while the operator's own switch takes new rooms", registry=r
        )
        self.accepting.set(nan)  # until it was read
        self.self_closed = Gauge(
            "oracle_self_closed", "1 while it takes none because it closed itself", registry=r
        )
        self.switches = Counter(
            "oracle_switches_total",
            "times the operator closed itself, or opened what it had closed",
            ["switch"],
            registry=r,
        )
        self.live_status = Counter(
            "oracle_live_status_total",
            "questions whether a WEBRTC room is on air, by result",
            ["result"],
            registry=r,
        )
        self.contract_rooms = Gauge(
            "oracle_contract_rooms",
            "rooms that the contract has ever created; from 2^31 of its 2^32 on it should have a "
            "successor",
            registry=r,
        )
        self.balance = Gauge(
            "oracle_balance_ether", "balance of the operator's account", registry=r
        )
        self.days_left = Gauge(
            "oracle_balance_days",
            "days the balance lasts at the recent rate; -1: unknown",
            registry=r,
        )
        self.days_left.set(-1)
        self._lease = Gauge(
            "oracle_lease_held",
            "1 while this process holds the lease of its operator",
            ["chain", "contract", "operator"],
            registry=r,
        )
        self.lease_changes = Counter(
            "oracle_lease_changes_total", "times the lease was won or lost", ["event"], registry=r
        )
        self.orphans = Gauge(
            "oracle_orphans",
            "live inputs found by the last sweep, by finding",
            ["finding"],
            registry=r,
        )
        self.still_connected = Gauge(
            "oracle_still_connected",
            "ended rooms into whose live input somebody still broadcasts, 30 s or more after it "
            "was disabled and its keys rotated",
            registry=r,
        )
        self.swept = Counter("oracle_swept_total", "live inputs deleted by sweeps", registry=r)
        self._head_age = Gauge(
            "oracle_head_age_seconds", "age of the newest block seen", registry=r
        )
        self._head_age_limit = Gauge(
            "oracle_head_age_limit_seconds",
            "age from which on /readyz notes that the chain stands still (HEAD_AGE_BLOCKS)",
            registry=r,
        )
        self.task_restarts = Counter(
            "oracle_task_restarts_total",
            "long-lived tasks that died of a bug and were started again",
            ["task"],
            registry=r,
        )
        self.job_failures = Counter(
            "oracle_job_failures_total", "periodic jobs that failed", ["job"], registry=r
        )

    def watch_lease(self, chain: int, contract: str, operator: int, lease: Lease) -> None:
        """Show at each scrape whether we hold it: of several operators side by side, whose."""
        series = self._lease.labels(str(chain), contract, str(operator))
        series.set_function(lambda: float(lease.held))

    def lost_lease(self) -> None:
        """What the last sweep found is the next holder's to tell."""
        self.orphans.clear()

    def watch_head(self, age: HeadAge) -> None:
        """Show the newest block's age as it is at each scrape; NaN while it is unknown."""
        self._head_age.set_function(lambda: _or_nan(age.seconds))
        self._head_age_limit.set_function(lambda: _or_nan(age.limit))


def _or_nan(value: float | None) -> float:
    return nan if value is None else value
