"""What the routes work with, wired together.

Promises: one `PlaybackParts` per process. Problems are counted where they are answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, request

from chain.enums import room_number
from common.settings import PlaybackSettings
from common.web.problems import Problem
from common.web.responses import problem_response
from playback.limits import PlaybackLimits
from playback.metrics import PlaybackMetrics
from playback.openapi.paths import PREFIX
from playback.problems import CATALOGUE
from playback.readiness import PlaybackReadiness
from playback.service import PlaybackService

DOCS = f"{PREFIX}/docs"


@dataclass(frozen=True)
class PlaybackParts:
    """`now`: unix seconds."""

    settings: PlaybackSettings
    service: PlaybackService
    limits: PlaybackLimits
    metrics: PlaybackMetrics
    readiness: PlaybackReadiness
    now: Callable[[], float]

    def close(self) -> None:
        self.readiness.close()
        self.service.close()


class PlaybackProblemAnswers:
    """A `common.web.problems.ProblemAnswers`."""

    def __init__(self, metrics: PlaybackMetrics) -> None:
        self._metrics = metrics

    def of(self, problem: Problem) -> Response:
        kind = CATALOGUE[problem.slug]
        self._metrics.refused(problem.slug)
        headers = {**problem.headers}
        if kind.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return problem_response(
            kind,
            problem.detail,
            DOCS,
            extra=problem.extra,
            retry_after=problem.retry_after,
            headers=headers,
        )

    def unread(self, slug: str, detail: str, retry_after: int | None = None) -> Response:
        self._metrics.refused(slug)
        return problem_response(CATALOGUE[slug], detail, DOCS, retry_after=retry_after)


def origin() -> str | None:
    """Of the page that asks."""
    return request.headers.get("Origin")


def client_address() -> str:
    """Whose the request is (`common.web.client_address`)."""
    return str(request.environ.get("web.client", "unknown"))


def bearer() -> str:
    """The session of the request. Raises `Problem`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Problem("session-invalid", "the request has no session: Authorization: Bearer ...")
    return token


def number_of(room_id: str) -> int:
    """Of a name that was checked."""
    return room_number(room_id)
