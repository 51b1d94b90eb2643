"""The API's kinds of problems.

Promises: `CATALOGUE` is the whole list, those that every service has among them
(`common.web.problems`); the docs and the OpenAPI document are made from it.
"""

from __future__ import annotations

from api.index_position import Provenance
from api.response_types import ProblemMembers
from common.web.problems import Problem, ProblemKind, catalogue

CATALOGUE = catalogue(
    ProblemKind("room-gated", 403, "The room is not public",
        "Only some viewers may watch it. `playback_service` lets in who has the right; null: the "
        "room's operator has none. `gate` is the contract whose balanceOf(viewer) says who may "
        "watch, or the registry itself (`access`: by invitation only)."),
    ProblemKind("registry-retired", 403, "The contract takes no more rooms",
        "Its owner has retired it. `successor` is where hosts go on by the owner's word alone: "
        "check it before you use it; a server goes on there only when its settings say so."),
    ProblemKind("creation-paused", 403, "The creation of rooms is paused",
        "Try again later: the contract's owner has paused it. Open rooms go on."),
    ProblemKind("operator-not-accepting", 403, "The operator takes no new rooms",
        "Choose another operator (`/api/livestream/status` lists them), or try again later."),
    ProblemKind("playback-missing", 403, "No playback service for a room for some only",
        "Leave `operator_id` out, and an operator that can show such a room is chosen; if none "
        "can, create a room for everybody (no `gate`). `playback_services` of `/config.json` names "
        "those that can."),
    ProblemKind("too-many-rooms", 403, "The host has too many open rooms",
        "End one of them first: the terms say how many one host may have open."),
    ProblemKind("room-unknown", 404, "No such room",
        "Check the number. A room created a moment ago is found once its block is indexed: "
        "`index` says which block that is."),
    ProblemKind("room-pending", 409, "The room is waiting for its live input",
        "Retry after `Retry-After` seconds, or follow `stream`: the operator is about to "
        "provision the room. After `deadline_at` anybody may expire it."),
    ProblemKind("credentials-pending", 409, "The credentials are not sealed to the current key yet",
        "Retry after `Retry-After` seconds: the operator is about to seal them again."),
    ProblemKind("room-ended", 410, "The room has ended", "`end` says why. It cannot be reopened."),
    ProblemKind("rate-limited", 429, "Too many requests",
        "Wait `Retry-After` seconds. Viewers waiting for a room need no polling: see the stream."),
    ProblemKind("index-unavailable", 503, "The index is unavailable",
        "Retry after `Retry-After` seconds. The same data can be read from the chain itself."),
    ProblemKind("node-unavailable", 503, "The chain's node is unavailable",
        "Retry after `Retry-After` seconds; only building transactions needs the node."),
    ProblemKind("stream-full", 503, "Too many event streams",
        "Retry after `Retry-After` seconds, or poll instead."),
)  # fmt: skip


class IndexedProblem(Problem):
    """One that is about something of the index. `provenance`: of what it is about."""

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        provenance: Provenance | None,
        retry_after: int | None = None,
        extra: ProblemMembers | None = None,
        max_age: int = 0,
    ) -> None:
        super().__init__(slug, detail, retry_after=retry_after, extra=extra, max_age=max_age)
        self.provenance = provenance
