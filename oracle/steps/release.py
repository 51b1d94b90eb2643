"""Taking a live input away: disable, rotate its keys, look who is there, recordings, delete.

Promises: the switch is written down as unknown, and the keys as perhaps rotated, before they are
touched, so that a crash in between is made good either way: the input of a room that has not ended
after all is enabled, what is published of its credentials is compared again, and replaced.
Recordings are listed, or deleted, before the input goes: afterwards Cloudflare finds them no more
by their input. "Not found" on a delete is success.
"""

from __future__ import annotations

from dataclasses import replace

from chain.enums import EndReason, Mode
from oracle.cloudflare.errors import VideoLive
from oracle.cloudflare.models import Video
from oracle.cloudflare.operations import Operation, Priority
from oracle.context import Context
from oracle.facts import Facts
from oracle.journal import CutOff, RoomRecord

LIVE_VIDEO_SECONDS = 15.0


async def disable(context: Context, facts: Facts) -> RoomRecord:
    """End the broadcast and refuse new ones."""
    record = await _unsure(context, facts.record)
    await context.cloudflare.disable(facts.uid, priority=_priority(facts))
    return await context.save(replace(record, enabled=False))


async def revoke(context: Context, facts: Facts) -> RoomRecord:
    """Void the credentials: ends broadcasts that a disable alone may leave running."""
    cut_off = CutOff(context.clock.now())
    record = await context.save(replace(facts.record, cut_off=cut_off, verified=None))
    issued = await context.cloudflare.rotate_keys(facts.uid, priority=_priority(facts))
    return await context.save(
        replace(
            record,
            cut_off=replace(cut_off, rotated=True),
            digest=issued.credentials.digest(),
            suspect=False,
            enabled=issued.input.enabled,
        )
    )


async def look(context: Context, facts: Facts) -> RoomRecord:
    """Whether somebody broadcasts all the same."""
    issued = await context.cloudflare.get(facts.uid, priority=_priority(facts))
    cut_off = facts.record.cut_off
    if cut_off is None:
        raise LookupError(f"room {facts.record.room_id} was not cut off")
    seen = replace(cut_off, looked_at=context.clock.now(), connected=issued.input.connected)
    return await context.save(replace(facts.record, cut_off=seen, enabled=issued.input.enabled))


async def enable(context: Context, facts: Facts) -> RoomRecord:
    """The room is open after all: let its host broadcast again."""
    record = await _unsure(context, facts.record)
    await context.cloudflare.enable(facts.uid, priority=Priority.PROVISION)
    return await context.save(replace(record, enabled=True))


async def clear(context: Context, facts: Facts) -> RoomRecord:
    """See to the recordings: remember them, or delete them, as the policy says."""
    record = facts.record
    if record.mode is Mode.BROADCAST:
        videos = await context.cloudflare.videos(facts.uid, after_delete=record.gone)
        if any(video.live for video in videos):
            until = context.clock.now() + LIVE_VIDEO_SECONDS
            raise VideoLive(Operation.VIDEOS, "the broadcast is still closing", until=until)
        await _see_to(context, record, videos)
    return await context.save(replace(record, cleared=True))


async def delete(context: Context, facts: Facts) -> RoomRecord:
    """Delete the input for good."""
    await context.cloudflare.delete(facts.uid)
    return await context.save(replace(facts.record, gone=True, seal=None))


async def _see_to(context: Context, record: RoomRecord, videos: tuple[Video, ...]) -> None:
    if context.keep_recordings:
        await context.recordings.keep(record, videos)
        return
    for video in videos:
        await context.cloudflare.delete_video(video.uid)
    await context.recordings.forget([video.uid for video in videos])


async def _unsure(context: Context, record: RoomRecord) -> RoomRecord:
    return record if record.enabled is None else await context.save(replace(record, enabled=None))


def _priority(facts: Facts) -> Priority:
    view = facts.acting
    taken_down = view is not None and view.end_reason is EndReason.TAKEN_DOWN
    return Priority.TAKE_DOWN if taken_down else Priority.RELEASE
