"""Panels as Grafana reads them: the classic JSON model, which Grafana 9 to 13 take.

Promises: pure; the same panels give the same text. Panels of a row flow from left to right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Json = dict[str, Any]

SOURCE: Json = {"type": "prometheus", "uid": "livestream-prometheus"}
"""As monitoring/grafana/provisioning/datasources names it."""
SCHEMA = 39
COLUMNS = 24
RUNBOOK_UID = "livestream-runbook"


class Query(NamedTuple):
    """`rare`: there are no series until it has happened once, so an empty panel is a good sign."""

    expr: str
    legend: str = "{{instance}}"
    rare: bool = False


class Word(NamedTuple):
    """What a value is called."""

    text: str
    color: str


@dataclass(frozen=True)
class Panel:
    """`about`: one sentence for whoever is on call. `alerts`: the rules that look at the same.
    `limit`: from this value on, drawn in red (`low`: below it)."""

    title: str
    about: str
    unit: str
    queries: Sequence[Query]
    alerts: Sequence[str] = ()
    kind: Literal["timeseries", "stat", "table"] = "timeseries"
    width: int = 8
    limit: float | None = None
    low: bool = False
    words: Mapping[int, Word] | None = None
    stacked: bool = False
    decimals: int | None = None


class Row(NamedTuple):
    """Panels under one heading."""

    title: str
    panels: Sequence[Panel]


def dashboard(
    uid: str, title: str, about: str, rows: Sequence[Row], links: Mapping[str, int]
) -> Json:
    """The whole dashboard. `links`: alert -> the panel of the runbook that tells about it."""
    made: list[Json] = []
    top = 0
    for row in rows:
        made.append(_head(len(made) + 1, row.title, top))
        top += 1
        left = tallest = 0
        for panel in row.panels:
            if left + panel.width > COLUMNS:
                top, left, tallest = top + tallest, 0, 0
            height = 5 if panel.kind == "stat" else 8
            place = {"x": left, "y": top, "w": panel.width, "h": height}
            made.append(_panel(len(made) + 1, panel, place, links))
            left, tallest = left + panel.width, max(tallest, height)
        top += tallest
    return frame(uid, title, about, made) | {
        "templating": {"list": [_variable(*each) for each in VARIABLES]},
        "links": [
            {
                "title": "Runbook",
                "type": "link",
                "icon": "doc",
                "url": f"/d/{RUNBOOK_UID}",
                "tooltip": "What to do about each alert",
            }
        ],
    }


def frame(uid: str, title: str, about: str, panels: Sequence[Json]) -> Json:
    """What every dashboard has."""
    return {
        "uid": uid,
        "title": title,
        "description": about,
        "tags": ["livestream-rooms"],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "annotations": {"list": []},
        "panels": list(panels),
    }


VARIABLES = (
    ("operator", "Operator", "label_values(oracle_lease_held, operator)"),
    ("oracle", "Oracle", 'label_values(oracle_lease_held{operator=~"$operator"}, instance)'),
    ("api", "API", "label_values(livestream_api_ready, instance)"),
)


def _variable(name: str, label: str, query: str) -> Json:
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "definition": query,
        "query": {"query": query, "refId": "A"},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _head(number: int, title: str, top: int) -> Json:
    return {
        "id": number,
        "type": "row",
        "title": title,
        "collapsed": False,
        "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1},
        "panels": [],
    }


def _panel(number: int, panel: Panel, place: Json, links: Mapping[str, int]) -> Json:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": SOURCE,
        "gridPos": place,
        "targets": [_target(n, panel, query) for n, query in enumerate(panel.queries)],
        "links": [_link(alert, links[alert]) for alert in panel.alerts],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _OPTIONS[panel.kind],
        **({"transformations": _TABLE} if panel.kind == "table" else {}),
    }


def _target(number: int, panel: Panel, query: Query) -> Json:
    at_once = panel.kind != "timeseries"
    return {
        "refId": chr(ord("A") + number),
        "datasource": SOURCE,
        "expr": query.expr,
        "legendFormat": query.legend,
        "instant": at_once,
        "range": not at_once,
        "format": "table" if panel.kind == "table" else "time_series",
    }


def _link(alert: str, panel: int) -> Json:
    url = f"/d/{RUNBOOK_UID}?viewPanel={panel}"
    return {"title": f"Runbook: {alert}", "url": url, "targetBlank": True}


def _defaults(panel: Panel) -> Json:
    good, bad = ("red", "green") if panel.low else ("green", "red")
    steps: list[Json] = [{"color": good if panel.limit is not None else "blue", "value": None}]
    if panel.limit is not None:
        steps.append({"color": bad, "value": panel.limit})
    told: Json = {
        "unit": panel.unit,
        "noValue": "none" if any(query.rare for query in panel.queries) else "no data",
        "thresholds": {"mode": "absolute", "steps": steps},
        "color": {"mode": "palette-classic" if panel.kind == "timeseries" else "thresholds"},
        "mappings": _mappings(panel.words or {}),
    }
    if panel.decimals is not None:
        told["decimals"] = panel.decimals
    if panel.kind == "timeseries":
        told["custom"] = {
            "lineWidth": 1,
            "fillOpacity": 25 if panel.stacked else 5,
            "showPoints": "never",
            "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
            "thresholdsStyle": {"mode": "off" if panel.limit is None else "dashed"},
        }
        if not panel.words:  # a word may stand for a value below zero
            told["min"] = 0
    return told


def _mappings(words: Mapping[int, Word]) -> list[Json]:
    if not words:
        return []
    options = {
        str(value): {"text": word.text, "color": word.color, "index": n}
        for n, (value, word) in enumerate(words.items())
    }
    return [{"type": "value", "options": options}]


_OPTIONS: Mapping[str, Json] = {
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "background",
        "graphMode": "none",
        "textMode": "value_and_name",
    },
    "table": {"showHeader": True, "cellHeight": "sm"},
}
_TABLE: list[Json] = [
    {"id": "organize", "options": {"excludeByName": {"Time": True, "Value": True}}}
]
