"""Whether the indexer is ready, and if not, why: each contract's state and every reason in words.

Promises: plain state, written by the service's loops and read by the HTTP thread.
On restart: starts as "starting".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from chain.finality import NOTHING_FINAL
from chain.head_age import HeadAge
from chain.rpc.node_health import NodeHealth, hindrance, left_out
from common.ops_server import Readiness
from indexer.documents import Checkpoint
from indexer.operator_messages import behind

log = structlog.get_logger(__name__)

PATIENCE = 30.0


@dataclass
class ContractStatus:
    """One contract's index. `good_at`: monotonic time of the last success, None: none yet.

    `waits`: why it reads no further. `note`: to be known, and hinders nothing. `final`:
    what the node last called final, None: not asked yet.
    """

    contract: str
    good_at: float | None = None
    trouble: str | None = None
    stopped: str | None = None
    waits: str | None = None
    note: str | None = None
    final: int | None = None
    syncing: bool = True
    block: int = -1
    head: int = -1
    seq: int = 0

    def show(self, checkpoint: Checkpoint) -> None:
        """Where the index stands now."""
        self.block, self.head = checkpoint["block"], checkpoint["head"]["block"]
        self.seq = checkpoint["seq"]
        self.syncing = checkpoint["state"] != "following"

    def saw_final(self, number: int) -> None:
        """A node calls this block final. Said once in the log when nothing is."""
        if number == NOTHING_FINAL and self.final != NOTHING_FINAL:
            log.warning("nothing is final yet", contract=self.contract, setting="FINALITY")
        self.final = number


@dataclass
class IndexerStatus:
    """All contracts, the lease, the nodes' health, and how old the newest block is."""

    now: Callable[[], float]
    health: Callable[[], Sequence[NodeHealth]]
    head_age: HeadAge
    contracts: list[ContractStatus] = field(default_factory=list)
    waiting_for: str | None = "starting"
    others: str | None = None
    """What the database holds of contracts that CONTRACTS does not name."""
    tasks_down: Callable[[], Sequence[str]] = tuple

    def readiness(self) -> Readiness:
        """503 with every reason, as long as the index is not what it should be."""
        health = self.health()
        reasons = [why for why in (self.waiting_for, hindrance(health)) if why]
        reasons += self.tasks_down()
        for item in self.contracts:
            reasons += self._reasons(item)
        return Readiness(not reasons, (*reasons, *self._notes(health)))

    def _notes(self, health: Sequence[NodeHealth]) -> list[str]:
        """What is to be known and hinders nothing."""
        notes = [
            f"{item.contract}: nothing is final yet (FINALITY)"
            for item in self.contracts
            if item.final == NOTHING_FINAL
        ]
        notes += [item.note for item in self.contracts if item.note]
        told = (self.others, left_out(health), self.head_age.note())
        notes += [why for why in told if why]
        return [f"{note} (does not affect readiness)" for note in notes]

    def _reasons(self, item: ContractStatus) -> list[str]:
        if item.stopped:
            return [item.stopped]
        if item.waits:
            return [f"{item.contract}: {item.waits}"]
        reasons = []
        stale = item.good_at is None or self.now() - item.good_at > PATIENCE
        if item.trouble and stale:
            reasons.append(f"{item.contract}: {item.trouble}")
        if item.syncing:
            reasons.append(f"{item.contract}: catching up, block {item.block} of {item.head}")
        elif item.head < item.block:
            reasons.append(f"{item.contract}: {behind(item.block, item.head)}")
        return reasons

    def note(self, item: ContractStatus) -> None:
        """The index reached the head of the node it asked."""
        item.good_at, item.trouble, item.stopped = self.now(), None, None
        item.waits = None

    def waits(self, item: ContractStatus, why: str) -> None:
        """The index is as far as it may be: the nodes answer, but the rest is not final."""
        if item.waits is None:
            log.warning("waiting for finality", contract=item.contract, reason=why)
        self.note(item)
        item.waits = why
