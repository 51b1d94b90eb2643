"""What a failure of the oracle's work leads to; `common.supervisor` runs the jobs by this table.

| failure | what it means | what follows |
|---|---|---|
| `OUTSIDE` | node, database or Cloudflare fails | reported; the next run tries again |
| `CONFLICTS` | another oracle acts, or did | the journal is read again |
| `FATAL` | no node knows the tag of FINALITY | the process ends: `JobGuard.over` |
| IndexStopped | a reorg past finality | nothing is sent until a person has looked |
| anything else | a bug of ours | reported with its traceback; the next run tries again |
"""

from __future__ import annotations

import structlog
from pymongo.errors import PyMongoError

from chain.finality import FinalityUnknown
from chain.rpc.errors import RpcError
from chain.send import StoreConflict
from common.clock import Clock, Rng
from common.database_errors import DatabaseErrors
from common.supervisor import JobGuard
from common.task_keeper import TaskKeeper
from oracle.cloudflare.errors import CloudflareError
from oracle.facts_loader import IndexStopped
from oracle.journal import JournalConflict
from oracle.metrics import OracleMetrics
from oracle.problems import Problems

log = structlog.get_logger(__name__)

OUTSIDE = (RpcError, PyMongoError, CloudflareError)
CONFLICTS = (JournalConflict, StoreConflict)
FATAL = (FinalityUnknown,)


def job_guard(
    metrics: OracleMetrics, problems: Problems, database: DatabaseErrors | None = None
) -> JobGuard:
    """Runs the oracle's jobs by the table above. `database` explains what its errors mean."""

    def outside(name: str, error: Exception) -> None:
        problems.failed(name, shared_cause(error) or name, one_line(error, database))

    def conflict(name: str, error: Exception) -> None:
        log.warning("changed by another process", job=name, reason=str(error))

    def stopped(_: str, error: Exception) -> None:
        problems.set(
            "index", f"the index has stopped: {error}. Nothing is sent until this is fixed"
        )

    def fault(name: str, error: Exception) -> None:
        if problems.failed(name, name, f"internal error, see the log: {error!r}"):
            log.exception("internal error", job=name, exc_info=error)

    return JobGuard(
        [
            (OUTSIDE, outside),
            (CONFLICTS, conflict),
            ((IndexStopped,), stopped),
            ((Exception,), fault),
        ],
        fatal=FATAL,
        worked=problems.worked,
        failed=lambda name: metrics.job_failures.labels(name).inc(),
    )


def task_keeper(metrics: OracleMetrics, problems: Problems, clock: Clock, rng: Rng) -> TaskKeeper:
    """Keeps the oracle's tasks, the jobs' loops among them; /readyz tells what is down."""
    keeper = TaskKeeper(
        clock,
        rng,
        fatal=FATAL,
        count=lambda task, restarts: metrics.task_restarts.labels(task).inc(restarts),
    )
    problems.tasks_down = keeper.down
    return keeper


def shared_cause(error: BaseException) -> str | None:
    """What an outside error comes from, where all that need it fail alike; else None."""
    if isinstance(error, RpcError) and error.transient:
        return "node"
    if isinstance(error, CloudflareError):
        return "cloudflare"
    return "database" if isinstance(error, PyMongoError) else None


def one_line(error: BaseException, database: DatabaseErrors | None = None) -> str:
    """One line, without the driver's time-outs and its topology dump."""
    if database is not None and isinstance(error, PyMongoError):
        return database.explain(error)
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    for rest in (" (configured timeouts", ", Timeout:", ", Topology"):
        text = text.partition(rest)[0]
    return text[:300]
