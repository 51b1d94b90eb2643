"""One room's life from end to end, told as it happens.

Promises: every step is checked and a step that does not hold raises `RoomLifeError`, in words;
the walk signs as a wallet, asks the API as a viewer, and looks at Cloudflare's side with the
operator's token. There is no camera here: the stand-in is told that somebody broadcasts.
Assumes: a running stack.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeVar

import httpx

from chain import calldata
from chain.enums import room_name, room_number
from chain.hexes import hex_data, to_bytes
from chain.units import ETHER
from localnet.dev_accounts import cast
from localnet.loopback import client
from localnet.narrator import Narrator
from localnet.stack import Stack
from localnet.waiting import wait_until
from oracle.host_key import HostKey
from oracle.ingest import WebRtcIngest
from oracle.sealing import open_sealed

TITLE = "Lớp học tiếng Anh buổi tối"
PATIENCE_S = 60.0
T = TypeVar("T")


class RoomLifeError(Exception):
    """A step did not hold."""


class RoomLife:
    """Walks one room through its life on `stack`, telling `narrator`."""

    def __init__(self, stack: Stack, narrator: Narrator) -> None:
        self._stack = stack
        self._tell = narrator
        self._node = stack.node
        self._api = client(stack.state.url("api"))
        self._host = cast().host
        self._key = HostKey.generate()
        self._room_id = ""
        self._uid = ""

    def run(self) -> str:
        """The whole life; returns the room's id. Raises `RoomLifeError` or `NodeError`."""
        with self._api:
            self._create()
            self._pending()
            self._provisioned()
            self._open_credentials()
            self._update()
            self._on_air()
            self._end()
            self._released()
            self._gone()
            self._withdraw()
        return self._room_id

    def _create(self) -> None:
        with self._tell.step(f"A wallet creates the room “{TITLE}”"):
            asked = {
                "title": TITLE,
                "from": self._host.address,
                "mode": "webrtc",
                "ingest_key": hex_data(self._key.public),
            }
            answer = self._post("/api/livestream/create", asked)
            self._tell.note("POST /api/livestream/create answered with a transaction to sign")
            receipt = self._sign(answer["transaction"])
            self._room_id = room_name(self._stack.rooms.created(receipt))
            self._tell.note(f"the room is {self._room_id}; nobody can change it unnoticed")

    def _pending(self) -> None:
        with self._tell.step("A viewer comes early: the room is waiting for its live input"):
            answer = self._wait(
                "the index shows the room", self._join, lambda a: a.status_code != 404
            )
            if answer.status_code == 409:
                after = answer.headers.get("Retry-After")
                self._tell.note(f"join answers 409, retry in {after} s: {answer.json()['detail']}")
            elif answer.status_code == 200:
                self._tell.note("the oracle was faster than the viewer: the room already plays")
            else:
                raise RoomLifeError(f"join answered {answer.status_code}: {answer.text[:300]}")

    def _provisioned(self) -> None:
        with self._tell.step("The oracle provisions a live input and writes it on chain"):
            answer = self._wait("the room plays", self._join, lambda a: a.status_code == 200)
            joined = answer.json()
            room = self._room()
            self._uid = room["uid"]
            ingest = self._get(f"/api/livestream/rooms/{self._room_id}/ingest")
            self._tell.note(f"fulfilled in transaction {ingest['sealed']['tx']}")
            self._tell.note(f"join answers 200: {joined['whep_url']}")
            if not joined["whep_url"].endswith(f"/{self._uid}/webRTC/play"):
                raise RoomLifeError(f"the playback URL is not the live input's: {joined}")
            if self._live_input().status_code != 200:
                raise RoomLifeError("Cloudflare does not know the live input")

    def _open_credentials(self) -> None:
        with self._tell.step("The host opens the credentials, as only they can"):
            ingest = self._get(f"/api/livestream/rooms/{self._room_id}/ingest")
            sealed = to_bytes(ingest["sealed"]["data"])
            credentials = open_sealed(
                self._key.private,
                to_bytes(ingest["sealed"]["tag"]),
                bytes.fromhex(ingest["uid"]),
                sealed,
            )
            if not isinstance(credentials, WebRtcIngest):
                raise RoomLifeError("the opened credentials are not those of a WEBRTC room")
            whip = credentials.whip.reveal()
            origin, _, rest = whip.partition("://")
            self._tell.note(
                f"{len(sealed)} sealed bytes on chain hold the WHIP address: "
                f"{origin}://{rest.split('/')[0]}/******/webRTC/publish"
            )
            if not whip.endswith("/webRTC/publish"):
                raise RoomLifeError("the opened credentials hold no WHIP address")
            with closing(self._stack.stream_control()) as control:
                control.mark_live(self._uid)
            self._tell.note("the host goes on air with them")

    def _update(self) -> None:
        with self._tell.step("The host gives the room a new title"):
            title = f"{TITLE} (bài 2)"
            self._sign(self._transaction(calldata.update_room(self._number, title.encode())))
            self._wait("the index shows it", self._room, lambda room: room["title"] == title)

    def _on_air(self) -> None:
        with self._tell.step("Presence has looked, and everybody is told that the room is on air"):
            on_air = self._wait(
                "the list of what is on air has it",
                lambda: self._get("/api/livestream/rooms?live=true")["rooms"],
                lambda rooms: any(room["room_id"] == self._room_id for room in rooms),
            )
            for room in on_air:
                since = time.strftime("%H:%M:%S", time.localtime(room["live_since"]))
                self._tell.note(f"{room['room_id']}  {room['title']}, since {since}")
            with closing(self._stack.stream_control()) as control:
                control.mark_disconnected(self._uid)

    def _end(self) -> None:
        with self._tell.step("The host ends the room"):
            asked = {"room_id": self._room_id, "from": self._host.address}
            answer = self._post("/api/livestream/end", asked)
            self._sign(answer["transaction"])
            ended = self._wait("the index shows it", self._join, lambda a: a.status_code == 410)
            self._tell.note(f"join answers 410: {ended.json()['detail']}")

    def _released(self) -> None:
        with self._tell.step(
            "The oracle disables the live input, deletes it at finality, and attests that on chain"
        ):
            self._wait(
                "Cloudflare has deleted it", self._live_input, lambda a: a.status_code == 404
            )
            self._tell.note("Cloudflare answers 404: the live input is gone")
            room = self._wait("the release is on chain", self._room, lambda r: bool(r["released"]))
            self._tell.note(f"attested on chain in block {room['updated']['block']}")

    def _gone(self) -> None:
        with self._tell.step("The room's whole history, which anybody can check"):
            events = self._get(f"/api/livestream/rooms/{self._room_id}/events")["events"]
            for event in events:
                self._tell.note(f"block {event['block']:>5}  {event['name']:<16} {event['tx']}")
            names = [event["name"] for event in events]
            for name in ("RoomCreated", "RoomProvisioned", "RoomEnded", "RoomReleased"):
                if names.count(name) != 1:
                    raise RoomLifeError(
                        f"the history has {names.count(name)} {name} events: {names}"
                    )

    def _withdraw(self) -> None:
        with self._tell.step("The host withdraws the deposit"):
            before = self._node.balance(self._host.address)
            receipt = self._sign(self._transaction(calldata.withdraw_to(self._host.address)))
            spent = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
            after = self._node.balance(self._host.address)
            back = after - before + spent
            self._tell.note(f"{back / ETHER:g} ether withdrawn")
            if back <= 0:
                raise RoomLifeError("no deposit was returned")

    # ------------------------------------------------------------------ what the steps are made of

    @property
    def _number(self) -> int:
        return room_number(self._room_id)

    def _transaction(self, data: bytes) -> dict[str, Any]:
        return {"to": self._stack.deployment["address"], "data": hex_data(data)}

    def _sign(self, transaction: dict[str, Any]) -> dict[str, Any]:
        tx = self._node.sign_and_send(self._host, transaction)
        began = time.monotonic()
        receipt = self._node.receipt(tx)
        self._tell.note(
            f"transaction {tx} mined in block {int(receipt['blockNumber'], 16)}, "
            f"{int(receipt['gasUsed'], 16):,} gas, after {time.monotonic() - began:.2f} s"
        )
        return receipt

    def _join(self) -> httpx.Response:
        return self._api.get("/api/livestream/join", params={"room_id": self._room_id})

    def _room(self) -> dict[str, Any]:
        return self._get(f"/api/livestream/rooms/{self._room_id}")

    def _get(self, path: str) -> dict[str, Any]:
        return self._json(self._api.get(path))

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._json(self._api.post(path, json=body))

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        if answer.status_code != 200:
            url = answer.request.url.path
            raise RoomLifeError(f"{url} answered {answer.status_code}: {answer.text[:300]}")
        return dict(answer.json())

    def _live_input(self) -> httpx.Response:
        token = self._stack.state.path("cloudflare.token").read_text().strip()
        account = self._stack.deployment["cloudflare_account_id"]
        base = self._stack.state.url("stream")
        url = f"{base}/client/v4/accounts/{account}/stream/live_inputs/{self._uid}"
        headers = {"Authorization": f"Bearer {token}"}
        with client() as http:
            return http.get(url, headers=headers)

    def _wait(self, what: str, look: Callable[[], T], holds: Callable[[T], bool]) -> T:
        def seen() -> list[T]:
            self._stack.require_alive()
            found = look()
            return [found] if holds(found) else []

        return wait_until(seen, PATIENCE_S, what, RoomLifeError)[0]
