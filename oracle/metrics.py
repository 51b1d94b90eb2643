"""What the oracle shows to Prometheus. Names are public; docs/operations.md has alert rules for
them.

Promises: no secret and no room number in any label, so their number stays small.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

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
        self.lease = Gauge("oracle_lease_held", "1 while this process holds the lease", registry=r)
        self.lease_changes = Counter(
            "oracle_lease_changes_total", "times the lease was won or lost", ["event"], registry=r
        )
        self.orphans = Gauge(
            "oracle_orphans",
            "live inputs found by the last sweep, by finding",
            ["finding"],
            registry=r,
        )
        self.swept = Counter("oracle_swept_total", "live inputs deleted by sweeps", registry=r)
        self.ready = Gauge("oracle_ready", "1 while nothing prevents provisioning", registry=r)
        self.head_age = Gauge("oracle_head_age_seconds", "age of the newest block seen", registry=r)
        self.job_failures = Counter(
            "oracle_job_failures_total", "periodic jobs that failed", ["job"], registry=r
        )
