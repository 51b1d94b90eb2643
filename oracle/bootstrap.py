"""Builds the oracle: every part, and what each is given.

Promises: one object of each kind, shared by all jobs: one rate limiter and one breaker for
Cloudflare, one sender, one lease. Nothing is done yet, and nothing asked of anybody.
Assumes: `oracle.connections` has opened what reaches the outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from chain.finality import check_finality
from chain.reverts import contract_errors
from chain.rpc.client import Rpc
from chain.rpc.errors import NoEndpoint
from chain.rpc.heads import HeadWatcher
from chain.rpc.pool import NodePool
from chain.send import MongoSenderStore, Sender, SendPolicy, SendRequest
from chain.send.balance import BalanceWatch
from chain.send.signer import Signer
from chain.units import GWEI
from chain.views import RoomView, read_rooms
from common import process
from common.clock import Clock, Rng
from common.lease import Lease
from common.lease_store import MongoLeaseStore
from common.settings import OracleSettings
from oracle.chain_snapshot import SnapshotReader
from oracle.cloudflare.api_call import CallRecord
from oracle.cloudflare.breaker import Breaker
from oracle.cloudflare.client import CloudflareClient
from oracle.connections import (
    Connections,
    cloudflare_account,
    cloudflare_rate_limiter,
    cloudflare_seconds,
    node_seconds,
    recording_policy,
    reread_auth,
)
from oracle.context import Context, Identity
from oracle.facts_loader import FactsLoader
from oracle.failures import job_guard, task_keeper
from oracle.health_monitor import HealthMonitor
from oracle.income import IncomeReader
from oracle.index_view import MongoIndexView
from oracle.journal import MongoJournal, OpenRecords, RoomRecord
from oracle.live_status import LiveStatusWatch, MongoLiveStatusNotes
from oracle.metrics import OracleMetrics
from oracle.operator_switch import (
    SWITCHES,
    MongoSwitchStore,
    OperatorReader,
    OperatorSwitch,
)
from oracle.outbox import Outbox, still_wanted
from oracle.periodic import PeriodicJob
from oracle.problems import Problems
from oracle.reconciler import Reconciler
from oracle.recordings import MongoRecordings
from oracle.room_queue import RoomQueue
from oracle.self_closing import WorkMeter
from oracle.service import OracleService
from oracle.steps.select import Selector
from oracle.sweep import Sweeper

log = structlog.get_logger(__name__)

LEASES = "oracle_lease"
"""The collection of the leases."""
RATE_LIMIT_WAIT_SECONDS = 2.0
SWEEP_SECONDS = 1800.0
FIRST_SWEEP_SECONDS = 120.0


@dataclass
class Oracle:
    """All parts, for the service and for the commands beside it."""

    service: OracleService
    monitor: HealthMonitor
    context: Context
    sender: Sender
    snapshot_reader: SnapshotReader
    index: MongoIndexView
    facts_loader: FactsLoader
    journal: MongoJournal
    recordings: MongoRecordings
    switch: OperatorSwitch
    sender_store: MongoSenderStore
    lease_store: MongoLeaseStore
    sweeper: Sweeper

    async def ensure_indexes(self) -> None:
        """The database's indexes; idempotent."""
        await self.journal.ensure_indexes()
        await self.recordings.ensure_indexes()
        await self.sender_store.ensure_indexes()

    async def recall_spending(self) -> None:
        """Recent costs of transactions, from the database: how fast the balance goes down."""
        balance = self.monitor.balance
        since = self.service.clock.now() - balance.window_seconds
        balance.recall(await self.sender_store.spending(self.sender.account, since))


def build(
    settings: OracleSettings, connections: Connections, signer: Signer, clock: Clock, rng: Rng
) -> Oracle:
    """Raises ValueError for settings that cannot be right."""
    contract, pool = settings.contract, connections.pool
    me = Identity(
        settings.chain_id, contract.address, settings.oracle_operator_id, signer.address.lower(),
        settings.cloudflare_account_id,
    )  # fmt: skip
    metrics, problems = OracleMetrics(), Problems(clock)
    keeper = task_keeper(metrics, problems, clock, rng)
    snapshot_reader = SnapshotReader(
        pool.pick, me.contract, contract.start_block, settings.confirmations, settings.finality,
        partial(check_finality, pool, settings.finality),
    )  # fmt: skip
    index = MongoIndexView(connections.index_database, me.contract, me.operator_id)
    journal = MongoJournal(connections.database)
    records = OpenRecords(journal, me.contract, me.operator_id)
    lease_store = MongoLeaseStore(connections.database[LEASES], marks={"since": 0.0})
    lease = Lease(
        lease_store, f"{me.contract}:{me.operator_id}", process.name(),
        settings.oracle_lease_seconds, clock,
    )  # fmt: skip
    metrics.watch_lease(me.chain_id, me.contract, me.operator_id, lease)
    account = cloudflare_account(settings)
    rate_limiter, breaker = cloudflare_rate_limiter(settings, clock), Breaker(clock)
    recordings = MongoRecordings(connections.database, clock)
    sender_store = MongoSenderStore(connections.database)

    def may_act(seconds: float) -> bool:
        return lease.covers(seconds) and monitor.index_stopped is None

    async def newest(ids: Sequence[int]) -> list[RoomView]:
        return await read_rooms(pool.pick(), me.contract, ids, "latest")

    async def wanted(request: SendRequest) -> str | None:
        if request.meta.get("act") in SWITCHES:
            return await switch.still_wanted(request)
        return await still_wanted(request, newest, records.get)

    # What reports to parts that are made further down.
    def on_call(record: CallRecord) -> None:
        monitor.on_call(record)

    def on_transaction(event: str, request: SendRequest) -> None:
        monitor.on_transaction(event, request)

    def skipped(record: RoomRecord, why: str) -> None:
        reconciler.skipped(record, why)

    def renew() -> None:
        if client.renew_credentials():
            log.info("Cloudflare credentials reloaded")
            queue.hurry()
            service.wake()

    def posted() -> None:
        service.sender_wakeups.wake()

    client = CloudflareClient(
        connections.cloudflare, account, rate_limiter, breaker, clock,
        timeout=cloudflare_seconds(settings), rate_limit_wait=RATE_LIMIT_WAIT_SECONDS,
        may_act=may_act, observe=on_call, reread=partial(reread_auth, settings),
    )  # fmt: skip
    sender = Sender(
        chain_id=me.chain_id, signer=signer, pick=pool.pick, broadcast=pool, store=sender_store,
        clock=clock, finalized=snapshot_reader.final_number, may_act=may_act, still_wanted=wanted,
        policy=send_policy(settings),
        observe=on_transaction,
    )  # fmt: skip
    context = Context(
        me, clock, records, index, client, recordings, recording_policy(settings),
        keep_recordings=settings.recording_retention_days > 0,
    )  # fmt: skip
    heads = HeadWatcher.build(settings, pool, clock, rng)
    metrics.watch_head(heads.age)
    monitor = HealthMonitor(
        context, snapshot_reader, index, sender, BalanceWatch(pool, me.account, clock), breaker,
        rate_limiter, metrics, problems, clock, IncomeReader(index, me.operator_id), renew,
        pool.health,
        heads.age.note,
    )  # fmt: skip
    queue = RoomQueue(clock, rng)
    facts_loader = FactsLoader(me, clock, snapshot_reader, index, records, sender.status)
    outbox = Outbox(
        context, sender, pool.pick, contract_errors(), skipped,
    )  # fmt: skip
    reconciler = Reconciler(context, facts_loader, outbox, queue, metrics, posted)
    meter = WorkMeter(settings.cloudflare_requests, settings.cloudflare_window_seconds)
    switch = OperatorSwitch(
        context, OperatorReader(snapshot_reader, me).read, MongoSwitchStore(connections.database),
        sender.status, outbox, meter, metrics, problems, clock, posted,
        on=settings.oracle_self_closing == "on",
    )  # fmt: skip
    notes = MongoLiveStatusNotes(connections.database, me.contract, me.operator_id)

    live_status = LiveStatusWatch(context, notes, metrics, clock, rate_limiter.spare)
    selector = Selector(me.contract, index, records, queue, clock, lambda: monitor.final_block)

    sweeper = Sweeper(context, snapshot_reader, index, partial(_nodes, pool))

    async def sweep() -> bool:
        """Whether it could look: without a node to believe it is tried again soon."""
        report = await sweeper.run(dry_run=False)
        monitor.on_sweep(report)
        return report.unproven is None

    async def send() -> bool:
        await sender.tick(await snapshot_reader.newest())
        return False

    service = OracleService(
        clock=clock, rng=rng, heads=heads,
        lease=lease, records=records, index=index, reconciler=reconciler, metrics=metrics,
        problems=problems, keeper=keeper,
        guard=job_guard(metrics, problems, connections.database_errors),
        passes={
            "release": selector.release,
            "provision": selector.provision,
            "rekey": selector.rekey,
            "expire": selector.expire,
            "settle": selector.settle,
        },
        next_due=queue.next_due,
        send=send,
        halted=lambda: monitor.index_stopped is not None,
        meter=meter,
        periodic=(
            PeriodicJob("operator", monitor.check_operator, 10.0, vital=True),
            PeriodicJob("contract", monitor.check_contract, 60.0, first=2.0),
            PeriodicJob("income", monitor.count_income, 10.0),
            PeriodicJob("index", monitor.check_index, 2.0, vital=True),
            PeriodicJob("balance", monitor.check_balance, 60.0),
            PeriodicJob("gates", monitor.check_gates, 1.0, vital=True),
            PeriodicJob("cloudflare", client.probe, 1.0),
            PeriodicJob("nodes", monitor.check_nodes, 2.0, vital=True),
            PeriodicJob("queue", monitor.measure_queue, 10.0),
            PeriodicJob("self-closing", switch.look, 10.0, needs_lease=True, first=3.0),
            *(
                [PeriodicJob("live status", live_status.look, 1.0, needs_lease=True)]
                if settings.oracle_live_status == "auto"
                else []
            ),
            PeriodicJob("sweep", sweep, SWEEP_SECONDS, needs_lease=True, first=FIRST_SWEEP_SECONDS),
        ),
    )  # fmt: skip
    return Oracle(
        service, monitor, context, sender, snapshot_reader, index, facts_loader, journal,
        recordings, switch, sender_store, lease_store, sweeper,
    )  # fmt: skip


def send_policy(settings: OracleSettings) -> SendPolicy:
    """The limits on fees as set; of a default that contradicts another one, what is possible."""
    ceiling = int(settings.max_fee_gwei * GWEI)
    max_tip = min(int(settings.max_tip_gwei * GWEI), ceiling)
    min_tip = min(int(settings.min_tip_gwei * GWEI), max_tip)
    return SendPolicy(
        fee_ceiling=ceiling, max_tip=max_tip, min_tip=min_tip, act_seconds=node_seconds(settings)
    )


def _nodes(pool: NodePool) -> list[Rpc]:
    """The current node, and a second one for its opinion where there are two."""
    first = pool.pick()
    second = pool.other_than(first.name)
    if second is None and len(pool.names) > 1:
        raise NoEndpoint("only one node answers; a sweep needs two", SWEEP_SECONDS)
    return [first] if second is None else [first, second]
