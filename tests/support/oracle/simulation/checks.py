"""What must hold in a simulated world at rest: I1, I2, I5, and that no key opens another's room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chain.enums import EndReason, Status
from oracle.ingest import WebRtcIngest, decode
from tests.support.oracle.simulation import sim_contract as c
from tests.support.rulebook.state import RoomRow

if TYPE_CHECKING:
    from tests.support.oracle.simulation.history import OracleSim

BAD_KEY = b"\x01" + bytes(31)
"""A point of low order: nothing can be sealed to it."""


def wrong_at_rest(world: OracleSim) -> str | None:
    """What is not as it must be at rest."""
    return _sender(world) or _rooms(world) or _inputs(world) or _switch(world)


def _switch(world: OracleSim) -> str | None:
    """With nothing to do it takes rooms, unless a hand has closed it, or nothing tells that it was
    closed by us."""
    operator = world.chain.top.state.operators[1]
    if operator.accepting or world.forgotten or operator.updated.tx.startswith(c.BY_HAND):
        return None
    return "it has nothing to do, and stays closed"


def _sender(world: OracleSim) -> str | None:
    for row in world.sender_rows.rows.values():
        if not row.final:
            return f"I5: transaction {row.key} is {row.state}, nonce {row.nonce}"
    if world.chain.pool and not world.rows_lost:
        return f"I5: the pool holds {sorted(world.chain.pool)}"
    open_records = [
        e.id for e in world.journal.records.values()
        if not e.closed and not (world.forgotten and e.lost_at is not None)
    ]  # fmt: skip
    return f"open records: {open_records}" if open_records else None


def _rooms(world: OracleSim) -> str | None:
    state, now = world.chain.top.state, world.chain.top.timestamp
    for room in state.rooms.values():
        status = room.status
        if status is not Status.ENDED and state.expirable(room, now):
            return f"room {room.number} is past its time and not expired"
        problem: str | None = "I1: pending"
        if status is Status.ACTIVE:
            problem = _wrong_active(world, room)
        elif status is Status.ENDED:
            problem = _wrong_ended(world, room)
        if problem:
            return f"room {room.number} ({room.host[:4]}, v{room.key_version}): {problem}"
    return None


def _wrong_active(world: OracleSim, room: RoomRow) -> str | None:
    live = world.cloudflare.inputs.get(room.uid.hex())
    if live is None:
        record = world.journal.records.get(
            f"{c.CONTRACT}:{room.number}:{room.tag_at_creation.hex()}"
        )
        # Without a journal nothing tells a deleted input from another account's: it is said.
        told = world.forgotten and record is not None and record.reason is not None
        return None if told else "I1: active without its live input"
    if room.ingest_key == BAD_KEY and room.sealed_tag != room.tag:
        return "a room with an unusable key was not declined"
    if not live.enabled:
        return "active, but its input is switched off"
    if room.sealed_tag != room.tag:
        return "the credentials are sealed for a former key"
    assert room.sealed is not None
    key, _, _, text = room.sealed.data.split(b"|", 3)
    if bytes.fromhex(key.decode()) != room.ingest_key:
        return "the credentials are sealed to somebody else's key"
    published = generation_of(room)
    if published != live.generation:
        return f"the published credentials are old: generation {published} of {live.generation}"
    readers = world.seen.get(text.decode(), set())
    if readers - {room.ingest_key.hex()}:
        return f"the credentials are known to {len(readers)} keys"
    # Sealed anew only after a rotation, which a reorg may have made for nothing.
    if room.provisions > 1 + live.generation and not world.forgotten and not world.meddled:
        return f"I1: {room.provisions} RoomProvisioned for one key"
    return None


def generation_of(room: RoomRow) -> int:
    """Which of the input's credentials are published for a room: 0 are the first."""
    assert room.sealed is not None
    credentials = decode(room.sealed.data.split(b"|", 3)[3])
    assert isinstance(credentials, WebRtcIngest)
    return int(credentials.whip.reveal().rpartition("/")[2])


def _wrong_ended(world: OracleSim, room: RoomRow) -> str | None:
    if room.fulfilled and not room.released:
        return "ended, not released"
    if room.end is not None and room.end.reason is EndReason.DECLINED:
        code = room.end.detail
        lost = code == 2 and room.uid.hex() in world.broken_by_hand
        if not lost and not (code == 1 and room.ingest_key == BAD_KEY):
            return f"declined for no reason (code {code})"
    return None


def _inputs(world: OracleSim) -> str | None:
    if world.foreign not in world.cloudflare.inputs:
        return "somebody else's input was deleted"
    if not world.cloudflare.inputs[world.foreign].enabled:
        return "somebody else's input was switched off"
    state = world.chain.top.state
    needed = {r.uid.hex() for r in state.rooms.values() if r.status is Status.ACTIVE}
    extra = set(world.cloudflare.inputs) - needed - {world.foreign}
    return f"I2: inputs without a room: {sorted(u[-4:] for u in extra)}" if extra else None
