"""The metric that tells which build a service is.

Promises: one series, whatever number of workers answers: it is made at the scrape.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from common.version import VERSION, commit


class BuildInfo(Collector):
    """`livestream_build_info{service, version, commit} 1`; no `commit` where it is not known."""

    def __init__(self, service: str) -> None:
        self._labels = {"service": service, "version": VERSION}
        if (built := commit()) is not None:
            self._labels["commit"] = built

    def collect(self) -> Iterator[Metric]:
        about = "1; its labels say which build this is"
        family = GaugeMetricFamily("livestream_build_info", about, labels=list(self._labels))
        family.add_metric([*self._labels.values()], 1.0)
        yield family
