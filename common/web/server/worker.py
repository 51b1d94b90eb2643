"""The gunicorn worker: gevent's, made fair and hard to wear out.

Promises: after each request the other connections of the worker get their turn, so a client that
hammers one connection delays nobody (plain gevent: p99 of 480 ms at 32 busy connections; this:
5 ms). New connections go to the worker that has few (`common.web.server.connection_balancing`); a
client has `client_connections` at most. `patience` seconds are what there is for a request's
headers, for its body, and for a peer that takes nothing of its answer. A malformed, oversized or
late request is answered with a problem document; an answer after which the connection closes says
so. When the worker stops, idle connections and event streams are closed at once.
Assumes: `common.web.server.gevent_patch` was imported first; the class attributes are set before
the workers start (`common.web.server.gunicorn_server`); the application has its
`common.web.surroundings`. Behind a proxy the limit per client is off: all connections are the
proxy's.
On restart: clients connect again.
"""

from __future__ import annotations

import contextlib
import uuid
from collections import Counter
from functools import partial
from http import HTTPStatus
from typing import Any, cast

import gevent
from gunicorn.http.body import LengthReader
from gunicorn.http.errors import (
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.util import close_graceful
from gunicorn.workers.ggevent import GeventWorker

from common.web.client_address import network_of
from common.web.middleware import DATA
from common.web.server.connection_balancing import BalancingServer, ConnectionCounts
from common.web.surroundings import InPlace

FULL_PAUSE = 10  # seconds after which a client with too many connections may try again


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn ships no types
    """See the module. `client_connections` 0: no limit. `patience` in seconds."""

    client_connections: int = 0
    patience: int = 20
    connection_counts: ConnectionCounts
    slot: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clients: Counter[str] = Counter()
        self._idle: set[Any] = set()  # greenlets that wait for a request
        self._open = 0

    def server_class(self, listener: Any, *, spawn: Any, **_: Any) -> BalancingServer:
        """What gunicorn takes connections with."""
        self.connection_counts.set(self.slot, 0)
        return BalancingServer(
            listener,
            handle=partial(self.handle, listener),
            spawn=spawn,
            leave=lambda: self.connection_counts.others_have_fewer(self.slot),
        )

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        name = _name(addr)
        if self.client_connections and self._clients[name] >= self.client_connections:
            self._answer(client, addr, "rate-limited", "too many connections")
            client.close()
            return
        self._count(name, 1)
        self._idle.add(gevent.getcurrent())
        try:
            # a recv or send that stands still this long ends the connection
            client.settimeout(self.patience)
            # past GeventWorker.handle, which would make the socket wait for ever
            super(GeventWorker, self).handle(listener, client, addr)
        finally:
            self._idle.discard(gevent.getcurrent())
            self._count(name, -1)

    def _count(self, name: str, change: int) -> None:
        self._open += change
        self.connection_counts.set(self.slot, self._open)
        self._clients[name] += change
        if not self._clients[name]:
            del self._clients[name]

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        self._idle.discard(gevent.getcurrent())
        # A body that trickles in must end, too. What has none may take its time: an event stream.
        limit = self.patience if _has_unread_body(req) else None
        # A body that is refused or not asked for is not worth reading; what follows it cannot be a
        # request. The answer says so: else a proxy's next request meets a connection that closes.
        as_asked = req.should_close
        req.should_close = lambda: not self.alive or _has_unread_body(req) or as_asked()
        try:
            with gevent.Timeout(limit):
                super().handle_request(listener_name, req, sock, addr)
        except TimeoutError:
            raise StopIteration from None  # it stopped reading or sending: nothing to add
        except StopIteration:
            if _has_unread_body(req):
                close_graceful(sock, timeout=1.0)
            raise
        self._idle.add(gevent.getcurrent())
        if not self.alive:
            raise StopIteration
        gevent.sleep(0)  # the others' turn

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        if isinstance(exc, LimitRequestLine):
            slug = "uri-too-long"
        elif isinstance(exc, LimitRequestHeaders):
            slug = "headers-too-large"
        elif isinstance(exc, ParseException):
            slug = "malformed"
        elif isinstance(exc, gevent.Timeout):
            slug = "too-slow"
        elif isinstance(exc, TimeoutError | gevent.GreenletExit):
            return  # it stood still, or we stop
        else:
            self.log.error("a connection failed: %s", type(exc).__name__)
            slug = "internal"
        self._answer(client, addr, slug)

    def handle_exit(self, sig: Any, frame: Any) -> None:
        super().handle_exit(sig, frame)
        gevent.spawn(self._hang_up)

    def _hang_up(self) -> None:
        """End what would keep the worker from stopping."""
        web = self._web()
        if web is not None:
            web.given.hang_up()
        gevent.killall(list(self._idle), block=False)

    def _web(self) -> InPlace | None:
        return cast(InPlace | None, getattr(self.wsgi, "extensions", {}).get("web"))

    def _answer(self, client: Any, addr: Any, slug: str, detail: str | None = None) -> None:
        """A problem document, straight onto the socket; counted and logged like any other.
        `detail` None: its title."""
        web = cast(InPlace, self._web())
        kind = web.given.kinds[slug]
        environ = {
            "REQUEST_METHOD": "",  # it may not have had one
            "web.request_id": uuid.uuid4().hex,
            "web.client": _name(addr),
        }
        pause = FULL_PAUSE if slug == "rate-limited" else None
        response = web.given.answers.unread(slug, detail or kind.title, pause)
        own = [("X-Request-ID", environ["web.request_id"]), ("Connection", "close")]
        response.headers.extend([*own, *DATA, *web.given.origins.headers(environ, True)])
        size = len(response.get_data())
        web.record(environ, kind.status, size, 0.0, streamed=False)
        head = "".join(f"{name}: {value}\r\n" for name, value in response.headers)
        line = f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}\r\n"
        with contextlib.suppress(OSError):
            client.settimeout(1.0)
            client.sendall(f"{line}{head}\r\n".encode() + response.get_data())


def _name(addr: Any) -> str:
    return network_of(addr[0]) if isinstance(addr, tuple) else ""


def _has_unread_body(req: Any) -> bool:
    reader = req.body.reader
    return not isinstance(reader, LengthReader) or reader.length > 0
