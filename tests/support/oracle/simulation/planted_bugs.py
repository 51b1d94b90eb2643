"""Bugs to be planted into the oracle, each one a mistake that such systems have really made.

Each is a function that patches the product through pytest's monkeypatch. The simulation must find
every one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chain.enums import Status
from common import lease
from oracle import facts, facts_loader, journal, plan, reconciler, sweep, sweep_verdict
from oracle.cloudflare.errors import AnswerLost
from oracle.context import Context
from oracle.journal import CutOff, RoomRecord
from oracle.steps import provision, release
from oracle.sweep_verdict import Verdict
from tests.support.oracle.simulation.one_fault import Disturbance

Patch = pytest.MonkeyPatch


def new_key_for_every_create(patch: Patch) -> None:
    """The idempotency key is random, so a repeated create makes a second input."""
    counter = iter(range(10**9))
    owner = Context.owner
    patch.setattr(Context, "owner", lambda t, e: replace(owner(t, e), attempt=next(counter)))


def lost_answer_means_not_created(patch: Patch) -> None:
    """A create without an answer is taken for one that did not happen."""
    create = provision.create

    async def hasty(context: Context, f: facts.Facts) -> RoomRecord:
        try:
            return await create(context, f)
        except AnswerLost:
            record = (await context.records.get([f.record.id]))[f.record.id]
            return await context.save(replace(record, gone=True))

    patch.setitem(reconciler.HANDLERS, plan.Act.CREATE, hasty)


def old_credentials_for_a_new_key(patch: Patch) -> None:
    """A rekey seals the same credentials again, which the former key's holder knows."""
    patch.setattr(RoomRecord, "needs_rotation", lambda _self, _tag: False)
    patch.setattr(RoomRecord, "rotated_for", lambda _self, _tag: True)


def delete_before_finality(patch: Patch) -> None:
    """A few confirmations count as final."""
    patch.setattr(
        facts.Facts,
        "ours_final",
        property(lambda f: f.acting if f.ours(f.acting, f.acting_block) else None),
    )


def never_enabled_again(patch: Patch) -> None:
    """An end that a reorg took back leaves the input switched off."""
    decide = plan.plan

    def blind(f: facts.Facts) -> plan.Step:
        step = decide(f)
        if step.act is plan.Act.ENABLE:
            return decide(replace(f, record=replace(f.record, enabled=True)))
        return step

    patch.setattr(reconciler, "plan", blind)


def rotated_at_the_end_and_not_published(patch: Patch) -> None:
    """An end that a reorg took back leaves the credentials published that its rotation voided."""
    revoke = release.revoke

    async def forgetful(context: Context, f: facts.Facts) -> RoomRecord:
        record = await revoke(context, f)
        return await context.save(replace(record, verified=f.record.verified))

    patch.setitem(reconciler.HANDLERS, plan.Act.REVOKE, forgetful)


def rotation_is_not_written_down_first(patch: Patch) -> None:
    """A crash right after the rotation leaves no trace of it."""

    async def hasty(context: Context, f: facts.Facts) -> RoomRecord:
        issued = await context.cloudflare.rotate_keys(f.uid)
        cut_off = CutOff(context.clock.now(), rotated=True)
        digest = issued.credentials.digest()
        return await context.save(replace(f.record, cut_off=cut_off, digest=digest, verified=None))

    patch.setitem(reconciler.HANDLERS, plan.Act.REVOKE, hasty)


def switch_is_not_written_down_first(patch: Patch) -> None:
    """A crash right after a disable leaves no trace of it."""

    async def sure(_context: Context, record: RoomRecord) -> RoomRecord:
        return record

    patch.setattr(release, "_unsure", sure)


def rooms_are_known_by_number(patch: Patch) -> None:
    """A reorg gives the number to another host, who gets the former host's input."""
    for module in (facts_loader, sweep):
        patch.setattr(module, "record_id", lambda contract, n, _tag: f"{contract}:{n}")


def ended_before_provisioned_is_forgotten(patch: Patch) -> None:
    """A room that ended while it was being provisioned leaves its input behind."""
    decide = plan.plan

    def careless(f: facts.Facts) -> plan.Step:
        view = f.acting
        if view is not None and view.status is Status.ENDED and not any(view.uid):
            return plan.Step(plan.Act.REST)
        return decide(f)

    patch.setattr(reconciler, "plan", careless)


def never_verified(patch: Patch) -> None:
    """What is published is taken for what was meant to be published."""

    async def trusting(context: Context, f: facts.Facts) -> RoomRecord:
        return await context.save(replace(f.record, verified=f.view.tag, lost_at=None))

    patch.setitem(reconciler.HANDLERS, plan.Act.VERIFY, trusting)


def lease_is_always_good(patch: Patch) -> None:
    """Who once had the lease goes on acting."""
    patch.setattr(lease.Lease, "covers", lambda self, _seconds: self._mine is not None)


def journal_failure_means_not_written(patch: Patch) -> None:
    """A write whose answer was lost is taken for one that did not happen."""
    patch.setattr(journal.OpenRecords, "forget", lambda _self: None)


def index_is_believed(patch: Patch) -> None:
    """The index's key is used without a proof: whoever writes to the database gets the stream."""
    patch.setattr(facts_loader, "key_proven", lambda *_: True)


def unusable_keys_are_served(patch: Patch) -> None:
    """A live input is made for a room whose first key nothing can be sealed to."""
    patch.setattr(facts_loader, "usable", lambda _key: True)


def mined_is_mined(patch: Patch) -> None:
    """A receipt that a reorg took is still believed, and no other reorg is expected."""
    flight = facts_loader._flight

    def naive(row: Any, acting: int, _blocks: Any, account: str) -> Any:
        blocks = {row.block_number: row.block_hash} if row is not None else {}
        return flight(row, acting, blocks, account)

    patch.setattr(facts_loader, "_flight", naive)
    patch.setattr(facts.Facts, "landed_not_final", property(lambda _: False))


def sweep_without_proof(patch: Patch) -> None:
    """Whatever the sweep does not understand is an orphan."""
    judge = sweep_verdict.judge

    def eager(*args: Any) -> Any:
        verdict, why = judge(*args)
        return (Verdict.ORPHAN if verdict is Verdict.WAITS else verdict), why

    patch.setattr(sweep, "judge", eager)


Bug = Callable[[Patch], None]
PLANTED: tuple[Bug, ...] = (
    new_key_for_every_create,
    lost_answer_means_not_created,
    old_credentials_for_a_new_key,
    never_enabled_again,
    rooms_are_known_by_number,
    ended_before_provisioned_is_forgotten,
    never_verified,
    journal_failure_means_not_written,
    index_is_believed,
    unusable_keys_are_served,
    sweep_without_proof,
    delete_before_finality,
    lease_is_always_good,
)
PLANTED_AT_AN_AWAIT: dict[Bug, Disturbance] = {
    switch_is_not_written_down_first: Disturbance.KILLED,
    rotation_is_not_written_down_first: Disturbance.KILLED,
    rotated_at_the_end_and_not_published: Disturbance.KILLED,
    mined_is_mined: Disturbance.REORGED,
}
"""What needs one certain moment: the told story, so disturbed, finds it, not chance."""

FIRST: dict[Bug, int] = {
    lost_answer_means_not_created: 88,
    ended_before_provisioned_is_forgotten: 62,
    never_verified: 25,
    sweep_without_proof: 83,
    rooms_are_known_by_number: 82,
    delete_before_finality: 410,
    lease_is_always_good: 12,
}
"""For the rare ones the first history that finds them: where to look before anywhere else."""
FIRST_POINT: dict[Bug, int] = {
    switch_is_not_written_down_first: 954,
    rotation_is_not_written_down_first: 960,
    rotated_at_the_end_and_not_published: 1,
    mined_is_mined: 1117,
}
"""The same for the points of the story."""
