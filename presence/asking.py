"""Asks the playback hosts, over HTTP.

Promises: one GET, without credentials, under the name of the settings; only addresses of http(s)
below the operator's own playback base, TLS verified, no redirect followed. It ends within
`ASK_SECONDS`, reads `answers.MOST_ANSWER_BYTES` at most, and never raises for what a host or the
network does. A proxy that the environment names is used, but not for this machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from chain.playback_urls import playback_urls, views_url
from common.clock import Clock, within
from common.http_proxies import direct_mounts
from common.settings import PresenceSettings
from common.version import VERSION
from presence.answers import MOST_ANSWER_BYTES, HostAnswer, read_lifecycle, read_views
from presence.board import ActiveRoom
from presence.host_manners import AnswerKind

ASK_SECONDS = 5.0
_UID = re.compile(r"[0-9a-zA-Z]{1,64}")
_CONTACT = re.compile(r"[ -~]+")


class Asking(Protocol):
    """Questions about one room."""

    async def lifecycle(self, room: ActiveRoom) -> HostAnswer: ...

    async def views(self, room: ActiveRoom) -> HostAnswer: ...


def user_agent(settings: PresenceSettings) -> str:
    """What hosts are told of who asks."""
    if settings.presence_user_agent:
        return settings.presence_user_agent
    name = f"livestream-rooms-presence/{VERSION}"
    contact = settings.operator_contact or ""
    return f"{name} ({contact})" if _CONTACT.fullmatch(contact) else name


def http_client(agent: str) -> httpx.AsyncClient:
    """The caller closes it."""
    return httpx.AsyncClient(
        mounts=direct_mounts(),
        limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
        follow_redirects=False,
        # whole bytes: what is read is bounded as it is sent
        headers={
            "User-Agent": agent, "Accept": "application/json", "Accept-Encoding": "identity",
        },
    )  # fmt: skip


class HttpAsking:
    """See the module."""

    def __init__(self, http: httpx.AsyncClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock

    async def lifecycle(self, room: ActiveRoom) -> HostAnswer:
        url = playback_urls(room.base, room.uid, room.mode).lifecycle
        return await self._ask(room, url, read_lifecycle)

    async def views(self, room: ActiveRoom) -> HostAnswer:
        return await self._ask(room, views_url(room.base, room.uid), read_views)

    async def _ask(
        self, room: ActiveRoom, url: str, read: Callable[[int, str, bytes, float], HostAnswer]
    ) -> HostAnswer:
        if not _may_be_asked(room):
            return HostAnswer(AnswerKind.ROOM, why="its playback base is no http(s) address")
        try:
            status, retry_after, body = await within(self._clock, ASK_SECONDS, self._get(url))
        except TimeoutError:
            return HostAnswer(AnswerKind.AWAY, why=f"no answer within {ASK_SECONDS:g} s")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return HostAnswer(AnswerKind.AWAY, why=type(error).__name__)
        if len(body) > MOST_ANSWER_BYTES:
            return HostAnswer(AnswerKind.ROOM, why="the answer is too long")
        return read(status, retry_after, body, self._clock.now())

    async def _get(self, url: str) -> tuple[int, str, bytes]:
        body = bytearray()
        async with self._http.stream("GET", url, timeout=ASK_SECONDS) as response:
            async for chunk in response.aiter_raw(MOST_ANSWER_BYTES + 1):
                body += chunk
                if len(body) > MOST_ANSWER_BYTES:
                    break
        return response.status_code, response.headers.get("Retry-After", ""), bytes(body)


def _may_be_asked(room: ActiveRoom) -> bool:
    try:
        parts = urlsplit(room.base)
        named = bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False
    plain = not parts.query and not parts.fragment
    return parts.scheme in ("http", "https") and named and plain and bool(_UID.fullmatch(room.uid))
