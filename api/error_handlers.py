"""Flask's error handlers: whatever goes wrong in a route, as a problem document.

Promises: nothing leaves the API as an HTML error page or with a stack trace; what we did not expect
is logged with the request's id and answered as `internal`.
"""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from api.index_source import IndexUnavailable
from api.problems import CATALOGUE, Problem
from api.services import Services
from chain.rpc.blocking import NodeUnavailable
from chain.rpc.errors import RpcError
from common import logs

_BY_STATUS = {
    400: "malformed",
    404: "not-found",
    405: "method-not-allowed",
    408: "too-slow",
    413: "body-too-large",
    414: "uri-too-long",
    415: "not-json",
    431: "headers-too-large",
}


def install(app: Flask, services: Services) -> None:
    """Register the handlers."""
    responses = services.responses
    log = logs.get()

    def on_problem(problem: Problem) -> Response:
        cache = "no-store"
        if problem.max_age and request.method in ("GET", "HEAD"):
            cache = f"public, max-age=0, s-maxage={problem.max_age}, stale-if-error=30"
        return responses.problem(
            problem.kind,
            problem.detail,
            extra=problem.extra,
            retry_after=problem.retry_after,
            cache=cache,
            headers=problem.headers,
            provenance=problem.provenance or services.current_provenance(),
        )

    def on_unavailable(error: IndexUnavailable) -> Response:
        log.warning("the index does not answer", reason=str(error), path=request.path)
        return responses.problem(
            CATALOGUE["index-unavailable"],
            str(error),
            retry_after=2,
            provenance=services.last_provenance(),
        )

    def on_node(error: NodeUnavailable | RpcError) -> Response:
        log.warning("no node answers", reason=str(error), path=request.path)
        detail = "no node answers at the moment"
        return responses.problem(
            CATALOGUE["node-unavailable"],
            detail,
            retry_after=5,
            provenance=services.current_provenance(),
        )

    def on_http(error: HTTPException) -> Response:
        kind = CATALOGUE[_BY_STATUS.get(error.code or 500, "internal")]
        headers = {}
        if error.code == 405 and (methods := getattr(error, "valid_methods", None)):
            headers["Allow"] = ", ".join(sorted(methods))
        detail = kind.title
        if error.code == 404:
            detail = "no route has this path"
        return responses.problem(
            kind, detail, headers=headers, provenance=services.current_provenance()
        )

    def on_anything(error: Exception) -> Response:
        log.error(
            "a request failed",
            exc_info=error,
            path=request.path,
            request_id=request.environ.get("api.request_id"),
        )
        kind = CATALOGUE["internal"]
        return responses.problem(
            kind,
            f"request {request.environ.get('api.request_id')} failed",
            provenance=services.last_provenance(),
        )

    app.register_error_handler(Problem, on_problem)
    app.register_error_handler(IndexUnavailable, on_unavailable)
    app.register_error_handler(NodeUnavailable, on_node)
    app.register_error_handler(RpcError, on_node)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(Exception, on_anything)
