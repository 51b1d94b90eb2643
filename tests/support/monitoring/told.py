"""What the services tell, from their registries alone: each metric with its labels, as if all that
can happen had happened once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from api.index_watch import IndexWatch
from api.metrics import ApiMetrics
from chain.head_age import HeadAge
from chain.rpc.node_health import NodeHealth, NodeState
from common.lease import Lease
from common.lease_store import MemoryLeaseStore
from common.liveness import Heartbeat, Limits
from common.ops_server import Readiness, ServiceState
from indexer.metrics import IndexerMetrics
from indexer.readiness import ContractStatus, IndexerStatus
from oracle.metrics import OracleMetrics
from playback.metrics import PlaybackMetrics
from presence.metrics import PresenceMetrics
from tests.support.indexer.contract_story import ContractStory
from tests.support.manual_clock import ManualClock
from tests.support.memory_index_source import MemoryIndexSource
from tests.support.monitoring.scrape import Scrape

NODE = NodeHealth(
    name="https://node.example", state=NodeState.HEALTHY, current=True, calls=1, errors=0,
    consecutive_errors=0, last_error=None, latency_ms=2.0, head=6, head_age=1.0, free_in=0.0,
    quarantine_reason=None, stands=False,
)  # fmt: skip


def told() -> Scrape:
    """All of it."""
    story, api, scrape = ContractStory(), ApiMetrics(), Scrape()
    story.live()
    watch = IndexWatch(MemoryIndexSource(story), [story.contract], background=False)
    api.index_read(watch.snapshot(), now=1000.0)
    _touch(vars(api).values())
    text = api.text(ready=True, now=1000.0).decode()
    scrape.add("api", text_string_to_metric_families(text))
    playback = PlaybackMetrics()
    playback.has_key(True)
    playback.clock_error(1.0)
    _touch(vars(playback).values())
    text = playback.text(ready=True, now=1000.0).decode()
    scrape.add("playback", text_string_to_metric_families(text))
    # of the server's master process: a test of it stands in tests/integration/common
    for job in ("api", "playback"):
        stuck = Counter(f"livestream_{job}_stuck_workers", "", registry=None)
        scrape.add(job, stuck.collect())
    for service, registry in _registries():
        scrape.add(service, registry.collect())
    return scrape


def _registries() -> Iterator[tuple[str, CollectorRegistry]]:
    age = HeadAge(lambda: 1000.0, 10)
    age.saw(5, 900)
    age.saw(6, 912)
    clock = ManualClock()
    heartbeat = Heartbeat(clock.monotonic, Limits())
    of_indexer = CollectorRegistry()
    status = IndexerStatus(clock.monotonic, lambda: [NODE], age, [ContractStatus("0xc0")])
    indexer = IndexerMetrics(of_indexer, status)
    oracle = OracleMetrics()
    oracle.watch_head(age)
    oracle.watch_lease(1, "0xc0", 1, Lease(MemoryLeaseStore(), "name", "me", 12.0, clock))
    presence = PresenceMetrics()
    _touch([*vars(indexer).values(), *vars(oracle).values(), *vars(presence).values()])
    for service, registry in (
        ("indexer", of_indexer),
        ("oracle", oracle.registry),
        ("presence", presence.registry),
    ):
        ServiceState(service, lambda: Readiness(True), heartbeat).show(registry)
        yield service, registry


def _touch(attributes: Iterable[object]) -> None:
    """Let each metric that has labels have a series."""
    for metric in attributes:
        if not isinstance(metric, MetricWrapperBase) or metric._labelvalues:
            continue  # none, or the series of a metric that is among them
        if metric._labelnames:
            metric.labels(*("any" for _ in metric._labelnames))
