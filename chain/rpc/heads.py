"""Noticing new heads.

Promises: every subscriber is woken soon after the current node's head changes, and at the
latest after its own `wait` limit. Wake-ups are level-triggered and coalesced: "something new may
be there"; losing one changes nothing but the delay, so a subscriber always looks for itself.
A WebSocket is used where the current node has one; while none is open, its head is polled.
What it announced last is handed out once (`Wakeups.take_announced`): it spares a question. No error
names a WebSocket's URL, and one that ends is opened again.
What polls, what probes and what listens are kept alive (`common.task_keeper`).
All nodes are asked for their heads at least three times in the time after which one that stands
still counts as frozen, whatever a WebSocket announces: that is how a frozen head is noticed.
`age` is that of the newest block, with the chain's block time measured beside it.
Assumes: `NodePool` decides which node is current; a node that offers a WebSocket takes
eth_subscribe(newHeads), and pings find a dead connection within a minute.
On restart: nothing is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any, Protocol

import orjson
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

from chain.head_age import HeadAge
from chain.header import Head, Header, parse_head, parse_header
from chain.hexes import to_hex
from chain.rpc.answers import chain_id, or_none
from chain.rpc.ask import ask
from chain.rpc.chain_guard import CHAIN_FIX, CHAIN_ID, is_on_another
from chain.rpc.errors import BadResponse, MalformedAnswer, NoEndpoint, RpcError
from chain.rpc.pool import NodePool
from common.clock import Clock, Rng, jittered, wait_event
from common.http_proxies import is_this_machine
from common.settings import ChainSettings
from common.task_keeper import TaskKeeper
from common.tasks import together

log = structlog.get_logger(__name__)
# The library logs requests with their full path at DEBUG: that path holds API keys.
_quiet = logging.getLogger(f"{__name__}.protocol")
_quiet.setLevel(logging.WARNING)

LONGEST_BACKOFF = 2.0
"""Seconds between polls of a node that fails: its return is noticed within that."""
LONGEST_POLL = 15.0
MEASURED_BLOCKS = 16
"""How far below the head an older header is asked for, to know the chain's block time."""


class ConnectionEnded(Exception):
    """The subscription is over; the text says why, without the URL."""


class HeadSource(Protocol):
    """Opens a newHeads subscription at a (secret) URL."""

    def __call__(self, url: str) -> AsyncGenerator[Any, None]: ...


async def websocket_heads(url: str, *, wanted: int | None = None) -> AsyncGenerator[Any, None]:
    """What the node announces: headers, if it is well. Raises `ConnectionEnded`, always at last:
    nothing is retried here. `wanted`: the chain's id; a node of another one is not listened to."""
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]}
    try:
        async with connect(
            url, open_timeout=10, close_timeout=2, ping_interval=20, ping_timeout=20,
            max_size=4 * 1024 * 1024, logger=_quiet, proxy=None if is_this_machine(url) else True,
        ) as socket:  # fmt: skip
            if wanted is not None:
                await _check_chain(socket, wanted)
            await socket.send(orjson.dumps(request).decode())
            async with asyncio.timeout(10):
                answer = orjson.loads(await socket.recv())
            if not isinstance(answer, dict) or "result" not in answer:
                raise ConnectionEnded("the node refuses eth_subscribe(newHeads)")
            async for text in socket:
                message = orjson.loads(text)
                if isinstance(message, dict) and "params" in message:
                    told = message["params"]
                    yield told.get("result") if isinstance(told, dict) else told
    except (InvalidURI, InvalidHandshake) as error:
        raise ConnectionEnded(f"handshake failed ({type(error).__name__})") from None
    except (WebSocketException, OSError, TimeoutError, ValueError) as error:
        raise ConnectionEnded(f"connection lost ({type(error).__name__})") from None
    raise ConnectionEnded("the node closed the connection")


async def _check_chain(socket: ClientConnection, wanted: int) -> None:
    request = {"jsonrpc": "2.0", "id": 0, "method": CHAIN_ID, "params": []}
    await socket.send(orjson.dumps(request).decode())
    async with asyncio.timeout(10):
        found = chain_id(orjson.loads(await socket.recv()).get("result"))
    if found != wanted:
        raise ConnectionEnded(f"{is_on_another('the ws address', found, wanted)}: {CHAIN_FIX}")


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
    `age_blocks`: the setting HEAD_AGE_BLOCKS.
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
        age_blocks: int = 15,
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
        self._complained_of: str | None = None
        self.latest: Head | None = None
        self.age = HeadAge(clock.now, age_blocks)

    @classmethod
    def build(cls, settings: ChainSettings, pool: NodePool, clock: Clock, rng: Rng) -> HeadWatcher:
        """As the settings have it; of WebSockets only those of the right chain are listened to."""
        return cls(
            pool, clock, rng, poll_seconds=settings.poll_seconds,
            age_blocks=settings.head_age_blocks,
            connect=partial(websocket_heads, wanted=settings.chain_id),
        )  # fmt: skip

    @property
    def pushed(self) -> bool:
        """A WebSocket subscription at the current node is alive."""
        return self._pushed_by == self._pool.current

    def subscribe(self) -> Wakeups:
        """A new consumer. Keep one for as long as the watcher runs."""
        wakeups = Wakeups(self._clock)
        self._subscribers.append(wakeups)
        return wakeups

    async def run(self, keeper: TaskKeeper | None = None) -> None:
        """Watch until cancelled. `keeper`: the process's, which tells what died."""
        keeper = keeper or TaskKeeper(self._clock, self._rng)
        await together(
            keeper.keep("poll_heads", self._poll),
            keeper.keep("probe_heads", self._probe),
            keeper.keep("listen_heads", self._listen),
        )

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
            if self.age.block_seconds is None:
                await self._measure()
            if len(self._pool.names) > 1:
                was = self._pool.current
                await self._pool.probe()
                if self._pool.current != was:
                    self._wake()

    async def _measure(self) -> None:
        """The chain's block time, where no second head was seen: it may stand still already."""
        head = self.latest
        if head is None or head.number < 2:
            return  # the first block's timestamp may be anything
        earlier = max(1, head.number - MEASURED_BLOCKS)
        params = [to_hex(earlier), False]
        try:
            block = await ask(self._pool, "eth_getBlockByNumber", params, or_none(parse_head))
        except RpcError as error:
            log.debug("block time not measured", error=str(error))
            return
        if block is not None:
            self.age.between(block.number, block.timestamp, head.number, head.timestamp)

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
                    async for announced in headers:
                        head = self._understood(announced, name)
                        if head is None:
                            continue
                        failures = 0
                        self._pushed_by, self._missed = name, 0
                        self._pool.announced_head(name, head.number)
                        self._seen(head, (name, announced))
                        if self._pool.current != name:
                            break
            except ConnectionEnded as error:
                failures += 1
                log.info("newHeads lost, polling instead", endpoint=name, error=str(error))
            finally:
                self._pushed_by = None
                self._pool.announced_head(name, None)
            # The polls go on meanwhile: nothing waits for the reconnection.
            wait = min(2.0 ** min(failures, 10), self._max_reconnect) if failures else 0.0
            await self._clock.sleep(jittered(wait, self._rng))

    def _understood(self, announced: Any, name: str) -> Head | None:
        """The head that `name` announced; None if it is none: polls go on as if it were silent."""
        try:
            return parse_head(announced)
        except MalformedAnswer as error:
            self._pool.complain(name, f"its WebSocket announces no heads: {error.text}")
            if self._complained_of != name:
                log.warning("a malformed head was announced", endpoint=name, error=error.text)
            self._complained_of = name
            return None

    def _seen(self, head: Head, announced: tuple[str, Mapping[str, Any]] | None = None) -> bool:
        """Wake everybody if `head` is new. True: it is higher than all before."""
        if self.latest is not None and head.hash == self.latest.hash:
            return False
        higher = self.latest is None or head.number > self.latest.number
        self.latest = head
        self.age.saw(head.number, head.timestamp)
        self._wake(announced)
        return higher

    def _wake(self, announced: tuple[str, Mapping[str, Any]] | None = None) -> None:
        for wakeups in self._subscribers:
            wakeups.wake(announced)
