"""Whether the index can be used: for `--check` of whoever reads it, and of the indexer itself.

Promises: reads only. An index that is absent or behind is no fault: the indexer makes it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from chain.header import Header
from common.checks.rows import CheckFailed, CheckLevel
from common.settings import ContractRef
from indexer.documents import why_unreadable
from indexer.origin import check_chain
from indexer.reader import AsyncReader
from indexer.store import UnreadableIndex

MOST_BEHIND = 20


class IndexCheck:
    """The index of one contract. `own`: it is the indexer who asks, about what it will do."""

    def __init__(
        self,
        reader: AsyncReader,
        ref: ContractRef,
        chain_id: int,
        head: Callable[[], Awaitable[Header]],
        *,
        own: bool = False,
    ) -> None:
        self._reader = reader
        self._ref = ref
        self._chain_id = chain_id
        self._head = head
        self._own = own

    async def holds_events(self) -> bool:
        """Whether there is an index that has a beginning."""
        point = await self._reader.checkpoint(self._ref.address)
        return point is not None and point.get("seq", 0) > 0

    async def look(self) -> str:
        """How far it is, in words. Raises `CheckFailed`, pymongo's errors."""
        point: Any = await self._reader.checkpoint(self._ref.address)
        if point is None:
            if self._own:
                return f"not built yet: begins at block {self._ref.start_block}"
            raise CheckFailed(
                "not built yet", "start the indexer; check MONGODB_DATABASE", CheckLevel.WARN
            )
        self._check_usable(point)
        try:
            head = await self._head()
        except CheckFailed:
            return f"block {point['block']}; the chain's head is not known"
        behind = head.number - point["block"]
        if behind > MOST_BEHIND and not self._own:
            raise CheckFailed(
                f"{behind} blocks behind the head",
                "check that the indexer is running, or wait for it",
                CheckLevel.WARN,
            )
        return f"block {point['block']}, {behind} behind the head"

    def _check_usable(self, point: Any) -> None:
        if (why := why_unreadable(point)) is not None:
            raise CheckFailed(why, "run `python -m indexer rebuild`")
        try:
            check_chain(point, self._chain_id)
        except UnreadableIndex as error:
            raise CheckFailed(str(error), "correct CHAIN_ID or MONGODB_DATABASE") from None
        if point["state"] == "stopped":
            raise CheckFailed(
                f"stopped: {point['stop_reason'] or 'no reason given'}",
                "see docs/index.md, the table of /readyz",
            )
