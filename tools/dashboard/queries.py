"""The forms that questions to Prometheus have on the dashboard.

`RATE` is a window of Grafana's own choice, at least four scrapes long; what happens a few times an
hour is counted over a longer one.
"""

from __future__ import annotations

from tools.dashboard.grafana import Query

ORACLE = 'instance=~"$oracle"'
API = 'instance=~"$api"'
PLAYBACK = 'job="playback"'
PRESENCE = 'job="presence"'
PROGRAMS = 'job=~"indexer|oracle|presence"'
BY_JOB = "{{job}} {{instance}}"
RATE = "$__rate_interval"


def rate(metric: str, where: str, by: str, window: str = RATE, *, rare: bool = False) -> Query:
    """A counter's pace a second, summed; `by`: the labels that are told apart."""
    return Query(f"sum by ({by}) (rate({metric}{{{where}}}[{window}]))", _legend(by), rare)


def increase(metric: str, where: str, by: str, window: str, *, rare: bool = False) -> Query:
    """What was added to a counter in the window, summed."""
    return Query(f"sum by ({by}) (increase({metric}{{{where}}}[{window}]))", _legend(by), rare)


def share(function: str, metric: str, part: str, where: str, window: str = RATE) -> Query:
    """Which part of a counter's growth has the label `part`, of each instance."""
    total = f"sum by (instance) ({function}({metric}{{{where}}}[{window}]))"
    return Query(f"{total.replace('{', '{' + part + ', ', 1)} / {total}")


def quantile(part: float, metric: str, where: str, window: str = RATE, by: str = "") -> Query:
    """So much of a histogram took no longer."""
    labels = f"le, {by}" if by else "le"
    counted = f"sum by ({labels}) (rate({metric}_bucket{{{where}}}[{window}]))"
    name = f"p{100 * part:.0f}"
    legend = f"{name} {{{{{by}}}}}" if by else name
    return Query(f"histogram_quantile({part}, {counted})", legend)


def _legend(by: str) -> str:
    return " ".join(f"{{{{{label}}}}}" for label in by.split(", "))
