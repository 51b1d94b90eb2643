"""What Prometheus sees of the API.

Promises: with PROMETHEUS_MULTIPROC_DIR set before this module is imported (the server does it), any
worker's /metrics answers with the sum over all workers; without it, this process alone.
Assumes: routes are few (labels are route patterns, never paths).
"""

from __future__ import annotations

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from api.index_watch import IndexSnapshot

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class ApiMetrics:
    """One per process (and one per app in tests: each has a registry of its own)."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "livestream_api_requests", "Requests by route and status",
            ["route", "method", "status"], registry=registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "livestream_api_request_seconds", "Time from a request's headers to its answer",
            ["route"], buckets=_BUCKETS, registry=registry,
        )  # fmt: skip
        lookups = Counter(
            "livestream_api_memory_lookups", "Requests answered from the cache, or not",
            ["result"], registry=registry,
        )  # fmt: skip
        self._hit, self._miss = lookups.labels("hit"), lookups.labels("miss")
        self._listeners = Gauge(
            "livestream_api_stream_listeners", "Open event streams",
            multiprocess_mode="livesum", registry=registry,
        )  # fmt: skip
        self._lag_blocks = Gauge(
            "livestream_api_index_lag_blocks", "Blocks from the head to the index",
            multiprocess_mode="livemax", registry=registry,
        )  # fmt: skip
        self._lag_seconds = Gauge(
            "livestream_api_index_lag_seconds", "Seconds since the indexer last read the chain",
            multiprocess_mode="livemax", registry=registry,
        )  # fmt: skip
        self._block = Gauge(
            "livestream_api_index_block", "The block indexed",
            multiprocess_mode="livemax", registry=registry,
        )  # fmt: skip
        self._node_calls = Counter(
            "livestream_api_node_calls", "Calls to the chain's node", ["method", "result"],
            registry=registry,
        )  # fmt: skip
        self._children: dict[tuple[str, str, int], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    def request(self, route: str, method: str, status: int, seconds: float | None) -> None:
        """Count an answer. `seconds` None: an event stream, whose length means nothing."""
        key = (route, method, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._requests.labels(route, method, str(status))
        child.inc()
        if seconds is None:
            return
        timer = self._timers.get(route)
        if timer is None:
            timer = self._timers[route] = self._seconds.labels(route)
        timer.observe(seconds)

    def lookup(self, hit: bool) -> None:
        (self._hit if hit else self._miss).inc()

    def listeners(self, change: int) -> None:
        self._listeners.inc(change)

    def node_call(self, method: str, result: str) -> None:
        self._node_calls.labels(method, result).inc()

    def text(self, snapshot: IndexSnapshot | None, now: float) -> bytes:
        """Everything in Prometheus' text format."""
        if snapshot is not None:
            self._lag_blocks.set(snapshot.main.lag_blocks())
            self._lag_seconds.set(snapshot.main.lag_seconds(now))
            self._block.set(snapshot.main.block)
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
