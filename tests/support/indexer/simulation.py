"""A seeded world for the indexer: a chain that reorgs, nodes that lie, a process that dies.

`IndexSim(seed).run()` tells one history and ends with a quiet chain and honest nodes; then the
store must hold what the rule book says of the canonical chain, apart from the indexer's fold.
AssertionError says what differs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

from chain.finality import FinalityUnknown, check_finality
from chain.follow.backfill import Backfill, RangeSizer
from chain.follow.follower import Follower
from chain.header import Header, parse_header
from chain.rpc.errors import RpcError
from chain.rpc.node_health import PoolPolicy
from chain.rpc.pool import NodeConfig, NodePool, named_nodes
from common.settings import Finality
from indexer.chain_sync import ChainSync, DoubtfulStart, Stopped
from indexer.checkpoint import Origin
from indexer.documents import ACCOUNTS, CHECKPOINT, EVENTS, VOLATILE
from indexer.store import LostWriter, StoreError
from tests.support.indexer.memory_store import MemoryStore, StoreCrash
from tests.support.indexer.random_transactions import CHAIN_ID, CONTRACT
from tests.support.indexer.simulated_chain import IndexChain
from tests.support.rulebook.documents import documents, event_doc, totals
from tests.support.simchain.node import FaultyNode, NodeFaults, NodeTraits
from tests.support.simchain.provider import PLAIN, ProviderRpc, drawn, few_calls
from tests.support.simchain.tree import header_of

FINAL_DEPTH = 40
ABOUT_TAGS = "does not support the block tag"
METHODS = ("eth_getLogs", "eth_call", "eth_getBlock")
LIES = ("drop", "empty", "twice", "swap", "data", "actor", "hash", "contract", "history")


class IndexSimClock:
    """Time that passes whenever somebody sleeps."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def now(self) -> float:
        return 1_700_000_000.0 + self.elapsed

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.elapsed += max(0.0, seconds)
        await asyncio.sleep(0)


class IndexSim:
    """One history. `troubled_store`: its database fails as often as anything happens."""

    def __init__(self, seed: int, *, troubled_store: bool = False) -> None:
        self.rng = Random(seed)
        rng = self.rng
        self.clock = IndexSimClock()
        self.chain = IndexChain(rng, blooms=rng.random() < 0.8)
        self.nodes = [FaultyNode(self.chain, f"n{i}", rng) for i in range(rng.choice((1, 2, 2, 3)))]
        self.traits = traits = Random(f"traits of {seed}")  # apart: what happens stays the same
        self._draw_traits(traits)
        self.store = MemoryStore()
        self.finality = rng.choice((Finality("finalized"), Finality("depth", FINAL_DEPTH)))
        self.crashes = 0
        self.faulty = 0
        happenings: tuple[tuple[Callable[[], None], float], ...] = (
            (self._few_blocks, 40), (self._many_blocks, 18), (self.reorg, 14),
            (self.interrupt, 8), (self.break_node, 10),
            (self.break_store, 40 if troubled_store else 7),
            (self.store.drop, 15 if troubled_store else 0.5),
            (self._time, 2.5),
        )  # fmt: skip
        self.happenings = [happening for happening, _ in happenings]
        self.weights = [weight for _, weight in happenings]
        for _ in range(rng.randrange(1, 4)):
            self.chain.mine()
        self.deployed = self.chain.mine(deploy=True).number
        start = self.chain.blocks[traits.choice((self.deployed, traits.randint(1, self.deployed)))]
        self.origin = Origin(CONTRACT, CHAIN_ID, start.number, start.parent, 1)
        for _ in range(rng.choice((0, 5, 160))):
            self.grow()
        self.start()

    def _draw_traits(self, rng: Random) -> None:
        """What each node is like, for the whole history."""
        for node in self.nodes:
            if rng.random() < 0.2:
                node.traits = NodeTraits(blooms=rng.choice(("zero", "absent", "wrong")))
        self.one_freezes = len(self.nodes) > 1 and rng.random() < 0.2
        if self.one_freezes:
            node = rng.choice(self.nodes)
            node.traits = replace(node.traits, freezes_at=rng.randrange(20, 200))
        sound = rng.choice([node for node in self.nodes if node.traits.freezes_at is None])
        for node in self.nodes:
            if rng.random() < 0.4:
                node.provider.manners = few_calls(rng) if node is sound else drawn(rng, METHODS)
            node.note_untruth()

    def start(self) -> None:
        """A new process: nothing is known but the store."""
        providers = {f"http://{node.name}": node.provider for node in self.nodes}
        endpoints = named_nodes(
            [NodeConfig(url, name=url[7:]) for url in providers],
            lambda url: ProviderRpc(url, providers[url]),
            chain_id=CHAIN_ID,
        )
        policy = PoolPolicy(frozen_seconds=30.0)
        self.pool = NodePool(endpoints, self.clock, self.rng, policy=policy)
        sizer = RangeSizer(target=40, size=16)
        self.sync = ChainSync(
            self.store,
            self.pool,
            Follower(self.pool, CONTRACT, self.finality, take_announced=self.announced),
            Backfill(self.pool, CONTRACT, self.clock, sizer=sizer),
            self.clock,
            verify_seconds=60.0,
        )

    def announced(self, name: str) -> Header | None:
        """What a subscription told last: one of the newest blocks, maybe orphaned since."""
        if self.rng.random() < 0.4:
            return None
        newest = list(self.chain.by_hash.values())[-self.rng.choice((1, 1, 2, 6)) :]
        (node,) = [node for node in self.nodes if node.name == name]
        return parse_header(node.traits.header(header_of(newest[0])))

    def grow(self) -> None:
        """One more block; every other one is empty."""
        self.chain.mine(self.rng.choice((0, 0, 0, 1, 1, 2)))

    # --- the service's loop -----------------------------------------------------------------------

    async def cycle(self) -> bool:
        """What the service does when it wakes. True: the index is at the head."""
        try:
            if self.sync.writer is None:
                await self.sync.open(self.origin)
            await self.sync.catch_up()
        except StoreCrash:
            self.crashes += 1
            self.check_proven()
            self.start()
            return False
        except (StoreError, LostWriter):
            self.sync.writer = None
            return False
        except RpcError:
            await self.clock.sleep(2.0)
            return False
        except FinalityUnknown:
            await self._recheck_finality()
            return False
        except DoubtfulStart:
            self.sync.writer = None
            await self.clock.sleep(3.0)
            return False
        except Stopped as error:
            raise AssertionError(f"stopped: {error}") from None
        self.check_checkpoint()
        self.check_blame()
        writer = self.sync.writer
        assert writer is not None
        return writer.tip.hash == self.chain.top.hash

    async def _recheck_finality(self) -> None:
        """As the service does: a node that does not know the tag is left out."""
        try:
            await check_finality(self.pool, self.finality)
        except RpcError:
            await self.clock.sleep(2.0)

    async def settle(self, cycles: int) -> bool:
        """Several cycles; True as soon as the index is at the head."""
        for _ in range(cycles):
            if len(self.nodes) > 1:
                await self.pool.probe()  # as `chain.rpc.heads` does: that is how it is noticed
            if await self.cycle():
                return True
            await self.clock.sleep(1.0)
        return False

    def check_proven(self) -> None:
        """Wherever a crash fell, nothing counts as proven that the documents do not hold."""
        point = self.store.kinds[CHECKPOINT].get(CONTRACT)
        assert point is None or point["proven"][0] <= point["block"], "proven ahead of the index"

    def check_blame(self) -> None:
        """While none told an untruth, none is called a liar: refusals and nonsense are no lies."""
        if any(node.untrue for node in self.nodes):
            return
        for health in self.pool.health():
            why = health.quarantine_reason
            if why is not None and ABOUT_TAGS not in why:
                raise AssertionError(f"{health.name} is blamed for nothing: {why}")

    def check_checkpoint(self) -> None:
        """At rest the checkpoint tells a true story of a block that exists or existed."""
        point = self.store.kinds[CHECKPOINT][CONTRACT]
        block = self.chain.by_hash.get(point["block_hash"])
        if block is None:
            assert point["block"] == self.origin.start_block - 1, "an unknown block"
            return
        assert point["pending"] is None, "a write is still open"
        for one, two in pairwise(point["window"]):
            linked = two[1] in self.chain.by_hash and self.chain.by_hash[two[1]].parent == one[1]
            assert linked or two[0] > one[0] + 1, f"block {two[0]} is not linked"
        if point["proven"][1] == block.hash:
            told = (point["seq"], point["history"])
            assert told == (block.state.count, "0x" + block.state.digest.hex()), "a false story"

    # --- the script -------------------------------------------------------------------------------

    async def run(self, blocks: int = 200, reorgs: int = 3) -> None:
        """The whole history, then the check."""
        while self.chain.mined < blocks or self.chain.reorgs < reorgs:
            self.happen()
            await self.settle(self.rng.choice((1, 1, 2, 3)))
        await self.calm()
        self.check()

    def happen(self) -> None:
        """One random thing."""
        (happening,) = self.rng.choices(self.happenings, self.weights)
        happening()

    def _few_blocks(self) -> None:
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            self.grow()

    def _many_blocks(self) -> None:
        for _ in range(self.rng.randrange(4, 30)):
            self.grow()

    def _time(self) -> None:
        self.clock.elapsed += self.rng.choice((30, 70, 2000))

    def reorg(self) -> None:
        """Other blocks take the place of the last ones, never of final ones."""
        chain, rng = self.chain, self.rng
        longest = min(FINAL_DEPTH - 2, chain.top.number - self.deployed)
        depth = rng.randint(1, max(1, min(longest, rng.choice((1, 2, 3, 8, 38)))))
        if longest < 1:
            return
        chain.undo(depth)
        # Never shorter: a chain only gives way to a longer one.
        for _ in range(depth + rng.choice((0, 1, 1, 2))):
            self.grow()

    def interrupt(self) -> None:
        """The chain changes between two of a node's answers."""
        node = self.rng.choice(self.nodes)
        due = node.calls + self.rng.randrange(1, 6)
        change = self.rng.choice((self.reorg, self.grow))

        def hook() -> None:
            if node.calls >= due:
                node.before_call = lambda: None
                change()

        node.before_call = hook

    def break_node(self) -> None:
        """A node begins, or ceases, to misbehave."""
        rng = self.rng
        node = rng.choice(self.nodes)
        self.faulty += 1
        unruly = self.traits.random() < 0.25
        node.provider.mood = drawn(self.traits, METHODS) if unruly else PLAIN
        lie = rng.choice(LIES)
        node.faults = rng.choice(
            (
                NodeFaults(),
                NodeFaults(lag=rng.choice((1, 5, 20))),
                NodeFaults(blind=rng.choice((1, 5, 20))),
                NodeFaults(error=rng.choice((0.1, 0.3, 1.0))),
                NodeFaults(keeps=rng.choice((0, 4, 64))),
                NodeFaults(most_blocks=rng.choice((1, 7, 50))),
                NodeFaults(frozen_at=self.chain.top.number),
                NodeFaults(lie=lie, lies=rng.choice((1, 2, 1000))),
                NodeFaults(lie=lie, lies=rng.choice((1, 2, 1000)), keeps=rng.choice((3, 10_000))),
            )
        )
        node.note_untruth()

    def break_store(self) -> None:
        """One of the next writes fails, wholly or in part; mostly the process dies with it, or soon
        after, before what failed has been made good."""
        store, rng = self.store, self.rng
        due = store.writes + rng.randrange(1, 12)
        store.part = rng.choice((0.0, 0.5, 1.0, rng.random()))
        if rng.random() < 0.75:
            store.crash_at = due
        else:
            store.fail_at = due
            if rng.random() < 0.6:
                store.crash_at = due + rng.randrange(1, 12)

    async def calm(self) -> None:
        """Everybody is honest and well again."""
        for node in self.nodes:
            node.faults, node.before_call = NodeFaults(), lambda: None
            node.provider.mood = PLAIN
        self.store.crash_at = self.store.fail_at = None
        self.clock.elapsed += 4000
        # A frozen node is left once it is some blocks behind, wherever it freezes.
        ends = [n.traits.freezes_at for n in self.nodes if n.traits.freezes_at is not None]
        behind = max((end + 5 - self.chain.top.number for end in ends), default=0)
        for _ in range(max(5 if self.one_freezes else 1, behind)):
            self.chain.mine(1)
        for node in self.nodes:
            if node.traits.freezes_at is None:
                self.pool.observe_head(node.name, self.chain.top.number, self.chain.top.timestamp)
        await self._to_the_head()
        if ends:
            # The look at rest fell to where the frozen node stood; what another one with wrong
            # blooms gave since is compared by the next.
            self.clock.elapsed += 4000
            await self.cycle()
            await self._to_the_head()

    async def _to_the_head(self) -> None:
        assert await self.settle(80), (
            f"not at the head: {self.store.kinds[CHECKPOINT].get(CONTRACT, {}).get('block')} of "
            f"{self.chain.top.number}; {[h.state for h in self.pool.health()]}"
        )

    # --- the check --------------------------------------------------------------------------------

    def check(self) -> None:
        """The store holds what the rule book says of the canonical chain, and nothing else."""
        held, state = self.store.kinds, self.chain.top.state
        wanted = {(CONTRACT, e.seq): event_doc(CONTRACT, e) for e in self.chain.story()}
        assert held[EVENTS] == wanted, f"events differ: {_difference(held[EVENTS], wanted)}"
        for kind, docs in documents(CONTRACT, state).items():
            stored = {name: _stable(doc) for name, doc in held[kind].items()}
            assert stored == docs, f"{kind} differ: {_difference(stored, docs)}"
        head, point = self.chain.top, held[CHECKPOINT][CONTRACT]
        for doc in held[ACCOUNTS].values():
            at = doc["as_of"]
            block = self.chain.blocks[at["block"]]
            assert block.hash == at["block_hash"], f"{doc['account']} names an orphaned block"
            assert at["seq"] <= block.state.count, f"{doc['account']} is ahead of its block"
        told = (point["block_hash"], point["seq"], point["history"], point["pending"])
        true = (head.hash, state.count, "0x" + state.digest.hex(), None)
        assert told == true, f"the checkpoint differs: {told} instead of {true}"
        for name, value in totals(state).items():
            assert point[name] == value, f"checkpoint.{name}"


def _stable(doc: Any) -> dict[str, Any]:
    return {name: value for name, value in doc.items() if name not in VOLATILE}


def _difference(stored: dict[Any, Any], wanted: dict[Any, Any]) -> str:
    for name in sorted(stored.keys() | wanted.keys(), key=str):
        one, two = stored.get(name), wanted.get(name)
        if one != two:
            if not one or not two:
                return f"{name}: stored {bool(one)}, wanted {bool(two)}"
            fields = sorted(k for k in one.keys() | two.keys() if one.get(k) != two.get(k))
            return f"{name}: " + str({k: (one.get(k), two.get(k)) for k in fields})
    return ""
