"""What a room needs next: the oracle's one decision, pure.

Promises
1. The same facts give the same step; no step is unsafe to repeat, or to die in.
2. An input is created, and an ended room's disabled and its keys rotated, at the acting depth: if
   a reorg undoes the end, the input is enabled and its credentials are sealed anew. A step that
   cannot be undone (rotate for another key, delete, release) waits until what it rests on is final.
3. Credentials go to a key only if no holder of another key can have read them (`needs_rotation`).
4. An input is deleted only where the final chain proves that no room needs it.
5. A room whose first key is unusable gets no input, and is declined together with the others of its
   time: a stranger pays for each such room, the operator for one transaction every few minutes.

Assumes: the facts are of one moment and one node (`oracle.chain_snapshot`).
On restart: nothing is kept; the facts are read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from chain.enums import BAD_KEY, INPUT_LOST, EndReason, Status
from chain.views import RoomView
from oracle.facts import Facts, Flight, KeyState
from oracle.journal import CutOff

IDEMPOTENT_SECONDS = 5 * 3600.0
"""A create may be repeated blindly for so long: Cloudflare remembers keys for six hours."""
LOST_SECONDS = 60.0
"""An active room's input must be denied for so long before the room is declined for it."""
LOOK_SECONDS = 30.0
"""So long after its keys were rotated nobody may be broadcasting into an ended room's input."""
UNUSABLE_SECONDS = 300
"""Rooms with an unusable first key are declined together by their creation: so much of it in one
batch."""
CONFIRMED_SECONDS = 60
"""By so long after its creation a room has its confirmations: none comes late to its batch."""


class Act(StrEnum):
    """The steps. Those from FULFILL on are transactions."""

    WAIT = "wait"
    REST = "rest"
    LOOKUP = "lookup"
    CREATE = "create"
    ADOPT = "adopt"
    NEXT_ATTEMPT = "next attempt"
    ROTATE = "rotate"
    SEAL = "seal"
    VERIFY = "verify"
    ENABLE = "enable"
    DISABLE = "disable"
    REVOKE = "revoke"
    LOOK = "look"
    CLEAR = "clear recordings"
    DELETE = "delete"
    FULFILL = "fulfill"
    DECLINE = "decline"
    RELEASE = "release"
    EXPIRE = "expire"


TRANSACTIONS = frozenset({Act.FULFILL, Act.DECLINE, Act.RELEASE, Act.EXPIRE})


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, and why in words where it is to wait.

    `code`: decline's. `until_final`: nothing but a reorg brings work before that block is final.
    `until`: nothing but the room's end brings work before that time. `urgent`: a take-down.
    """

    act: Act
    why: str | None = None
    code: int = 0
    until_final: int = 0
    until: float | None = None
    urgent: bool = False


def plan(facts: Facts) -> Step:
    """The next step for a room."""
    view = facts.acting
    if view is None or not facts.ours(view, facts.acting_block):
        return _absent(facts)
    if view.status is Status.ENDED:
        return _ended(facts, view)
    if view.expirable:
        return _transaction(facts, Step(Act.EXPIRE))
    if view.status is Status.PENDING:
        return _pending(facts, view)
    return _active(facts, view)


def wait(why: str, until_final: int = 0) -> Step:
    """Nothing can be done now."""
    return Step(Act.WAIT, why, until_final=until_final)


def _transaction(facts: Facts, step: Step) -> Step:
    if facts.flight is Flight.FLYING:
        return wait("its transaction is pending")
    return step


# --- a room that the chain does not know (any more) -----------------------------------------------


def _absent(facts: Facts) -> Step:
    """The room is not there at the acting depth: not yet, or a reorg took it."""
    record = facts.record
    somewhere = facts.ours(facts.latest, facts.acting_block) or facts.ours_final is not None
    indexed = facts.proposal is not None and facts.proposal.tag0 == record.tag0
    if somewhere or indexed or facts.final_block < record.seen_block:
        return wait("the room is not on the confirmed chain", until_final=record.seen_block)
    if record.gone or (record.uid is None and record.intent_at is None):
        return Step(Act.REST)
    return _remove(facts)


def _remove(facts: Facts) -> Step:
    """Takes the input away for good; whoever calls it has proven that no room needs it."""
    record = facts.record
    if record.uid is None:
        return _find_out(facts)
    step = _take_down(facts, urgent=False)
    if step is not None:
        return step
    return Step(Act.DELETE if record.cleared else Act.CLEAR)


def _take_down(facts: Facts, *, urgent: bool) -> Step | None:
    """What is left to be done now so that nobody broadcasts into the input; None: nothing."""
    record = facts.record
    if record.enabled is not False:
        return Step(Act.DISABLE, urgent=urgent)
    cut_off = record.cut_off
    if cut_off is None or not cut_off.rotated:
        return Step(Act.REVOKE, urgent=urgent)
    return Step(Act.LOOK, urgent=urgent) if facts.now >= _next_look(cut_off) else None


def _next_look(cut_off: CutOff) -> float:
    """One look, unless it finds somebody; then again, after twice the time each time."""
    if cut_off.looked_at is None:
        return cut_off.since + LOOK_SECONDS
    if not cut_off.connected:
        return inf
    return cut_off.looked_at + max(LOOK_SECONDS, cut_off.looked_at - cut_off.since)


def _find_out(facts: Facts) -> Step:
    """Which input the intent made: the same create again answers that, while Cloudflare remembers
    it."""
    record = facts.record
    since = record.intent_at if record.intent_at is not None else float(record.created_at)
    fresh = facts.now - since < IDEMPOTENT_SECONDS
    return Step(Act.CREATE if fresh else Act.LOOKUP)


# --- ended ----------------------------------------------------------------------------------------


def _ended(facts: Facts, view: RoomView) -> Step:
    record = facts.record
    named = view.uid.hex() if any(view.uid) else None
    final = facts.ours_final
    is_final = final is not None and final.status is Status.ENDED
    if record.gone and record.uid is not None and not record.cleared and is_final:
        return Step(Act.CLEAR)
    if record.gone or (record.uid is None and record.intent_at is None):
        if named is not None and named != record.uid:
            return Step(Act.ADOPT)
        return _ended_clean(facts, view)
    if record.uid is None:
        return _find_out(facts)
    step = _take_down(facts, urgent=view.end_reason is EndReason.TAKEN_DOWN)
    if step is not None:
        return step
    if not is_final:
        on_air = "; somebody is still connected" if record.still_connected else ""
        return wait(f"its end is not final yet{on_air}")
    if record.still_connected:
        return Step(Act.DELETE)  # which ends it; its recording is not closed before
    return _remove(facts)


def _ended_clean(facts: Facts, view: RoomView) -> Step:
    """Nothing of it is left at Cloudflare; the contract may still have to hear of it."""
    final = facts.ours_final
    if final is None or final.status is not Status.ENDED:
        return wait("its end is not final yet", until_final=facts.acting_block)
    if any(view.uid) and not view.released:
        return _transaction(facts, Step(Act.RELEASE))
    if any(view.uid) and not final.released:
        return wait("released; not final yet", until_final=facts.acting_block)
    return Step(Act.REST)


# --- pending --------------------------------------------------------------------------------------


def _pending(facts: Facts, view: RoomView) -> Step:
    record = facts.record
    if record.gone:
        return Step(Act.NEXT_ATTEMPT)
    if record.uid is not None and record.enabled is not True:
        return Step(Act.ENABLE)
    if not facts.agreed(view):
        return wait("it changed in the newest, unconfirmed blocks")
    if facts.key is KeyState.UNKNOWN:
        return wait("the index does not have its key yet")
    if facts.flight is Flight.FLYING:
        return wait("its transaction is pending")
    if facts.key is KeyState.UNUSABLE:
        return _unusable(facts, view)
    if record.uid is None:
        return _find_out(facts)
    return _seal_and_send(facts, view)


def _unusable(facts: Facts, view: RoomView) -> Step:
    """Nobody can be sealed to: declined in one batch with all such rooms created about then."""
    window = view.created_at // UNUSABLE_SECONDS + 1
    due = float(window * UNUSABLE_SECONDS + CONFIRMED_SECONDS)
    if facts.now < due:
        why = "its ingest key is unusable; declined in the next batch"
        return Step(Act.WAIT, why, until=min(due, float(view.expires_at)))
    return Step(Act.DECLINE, code=BAD_KEY)


# --- active ---------------------------------------------------------------------------------------


def _active(facts: Facts, view: RoomView) -> Step:
    record = facts.record
    if record.uid != view.uid.hex():
        return _surplus(facts, view.uid.hex())
    if record.gone or record.lost_at is not None:
        return _lost(facts, view)
    if record.enabled is not True:
        return Step(Act.ENABLE)
    if not _published(facts, view):
        return _rekey(facts, view)
    if record.stale:
        return _reseal(facts, view, rotate=False)
    return _live(facts, view)


def _live(facts: Facts, view: RoomView) -> Step:
    """It has its input, and credentials for its present key are published."""
    proposal, final = facts.proposal, facts.ours_final
    if facts.record.verified != view.tag:
        if facts.flight is Flight.FLYING:
            return wait("its transaction is pending")
        if proposal is None or proposal.sealed_tag != view.tag:
            return wait("the index does not have its published credentials yet")
        return Step(Act.VERIFY)
    if final is not None and final.uid == view.uid and final.tag == view.tag:
        return Step(Act.REST)
    return wait("live; not final yet", until_final=facts.acting_block)


def _surplus(facts: Facts, named: str) -> Step:
    """The chain names another input than the record's; the record's has to go, at finality."""
    record, final = facts.record, facts.ours_final
    if record.gone or (record.uid is None and record.intent_at is None):
        return Step(Act.ADOPT)
    if record.uid is None and record.attempt == 0:
        # Ours most likely: the journal lost the answer. The same create tells.
        return _find_out(facts)
    if final is None or final.uid.hex() != named:
        return wait(
            "the contract has another live input for it; not final yet",
            until_final=facts.acting_block,
        )
    return _remove(facts)


def _lost(facts: Facts, view: RoomView) -> Step:
    """Cloudflare denies the input of a live room: once that is sure, the room cannot go on."""
    since = facts.record.lost_at
    if since is None or facts.now - since < LOST_SECONDS:
        return Step(Act.VERIFY) if since is None else wait("Cloudflare reports no such live input")
    if not facts.record.gone:
        return Step(Act.VERIFY)
    if not facts.agreed(view):
        return wait("it changed in the newest, unconfirmed blocks")
    return _transaction(facts, Step(Act.DECLINE, code=INPUT_LOST))


def _published(facts: Facts, view: RoomView) -> bool:
    """Whether credentials for the present key are on chain."""
    proposal = facts.proposal
    if proposal is not None and proposal.sealed_tag == view.tag:
        return True
    if view.key_version == 1:
        return True  # an active room's first key got its credentials with the uid
    seal = facts.record.seal
    # Our own answer has landed and the index has not come so far.
    return (
        facts.flight is Flight.LANDED
        and seal is not None
        and seal.tag == view.tag
        and facts.landed_block is not None
        and facts.index_block < facts.landed_block
    )


def _rekey(facts: Facts, view: RoomView) -> Step:
    """The room has a new key. What is published belongs to a former key's holder, so the input's
    keys are rotated, whatever the journal remembers; that destroys, so it waits for finality."""
    final = facts.ours_final
    if final is None or final.tag != view.tag:
        return wait("its new key is not final yet")
    return _reseal(facts, view, rotate=not facts.record.rotated_for(view.tag))


def _reseal(facts: Facts, view: RoomView, *, rotate: bool) -> Step:
    final = facts.ours_final
    if not facts.agreed(view):
        return wait("it changed in the newest, unconfirmed blocks")
    if facts.key is KeyState.UNKNOWN:
        return wait("the index does not have its key yet")
    if facts.flight is Flight.FLYING:
        return wait("its transaction is pending")
    if facts.key is KeyState.UNUSABLE:
        return Step(Act.DECLINE, code=BAD_KEY)
    if rotate or facts.record.needs_rotation(view.tag):
        is_final = final is not None and final.tag == view.tag
        return Step(Act.ROTATE) if is_final else wait("its key is not final yet")
    return _seal_and_send(facts, view)


def _seal_and_send(facts: Facts, view: RoomView) -> Step:
    if not facts.record.sealed_for(view.tag):
        return Step(Act.SEAL)
    if facts.landed_not_final:
        # Mined before the room was, which another reorg can turn round: then both would count.
        return wait("its transaction had no effect; not final yet")
    return Step(Act.FULFILL)
