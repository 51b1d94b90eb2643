"""Which node to believe.

Promises: a node whose answers contradict themselves or the index's proven history is asked once
more, since a reorg between two answers looks the same; the second time the index is to go back to
its last proven block; the third time the node is quarantined and reported, and others are asked. A
proven answer clears the node that gave it. When an accuser is proven right, the nodes whose
unproven blocks it corrected are reported, too.
On restart: nothing is kept.
"""

from __future__ import annotations

import structlog

from chain.rpc.pool import Node, Nodes

log = structlog.get_logger(__name__)

STRIKES = 3


class NodeTrust:
    """Strikes by node name."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._strikes: dict[str, int] = {}
        self._unproven: set[str] = set()
        self._accused: set[str] = set()
        self.last = ""
        self.lies = 0

    def node(self) -> Node:
        """Whom to ask now: not one that is accused, if there is another."""
        node = self._nodes.pick()
        if node.name in self._accused:
            node = self._nodes.other_than(node.name) or node
        self.last = node.name
        return node

    def served(self, name: str, *, proven: bool) -> None:
        """`name` gave blocks that fit; `proven`: the contract's own history agrees."""
        if not proven:
            self._unproven.add(name)
            return
        self._strikes.pop(name, None)
        for liar in self._accused - {name}:
            self._report(
                liar, "another node's blocks, unlike its own, match the contract's history"
            )
        self._accused.clear()
        self._unproven.clear()

    def strike(self, name: str, reason: str) -> bool:
        """A strike. True: the index should go back to its last proven block."""
        strikes = self._strikes[name] = self._strikes.get(name, 0) + 1
        log.warning("contradiction", endpoint=name, reason=reason, strikes=strikes)
        if strikes < STRIKES - 1:
            return False
        if strikes >= STRIKES:
            self._strikes.pop(name, None)
            self._accused.discard(name)
            self._report(name, reason)
            return False
        self._accused |= self._unproven - {name}
        return True

    def pause(self) -> float:
        """Seconds to wait before asking again: none for a first doubt."""
        worst = max(self._strikes.values(), default=0)
        return 0.0 if worst <= 1 else 0.2 * worst

    def _report(self, name: str, reason: str) -> None:
        self.lies += 1
        log.error("endpoint gave wrong answers", endpoint=name, reason=reason)
        self._nodes.quarantine(name, reason)
