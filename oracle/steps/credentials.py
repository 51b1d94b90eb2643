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
from oracle.context import Tools
from oracle.facts import Facts, Key
from oracle.journal import Entry, Seal

CLOCK_SECONDS = 60.0
"""How far apart our clock, Cloudflare's and the blocks' may be."""


class Mismatch(Exception):
    """Cloudflare's input is not what was asked, or may not be asked for; a person must look."""


def sealed(tools: Tools, facts: Facts, entry: Entry, issued: Issued) -> Entry:
    """`entry` with the credentials sealed, where that may be done now. Raises Mismatch."""
    entry = _of_its_attempt(tools, entry, issued)
    compare(tools, entry, issued)
    view, told = facts.acting, facts.proposal
    if view is None or told is None or facts.key is not Key.USABLE:
        return entry
    if view.status is Status.ENDED or entry.needs_rotation(view.tag):
        return entry
    credentials = issued.credentials.for_mode(entry.mode)
    if credentials is None:
        raise Mismatch(f"live input {issued.input.uid} offers no {entry.mode.word} credentials")
    data = tools.seal(told.ingest_key, view.tag, issued.input.uid_bytes, credentials)
    digest = issued.credentials.digest()
    # From here on they may become public, by us or by a life of ours that is forgotten.
    exposed = {**entry.exposed, view.tag.hex(): digest}
    # What was sent before carried something else.
    return replace(entry, seal=Seal(view.tag, digest, data), exposed=exposed, sent=None)


def first_seen(entry: Entry, issued: Issued) -> Entry:
    """`entry` once its input's credentials are read for the first time.

    A life of ours that the journal has lost may have published them: to the key that the room was
    created with, which tells nobody else anything, or, if it made the input or rotated its keys, to
    any later one.
    """
    if entry.digest is not None:
        return entry
    digest = issued.credentials.digest()
    asked, made = entry.intent_at, issued.input.created
    older = asked is None or (made is not None and made.timestamp() + CLOCK_SECONDS < asked)
    forgotten = older or issued.input.keys_rotated_at is not None
    exposed = {**entry.exposed, entry.tag0.hex(): digest}
    return replace(entry, digest=digest, exposed=exposed, suspect=entry.suspect or forgotten)


def _of_its_attempt(tools: Tools, entry: Entry, issued: Issued) -> Entry:
    """`entry` with the attempt that made this input, which a lost journal cannot know."""
    owner = owner_of(issued.input.meta)
    if owner is None or owner != replace(tools.owner(entry), attempt=owner.attempt):
        return entry
    return replace(entry, attempt=owner.attempt)


def compare(tools: Tools, entry: Entry, issued: Issued) -> None:
    """Raises Mismatch if the input is not what this entry asks for."""
    body = create_body(tools.owner(entry), entry.mode, gated=entry.gated, policy=tools.policy)
    # A repeated create answers with the input as it is now; its switch is `plan`'s to mend.
    wrong = echo_mismatch(replace(issued.input, enabled=True), body)
    wrong += playback_mismatch(issued.input, tools.standing.playback_base or "", entry.mode)
    if wrong:
        raise Mismatch(f"live input {issued.input.uid} is not what was asked: {'; '.join(wrong)}")
    tools.standing.account_proven = True
