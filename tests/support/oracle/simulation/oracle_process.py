"""One life of an oracle process in the simulated world: its own code, between faulty edges.

Every await that reaches the outside passes `edge`: the process may die there before or after the
effect, the call may be refused, its answer lost, or it may take long while the rest goes on. Once
dead, nothing it does has an effect any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from chain.reverts import ErrorTable
from chain.rpc.client import Rpc
from chain.rpc.errors import TransportError
from chain.send import Sender, SendPolicy, SendRequest
from common.lease import Lease
from oracle.cloudflare.live_input_spec import RecordingPolicy
from oracle.context import Context, Identity
from oracle.facts_loader import FactsLoader
from oracle.failures import CONFLICTS, OUTSIDE
from oracle.ingest import Ingest, encode
from oracle.journal import OpenRecords, RoomRecord
from oracle.metrics import OracleMetrics
from oracle.operator_switch import SWITCHES, OperatorNow, OperatorSwitch
from oracle.outbox import Outbox, still_wanted
from oracle.problems import Problems
from oracle.reconciler import Reconciler
from oracle.room_queue import RoomQueue
from oracle.self_closing import WorkMeter
from oracle.steps.select import Selector
from oracle.sweep import Sweeper
from tests.support.oracle.simulation import sim_contract as c
from tests.support.oracle.simulation.faulty_edges import (
    EdgeJournal,
    EdgeLease,
    EdgeSenderStore,
    EdgeSwitchStore,
    SimIndexView,
)
from tests.support.oracle.simulation.sim_cloudflare import BASE, SimCloudflareClient
from tests.support.oracle.simulation.sim_node import SimNode, SimSnapshotReader, newest_views
from tests.support.simchain.pool import JsonSigner

T = TypeVar("T")

ACT_SECONDS = 6.0
LEASE_SECONDS = 12.0
POLICY = SendPolicy(
    bump_seconds=30.0, rebroadcast_seconds=15.0, patience_seconds=20.0, act_seconds=ACT_SECONDS,
    max_in_flight=4,
)  # fmt: skip
SWITCH_DEADLINE, SECONDS_PER_ROOM = 100, 20.0
"""So that three of a history's rooms are more than half a deadline's work, and one less than a
quarter."""
PASSES = ("release", "provision", "rekey", "expire", "settle")


class OracleCrash(BaseException):
    """The process dies here."""


class NoRecordings:
    async def keep(self, record: RoomRecord, videos: Sequence[Any]) -> None: ...

    async def forget(self, video_uids: Sequence[str]) -> None: ...


def sim_seal(key: bytes, tag: bytes, uid: bytes, credentials: Ingest) -> bytes:
    """Deterministic and readable, for the world's checks; as bound as the real one."""
    return b"|".join(
        (key.hex().encode(), tag.hex().encode(), uid.hex().encode(), encode(credentials))
    )


class OracleProcess:
    """One life. `world` owns truth, chance and time."""

    def __init__(self, world: Any, name: str, operator_id: int, account: str) -> None:
        self.world = world
        self.name = name
        self.alive = True
        self.running: dict[str, asyncio.Task[None]] = {}
        rng: Random = world.rng
        me = Identity(c.CHAIN_ID, c.CONTRACT, operator_id, account, "cf")
        self.records = OpenRecords(EdgeJournal(world.journal, self.edge), c.CONTRACT, operator_id)
        self.lease = Lease(
            EdgeLease(world.leases, self.edge), f"{c.CONTRACT}:{operator_id}", name, LEASE_SECONDS,
            world.clock,
        )  # fmt: skip
        node = SimNode(world.chain, self._touch, self._sent)
        snapshot_reader = SimSnapshotReader(node, world.confirmations)
        index = SimIndexView(world, operator_id, self.edge)
        cloudflare = SimCloudflareClient(
            world.cloudflare, self.edge, world.clock.now, self.lease.covers,
            lambda what: world.acts(self, what), rng.random, ACT_SECONDS,
        )  # fmt: skip
        self.sender = Sender(
            chain_id=c.CHAIN_ID, signer=JsonSigner(account), pick=lambda: node, broadcast=node,
            store=EdgeSenderStore(world.sender_rows, self.edge), clock=world.clock,
            finalized=snapshot_reader.final_number, policy=POLICY, may_act=self.lease.covers,
            still_wanted=lambda request: self._wanted(request, node),
        )  # fmt: skip
        self.context = Context(
            me, world.clock, self.records, index, cloudflare, NoRecordings(), RecordingPolicy(),
            keep_recordings=True, seal=sim_seal,
        )  # fmt: skip
        self.context.standing.playback_base, self.context.standing.problem = BASE, None
        queue = RoomQueue(world.clock, rng)
        facts_loader = FactsLoader(
            me, world.clock, snapshot_reader, index, self.records, self.sender.status
        )

        def skipped(record: RoomRecord, why: str) -> None:
            reconciler.skipped(record, why)

        outbox = Outbox(self.context, self.sender, lambda: node, ErrorTable(), skipped)
        reconciler = Reconciler(self.context, facts_loader, outbox, queue, METRICS, lambda: None)
        self.reconciler = reconciler
        self.snapshot_reader = snapshot_reader
        self.selector = Selector(
            c.CONTRACT, index, self.records, queue, world.clock, lambda: world.chain.final.number
        )

        async def operator() -> OperatorNow:
            await node.touch("operator")
            row = world.chain.top.state.operators[operator_id]
            return OperatorNow(row.account == account, row.accepting, False, SWITCH_DEADLINE)

        self.switch = OperatorSwitch(
            self.context, operator, EdgeSwitchStore(world.switches, self.edge), self.sender.status,
            outbox, WorkMeter(2, SECONDS_PER_ROOM), METRICS, Problems(world.clock), world.clock,
            lambda: None, on=True,
        )  # fmt: skip
        second: Rpc = node
        self.sweeper = Sweeper(self.context, snapshot_reader, index, lambda: (node, second))

    # --- what it does ---------------------------------------------------------------------------

    def start(self, job: str) -> None:
        """Run a job unless it runs already, as the service's loops do."""
        task = self.running.get(job)
        if self.alive and (task is None or task.done()):
            self.running[job] = asyncio.ensure_future(self._guarded(job))

    @property
    def idle(self) -> bool:
        return all(task.done() for task in self.running.values())

    async def _guarded(self, job: str) -> None:
        try:
            await self._job(job)
        except OUTSIDE + CONFLICTS:
            pass
        except OracleCrash:
            self.die()
        except Exception as error:
            self.world.faults_of_ours.append(f"{self.name} {job}: {error!r}")
            self.world.last_error = error

    async def _job(self, job: str) -> None:
        if job == "lease":
            await self._lease()
        elif not (self.lease.held and self.records.fence == self.lease.token):
            return
        elif job == "sender":
            await self.sender.tick((await self.snapshot_reader.read()).latest)
        elif job == "switch":
            await self.switch.look()
        elif job == "sweep":
            await self.sweeper.run(dry_run=False)
        else:
            selection = await getattr(self.selector, job)()
            await self.reconciler.advance(selection.rooms)

    async def _lease(self) -> None:
        if not await self.lease.step():
            self.records.forget()
        elif self.records.fence != self.lease.token:
            self.records.forget()
            await self.records.load(self.lease.token)

    def die(self) -> None:
        """Killed: its tasks end where they are."""
        self.alive = False
        for task in self.running.values():
            task.cancel()

    async def _wanted(self, request: SendRequest, node: SimNode) -> str | None:
        if request.meta.get("act") in SWITCHES:
            return await self.switch.still_wanted(request)
        return await still_wanted(request, lambda ids: newest_views(node, ids), self.records.get)

    # --- its edges ------------------------------------------------------------------------------

    async def edge(
        self,
        name: str,
        effect: Callable[[], T],
        before: Callable[[], Exception],
        after: Callable[[], Exception],
        /,
    ) -> T:
        """One exchange with the outside."""
        world = self.world
        self._check()
        world.pass_point(self._crash, before)
        roll = world.rng.random()
        if roll < world.crash:
            raise self._crash()
        if roll < world.crash + world.before:
            raise before()
        if world.rng.random() < (world.slow * 3 if name.startswith("lease") else world.slow):
            answer = await self._slowly(effect, after)
        else:
            answer = effect()
        world.pass_point(self._crash, after)
        roll = world.rng.random()
        if roll < world.crash:
            raise self._crash()
        if roll < world.crash + world.after:
            raise after()
        return answer

    async def _slowly(self, effect: Callable[[], T], after: Callable[[], Exception]) -> T:
        """The effect comes at once or late; the answer late, or never in time."""
        rng: Random = self.world.rng
        if rng.random() < 0.5:
            answer = effect()
            timed_out = await self.world.clock.park(ACT_SECONDS)
            self._check()
            if timed_out:
                raise after()
            return answer
        timed_out = await self.world.clock.park(ACT_SECONDS)
        self._check()
        if not timed_out:
            return effect()
        if rng.random() < 0.5:
            effect()
        raise after()

    async def _touch(self, name: str, effect: Callable[[], Any] = lambda: None) -> Any:
        lost = lambda: TransportError("lost")  # noqa: E731
        return await self.edge(name, effect, lost, lost)

    def _sent(self, raw: bytes) -> None:
        self.world.acts(self, "broadcast")
        self.world.saw_broadcast(raw)

    def _check(self) -> None:
        if not self.alive:
            raise OracleCrash

    def _crash(self) -> OracleCrash:
        self.alive = False
        return OracleCrash()


METRICS = OracleMetrics()
