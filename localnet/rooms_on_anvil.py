"""The contract on a local chain: deployed, driven by its people, and read back.

Promises: a call returns once its transaction is mined, unless it says otherwise, and raises
`NodeError` if it reverted; what is read is the contract's word at the chain's head.
Assumes: a chain that mines by itself. The people are the accounts of the development mnemonic
(`localnet.dev_accounts`), for which the node signs; where a key of ours is given, we sign.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from chain import abi, calldata
from chain.enums import Mode
from chain.event_codec import decode
from chain.events import ChainEvent, RoomCreated
from chain.hexes import ZERO_ADDRESS, hex_data, to_int
from chain.history import HISTORY_CALL, HistoryView, decode_history
from chain.units import GWEI
from chain.views import RoomView, decode_rooms, view_call
from localnet.anvil import LocalNode, NodeError, Sender
from localnet.dev_accounts import Cast, cast

TERMS = calldata.Terms(
    deposit=1_000_000 * GWEI,  # 0.001 ether
    fee=100_000 * GWEI,
    max_room_seconds=24 * 3600,
    fulfill_deadline_seconds=3600,
    max_open_rooms=1000,
    max_room_events=200,
    rekey_cooldown=0,
)
PLAYBACK_BASE = "https://customer-m033z5x00ks6nunl.cloudflarestream.com"
# Limits of our own, where the node signs: anvil's estimate for a call on a room that is not mined
# yet may be the whole block, and then no other transaction fits beside it.
GAS, DEPLOYMENT_GAS, CREATION_GAS = 2_000_000, 8_000_000, 250_000
ROOMS_PER_CALL = 200


new_key = X25519PrivateKey.generate
"""What a host makes for a room."""


def creation_code(owner: str, terms: calldata.Terms = TERMS, first_room: int = 1) -> bytes:
    """What a transaction that deploys the contract carries."""
    return abi.load().bytecode + calldata.constructor(owner, first_room, terms)


class RoomsOnAnvil:
    """One contract at `address`. `hosts` are accounts 3 and above, told by their place in there;
    `keys` the private keys of the rooms that were made without one."""

    def __init__(
        self, node: LocalNode, address: str, start_block: int, terms: calldata.Terms = TERMS
    ) -> None:
        self.node = node
        self.address = address.lower()
        self.start_block = start_block
        self.people: Cast = cast()
        self.hosts = [account.lower() for account in node.accounts[3:]]
        self.keys: dict[int, X25519PrivateKey] = {}
        self._price = terms.deposit + terms.fee

    @classmethod
    def deploy(
        cls,
        node: LocalNode,
        playback_base: str = PLAYBACK_BASE,
        *,
        terms: calldata.Terms = TERMS,
        first_room: int = 1,
    ) -> Self:
        """A new contract with operator 1, who plays at `playback_base` and whose payee is the
        owner, and a moderator."""
        owner = cast().owner.address
        code = creation_code(owner, terms, first_room)
        receipt = node.receipt(node.send(owner, None, code, gas=DEPLOYMENT_GAS))
        made = cls(node, receipt["contractAddress"], to_int(receipt["blockNumber"]), terms)
        # at once: where blocks have a pace, each wait is a block
        operator = calldata.add_operator(made.people.operator.address, owner, playback_base)
        moderator = calldata.set_moderator(made.people.moderator.address, True)
        for sent in [made.send_only(owner, data) for data in (operator, moderator)]:
            node.receipt(sent)
        return made

    @property
    def ref(self) -> str:
        """As the setting CONTRACTS wants it."""
        return f"{self.address}@{self.start_block}"

    @property
    def price(self) -> int:
        """What a room costs: deposit and fee."""
        return self._price

    # --- what people do ---------------------------------------------------------------------------

    def send(self, sender: Sender, data: bytes, value: int = 0, **fields: Any) -> dict[str, Any]:
        """A mined transaction's receipt."""
        return self.node.receipt(self.send_only(sender, data, value, **fields))

    def send_only(self, sender: Sender, data: bytes, value: int = 0, **fields: Any) -> str:
        """A transaction's hash, without waiting for a block."""
        limits = {"gas": GAS} if isinstance(sender, str) else {}
        return self.node.send(sender, self.address, data, value, **(limits | fields))

    def add_operator(self, account: str, playback_base: str) -> int:
        """The owner adds an operator and is its payee; the number it has."""
        owner = self.people.owner.address
        self.send(owner, calldata.add_operator(account, owner, playback_base))
        return to_int(self._ask(view_call("operatorCount")))

    def create(
        self,
        title: bytes = b"room",
        *,
        host: int = 0,
        mode: Mode = Mode.WEBRTC,
        gate: str = ZERO_ADDRESS,
        key: bytes | None = None,
        operator: int = 1,
    ) -> int:
        """A room of `host` under the first terms; its number. `key`: the ingest key, else one is
        made and remembered."""
        private = new_key()
        public = private.public_key().public_bytes_raw() if key is None else key
        sent = self.create_only(
            title, host=host, mode=mode, gate=gate, key=public, operator=operator
        )
        number = self.created(self.node.receipt(sent))
        if key is None:
            self.keys[number] = private
        return number

    def create_only(
        self,
        title: bytes = b"room",
        *,
        host: int = 0,
        mode: Mode = Mode.WEBRTC,
        gate: str = ZERO_ADDRESS,
        key: bytes | None = None,
        operator: int = 1,
    ) -> str:
        """Send a creation without waiting for a block; its hash. `key`: the ingest key, else one
        that nobody remembers."""
        public = new_key().public_key().public_bytes_raw() if key is None else key
        data = calldata.create_room(1, operator, mode, gate, public, title)
        return self.send_only(self.hosts[host], data, self._price, gas=CREATION_GAS)

    def created(self, receipt: dict[str, Any]) -> int:
        """The number of the room that a transaction made."""
        for event in map(decode, receipt["logs"]):
            if isinstance(event, RoomCreated):
                return event.room_id
        raise NodeError(f"no room was created: {receipt}")

    def signed_creation(self, title: bytes = b"signed") -> str:
        """A creation by the first host, signed but not sent: raw, 0x."""
        key = new_key().public_key().public_bytes_raw()
        data = calldata.create_room(1, 1, Mode.WEBRTC, ZERO_ADDRESS, key, title)
        fields = {"to": self.address, "value": self._price, "data": hex_data(data)}
        return self.node.sign(self.people.host, fields | {"gas": CREATION_GAS})

    def rename(self, room: int, title: bytes, *, host: int = 0) -> None:
        self.send(self.hosts[host], calldata.update_room(room, title))

    def rekey(self, room: int, *, host: int = 0, key: bytes | None = None) -> None:
        """A new ingest key: `key`, else one is made and remembered."""
        private = new_key()
        public = private.public_key().public_bytes_raw() if key is None else key
        self.send(self.hosts[host], calldata.rekey_room(room, public))
        if key is None:
            self.keys[room] = private

    def end(self, room: int, *, host: int = 0) -> None:
        self.send(self.hosts[host], calldata.end_room(room))

    def take_down(self, room: int, reason: int = 1) -> None:
        self.send(self.people.moderator.address, calldata.take_down(room, reason))

    def pause(self, paused: bool) -> None:
        self.send(self.people.owner.address, calldata.set_paused(paused))

    def fulfill(self, *numbers: int, sealed: bytes = b"\x22" * 80) -> None:
        """Live inputs for these rooms by operator 1, in one transaction."""
        entries = [
            calldata.Fulfillment(view.room_id, view.tag, os.urandom(16), sealed)
            for view in self.rooms(numbers)
        ]
        self.send(self.people.operator.address, calldata.fulfill(entries))

    # --- what the contract says -------------------------------------------------------------------

    def _ask(self, data: bytes, block: str = "latest") -> str:
        return hex_data(self.node.call(self.address, data, block=block))

    def rooms(self, numbers: Sequence[int], block: str = "latest") -> list[RoomView]:
        """Rooms in the order asked for; an unknown one has the number 0."""
        views: list[RoomView] = []
        for start in range(0, len(numbers), ROOMS_PER_CALL):
            part = list(numbers[start : start + ROOMS_PER_CALL])
            views += decode_rooms(self._ask(view_call("rooms", part), block))
        return views

    def room(self, number: int) -> RoomView:
        """One room."""
        return self.rooms([number])[0]

    def room_count(self) -> int:
        """How many rooms there were."""
        return to_int(self._ask(view_call("roomCount")))

    def history(self, block: str = "latest") -> HistoryView:
        """How many events there were, and the hash over them."""
        return decode_history(self._ask(HISTORY_CALL, block))

    def logs(self, *topics: str) -> list[dict[str, Any]]:
        """The contract's logs on the canonical chain; `topics`: only those."""
        query = {"address": self.address, "topics": list(topics), "fromBlock": "0x0"}
        return list(self.node.rpc("eth_getLogs", query))

    def events(self) -> list[ChainEvent]:
        """Every event of the canonical chain."""
        return [event for event in map(decode, self.logs()) if event is not None]
