"""What a playback host's answer says.

Promises: pure. Only a whole, plain answer counts: status 200, JSON of the right shape. 401, 403,
404, 429, 5xx and whatever makes no sense are unknown, never "off air".
"""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from presence.host_manners import AnswerKind

MOST_ANSWER_BYTES = 4096
MOST_VIEWERS = 10**9
_OF_THE_ROOM = (401, 404, 410)


class HostAnswer(NamedTuple):
    """What came of a question. `why`: what was wrong with it, "" if nothing was. `retry_after`:
    seconds that the host asks for."""

    outcome: AnswerKind
    live: bool | None = None
    viewers: int | None = None
    retry_after: float | None = None
    why: str = ""


def read_lifecycle(status: int, retry_after: str, body: bytes, now: float) -> HostAnswer:
    """`{"isInput": true, "videoUID": ..., "live": bool}`. `now`: unix seconds."""
    refusal = _refusal(status, retry_after, now)
    if refusal is not None:
        return refusal
    told = _json(body)
    if told is None or told.get("isInput", True) is not True:
        return HostAnswer(AnswerKind.ROOM, why="the answer is not a live input's")
    if not isinstance(told.get("live"), bool):
        return HostAnswer(AnswerKind.ROOM, why="the answer does not say whether it is live")
    return HostAnswer(AnswerKind.GOOD, live=told["live"])


def read_views(status: int, retry_after: str, body: bytes, now: float) -> HostAnswer:
    """`{"liveViewers": 113}`."""
    refusal = _refusal(status, retry_after, now)
    if refusal is not None:
        return refusal
    viewers = (_json(body) or {}).get("liveViewers")
    if type(viewers) is not int or not 0 <= viewers <= MOST_VIEWERS:
        return HostAnswer(AnswerKind.ROOM, why="the answer does not say how many watch")
    return HostAnswer(AnswerKind.GOOD, viewers=viewers)


def _refusal(status: int, retry_after: str, now: float) -> HostAnswer | None:
    if status == 200:
        return None
    why = f"HTTP {status}"
    if status in _OF_THE_ROOM:
        return HostAnswer(AnswerKind.ROOM, why=why)
    wait = _seconds(retry_after, now)
    if status == 429:
        return HostAnswer(AnswerKind.SLOW_DOWN, retry_after=wait, why=why)
    return HostAnswer(AnswerKind.AWAY, why=why)


def _seconds(retry_after: str, now: float) -> float | None:
    """Of a Retry-After, in seconds or as a date."""
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 10:
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
