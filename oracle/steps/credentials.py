"""From Cloudflare's answer to sealed bytes, without a stop in between.

Promises: only credentials of an input that is what was asked, and whose playback URL is the one
that the contract will tell, are ever sealed. They are sealed to the proven key of the room's
present tag, and not at all while another key's holder may know them.
"""

from __future__ import annotations

from dataclasses import replace

from chain.enums import Status
from oracle.cloudflare.live_input_spec import (
    create_body,
    echo_mismatch,
    owner_of,
    playback_mismatch,
)
from oracle.cloudflare.models import Issued
from oracle.context import Context
from oracle.facts import Facts, KeyState
from oracle.journal import RoomRecord, Seal

CLOCK_SECONDS = 60.0
"""How far apart our clock, Cloudflare's and the blocks' may be."""


class Mismatch(Exception):
    """Cloudflare's input is not what was asked, or may not be asked for; a person must look."""


def sealed(context: Context, facts: Facts, record: RoomRecord, issued: Issued) -> RoomRecord:
    """`record` with the credentials sealed, where that may be done now. Raises Mismatch."""
    record = _of_its_attempt(context, record, issued)
    compare(context, record, issued)
    view, proposal = facts.acting, facts.proposal
    if view is None or proposal is None or facts.key is not KeyState.USABLE:
        return record
    if view.status is Status.ENDED or record.needs_rotation(view.tag):
        return record
    credentials = issued.credentials.for_mode(record.mode)
    if credentials is None:
        raise Mismatch(f"live input {issued.input.uid} offers no {record.mode.word} credentials")
    data = context.seal(proposal.ingest_key, view.tag, issued.input.uid_bytes, credentials)
    digest = issued.credentials.digest()
    # What was sent before carried something else.
    return replace(record, seal=Seal(view.tag, digest, data), sent=None, cut_off=None)


def first_seen(record: RoomRecord, issued: Issued) -> RoomRecord:
    """`record` once its input's credentials are read for the first time.

    An earlier run that the journal has lost may have published them: to the key that the room was
    created with, which reveals nothing to anybody else, or, if it made the input or rotated its
    keys, to any later one.
    """
    if record.digest is not None:
        return record
    digest = issued.credentials.digest()
    asked, made = record.intent_at, issued.input.created
    older = asked is None or (made is not None and made.timestamp() + CLOCK_SECONDS < asked)
    forgotten = older or issued.input.keys_rotated_at is not None
    return replace(record, digest=digest, suspect=record.suspect or forgotten)


def _of_its_attempt(context: Context, record: RoomRecord, issued: Issued) -> RoomRecord:
    """`record` with the attempt that made this input, which a lost journal cannot know."""
    owner = owner_of(issued.input.meta)
    if owner is None or owner != replace(context.owner(record), attempt=owner.attempt):
        return record
    return replace(record, attempt=owner.attempt)


def compare(context: Context, record: RoomRecord, issued: Issued) -> None:
    """Raises Mismatch if the input is not what this record asks for."""
    body = create_body(
        context.owner(record), record.mode, gated=record.gated, policy=context.policy
    )
    # A repeated create answers with the input as it is now; its switch is `plan`'s to mend.
    wrong = echo_mismatch(replace(issued.input, enabled=True), body)
    wrong += playback_mismatch(issued.input, context.standing.playback_base or "", record.mode)
    if wrong:
        raise Mismatch(
            f"live input {issued.input.uid} is not what was requested: {'; '.join(wrong)}"
        )
    context.standing.account_proven = True
