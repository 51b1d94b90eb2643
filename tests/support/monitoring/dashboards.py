"""The questions of the dashboard as Grafana sends them."""

from __future__ import annotations

from tools.dashboard.grafana import Query
from tools.dashboard.panels import ROWS

VARIABLES = {"$operator": ".*", "$oracle": ".*", "$api": ".*", "$__rate_interval": "1m"}
"""What Grafana puts in: for "All", and for a scrape every 15 s."""


def queries() -> list[Query]:
    """Of every panel, without variables."""
    return [
        query._replace(expr=_filled_in(query.expr))
        for row in ROWS
        for panel in row.panels
        for query in panel.queries
    ]


def _filled_in(expr: str) -> str:
    for name, value in VARIABLES.items():
        expr = expr.replace(name, value)
    assert "$" not in expr, expr
    return expr
