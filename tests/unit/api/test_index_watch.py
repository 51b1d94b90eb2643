"""The snapshot of the index: how old, who reads, what changed."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import pytest

from api.index_source import IndexUnavailable
from api.index_watch import (
    BREATH,
    INTERVAL,
    MAX_AGE,
    MOST_EVENTS,
    IndexChange,
    IndexWatch,
    pause_after,
)
from common.clock import SystemClock
from common.task_keeper import TaskKeeper
from localnet.waiting import wait_until
from tests.support.indexer.contract_story import CONTRACT, ContractStory
from tests.support.memory_index_source import MemoryIndexSource


class Setting:
    def __init__(self) -> None:
        self.story = ContractStory()
        self.source = MemoryIndexSource(self.story)
        self.time = 100.0
        self.changes: list[IndexChange] = []
        self.watch = IndexWatch(
            self.source, [CONTRACT], monotonic=lambda: self.time, background=False
        )
        self.watch.observe(self.changes.append)

    def later(self, seconds: float = 1.0) -> IndexChange | None:
        """Look again; the last change announced, None if there was none."""
        self.time += seconds
        count = len(self.changes)
        self.watch.snapshot()
        return self.changes[-1] if len(self.changes) > count else None


@pytest.fixture
def setting() -> Iterator[Setting]:
    made = Setting()
    yield made
    made.watch.close()


def test_snapshot__asked_within_max_age__not_read_again(setting: Setting) -> None:
    first = setting.watch.snapshot()
    setting.time += MAX_AGE * 0.99
    assert setting.watch.snapshot() is first
    setting.time += MAX_AGE * 0.02
    assert setting.watch.snapshot() is not first
    assert setting.source.asked["checkpoints"] == 2


@pytest.mark.parametrize("took", [0.0, 0.001, 0.01, 0.02])
def test_pause_after__reads_of_up_to_20_ms__nobody_waits_for_the_database(took: float) -> None:
    # A snapshot is used until the next one is there: the reads of both, and the pause between.
    oldest = took + pause_after(took) + took
    assert oldest <= MAX_AGE
    assert took + pause_after(took) >= INTERVAL


def test_pause_after__database_slower_than_the_interval__still_a_breath() -> None:
    assert pause_after(1.0) == BREATH


@pytest.mark.parametrize("other", [{"format": 2}, {"format": None}, {"version": "1.0.0"}])
def test_snapshot__an_index_of_another_version__unavailable_until_it_is_rebuilt(
    setting: Setting, other: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an older program, or of a contract of another `VERSION`."""
    told = setting.story.checkpoint()
    monkeypatch.setattr(setting.story, "checkpoint", lambda: {**told, **other})
    with pytest.raises(IndexUnavailable, match="run `python -m indexer rebuild`"):
        setting.watch.snapshot()
    monkeypatch.undo()
    assert setting.watch.snapshot().main.seq == told["seq"]


def test_snapshot__new_events__announced_once_and_in_order(setting: Setting) -> None:
    setting.watch.snapshot()
    number = setting.story.live()
    change = setting.later()
    assert change is not None
    assert change.events is not None
    assert [e["name"] for e in change.events] == ["RoomCreated", "RoomProvisioned"]
    assert {e["room_id"] for e in change.events} == {number}
    assert setting.later() is None


def test_snapshot__new_blocks_without_events__no_change_announced(setting: Setting) -> None:
    setting.watch.snapshot()
    setting.story.confirmed_by = 5
    asked = setting.source.asked["events"]
    assert setting.later() is None
    assert setting.source.asked["events"] == asked


@pytest.mark.parametrize("regrown", [0, 1, 3])
def test_snapshot__reorg__announced_as_rollback(setting: Setting, regrown: int) -> None:
    setting.story.live()
    fork = setting.story.copy()
    fork.fork = 1
    setting.story.live()
    setting.watch.snapshot()
    for _ in range(regrown):
        fork.live(title="anders")
    setting.source.tell(fork)
    change = setting.later()
    assert change is not None
    assert change.rollback
    assert change.events is None
    fork.live()
    change = setting.later()
    assert change is not None
    assert change.events is not None


def test_snapshot__too_many_events_at_once__everything_may_differ(setting: Setting) -> None:
    setting.watch.snapshot()
    number = setting.story.live()
    for _ in range(MOST_EVENTS):
        setting.story.provision(number)
    change = setting.later()
    assert change is not None
    assert change.events is None
    assert not change.rollback


def test_snapshot__database_fails_midway__change_announced_at_the_next_read(
    setting: Setting,
) -> None:
    setting.watch.snapshot()
    setting.story.live()
    setting.source.down = True
    with pytest.raises(IndexUnavailable):
        setting.later()
    setting.source.down = False
    change = setting.later()
    assert change is not None
    assert change.events is not None
    assert len(change.events) == 2


def test_snapshot__contract_not_indexed_yet__unavailable_naming_it() -> None:
    watch = IndexWatch(MemoryIndexSource(), [CONTRACT], background=False)
    with pytest.raises(IndexUnavailable, match=CONTRACT):
        watch.snapshot()


def test_snapshot__many_at_once__one_read(setting: Setting) -> None:
    entered, leave = threading.Event(), threading.Event()
    read = setting.source.checkpoints

    def slowly(contracts: list[str]) -> object:
        entered.set()
        assert leave.wait(5)
        return read(contracts)

    setting.source.checkpoints = slowly  # type: ignore[method-assign,assignment]
    threads = [threading.Thread(target=setting.watch.snapshot) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert entered.wait(5)
    leave.set()
    for thread in threads:
        thread.join(5)
    assert setting.source.asked["checkpoints"] == 1


def test_background__while_asked__reads_by_itself_then_rests() -> None:
    source = MemoryIndexSource(ContractStory())
    clock = [0.0]
    watch = IndexWatch(source, [CONTRACT], monotonic=lambda: clock[0])
    try:
        watch.snapshot()
        wait_until(lambda: source.asked["checkpoints"] > 3, what="reads in the background")
        clock[0] += 10.0
        wait_until(lambda: not watch._reader.awake, what="rest")
    finally:
        watch.close()


def test_background__a_bug_in_an_observer__said_and_it_goes_on() -> None:
    source = MemoryIndexSource(ContractStory())
    restarts: list[tuple[str, int]] = []
    keeper = TaskKeeper(
        SystemClock(), random.Random(1), count=lambda task, n: restarts.append((task, n))
    )
    watch = IndexWatch(source, [CONTRACT], keeper=keeper)
    failures = [KeyError("a bug")]

    def observer(_: IndexChange) -> None:
        if failures:
            raise failures.pop()

    watch.observe(observer)
    try:
        watch.hold()
        wait_until(lambda: watch.known() is not None, what="it reads again")
        assert restarts == [("index_watch", 0), ("index_watch", 1)]
        assert "'index_watch' ended (KeyError)" in keeper.down()[0]
    finally:
        watch.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_background__its_thread_is_killed__the_next_question_starts_another() -> None:
    source = MemoryIndexSource(ContractStory())
    watch = IndexWatch(source, [CONTRACT])
    killed: list[BaseException] = [SystemExit()]

    def observer(_: IndexChange) -> None:
        if killed:
            raise killed.pop()

    watch.observe(observer)
    try:
        watch.hold()
        wait_until(lambda: not watch._reader.awake, what="its end")
        watch.snapshot()
        asked = source.asked["checkpoints"]
        wait_until(lambda: source.asked["checkpoints"] > asked + 1, what="reads in the background")
    finally:
        watch.close()


def test_background__database_comes_back__goes_on() -> None:
    source = MemoryIndexSource(ContractStory())
    watch = IndexWatch(source, [CONTRACT])
    try:
        watch.hold()
        wait_until(lambda: watch.known() is not None, what="a first read")
        source.down = True
        asked = source.asked["checkpoints"]
        wait_until(lambda: source.asked["checkpoints"] > asked + 1, what="tries")
        source.down = False
        known = watch.known()
        wait_until(lambda: watch.known() is not known, what="a fresh read")
    finally:
        watch.close()
