"""The routes: what they take, and every answer they give."""

from __future__ import annotations

from typing import Annotated, Any

from api.channel import MOST_OPEN
from api.cursors import ROOMS_CURSOR
from api.problems import CATALOGUE
from api.query_params import DEFAULT_LIMIT, MAX_LIMIT, MAX_QUERY, MOST_NAMED
from chain.field_kinds import address, room_id
from chain.playback_urls import ACCESS_WORDS
from common.web.field_kinds import cursor, text
from common.web.openapi.paths import (
    REQUEST_ID,
    content,
    problem_answers,
    query_param,
    service_paths,
)
from common.web.openapi.schemas import ref, schema_of

TAGS = {
    "rooms": "Rooms, read from the index",
    "stream": "Changes of rooms as they happen",
    "transactions": "Transactions for a wallet to sign; the API itself sends none",
    "index": "Where the index stands",
    "service": "The server itself: its settings, its health, this document",
}
_HEADERS: dict[str, Any] = {
    "Index-Position": {
        "description": "The position of the index: block, hash, seq, history, lag (blocks), age"
        " (seconds since the indexer last read the chain), and the finality of the answer; a"
        " structured field (RFC 9651)",
        "schema": {"type": "string"},
    },
    **REQUEST_ID,
}
_CACHED: dict[str, Any] = {
    **_HEADERS,
    "ETag": {"description": "Names the content, not the position", "schema": {"type": "string"}},
    "Cache-Control": {"description": "How long a CDN may keep it", "schema": {"type": "string"}},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "An earlier answer's ETag: unchanged is answered by 304",
    "schema": {"type": "string"},
}
_ROOM_ID = schema_of(Annotated[str, room_id()])
_WORDS = Annotated[str, text("Words", min_length=1, max_length=MAX_QUERY, examples=["lop hoc"])]
_ROOM_PARAM = {"name": "room_id", "in": "path", "required": True, "schema": _ROOM_ID}
_HOST_PARAM = {
    "name": "address", "in": "path", "required": True,
    "schema": schema_of(Annotated[str, address("The host")]),
}  # fmt: skip
_UNREAD = ("rate-limited", "length-required", "body-too-large")
_ALWAYS = ("rate-limited", "internal", "index-unavailable")


def _problems(*slugs: str) -> dict[str, Any]:
    """Answers for problems, with the position of the index."""
    found = problem_answers(CATALOGUE, *slugs)
    for slug in slugs:
        status = CATALOGUE[slug].status
        if status < 500 and slug not in _UNREAD:
            # those are answered without a look at the index, which may be unknown yet
            found[str(status)]["headers"]["Index-Position"] = _HEADERS["Index-Position"]
    return found


# Of routes that take nothing: the request itself, such as its `Host`, is malformed.
_REFUSED = _problems("malformed")
del _REFUSED["400"]["headers"]["Index-Position"]


def _get(
    name: str, summary: str, schema: str, *slugs: str, params: list[Any] | None = None,
    about: str = "", cached: bool = True, tag: str = "rooms",
) -> dict[str, Any]:  # fmt: skip
    answers: dict[str, Any] = {
        "200": {
            "description": summary,
            "headers": _CACHED if cached else _HEADERS,
            "content": content(ref(schema)),
        }
    }
    if cached:
        answers["304"] = {"description": "Unchanged", "headers": _CACHED}
    return {
        "get": {
            "operationId": name,
            "tags": [tag],
            "summary": summary,
            "description": about,
            "parameters": [*(params or []), *([_IF_NONE_MATCH] if cached else [])],
            "responses": {**answers, **_problems(*slugs, *_ALWAYS)},
        }
    }


def _post(
    name: str, summary: str, asked: str, schema: str, *slugs: str, about: str = ""
) -> dict[str, Any]:
    bad = ("malformed", "length-required", "body-too-large", "not-json", "node-unavailable")
    return {
        "post": {
            "operationId": name,
            "tags": ["transactions"],
            "summary": summary,
            "description": "Writes nothing: the wallet signs and sends. Limited more tightly than"
            " reading. Not open to pages of other origins." + (f" {about}" if about else ""),
            "requestBody": {"required": True, "content": content(ref(asked))},
            "responses": {
                "200": {
                    "description": "The transaction, and the result of its simulation",
                    "headers": _HEADERS,
                    "content": content(ref(schema)),
                },
                **_problems(*bad, *slugs, *_ALWAYS),
            },
        }
    }


_LIMIT = query_param(
    "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    "How many at most",
)  # fmt: skip
_CURSOR = query_param(
    "cursor", schema_of(Annotated[str, cursor("Opaque")]), "`next_cursor` of the previous page"
)
_ROOMS_PLACE = query_param(
    "cursor", {"type": "string", "pattern": ROOMS_CURSOR},
    "`next_cursor` of the previous page of the same list",
)  # fmt: skip
_NAMED = {
    **query_param(
        "room_id",
        {
            "type": "array",
            "items": _ROOM_ID,
            "minItems": 1,
            "maxItems": MOST_NAMED,
            "uniqueItems": True,
        },
        f"These rooms, in this order: given once for each, up to {MOST_NAMED} times, and alone."
        " Those that do not exist are left out, rooms for some only are not",
    ),
    "style": "form",
    "explode": True,
}
_LIVE = query_param(
    "live", {"type": "string", "enum": ["true"]},
    "Only rooms that are on air now, those that came on air last first; beside it stand `host`,"
    " `mode`, `access`, `limit` and `cursor` alone",
)  # fmt: skip
_FILTERS = [
    query_param("status", ref("Status"), "Only rooms in this status"),
    query_param("host", schema_of(Annotated[str, address("An address")]), "Only this host's rooms"),
    query_param("mode", ref("Mode"), "Only rooms of this mode"),
    query_param(
        "pending_host", schema_of(Annotated[str, address("An address")]),
        "Only rooms that are offered to this account and not over",
    ),
    query_param(
        "access", {"type": "string", "enum": [*ACCESS_WORDS, "any"]},
        "Only rooms that these may watch; left out: public ones, and with `host` or `pending_host`"
        " any",
    ),
    query_param(
        "q", schema_of(_WORDS),
        "Only rooms whose title has all these words or beginnings of words (two letters or more);"
        " case and diacritics do not matter",
    ),
]  # fmt: skip
_LAST = {
    "type": "string",
    "description": "The id of the last event seen",
    "examples": ["107-1a2b3c4d"],
}
# OpenAPI 3.1 has no schema for a stream's events.
_EVENTS = {
    "type": "string",
    "description": "Server-sent events. The `data` of a plain one is an Event, that of `position`"
    " a StreamPosition, that of `presence` a PresenceChanges",
    "contentMediaType": "text/event-stream",
    "contentSchema": {"anyOf": [ref("Event"), ref("StreamPosition"), ref("PresenceChanges")]},
}

_STREAM: dict[str, Any] = {
    "get": {
        "operationId": "stream",
        "tags": ["stream"],
        "summary": "Changes of rooms as they happen (server-sent events)",
        "description": "For EventSource. First come the changes after `Last-Event-ID`, if given;"
        " then an event `position` (data: a StreamPosition): what holds now; then each"
        " change as a plain message (data: an Event; id: its number in the history and the"
        " beginning of its block's hash, one such place per contract, joined by dots). An event"
        " `reset` (data: `reason`, `reorg` or `gap`) says that what you have may be wrong: fetch"
        " it again. An event `presence` (data: a PresenceChanges; without an id, and never sent"
        " again) says what went on or off air since `position`: of the room, or in the stream of"
        " all of public rooms, once a second at most. An event `ping` (data: `{}`) comes every"
        " 15 s; after half an hour the stream"
        " ends and EventSource reconnects by itself without a gap. After any status but 200 it"
        " does not: open a new one, after a pause. Do not rely on it alone: a proxy may delay it,"
        " so poll from time to time while no ping arrives.",
        "parameters": [
            query_param("room_id", _ROOM_ID, "Only this room's changes"),
            query_param("last_event_id", _LAST, "Like the header, for the first connection"),
            {"name": "Last-Event-ID", "in": "header", "schema": _LAST,
             "description": "Sent by EventSource when it reconnects"},
        ],
        "responses": {
            "200": {
                "description": "The stream",
                "headers": _HEADERS,
                "content": {"text/event-stream": {"schema": _EVENTS}},
            },
            **_problems("malformed", "room-unknown", "stream-full", *_ALWAYS),
        },
    }
}  # fmt: skip

_HINT: dict[str, Any] = {
    "post": {
        "operationId": "hint",
        "tags": ["rooms"],
        "summary": "Ask that a room be looked at first",
        "description": "For a page that opened a room or goes live in it: whether it is on air is"
        " asked sooner, nothing else. Takes no body. No more are passed on than one in 5 s for a"
        " room, and 30 a minute from one address.",
        "parameters": [_ROOM_PARAM],
        "responses": {
            "202": {
                "description": "Taken; nothing is promised",
                "headers": REQUEST_ID,
                "content": content(ref("Hint")),
            },
            **_problems("malformed", "room-unknown", "length-required", "body-too-large", *_ALWAYS),
        },
    }
}

PATHS: dict[str, Any] = {
    "/api/livestream/join": _get(
        "join", "Where a room plays", "Join",
        "malformed", "room-gated", "room-unknown", "room-pending", "room-ended",
        params=[query_param("room_id", _ROOM_ID, "The room", required=True)],
        about="For viewers. A room that is waiting for its live input is 409 with `Retry-After`;"
        " one that has ended is 410 with the reason, also when it was taken down.",
    ),
    "/api/livestream/rooms": _get(
        "rooms", "Rooms, newest first", "Rooms", "malformed",
        params=[*_FILTERS, _LIVE, _NAMED, _LIMIT, _ROOMS_PLACE],
        about="Paging neither skips nor repeats rooms while new ones are added. Rooms for some"
        " only stay out of lists and searches that do not ask for them (`access`) and are no"
        " host's own.\n\n`active` is not on air: `live` tells that. The list of what is on air"
        " (`live=true`) has an order and cursors of its own: rooms that come and go may be missing"
        " from it, none comes twice. While `presence` is `unknown` it is empty.",
    ),
    "/api/livestream/hosts/{address}": _get(
        "channel", "A host's channel: what to show of them now", "Host", "malformed",
        params=[_HOST_PARAM],
        about="The room on air; else the next to begin, as its host planned it, late by less than"
        " two hours; else the last created that is not over; else the last. Of a host's rooms that"
        f" are not over, the newest {MOST_OPEN} of a status are looked at. Rooms for some only are"
        " in it.",
    ),
    "/api/livestream/rooms/{room_id}": _get(
        "room", "One room", "RoomAnswer", "malformed", "room-unknown", params=[_ROOM_PARAM],
    ),
    "/api/livestream/rooms/{room_id}/hint": _HINT,
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
        "recordings", "A room's recordings", "Recordings",
        "malformed", "room-gated", "room-unknown",
        params=[_ROOM_PARAM],
        about="For broadcast rooms. Not part of the index: the oracle lists them when a room ends.",
    ),
    "/api/livestream/stream": _STREAM,
    "/api/livestream/status": _get(
        "status", "The position of the index; terms and operators", "IndexStatus", "malformed",
        tag="index",
    ),
    "/api/livestream/create": _post(
        "create", "The transaction that creates a room", "CreateRequest", "CreateAnswer",
        "registry-retired", "creation-paused", "operator-not-accepting", "too-many-rooms",
        "playback-missing",
        about="Terms, payment and whether the contract takes the room are those of the chain's"
        " head: what the host's balance in the contract pays, the wallet does not. If no operator"
        " is named, the host's order decides: name the wallet.",
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
            "tags": ["service"],
            "summary": "What the page needs to know",
            "responses": {
                "200": {
                    "description": "Public settings",
                    "content": content(ref("PageConfig")),
                },
                **_problems("rate-limited", "internal"),
            },
        }
    },
    **service_paths("the API", "/openapi.json", _REFUSED, _problems("rate-limited")),
}  # fmt: skip
