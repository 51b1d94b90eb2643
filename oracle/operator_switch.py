"""The operator's own switch: reads what `oracle.self_closing` decides on, and carries it out.

Promises: what is about to be sent is in the database before the sender hears of it; right before it
is first signed it is looked at once more, so that nobody who switched by hand meanwhile is
overruled (`still_wanted`). Reads and one transaction at most a look; bounded.
Assumes: called by the lease's holder only.
On restart: the record is read again at each look; nothing is kept in memory but what is shown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any, NamedTuple, Protocol

import structlog
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chain import calldata
from chain.hexes import hex_data
from chain.rpc.errors import ExecutionReverted
from chain.send import SendRequest, SendState
from chain.views import read_creation, read_operator
from common.clock import Clock
from oracle.chain_snapshot import SnapshotReader
from oracle.context import Context, Identity
from oracle.journal import JournalConflict
from oracle.metrics import OracleMetrics
from oracle.outbox import Outbox
from oracle.problems import Problems
from oracle.self_closing import (
    CLOSE_ABOVE,
    OPEN_BELOW,
    Switch,
    SwitchFacts,
    SwitchFlight,
    SwitchRecord,
    WorkMeter,
    decide,
)

log = structlog.get_logger(__name__)

COLLECTION = "oracle_self_closing"
SWITCHES = frozenset({Switch.CLOSE.value, Switch.OPEN.value})
"""The kinds of our transactions that switch."""
NOTE = "self-closing"


class OperatorNow(NamedTuple):
    """The operator at the newest block. `ours`: its account is the one that signs. `retired`: the
    contract takes no rooms at all. `deadline_seconds`: to fulfil, of the current terms."""

    ours: bool
    accepting: bool
    retired: bool
    deadline_seconds: int


class SwitchStore(Protocol):
    """Where the record is kept. Both raise the database's errors."""

    async def load(self, name: str) -> SwitchRecord:
        """An empty one if there is none."""
        ...

    async def save(self, record: SwitchRecord) -> SwitchRecord:
        """Raises JournalConflict if somebody else wrote it since."""
        ...


class MemorySwitchStore:
    """For tests and simulations. Keeps the same rules."""

    def __init__(self) -> None:
        self.rows: dict[str, SwitchRecord] = {}

    async def load(self, name: str) -> SwitchRecord:
        return self.rows.get(name) or SwitchRecord(name)

    async def save(self, record: SwitchRecord) -> SwitchRecord:
        stored = self.rows.get(record.id)
        if (stored.version if stored else 0) != record.version:
            raise JournalConflict(f"{record.id} was changed by another process")
        saved = self.rows[record.id] = replace(record, version=record.version + 1)
        return saved


class MongoSwitchStore:
    """The record in MongoDB, one document an operator."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._rows = database[COLLECTION]

    async def load(self, name: str) -> SwitchRecord:
        doc = await self._rows.find_one({"_id": name})
        if doc is None:
            return SwitchRecord(name)
        return SwitchRecord(id=doc.pop("_id"), **doc)

    async def save(self, record: SwitchRecord) -> SwitchRecord:
        saved = replace(record, version=record.version + 1)
        doc = asdict(saved)
        doc["_id"] = doc.pop("id")
        if record.version == 0:
            try:
                await self._rows.insert_one(doc)
            except DuplicateKeyError:
                raise JournalConflict(f"{record.id} already exists") from None
            return saved
        query = {"_id": record.id, "version": record.version}
        if (await self._rows.replace_one(query, doc)).matched_count != 1:
            raise JournalConflict(f"{record.id} was changed by another process")
        return saved


class OperatorReader:
    """Reads the operator from the contract."""

    def __init__(self, snapshot_reader: SnapshotReader, me: Identity) -> None:
        self._snapshot_reader = snapshot_reader
        self._me = me

    async def read(self) -> OperatorNow | None:
        """None if the contract has no such operator. Raises `RpcError`."""
        snapshot, me = await self._snapshot_reader.read(), self._me
        block = snapshot.latest.hash
        try:
            operator = await read_operator(snapshot.node, me.contract, me.operator_id, block)
        except ExecutionReverted:
            return None
        creation = await read_creation(
            snapshot.node, me.contract, me.operator_id, me.account, block
        )
        return OperatorNow(
            operator.account == me.account, operator.accepting, creation.retired,
            creation.terms.fulfill_deadline_seconds,
        )  # fmt: skip


class OperatorSwitch:
    """See the module. `read`: the operator now. `status`: the sender's row of a key."""

    def __init__(
        self,
        context: Context,
        read: Callable[[], Awaitable[OperatorNow | None]],
        store: SwitchStore,
        status: Callable[[str], Awaitable[SendRequest | None]],
        outbox: Outbox,
        meter: WorkMeter,
        metrics: OracleMetrics,
        problems: Problems,
        clock: Clock,
        posted: Callable[[], None],
        *,
        on: bool,
    ) -> None:
        self._context = context
        self._read = read
        self._store = store
        self._status = status
        self._outbox = outbox
        self._meter = meter
        self._metrics = metrics
        self._problems = problems
        self._clock = clock
        self._posted = posted
        self._on = on
        self._name = f"{context.me.contract}:{context.me.operator_id}"

    async def look(self) -> None:
        """Look once, and do what is decided. Raises `RpcError`, JournalConflict and the database's
        errors: the next look starts over."""
        operator = await self._read()
        if operator is None:
            return
        waiting = await self._context.index.waiting("provision")
        seconds = waiting * self._meter.seconds_per_room(self._clock.monotonic())
        facts = await self._facts(operator, seconds / max(1, operator.deadline_seconds))
        self._show(facts, operator, waiting, seconds)
        switch = decide(facts)
        if switch is Switch.OVER:
            await self._store.save(facts.record.over(facts.flight))
            log.info("self-closing is over", record=self._name)
        elif switch is not Switch.KEEP:
            await self._send(switch, facts, waiting, seconds)

    async def standing(self) -> str | None:
        """Whether the operator takes rooms, and who closed it, in words; None: there is none."""
        operator = await self._read()
        if operator is None:
            return None
        if operator.accepting:
            return "takes new rooms"
        record = await self._store.load(self._name)
        if record.closing is None:
            return "takes no new rooms: closed by hand"
        return "takes no new rooms: closed itself, and opens again when it has less work"

    async def still_wanted(self, request: SendRequest) -> str | None:
        """Why a queued switch must not be signed any more, or None. Raises as `look`."""
        closes = request.meta.get("act") == Switch.CLOSE.value
        record = await self._store.load(self._name)
        if request.key != (record.closing if closes else record.opening):
            return "no longer needed: the journal has no entry for it"
        operator = await self._read()
        if operator is None or not operator.ours or operator.accepting is not closes:
            return "no longer needed: the operator was switched by hand, or is another account's"
        if not closes:
            change = await self._context.index.accepting_change()
            if change is None or change.tx != record.closing_tx:
                return "no longer needed: somebody switched by hand"
        return None

    async def _facts(self, operator: OperatorNow, load: float) -> SwitchFacts:
        record = await self._store.load(self._name)
        flight, change, index_block = SwitchFlight.UNKNOWN, None, 0
        if record.asked is not None:
            flight, row = await self._flight(record.asked)
            record = await self._remember_landing(record, row, flight)
            progress = await self._context.index.progress()
            index_block = 0 if progress is None else progress.block
            change = await self._context.index.accepting_change()
        standing = self._context.standing
        may = operator.ours and not operator.retired
        return SwitchFacts(
            now=self._clock.now(), on=self._on,
            may_switch=may and standing.problem is None and standing.broke is None,
            accepting=operator.accepting, load=load, record=record, flight=flight, change=change,
            index_block=index_block,
        )  # fmt: skip

    async def _flight(self, key: str) -> tuple[SwitchFlight, SendRequest | None]:
        row = await self._status(key)
        if row is None:
            return SwitchFlight.UNKNOWN, None
        if row.state is SendState.FAILED or row.succeeded is False:
            return SwitchFlight.FAILED, row
        mined = row.state in (SendState.MINED, SendState.CONFIRMED)
        return (SwitchFlight.LANDED if mined else SwitchFlight.FLYING), row

    async def _remember_landing(
        self, record: SwitchRecord, row: SendRequest | None, flight: SwitchFlight
    ) -> SwitchRecord:
        """The sender forgets its rows some day, and a reorg may bring another attempt."""
        if record.opening is not None or flight is not SwitchFlight.LANDED or row is None:
            return record
        if row.tx_hash is None or row.block_number is None:
            return record
        landed = record.landed(row.tx_hash, row.block_number)
        return record if landed == record else await self._store.save(landed)

    async def _send(self, switch: Switch, facts: SwitchFacts, waiting: int, seconds: float) -> None:
        me, closes = self._context.me, switch is Switch.CLOSE
        data = hex_data(calldata.set_operator_accepting(me.operator_id, not closes))

        async def remember(key: str) -> None:
            await self._store.save(facts.record.asking(switch, key, facts.now))

        why = await self._outbox.post_call(switch.value, data, remember)
        if why is not None:
            log.warning("operator not switched", switch=switch.value, reason=why)
            return
        self._metrics.switches.labels(switch.value).inc()
        log.warning(
            "operator closes itself" if closes else "operator opens again",
            operator=me.operator_id, waiting=waiting, work_seconds=round(seconds),
        )  # fmt: skip
        self._posted()

    def _show(
        self, facts: SwitchFacts, operator: OperatorNow, waiting: int, seconds: float
    ) -> None:
        """Metrics, and a note while it takes no rooms."""
        ours = facts.record.closing is not None and not operator.accepting
        self._metrics.work_seconds.set(seconds)
        self._metrics.accepting.set(operator.accepting)
        self._metrics.self_closed.set(ours)
        note = None
        if ours:
            note = (
                f"closed itself to new rooms above {CLOSE_ABOVE:.0%} of the fulfil deadline"
                f" ({operator.deadline_seconds} s): {waiting} rooms wait, about {seconds:.0f} s of"
                f" work; opens below {OPEN_BELOW:.0%}"
            )
        elif not operator.accepting:
            note = "takes no new rooms: closed by hand, and opened by hand only"
        self._problems.note(NOTE, note)
