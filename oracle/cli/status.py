"""`python -m oracle status`: what waits and why, as a table.

Promises: reads only; asks the same questions as the running oracle and lets the same plan answer
them, so what it shows is what the oracle will do. It needs neither lease nor key, and says nothing
secret.
"""

from __future__ import annotations

from collections.abc import Sequence

from chain.enums import room_name
from chain.finality import final_words
from common import process
from oracle.bootstrap import Oracle
from oracle.cli.table import age, table
from oracle.contract_standing import read_standing
from oracle.facts import Facts, Flight
from oracle.facts_loader import RoomCandidate, proposed, remembered
from oracle.plan import Act, plan

MAX_ROOMS = 200
KINDS = ("provision", "rekey", "release")


async def status(oracle: Oracle) -> str:
    """The whole picture. Raises `RpcError` and the database's errors."""
    return "\n\n".join([await _overview(oracle), await _rooms(oracle)])


async def _overview(oracle: Oracle) -> str:
    me, service = oracle.context.me, oracle.service
    snapshot = await oracle.snapshot_reader.read()
    state = await read_standing(snapshot, me.operator_id)
    progress = await oracle.index.progress()
    lease = await oracle.lease_store.read(service.lease.name)
    queued, flying = await oracle.sender_store.counts(oracle.sender.account)
    await oracle.recall_spending()
    balance = await oracle.monitor.balance.check()
    index = "no index yet"
    if progress is not None:
        index = progress.stopped or f"{snapshot.latest.number - progress.block} blocks behind"
    words = [f"{me.contract} on chain {me.chain_id}", state.retirement, state.crowded]
    old = age(service.clock.now() - snapshot.latest.timestamp)
    holder = "nobody" if lease is None or lease.holder is None else process.describe(lease.holder)
    rows = [
        ("operator", f"{me.operator_id}, account {me.account}"),
        ("new rooms", await oracle.switch.standing() or "there is no such operator"),
        ("contract", "; ".join(word for word in words if word is not None)),
        (
            "head",
            f"block {snapshot.latest.number}, {old} old; acts on {snapshot.acting.number}, "
            f"{final_words(snapshot.final_number)}",
        ),
        ("index", index),
        ("lease", f"{holder} (fence {lease.token if lease else 0})"),
        ("transactions", f"{queued} queued, {flying} pending"),
        ("balance", balance.message),
    ]
    return table(("what", "state"), rows)


async def _rooms(oracle: Oracle) -> str:
    progress = await oracle.index.progress()
    if progress is not None and progress.stopped is not None:
        return "Rooms are not shown while the index cannot be used."
    await oracle.service.records.load(0)
    candidates: dict[str, RoomCandidate] = {}
    work: dict[str, str] = {}
    for kind in KINDS:
        for proposal in await oracle.index.work(kind, MAX_ROOMS):
            candidate = proposed(oracle.context.me.contract, proposal)
            candidates[candidate.id], work[candidate.id] = candidate, kind
    for record in oracle.service.records.open:
        candidates.setdefault(record.id, remembered(record))
    shown = list(candidates.values())[:MAX_ROOMS]
    if not shown:
        return "No rooms are waiting."
    known = {facts.record.id: facts for facts in await oracle.facts_loader.load(shown)}
    now = oracle.service.clock.now()
    rows = [_row(c, known.get(c.id), work.get(c.id, "-"), now) for c in shown]
    more = len(candidates) - len(shown)
    return table(_HEAD, rows) + (f"\n... and {more} more" if more else "")


_HEAD = ("room", "work", "age", "chain", "input", "transaction", "next step or reason")


def _row(candidate: RoomCandidate, facts: Facts | None, work: str, now: float) -> Sequence[object]:
    name = room_name(candidate.room_id)
    if facts is None:
        return (name, work, "-", "-", "-", "-", "not on the confirmed chain yet")
    record, view, step = facts.record, facts.acting, plan(facts)
    why = step.why if step.act is Act.WAIT and step.why else step.act.value
    if record.reason is not None:
        why = f"{why}; last: {record.reason}"
    return (
        name,
        work,
        age(now - record.created_at),
        view.status.word if view is not None else "absent",
        "deleted" if record.gone else (record.uid or "-"),
        "-" if facts.flight is Flight.NONE else facts.flight.value,
        why,
    )
