"""For machines: what /healthz, /readyz and /metrics of every service answer.

Promises: each answers to its path byte for byte alone, so that a rule of a proxy that names the
path is not walked around by another spelling; nobody may keep the answers.
"""

from __future__ import annotations

from flask import Response, request

from common.web.metrics import HttpMetrics
from common.web.problems import Problem
from common.web.request_checks import names
from common.web.response_types import ReadinessJson
from common.web.responses import NEVER, fresh_json


def only_by_name() -> None:
    """Raises the problem of a path in another spelling."""
    if request.url_rule is None or not names(request.environ, request.url_rule.rule):
        raise Problem("not-found", "no route has this path")


def healthz() -> Response:
    return Response("ok\n", headers=[("Cache-Control", NEVER)], content_type="text/plain")


def readyz(reasons: list[str], notes: list[str]) -> Response:
    """200 or 503. `reasons`: why the service cannot answer correctly; `notes` hinder nothing."""
    return fresh_json(readiness(reasons, notes), 503 if reasons else 200)


def readiness(reasons: list[str], notes: list[str]) -> ReadinessJson:
    """Whether the service can answer correctly."""
    told = [f"{note} (does not affect readiness)" for note in notes]
    return {"ready": not reasons, "reasons": [*reasons, *told]}


def metrics(told: HttpMetrics, *, ready: bool, now: float) -> Response:
    """Prometheus' text. `now`: unix seconds."""
    text = told.text(ready=ready, now=now)
    return Response(text, headers=[("Cache-Control", NEVER)], content_type=told.content_type)
