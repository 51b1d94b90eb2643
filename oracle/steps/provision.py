"""Giving a pending room its live input: intent, create, compare, seal.

Promises: the intent is written before the first create, and the create's bytes depend on the
chain alone, so a repeated one answers with the same input. An input whose echo or playback URL is
not what was asked is reported and never published. Credentials are sealed in the same breath, so
that they are in clear between Cloudflare's answer and the sealing only.
On restart: the same create is sent again; `lookup` finds an input whose key Cloudflare has
forgotten.
"""

from __future__ import annotations

from dataclasses import replace

from oracle.cloudflare.errors import IdempotencyConflict
from oracle.cloudflare.live_input_spec import create_body, owner_of
from oracle.cloudflare.operations import Priority
from oracle.context import Context
from oracle.facts import Facts
from oracle.journal import RoomRecord
from oracle.steps.credentials import first_seen, sealed


async def create(context: Context, facts: Facts) -> RoomRecord:
    """Create the room's input, or get the one that this very intent created."""
    record = facts.record
    if record.intent_at is None:
        record = await context.save(replace(record, intent_at=facts.now))
    owner = context.owner(record)
    body = create_body(owner, record.mode, gated=record.gated, policy=context.policy)
    try:
        issued = await context.cloudflare.create(body, owner.key)
    except IdempotencyConflict:
        return await lookup(context, replace(facts, record=record))
    known = replace(
        first_seen(record, issued),
        uid=issued.input.uid,
        account=context.me.cloudflare_account,
        enabled=issued.input.enabled,
        digest=issued.credentials.digest(),
    )
    try:
        known = sealed(context, facts, known, issued)
    finally:
        known = await context.save(known)
    return known


async def lookup(context: Context, facts: Facts) -> RoomRecord:
    """Look for the input of an intent that Cloudflare no longer knows by its key."""
    record = facts.record
    key = context.owner(record).key
    for listed in await context.cloudflare.list_inputs(priority=Priority.PROVISION):
        owner = owner_of(listed.meta)
        if owner is not None and owner.key == key:
            context.standing.account_proven = True
            found = replace(record, uid=listed.uid, account=context.me.cloudflare_account)
            return await context.save(replace(found, enabled=listed.enabled))
    if record.intent_at is None:
        # There is none: from now on there may be one.
        return await context.save(replace(record, intent_at=facts.now))
    return await context.save(replace(record, gone=True))


async def seal(context: Context, facts: Facts) -> RoomRecord:
    """Read the credentials and seal them to the room's present key."""
    issued = await context.cloudflare.get(facts.uid)
    record = replace(
        first_seen(facts.record, issued),
        account=context.me.cloudflare_account,
        digest=issued.credentials.digest(),
        enabled=issued.input.enabled,
    )
    return await context.save(sealed(context, facts, record, issued))


async def next_attempt(context: Context, facts: Facts) -> RoomRecord:
    """The former input is proven gone: begin anew."""
    return await context.save(facts.record.next_attempt())


async def adopt(context: Context, facts: Facts) -> RoomRecord:
    """Take over the input that the chain names."""
    return await context.save(facts.record.adopting(facts.view.uid.hex()))
