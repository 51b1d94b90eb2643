"""Runs the oracle's work again and again, and survives its failures.

Promises: a job never overlaps with itself; its failure is counted, told once in words, and ends
neither the job nor its neighbours:

| failure | what it means | what follows |
|---|---|---|
| `OUTSIDE` | node, database or Cloudflare is in trouble | said; the next run tries again |
| `CONFLICTS` | another oracle acts, or did | the book is read again |
| FinalityUnknown | no node knows the tag of FINALITY | the process ends: `Guard.over` |
| IndexStopped | a reorg past finality | nothing is sent until a person has looked |
| anything else | a fault of ours | said with its traceback; the next run tries again |

Assumes: `wake` may be called at any time. On restart all jobs run at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from pymongo.errors import PyMongoError

from chain.errors import RpcError
from chain.finality import FinalityUnknown
from chain.heads import Wakeups
from chain.rooms import ViewError
from chain.sender import StoreConflict
from common.clock import Clock
from oracle.assemble import IndexStopped
from oracle.cloudflare.errors import CloudflareError
from oracle.journal import JournalConflict
from oracle.metrics import Metrics
from oracle.problems import Problems

log = structlog.get_logger(__name__)

OUTSIDE = (RpcError, PyMongoError, CloudflareError, ViewError)
CONFLICTS = (JournalConflict, StoreConflict)
PAUSE_SECONDS = 0.5


class Guard:
    """Runs a job once, whatever happens; True if it went well."""

    def __init__(self, metrics: Metrics, problems: Problems) -> None:
        self._metrics = metrics
        self._problems = problems
        self.wrong: FinalityUnknown | None = None
        self.over = asyncio.Event()

    async def run(self, name: str, job: Callable[[], Awaitable[object]]) -> bool:
        """See the module's table."""
        try:
            await job()
        except asyncio.CancelledError:
            raise
        except OUTSIDE as error:
            self._problems.failed(name, cause(error) or name, told(error))
        except CONFLICTS as error:
            log.warning("changed by somebody else", job=name, reason=str(error))
        except FinalityUnknown as error:
            self.wrong = error
            self.over.set()
        except IndexStopped as error:
            self._problems.set(
                "index", f"the index has stopped: {error}. Nothing is sent before it is mended"
            )
        except Exception as error:
            if self._problems.failed(name, name, f"a fault of ours, see the log: {error!r}"):
                log.exception("a fault of ours", job=name)
        else:
            self._problems.worked(name)
            return True
        self._metrics.job_failures.labels(name).inc()
        return False


class Loop:
    """A job that runs when woken, and every `seconds`; `when` bounds the wait further."""

    def __init__(
        self,
        name: str,
        job: Callable[[], Awaitable[bool]],
        wakeups: Wakeups,
        guard: Guard,
        clock: Clock,
        *,
        seconds: float,
        when: Callable[[], float | None] = lambda: None,
        allowed: Callable[[], bool] = lambda: True,
    ) -> None:
        """`job` answers whether there may be more to do at once. `when`: unix time of the next
        known work. `allowed`: whether this process may work at all (the lease)."""
        self.name = name
        self.wakeups = wakeups
        self._job = job
        self._guard = guard
        self._clock = clock
        self._seconds = seconds
        self._when = when
        self._allowed = allowed
        self._more = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.wakeups.wait(self._wait())
            if not self._allowed():
                continue
            self._more = False
            if not await self._guard.run(self.name, self._once):
                await self._clock.sleep(PAUSE_SECONDS)
            if self._more:
                self.wakeups.wake()

    async def _once(self) -> None:
        self._more = await self._job()

    def _wait(self) -> float:
        when = self._when()
        if when is None:
            return self._seconds
        return min(self._seconds, max(0.01, when - self._clock.now()))


def cause(error: BaseException) -> str | None:
    """What an outside error comes from, where all that need it fail alike; else None."""
    if isinstance(error, RpcError) and error.transient:
        return "node"
    return "database" if isinstance(error, PyMongoError) else None


def told(error: BaseException) -> str:
    """One line, without the driver's time-outs and its topology dump."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    for rest in (" (configured timeouts", ", Timeout:", ", Topology"):
        text = text.partition(rest)[0]
    return text[:300]
