"""The indexer in numbers: counters of its loops, gauges of its status and its nodes.

Promises: the gauges are read from `indexer.readiness` at each scrape, by the HTTP thread.
On restart: counters begin at zero.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from chain.rpc.node_health import NodeState
from indexer.readiness import IndexerStatus


class IndexerMetrics:
    """Counters of the loops, and gauges read from the status at each scrape."""

    def __init__(self, registry: CollectorRegistry, status: IndexerStatus) -> None:
        self.failures = Counter(
            "indexer_failures_total", "cycles that failed", ["kind"], registry=registry
        )
        self.duration = Gauge(
            "indexer_cycle_seconds", "how long the last cycle took", registry=registry
        )
        self.task_restarts = Counter(
            "indexer_task_restarts_total",
            "long-lived tasks that died of a bug and were started again",
            ["task"],
            registry=registry,
        )
        registry.register(_StatusCollector(status))


class _StatusCollector(Collector):
    def __init__(self, status: IndexerStatus) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        yield from self._contracts()
        yield from self._endpoints()
        yield from self._head()

    def _contracts(self) -> Iterator[Metric]:
        fields = {
            "block": ("indexer_block", "last block in the index"),
            "head": ("indexer_head_block", "head of the chain when last seen"),
            "seq": ("indexer_events", "events in the index"),
        }
        for field_name, (metric, text) in fields.items():
            family = GaugeMetricFamily(metric, text, labels=["contract"])
            for item in self._status.contracts:
                family.add_metric([item.contract], float(getattr(item, field_name)))
            yield family
        stopped = GaugeMetricFamily(
            "indexer_stopped", "1 while an operator must act", labels=["contract"]
        )
        for item in self._status.contracts:
            stopped.add_metric([item.contract], float(item.stopped is not None))
        yield stopped

    def _head(self) -> Iterator[Metric]:
        age = self._status.head_age
        told = (
            ("indexer_head_age_seconds", "age of the newest block seen", age.seconds),
            (
                "indexer_head_age_limit_seconds",
                "age from which on /readyz notes that the chain stands still (HEAD_AGE_BLOCKS)",
                age.limit,
            ),
        )
        for name, text, value in told:
            if value is not None:  # unknown at the start
                yield GaugeMetricFamily(name, text, value=value)

    def _endpoints(self) -> Iterator[Metric]:
        names = ["endpoint"]
        usable = GaugeMetricFamily("rpc_endpoint_healthy", "1: gets requests", labels=names)
        lying = GaugeMetricFamily(
            "rpc_endpoint_quarantined", "1: quarantined for wrong answers", labels=names
        )
        errors = CounterMetricFamily("rpc_endpoint_errors", "failed calls", labels=names)
        latency = GaugeMetricFamily("rpc_endpoint_latency_seconds", "smoothed", labels=names)
        age = GaugeMetricFamily("rpc_endpoint_head_age_seconds", "age of its head", labels=names)
        for item in self._status.health():
            label = [item.name]
            usable.add_metric(label, float(item.state is NodeState.HEALTHY))
            lying.add_metric(label, float(item.state is NodeState.QUARANTINED))
            errors.add_metric(label, float(item.errors))
            if item.latency_ms is not None:
                latency.add_metric(label, item.latency_ms / 1000.0)
            if item.head_age is not None:
                age.add_metric(label, item.head_age)
        yield from (usable, lying, errors, latency, age)
