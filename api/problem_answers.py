"""Problems as the API answers them: each says where the index stood.

Promises: a request that a route was asked about is told where the index stands now, one that
reached none where it stood last, so that refusing costs no question.
"""

from __future__ import annotations

from flask import Flask, Response, request

from api.index_source import IndexUnavailable
from api.problems import CATALOGUE, IndexedProblem
from api.services import Services
from chain.rpc.blocking import NodeUnavailable
from chain.rpc.errors import RpcError
from common import logs
from common.web.problems import Problem
from common.web.responses import NEVER


class IndexedProblemAnswers:
    """A `common.web.problems.ProblemAnswers`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def of(self, problem: Problem) -> Response:
        cache = NEVER
        if problem.max_age and request.method in ("GET", "HEAD"):
            cache = f"public, max-age=0, s-maxage={problem.max_age}, stale-if-error=30"
        told = problem.provenance if isinstance(problem, IndexedProblem) else None
        return self._services.responses.problem(
            CATALOGUE[problem.slug],
            problem.detail,
            extra=problem.extra,
            retry_after=problem.retry_after,
            cache=cache,
            headers=problem.headers,
            provenance=told or self._services.current_provenance(),
        )

    def unread(self, slug: str, detail: str, retry_after: int | None = None) -> Response:
        return self._services.responses.problem(
            CATALOGUE[slug],
            detail,
            retry_after=retry_after,
            provenance=self._services.last_provenance(),
        )


def install(app: Flask, services: Services) -> None:
    """Handlers for an index or a node that does not answer."""
    answers = IndexedProblemAnswers(services)
    log = logs.get()

    def on_unavailable(error: IndexUnavailable) -> Response:
        log.warning("the index does not answer", reason=error.for_operator, path=request.path)
        return answers.unread("index-unavailable", str(error), retry_after=2)

    def on_node(error: NodeUnavailable | RpcError) -> Response:
        log.warning("no node answers", reason=str(error), path=request.path)
        detail = "no node answers at the moment"
        return answers.of(Problem("node-unavailable", detail, retry_after=5))

    app.register_error_handler(IndexUnavailable, on_unavailable)
    app.register_error_handler(NodeUnavailable, on_node)
    app.register_error_handler(RpcError, on_node)
