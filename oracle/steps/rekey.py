"""Fresh credentials for a new key, and the proof that what is published opens the input.

Promises: `rotate` writes down first for which tag it rotates and what `keysRotatedAt` was before;
after a crash it looks, and does not rotate again what has been rotated: a host may be live with
it. `verify` compares what is published, byte for byte with what was sealed, and by digest with what
Cloudflare says now; what an earlier run published and the journal has lost is replaced.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from oracle.cloudflare.models import Issued
from oracle.cloudflare.operations import Priority
from oracle.context import Context
from oracle.facts import Facts
from oracle.index_view import Published
from oracle.journal import RoomRecord, Rotation, Seal
from oracle.steps.credentials import CLOCK_SECONDS, sealed


class IndexBehind(Exception):
    """The index has not come as far as the chain, or a reorg has taken it elsewhere; later it will
    be there."""


async def rotate(context: Context, facts: Facts) -> RoomRecord:
    """Revoke the present credentials, once per tag."""
    record, view = facts.record, facts.view
    before = await context.cloudflare.get(facts.uid, priority=Priority.REKEY)
    found = _stamp(before.input.keys_rotated_at)
    begun = record.rotation
    if begun is not None and begun.tag == view.tag and begun.before != found:
        return await _rotated(context, facts, record, before)
    if begun is None or begun.tag != view.tag or begun.done:
        record = await context.save(replace(record, rotation=Rotation(view.tag, found)))
    issued = await context.cloudflare.rotate_keys(facts.uid)
    return await _rotated(context, facts, record, issued)


async def verify(context: Context, facts: Facts) -> RoomRecord:
    """Read the credentials again and compare them with what the chain has published."""
    record, view = facts.record, facts.view
    issued = await context.cloudflare.get(facts.uid, priority=Priority.RELEASE)
    context.standing.account_proven = True
    digest = issued.credentials.digest()
    known = replace(
        record,
        account=context.me.cloudflare_account,
        digest=digest,
        enabled=issued.input.enabled,
        cut_off=None,
        lost_at=None,
    )
    published = await context.index.published(record.room_id)
    if published is None or published.tag != view.tag:
        raise IndexBehind("the index does not have what is published for its current key")
    if _opens(known, published, issued):
        return await context.save(replace(known, verified=view.tag, stale=False))
    if facts.landed_not_final and not _is_published(record.seal, published):
        # Sealing anew would publish twice: a reorg took what was sent, and it comes again.
        raise IndexBehind("the index does not have what was published last; not final yet")
    return await context.save(replace(known, stale=True, seal=None))


def _opens(record: RoomRecord, published: Published, issued: Issued) -> bool:
    """Whether what is published are the input's present credentials."""
    seal, rotated = record.seal, issued.input.keys_rotated_at
    if seal is not None:
        return _is_published(seal, published) and seal.digest == record.digest
    # An earlier run that the journal has lost sealed it: fine, unless the keys were rotated since,
    # or so shortly before that the clocks may deceive; then it is sealed anew.
    return rotated is None or rotated.timestamp() + CLOCK_SECONDS < published.at


def _is_published(seal: Seal | None, published: Published) -> bool:
    return seal is not None and (seal.tag, seal.data) == (published.tag, published.data)


async def _rotated(
    context: Context, facts: Facts, record: RoomRecord, issued: Issued
) -> RoomRecord:
    fresh = replace(
        record,
        digest=issued.credentials.digest(),
        rotation=Rotation(facts.view.tag, _stamp(issued.input.keys_rotated_at), done=True),
        suspect=False,
        verified=None,
        enabled=issued.input.enabled,
    )
    return await context.save(sealed(context, facts, fresh, issued))


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
