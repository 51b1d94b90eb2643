"""What the indexer tells about itself: readiness in words, metrics in numbers.

Promises: plain state, written by the service's loops and read by the HTTP thread.
On restart: starts as "starting".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from chain.finality import NOTHING_FINAL
from chain.rpc.node_health import EndpointHealth, EndpointState, hindrance, left_out
from common.ops_server import Readiness
from indexer.documents import Checkpoint
from indexer.messages import behind

log = structlog.get_logger(__name__)

PATIENCE = 30.0


@dataclass
class ContractStatus:
    """One contract's index. `good_at`: monotonic time of the last success, None: none yet.

    `waits`: why it reads no further. `final`: what the node last called final, None: not asked yet.
    """

    contract: str
    good_at: float | None = None
    trouble: str | None = None
    stopped: str | None = None
    waits: str | None = None
    final: int | None = None
    syncing: bool = True
    block: int = -1
    head: int = -1
    seq: int = 0

    def show(self, checkpoint: Checkpoint) -> None:
        """Where the index stands now."""
        self.block, self.head = checkpoint["block"], checkpoint["head"]["block"]
        self.seq = checkpoint["seq"]
        self.syncing = checkpoint["state"] != "following"

    def saw_final(self, number: int) -> None:
        """A node calls this block final. Said once in the log when nothing is."""
        if number == NOTHING_FINAL and self.final != NOTHING_FINAL:
            log.warning("nothing is final yet", contract=self.contract, setting="FINALITY")
        self.final = number


@dataclass
class Status:
    """All contracts, the lease, and the nodes' health."""

    now: Callable[[], float]
    health: Callable[[], Sequence[EndpointHealth]]
    contracts: list[ContractStatus] = field(default_factory=list)
    waiting_for: str | None = "starting"

    def readiness(self) -> Readiness:
        """503 with every reason, as long as the index is not what it should be."""
        health = self.health()
        reasons = [why for why in (self.waiting_for, hindrance(health)) if why]
        for item in self.contracts:
            reasons += self._reasons(item)
        return Readiness(not reasons, (*reasons, *self._notes(health)))

    def _notes(self, health: Sequence[EndpointHealth]) -> list[str]:
        """What is to be known and hinders nothing."""
        notes = [
            f"{item.contract}: nothing is final yet by FINALITY"
            for item in self.contracts
            if item.final == NOTHING_FINAL
        ]
        notes += [why for why in (left_out(health),) if why]
        return [f"{note} (no hindrance)" for note in notes]

    def _reasons(self, item: ContractStatus) -> list[str]:
        if item.stopped:
            return [item.stopped]
        if item.waits:
            return [f"{item.contract}: {item.waits}"]
        reasons = []
        stale = item.good_at is None or self.now() - item.good_at > PATIENCE
        if item.trouble and stale:
            reasons.append(f"{item.contract}: {item.trouble}")
        if item.syncing:
            reasons.append(f"{item.contract}: catching up, block {item.block} of {item.head}")
        elif item.head < item.block:
            reasons.append(f"{item.contract}: {behind(item.block, item.head)}")
        return reasons

    def note(self, item: ContractStatus) -> None:
        """The index reached the head that a node told."""
        item.good_at, item.trouble, item.stopped = self.now(), None, None
        item.waits = None

    def waits(self, item: ContractStatus, why: str) -> None:
        """The index is as far as it may be: the nodes answer, but the rest is not final."""
        if item.waits is None:
            log.warning("waiting for finality", contract=item.contract, reason=why)
        self.note(item)
        item.waits = why


class Metrics:
    """Counters of the loops, and gauges read from the status at each scrape."""

    def __init__(self, registry: CollectorRegistry, status: Status) -> None:
        self.failures = Counter(
            "indexer_failures_total", "cycles that failed", ["kind"], registry=registry
        )
        self.duration = Gauge(
            "indexer_cycle_seconds", "how long the last cycle took", registry=registry
        )
        registry.register(_StatusCollector(status))


class _StatusCollector(Collector):
    def __init__(self, status: Status) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        yield from self._contracts()
        yield from self._endpoints()

    def _contracts(self) -> Iterator[Metric]:
        fields = {
            "block": ("indexer_block", "last block in the index"),
            "head": ("indexer_head_block", "head of the chain as last seen"),
            "seq": ("indexer_events", "events in the index"),
        }
        for field_name, (metric, text) in fields.items():
            family = GaugeMetricFamily(metric, text, labels=["contract"])
            for item in self._status.contracts:
                family.add_metric([item.contract], float(getattr(item, field_name)))
            yield family
        stopped = GaugeMetricFamily(
            "indexer_stopped", "1 while a person must act", labels=["contract"]
        )
        for item in self._status.contracts:
            stopped.add_metric([item.contract], float(item.stopped is not None))
        yield stopped

    def _endpoints(self) -> Iterator[Metric]:
        names = ["endpoint"]
        usable = GaugeMetricFamily("rpc_endpoint_healthy", "1: may be asked", labels=names)
        lying = GaugeMetricFamily("rpc_endpoint_quarantined", "1: it lied", labels=names)
        errors = GaugeMetricFamily("rpc_endpoint_errors", "failed calls so far", labels=names)
        latency = GaugeMetricFamily("rpc_endpoint_latency_seconds", "smoothed", labels=names)
        age = GaugeMetricFamily("rpc_endpoint_head_age_seconds", "age of its head", labels=names)
        for item in self._status.health():
            label = [item.name]
            usable.add_metric(label, float(item.state is EndpointState.HEALTHY))
            lying.add_metric(label, float(item.state is EndpointState.QUARANTINED))
            errors.add_metric(label, float(item.errors))
            if item.latency_ms is not None:
                latency.add_metric(label, item.latency_ms / 1000.0)
            if item.head_age is not None:
                age.add_metric(label, item.head_age)
        yield from (usable, lying, errors, latency, age)
