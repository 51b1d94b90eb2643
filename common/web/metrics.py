"""What Prometheus sees of an HTTP service, whatever it is about.

Promises: with PROMETHEUS_MULTIPROC_DIR set before this module is imported (the server does it), any
worker's /metrics answers for all workers: sums, and of a gauge made by `_latest` what the worker
that set it last saw. Ages are computed at the scrape, so they grow while nothing is read. What was
never set has no series.
Assumes: routes are few (labels are route patterns, never paths).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from common.build_info import BuildInfo

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class HttpMetrics:
    """One per process (and one per app in tests: each has a registry of its own). `service`: names
    begin with `livestream_<service>_`. A service's own metrics are a subclass's."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, service: str) -> None:
        self.service = service
        self._registry = CollectorRegistry()
        self._moments: set[str] = set()
        self._requests = Counter(
            self._name("requests"), "Requests by route and status",
            ["route", "method", "status"], registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            self._name("request_seconds"), "Time from a request's headers to its answer",
            ["route"], buckets=_BUCKETS, registry=self._registry,
        )  # fmt: skip
        self._ready = self._latest("ready", "1 while /readyz answers 200, else 0")
        self._children: dict[tuple[str, str, int], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    def _name(self, name: str) -> str:
        return f"livestream_{self.service}_{name}"

    def _latest(self, name: str, about: str) -> Gauge:
        """A gauge of which all workers tell the value that was set last."""
        return Gauge(
            self._name(name), about, multiprocess_mode="mostrecent", registry=self._registry
        )

    def _age(self, name: str, about: str) -> Gauge:
        """The same, set to a moment (unix seconds) and told as the time since then."""
        self._moments.add(self._name(name))
        return self._latest(name, about)

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

    def text(self, *, ready: bool, now: float) -> bytes:
        """Everything in Prometheus' text format. `now`: unix seconds."""
        self._ready.set(ready)
        told = CollectorRegistry()
        told.register(BuildInfo(self.service))
        shared = "PROMETHEUS_MULTIPROC_DIR" in os.environ
        inner = MultiProcessCollector(None) if shared else self._registry  # type: ignore[no-untyped-call]
        told.register(_Ages(inner, self._moments, now))
        return generate_latest(told)


class _Ages(Collector):
    """What `inner` collects, with the moments among it told as ages at `now`."""

    def __init__(self, inner: Collector, moments: set[str], now: float) -> None:
        self._inner = inner
        self._moments = moments
        self._now = now

    def collect(self) -> Iterator[Metric]:
        for metric in self._inner.collect():
            if metric.name in self._moments:
                metric.samples = [
                    sample._replace(value=max(0.0, self._now - sample.value))
                    for sample in metric.samples
                    if sample.value  # 0: unknown
                ]
            yield metric
