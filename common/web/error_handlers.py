"""Flask's error handlers: whatever goes wrong in a route, as a problem document.

Promises: nothing leaves a service as an HTML error page or with a stack trace; what we did not
expect is logged with the request's id and answered as `internal`.
"""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from common import logs
from common.web.problems import Catalogue, Problem, ProblemAnswers

_BY_STATUS = {
    400: "malformed",
    404: "not-found",
    405: "method-not-allowed",
    408: "too-slow",
    411: "length-required",
    413: "body-too-large",
    414: "uri-too-long",
    415: "not-json",
    431: "headers-too-large",
}


def install(app: Flask, kinds: Catalogue, answers: ProblemAnswers) -> None:
    """Register the handlers."""
    log = logs.get()

    def on_http(error: HTTPException) -> Response:
        kind = kinds[_BY_STATUS.get(error.code or 500, "internal")]
        headers = {}
        if error.code == 405 and (methods := getattr(error, "valid_methods", None)):
            headers["Allow"] = ", ".join(sorted(methods))
        detail = "no route has this path" if error.code == 404 else kind.title
        return answers.of(Problem(kind.slug, detail, headers=headers))

    def on_anything(error: Exception) -> Response:
        request_id = request.environ.get("web.request_id")
        log.error("a request failed", exc_info=error, path=request.path, request_id=request_id)
        return answers.unread("internal", f"request {request_id} failed")

    app.register_error_handler(Problem, answers.of)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(Exception, on_anything)
