"""A scrape of the services as Prometheus keeps it, and what an expression finds wrong with it.

`of` reads /metrics' text. A label `job` of a metric's own becomes `exported_job`, and each series
gets its target's `job` and `instance`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.support.monitoring.promql import (
    MADE_BY_PROMETHEUS,
    OVER_COUNTERS,
    groupings,
    selectors,
)

OF_A_TARGET = {"job", "instance"}
_PARTS = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}


class Series(NamedTuple):
    """One line of a scrape."""

    name: str
    labels: dict[str, str]
    value: float


@dataclass
class Scrape:
    """`types`: name of a series -> counter, gauge or histogram, also of metrics without series."""

    types: dict[str, str] = field(default_factory=dict)
    series: list[Series] = field(default_factory=list)

    def of(self, job: str, text: str) -> None:
        """Add a service's /metrics."""
        self.add(job, text_string_to_metric_families(text))

    def add(self, job: str, families: Iterable[Metric]) -> None:
        """Add what a service tells."""
        for family in families:
            for part in _PARTS.get(family.type, ("",)):
                self.types[family.name.removesuffix("_total") + part] = family.type
            for sample in family.samples:
                if sample.name.endswith("_created"):
                    continue
                labels = {_exported(name): value for name, value in sample.labels.items()}
                labels |= {"job": job, "instance": f"{job}.example:1"}
                self.types.setdefault(sample.name, family.type)
                self.series.append(Series(sample.name, labels, sample.value))

    def labels(self, name: str) -> set[str]:
        """All labels of the series of that name; empty where there are none."""
        return {label for each in self.series if each.name == name for label in each.labels}


def _exported(label: str) -> str:
    return f"exported_{label}" if label in OF_A_TARGET else label


def complaints(expr: str, scrape: Scrape, *, known: Collection[str] = ()) -> list[str]:
    """What the expression asks for and the scrape does not have, or has as something else. `known`:
    metrics that have no series yet, and of workers are not told at all before."""
    wrong = []

    def lacks(name: str, labels: Iterable[str]) -> set[str]:
        there = scrape.labels(name)
        return set() if not there or name in MADE_BY_PROMETHEUS else {*labels} - there

    for name, matchers, function in selectors(expr):
        if name in MADE_BY_PROMETHEUS:
            continue
        if name in known and not scrape.labels(name):
            continue
        if name not in scrape.types:
            wrong.append(f"{name} is not told")
        elif not scrape.labels(name):
            wrong.append(f"{name} has no series")
        if lacking := lacks(name, matchers):
            wrong.append(f"{name} has no {sorted(lacking)}")
        if function in OVER_COUNTERS and scrape.types.get(name) == "gauge":
            wrong.append(f"{function} over {name}, a gauge")
    for labels, inner in groupings(expr):
        for name, _, _ in selectors(inner):
            if lacking := lacks(name, labels):
                wrong.append(f"{name} has no {sorted(lacking)} to group by")
    if "histogram_quantile" in expr:
        grouped = [labels for labels, _ in groupings(expr)]
        asked = [name for name, _, _ in selectors(expr)]
        if not all("le" in labels for labels in grouped) or not grouped:
            wrong.append("a quantile without le")
        wrong += [f"a quantile of {name}" for name in asked if not name.endswith("_bucket")]
    return wrong
