"""Puts the oracle together.

Promises: one object of each kind, shared by all jobs: one budget and one breaker for Cloudflare,
one sender, one lease. Nothing is done yet.
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
from oracle.book import Book
from oracle.chain_snapshot import Lookout
from oracle.cloudflare.breaker import Breaker
from oracle.cloudflare.caller import CallRecord
from oracle.cloudflare.client import CloudflareClient
from oracle.connections import (
    Connections,
    cloudflare_account,
    cloudflare_budget,
    cloudflare_seconds,
    node_seconds,
    present_auth,
    recording_policy,
)
from oracle.context import Identity, Tools
from oracle.entry import Entry
from oracle.facts_loader import Assembler
from oracle.failures import job_guard
from oracle.health_monitor import Watch
from oracle.index_view import MongoIndex
from oracle.journal import MongoJournal
from oracle.metrics import Metrics
from oracle.outbox import Outbox, still_wanted
from oracle.problems import Problems
from oracle.reconciler import Engine
from oracle.recordings import MongoRecordings
from oracle.room_queue import Schedule
from oracle.service import Periodic, Service
from oracle.steps.select import Selector
from oracle.sweep import Sweeper

log = structlog.get_logger(__name__)

BUDGET_WAIT_SECONDS = 2.0
SWEEP_SECONDS = 1800.0
FIRST_SWEEP_SECONDS = 120.0


@dataclass
class Oracle:
    """All parts, for the service and for the commands beside it."""

    service: Service
    watch: Watch
    tools: Tools
    sender: Sender
    lookout: Lookout
    index: MongoIndex
    assembler: Assembler
    journal: MongoJournal
    recordings: MongoRecordings
    sender_store: MongoSenderStore
    lease_store: MongoLeaseStore
    sweeper: Sweeper

    async def ensure_indexes(self) -> None:
        """The database's indexes; idempotent."""
        await self.journal.ensure_indexes()
        await self.recordings.ensure_indexes()
        await self.sender_store.ensure_indexes()

    async def recall_spending(self) -> None:
        """What transactions cost of late, as the database tells: the pace that money goes at."""
        balance = self.watch.balance
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
    metrics, problems = Metrics(), Problems()
    lookout = Lookout(
        pool.pick, me.contract, contract.start_block, settings.confirmations, settings.finality,
        partial(check_finality, pool, settings.finality),
    )  # fmt: skip
    index = MongoIndex(connections.index_database, me.contract, me.operator_id)
    journal = MongoJournal(connections.database)
    book = Book(journal, me.contract, me.operator_id)
    lease_store = MongoLeaseStore(connections.database["oracle_lease"], marks={"since": 0.0})
    lease = Lease(
        lease_store, f"{me.contract}:{me.operator_id}", process.name(),
        settings.oracle_lease_seconds, clock,
    )  # fmt: skip
    account = cloudflare_account(settings)
    budget, breaker = cloudflare_budget(settings, clock), Breaker(clock)
    recordings = MongoRecordings(connections.database, clock)
    sender_store = MongoSenderStore(connections.database)

    def may_act(seconds: float) -> bool:
        return lease.covers(seconds) and watch.index_stopped is None

    async def newest(ids: Sequence[int]) -> list[RoomView]:
        return await read_rooms(pool.pick(), me.contract, ids, "latest")

    async def wanted(request: SendRequest) -> str | None:
        return await still_wanted(request, newest, book.get)

    # What reports to parts that are made further down.
    def called(record: CallRecord) -> None:
        watch.called(record)

    def sent(event: str, request: SendRequest) -> None:
        watch.sent(event, request)

    def skipped(entry: Entry, why: str) -> None:
        engine.skipped(entry, why)

    def renew() -> None:
        if client.renew_credentials():
            log.info("Cloudflare's credentials were read again")
            schedule.hurry()
            service.wake()

    def posted() -> None:
        service.sender_wakeups.wake()

    client = CloudflareClient(
        connections.cloudflare, account, budget, breaker, clock,
        timeout=cloudflare_seconds(settings), budget_wait=BUDGET_WAIT_SECONDS,
        may_act=may_act, observe=called, reread=partial(present_auth, settings),
    )  # fmt: skip
    ceiling = int(settings.max_fee_gwei * GWEI)
    sender = Sender(
        chain_id=me.chain_id, signer=signer, pick=pool.pick, broadcast=pool, store=sender_store,
        clock=clock, finalized=lookout.final_number, may_act=may_act, still_wanted=wanted,
        policy=SendPolicy(
            fee_ceiling=ceiling, max_tip=min(3 * GWEI, ceiling), min_tip=min(GWEI // 100, ceiling),
            act_seconds=node_seconds(settings),
        ),
        observe=sent,
    )  # fmt: skip
    tools = Tools(
        me, clock, book, index, client, recordings, recording_policy(settings),
        keep_recordings=settings.recording_retention_days > 0,
    )  # fmt: skip
    watch = Watch(
        tools, lookout, index, sender, BalanceWatch(pool, me.account, clock), breaker, budget,
        metrics, problems, clock, renew, pool.health,
    )  # fmt: skip
    schedule = Schedule(clock, rng)
    assembler = Assembler(me, clock, lookout, index, book, sender.status)
    outbox = Outbox(
        tools, sender, pool.pick, contract_errors(), skipped,
    )  # fmt: skip
    engine = Engine(tools, assembler, outbox, schedule, metrics, posted)
    selector = Selector(me.contract, index, book, schedule, clock, lambda: watch.final_block)

    sweeper = Sweeper(tools, lookout, index, partial(_nodes, pool))

    async def sweep() -> None:
        report = await sweeper.run(dry_run=False)
        watch.swept(report)

    async def send() -> bool:
        await sender.tick(await lookout.newest())
        return False

    service = Service(
        clock=clock,
        heads=HeadWatcher(pool, clock, rng, poll_seconds=settings.poll_seconds),
        lease=lease, book=book, index=index, engine=engine, metrics=metrics, problems=problems,
        guard=job_guard(metrics, problems),
        passes={
            "release": selector.release,
            "provision": selector.provision,
            "rekey": selector.rekey,
            "expire": selector.expire,
            "settle": selector.settle,
        },
        next_due=schedule.next_due,
        send=send,
        halted=lambda: watch.index_stopped is not None,
        periodic=(
            Periodic("operator", watch.standing, 10.0),
            Periodic("index", watch.index_position, 2.0),
            Periodic("balance", watch.money, 60.0),
            Periodic("gates", watch.gates, 1.0),
            Periodic("nodes", watch.nodes, 2.0),
            Periodic("queue", watch.queue, 10.0, needs_lease=True),
            Periodic("sweep", sweep, SWEEP_SECONDS, needs_lease=True, first=FIRST_SWEEP_SECONDS),
        ),
    )  # fmt: skip
    return Oracle(
        service, watch, tools, sender, lookout, index, assembler, journal, recordings,
        sender_store, lease_store, sweeper,
    )  # fmt: skip


def _nodes(pool: NodePool) -> list[Rpc]:
    """The current node, and a second one for its opinion where there are two."""
    first = pool.pick()
    second = pool.other_than(first.name)
    if second is None and len(pool.names) > 1:
        raise NoEndpoint("only one node answers; a sweep wants two opinions", SWEEP_SECONDS)
    return [first] if second is None else [first, second]
