"""Changes that come at once are written together (playback/group_commit.py)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest

from localnet.waiting import wait_until
from playback.group_commit import AT_ONCE, MOST, GroupCommit


class Writer:
    """Writes when it is let; `written`: each batch. What is negative is refused."""

    def __init__(self) -> None:
        self.written: list[list[int]] = []
        self.fail: Exception | None = None
        self.go_on = threading.Event()
        self.under_way = 0

    def write(self, wanted: Sequence[int]) -> list[bool]:
        self.under_way += 1
        assert self.go_on.wait(20)
        self.written.append(sorted(wanted))
        if self.fail is not None and list(wanted) != [0]:
            raise self.fail
        return [each >= 0 for each in wanted]


def under_way(writer: Writer, count: int) -> bool:
    return writer.under_way == count


def waiting(group: GroupCommit[int, bool], count: int) -> bool:
    return len(group._waiting) == count


def written(writer: Writer) -> list[int]:
    """All but the first, which are 0."""
    return sorted(each for batch in writer.written for each in batch if each)


def behind_others(writer: Writer, changes: Sequence[int]) -> list[Future[bool]]:
    """What became of those that came while as many were being written as may be at once: these
    write 0 each."""
    group = GroupCommit[int, bool](writer.write)
    with ThreadPoolExecutor(len(changes) + AT_ONCE) as pool:
        for count in range(AT_ONCE):
            pool.submit(group.do, 0)
            wait_until(partial(under_way, writer, count + 1), 20)
        others = []
        for count, each in enumerate(changes):
            others.append(pool.submit(group.do, each))
            wait_until(partial(waiting, group, count + 1), 20)
        writer.go_on.set()
    return others


def test_do__alone__is_written_at_once() -> None:
    writer = Writer()
    writer.go_on.set()
    group = GroupCommit[int, bool](writer.write)
    assert (group.do(1), group.do(-1)) == (True, False)
    assert writer.written == [[1], [-1]]


def test_do__many_while_others_are_written__go_together_each_with_its_own_answer() -> None:
    writer = Writer()
    done = behind_others(writer, [5, -6, 7])
    assert [each.result() for each in done] == [True, False, True]
    assert written(writer) == [-6, 5, 7] and len(writer.written) <= 2 * AT_ONCE


def test_do__more_than_a_write_takes__in_several() -> None:
    writer = Writer()
    done = behind_others(writer, range(1, 3 * MOST))
    assert all(each.result() for each in done)
    assert written(writer) == list(range(1, 3 * MOST))
    assert max(map(len, writer.written)) <= MOST and len(writer.written) <= 3 * AT_ONCE


def test_do__a_write_fails__for_those_in_it_alone() -> None:
    writer = Writer()
    writer.fail = ConnectionError("away")
    for each in behind_others(writer, [1, 2]):
        with pytest.raises(ConnectionError, match="away"):
            each.result()
    assert written(writer) == [1, 2]


def test_do__given_up_while_it_waits__the_others_are_written() -> None:
    """Whoever gives up may be the one whose turn it would be."""

    class GivenUp(BaseException):
        pass

    writer = Writer()
    group = GroupCommit[int, bool](writer.write)
    with ThreadPoolExecutor(AT_ONCE + 1) as pool:
        for count in range(AT_ONCE):
            pool.submit(group.do, 0)
            wait_until(partial(under_way, writer, count + 1), 20)

        class Impatient(threading.Event):
            def wait(self, timeout: float | None = None) -> bool:
                raise GivenUp

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("playback.group_commit.threading.Event", Impatient)
            with pytest.raises(GivenUp):
                group.do(1)
        other = pool.submit(group.do, 2)
        writer.go_on.set()
        assert other.result(20) is True
    assert written(writer) == [2]
