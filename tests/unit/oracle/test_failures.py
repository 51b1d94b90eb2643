"""What a job's failure leads to."""

from __future__ import annotations

from chain.finality import FinalityUnknown
from chain.rpc.errors import TransportError
from common.supervisor import JobGuard
from oracle.failures import job_guard
from oracle.metrics import OracleMetrics
from oracle.problems import Problems


def guard_of() -> tuple[JobGuard, Problems]:
    problems = Problems()
    problems.begun = True
    return job_guard(OracleMetrics(), problems), problems


async def test_guard__the_nodes_are_away__said_and_tried_again() -> None:
    guard, problems = guard_of()

    async def job() -> None:
        raise TransportError("refused")

    assert not await guard.run("provision", job)
    assert not guard.over.is_set()
    assert "node: refused" in problems.readiness().reasons[0]


async def test_guard__no_node_knows_the_tag_of_finality__the_process_is_to_end() -> None:
    guard, problems = guard_of()
    wrong = FinalityUnknown("http://n does not support the block tag 'finalized' (what?)")

    async def job() -> None:
        raise wrong

    assert not await guard.run("provision", job)
    assert guard.over.is_set()
    assert guard.wrong is wrong
    assert problems.readiness().ready, "it is no fault of ours to be told with a traceback"
