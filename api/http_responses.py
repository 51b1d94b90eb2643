"""From JSON to an HTTP response: where the index stood, how long to cache it, whether it is news.

Promises: every answer, errors too, carries `index` (the index's position), `finality`, and the
header `Index-Position` with both. `ETag` is weak: it names what the answer is about and its
finality, not the position, which moves with every block; so a CDN or a browser that asks again gets
a 304 as long as nothing happened to the room.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Response, request

from api import response_shapes
from api.index_position import FINALITIES, IndexPosition, Provenance
from api.response_types import FinalityAndIndex
from common.web.problems import ProblemKind
from common.web.responses import JSON, NEVER, problem_response

# A CDN keeps an answer for a second: any crowd becomes one request per second and edge server;
# when we are down it may go on with the last one for half a minute.
BRIEFLY = "public, max-age=0, s-maxage=1, stale-if-error=30"
SETTLED = "public, max-age=30, s-maxage=60, stale-if-error=600"


class Responses:
    """Makes responses. `now`: unix seconds. `docs`: the address of /docs."""

    def __init__(self, docs: str, now: Callable[[], float]) -> None:
        self.docs = docs
        self.now = now
        self._cached: tuple[tuple[IndexPosition, int, str], bytes, str] | None = None

    def json(
        self,
        body: bytes,
        digest: str,
        position: IndexPosition,
        finality: str,
        *,
        members: bytes = b"",
        tag: str = "",
        cache: str = BRIEFLY,
    ) -> Response:
        """A 200, or a 304. `body`: a JSON object, not empty; `digest`: of it; `members`: those that
        depend on the moment, each with a comma before it; `tag`: what they add to the ETag."""
        tail, where = self._provenance(position, finality)
        tag = f"{digest}-{finality[0]}{tag}"
        etag = f'W/"{tag}"'
        environ = request.environ
        # Our own values, which need none of werkzeug's checks: added as they are by the middleware.
        environ["web.headers"] = (
            ("ETag", etag),
            ("Cache-Control", cache),
            ("Index-Position", where),
        )
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked is not None and (asked == etag or request.if_none_match.contains_weak(tag)):
            return Response(status=304)
        return Response(body[:-1] + members + tail, content_type=JSON)

    def _provenance(self, position: IndexPosition, finality: str) -> tuple[bytes, str]:
        """The end of a body (finality, index) and the header. The same for all answers from one
        snapshot within a second, so it is cached."""
        now = self.now()
        key = (position, int(now), finality)
        cached = self._cached
        if cached is None or cached[0][0] is not position or cached[0][1:] != key[1:]:
            body = response_shapes.finality_and_index(position, finality, now)
            cached = self._cached = (
                key,
                b"," + orjson.dumps(body)[1:],
                position.header(now, finality),
            )
        return cached[1], cached[2]

    def fresh(
        self, content: Mapping[str, Any], position: IndexPosition, finality: str, status: int = 200
    ) -> Response:
        """An answer that nobody may keep."""
        now = self.now()
        body = {**content, **response_shapes.finality_and_index(position, finality, now)}
        headers = [("Cache-Control", NEVER), ("Index-Position", position.header(now, finality))]
        return Response(orjson.dumps(body), status=status, headers=headers, content_type=JSON)

    def provenance(self, position: IndexPosition, finality: str) -> FinalityAndIndex:
        """The members `finality` and `index`."""
        return response_shapes.finality_and_index(position, finality, self.now())

    def problem(
        self,
        kind: ProblemKind,
        detail: str,
        *,
        extra: Mapping[str, object] | None = None,
        retry_after: int | None = None,
        cache: str = NEVER,
        headers: Mapping[str, str] | None = None,
        provenance: Provenance | None = None,
    ) -> Response:
        """An error. `provenance` None: nothing is known of the index yet."""
        fields, members = {**(headers or {})}, {**(extra or {})}
        if provenance is not None:
            position, finality = provenance
            fields["Index-Position"] = position.header(self.now(), finality)
            members |= self.provenance(position, finality)
        return problem_response(
            kind, detail, self.docs,
            extra=members, retry_after=retry_after, cache=cache, headers=fields,
        )  # fmt: skip


def least_final(finalities: list[str], otherwise: str) -> str:
    """The finality of several things together."""
    if not finalities:
        return otherwise
    return FINALITIES[min(FINALITIES.index(finality) for finality in finalities)]
