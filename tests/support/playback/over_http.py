"""What pages send to a running playback service, and a site with rooms for its tests."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import httpx
from eth_account.signers.local import LocalAccount
from eth_keys.datatypes import PrivateKey

from chain.enums import room_name, room_number
from chain.hexes import hex_data
from common import base64url
from localnet.dev_accounts import cast
from localnet.invitations import HostSigner, link_of
from localnet.playback_site import ORIGIN, PlaybackSite
from localnet.services import ServiceProcess
from playback.invitation import Delegation, Invitation, InvitationScope, session_message
from playback.invitation import encode_delegation as text_of
from playback.sign_in import personal_digest
from tests.support.playback.contract_calls import call
from tools.compiled import compiled

BASE = "/api/playback"
HOLDER: LocalAccount = cast().payee


class RoomsForSome(PlaybackSite):
    """`invited` and `other` are by invitation, `held` is for holders of `token`; HOLDER has one.
    Blocks come by themselves, too: a gate is not asked at a head that is too old."""

    chain_options = ("--block-time", "2", "--mixed-mining")

    def furnish(self) -> None:
        made = self.node.send(self.rooms.hosts[0], None, compiled("CountedToken").bytecode)
        self.token = str(self.node.receipt(made)["contractAddress"]).lower()
        self.on_token(self.rooms.hosts[0], "give(address,uint256)", HOLDER.address, 1)
        self.invited, self.other = room_name(self.room()), room_name(self.room())
        self.held = room_name(self.room(self.token))

    def on_token(self, sender: str, signature: str, *values: object) -> None:
        self.node.receipt(self.node.send(sender, self.token, call(signature, *values)))

    def sell(self) -> None:
        """HOLDER's token goes to a stranger."""
        self.on_token(HOLDER.address, "sell(address,uint256)", self.rooms.hosts[5], 1)

    def hand_back(self) -> None:
        self.on_token(self.rooms.hosts[5], "sell(address,uint256)", HOLDER.address, 1)


class Page:
    """A page of `origin` that asks `service`. `answers`: every body that it was given, and
    `secrets`: what of it is the viewer's own."""

    def __init__(self, service: ServiceProcess, origin: str | None = ORIGIN) -> None:
        self.service, self.origin = service, origin
        self.refusals: list[str] = []
        self.secrets: list[str] = []

    def post(self, path: str, body: Any, bearer: str = "") -> httpx.Response:
        answer = self.service.post(f"{BASE}/{path}", body, **self._headers(bearer))
        return self._noted(answer)

    def get(self, path: str, bearer: str = "") -> httpx.Response:
        return self._noted(self.service.get(f"{BASE}/{path}", **self._headers(bearer)))

    def status(self) -> dict[str, Any]:
        return dict(self.get("status").raise_for_status().json())

    def enter(self, room: str, text: str, browser: bytes | None = None) -> httpx.Response:
        """By an invitation."""
        self.secrets.append(text)
        return self.post("session", entry(room, browser) | {"invitation": text})

    def sign_in(
        self, room: str, account: LocalAccount = HOLDER, challenge_of: str = ""
    ) -> dict[str, Any]:
        """The request of a wallet that has signed. `challenge_of`: asked for another room."""
        asked = {"room_id": challenge_of or room, "address": account.address}
        told = self.post("challenge", asked).raise_for_status().json()
        signed = PrivateKey(bytes(account.key)).sign_msg_hash(personal_digest(told["message"]))
        raw = signed.to_bytes()
        signature = hex_data(raw[:64] + bytes([raw[64] + 27]))
        return entry(room) | {"wallet": {"nonce": told["nonce"], "signature": signature}}

    def renew(self, session: str) -> httpx.Response:
        return self.post("renew", {}, session)

    def host_session(self, host: HostSigner, granted: Delegation, room: str) -> str:
        told = self.post("challenge", {"room_id": room}).raise_for_status().json()
        at, nonce = told["server_time"], told["nonce"]
        message = session_message(granted, at, bytes.fromhex(nonce), room_number(room))
        body = {
            "room_id": room,
            "delegation": text_of(granted),
            "at": at,
            "nonce": nonce,
            "signature": base64url.encode(host.sign_by_key(message)),
        }
        self.secrets.append(body["delegation"])
        return str(self.post("host/session", body).raise_for_status().json()["session"])

    def _headers(self, bearer: str) -> dict[str, str]:
        given = {} if self.origin is None else {"Origin": self.origin}
        return given | ({"Authorization": f"Bearer {bearer}"} if bearer else {})

    def _noted(self, answer: httpx.Response) -> httpx.Response:
        told = answer.json() if answer.content else {}
        if "session" in told:
            self.secrets.append(told["session"])
            if told.get("playback"):
                self.secrets.append(token_in(told))
        else:
            self.refusals.append(answer.text)
        return answer


class InvitingPage:
    """The first host's page, which invites to `room` from now on."""

    def __init__(self, site: PlaybackSite, page: Page, room: str) -> None:
        self.page, self.room, self.host = page, room, site.host()
        self.now = max(int(time.time()), page.status()["since"])
        scope = InvitationScope.of_room(room_number(room))
        self.granted = self.host.delegate(scope, self.now, self.now + 86400)

    def invite(self, number: int, **more: Any) -> Invitation:
        link = link_of(self.now, self.now + 86400, number=number, **more)
        return self.host.invite(self.granted, link)

    def session(self) -> str:
        return self.page.host_session(self.host, self.granted, self.room)


def entry(room: str, browser: bytes | None = None) -> dict[str, Any]:
    return {"room_id": room, "browser": base64url.encode(browser or os.urandom(16))}


def token_in(admission: dict[str, Any]) -> str:
    """The playback token of an admission to a WebRTC room."""
    return str(admission["playback"]["whep_url"]).split("/")[3]


def claims_in(admission: dict[str, Any]) -> dict[str, Any]:
    """What that token says."""
    return dict(json.loads(base64url.decode(token_in(admission).split(".")[1])))


def slug(answer: httpx.Response) -> tuple[int, str]:
    """Status and kind of a problem; the kind is "" of what is none."""
    told = answer.json()
    return answer.status_code, str(told.get("type", "")).rpartition("#")[2]
