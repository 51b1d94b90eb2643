"""Which node to believe.

Promises: a node whose answers contradict themselves or the index's proven history is asked once
more, since a reorg between two answers looks the same; the second time the index is to go back to
its last proven block; the third time the node is quarantined and reported, and others are asked. A
proven answer clears the node that gave it. When an accuser is proven right, the nodes whose
unproven blocks it corrected are reported, too. A bloom is no lie of the node: where events are
missing and logs were not asked for because of blooms, nobody is accused; from then on that node's
blooms are not believed, and the logs of all its blocks are asked for.
On restart: nothing is kept.
"""

from __future__ import annotations

import structlog

from chain.rpc.pool import Node, Nodes

log = structlog.get_logger(__name__)

STRIKES = 3
"""So many contradictions in a row, and a node is left out."""


class NodeTrust:
    """Strikes by node name."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._strikes: dict[str, int] = {}
        self._unproven: set[str] = set()
        self._accused: set[str] = set()
        self._unasked: set[str] = set()  # nodes whose blooms were believed since the last proof
        self._wrong_blooms: set[str] = set()
        self.last = ""
        self.lies = 0

    def node(self) -> Node:
        """Whom to ask now: not one that is accused, if there is another."""
        node = self._nodes.pick()
        if node.name in self._accused:
            node = self._nodes.other_than(node.name) or node
        self.last = node.name
        return node

    def believes_blooms(self, name: str) -> bool:
        """Whether blocks of `name` whose blooms exclude events need not be asked for logs."""
        return name not in self._wrong_blooms

    def unasked(self, name: str) -> None:
        """Logs of some blocks of `name` were not asked for, since their blooms exclude any."""
        self._unasked.add(name)

    def doubt_blooms(self, name: str, reason: str) -> None:
        """From now on the logs of all blocks of `name` are asked for."""
        if name not in self._wrong_blooms:
            self._wrong_blooms.add(name)
            log.warning("blooms are wrong, asking for all logs", endpoint=name, reason=reason)

    def blames_blooms(self, reason: str) -> bool:
        """Events are missing. True: perhaps for a bloom's sake; the index should go back to its
        last proven block and read what follows without believing those blooms."""
        suspects = self._unasked - self._wrong_blooms
        for name in suspects:
            self.doubt_blooms(name, reason)
        self._unasked.clear()
        return bool(suspects)

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
        self._unasked.clear()

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

    def last_chance(self, name: str) -> bool:
        """The next strike is the one that leaves `name` out."""
        return self._strikes.get(name, 0) >= STRIKES - 1

    def set_aside(self, name: str) -> bool:
        """Ask others than `name`, without accusing it. False: there is no other left to ask."""
        self._strikes.pop(name, None)
        self._accused.add(name)
        return self.node().name not in self._accused

    def pause(self) -> float:
        """Seconds to wait before asking again: none for a first doubt."""
        worst = max(self._strikes.values(), default=0)
        return 0.0 if worst <= 1 else 0.2 * worst

    def _report(self, name: str, reason: str) -> None:
        self.lies += 1
        log.error("endpoint gave wrong answers", endpoint=name, reason=reason)
        self._nodes.quarantine(name, reason)
