"""What /readyz says: whether who has the right would be let in now.

Promises: every reason in words, for the operator: index, database, signing key, nodes, clock. Nodes
are asked every `NODE_SECONDS` at most, Cloudflare's clock every `DATE_SECONDS`, or
`DATE_RETRY_SECONDS` while it is wrong or unknown; one asks for all who ask meanwhile.
On restart: the first question asks everybody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from chain.head_age import note
from chain.header import Head, parse_head
from chain.rpc.ask import ask
from chain.rpc.blocking import NodeUnavailable
from chain.rpc.client import Rpc
from chain.rpc.errors import RpcError
from playback.clock_check import ClockFinding, judge

NODE_SECONDS = 5.0
DATE_SECONDS, DATE_RETRY_SECONDS = 300.0, 10.0


class HeadNode(Protocol):
    """`chain.rpc.blocking.BlockingNode`."""

    def ask(self, question: Callable[[Rpc], Coroutine[Any, Any, Head]]) -> Head: ...

    def close(self) -> None: ...


class DateAsked(Protocol):
    """`playback.clock_check.ServerDate`."""

    def ask(self) -> float | None: ...

    def close(self) -> None: ...


class PlaybackReadiness:
    """`service`: its own reasons; `block_seconds`: as the index measured it, None: unknown.
    `now`: unix seconds."""

    def __init__(
        self,
        service: Callable[[], list[str]],
        node: HeadNode,
        date: DateAsked,
        *,
        head_age_blocks: int,
        block_seconds: Callable[[], float | None],
        now: Callable[[], float],
        monotonic: Callable[[], float],
        on_clock: Callable[[float], None] = lambda error: None,
    ) -> None:
        self._service = service
        self._node = node
        self._date = date
        self._head_age_blocks = head_age_blocks
        self._block_seconds = block_seconds
        self._now = now
        self._monotonic = monotonic
        self._on_clock = on_clock
        self._lock = threading.Lock()
        self._head: Head | None = None
        self._node_reason: str | None = None
        self._node_due = self._date_due = float("-inf")
        self._clock = ClockFinding(None, None)

    def reasons(self) -> list[str]:
        """[]: ready."""
        with self._lock:
            self._look()
            told = [*self._service(), self._node_reason, self._clock.reason]
        return [reason for reason in told if reason is not None]

    def notes(self) -> list[str]:
        """What is to be known and hinders nothing. Asks nobody."""
        found = []
        if self._clock.error is None:
            found.append(
                "Cloudflare's clock is not known: check PLAYBACK_CLOUDFLARE_DATE_URL and the way"
                " out of this machine"
            )
        if self._head is not None:
            told = note(
                self._now(), self._head.timestamp, self._block_seconds(), self._head_age_blocks
            )
            found += [] if told is None else [told]
        return found

    def close(self) -> None:
        self._node.close()
        self._date.close()

    def _look(self) -> None:
        moment = self._monotonic()
        if moment >= self._node_due:
            self._ask_node()
            self._node_due = self._monotonic() + NODE_SECONDS
        if moment >= self._date_due:
            timestamp = None if self._head is None else self._head.timestamp
            date = self._date.ask()
            self._clock = judge(self._now(), date, timestamp)
            if self._clock.error is not None:
                self._on_clock(self._clock.error)
            fine = self._clock.error is not None and self._clock.reason is None
            self._date_due = self._monotonic() + (DATE_SECONDS if fine else DATE_RETRY_SECONDS)

    def _ask_node(self) -> None:
        try:
            self._head = self._node.ask(_newest)
            self._node_reason = None
        except (NodeUnavailable, RpcError) as error:
            self._node_reason = f"no node answers: {error}: check RPC_URLS"


async def _newest(node: Rpc) -> Head:
    return await ask(node, "eth_getBlockByNumber", ["latest", False], parse_head)
