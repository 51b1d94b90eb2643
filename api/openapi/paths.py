"""The routes: what they take, and every answer they give."""

from __future__ import annotations

from typing import Annotated, Any

from api.field_kinds import address, cursor, room_id, text
from api.openapi.schemas import Schema, ref, schema_of
from api.problems import CATALOGUE, CONTENT_TYPE
from api.query_params import DEFAULT_LIMIT, MAX_LIMIT, MAX_QUERY

_JSON = "application/json"
_HEADERS: dict[str, Any] = {
    "Index-Position": {
        "description": "The position of the index: block, hash, seq, history, lag (blocks), age"
        " (seconds since the indexer last read the chain), and the finality of the answer; a"
        " structured field (RFC 9651)",
        "schema": {"type": "string"},
    },
    "X-Request-ID": {
        "description": "The request's id, also in the server's logs; yours if you sent a valid one",
        "schema": {"type": "string"},
    },
}
_CACHED: dict[str, Any] = {
    **_HEADERS,
    "ETag": {"description": "Names the content, not the position", "schema": {"type": "string"}},
    "Cache-Control": {"description": "How long a CDN may keep it", "schema": {"type": "string"}},
}
_RETRY = {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 1}}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "An earlier answer's ETag: unchanged is answered by 304",
    "schema": {"type": "string"},
}
_ROOM_ID = schema_of(Annotated[str, room_id()])
_WORDS = Annotated[str, text("Words", min_length=1, max_length=MAX_QUERY, examples=["lop hoc"])]
_ROOM_PARAM = {"name": "room_id", "in": "path", "required": True, "schema": _ROOM_ID}
_ALWAYS = ("rate-limited", "internal", "index-unavailable")


def _query(name: str, schema: Schema, about: str, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "description": about,
            "schema": schema}  # fmt: skip


def _problems(*slugs: str) -> dict[str, Any]:
    """Responses for problems; those with one status share an answer."""
    found: dict[str, Any] = {}
    for slug in slugs:
        kind = CATALOGUE[slug]
        answer = found.setdefault(
            str(kind.status),
            {
                "description": "",
                "headers": {"X-Request-ID": _HEADERS["X-Request-ID"]},
                "content": {CONTENT_TYPE: {"schema": ref("Problem")}},
            },
        )
        answer["description"] = "; ".join(filter(None, [answer["description"], kind.title]))
        if kind.status < 500 and slug not in ("rate-limited", "body-too-large"):
            # those three are answered without a look at the index, which may be unknown yet
            answer["headers"]["Index-Position"] = _HEADERS["Index-Position"]
        if kind.status in (409, 429, 503):
            answer["headers"]["Retry-After"] = _RETRY
    return found


def _get(
    name: str, summary: str, schema: str, *slugs: str, params: list[Any] | None = None,
    about: str = "", cached: bool = True,
) -> dict[str, Any]:  # fmt: skip
    answers: dict[str, Any] = {
        "200": {
            "description": summary,
            "headers": _CACHED if cached else _HEADERS,
            "content": {_JSON: {"schema": ref(schema)}},
        }
    }
    if cached:
        answers["304"] = {"description": "Unchanged", "headers": _CACHED}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "description": about,
            "parameters": [*(params or []), *([_IF_NONE_MATCH] if cached else [])],
            "responses": {**answers, **_problems(*slugs, *_ALWAYS)},
        }
    }


def _post(
    name: str, summary: str, asked: str, schema: str, *slugs: str, about: str = ""
) -> dict[str, Any]:
    bad = ("malformed", "body-too-large", "not-json", "node-unavailable")
    return {
        "post": {
            "operationId": name,
            "summary": summary,
            "description": "Writes nothing: the wallet signs and sends. Limited more tightly than"
            " reading. Not open to pages of other origins." + (f" {about}" if about else ""),
            "requestBody": {"required": True, "content": {_JSON: {"schema": ref(asked)}}},
            "responses": {
                "200": {
                    "description": "The transaction, and the result of its simulation",
                    "headers": _HEADERS,
                    "content": {_JSON: {"schema": ref(schema)}},
                },
                **_problems(*bad, *slugs, *_ALWAYS),
            },
        }
    }


_LIMIT = _query(
    "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    "How many at most",
)  # fmt: skip
_CURSOR = _query(
    "cursor", schema_of(Annotated[str, cursor("Opaque")]), "`next_cursor` of the previous page"
)
_FILTERS = [
    _query("status", ref("Status"), "Only rooms in this status"),
    _query("host", schema_of(Annotated[str, address("An address")]), "Only this host's rooms"),
    _query("mode", ref("Mode"), "Only rooms of this mode"),
    _query(
        "pending_host", schema_of(Annotated[str, address("An address")]),
        "Only rooms that are offered to this account and not over",
    ),
    _query(
        "q", schema_of(_WORDS),
        "Only rooms whose title has all these words or beginnings of words (two letters or more);"
        " case and diacritics do not matter",
    ),
]  # fmt: skip
_LAST = {"type": "string", "description": "The id of the last event seen"}

_STREAM: dict[str, Any] = {
    "get": {
        "operationId": "stream",
        "summary": "Changes of rooms as they happen (server-sent events)",
        "description": "For EventSource. First come the changes after `Last-Event-ID`, if given;"
        " then an event `position` (data: a StreamPosition): what holds now; then each"
        " change as a plain message (data: an Event; id: its number in the history, one per"
        " contract joined by dots). An event `reset` (data: `reason`, `reorg` or `gap`) says that"
        " what you have may be wrong: fetch it again. An event `ping` (data: `{}`) comes every"
        " 15 s; after half an hour the stream ends and EventSource reconnects by itself without a"
        " gap. Do not rely on it alone: a proxy may delay it, so poll from time to time while no"
        " ping arrives.",
        "parameters": [
            _query("room_id", _ROOM_ID, "Only this room's changes"),
            _query("last_event_id", _LAST, "Like the header, for the first connection"),
            {"name": "Last-Event-ID", "in": "header", "schema": _LAST,
             "description": "Sent by EventSource when it reconnects"},
        ],
        "responses": {
            "200": {
                "description": "The stream",
                "headers": _HEADERS,
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **_problems("malformed", "room-unknown", "stream-full", *_ALWAYS),
        },
    }
}  # fmt: skip

PATHS: dict[str, Any] = {
    "/api/livestream/join": _get(
        "join", "Where a room plays", "Join",
        "malformed", "room-gated", "room-unknown", "room-pending", "room-ended",
        params=[_query("room_id", _ROOM_ID, "The room", required=True)],
        about="For viewers. A room that is waiting for its live input is 409 with `Retry-After`;"
        " one that has ended is 410 with the reason, also when it was taken down.",
    ),
    "/api/livestream/rooms": _get(
        "rooms", "Rooms, newest first", "Rooms", "malformed", params=[*_FILTERS, _LIMIT, _CURSOR],
        about="Paging neither skips nor repeats rooms while new ones are added.",
    ),
    "/api/livestream/rooms/{room_id}": _get(
        "room", "One room", "RoomAnswer", "malformed", "room-unknown", params=[_ROOM_PARAM],
    ),
    "/api/livestream/rooms/{room_id}/events": _get(
        "events", "A room's history, oldest first", "Events", "malformed", "room-unknown",
        params=[_ROOM_PARAM, _LIMIT, _CURSOR],
        about="Block, transaction and actor of each event: enough to check it against any node.",
    ),
    "/api/livestream/rooms/{room_id}/ingest": _get(
        "ingest", "A room's sealed broadcast credentials", "Ingest",
        "malformed", "room-unknown", "room-pending", "credentials-pending", "room-ended",
        params=[_ROOM_PARAM],
        about="Ciphertext for the room's host, of the current key version; the chain has the same.",
    ),
    "/api/livestream/rooms/{room_id}/recordings": _get(
        "recordings", "A room's recordings", "Recordings", "malformed", "room-unknown",
        params=[_ROOM_PARAM],
        about="For broadcast rooms. Not part of the index: the oracle lists them when a room ends.",
    ),
    "/api/livestream/stream": _STREAM,
    "/api/livestream/status": _get(
        "status", "The position of the index; terms and operators", "IndexStatus", "malformed",
    ),
    "/api/livestream/create": _post(
        "create", "The transaction that creates a room", "CreateRequest", "CreateAnswer",
        "registry-retired", "creation-paused", "operator-not-accepting", "too-many-rooms",
        about="Terms, payment and whether the contract takes the room are those of the chain's"
        " head: what the host's balance in the contract pays, the wallet does not.",
    ),
    "/api/livestream/describe": _post(
        "describe", "The transaction that tells a room's start and what it is about",
        "DescribeRequest", "ChangeAnswer", "room-unknown", "room-ended",
    ),
    "/api/livestream/rekey": _post(
        "rekey", "The transaction that gives a room a new ingest key",
        "RekeyRequest", "ChangeAnswer", "room-unknown", "room-pending", "room-ended",
        about="A room that waits for its live input keeps the key it was created with: 409.",
    ),
    "/api/livestream/accept": _post(
        "accept", "The transaction that takes over a room that was offered",
        "AcceptRequest", "ChangeAnswer", "room-unknown", "room-pending", "room-ended",
        about="A room that waits for its live input keeps its host: 409.",
    ),
    "/api/livestream/end": _post(
        "end", "The transaction that ends a room", "EndRequest", "EndAnswer",
        "room-unknown", "room-ended",
        about="A host who ends a room while it is pending and in time pays its fee: `forfeited`"
        " and `full_refund_at` say so. A room past its time is expired instead.",
    ),
    "/config.json": {
        "get": {
            "operationId": "config",
            "summary": "What the page needs to know",
            "responses": {
                "200": {
                    "description": "Public settings",
                    "content": {_JSON: {"schema": ref("PageConfig")}},
                },
                **_problems("rate-limited", "internal"),
            },
        }
    },
    "/healthz": {
        "get": {
            "operationId": "healthz",
            "summary": "The process answers",
            "responses": {
                "200": {
                    "description": "It does",
                    "content": {"text/plain": {"schema": {"type": "string"}}},
                }
            },
        }
    },
    "/readyz": {
        "get": {
            "operationId": "readyz",
            "summary": "Whether the API can answer correctly",
            "responses": {
                status: {"description": about, "content": {_JSON: {"schema": ref("Readiness")}}}
                for status, about in (("200", "It can"), ("503", "It cannot, and why"))
            },
        }
    },
    "/metrics": {
        "get": {
            "operationId": "metrics",
            "summary": "Metrics for Prometheus, over all workers",
            "responses": {
                "200": {
                    "description": "Prometheus' text format",
                    "content": {"text/plain": {"schema": {"type": "string"}}},
                }
            },
        }
    },
    "/openapi.json": {
        "get": {
            "operationId": "openapi",
            "summary": "This document",
            "responses": {
                "200": {
                    "description": "OpenAPI 3.1",
                    "content": {_JSON: {"schema": {"type": "object", "required": ["openapi"]}}},
                },
                "304": {"description": "Unchanged"},
                **_problems("rate-limited"),
            },
        }
    },
}  # fmt: skip
