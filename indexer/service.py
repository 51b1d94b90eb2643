"""The indexer as a service: a `ChainSync` per contract, one lease, one port for the operator.

Promises: works until it is stopped; whatever fails for a while (nodes, database) is tried again
with growing pauses and one clear line; a wrong chain or an address without code is `WrongChain`
before anything is written, a tag of FINALITY that no node knows is `FinalityUnknown` at any time.
Stopping lets the write under way finish; so does a command that asks for the index (`rebuild`,
`rewind`): the lease is released when no block is being written.
Assumes: `run` is called once.
On restart: the index goes on from its checkpoint.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from pymongo.errors import PyMongoError

from chain.eth_call import ViewError
from chain.finality import MOST_UNFINAL, FinalityUnknown, check_finality, final_number, unfinal
from chain.follow.backfill import Backfill
from chain.follow.fetch import header_at, latest
from chain.follow.follower import Follower
from chain.hexes import ZERO_HASH
from chain.identity import (
    check_chain_id,
    check_contracts,
    check_version,
    read_first_room_id,
)
from chain.rpc.errors import JsonRpcError, NoEndpoint, RpcError
from chain.rpc.heads import HeadWatcher, Wakeups
from chain.rpc.pool import NodePool
from common.clock import Clock, Rng, jittered
from common.lease import Lease
from common.settings import ContractRef, IndexerSettings
from common.tasks import end_tasks, together
from indexer.assembly import WRITE_SECONDS, held_by
from indexer.chain_sync import ChainSync, Stopped, TooMuchUnfinal
from indexer.checkpoint import Origin
from indexer.metrics import IndexerMetrics
from indexer.mongo_store import MongoStore
from indexer.operator_messages import too_much_unfinal
from indexer.readiness import ContractStatus, IndexerStatus
from indexer.store import LostWriter, StoreError, UnreadableIndex

log = structlog.get_logger(__name__)

STOPPED_SECONDS = 3.0
LET_GO_SECONDS = 2.0
LONGEST_PAUSE = 10.0


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
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._watcher = watcher
        self._store = store
        self._lease = lease
        self._clock = clock
        self._rng = rng
        self._status = status
        self._metrics = metrics
        self._stopping = asyncio.Event()
        self._asked_by: str | None = None
        self._at_work = 0
        self._wrong: FinalityUnknown | None = None

    def stop(self) -> None:
        """Ask `run` to end after the write under way."""
        self._stopping.set()

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
                await asyncio.wait({work}, timeout=10.0)
        finally:
            await end_tasks(work, stopped)
            await self._release_lease()
        if not work.cancelled() and (error := work.exception()) is not None:
            raise error
        if self._wrong is not None:
            raise self._wrong

    async def _release_lease(self) -> None:
        try:
            async with asyncio.timeout(LET_GO_SECONDS):
                await self._lease.release()
        except (TimeoutError, PyMongoError) as error:  # it runs out by itself
            log.warning("lease not released", error=type(error).__name__)

    async def _work(self) -> None:
        await self._retry_until_done(check_chain, "the nodes")
        await self._retry_until_done(lambda _: self._store.ensure_indexes(), "the database")
        watching = asyncio.ensure_future(self._watcher.run())
        leasing = asyncio.ensure_future(self._keep_lease())
        try:
            follows = []
            for ref in self._settings.contracts:
                item = ContractStatus(ref.address)
                self._status.contracts.append(item)
                follows.append(self._follow(ref, item, self._watcher.subscribe()))
            await together(*follows)
        finally:
            await end_tasks(watching, leasing)

    async def _retry_until_done(self, what: Callable[[IndexerService], object], whom: str) -> None:
        """Try until it works; one line per kind of failure."""
        pause, last = 0.5, ""
        while not self._stopping.is_set():
            try:
                await what(self)  # type: ignore[misc]
                return
            except (RpcError, StoreError) as error:
                if str(error) != last:
                    log.warning(f"waiting for {whom}", error=str(error))
                last = str(error)
                self._status.waiting_for = f"waiting for {whom}: {error}"
                await self._clock.sleep(jittered(pause, self._rng))
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _keep_lease(self) -> None:
        logged = ""
        while True:
            try:
                waiting = await self._lease_step()
            except PyMongoError as error:
                why = f"{type(error).__name__}: {str(error)[:200]}"
                waiting = f"the database does not answer: MongoDB: {why}"
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
                    await sync.open(await self._origin(ref))
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
            except (RpcError, StoreError, ViewError) as error:
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
        )

    async def _origin(self, ref: ContractRef) -> Origin:
        return await read_origin(self._pool, self._settings.chain_id, ref)

    @property
    def pool(self) -> NodePool:
        return self._pool

    @property
    def settings(self) -> IndexerSettings:
        return self._settings


async def check_chain(service: IndexerService) -> None:
    """The nodes are of the right chain, the contracts are there and of the version that we read,
    and FINALITY means something.

    Raises `WrongChain`, `FinalityUnknown`, `RpcError`.
    """
    await check_settings(service.pool, service.settings)


async def check_settings(pool: NodePool, settings: IndexerSettings) -> None:
    """The same for commands. Raises `WrongChain`, `FinalityUnknown`, `RpcError`."""
    node = pool.pick()
    await check_chain_id(node, settings.chain_id, f"the node at {node.name}")
    await check_contracts(pool, [ref.address for ref in settings.contracts], settings.chain_id)
    for ref in settings.contracts:
        await check_version(pool, ref.address)
    await check_finality(pool, settings.finality)


async def why_waiting(pool: NodePool, settings: IndexerSettings, block: int) -> str | None:
    """Why an index that stands at `block` reads no further, for commands; None: it does.

    Raises `RpcError`, `FinalityUnknown`.
    """
    node = pool.pick()
    head = (await latest(node)).number
    final = await final_number(node, head, settings.finality)
    return too_much_unfinal(final) if unfinal(head, final, block) > MOST_UNFINAL else None


async def read_origin(pool: NodePool, chain_id: int, ref: ContractRef) -> Origin:
    """Where a contract's events begin. Raises `RpcError`."""
    node = pool.pick()
    parent = ZERO_HASH
    if ref.start_block > 0:
        header = await header_at(node, ref.start_block - 1)
        if header is None:
            text = f"the node has not reached the start block {ref.start_block} yet"
            raise JsonRpcError(0, text, endpoint=node.name, method="eth_getBlockByNumber")
        parent = header.hash
    first = await read_first_room_id(node, ref.address, "latest")
    return Origin(ref.address, chain_id, ref.start_block, parent, first)
