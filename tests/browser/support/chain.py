"""What tests do besides the page: as the contract's owner or moderator, on Cloudflare's side."""

from __future__ import annotations

from typing import Any

import httpx
from eth_account.signers.local import LocalAccount

from chain import calls
from chain.enums import Mode, room_name, room_number
from chain.hexes import ZERO_ADDRESS
from localnet.accounts import Cast, cast
from localnet.deploy import FEES, TERMS
from localnet.stack import Stack
from localnet.stream.control import Control
from tests.support.waiting import wait_until


class Chain:
    """Acts on the stack's chain."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.cast: Cast = cast()
        self._api = httpx.Client(base_url=stack.state.url("api"), timeout=10.0, trust_env=False)
        token = stack.state.path("stream", "control-token").read_text().strip()
        self.stream = Control(stack.state.url("stream"), token)

    def __enter__(self) -> Chain:
        return self

    def __exit__(self, *_: object) -> None:
        self._api.close()
        self.stream.close()

    def send(self, account: LocalAccount, data: bytes, value: int = 0) -> dict[str, Any]:
        """A transaction to the contract, mined."""
        to = self.stack.deployment["address"]
        fields: dict[str, Any] = {"chainId": 31337, "type": 2, "value": value, "to": to, **FEES}
        tx = self.stack.node.send(account, fields | {"data": "0x" + data.hex()})
        return self.stack.node.receipt(tx)

    def create(self, title: bytes, *, gate: str = ZERO_ADDRESS, mode: Mode = Mode.WEBRTC) -> str:
        """A room of the demo's host, made from a terminal."""
        data = calls.create_room(1, mode, gate, b"\x07" * 32, title)
        receipt = self.send(self.cast.host, data, TERMS.deposit + TERMS.fee)
        return room_name(int(receipt["logs"][0]["topics"][2], 16))

    def end(self, room: str) -> None:
        self.send(self.cast.host, calls.end_room(room_number(room)))

    def take_down(self, room: str, reason: int = 2) -> None:
        self.send(self.cast.moderator, calls.take_down(room_number(room), reason))

    def pause(self, paused: bool) -> None:
        self.send(self.cast.owner, calls.set_paused(paused))

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
