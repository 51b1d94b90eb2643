"""The contract on a real anvil, driven by its unlocked accounts, and what an index must hold."""

from __future__ import annotations

import os
from typing import Any

from eth_account import Account

from chain import artifact, calls, rooms
from chain.eventdecode import decode
from chain.eventtypes import ChainEvent
from chain.hexes import ZERO_ADDRESS
from chain.units import GWEI
from indexer.eventdocs import event_doc
from indexer.fold import fold
from indexer.ledger import Ledger
from indexer.model import EVENTS, FOLDED, VOLATILE
from indexer.pages import packed
from tests.support.anvil import Anvil
from tests.support.waiting import wait_until

TERMS = calls.Terms(1_000_000 * GWEI, 100_000 * GWEI, 86_400, 600, 50, 200, 0)
PRICE = TERMS.deposit + TERMS.fee
KEY = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"
"""The private key of anvil's third account, known to everybody."""


class RoomsChain:
    """One contract. Accounts: 0 owner, 1 operator, 2 and above hosts."""

    def __init__(self, anvil: Anvil, first_room: int = 1) -> None:
        self.anvil = anvil
        self.accounts = [account.lower() for account in anvil.accounts]
        code = artifact.load().bytecode
        code += calls.constructor(self.accounts[0], first_room, TERMS)
        receipt = self.send(0, None, code)
        self.address = str(receipt["contractAddress"]).lower()
        self.start_block = int(receipt["blockNumber"], 16)
        self.send(
            0, self.address, calls.add_operator(self.accounts[1], "https://customer-a.example")
        )

    @property
    def ref(self) -> str:
        """As the setting CONTRACTS wants it."""
        return f"{self.address}@{self.start_block}"

    def send(self, sender: int, to: str | None, data: bytes, value: int = 0) -> dict[str, Any]:
        """A mined transaction's receipt; AssertionError if it reverted."""
        request = {
            "from": self.accounts[sender],
            "data": "0x" + data.hex(),
            "value": hex(value),
            "gas": hex(8_000_000),
        } | ({"to": to} if to else {})
        digest = self.anvil.rpc("eth_sendTransaction", request)
        # anvil now and then shows a mined transaction a moment before its receipt
        receipt = wait_until(
            lambda: self.anvil.rpc("eth_getTransactionReceipt", digest), 5, "the receipt"
        )
        assert receipt["status"] == "0x1", receipt
        return dict(receipt)

    def create(self, host: int = 2, title: bytes = b"room") -> dict[str, Any]:
        data = calls.create_room(1, 0, ZERO_ADDRESS, os.urandom(32), title)
        return self.send(host, self.address, data, PRICE)

    def signed_create(self, title: bytes = b"signed") -> str:
        """A creation by account 2, signed but not sent: raw, 0x."""
        who = Account.from_key(KEY)
        data = calls.create_room(1, 0, ZERO_ADDRESS, b"k" * 32, title)
        nonce = int(self.anvil.rpc("eth_getTransactionCount", who.address, "latest"), 16)
        signed = who.sign_transaction(
            {
                "chainId": 31337, "nonce": nonce, "to": artifact_address(self.address),
                "value": PRICE, "data": data, "gas": 500_000, "maxFeePerGas": 100 * GWEI,
                "maxPriorityFeePerGas": GWEI,
            }
        )  # fmt: skip
        return "0x" + bytes(signed.raw_transaction).hex()

    def rename(self, room: int, title: bytes, host: int = 2) -> None:
        self.send(host, self.address, calls.update_room(room, title))

    def end(self, room: int, host: int = 2) -> None:
        self.send(host, self.address, calls.end_room(room))

    def fulfill(self, *numbers: int) -> None:
        """Live inputs for these rooms, in one transaction."""
        ledger = fold(self.address, self.events())
        entries = [
            calls.Fulfillment(
                n, bytes.fromhex(ledger.rooms[n]["tag"][2:]), os.urandom(16), os.urandom(80)
            )
            for n in numbers
        ]
        self.send(1, self.address, calls.fulfill(entries))

    def history(self) -> rooms.History:
        """What the contract says at the head."""
        request = {"to": self.address, "data": "0x" + rooms.HISTORY_CALL.hex()}
        return rooms.decode_history(self.anvil.rpc("eth_call", request, "latest"))

    @property
    def head(self) -> int:
        return int(self.anvil.rpc("eth_blockNumber"), 16)

    def events(self) -> list[ChainEvent]:
        """Every event of the canonical chain."""
        query = {"address": self.address, "fromBlock": "0x0", "toBlock": "latest"}
        decoded = [decode(log) for log in self.anvil.rpc("eth_getLogs", query)]
        return [event for event in decoded if event is not None]

    def ledger(self) -> Ledger:
        """The fold of the canonical chain."""
        return fold(self.address, self.events())


def artifact_address(address: str) -> str:
    """Checksummed, as the signer wants it."""
    from eth_utils.address import to_checksum_address

    return str(to_checksum_address(address))


def dump(db: Any, contract: str) -> dict[str, dict[Any, Any]]:
    """The index's documents of a contract, without book-keeping."""
    return {
        kind: {
            doc["_id"]: {k: v for k, v in doc.items() if k not in VOLATILE}
            for doc in db[kind].find({"contract": contract})
        }
        for kind in (EVENTS, *FOLDED)
    }


def expected(chain: RoomsChain) -> dict[str, dict[Any, Any]]:
    """What the documents must be, folded here from the chain's own logs."""
    events = chain.events()
    ledger = fold(chain.address, events)
    found: dict[str, dict[Any, Any]] = {
        EVENTS: {page["_id"]: dict(page) for page in packed([event_doc(e) for e in events])}
    }
    for kind in FOLDED:
        found[kind] = {
            doc["_id"]: {k: v for k, v in doc.items() if k not in VOLATILE}
            for doc in ledger.held(kind).values()
        }
    return found
