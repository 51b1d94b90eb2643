"""The indexer as a service: a `ChainSync` per contract, one lease, one port for the operator.

Promises: works until it is stopped; whatever fails for a while (nodes, database) is tried again
with growing pauses and one clear line; a task that dies of a bug is started again and told
(`common.task_keeper`); a wrong chain or an address without code is `WrongChain`
before anything is written, a tag of FINALITY that no node knows is `FinalityUnknown` at any time.
Stopping lets the write under way finish; so does a command that asks for the index (`rebuild`,
`rewind`): the lease is released when no block is being written.
Assumes: `run` is called once.
On restart: the index goes on from its checkpoint.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import pymongo
import structlog
from pymongo.errors import PyMongoError

from chain.finality import MOST_UNFINAL, FinalityUnknown, check_finality, final_number, unfinal
from chain.follow.backfill import Backfill
from chain.follow.fetch import latest
from chain.follow.follower import Follower
from chain.identity import (
    WrongChain,
    check_chain_ids,
    check_ours,
)
from chain.rpc.errors import NoEndpoint, RpcError
from chain.rpc.heads import HeadWatcher, Wakeups
from chain.rpc.pool import NodePool
from common.clock import Clock, Rng, jittered, wait_event
from common.database_errors import DatabaseErrors
from common.lease import Lease
from common.settings import ContractRef, IndexerSettings
from common.task_keeper import TaskKeeper
from common.tasks import end_tasks, together
from indexer.assembly import WRITE_SECONDS, held_by
from indexer.chain_sync import ChainSync, Stopped, TooMuchUnfinal
from indexer.metrics import IndexerMetrics
from indexer.mongo_store import MongoStore
from indexer.operator_messages import too_much_unfinal
from indexer.origin import changed_start, check_chain, left_over, read_origin
from indexer.readiness import ContractStatus, IndexerStatus
from indexer.store import LostWriter, StoreError, UnreadableIndex

log = structlog.get_logger(__name__)

STOPPED_SECONDS = 3.0
STOP_SECONDS = 5.0
"""For the write under way when we stop: with the lease's `LET_GO_SECONDS` it is less than the ten
seconds after which a container engine kills."""
LONGEST_PAUSE = 5.0
LEASE_SECONDS_TO_ANSWER = 4.0
"""A step of the lease is given up after so long: with the next one it is still ours."""


class IndexerService:
    """See the module's promises."""

    def __init__(
        self,
        settings: IndexerSettings,
        pool: NodePool,
        watcher: HeadWatcher,
        store: MongoStore,
        lease: Lease,
        clock: Clock,
        rng: Rng,
        status: IndexerStatus,
        metrics: IndexerMetrics,
        errors: DatabaseErrors | None = None,
    ) -> None:
        self._settings = settings
        self._explain = (errors or DatabaseErrors()).explain
        self._pool = pool
        self._watcher = watcher
        self._store = store
        self._lease = lease
        self._clock = clock
        self._rng = rng
        self._status = status
        self._metrics = metrics
        self._stopping = asyncio.Event()
        self._followers: list[Wakeups] = []
        self._waits: dict[str, str] = {}
        self._asked_by: str | None = None
        self._at_work = 0
        self._wrong: FinalityUnknown | None = None
        self._keeper = TaskKeeper(
            clock,
            rng,
            fatal=(WrongChain, FinalityUnknown),
            count=lambda task, restarts: metrics.task_restarts.labels(task).inc(restarts),
        )
        status.tasks_down = self._keeper.down

    def stop(self) -> None:
        """Ask `run` to end after the write under way."""
        self._stopping.set()
        for wakeups in self._followers:
            wakeups.wake()

    def _may_write(self) -> bool:
        free = self._asked_by is None and not self._stopping.is_set()
        return free and self._lease.covers(WRITE_SECONDS)

    async def run(self) -> None:
        """Until `stop`. Raises `WrongChain`, `FinalityUnknown`."""
        stopped = asyncio.ensure_future(self._stopping.wait())
        work = asyncio.ensure_future(self._work())
        try:
            await asyncio.wait({stopped, work}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                await asyncio.wait({work}, timeout=STOP_SECONDS)
        finally:
            await end_tasks(work, stopped)
            await self._lease.let_go()
        if not work.cancelled() and (error := work.exception()) is not None:
            raise error
        if self._wrong is not None:
            raise self._wrong

    async def _work(self) -> None:
        # Side by side, so that a node that is away does not hide a wrong password.
        await together(
            self._retry_until_done(check_all, "the nodes"),
            self._retry_until_done(lambda _: self._store.reach(), "the database"),
        )
        await self._retry_until_done(lambda _: self._store.ensure_indexes(), "the database")
        await self._retry_until_done(lambda _: self._look_for_others(), "the database")
        keep = self._keeper.keep
        watching = asyncio.ensure_future(self._watcher.run(self._keeper))
        leasing = asyncio.ensure_future(keep("lease", self._keep_lease))
        try:
            follows = []
            for ref in self._settings.contracts:
                item = ContractStatus(ref.address)
                self._status.contracts.append(item)
                self._followers.append(self._watcher.subscribe())
                follow = partial(self._follow, ref, item, self._followers[-1])
                name = f"follow {ref.address}"
                follows.append(keep(name, follow, over=self._stopping.is_set))
            await together(*follows)
        finally:
            await end_tasks(watching, leasing)

    async def _retry_until_done(self, what: Callable[[IndexerService], object], whom: str) -> None:
        """Try until it works; one line per kind of failure."""
        pause, last = 0.5, ""
        while not self._stopping.is_set():
            try:
                await what(self)  # type: ignore[misc]
            except (RpcError, StoreError) as error:
                if str(error) != last:
                    log.warning(f"waiting for {whom}", error=str(error))
                last = str(error)
                self._waits_for(whom, f"waiting for {whom}: {error}")
                await wait_event(self._clock, self._stopping, jittered(pause, self._rng))
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                self._waits_for(whom, None)
                return

    def _waits_for(self, whom: str, why: str | None) -> None:
        if why is None:
            self._waits.pop(whom, None)
        else:
            self._waits[whom] = why
        self._status.waiting_for = "; ".join(self._waits.values()) or "starting"

    async def _keep_lease(self) -> None:
        logged = ""
        while True:
            try:
                with pymongo.timeout(LEASE_SECONDS_TO_ANSWER):
                    waiting = await self._lease_step()
            except PyMongoError as error:
                waiting = f"the database does not answer: MongoDB: {self._explain(error)}"
            if waiting and waiting != logged:
                log.warning("not writing", reason=waiting)
            logged = waiting or ""
            self._status.waiting_for = waiting
            await self._clock.sleep(0.5 if waiting else self._lease.pause_seconds)

    async def _lease_step(self) -> str | None:
        """Renew it, or give it to who asks; why we do not write."""
        if not await self._lease.step():
            self._asked_by = None
            return held_by(self._lease)
        self._asked_by = await self._lease.asked() or self._asked_by
        if self._asked_by is None:
            return None
        reason = f"lease handed to a command ({self._asked_by})"
        if self._at_work == 0:
            await self._lease.release()
            self._asked_by = None
        return reason

    async def _follow(self, ref: ContractRef, item: ContractStatus, wakeups: Wakeups) -> None:
        """One contract, for ever."""
        sync = self._chain_sync(ref, item, wakeups)
        failures = fence = 0
        while not self._stopping.is_set():
            pause = self._settings.poll_seconds
            if not self._may_write():
                await self._clock.sleep(0.05)
                continue
            began = self._clock.monotonic()
            if fence != self._lease.token:  # somebody else may have written meanwhile
                sync.writer, fence = None, self._lease.token
            self._at_work += 1
            try:
                if sync.writer is None:
                    await self._open(sync, ref, item)
                await sync.catch_up()
                self._status.note(item)
                failures = 0
            except (Stopped, UnreadableIndex) as error:
                item.stopped = str(error)
                log.error("stopped", contract=ref.address, reason=str(error))
                sync.writer, pause = None, STOPPED_SECONDS
            except LostWriter as error:
                log.warning("stopped writing", contract=ref.address, reason=str(error))
                sync.writer, pause = None, 0.2
            except TooMuchUnfinal as error:
                self._status.waits(item, str(error))
                failures = 0
            except FinalityUnknown as error:
                pause = await self._on_unknown_tag(error, item, sync)
            except (RpcError, StoreError) as error:
                failures += 1
                pause = self._note_failure(error, failures, item, sync)
            finally:
                self._at_work -= 1
            self._metrics.duration.set(self._clock.monotonic() - began)
            await wakeups.wait(pause)

    async def _on_unknown_tag(
        self, error: FinalityUnknown, item: ContractStatus, sync: ChainSync
    ) -> float:
        """Another node goes on; if no node knows the tag, the settings are wrong."""
        try:
            await check_finality(self._pool, self._settings.finality)
        except FinalityUnknown as wrong:
            self._wrong = wrong
            self.stop()
        except RpcError as silent:
            return self._note_failure(silent, 1, item, sync)
        return self._note_failure(error, 0, item, sync)

    def _note_failure(
        self, error: Exception, failures: int, item: ContractStatus, sync: ChainSync
    ) -> float:
        """Note a failed cycle; seconds to wait before the next."""
        if isinstance(error, StoreError):
            sync.writer = None
        self._metrics.failures.labels(type(error).__name__).inc()
        if str(error) != item.trouble:
            log.warning("cycle failed", contract=item.contract, error=str(error))
        item.trouble = str(error)
        pause = min(0.25 * 2.0 ** min(failures, 8), LONGEST_PAUSE)
        if isinstance(error, NoEndpoint):
            pause = max(0.25, min(error.retry_after, LONGEST_PAUSE))
        return jittered(pause, self._rng)

    def _chain_sync(self, ref: ContractRef, item: ContractStatus, wakeups: Wakeups) -> ChainSync:
        follower = Follower(
            self._pool,
            ref.address,
            self._settings.finality,
            take_announced=wakeups.take_announced,
            saw_final=item.saw_final,
        )
        return ChainSync(
            self._store,
            self._pool,
            follower,
            Backfill(self._pool, ref.address, self._clock),
            self._clock,
            may_write=self._may_write,
            verify_seconds=self._settings.verify_seconds,
            show=item.show,
            block_seconds=lambda: self._watcher.age.block_seconds,
        )

    async def _open(self, sync: ChainSync, ref: ContractRef, item: ContractStatus) -> None:
        chain_id = self._settings.chain_id
        stored = await self._store.checkpoint(ref.address)
        if stored is not None:
            check_chain(stored, chain_id)
            item.note = changed_start(stored, ref)
        indexed = stored is not None and stored["seq"] > 0
        await sync.open(await read_origin(self._pool, chain_id, ref, indexed=indexed))

    async def _look_for_others(self) -> None:
        """Contracts that the database holds and CONTRACTS does not name."""
        stored = await self._store.contracts()
        self._status.others = left_over(stored, self._settings.contracts)

    @property
    def pool(self) -> NodePool:
        return self._pool

    @property
    def settings(self) -> IndexerSettings:
        return self._settings


async def check_all(service: IndexerService) -> None:
    """The nodes are of the right chain, the contracts are there and of the version that we read,
    and FINALITY means something.

    Raises `WrongChain`, `FinalityUnknown`, `RpcError`.
    """
    await check_settings(service.pool, service.settings)


async def check_settings(pool: NodePool, settings: IndexerSettings) -> None:
    """The same for commands. Raises `WrongChain`, `FinalityUnknown`, `RpcError`."""
    await check_chain_ids(pool, settings.chain_id)
    await check_ours(pool, settings.contracts, settings.chain_id)
    await check_finality(pool, settings.finality)


async def why_waiting(pool: NodePool, settings: IndexerSettings, block: int) -> str | None:
    """Why an index that stands at `block` reads no further, for commands; None: it does.

    Raises `RpcError`, `FinalityUnknown`.
    """
    node = pool.pick()
    head = (await latest(node)).number
    final = await final_number(node, head, settings.finality)
    return too_much_unfinal(final) if unfinal(head, final, block) > MOST_UNFINAL else None
