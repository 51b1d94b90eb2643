"""What tests do besides the page: as the contract's owner or moderator, on Cloudflare's side."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from pymongo import MongoClient

from chain import calldata
from chain.enums import Mode, room_name, room_number
from chain.hexes import ZERO_ADDRESS
from common.settings import PresenceSettings
from localnet.loopback import client
from localnet.process import ROOT
from localnet.stack import Stack
from localnet.stack_programs import mongodb_uri, service_settings
from localnet.waiting import wait_until


class StackActions:
    """Acts on the stack's chain."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._rooms = stack.rooms
        self._api = client(stack.state.url("api"))
        self._playback = client(stack.state.url("playback"))
        self.stream = stack.stream_control()

    def __enter__(self) -> StackActions:
        return self

    def __exit__(self, *_: object) -> None:
        self._api.close()
        self._playback.close()
        self.stream.close()

    def create(
        self, title: bytes, *, gate: str = ZERO_ADDRESS, mode: Mode = Mode.WEBRTC, host: int = 0
    ) -> str:
        """A room made from a terminal, of the demo's host or another one."""
        return room_name(self._rooms.create(title, gate=gate, mode=mode, host=host))

    def end(self, room: str, *, host: int = 0) -> None:
        self._rooms.end(room_number(room), host=host)

    def describe(self, room: str, starts_at: int, *, host: int = 0) -> None:
        """The host tells when it begins."""
        sender = self._rooms.hosts[host]
        self._rooms.send(sender, calldata.describe_room(room_number(room), starts_at, b""))
        wait_until(lambda: self.room(room).get("starts_at") == starts_at, 30.0, f"{room} is told")

    def take_down(self, room: str, reason: int = 2) -> None:
        self._rooms.take_down(room_number(room), reason)

    def pause(self, paused: bool) -> None:
        self._rooms.pause(paused)

    def lose_presence(self) -> None:
        """Presence starts anew without its database, as where it never ran."""
        self.stack.stop_one("presence")
        with MongoClient[dict[str, Any]](mongodb_uri(self.stack.state)) as client:
            client.drop_database(str(PresenceSettings.model_fields["presence_database"].default))
        self.stack.start_service("presence")

    def rotate_playback_key(self) -> None:
        """As the operator does it; returns once the playback service signs with the new key."""
        before = self._signing_key()
        settings = service_settings("oracle", self.stack.state, self.stack.pace)
        subprocess.run(
            [sys.executable, "-m", "oracle", "playback-key", "rotate"],
            cwd=ROOT, env={**os.environ, **settings}, check=True,
        )  # fmt: skip
        wait_until(lambda: self._signing_key() != before, 30.0, "the service has the new key")

    def _signing_key(self) -> str:
        return str(self._playback.get("/api/playback/status").json()["kid"])

    def room(self, room: str) -> dict[str, Any]:
        """A room as the API tells it."""
        answer = self._api.get(f"/api/livestream/rooms/{room}")
        return dict(answer.json()) if answer.status_code == 200 else {}

    def wait(self, room: str, status: str) -> dict[str, Any]:
        """Waits for the index to show a status."""
        wait_until(lambda: self.room(room).get("status") == status, 30.0, f"{room} is {status}")
        return self.room(room)

    def uid(self, room: str) -> str:
        """The live input's id."""
        return str(self.wait(room, "active")["uid"]).removeprefix("0x")
