"""Nonces that others use, that are missing, or that a lost store forgot: one situation a test."""

from __future__ import annotations

from chain.send import SendState
from chain.units import GWEI
from tests.support.sender_bench import Bench
from tests.support.simchain.chain import foreign


async def test_lagging_node__forgets_final_nonces__no_old_nonce_is_taken() -> None:
    bench = Bench()
    await bench.send("a")
    await bench.finish()
    bench.restart()
    bench.line.chain = bench.chain.lagging(bench.chain.number)
    await bench.submit("b")
    await bench.tick()
    assert bench.row("b").nonce is None
    assert "it lags" in (bench.sender.blocked or "")
    bench.line.chain = bench.chain
    await bench.tick()
    assert bench.row("b").nonce == 1


async def test_foreign__nonce_used_by_somebody_else__new_nonce_only_once_final() -> None:
    bench = Bench()
    await bench.send("a")
    await foreign(bench.chain, 0)
    bench.chain.mine()
    for _ in range(5):
        await bench.tick(30.0)
        assert bench.row("a").nonce == 0
    bench.chain.mine(6)
    await bench.tick(1.0)
    assert ("requeued", "a") in bench.events
    await bench.finish()
    row = bench.row("a")
    assert (row.state, row.nonce, bench.mined("a")) == (SendState.CONFIRMED, 1, 1)
    assert len(row.dead_hashes) == 1


async def test_foreign__pruned_node_cannot_tell__waits_twice_the_distance() -> None:
    bench = Bench()
    await bench.send("a")
    await foreign(bench.chain, 0)
    bench.chain.mine(2)

    bench.chain.pruned = True
    await bench.tick()
    bench.chain.mine(11)
    await bench.tick(100.0)
    assert bench.row("a").nonce == 0
    bench.chain.mine(2)
    await bench.tick(1.0)
    assert ("requeued", "a") in bench.events


async def test_gap__unknown_transactions_reorged_out__filled_by_a_self_transfer() -> None:
    bench = Bench()
    await foreign(bench.chain, 0)
    bench.chain.mine()
    await bench.send("a")
    assert bench.row("a").nonce == 1
    bench.chain.reorg(1, keep_pool=False)
    bench.chain.mine(2)
    for _ in range(12):
        await bench.tick(10.0)
    assert 0 in bench.chain.pool
    assert bench.chain.pool[0].data == "0x"
    await bench.finish()
    assert bench.mined("a") == 1


async def test_gap__queued_intent__takes_the_missing_nonce() -> None:
    bench = Bench()
    await foreign(bench.chain, 0)
    bench.chain.mine()
    await bench.send("a")
    bench.chain.reorg(1, keep_pool=False)
    bench.chain.mine(2)
    await bench.send("b")
    assert bench.row("b").nonce == 0
    await bench.finish()
    assert len(bench.chain.transactions()) == 2


async def test_store_lost__transactions_still_pending__given_time_then_nothing_doubled() -> None:
    bench = Bench()
    await bench.send("a", "b")
    bench.store.rows.clear()
    bench.restart()
    await bench.submit("c")
    await bench.tick()
    assert "unknown transactions" in (bench.sender.blocked or "")
    bench.chain.mine()
    await bench.tick(2.0)
    assert bench.row("c").nonce == 2
    await bench.finish()
    assert [bench.mined(key) for key in "abc"] == [1, 1, 1]


async def test_store_lost__stuck_transactions_in_the_pool__their_nonces_are_taken() -> None:
    bench = Bench()
    bench.chain.base_fee = GWEI // 10
    await bench.send("a")
    bench.store.rows.clear()
    bench.chain.base_fee = 5 * GWEI
    bench.restart()
    await bench.submit("b")
    for _ in range(12):
        await bench.tick(10.0)
    assert bench.row("b").nonce == 0
    await bench.finish()
    assert (bench.mined("a"), bench.mined("b")) == (0, 1)


async def test_foreign__withdrawn_intent_loses_its_nonce__does_not_come_back() -> None:
    bench = Bench()
    await bench.send("a")
    await bench.sender.withdraw("a", "the room is gone")
    await foreign(bench.chain, 0)
    bench.chain.mine()
    await bench.tick()
    bench.chain.mine(7)
    await bench.tick(100.0)
    assert (bench.row("a").state, bench.row("a").reason) == (SendState.FAILED, "the room is gone")
    assert bench.row("a").nonce is None
