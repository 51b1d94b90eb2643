"""Scenarios 5, 6 and 7, bumps and reorgs: one situation a test."""

from __future__ import annotations

from chain.send import SendPolicy, SendState
from chain.units import GWEI
from tests.support.sender_bench import POLICY, Bench


async def test_scenario_5__fifty_failures_between_nonce_and_broadcast__next_send_is_mined() -> None:
    bench = Bench()
    await bench.submit("a", "b")
    bench.signer.failures = 50
    for _ in range(50):
        await bench.tick(1.0)
    assert bench.row("a").nonce is None
    assert "no signature" in (bench.sender.blocked or "")
    await bench.finish()
    assert (bench.mined("a"), bench.mined("b"), bench.chain.nonce()) == (1, 1, 2)


async def test_scenario_5__fifty_failed_broadcasts__same_bytes_and_no_gap() -> None:
    bench = Bench()
    bench.line.down = True
    await bench.submit("a", "b")
    for _ in range(50):
        await bench.tick(1.0)
    assert bench.signer.signed == 1, "a second nonce was taken while the first was not accepted"
    assert len(bench.row("a").attempts) == 1
    bench.line.down = False
    await bench.finish()
    assert (bench.mined("a"), bench.mined("b"), bench.chain.nonce()) == (1, 1, 2)


async def test_scenario_6__killed_before_the_broadcast__same_nonce_same_bytes() -> None:
    bench = Bench()
    bench.line.down = True
    await bench.send("a")
    stored = bench.row("a").last.raw
    assert bench.chain.pool == {}
    bench.line.down = False
    bench.restart()
    await bench.tick(5.0)
    assert bench.chain.pool[0].raw == stored
    assert bench.signer.signed == 1


async def test_scenario_6__killed_after_the_broadcast__already_known_is_success() -> None:
    bench = Bench()
    bench.line.lose_answers = True
    await bench.send("a")
    assert bench.row("a").state is SendState.SIGNED
    assert 0 in bench.chain.pool
    bench.line.lose_answers = False
    bench.restart()
    await bench.tick(5.0)
    assert bench.row("a").state is SendState.BROADCAST
    assert bench.signer.signed == 1
    await bench.finish()
    assert bench.mined("a") == 1


async def test_scenario_6__mined_while_the_process_was_dead__found_mined() -> None:
    bench = Bench()
    bench.line.lose_answers = True
    await bench.send("a")
    bench.chain.mine(3)
    bench.restart()
    await bench.tick(5.0)
    assert bench.row("a").state is SendState.MINED


async def test_scenario_7__pool_drops_the_transaction__rebroadcast_same_bytes() -> None:
    bench = Bench()
    await bench.send("a")
    raw = bench.chain.pool[0].raw
    bench.chain.drop()
    await bench.tick(6.0)
    assert bench.chain.pool[0].raw == raw
    assert bench.signer.signed == 1


async def test_scenario_7__base_fee_jumps_tenfold__bumped_on_the_original_nonces() -> None:
    bench = Bench()
    await bench.send("a", "b")
    bench.chain.base_fee *= 10
    await bench.tick(2.0)
    for number, key in enumerate("ab"):
        assert bench.row(key).nonce == number
        assert len(bench.row(key).attempts) == 2
        assert bench.chain.pool[number].max_fee >= 20 * GWEI
    await bench.finish()
    assert (bench.mined("a"), bench.mined("b"), bench.chain.nonce()) == (1, 1, 2)


async def test_scenario_7__base_fee_above_the_ceiling__waits_visibly_then_goes_on() -> None:
    bench = Bench()
    await bench.send("a")
    bench.chain.base_fee = 300 * GWEI
    await bench.submit("b")
    for _ in range(100):
        await bench.tick(10.0)
        assert bench.chain.pool[0].max_fee <= POLICY.fee_ceiling
    assert "above the ceiling" in (bench.sender.blocked or "")
    assert bench.row("b").state is SendState.QUEUED
    assert len(bench.row("a").attempts) <= POLICY.max_attempts
    bench.chain.base_fee = GWEI
    await bench.finish()
    assert bench.sender.blocked is None
    assert (bench.mined("a"), bench.mined("b")) == (1, 1)


async def test_bump__pending_for_long__only_the_first_in_line_pays_more() -> None:
    bench = Bench()
    await bench.send("a", "b")
    await bench.tick(61.0)
    assert len(bench.row("a").attempts) == 2
    assert len(bench.row("b").attempts) == 1


async def test_reorg__receipt_gone__pending_again_then_mined_once() -> None:
    bench = Bench()
    await bench.send("a")
    bench.chain.mine(2)
    await bench.tick()
    assert bench.row("a").state is SendState.MINED
    bench.chain.reorg(2, keep_pool=False)
    bench.chain.mine(3)
    await bench.tick(2.0)
    assert bench.row("a").state is SendState.BROADCAST
    assert ("reorged", "a") in bench.events
    assert 0 in bench.chain.pool
    await bench.finish()
    assert bench.mined("a") == 1


async def test_reorg__lagging_node_has_not_seen_the_block__not_taken_for_a_reorg() -> None:
    bench = Bench()
    await bench.send("a")
    bench.chain.mine(3)
    await bench.tick()
    bench.line.chain = bench.chain.lagging(3)
    await bench.tick(1.0)
    assert bench.row("a").state is SendState.MINED


async def test_finality__node_far_behind_the_head__its_blocks_are_not_final() -> None:
    bench = Bench()
    await bench.send("a")
    bench.chain.mine(20)
    bench.line.chain = bench.chain.lagging(16)
    await bench.tick()
    assert bench.row("a").state is SendState.MINED
    bench.line.chain = bench.chain
    await bench.tick()
    assert bench.row("a").state is SendState.CONFIRMED


async def test_attempts__bumps_for_ever__bounded_by_the_policy() -> None:
    policy = SendPolicy(
        fee_ceiling=10**6 * GWEI, min_tip=1, max_tip=GWEI, bump_seconds=10.0, max_attempts=5
    )
    bench = Bench(policy)
    await bench.send("a")
    for _ in range(40):
        await bench.tick(11.0)
    assert len(bench.row("a").attempts) == 5


async def test_bump__the_earlier_attempt_is_mined__found_all_the_same() -> None:
    bench = Bench()
    await bench.send("a")
    first = bench.chain.pool[0]
    await bench.tick(61.0)
    assert len(bench.row("a").attempts) == 2
    bench.chain.pool[0] = first
    bench.chain.mine()
    await bench.tick()
    assert bench.row("a").tx_hash == first.hash
    await bench.finish()
    assert bench.mined("a") == 1
