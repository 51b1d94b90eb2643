"""Where the playback service is measured: `localnet.playback_site` with one room by invitation, and
the service without its limits.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from bench.api.hosts import TERMS
from chain.enums import room_name
from common import base64url
from common.settings.model import PlaybackSettings
from localnet.invitations import link_of
from localnet.playback_site import ORIGIN, PlaybackSite
from localnet.services import ServiceProcess, rate_limits
from playback.invitation import InvitationScope


class PlaybackBench(PlaybackSite):
    """`room_name`: of the room."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, TERMS)

    def furnish(self) -> None:
        room = self.room()
        self.room_name = room_name(room)
        self._now = int(time.time())
        self._host = self.host()
        self._granted = self._host.delegate(
            InvitationScope.of_room(room), self._now, self._now + 86400
        )

    def service(self, **more: str) -> ServiceProcess:
        """The service, without limits."""
        return super().service(
            **rate_limits(PlaybackSettings, "off"),
            PLAYBACK_WAIT_FOR_HOSTS="false",
            PLAYBACK_CONNECTIONS_PER_CLIENT="20000",
            **more,
        )

    def entry(self, number: int) -> bytes:
        """The request by which the viewer of that link enters."""
        link = link_of(self._now, self._now + 86400, number=number)
        body = {
            "room_id": self.room_name,
            "browser": base64url.encode(os.urandom(16)),
            "invitation": self._host.invite(self._granted, link).encode(),
        }
        return post("/api/playback/session", body)


def post(path: str, body: Any, bearer: str = "") -> bytes:
    """A request as the page sends it."""
    content = json.dumps(body, separators=(",", ":")).encode()
    lines = [
        f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Origin: {ORIGIN}", "User-Agent: bench",
        "Content-Type: application/json", f"Content-Length: {len(content)}",
        *([f"Authorization: Bearer {bearer}"] if bearer else []),
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode() + content
