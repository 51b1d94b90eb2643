"""Parts of a document's paths that look alike in every service: parameters, problems, health.

Promises: a route's problems are those of the service's catalogue, under their statuses; those with
one status share an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.web.openapi.schemas import Schema, ref
from common.web.problems import CONTENT_TYPE, Catalogue

JSON = "application/json"
REQUEST_ID: dict[str, Any] = {
    "X-Request-ID": {
        "description": "The request's id, also in the server's logs; yours if you sent a valid one",
        "schema": {"type": "string"},
    },
}
WAITS = (409, 429, 503)
"""Statuses whose answers say when to come again."""
_RETRY = {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 1}}
_DOCUMENT = {
    "type": "object",
    "required": ["openapi"],
    "properties": {"openapi": {"type": "string"}},
}


def query_param(name: str, schema: Schema, about: str, required: bool = False) -> dict[str, Any]:
    """A query parameter."""
    return {"name": name, "in": "query", "required": required, "description": about,
            "schema": schema}  # fmt: skip


def content(schema: Schema, media_type: str = JSON) -> dict[str, Any]:
    """The content of an answer or a body."""
    return {media_type: {"schema": schema}}


def problem_answers(kinds: Catalogue, *slugs: str) -> dict[str, Any]:
    """Answers for these problems, by status."""
    found: dict[str, Any] = {}
    for slug in slugs:
        kind = kinds[slug]
        answer = found.setdefault(
            str(kind.status),
            {
                "description": "",
                "headers": dict(REQUEST_ID),
                "content": content(ref("Problem"), CONTENT_TYPE),
            },
        )
        answer["description"] = "; ".join(filter(None, [answer["description"], kind.title]))
        if kind.status in WAITS:
            answer["headers"]["Retry-After"] = _RETRY
    return found


def service_paths(
    what: str, document: str, refused: Mapping[str, Any], limited: Mapping[str, Any]
) -> dict[str, Any]:
    """The routes for machines. `what`: the service, as in "whether the API ..."; `document`: the
    path of this document; `refused`: problems of routes without a limit; `limited`: of the
    document's."""
    health = {
        "healthz": ("The process answers", "It does"),
        "metrics": ("Metrics for Prometheus, over all workers", "Prometheus' text format"),
    }
    plain = {
        name: _service(
            name,
            summary,
            {"200": {"description": told, "content": content({"type": "string"}, "text/plain")}}
            | dict(refused),
        )
        for name, (summary, told) in health.items()
    }
    ready = {
        status: {"description": about, "content": content(ref("Readiness"))}
        for status, about in (("200", "It can"), ("503", "It cannot, and why"))
    }
    told = {
        "200": {"description": "OpenAPI 3.1", "content": content(_DOCUMENT)},
        "304": {"description": "Unchanged"},
    }
    return {
        "/healthz": plain["healthz"],
        "/readyz": _service(
            "readyz", f"Whether {what} can answer correctly", ready | dict(refused)
        ),
        "/metrics": plain["metrics"],
        document: _service("openapi", "This document", told | dict(limited)),
    }


def _service(name: str, summary: str, answers: dict[str, Any]) -> dict[str, Any]:
    return {
        "get": {
            "operationId": name, "tags": ["service"], "summary": summary, "responses": answers,
        }
    }  # fmt: skip
