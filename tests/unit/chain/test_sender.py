"""The sender's calls and rules, one situation at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from chain.identity import WrongChain
from chain.send import KeyReused, SendState, StoreConflict
from chain.units import GWEI
from tests.support.sender.sender_bench import POLICY, TO, SenderBench
from tests.support.simchain.chain import SimChain, foreign


async def test_send__quiet_chain__walks_all_states() -> None:
    bench = SenderBench()
    await bench.submit("a")
    assert bench.row("a").state is SendState.QUEUED
    await bench.tick()
    assert bench.row("a").state is SendState.BROADCAST
    bench.chain.mine()
    await bench.tick()
    row = bench.row("a")
    assert (row.state, row.succeeded, row.block_number) == (SendState.MINED, True, 1)
    assert row.spent == 21_000 * (GWEI + row.last.priority_fee)
    bench.chain.mine(6)
    await bench.tick()
    assert bench.row("a").state is SendState.CONFIRMED
    assert [event for event, _ in bench.events] == ["signed", "broadcast", "mined", "confirmed"]


async def test_submit__same_key_again__one_transaction() -> None:
    bench = SenderBench()
    await bench.send("a")
    await bench.send("a")
    await bench.finish()
    await bench.send("a")
    assert bench.mined("a") == 1
    assert bench.chain.nonce() == 1


async def test_submit__key_of_another_transaction__refused() -> None:
    bench = SenderBench()
    await bench.submit("a")
    with pytest.raises(KeyReused):
        await bench.sender.submit("a", TO, "0xff", 100_000)


async def test_start__node_on_another_chain__refused() -> None:
    bench = SenderBench()
    await bench.sender.start()
    bench.line.chain = SimChain(chain_id=1)
    with pytest.raises(WrongChain, match="chain 1, the settings say 31337"):
        await bench.sender.start()


async def test_withdraw__queued__fails_at_once_and_takes_no_nonce() -> None:
    bench = SenderBench()
    await bench.submit("a")
    row = await bench.sender.withdraw("a", "the room is gone")
    assert (row.state, row.reason) == (SendState.FAILED, "the room is gone")
    await bench.tick()
    assert bench.signer.signed == 0


async def test_withdraw__in_flight__replaced_by_a_self_transfer_on_its_nonce() -> None:
    bench = SenderBench()
    await bench.send("a", "b")
    await bench.sender.withdraw("a", "the room is gone")
    await bench.tick(1.0)
    assert bench.chain.pool[0].data == "0x"
    assert bench.chain.pool[0].to == bench.sender.account.lower()
    await bench.finish()
    assert (bench.row("a").state, bench.row("a").reason) == (SendState.FAILED, "the room is gone")
    assert (bench.mined("a"), bench.mined("b"), bench.chain.nonce()) == (0, 1, 2)


async def test_withdraw__mined_before_the_replacement__stays_confirmed() -> None:
    bench = SenderBench()
    await bench.send("a")
    bench.chain.mine()
    await bench.sender.withdraw("a", "too late")
    await bench.finish()
    assert bench.row("a").state is SendState.CONFIRMED


async def test_withdraw__unknown_key__key_error() -> None:
    with pytest.raises(KeyError):
        await SenderBench().sender.withdraw("nothing", "why not")


async def test_fatal_refusal__bytes_no_node_takes__nonce_is_used_up_and_reason_kept() -> None:
    bench = SenderBench()
    await bench.submit("a", gas=20_000)
    await bench.submit("b")
    await bench.tick()
    await bench.finish()
    row = bench.row("a")
    assert row.state is SendState.FAILED
    assert row.reason == "refused by the node: intrinsic gas too low"
    assert (bench.mined("b"), bench.chain.nonce()) == (1, 2)


async def test_fatal_refusal__fees_at_the_ceiling__nonce_is_used_up_all_the_same() -> None:
    bench = SenderBench()
    bench.chain.base_fee = bench.policy.fee_ceiling * 3 // 4
    await bench.submit("a", gas=20_000)
    await bench.finish()
    assert bench.row("a").state is SendState.FAILED
    assert bench.chain.nonce() == 1


async def test_ceiling__what_is_pending_is_cheap_but_for_its_tip__only_the_tip_is_raised() -> None:
    bench = SenderBench()
    bench.chain.blind_pending = True  # a gateway that tells nothing of its pool
    bench.chain.base_fee = 45 * GWEI
    await foreign(bench.chain, 0, fee=20 * GWEI)
    bench.chain.pool[0] = replace(bench.chain.pool[0], priority_fee=GWEI * 9 // 80)
    await bench.send("a")
    await bench.finish()
    assert bench.mined("a") == 1
    fees = [attempt.max_fee for attempt in bench.row("a").attempts]
    assert fees[-2:] == [POLICY.fee_ceiling, POLICY.fee_ceiling]


async def test_ceiling__what_is_pending_tips_more_than_we_may__waits_in_words() -> None:
    bench = SenderBench()
    bench.chain.blind_pending = True
    bench.chain.base_fee = 45 * GWEI
    await foreign(bench.chain, 0, fee=30 * GWEI)
    await bench.send("a")
    for _ in range(40):
        await bench.tick(4.0)
    assert "a transaction with this nonce and higher fees is pending" in (
        bench.sender.blocked or ""
    )
    assert len(bench.row("a").attempts) < 10
    assert max(a.priority_fee for a in bench.row("a").attempts) <= POLICY.max_tip
    bench.chain.base_fee = GWEI
    await bench.finish(120)
    assert bench.mined("a") == 1


async def test_bumps__used_up__waits_in_words() -> None:
    bench = SenderBench(replace(POLICY, max_attempts=2))
    await bench.send("a")
    for base_fee in (5, 30):
        bench.chain.base_fee = base_fee * GWEI
        await bench.tick(5.0)
    assert len(bench.row("a").attempts) == 2
    assert "cannot be bumped further" in (bench.sender.blocked or "")
    bench.chain.base_fee = GWEI
    await bench.finish()
    assert bench.mined("a") == 1


async def test_reverted__mined_without_success__failed_once_final() -> None:
    bench = SenderBench()
    bench.chain.reverts.add("0x61")
    await bench.send("a")
    bench.chain.mine()
    await bench.tick()
    assert (bench.row("a").state, bench.row("a").succeeded) == (SendState.MINED, False)
    await bench.finish()
    assert (bench.row("a").state, bench.row("a").reason) == (
        SendState.FAILED,
        "the transaction reverted",
    )


async def test_no_funds__blocked_in_words__goes_on_when_topped_up() -> None:
    bench = SenderBench()
    bench.chain.balance = 1000
    await bench.submit("a", "b")
    for _ in range(20):
        await bench.tick(2.0)
    assert "top it up" in (bench.sender.blocked or "")
    assert bench.signer.signed == 1
    bench.chain.balance = 10**20
    await bench.finish()
    assert (bench.mined("a"), bench.mined("b")) == (1, 1)


async def test_signer__away_while_several_need_it__asked_once_and_the_rest_goes_on() -> None:
    bench = SenderBench()
    await bench.send("a", "b", "c")
    bench.chain.drop([2])
    bench.chain.base_fee *= 10
    bench.signer.failures = 1
    await bench.tick(2.0)
    assert bench.signer.failures == 0
    assert bench.signer.signed == 3, "of three that need one only the first asked"
    assert "no signature: the remote signer is away" in str(bench.sender.blocked)
    await bench.tick(0.5)
    assert bench.signer.signed == 3
    assert "no signature" in str(bench.sender.blocked), "it is still said during the pause"
    await bench.tick(0.5)
    assert bench.signer.signed == 6
    await bench.finish()
    assert [bench.mined(key) for key in "abc"] == [1, 1, 1]


async def test_signer__late_and_fees_moved_meanwhile__one_transaction_is_broadcast() -> None:
    bench = SenderBench()
    await bench.submit("a")
    bench.signer.failures = 3
    for _ in range(3):
        await bench.tick(1.0)
        bench.chain.base_fee += GWEI
    assert bench.chain.pool == {} and bench.row("a").attempts == ()
    await bench.tick(1.0)
    assert [tx.raw for tx in bench.chain.pool.values()] == [bench.row("a").last.raw]
    await bench.finish()
    assert (bench.mined("a"), bench.chain.nonce(), bench.signer.signed) == (1, 1, 1)


async def test_lease__lost__nothing_is_broadcast_until_it_is_back() -> None:
    bench = SenderBench()
    bench.lease = False
    await bench.send("a")
    assert (bench.chain.pool, bench.signer.signed) == ({}, 0)
    assert "lease" in (bench.sender.blocked or "")
    bench.lease = True
    await bench.send("a")
    bench.lease = False
    bench.chain.drop()
    await bench.tick(60.0)
    assert bench.chain.pool == {}
    bench.lease = True
    await bench.tick(1.0)
    assert 0 in bench.chain.pool


async def test_lease__node_never_answers_a_broadcast__given_up_within_the_lease() -> None:
    bench = SenderBench()
    bench.line.hangs = True
    await bench.submit("a")
    ticking = asyncio.ensure_future(bench.tick())
    await bench.clock.advance(bench.policy.act_seconds - 0.1)
    assert not ticking.done()
    await bench.clock.advance(0.2)
    assert ticking.done()
    await ticking
    assert "no answer to a broadcast" in (bench.sender.blocked or "")
    assert bench.row("a").state is SendState.SIGNED


async def test_still_wanted__no__withdrawn_without_a_nonce() -> None:
    bench = SenderBench()
    bench.unwanted["a"] = "the room ended"
    await bench.send("a", "b")
    assert (bench.row("a").state, bench.row("a").reason) == (SendState.FAILED, "the room ended")
    assert bench.row("b").nonce == 0


async def test_in_flight__window_full__rest_waits_in_order() -> None:
    bench = SenderBench()
    keys = [f"k{n}" for n in range(10)]
    await bench.send(*keys)
    assert sorted(bench.chain.pool) == [0, 1, 2, 3]
    bench.chain.mine()
    await bench.tick()
    assert sorted(bench.chain.pool) == [4, 5, 6, 7]
    await bench.finish()
    assert [bench.row(key).nonce for key in keys] == list(range(10))


async def test_store__row_changed_by_another_process__conflict_then_recovers() -> None:
    bench = SenderBench()
    await bench.submit("a")
    seen = bench.row("a")
    bench.store.rows["a"] = replace(seen, version=seen.version + 1)
    with pytest.raises(StoreConflict):
        await bench.store.save(seen)
    await bench.finish()
    assert bench.mined("a") == 1


async def test_wait_final__ticks_go_on__returns_the_final_row() -> None:
    bench = SenderBench()
    await bench.submit("a")
    mined = asyncio.ensure_future(bench.sender.wait_mined("a"))
    final = asyncio.ensure_future(bench.sender.wait_final("a"))
    await asyncio.sleep(0)
    await bench.tick()
    bench.chain.mine()
    await bench.tick()
    assert (await mined).state is SendState.MINED
    assert not final.done()
    await bench.finish()
    assert (await final).state is SendState.CONFIRMED
    with pytest.raises(KeyError):
        await bench.sender.wait_final("nothing")


async def test_tick__nothing_to_do__asks_the_node_nothing() -> None:
    bench = SenderBench()
    await bench.finish(1)
    head = bench.chain.top.head
    bench.line.chain = None  # type: ignore[assignment]
    await bench.sender.tick(head)
