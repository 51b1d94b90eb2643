"""`ChainSync` by docs/index.md: blooms that hide events, and what is compared at rest."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.indexer.fold_tables import ALICE
from tests.support.indexer.scripted_sync import (
    BlockScript,
    nothing,
)
from tests.support.indexer.sync_bench import BEGUN, SEQ, SyncBench, run
from tests.support.indexer.written_index import (
    ORIGIN,
    START,
    WrittenIndex,
    created,
)

# --- blooms -------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("a",), ("a", "b")], ids=["alone", "two"])
def test_bloom__hides_an_event__read_again_with_all_logs_and_nobody_accused(
    names: tuple[str, ...],
) -> None:
    """The comparison at rest finds that an event is missing."""

    async def story(world: SyncBench) -> None:
        block = (created(4, ALICE),)
        told = BlockScript(world.index)
        hidden = told.extension(block, (), unasked=True)
        world.nodes.histories = dict.fromkeys(names, (told.seq, told.history))

        def again(window: Any, name: str) -> Any:
            assert (window.tip.number, name) == (START, "a"), "back at the last proven block"
            return BlockScript(world.index).extension(block, ())

        await world.see(hidden, nothing(), again, nothing())
        assert world.place == (START + 2, SEQ + 1)
        assert world.follower.blooms == [True, True, False, False]
        assert world.nodes.out == {}
        assert world.clock.monotonic() == 0

    run(story, *names)


def test_bloom__hides_an_event_and_the_next_one_is_seen__read_again_with_all_logs() -> None:
    async def story(world: SyncBench) -> None:
        told = BlockScript(world.index)
        hidden = told.extension((created(4, ALICE),), unasked=True)
        gap = told.extension((created(5, ALICE),))

        def again(window: Any, _: str) -> Any:
            assert window.tip.number == START
            anew = BlockScript(world.index)
            return anew.extension((created(4, ALICE),), (created(5, ALICE),))

        world.nodes.histories = dict.fromkeys("ab", (told.seq, told.history))
        await world.see(hidden, gap, again, nothing())
        assert world.place == (START + 2, SEQ + 2)
        assert world.nodes.out == {}
        assert world.follower.blooms == [True, True, False, False]

    run(story)


def test_bloom__denies_a_log_that_the_history_proves__not_believed_again() -> None:
    async def story(world: SyncBench) -> None:
        told = BlockScript(world.index)
        step = told.extension((created(4, ALICE),), denied=START + 1)
        world.nodes.histories = dict.fromkeys("ab", (told.seq, told.history))
        await world.see(step, nothing())
        assert world.place == (START + 1, SEQ + 1)
        assert world.follower.blooms == [True, False]
        assert world.nodes.out == {}

    run(story)


def test_bloom__not_believed_and_events_are_missing_still__the_node_lies() -> None:
    async def story(world: SyncBench) -> None:
        told = BlockScript(world.index)
        hidden = told.extension((created(4, ALICE),), unasked=True)
        world.nodes.histories["b"] = (told.seq, told.history)

        def empty(_: Any, name: str) -> Any:
            return BlockScript(world.index).extension((), proves=False, node=name)

        def honest(_: Any, name: str) -> Any:
            assert name == "b", "the accuser is asked, not the accused"
            return BlockScript(world.index).extension((created(4, ALICE),), node=name)

        doubts = [nothing()] * 2
        await world.see(hidden, nothing(), empty, *doubts, honest, nothing("b"))
        assert list(world.nodes.out) == ["a"]
        assert world.place == (START + 1, SEQ + 1)

    run(story)


# --- at rest ------------------------------------------------------------------------------------


def test_rest__proven_already__compared_by_another_node_every_verify_seconds() -> None:
    async def story(world: SyncBench) -> None:
        for seconds in (0, 59, 1, 59, 1):
            world.clock.tick(seconds)
            await world.see(nothing())
        tip = {"blockHash": WrittenIndex.hash(START), "requireCanonical": True}
        assert world.nodes.asked == [("b", tip)] * 3

    run(story)


def test_rest__after_a_stop__goes_on_and_notes_when_it_looked() -> None:
    """Once the chain agrees again, nobody need act."""

    async def story(world: SyncBench) -> None:
        world.point.update(state="stopped", stop_reason="run rewind")
        await world.sync.open(ORIGIN)
        world.clock.tick(5)
        await world.see(nothing())
        assert (world.point["state"], world.point["stop_reason"]) == ("following", None)
        assert world.point["updated_at"] == world.clock.now()

    run(story)


def test_rest__one_node_alone__it_is_asked_itself() -> None:
    async def story(world: SyncBench) -> None:
        await world.see(nothing())
        assert [name for name, _ in world.nodes.asked] == ["a"]

    run(story, "a")


def test_rest__the_other_node_does_not_have_the_tip__compared_by_the_one_that_does() -> None:
    """It lags or stands still: no failure of the index, for ever and ever."""

    async def story(world: SyncBench) -> None:
        del world.nodes.histories["b"]
        await world.see(nothing())
        assert [name for name, _ in world.nodes.asked] == ["b", "a"]
        assert world.point["proven"] == world.point["window"][-1]
        assert world.nodes.out == {}

    run(story, proven=False)


def test_rest__events_that_nobody_proved__compared_at_once() -> None:
    async def story(world: SyncBench) -> None:
        assert world.point["proven"][2] == 0
        await world.see(nothing())
        assert world.point["proven"] == world.point["window"][-1]
        assert len(world.nodes.asked) == 1

    run(story, proven=False)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (SEQ + 1, f"it reports {SEQ + 1} events, the index has {SEQ}"),
        (SEQ, "a different history hash"),
    ],
)
def test_rest__another_node_tells_another_history__doubted_and_in_the_end_left_out(
    count: int, said: str
) -> None:
    async def story(world: SyncBench) -> None:
        world.nodes.histories["b"] = (count, b"\x01" * 23)
        await world.see(*[nothing()] * 4)
        assert list(world.nodes.out) == ["b"]
        assert said in world.nodes.out["b"]
        assert world.place == BEGUN

    run(story)


def test_rest__a_node_that_is_behind__head_told_and_nothing_compared() -> None:
    async def story(world: SyncBench) -> None:
        await world.see(nothing(number=START - 2))
        assert world.point["head"]["block"] == START - 2
        assert "block_seconds" not in world.point["head"], "not measured yet"
        world.block_seconds = 2.0
        await world.see(nothing(number=START - 2))
        assert world.point["head"]["block_seconds"] == 2
        assert world.point["state"] == "syncing"
        assert world.nodes.asked == []

    run(story)


def test_final__once_told__never_goes_back() -> None:
    async def story(world: SyncBench) -> None:
        await world.see(nothing(final=START))
        await world.see(nothing(final=START - 3))
        await world.see(nothing())
        assert [final for _, final in world.follower.looks] == [-1, START, START]
        assert world.point["finalized"]["block"] == START

    run(story)
