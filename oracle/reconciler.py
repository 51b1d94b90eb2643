"""Closes the difference between what the chain wants and what Cloudflare has, room by room.

Promises
1. The index proposes, the chain disposes: every room is read from the contract, pinned to block
   hashes, before anything is done for it.
2. A room is worked on by one task at a time, and one room's trouble never stops another's.
3. Transactions of a run leave in batches, soon after the first is ready; what is declined leaves in
   one, at the run's end, since nobody waits for it.
Assumes: the lease is held (every effect asks again), the open records are loaded.
On restart: nothing of this is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from chain.enums import Status
from common.clock import wait_event
from oracle.cloudflare.errors import Action, CloudflareError, Gone, VideoLive
from oracle.context import Context
from oracle.facts import Facts
from oracle.facts_loader import FactsLoader, RoomCandidate
from oracle.journal import JournalConflict, RoomRecord
from oracle.metrics import OracleMetrics
from oracle.outbox import BatchItem, Outbox
from oracle.plan import LOST_SECONDS, TRANSACTIONS, Act, Step, plan
from oracle.room_queue import RoomQueue
from oracle.sealing import SealingError
from oracle.steps import provision, rekey, release
from oracle.steps.credentials import Mismatch

log = structlog.get_logger(__name__)

Handler = Callable[[Context, Facts], Awaitable[RoomRecord]]
HANDLERS: Mapping[Act, Handler] = {
    Act.LOOKUP: provision.lookup,
    Act.CREATE: provision.create,
    Act.ADOPT: provision.adopt,
    Act.NEXT_ATTEMPT: provision.next_attempt,
    Act.SEAL: provision.seal,
    Act.ROTATE: rekey.rotate,
    Act.VERIFY: rekey.verify,
    Act.ENABLE: release.enable,
    Act.DISABLE: release.disable,
    Act.REVOKE: release.revoke,
    Act.LOOK: release.look,
    Act.CLEAR: release.clear,
    Act.DELETE: release.delete,
}
UNHURRIED = frozenset({Act.DECLINE})
MAX_STEPS = 12
AT_ONCE = 32
FLUSH_SECONDS = 0.2
HUMAN_SECONDS = 20.0
HELD_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 10.0


@dataclass(slots=True)
class Run:
    """What one run has ready to be sent."""

    items: list[BatchItem]
    done: asyncio.Event


class Reconciler:
    """See the module."""

    def __init__(
        self,
        context: Context,
        facts_loader: FactsLoader,
        outbox: Outbox,
        queue: RoomQueue,
        metrics: OracleMetrics,
        posted: Callable[[], None],
    ) -> None:
        """`posted` is called after transactions were queued, so that they are sent at once."""
        self._context = context
        self._facts_loader = facts_loader
        self._outbox = outbox
        self._queue = queue
        self._metrics = metrics
        self._posted = posted
        self._busy: set[str] = set()

    async def advance(self, candidates: Sequence[RoomCandidate]) -> int:
        """Bring each room as far as it can go now; how many got a step further.

        Raises `RpcError` and the database's errors: the whole run is to be repeated.
        """
        mine = [c for c in candidates if c.id not in self._busy]
        self._busy.update(c.id for c in mine)
        try:
            facts = await self._facts_loader.load(mine)
            return await self._run(facts)
        finally:
            self._busy.difference_update(c.id for c in mine)

    async def _run(self, facts: Sequence[Facts]) -> int:
        if not facts:
            return 0
        run = Run([], asyncio.Event())
        gate = asyncio.Semaphore(AT_ONCE)
        flusher = asyncio.ensure_future(self._flush_now_and_then(run))
        try:
            results = await asyncio.gather(
                *(self._guarded(one, run, gate) for one in facts), return_exceptions=True
            )
        finally:
            run.done.set()
            await asyncio.gather(flusher, return_exceptions=True)
        await self._flush(run)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return sum(1 for result in results if result)

    async def _guarded(self, facts: Facts, run: Run, gate: asyncio.Semaphore) -> bool:
        async with gate:
            return await self._room(facts, run)

    async def _room(self, facts: Facts, run: Run) -> bool:
        moved = False
        for _ in range(MAX_STEPS):
            step = plan(facts)
            if step.act is Act.WAIT:
                self._queue.went_well(facts.record.id, step.until_final, step.until)
                return moved
            if step.act is Act.REST:
                await self._rest(facts.record)
                return moved
            if self._held(step, facts):
                self._queue.failed(facts.record.id, facts.now + HELD_SECONDS)
                return moved
            if step.act in TRANSACTIONS:
                run.items.append(BatchItem(step.act, facts.record, facts.view, step.code))
                return True
            record = await self._step(step, facts)
            if record is None:
                return moved
            moved = True
            facts = replace(facts, record=record, now=self._context.clock.now())
        return moved

    def _held(self, step: Step, facts: Facts) -> bool:
        """Whether a step has to wait for the operator: for money, or for the right account.

        `oracle.health_monitor` says so in /readyz. An input that may exist already is found out
        about, and taken away, all the same.
        """
        standing, view = self._context.standing, facts.acting
        pending = view is not None and view.status is Status.PENDING
        new = step.act is Act.CREATE and pending
        if not (new or step.act in TRANSACTIONS):
            return False
        return standing.problem is not None or standing.broke is not None

    async def _step(self, step: Step, facts: Facts) -> RoomRecord | None:
        """The record after the step; None if it failed and has to wait."""
        record = facts.record
        try:
            record = await HANDLERS[step.act](self._context, facts)
        except Gone as error:
            return await self._gone(step, facts, error)
        except CloudflareError as error:
            until, now = error.until, self._context.clock.now()
            if error.action is Action.HUMAN:
                until = now + HUMAN_SECONDS
            elif until is not None and not isinstance(error, VideoLive):
                # What the rate limiter foresees is the worst case; asking it again costs nothing.
                until = min(until, now + LOOK_AGAIN_SECONDS)
            await self._failed(step, record, str(error), until, error.label())
            return None
        except rekey.IndexBehind:
            self._queue.failed(record.id)
            return None
        except (Mismatch, SealingError) as error:
            self._context.standing.mismatch = (self._context.clock.now(), str(error))
            await self._failed(step, record, str(error), None, type(error).__name__)
            return None
        self._metrics.steps.labels(step.act.value, "ok").inc()
        log.info(
            "step", step=step.act.value, room=record.room_id, uid=record.uid, attempt=record.attempt
        )
        return record

    async def _gone(self, step: Step, facts: Facts, error: Gone) -> RoomRecord | None:
        """Cloudflare denies the input. For a live room that must be sure and lasting."""
        me, view, now = self._context.me, facts.acting, self._context.clock.now()
        # The step may have written something down before Cloudflare answered.
        known = await self._context.records.get([facts.record.id])
        record = known.get(facts.record.id, facts.record)
        self._metrics.steps.labels(step.act.value, "gone").inc()
        if view is None or view.status is not Status.ACTIVE:
            return await self._context.save(replace(record, gone=True, seal=None))
        since = record.lost_at if record.lost_at is not None else now
        right = self._context.standing.account_proven or record.account == me.cloudflare_account
        sure = right and now - since >= LOST_SECONDS
        log.error("live input lost", room=record.room_id, uid=record.uid, sure=sure)
        await self._context.save(replace(record, lost_at=since, gone=sure, reason=str(error)))
        if not sure:
            self._queue.failed(record.id, max(now + 5.0, since + LOST_SECONDS))
        return None

    async def _failed(
        self, step: Step, record: RoomRecord, why: str, until: float | None, kind: str
    ) -> None:
        self._metrics.steps.labels(step.act.value, kind).inc()
        due = self._queue.failed(record.id, until)
        known = await self._context.records.get([record.id])
        stored = known.get(record.id)
        if stored is None or stored.reason != why:
            log.warning("step failed", step=step.act.value, room=record.room_id, reason=why)
        if stored is not None and stored.reason != why:
            await self._context.save(replace(stored, reason=why))
        log.debug(
            "retry scheduled",
            room=record.room_id,
            seconds=round(due - self._context.clock.now(), 1),
        )

    async def _rest(self, record: RoomRecord) -> None:
        self._queue.drop(record.id)
        if record.version and not record.closed:
            await self._context.rest(record)
            log.info("room idle", room=record.room_id, uid=record.uid)

    async def _flush_now_and_then(self, run: Run) -> None:
        while not await wait_event(self._context.clock, run.done, FLUSH_SECONDS):
            try:
                await self._flush(run, hold=UNHURRIED)
            except JournalConflict:
                raise
            except Exception as error:
                # The rooms are planned anew by the next run; the last flush reports in full.
                log.warning("batch not queued", error=str(error))

    async def _flush(self, run: Run, hold: frozenset[Act] = frozenset()) -> None:
        items = [item for item in run.items if item.act not in hold]
        run.items = [item for item in run.items if item.act in hold]
        if items:
            await self._outbox.post(items)
            self._posted()

    def skipped(self, record: RoomRecord, why: str) -> None:
        """The contract would skip this room's part: try again later."""
        self._metrics.steps.labels("transaction", "skipped").inc()
        self._queue.failed(record.id)
        log.warning("transaction would have no effect", room=record.room_id, reason=why)
