"""A chain that grows while it is measured: rooms on it, and blocks on demand.

Promises: block times are the clock's, so that nothing looks frozen; one room is renamed
in every block, which is what the measurements wait to see.
"""

from __future__ import annotations

import itertools
import time
from typing import Any

from bench.index import workload
from bench.index.chains import GENESIS, OPTIONS, BenchChain
from bench.index.workload_sender import SECONDS, WorkloadSender
from chain import calldata
from chain.hexes import ZERO_ADDRESS
from localnet.runner import Runner

EVENTS = 10


class LiveChain:
    """An anvil with `blocks` blocks of 10 events behind it."""

    def __init__(self, runner: Runner, blocks: int, name: str = "anvil-live") -> None:
        start = int(time.time()) - blocks * SECONDS - 10
        options = [str(start) if option == str(GENESIS) else option for option in OPTIONS]
        self.node = runner.anvil(*options, name=name)
        self._maker = WorkloadSender(self.node)
        self.rooms = self._maker.deploy()
        self.contract = self.rooms.address
        self._story = workload.Workload(self.contract, self._maker.accounts, EVENTS)
        for txs in self._story.blocks(blocks):
            self._maker.mine(txs, self.contract)
        self._host = len(self._maker.accounts) - 1
        self.room = self._story.rooms + 1
        self._titles = (f"title {number}" for number in itertools.count(1))
        data = calldata.create_room(1, 1, 0, ZERO_ADDRESS, bytes(31) + b"\x01", b"title 0")
        price = workload.TERMS.deposit + workload.TERMS.fee
        self._maker.mine([workload.WorkloadTx(self._host, data, price)], self.contract)

    def chain(self) -> BenchChain:
        """What it holds now."""
        events = self.rooms.history().count
        last, _ = self.head()
        urls = self.node.url, self.node.ws_url
        return BenchChain(*urls, self.contract, self.rooms.start_block, last, events, self.room)

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest block."""
        block = self.node.block()
        return int(block["number"], 16), str(block["hash"])

    def _renaming(self, title: str) -> workload.WorkloadTx:
        return workload.WorkloadTx(self._host, calldata.update_room(self.room, title.encode()))

    def rename(self) -> tuple[str, float]:
        """Mine a block in which the room is renamed; its title, and when mining began."""
        title = next(self._titles)
        self._maker.send([self._renaming(title)], self.contract)
        began = time.monotonic()
        self._maker.seal(int(time.time()))
        return title, began

    def reorg(self, depth: int) -> None:
        """Replace the last `depth` blocks, all made by `rename`, by other renamings."""
        last, _ = self.head()
        host = self._maker.accounts[self._host]
        nonce = self.node.nonce(host, hex(last - depth))
        txs: list[tuple[Any, int]] = []
        for place in range(depth):
            fields = self._maker.fields(self._renaming(next(self._titles)), self.contract)
            txs.append((fields | {"nonce": hex(nonce + place)}, place))
        self.node.reorg(depth, txs)
        self._maker.read()
