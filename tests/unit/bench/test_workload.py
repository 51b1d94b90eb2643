"""The benchmark's chains: blocks of exactly so many events, whole lives, always the same."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.index.workload import Workload, WorkloadTx
from chain.hexes import keccak

CONTRACT = "0x" + "c0" * 20
ACCOUNTS = [f"0x{n:040x}" for n in range(1, 30)]
NAMES = {
    keccak(signature.encode())[:4]: name
    for name, signature in {
        "create": "createRoom(uint16,uint16,uint8,address,bytes32,string)",
        "update": "updateRoom(uint256,string)",
        "fulfill": "fulfill((uint256,bytes12,bytes16,bytes)[])",
        "end": "endRoom(uint256)",
        "release": "release((uint256,bytes12)[])",
    }.items()
}


def _events(tx: WorkloadTx) -> int:
    """How many events the contract emits for it."""
    entries = int.from_bytes(tx.data[36:68])
    return {
        "create": 1,
        "update": 1,
        "fulfill": entries + 1,  # and the operator's Credited
        "end": 1,
        "release": entries,
    }[NAMES[tx.data[:4]]]


@pytest.mark.parametrize("events", [10, 100])
def test_blocks__of_any_density__hold_exactly_so_many_events(events: int) -> None:
    for txs in Workload(CONTRACT, ACCOUNTS, events).blocks(200):
        assert sum(_events(tx) for tx in txs) == events


def test_blocks__of_a_long_story__hold_whole_lives() -> None:
    story = Workload(CONTRACT, ACCOUNTS, 10)
    seen: Counter[str] = Counter()
    for txs in story.blocks(500):
        for tx in txs:
            name = NAMES[tx.data[:4]]
            entries = int.from_bytes(tx.data[36:68]) if name in ("fulfill", "release") else 1
            seen[name] += entries
    assert seen["create"] == story.rooms > 700
    for step in ("fulfill", "end", "release"):
        assert story.rooms - 100 < seen[step] <= story.rooms  # but for those still under way
    assert seen["update"] > 200


def test_blocks__told_twice__are_the_same() -> None:
    first, second = (list(Workload(CONTRACT, ACCOUNTS, 10).blocks(60)) for _ in range(2))
    assert first == second
