"""What the oracle says of its troubles: once each, and for as long as they last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.errors import ServerSelectionTimeoutError
from structlog.testing import capture_logs

from chain.rpc.errors import JsonRpcError, NoEndpoint, TransportError
from common.supervisor import JobGuard
from oracle.cloudflare.errors import ServerTrouble
from oracle.cloudflare.operations import Operation
from oracle.failures import job_guard, one_line
from oracle.metrics import OracleMetrics
from oracle.problems import SETTLED_SECONDS, Problems
from tests.support.manual_clock import ManualClock

Lines = list[Any]
GONE = TransportError("no connection (ConnectError)", endpoint="http://node", method="eth_call")
COOLING = NoEndpoint("no RPC endpoint gets requests for 3.4 s", 3.4)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def problems(clock: ManualClock) -> Problems:
    found = Problems(clock)
    found.begun = True
    return found


@pytest.fixture
def guard(problems: Problems) -> JobGuard:
    return job_guard(OracleMetrics(), problems)


@pytest.fixture
def lines() -> Iterator[Lines]:
    with capture_logs() as captured:
        yield captured


async def _well() -> None:
    return None


def _fails(error: Exception) -> Any:
    async def job() -> None:
        raise error

    return job


def test_readiness__before_the_first_look__not_ready_and_silent(lines: Lines) -> None:
    problems = Problems()
    assert problems.readiness() == (False, ("start: not started yet",))
    problems.begun = True
    assert problems.readiness() == (True, ())
    assert lines == []


async def test_guard__a_job_that_finds_something_wrong_and_ends_well__it_stays_said(
    problems: Problems, guard: JobGuard, lines: Lines
) -> None:
    async def look() -> None:
        problems.set("operator", "the key is another account's")

    assert await guard.run("operator", look)
    assert await guard.run("operator", look)
    assert problems.readiness() == (False, ("operator: the key is another account's",))
    assert [line["event"] for line in lines] == ["problem"]


async def test_guard__the_node_is_down_for_many_jobs__two_lines_in_all(
    problems: Problems, guard: JobGuard, lines: Lines
) -> None:
    for _ in range(20):
        for job, error in (("sender", GONE), ("index", COOLING), ("operator", GONE)):
            assert not await guard.run(job, _fails(error))
    reason = "node: no connection (ConnectError) (eth_call at http://node)"
    assert problems.readiness() == (False, (f"{reason} (affected jobs: index, operator, sender)",))
    for job in ("sender", "index", "operator"):
        assert await guard.run(job, _well)
    assert problems.readiness().ready
    assert [(line["event"], line["source"]) for line in lines] == [
        ("problem", "node"),
        ("problem resolved", "node"),
    ]


async def test_guard__node_back_and_database_gone__each_is_told(
    problems: Problems, guard: JobGuard, lines: Lines
) -> None:
    await guard.run("index", _fails(GONE))
    await guard.run("index", _fails(ServerSelectionTimeoutError("db:1: refused, Timeout: 5.0s")))
    assert [(line["event"], line["source"]) for line in lines] == [
        ("problem", "node"),
        ("problem resolved", "node"),
        ("problem", "database"),
    ]
    assert problems.readiness() == (False, ("database: db:1: refused (affected jobs: index)",))


AWAY = ServerSelectionTimeoutError("db:1: refused")


@pytest.mark.parametrize(
    "error",
    [GONE, AWAY, ServerTrouble(Operation.LIST, "oops", status=500), KeyError("a fault of ours")],
    ids=["node", "database", "Cloudflare", "ours"],
)
async def test_guard__a_job_that_no_room_waits_for_fails__a_note_until_it_works(
    problems: Problems, guard: JobGuard, lines: Lines, error: Exception
) -> None:
    problems.aside = ["sweep"]
    for _ in range(3):
        await guard.run("sweep", _fails(error))
    ready, (line,) = problems.readiness()
    assert ready
    assert "sweep" in line
    assert line.endswith("; tried again within a minute (does not affect readiness)")
    await guard.run("sweep", _well)
    assert problems.readiness() == (True, ())
    assert [line["event"] for line in lines if line["event"] != "internal error"] == [
        "job failed",
        "job works again",
    ]


async def test_guard__the_database_is_back_for_who_needs_it__a_slow_jobs_failure_holds_nothing(
    problems: Problems, guard: JobGuard, lines: Lines
) -> None:
    problems.aside = ["sweep"]
    await guard.run("sweep", _fails(AWAY))
    assert problems.readiness().ready
    await guard.run("lease", _fails(AWAY))
    assert problems.readiness() == (
        False,
        ("database: db:1: refused (affected jobs: lease, sweep)",),
    )
    await guard.run("lease", _well)
    assert problems.readiness().ready
    events = [line["event"] for line in lines]
    assert events == ["job failed", "problem", "problem resolved"]


async def test_guard__a_job_has_not_come_to_say_it_again__not_waited_for_once_others_work(
    problems: Problems, guard: JobGuard, clock: ManualClock
) -> None:
    await guard.run("provision", _fails(AWAY))
    await guard.run("lease", _fails(AWAY))
    clock.tick(1)
    await guard.run("lease", _well)  # provision works on two hundred rooms for a minute
    problems.settle()
    assert not problems.readiness().ready, "it may be about to say it again"
    clock.tick(SETTLED_SECONDS)
    problems.settle()
    assert problems.readiness() == (True, ())


async def test_guard__some_jobs_go_on_failing__told_for_as_long(
    problems: Problems, guard: JobGuard, clock: ManualClock, lines: Lines
) -> None:
    for _ in range(20):
        await guard.run("provision", _fails(GONE))
        clock.tick(1)
        await guard.run("release", _well)  # it had no room to ask the node for
        clock.tick(2)
        problems.settle()
        assert not problems.readiness().ready
    assert [line["event"] for line in lines] == ["problem"]


async def test_stop__jobs_that_fail_meanwhile__no_word_and_not_ready(
    problems: Problems, guard: JobGuard, lines: Lines
) -> None:
    problems.stop()
    await guard.run("provision", _fails(AWAY))
    await guard.run("settle", _fails(KeyError("cut off")))
    problems.set("index", "gone")
    assert lines == []
    assert problems.readiness() == (False, ("the service stops",))


async def test_forget__another_oracle_has_the_lease__what_the_jobs_said_is_over(
    problems: Problems, guard: JobGuard
) -> None:
    await guard.run("provision", _fails(AWAY))
    await guard.run("index", _fails(AWAY))
    problems.forget(["provision", "sender"])
    assert problems.readiness().reasons == ("database: db:1: refused (affected jobs: index)",)
    await guard.run("index", _well)
    assert problems.readiness() == (True, ())


async def test_guard__one_job_fails_by_itself__told_again_only_when_it_changes(
    problems: Problems, guard: JobGuard, lines: Lines
) -> None:
    for text in ("unknown block", "unknown block", "execution reverted"):
        await guard.run("settle", _fails(JsonRpcError(-32000, text)))
    assert [line["reason"] for line in lines] == [
        "unknown block [-32000]",
        "execution reverted [-32000]",
    ]
    assert problems.readiness().reasons == ("settle: execution reverted [-32000]",)


async def test_guard__a_fault_of_ours_again_and_again__one_traceback(
    guard: JobGuard, lines: Lines
) -> None:
    for _ in range(3):
        assert not await guard.run("settle", _fails(KeyError("x")))
    assert [line["event"] for line in lines] == ["problem", "internal error"]


def test_told__a_drivers_message__without_its_timeouts_and_topology() -> None:
    text = (
        "db:27017: [Errno 111] refused (configured timeouts: socketTimeoutMS: 5000.0ms), "
        "Timeout: 5.0s, Topology Description: <TopologyDescription id: 6b03>"
    )
    assert one_line(ServerSelectionTimeoutError(text)) == "db:27017: [Errno 111] refused"
