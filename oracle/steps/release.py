"""Taking a live input away: disable, recordings, delete.

Promises: the switch is written down as unknown before it is touched, so that a crash in between
is made good either way. Recordings are listed, or deleted, before the input goes: afterwards
Cloudflare finds them no more by their input. "Not found" on a delete is success.
"""

from __future__ import annotations

from dataclasses import replace

from chain.enums import EndReason, Mode
from oracle.cloudflare.errors import VideoLive
from oracle.cloudflare.models import Video
from oracle.cloudflare.operations import Operation, Priority
from oracle.context import Tools
from oracle.facts import Facts
from oracle.journal import Entry

LIVE_VIDEO_SECONDS = 15.0


async def disable(tools: Tools, facts: Facts) -> Entry:
    """End the broadcast and refuse new ones."""
    entry = await _unsure(tools, facts.entry)
    await tools.cloudflare.disable(facts.uid, priority=_priority(facts))
    return await tools.save(replace(entry, enabled=False))


async def enable(tools: Tools, facts: Facts) -> Entry:
    """The room is open after all: let its host broadcast again."""
    entry = await _unsure(tools, facts.entry)
    await tools.cloudflare.enable(facts.uid, priority=Priority.PROVISION)
    return await tools.save(replace(entry, enabled=True))


async def clear(tools: Tools, facts: Facts) -> Entry:
    """See to the recordings: remember them, or delete them, as the policy says."""
    entry = facts.entry
    if entry.mode is Mode.BROADCAST:
        videos = await tools.cloudflare.videos(facts.uid, after_delete=entry.gone)
        if any(video.live for video in videos):
            until = tools.clock.now() + LIVE_VIDEO_SECONDS
            raise VideoLive(Operation.VIDEOS, "the broadcast is being closed", until=until)
        await _see_to(tools, entry, videos)
    return await tools.save(replace(entry, cleared=True))


async def delete(tools: Tools, facts: Facts) -> Entry:
    """Delete the input for good."""
    await tools.cloudflare.delete(facts.uid)
    return await tools.save(replace(facts.entry, gone=True, seal=None))


async def _see_to(tools: Tools, entry: Entry, videos: tuple[Video, ...]) -> None:
    if tools.keep_recordings:
        await tools.recordings.keep(entry, videos)
        return
    for video in videos:
        await tools.cloudflare.delete_video(video.uid)
    await tools.recordings.forget([video.uid for video in videos])


async def _unsure(tools: Tools, entry: Entry) -> Entry:
    return entry if entry.enabled is None else await tools.save(replace(entry, enabled=None))


def _priority(facts: Facts) -> Priority:
    view = facts.acting
    taken_down = view is not None and view.end_reason is EndReason.TAKEN_DOWN
    return Priority.TAKE_DOWN if taken_down else Priority.RELEASE
