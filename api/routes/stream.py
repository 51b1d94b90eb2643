"""The event stream.

Promises: first what happened since `Last-Event-ID`, or `reset` if that is on a branch of the chain
that a reorg left, then where the stream stands (`position`), then each change as it is indexed and
who goes on or off air (`presence`); an event `ping` every 15 s keeps proxies and dead-peer
detection awake and shows the client, whom a comment would not reach, that what is said still
arrives.
After half an hour the stream ends and the browser comes back by itself, which spreads listeners
anew. All questions to the index are asked before the answer begins, so their failure is a problem
document and not a stream that breaks off.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator

from flask import Blueprint, Response, request

from api import query_params
from api.cached_room import CachedRoom
from api.event_hub import BEGINNING, Place, event_chunk, position_chunk, reset_chunk
from api.index_source import Document
from api.presence_feed import StreamNews
from api.response_types import RoomJson, StreamPositionJson
from api.services import Services
from common.web.problems import Problem
from common.web.query_params import query

BEAT = 15.0  # seconds
LONGEST = 1800.0
MOST_MISSED = 1000  # events that are sent again; who missed more asks afresh
_STREAM = frozenset({"room_id", "last_event_id"})
_PING = b"event: ping\ndata: {}\n\n"


def blueprint(services: Services) -> Blueprint:
    routes = Blueprint("stream", __name__, url_prefix="/api/livestream")
    streams = Streams(services)
    routes.add_url_rule("/stream", view_func=streams.open, endpoint="stream")
    return routes


class Streams:
    """Opens streams, a bounded number in all and for each client."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._hub = services.hub
        self._clients: Counter[str] = Counter()
        self._lock = threading.Lock()

    def open(self) -> Response:
        given = query(request.args, _STREAM)
        text = given.get("room_id")
        number = None if text is None else query_params.room_number(text)
        last = request.headers.get("Last-Event-ID") or given.get("last_event_id")
        client = str(request.environ.get("web.client", ""))
        self._enter(client, number)
        try:
            response = self._answer(number, last)
        except BaseException:
            self._leave(client, number)
            raise
        response.call_on_close(lambda: self._leave(client, number))
        return response

    def _answer(self, number: int | None, last: str | None) -> Response:
        services = self._services
        snapshot = services.index_watch.snapshot()
        # The place in the ring first: whatever is asked after it is at least as new.
        offset, here, places = self._hub.here()
        follower = services.presence_feed.follow_all()
        entry = None if number is None else services.room(number, snapshot)
        position = snapshot.main if entry is None else snapshot.positions[entry.contract]
        provenance = services.provenance(position, position.block)
        room: RoomJson | None = None
        if entry is not None and number is not None:
            on_air = services.on_air(entry)
            follower = services.presence_feed.follow_room(number, on_air)
            room = {**entry.content, **on_air.json()}
        content: StreamPositionJson = {
            "room": room,
            **services.responses.provenance(*provenance),
        }
        first = self._missed(last, entry, here, places) if last else []
        first.append(position_chunk(here, content))
        request.environ["web.streams"] = True
        return Response(
            ()
            if request.method == "HEAD"
            else self._chunks(b"".join(first), offset, number, follower),
            content_type="text/event-stream",
            headers=[
                ("Cache-Control", "no-store"),
                ("X-Accel-Buffering", "no"),
                ("Index-Position", position.header(services.now(), provenance.finality)),
            ],
        )

    def _enter(self, client: str, number: int | None) -> None:
        with self._lock:
            if self._clients[client] >= self._services.config.listeners_per_client:
                raise Problem(
                    "stream-full", "too many streams open from your address", retry_after=30
                )
            if not self._hub.enter():
                raise Problem(
                    "stream-full", "the server has reached its limit of streams", retry_after=10
                )
            self._clients[client] += 1
        self._services.presence.hold()
        if number is None:
            self._services.presence_feed.enter()

    def _leave(self, client: str, number: int | None) -> None:
        with self._lock:
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]
        self._hub.leave()
        self._services.presence.release()
        if number is None:
            self._services.presence_feed.leave()

    def _chunks(
        self, first: bytes, offset: int, room: int | None, follower: StreamNews
    ) -> Iterator[bytes]:
        ends = time.monotonic() + LONGEST * random.uniform(0.9, 1.1)  # noqa: S311 - spreads load
        yield f"retry: {random.randint(1000, 4000)}\n\n".encode() + first  # noqa: S311 - the same
        while not self._hub.closed and time.monotonic() < ends:
            batch = self._hub.wait(offset, room, BEAT, follower.waits)
            offset = batch.offset
            news = follower.news()
            if batch.lost or news is None:
                yield reset_chunk(self._hub.here()[1], "gap")
            else:
                yield b"".join([*batch.chunks, news]) or _PING

    def _missed(
        self, last: str, entry: CachedRoom | None, here: str, places: dict[str, Place]
    ) -> list[bytes]:
        """What happened after `last`."""
        seen = self._hub.parse(last)
        if seen is None:
            return [reset_chunk(here, "gap")]
        if not all(self._holds(contract, seen[contract], places[contract]) for contract in places):
            return [reset_chunk(here, "reorg")]  # it saw events that are gone
        if sum(places[contract].seq - seen[contract].seq for contract in places) > MOST_MISSED:
            return [reset_chunk(here, "gap")]
        place = dict(seen)
        chunks = []
        for contract, end in places.items():
            for event in self._events(contract, seen[contract].seq, end.seq, entry):
                place[contract] = Place.of(event)
                chunks.append(event_chunk(self._hub.ids(place), event))
            place[contract] = end
        return chunks

    def _holds(self, contract: str, seen: Place, end: Place) -> bool:
        """Whether the history that ends at `end` still has the event at `seen`, in its block: then
        it has all that came before, too."""
        if seen in (BEGINNING, end):
            return True
        if seen.seq >= end.seq:
            return False
        self._services.cache.before_load()  # past the cache, but no less dear
        found = self._services.source.events(contract, seen.seq, seen.seq)
        return [Place.of(event) for event in found] == [seen]

    def _events(
        self, contract: str, after: int, to: int, entry: CachedRoom | None
    ) -> list[Document]:
        source = self._services.source
        if after >= to:
            return []
        self._services.cache.before_load()  # as in `_holds`
        if entry is None:
            return [e for e in source.events(contract, after + 1, to) if e["room_id"] is not None]
        if entry.contract != contract:
            return []
        found = source.room_events(int(entry.doc["n"]), after, MOST_MISSED)
        return [event for event in found if event["seq"] <= to]
