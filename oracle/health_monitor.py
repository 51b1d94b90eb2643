"""Watches what the oracle needs: operator, balance, index, nodes, Cloudflare's gates, the queue;
and what it earns.

Promises: reads only. What it finds is a problem in words (`oracle.problems`) and a metric.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from chain.enums import Status
from chain.finality import NOTHING_FINAL
from chain.hexes import ZERO_ADDRESS
from chain.rpc.errors import ExecutionReverted
from chain.rpc.node_health import NodeHealth, hindrance, left_out
from chain.send import Sender, SendRequest
from chain.send.balance import BalanceLevel, BalanceWatch
from chain.units import ETHER
from chain.views import read_rooms
from common.clock import Clock
from oracle.chain_snapshot import SnapshotReader
from oracle.cloudflare.api_call import CallRecord
from oracle.cloudflare.breaker import Breaker, CircuitState
from oracle.cloudflare.rate_limit import RateLimiter
from oracle.context import Context
from oracle.contract_standing import read_standing
from oracle.income import IncomeReader, Source
from oracle.index_view import IndexView
from oracle.metrics import OracleMetrics
from oracle.plan import LOOK_SECONDS, Act
from oracle.problems import Problems
from oracle.sweep import SweepReport
from oracle.sweep_verdict import Verdict

log = structlog.get_logger(__name__)

MISMATCH_SECONDS = 300.0
"""A live input that is not what was asked is said for so long after its last try."""
MAX_NAMED = 5
"""Rooms that a note names."""
MAX_INDEX_LAG = 50
"""Blocks; further behind, proposals come late, which an operator should know."""


def still_on_air(rooms: Sequence[int]) -> str:
    """What to do about ended rooms that somebody still broadcasts into."""
    named = ", ".join(map(str, rooms[:MAX_NAMED])) + (", ..." if len(rooms) > MAX_NAMED else "")
    return (
        f"somebody still broadcasts into {len(rooms)} ended room(s) ({named}), although the live "
        f"input was disabled and its keys rotated {LOOK_SECONDS:.0f} s ago or earlier: Cloudflare "
        "ends it when the input is deleted, once the end is final. To stop it sooner, delete the "
        "live input in Cloudflare's dashboard (`oracle status` names it)"
    )


@dataclass
class HealthMonitor:
    """See the module."""

    context: Context
    snapshot_reader: SnapshotReader
    index: IndexView
    sender: Sender
    balance: BalanceWatch
    breaker: Breaker
    rate_limiter: RateLimiter
    metrics: OracleMetrics
    problems: Problems
    clock: Clock
    income: IncomeReader
    renew: Callable[[], None] = lambda: None
    """Asked every second: credentials that Cloudflare refuses are read again."""
    health: Callable[[], Sequence[NodeHealth]] = tuple
    old_head: Callable[[], str | None] = lambda: None
    """That the newest block is too old, in words."""
    final_block: int = NOTHING_FINAL
    index_stopped: str | None = None

    def __post_init__(self) -> None:
        for source in Source:
            self.metrics.income.labels(source.value)  # shown from the start, as 0

    async def check_operator(self) -> None:
        """Whether the contract knows our account as the operator's, and where it plays."""
        me, standing = self.context.me, self.context.standing
        snapshot = await self.snapshot_reader.read()
        self.final_block = snapshot.final_number
        nothing = "nothing is final yet (FINALITY): steps that need finality wait"
        self.problems.note("finality", nothing if snapshot.final is None else None)
        problem: str | None = None
        try:
            operator = await snapshot.operator(me.operator_id)
        except ExecutionReverted:
            problem = (
                f"the contract has no operator {me.operator_id}: correct ORACLE_OPERATOR_ID, or "
                "have the owner add it"
            )
        else:
            standing.playback_base = operator.playback_base
            if operator.account == ZERO_ADDRESS:
                problem = f"operator {me.operator_id} was revoked by the contract's owner"
            elif operator.account != me.account:
                problem = (
                    f"operator {me.operator_id} has account {operator.account}, but the key is for"
                    f" {me.account}: configure the right key, or have the owner set the account"
                )
        standing.problem = problem
        self.problems.set("operator", problem)

    async def check_contract(self) -> None:
        """Whether the contract is retired, and has room for long."""
        snapshot = await self.snapshot_reader.read()
        state = await read_standing(snapshot, self.context.me.operator_id)
        self.metrics.contract_rooms.set(state.rooms)
        self.problems.note("contract", state.retirement)
        self.problems.note("contract's rooms", state.crowded)

    async def count_income(self) -> None:
        """What was credited to the operator's payee since the last time."""
        for source, amount in await self.income.more(self.final_block):
            self.metrics.income.labels(source.value).inc(amount / ETHER)

    async def check_index(self) -> None:
        """Whether the index works, and how far behind it is."""
        progress = await self.index.progress()
        self.index_stopped = progress.stopped if progress is not None else None
        if progress is None:
            self.problems.set("index", "no index yet: start the indexer, or check MONGODB_DATABASE")
        elif progress.stopped is not None:
            self.problems.set(
                "index",
                f"the index has stopped: {progress.stopped}. Nothing is sent until this is fixed",
            )
        else:
            head = (await self.snapshot_reader.newest()).number
            lag = head - progress.block
            behind = f"the index is {lag} blocks behind the chain" if lag > MAX_INDEX_LAG else None
            self.problems.set("index", behind)

    async def check_nodes(self) -> None:
        """Whether the node that is asked stands still, or the chain, and who is left out."""
        health = self.health()
        self.problems.set("node", hindrance(health))
        self.problems.note("nodes", left_out(health))
        self.problems.note("head", self.old_head())

    async def check_balance(self) -> None:
        """How long the operator's balance lasts."""
        report = await self.balance.check()
        self.metrics.balance.set(report.wei / ETHER)
        self.metrics.days_left.set(-1 if report.days_left is None else report.days_left)
        broke = report.message if report.level is BalanceLevel.STOP else None
        self.context.standing.broke = broke
        self.problems.set("balance", broke)
        self.problems.note("balance", report.message if report.level is BalanceLevel.WARN else None)

    async def check_gates(self) -> None:
        """What the sender and Cloudflare's gates wait for."""
        self.renew()
        report = self.breaker.report()
        held = report.account_held or report.provisioning_held
        failing = report.circuit_reason if report.circuit is not CircuitState.CLOSED else None
        self.problems.set("cloudflare", held or failing)
        self.problems.set("sender", self.sender.blocked)
        at, wrong = self.context.standing.mismatch or (0.0, "")
        fresh = bool(wrong) and self.clock.now() - at < MISMATCH_SECONDS
        self.problems.set("live input", wrong if fresh else None)
        self.check_take_downs()
        self.metrics.cloudflare_room.set(self.rate_limiter.report().room)
        self.problems.settle()

    def check_take_downs(self) -> None:
        """Whether somebody broadcasts into what was taken down."""
        rooms = sorted(r.room_id for r in self.context.records.open if r.still_connected)
        self.metrics.still_connected.set(len(rooms))
        self.problems.note("take-down", still_on_air(rooms) if rooms else None)

    async def measure_queue(self) -> None:
        """How many rooms wait, and since when the oldest pending one does."""
        for kind in ("provision", "rekey", "release"):
            found = await self.index.work(kind, 2000)
            self.metrics.waiting.labels(kind).set(len(found))
            if kind == "provision":
                await self._oldest([p.room_id for p in found[:1]])

    def on_sweep(self, report: SweepReport) -> None:
        """A sweep ended."""
        counts = report.counts()
        for verdict in Verdict:
            self.metrics.orphans.labels(verdict.value).set(counts[verdict.value])
        deleted = sum(1 for finding in report.findings if finding.deleted)
        self.metrics.swept.inc(deleted)
        self.problems.note("sweep", report.unproven)
        foreign = counts[Verdict.FOREIGN.value]
        text = f"{foreign} live inputs in this Cloudflare account are not ours and are left alone"
        self.problems.note("foreign inputs", text if foreign else None)
        log.info(
            "swept", deleted=deleted, missing=len(report.missing),
            forgotten=len(report.forgotten), unproven=report.unproven, **counts,
        )  # fmt: skip

    def _provisioned(self, request: SendRequest) -> None:
        for label in request.meta.get("rooms", []):
            if not label["again"]:
                since = max(0.0, self.clock.now() - label["created_at"])
                self.metrics.provision_seconds.observe(since)

    async def _oldest(self, ids: list[int]) -> None:
        age = 0.0
        if ids:
            snapshot = await self.snapshot_reader.read()
            views = await read_rooms(
                snapshot.node, self.context.me.contract, ids, snapshot.latest.hash
            )
            pending = [view for view in views if view.status is Status.PENDING]
            age = max((self.clock.now() - view.created_at for view in pending), default=0.0)
        self.metrics.oldest_pending.set(max(0.0, age))

    def on_call(self, record: CallRecord) -> None:
        """A call to Cloudflare ended."""
        operation = record.operation.value
        self.metrics.cloudflare.labels(operation, record.result).inc()
        if record.seconds:
            self.metrics.cloudflare_seconds.labels(operation).observe(record.seconds)
        if record.result != "ok":
            log.info(
                "cloudflare call failed", operation=operation, uid=record.uid,
                result=record.result, status=record.status,
            )  # fmt: skip

    def on_transaction(self, event: str, request: SendRequest) -> None:
        """A transaction of ours changed."""
        kind = str(request.meta.get("act", "other"))
        self.metrics.transactions.labels(kind, event).inc()
        if event == "mined" and kind == Act.FULFILL.value:
            self._provisioned(request)
        rooms = [label["room"] for label in request.meta.get("rooms", [])]
        log.info(
            "transaction", event_=event, kind=kind, rooms=rooms[:20], tx=request.tx_hash,
            nonce=request.nonce, reason=request.reason,
        )  # fmt: skip
        if request.final and request.gas_used is not None and request.spent is not None:
            self.metrics.gas.labels(kind).inc(request.gas_used)
            self.metrics.fees.labels(kind).inc(request.spent / ETHER)
            self.balance.spent(request.spent)
