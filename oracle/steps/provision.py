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
from oracle.context import Tools
from oracle.facts import Facts
from oracle.journal import Entry
from oracle.steps.credentials import first_seen, sealed


async def create(tools: Tools, facts: Facts) -> Entry:
    """Create the room's input, or get the one that this very intent created."""
    entry = facts.entry
    if entry.intent_at is None:
        entry = await tools.save(replace(entry, intent_at=facts.now))
    owner = tools.owner(entry)
    body = create_body(owner, entry.mode, gated=entry.gated, policy=tools.policy)
    try:
        issued = await tools.cloudflare.create(body, owner.key)
    except IdempotencyConflict:
        return await lookup(tools, replace(facts, entry=entry))
    known = replace(
        first_seen(entry, issued),
        uid=issued.input.uid,
        account=tools.me.cloudflare_account,
        enabled=issued.input.enabled,
        digest=issued.credentials.digest(),
    )
    try:
        known = sealed(tools, facts, known, issued)
    finally:
        known = await tools.save(known)
    return known


async def lookup(tools: Tools, facts: Facts) -> Entry:
    """Look for the input of an intent that Cloudflare no longer knows by its key."""
    entry = facts.entry
    key = tools.owner(entry).key
    for listed in await tools.cloudflare.list_inputs(priority=Priority.PROVISION):
        owner = owner_of(listed.meta)
        if owner is not None and owner.key == key:
            tools.standing.account_proven = True
            found = replace(entry, uid=listed.uid, account=tools.me.cloudflare_account)
            return await tools.save(replace(found, enabled=listed.enabled))
    if entry.intent_at is None:
        # There is none: from now on there may be one.
        return await tools.save(replace(entry, intent_at=facts.now))
    return await tools.save(replace(entry, gone=True))


async def seal(tools: Tools, facts: Facts) -> Entry:
    """Read the credentials and seal them to the room's present key."""
    issued = await tools.cloudflare.get(facts.uid)
    entry = replace(
        first_seen(facts.entry, issued),
        account=tools.me.cloudflare_account,
        digest=issued.credentials.digest(),
        enabled=issued.input.enabled,
    )
    return await tools.save(sealed(tools, facts, entry, issued))


async def next_attempt(tools: Tools, facts: Facts) -> Entry:
    """The former input is proven gone: begin anew."""
    return await tools.save(facts.entry.next_attempt())


async def adopt(tools: Tools, facts: Facts) -> Entry:
    """Take over the input that the chain names."""
    return await tools.save(facts.entry.adopting(facts.view.uid.hex()))
