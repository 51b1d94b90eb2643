"""`ChainSync` by docs/index.md, "What is promised", "Nodes", "When the service reports a problem":
each answer of a node by a script, true or not, and what is then written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chain.follow.fetch import Inconsistent
from chain.follow.follower import Backlog, Deep, Fork
from chain.follow.window import BlockPosition
from chain.rpc.errors import RpcTimeout
from indexer.chain_sync import Stopped
from indexer.documents import ACCOUNTS, EVENTS, ROOMS
from indexer.store import LostWriter
from tests.support.indexer.fold_tables import ALICE, BOB, CAROL, CONTRACT
from tests.support.indexer.scripted_sync import (
    BlockScript,
    head,
    nothing,
)
from tests.support.indexer.sync_bench import BEGUN, SEQ, SyncBench, run
from tests.support.indexer.written_index import (
    START,
    WrittenIndex,
    created,
    ended,
    renamed,
)


def test_extension__proved_by_the_contract__written_and_proven_then_at_rest() -> None:
    async def story(world: SyncBench) -> None:
        told = BlockScript(world.index)
        step = told.extension((created(4, ALICE),), (), (ended(4, ALICE, amount=1),), final=START)
        world.nodes.histories["b"] = (told.seq, told.history)
        await world.see(step, nothing(final=START))
        assert world.place == (START + 3, SEQ + 2)
        assert world.store.kinds[ROOMS][4]["status"] == "ended"
        point = world.point
        assert [entry[0] for entry in point["window"]] == [START + n for n in range(4)]
        assert [entry[2] for entry in point["window"]] == [SEQ, SEQ + 1, SEQ + 1, SEQ + 2]
        assert point["proven"] == point["window"][-1]
        assert (point["state"], point["stop_reason"]) == ("following", None)
        assert point["finalized"] == {"block": START, "block_hash": WrittenIndex.hash(START)}
        assert point["head"] == {"block": START + 3, "timestamp": 1_700_000_000}
        assert world.shown[-1] == START + 3

    run(story)


def test_extension__a_node_that_cannot_prove__written_but_not_proven() -> None:
    async def story(world: SyncBench) -> None:
        told = BlockScript(world.index)
        step = told.extension((created(4, ALICE),), proves=False)
        with pytest.raises(RpcTimeout):
            await world.see(step, RpcTimeout("no answer"))
        assert world.place == (START + 1, SEQ + 1)
        assert world.point["proven"][0] == START

    run(story)


LIES: dict[str, Callable[[Any], None]] = {
    "an_event_left_out": lambda fetched: fetched.logs.pop(0),
    "an_event_twice": lambda fetched: fetched.logs.append(fetched.logs[-1]),
    "another_actor": lambda fetched: fetched.logs[0]["topics"].__setitem__(
        1, "0x" + "00" * 12 + BOB[2:]
    ),
    "no_logs_at_all": lambda fetched: fetched.logs.clear(),
    "stray_bits": lambda fetched: fetched.logs[0].update(data=fetched.logs[0]["data"] + "01"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_extension__untrue__nothing_written_and_the_node_asked_again(lie: Any) -> None:
    async def story(world: SyncBench) -> None:
        before = world.index.documents()
        blocks = ((created(4, ALICE), created(5, BOB)),)
        false = BlockScript(world.index).extension(*blocks)
        lie(false.blocks)

        def true(window: Any, name: str) -> Any:
            assert world.index.documents() == before
            assert window.tip.number == START
            told = BlockScript(world.index)
            step = told.extension(*blocks)
            world.nodes.histories["b"] = (told.seq, told.history)
            return step

        await world.see(false, true, nothing())
        assert world.place == (START + 1, SEQ + 2)
        assert world.nodes.out == {}
        assert [name for name, _ in world.follower.looks] == ["a", "a", "a"]
        assert world.clock.monotonic() == 0, "a first doubt waits for nothing"

    run(story)


def test_doubt__again_and_again__back_to_the_last_proven_block_then_another_node() -> None:
    async def story(world: SyncBench) -> None:
        told = BlockScript(world.index)
        unproven = told.extension((created(4, ALICE),), proves=False, node="b")
        liar = Inconsistent("a", "its answers do not fit together")
        places = []

        def look(_: Any, name: str) -> Any:
            places.append((name, world.place[0]))
            return liar

        def last(_: Any, name: str) -> Any:
            places.append((name, world.place[0]))
            return nothing("b")(world.writer.window, name)

        await world.see(unproven, look, look, look, last)
        assert places == [("a", START + 1), ("a", START + 1), ("a", START), ("b", START)]
        assert world.nodes.out == {"a": "its answers do not fit together"}
        assert 4 not in world.store.kinds[ROOMS]

    run(story)


def test_fork__blocks_replaced__corrected_in_the_same_call() -> None:
    async def story(world: SyncBench) -> None:
        ancestor = world.writer.tip
        told = BlockScript(world.index)
        with pytest.raises(RpcTimeout):
            await world.see(
                told.extension((created(4, ALICE),), (renamed(1, ALICE, b"x"),)),
                RpcTimeout("no answer"),
            )
        fork = Fork("a", ancestor, head(START + 2, 1))

        def anew(window: Any, _: str) -> Any:
            assert window.tip == ancestor
            again = BlockScript(world.index)
            step = again.extension((created(4, CAROL),), fork=1)
            world.nodes.histories["b"] = (again.seq, again.history)
            return step

        await world.see(fork, anew, nothing())
        assert world.place == (START + 1, SEQ + 1)
        assert world.store.kinds[ROOMS][4]["host"] == CAROL
        assert world.store.kinds[ACCOUNTS][f"{CONTRACT}:{ALICE}"]["rooms"] == 2
        assert world.point["block_hash"] == WrittenIndex.hash(START + 1, 1)

    run(story)


# --- a reorg past finality ----------------------------------------------------------------------

DEEP = Deep("a", START, head(START + 1, 7))


@pytest.mark.parametrize("names", [("a",), ("a", "b")], ids=["alone", "confirmed"])
def test_deep_reorg__nobody_objects__stops_and_says_what_to_do(names: tuple[str, ...]) -> None:
    async def story(world: SyncBench) -> None:
        world.sync.final = START
        with pytest.raises(Stopped) as stopped:
            await world.see(DEEP, DEEP)
        reason = world.point["stop_reason"]
        assert str(stopped.value) == reason
        assert f"the chain no longer has block {START}, which was final" in reason
        assert "python -m indexer rewind" in reason
        assert world.point["state"] == "stopped"
        assert world.place == BEGUN

    run(story, *names)


def test_deep_reorg__another_node_knows_our_blocks__the_accuser_is_left_out() -> None:
    async def story(world: SyncBench) -> None:
        await world.see(DEEP, nothing("b"), nothing("b"))
        assert list(world.nodes.out) == ["a"]
        assert world.point["state"] == "following"
        assert [name for name, _ in world.follower.looks] == ["a", "b", "b"]

    run(story)


# --- a backlog ----------------------------------------------------------------------------------


def test_backlog__wide_ranges__written_as_final() -> None:
    async def story(world: SyncBench) -> None:
        told = BlockScript(world.index)
        blocks = [[renamed(1, ALICE, b"%d" % n)] for n in range(30)]
        world.backfill.pieces = [
            told.range(*blocks[:20], proves=False), told.range(*blocks[20:]),
        ]  # fmt: skip
        last = START + 30
        world.nodes.histories["b"] = (told.seq, told.history)
        await world.see(Backlog(START + 1, last, head(last + 40)), nothing())
        assert world.place == (last, SEQ + 30)
        assert [entry[0] for entry in world.point["window"]] == [last]
        assert world.point["finalized"]["block"] == last
        assert world.point["proven"][0] == last
        assert world.store.kinds[ROOMS][1]["title"] == "29"

    run(story)


@pytest.mark.parametrize(
    "failure", [RpcTimeout("no answer"), Inconsistent("a", "not linked")], ids=["rpc", "unlinked"]
)
def test_backlog__nodes_fail_midway__what_they_told_so_far_is_kept(failure: Exception) -> None:
    async def story(world: SyncBench) -> None:
        told = BlockScript(world.index)
        world.backfill.pieces = [told.range((created(4, ALICE),), ()), failure]
        with pytest.raises(RpcTimeout):
            await world.see(
                Backlog(START + 1, START + 9, head(START + 50)), RpcTimeout("no answer")
            )
        assert world.place == (START + 2, SEQ + 1)
        assert world.point["pending"] is None
        assert world.point["state"] == "syncing"

    run(story)


def test_backlog__a_lie_midway__nothing_of_it_stays() -> None:
    async def story(world: SyncBench) -> None:
        before = world.index.documents()
        told = BlockScript(world.index)
        good, bad = told.range((created(4, ALICE),)), told.range((created(5, ALICE),))
        bad.logs.clear()
        world.backfill.pieces = [good, bad]
        with pytest.raises(RpcTimeout):
            await world.see(
                Backlog(START + 1, START + 9, head(START + 50)), RpcTimeout("no answer")
            )
        assert world.index.documents() == before
        assert len(world.store.kinds[EVENTS]) == SEQ

    run(story)


# --- whose index it is --------------------------------------------------------------------------


def test_lease__lost__nothing_is_written_any_more() -> None:
    async def story(world: SyncBench) -> None:
        before = world.index.documents()
        told = BlockScript(world.index)
        step = told.extension((created(4, ALICE),))

        def lost(*_: Any) -> Any:
            world.may_write = False
            return step

        with pytest.raises(LostWriter, match="lease"):
            await world.see(lost)
        assert world.index.documents() == before
        with pytest.raises(LostWriter):
            await world.see()
        assert world.follower.looks == [("a", -1)], "without the lease nobody is even asked"

    run(story)


def test_documents__changed_by_another_hand__stops_and_names_rebuild() -> None:
    async def story(world: SyncBench) -> None:
        del world.store.kinds[ROOMS][1]
        with pytest.raises(
            Stopped, match=r"do not match its checkpoint.*python -m indexer rebuild"
        ):
            await world.see(BlockScript(world.index).extension((renamed(1, ALICE, b"x"),)))
        assert world.place == BEGUN
        assert world.nodes.out == {}

    run(story)


def test_documents__do_not_fit_what_a_node_cannot_prove__the_node_is_doubted() -> None:
    async def story(world: SyncBench) -> None:
        step = BlockScript(world.index).extension((renamed(77, ALICE, b"x"),), proves=False)
        await world.see(step, nothing())
        assert world.place == BEGUN
        assert world.point["state"] == "following"

    run(story)


def test_index__dropped_while_it_is_followed__opened_again_instead_of_blaming_a_node() -> None:
    async def story(world: SyncBench) -> None:
        step = BlockScript(world.index).extension((renamed(1, ALICE, b"x"),))
        world.store.drop()
        with pytest.raises(LostWriter):
            await world.see(step)
        assert world.nodes.out == {}

    run(story)


def test_what_was_folded_but_not_written__forgotten_before_the_next_look() -> None:
    async def story(world: SyncBench) -> None:
        writer = world.writer
        events = world.index.events((created(4, ALICE),))
        await writer.add(events, *writer.hash(events))
        assert writer.dirty
        await world.see(nothing())
        assert not writer.dirty
        assert (writer.seq, world.place) == (SEQ, BEGUN)

    run(story)


def test_catch_up__before_open__refused() -> None:
    async def story(world: SyncBench) -> None:
        world.sync.writer = None
        with pytest.raises(RuntimeError, match="open"):
            await world.sync.catch_up()

    run(story)


def test_position__of_each_block_near_the_head__history_after_that_very_block() -> None:
    async def story(world: SyncBench) -> None:
        told = BlockScript(world.index)
        first = told.extension((created(4, ALICE),), (created(5, ALICE),))
        alone = BlockScript(world.index)
        alone.range((created(4, ALICE),))
        world.nodes.histories["b"] = (told.seq, told.history)
        await world.see(first, nothing())
        entry = list(world.writer.window)[-2]
        assert entry == BlockPosition(
            START + 1, WrittenIndex.hash(START + 1), SEQ + 1, alone.history
        )

    run(story)
