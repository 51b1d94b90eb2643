"""The chain of the indexer's simulation: blocks with random transactions of the contract."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from chain.header import make_bloom
from tests.support.indexer.random_transactions import CONTRACT, Acts, unborn
from tests.support.rulebook.state import ContractState, Emitted
from tests.support.simchain.tree import NO_BLOOM, NO_PARENT, START, Block, Tree


@lru_cache(maxsize=4096)
def _bloom(items: frozenset[str]) -> str:
    return make_bloom(sorted(items)) if items else NO_BLOOM


class IndexChain(Tree[ContractState]):
    """`blooms`: whether headers carry them."""

    def __init__(self, rng: Random, *, blooms: bool = True) -> None:
        super().__init__()
        self._rng, self._blooms = rng, blooms

    def mine(self, actions: int = 0, *, deploy: bool = False) -> Block[ContractState]:
        """The next block, with some random actions."""
        number, rng = len(self.blocks), self._rng
        digest = f"0x{self.mined + 1:08x}{rng.getrandbits(224):056x}"
        parent = self.top if self.blocks else None
        timestamp = START + 2 * number + rng.randrange(2)
        acts = Acts(rng, parent.state if parent else unborn(), number, digest, timestamp)
        if deploy:
            acts.deploy()
        for _ in range(actions):
            acts.act()
        items = {topic for log in acts.logs for topic in log["topics"][:1]}
        if items or rng.random() < 0.1:
            items.add(CONTRACT)  # now and then another log's bloom looks like ours
        elif self._blooms:
            items.add("0x" + "ee" * 20)
        block = Block(
            number=number,
            hash=digest,
            parent=parent.hash if parent else NO_PARENT,
            timestamp=timestamp,
            state=acts.state,
            bloom=_bloom(frozenset(items)) if self._blooms else NO_BLOOM,
            logs=tuple(acts.logs),
            events=tuple(acts.events),
        )
        self.append(block)
        return block

    def story(self) -> list[Emitted]:
        """All events of the canonical branch."""
        return [event for block in self.blocks for event in block.events]
