"""What the follower needs of several nodes: one at a time, by name.

`chain.rpc.pool.EndpointPool` is the real thing; a simulation brings its own.
"""

from __future__ import annotations

from typing import Protocol

from chain.rpc.client import Rpc


class Node(Rpc, Protocol):
    """An `Rpc` bound to one node."""

    name: str


class Nodes(Protocol):
    """A choice of nodes."""

    def pick(self) -> Node:
        """The one to ask now."""
        ...

    def other_than(self, name: str) -> Node | None:
        """A healthy one that is not `name`, for a second opinion."""
        ...

    def quarantine(self, name: str, reason: str, seconds: float | None = None) -> None:
        """Ask `name` nothing for a while: it lied."""
        ...

    def observe_head(self, name: str, number: int, timestamp: int) -> None:
        """`name` has a head of this height and (unix) block time."""
        ...
