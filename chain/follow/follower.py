"""The block follower: what comes after the last known block, verified.

Promises:
1. `look` answers one of the named cases for the node's head: `Nothing` (known, or the node is
   behind), `Extension` (blocks that follow the tip, with their logs), `Backlog` (so much that it
   should be read in wide ranges), `Unfinal` (what is left to read is not final and too much for
   one block at a time: none of it is fetched), `Fork` (the tip was reorged away; the last common
   block), `Deep` (a reorg below finality: an operator must look).
2. All blocks of one answer come from one node and fit together (`chain.follow.fetch`); none lies
   above that node's own head.
Assumes: the caller keeps the window, folds the logs, compares the history, and calls again.
Level-triggered: nothing is remembered between calls but sizes, so a lost call costs only delay.
On restart: the caller's window says where to go on; `look` finds a reorg that happened meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chain.finality import MOST_UNFINAL, final_number, unfinal
from chain.follow.fetch import (
    Fetched,
    Inconsistent,
    fetch_recent,
    header_at,
    latest,
    linked_headers,
)
from chain.follow.window import BlockPosition, Window
from chain.header import Header
from chain.rpc.pool import Node, Nodes
from common.settings.kinds import Finality

RECENT_BATCH = 48
BACKLOG_BLOCKS = 96
PROVE_WITHIN = 32


@dataclass(frozen=True)
class Nothing:
    """Nothing new at `node`. `head` is its head, `final` its last final block (-1: none)."""

    node: str
    head: Header
    final: int


@dataclass(frozen=True)
class Extension:
    """Blocks that extend the tip."""

    blocks: Fetched
    head: Header
    final: int


@dataclass(frozen=True)
class Backlog:
    """Final blocks `first` to `last` are to be read in wide ranges (`chain.follow.backfill`)."""

    first: int
    last: int
    head: Header


@dataclass(frozen=True)
class Unfinal:
    """Everything final is read; more than `MOST_UNFINAL` blocks above it are not final."""

    node: str
    head: Header
    final: int


@dataclass(frozen=True)
class Fork:
    """The tip is no longer in the chain; `ancestor` is the last block that still is."""

    node: str
    ancestor: BlockPosition
    head: Header


@dataclass(frozen=True)
class Deep:
    """The chain and the window part at or below the final block."""

    node: str
    final: int
    head: Header


FollowStep = Nothing | Extension | Backlog | Unfinal | Fork | Deep


class Follower:
    """Follows one contract. `finality`: from when on a block cannot go away.

    `take_announced`: the header that the named node announced and that was not looked at yet; one
    that follows the tip spares the question for the head. `saw_final` gets what each node that was
    asked calls final.
    """

    def __init__(
        self,
        nodes: Nodes,
        contract: str,
        finality: Finality,
        *,
        take_announced: Callable[[str], Header | None] = lambda _: None,
        saw_final: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._nodes = nodes
        self._contract = contract
        self._finality = finality
        self._take_announced = take_announced
        self._saw_final = saw_final

    async def look(
        self, window: Window, final: int, *, node: Node | None = None, blooms: bool = True
    ) -> FollowStep:
        """What there is to do, by the node to ask now (or by `node`).

        `final`: the highest block that was ever final. `blooms`: those of the node are believed.
        Raises `RpcError`, `Inconsistent`, `FinalityUnknown`.
        """
        node = node or self._nodes.pick()
        announced = self._take_announced(node.name)
        if announced is not None and window.extends(announced):
            return await self._extension(node, [announced], announced, final, blooms)
        head = await latest(node)
        self._nodes.observe_head(node.name, head.number, head.timestamp)
        tip = window.tip
        if head.hash == tip.hash:
            return Nothing(node.name, head, await self._final(node, head, final))
        if head.number <= tip.number:
            return await self._shorter(node, window, head, final)
        if head.number == tip.number + 1:
            if head.parent_hash != tip.hash:
                return await self._fork(node, window, head, final)
            return await self._extension(node, [head], head, final, blooms)
        return await self._gap(node, window, head, final, blooms)

    async def _shorter(self, node: Node, window: Window, head: Header, final: int) -> FollowStep:
        """The head is not above the tip: the node is behind, or a reorg made the chain shorter."""
        known = window.at(head.number)
        if known is not None and known.hash == head.hash:
            return Nothing(node.name, head, final)
        return await self._fork(node, window, head, final)

    async def _gap(
        self, node: Node, window: Window, head: Header, final: int, blooms: bool
    ) -> FollowStep:
        """The head is further above the tip: fetch what lies between."""
        first = window.tip.number + 1
        now_final = await self._final(node, head, final)
        too_many = unfinal(head.number, now_final, window.tip.number) > MOST_UNFINAL
        if now_final - first >= BACKLOG_BLOCKS or (too_many and now_final >= first):
            opening = await header_at(node, first)
            if opening is None or opening.parent_hash != window.tip.hash:
                return await self._fork(node, window, head, final)
            return Backlog(first, now_final, head)
        if too_many:
            return Unfinal(node.name, head, now_final)
        headers = await linked_headers(node, first, min(head.number, first + RECENT_BATCH - 1))
        if headers[0].parent_hash != window.tip.hash:
            return await self._fork(node, window, head, final)
        return await self._extension(node, headers, head, now_final, blooms)

    async def _extension(
        self, node: Node, headers: list[Header], head: Header, final: int, blooms: bool
    ) -> Extension:
        close = head.number - headers[-1].number < PROVE_WITHIN
        blocks = await fetch_recent(node, self._contract, headers, must_prove=close, blooms=blooms)
        return Extension(blocks, head, final)

    async def _final(self, node: Node, head: Header, final: int) -> int:
        """Finality never goes back, whatever a node that is behind says."""
        now_final = await final_number(node, head.number, self._finality)
        self._saw_final(now_final)
        return max(final, now_final)

    async def _fork(self, node: Node, window: Window, head: Header, final: int) -> FollowStep:
        """Find the last entry of the window that `node` still has."""
        reached = [entry for entry in reversed(list(window)) if entry.number <= head.number]
        for entry in reached:
            # A history that begins with block 0 begins "after block -1".
            header = await header_at(node, entry.number) if entry.number >= 0 else None
            if entry.number >= 0 and (header is None or header.hash != entry.hash):
                continue
            if entry is window.tip:
                raise Inconsistent(node.name, "the child of our tip names another parent")
            if entry is reached[0]:
                # The node has our blocks as far as it goes: it is behind.
                return Nothing(node.name, head, final)
            return Fork(node.name, entry, head)
        if not reached:
            # Below our oldest entry: it is behind, or on another chain; nobody can tell from here.
            return Nothing(node.name, head, final)
        # The oldest entry is final, and not even that is in the chain.
        return Deep(node.name, final, head)
