"""What is said of a room: on air, off air, unknown, and since when.

Promises: pure. For a BROADCAST room /lifecycle decides. It may not know WHIP at all, so that for a
WEBRTC room its `false` counts only where it has called some WHIP input of that host live before.
The oracle's note, which comes from Cloudflare's own API, speaks where /lifecycle has nothing that
counts, and may add that a room is on air.

| room | /lifecycle | knows WHIP | fresh note | said |
|---|---|---|---|---|
| any | true | | | on air |
| BROADCAST | false | | | off air |
| BROADCAST | unknown | | | unknown |
| WEBRTC | false | yes | true, younger than the look | on air |
| WEBRTC | false | yes | anything else | off air |
| WEBRTC | false | no | there is one | what the note says |
| WEBRTC | false | no | none | unknown |
| WEBRTC | unknown | | there is one | what the note says |
| WEBRTC | unknown | | none | unknown |
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from common.live_status import GOOD_SECONDS
from indexer.documents import ModeWord

KEPT_SECONDS = 120.0
"""A room on air that is unknown for less goes on with the same `live_since`."""


class LifecycleLook(NamedTuple):
    """What /lifecycle last said of a room. `live` None: nothing that counts. `at`: unix seconds."""

    live: bool | None
    at: float


class OracleNote(NamedTuple):
    """What the oracle last saw of its own room's live input. `at`: unix seconds."""

    live: bool
    at: float


@dataclass(frozen=True, slots=True)
class Standing:
    """What is said of a room. `since`: unix seconds; it outlives an unknown for `KEPT_SECONDS`,
    which began at `lost_at`. `off_at`: when it last went off air."""

    live: bool | None = None
    since: int | None = None
    lost_at: float | None = None
    off_at: int | None = None

    @property
    def live_since(self) -> int | None:
        """As it is shown."""
        return self.since if self.live else None


def judge(
    mode: ModeWord,
    look: LifecycleLook | None,
    *,
    knows_whip: bool,
    note: OracleNote | None,
    now: float,
) -> bool | None:
    """Whether a room is on air; None: unknown. See the module's table."""
    said = None if look is None else look.live
    if said or mode != "webrtc":
        return said
    if note is not None and now - note.at > GOOD_SECONDS:
        note = None
    if look is not None and said is False and knows_whip:
        return note is not None and note.live and note.at > look.at
    return None if note is None else note.live


def follows(before: Standing, live: bool | None, now: float) -> Standing:
    """The standing after `before`, once `live` is judged at `now` (unix seconds)."""
    if live:
        return _on_air(before, now)
    was_on = before.since is not None and _kept(before, now)
    if live is None:
        if before.live:
            return replace(before, live=None, lost_at=now)
        return replace(before, live=None, since=before.since if was_on else None)
    off_at = int(now) if was_on else before.off_at
    return Standing(False, off_at=off_at)


def _on_air(before: Standing, now: float) -> Standing:
    since = before.since if before.since is not None and _kept(before, now) else int(now)
    return Standing(True, since, off_at=before.off_at)


def _kept(before: Standing, now: float) -> bool:
    return before.lost_at is None or now - before.lost_at < KEPT_SECONDS
