"""Noticing new heads.

Promises: every subscriber is woken soon after the current node's head changes, and at the
latest after its own `wait` limit. Wake-ups are level-triggered and coalesced: "something new may
be there"; losing one changes nothing but the delay, so a subscriber always looks for itself.
A WebSocket is used where the current node has one; while none is open, its head is polled.
What it announced last is handed out once (`Wakeups.take_announced`): it spares a question. No error
names a WebSocket's URL, and one that ends is opened again.
All nodes are asked for their heads at least three times in the time after which one that stands
still counts as frozen, whatever a WebSocket announces: that is how a frozen head is noticed.
Assumes: `NodePool` decides which node is current; a node that offers a WebSocket takes
eth_subscribe(newHeads), and pings find a dead connection within a minute.
On restart: nothing is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Protocol

import orjson
import structlog
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

from chain.header import Head, Header, parse_head, parse_header
from chain.rpc.errors import BadResponse, NoEndpoint, RpcError
from chain.rpc.pool import NodePool
from common.clock import Clock, Rng, jittered, wait_event
from common.tasks import together

log = structlog.get_logger(__name__)
# The library logs requests with their full path at DEBUG: that path holds API keys.
_quiet = logging.getLogger(f"{__name__}.protocol")
_quiet.setLevel(logging.WARNING)

LONGEST_BACKOFF = 2.0
"""Seconds between polls of a node that fails: its return is noticed within that."""
LONGEST_POLL = 15.0


class ConnectionEnded(Exception):
    """The subscription is over; the text says why, without the URL."""


class HeadSource(Protocol):
    """Opens a newHeads subscription at a (secret) URL."""

    def __call__(self, url: str) -> AsyncGenerator[dict[str, Any], None]: ...


async def websocket_heads(url: str) -> AsyncGenerator[dict[str, Any], None]:
    """Header objects as the node announces them. Raises `ConnectionEnded`, always at last: nothing
    is retried here."""
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]}
    try:
        async with connect(
            url, open_timeout=10, close_timeout=2, ping_interval=20, ping_timeout=20,
            max_size=4 * 1024 * 1024, logger=_quiet,
        ) as socket:  # fmt: skip
            await socket.send(orjson.dumps(request).decode())
            async with asyncio.timeout(10):
                answer = orjson.loads(await socket.recv())
            if "result" not in answer:
                raise ConnectionEnded("the node refuses eth_subscribe(newHeads)")
            async for text in socket:
                message = orjson.loads(text)
                header = (message.get("params") or {}).get("result")
                if isinstance(header, dict) and "number" in header:
                    yield header
    except (InvalidURI, InvalidHandshake) as error:
        raise ConnectionEnded(f"handshake failed ({type(error).__name__})") from None
    except (WebSocketException, OSError, TimeoutError, ValueError, AttributeError) as error:
        raise ConnectionEnded(f"connection lost ({type(error).__name__})") from None
    raise ConnectionEnded("the node closed the connection")


class Wakeups:
    """One consumer's view: a flag that is raised when something new may be there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = asyncio.Event()
        self._announced: tuple[str, Mapping[str, Any]] | None = None

    def wake(self, announced: tuple[str, Mapping[str, Any]] | None = None) -> None:
        """Raise the flag. `announced`: a node's name and the header that it announced."""
        self._announced = announced or self._announced
        self._event.set()

    def take_announced(self, name: str) -> Header | None:
        """The header that node `name` announced last, once: it may be out of date by the
        time it is looked at, and must not be believed twice."""
        announced, self._announced = self._announced, None
        if announced is None or announced[0] != name:
            return None
        try:
            return parse_header(announced[1], endpoint=name)
        except BadResponse:
            return None

    async def wait(self, seconds: float) -> bool:
        """Wait for the flag, at most `seconds`, and lower it. True: it was raised."""
        woken = await wait_event(self._clock, self._event, seconds)
        self._event.clear()
        return woken


class HeadWatcher:
    """Runs as a task (`run`); consumers hold a `Wakeups` from `subscribe`.

    `poll_seconds`: between polls while no WebSocket is open.
    `safety_poll_seconds`: between polls while one is: a subscription may go silent unnoticed, and
    goes on where the node's answers stand still.
    `probe_seconds`: between looks at all the other nodes.
    """

    def __init__(
        self,
        pool: NodePool,
        clock: Clock,
        rng: Rng,
        *,
        poll_seconds: float = 1.0,
        safety_poll_seconds: float = LONGEST_POLL,
        probe_seconds: float = LONGEST_POLL,
        max_reconnect_seconds: float = 60.0,
        connect: HeadSource = websocket_heads,
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._rng = rng
        self._poll_seconds = poll_seconds
        often_enough = pool.frozen_seconds / 3
        self._safety_poll_seconds = min(safety_poll_seconds, often_enough)
        self._probe_seconds = min(probe_seconds, often_enough)
        self._max_reconnect = max_reconnect_seconds
        self._connect = connect
        self._subscribers: list[Wakeups] = []
        self._pushed_by: str | None = None
        self._missed = 0
        self.latest: Head | None = None

    @property
    def pushed(self) -> bool:
        """A WebSocket subscription at the current node is alive."""
        return self._pushed_by == self._pool.current

    def subscribe(self) -> Wakeups:
        """A new consumer. Keep one for as long as the watcher runs."""
        wakeups = Wakeups(self._clock)
        self._subscribers.append(wakeups)
        return wakeups

    async def run(self) -> None:
        """Watch until cancelled."""
        await together(self._poll(), self._probe(), self._listen())

    async def _poll(self) -> None:
        failures = 0
        while True:
            wait = self._safety_poll_seconds if self.pushed else self._poll_seconds
            try:
                higher = self._seen(await self._pool.probe_one(self._pool.current))
                failures = 0
                self._missed += int(higher and self.pushed)
                if self._missed > 1:
                    # The subscription is open but tells nothing: poll until it speaks again.
                    self._pushed_by = None
            except NoEndpoint as error:
                wait = max(wait, min(error.retry_after, 60.0))
            except RpcError as error:
                failures += 1
                wait = max(wait, min(self._poll_seconds * 2.0**failures, LONGEST_BACKOFF))
                log.debug("poll failed", error=str(error))
            await self._clock.sleep(jittered(wait, self._rng, 0.1))

    async def _probe(self) -> None:
        while True:
            await self._clock.sleep(jittered(self._probe_seconds, self._rng, 0.1))
            if len(self._pool.names) > 1:
                was = self._pool.current
                await self._pool.probe()
                if self._pool.current != was:
                    self._wake()

    async def _listen(self) -> None:
        failures = 0
        while True:
            name = self._pool.current
            url = self._pool.ws_url(name)
            if url is None:
                await self._clock.sleep(self._safety_poll_seconds)
                continue
            try:
                async with aclosing(self._connect(url)) as headers:
                    async for header in headers:
                        failures = 0
                        self._pushed_by, self._missed = name, 0
                        self._pool.announced_head(name, int(header["number"], 16))
                        self._seen(header, name)
                        if self._pool.current != name:
                            break
            except (ConnectionEnded, KeyError, ValueError, TypeError) as error:
                failures += 1
                log.info("newHeads lost, polling instead", endpoint=name, error=str(error))
            finally:
                self._pushed_by = None
                self._pool.announced_head(name, None)
            # The polls go on meanwhile: nothing waits for the reconnection.
            wait = min(2.0 ** min(failures, 10), self._max_reconnect) if failures else 0.0
            await self._clock.sleep(jittered(wait, self._rng))

    def _seen(self, block: Mapping[str, Any], announced_by: str | None = None) -> bool:
        """Wake everybody if `block` is new. True: it is higher than all before."""
        try:
            head = parse_head(block)
        except (KeyError, ValueError, TypeError):
            log.warning("a malformed header was announced")
            return False
        if self.latest is not None and head.hash == self.latest.hash:
            return False
        higher = self.latest is None or head.number > self.latest.number
        self.latest = head
        self._wake(None if announced_by is None else (announced_by, block))
        return higher

    def _wake(self, announced: tuple[str, Mapping[str, Any]] | None = None) -> None:
        for wakeups in self._subscribers:
            wakeups.wake(announced)
