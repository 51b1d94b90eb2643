"""How commands and the service of the indexer use the lease."""

from __future__ import annotations

import asyncio
import random
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from chain.head_age import HeadAge
from common.lease import Lease, LeaseRecord
from common.lease_store import MemoryLeaseStore
from indexer.assembly import LEASE_SECONDS, Failed, exclusive
from indexer.readiness import ContractStatus, IndexerStatus
from indexer.service import IndexerService
from indexer.store import LostWriter
from tests.support.manual_clock import ManualClock


class SilentLeaseStore(MemoryLeaseStore):
    """Does not answer when told to."""

    down = False

    async def read(self, name: str) -> LeaseRecord | None:
        if self.down:
            raise AutoReconnect("down")
        return await super().read(name)


def lease_of(store: MemoryLeaseStore, holder: str, clock: ManualClock) -> Lease:
    return Lease(store, "writer", holder, LEASE_SECONDS, clock)


async def test_exclusive__free__held_during_the_work_and_released_after() -> None:
    clock, store = ManualClock(), SilentLeaseStore()
    lease = lease_of(store, "command", clock)
    async with exclusive(lease, clock):
        await clock.advance(100.0)
        assert lease.held
    assert store.rows["writer"].holder is None


async def test_exclusive__nobody_lets_go__fails_names_the_holder_and_withdraws_the_wish() -> None:
    clock, store = ManualClock(), SilentLeaseStore()
    service, lease = lease_of(store, "service", clock), lease_of(store, "command", clock)
    await service.step()
    keeper = asyncio.ensure_future(service.keep())

    async def command() -> None:
        async with exclusive(lease, clock, patience=5.0):
            raise AssertionError("it was not its turn")

    work = asyncio.ensure_future(command())
    await clock.advance(6.0)
    with pytest.raises(Failed, match="another indexer \\(service\\)") as failed:
        await work
    assert failed.value.code == 4
    assert store.rows["writer"].wish is None
    keeper.cancel()


async def test_exclusive__lease_lost_meanwhile__work_is_stopped() -> None:
    clock, store = ManualClock(), SilentLeaseStore()
    lease, after = lease_of(store, "command", clock), []

    async def command() -> None:
        async with exclusive(lease, clock):
            await clock.sleep(60.0)
            after.append("it went on")

    work = asyncio.ensure_future(command())
    await clock.advance(1.0)
    store.rows["writer"] = LeaseRecord("writer", "thief", 7, 0)
    await clock.advance(3.0)
    with pytest.raises(Failed, match="lost"):
        await work
    await clock.advance(100.0)
    assert after == []
    assert store.rows["writer"].holder == "thief"


async def test_exclusive__work_is_cancelled_from_outside__stays_cancelled() -> None:
    clock, store = ManualClock(), SilentLeaseStore()

    async def command() -> None:
        async with exclusive(lease_of(store, "command", clock), clock):
            await clock.sleep(60.0)

    work = asyncio.ensure_future(command())
    await clock.advance(1.0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert store.rows["writer"].holder is None


async def test_exclusive__database_does_not_answer__fails_with_its_code() -> None:
    clock, store = ManualClock(), SilentLeaseStore()
    store.down = True
    with pytest.raises(Failed, match="MongoDB: MONGODB_URI: the database hung up") as failed:
        async with exclusive(lease_of(store, "command", clock), clock):
            raise AssertionError("unreachable")
    assert failed.value.code == 4


class ScriptedSync:
    """Writes one long block after the other, and asks before each."""

    def __init__(self, clock: ManualClock) -> None:
        self.writer: object | None = None
        self.opened = 0
        self.writing = False
        self.may_write: Any = None
        self._clock = clock

    async def open(self, _origin: object) -> None:
        self.writer = object()
        self.opened += 1

    async def catch_up(self) -> None:
        while True:
            if not self.may_write():
                raise LostWriter("not ours")
            self.writing = True
            await self._clock.sleep(2.0)
            self.writing = False


class ScriptedService(IndexerService):
    """The service around such a sync."""

    def __init__(self, lease: Lease, clock: ManualClock, sync: ScriptedSync) -> None:
        nothing: Any = SimpleNamespace(
            poll_seconds=1.0, duration=SimpleNamespace(set=lambda _: None)
        )
        status = IndexerStatus(clock.monotonic, lambda: (), HeadAge(clock.now, 15))
        super().__init__(
            nothing, nothing, nothing, nothing, lease, clock, random.Random(1), status, nothing
        )
        self.sync = sync
        sync.may_write = self._may_write

    def _chain_sync(self, *_: object) -> Any:
        return self.sync

    async def _open(self, *_: object) -> None:
        await self.sync.open(None)

    def begin(self, clock: ManualClock) -> list[asyncio.Future[None]]:
        reference: Any = SimpleNamespace(address="0xc0")
        wakeups: Any = SimpleNamespace(wait=clock.sleep)
        follow = self._follow(reference, ContractStatus("0xc0"), wakeups)
        return [asyncio.ensure_future(work) for work in (self._keep_lease(), follow)]


async def test_service__asked_for_the_index__lets_go_between_two_blocks_and_opens_it_anew() -> None:
    clock, store = ManualClock(), SilentLeaseStore()
    sync = ScriptedSync(clock)
    service = ScriptedService(lease_of(store, "service", clock), clock, sync)
    tasks = service.begin(clock)
    await clock.advance(10.3)
    assert (sync.writing, sync.opened) == (True, 1)

    seen: list[bool] = []

    async def command() -> None:
        async with exclusive(lease_of(store, "command", clock), clock):
            for _ in range(100):
                seen.append(sync.writing)
                await clock.sleep(0.1)

    work = asyncio.ensure_future(command())
    await clock.advance(10.0)
    assert len(seen) > 10
    assert not any(seen)
    assert store.rows["writer"].holder == "command"
    await clock.advance(15.0)
    assert work.done()
    assert store.rows["writer"].holder == "service"
    assert (sync.writing, sync.opened) == (True, 2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
