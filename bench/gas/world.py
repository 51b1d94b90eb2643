"""A chain for measuring gas: an anvil of its own, instant blocks, no base fee.

Promises: what a real node charges, transaction by transaction. Accounts are made up and unlocked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from tests.support.anvil import Anvil

GAS_LIMIT = 16_000_000


class Sent(NamedTuple):
    """A mined transaction. `log_words`: (topics, data bytes) of each log."""

    gas: int
    calldata: bytes
    logs: list[dict[str, Any]]
    contract: str


class World:
    """Sends from any account."""

    def __init__(self, anvil: Anvil) -> None:
        self._anvil = anvil
        self._known: set[str] = set()

    def send(self, sender: str, to: str | None, data: bytes, value: int = 0) -> Sent:
        """Send and wait; AssertionError if it reverts."""
        if sender not in self._known:
            self._anvil.rpc("anvil_impersonateAccount", sender)
            self._anvil.rpc("anvil_setBalance", sender, hex(10**24))
            self._known.add(sender)
        tx = {
            "from": sender,
            "data": "0x" + data.hex(),
            "value": hex(value),
            "gas": hex(GAS_LIMIT),
            "gasPrice": "0x0",
        } | ({"to": to} if to else {})
        tx_hash = self._anvil.rpc("eth_sendTransaction", tx)
        receipt = None
        while receipt is None:  # anvil answers the hash a moment before the receipt
            receipt = self._anvil.rpc("eth_getTransactionReceipt", tx_hash)
        assert receipt["status"] == "0x1", f"reverted: {tx_hash}"
        return Sent(
            int(receipt["gasUsed"], 16), data, receipt["logs"], receipt["contractAddress"] or ""
        )

    def later(self, seconds: int) -> None:
        """Let time pass."""
        latest = self._anvil.rpc("eth_getBlockByNumber", "latest", False)
        self._anvil.mine(1, timestamp=int(latest["timestamp"], 16) + seconds)


@contextmanager
def world() -> Iterator[World]:
    """A fresh one, gone afterwards."""
    with (
        TemporaryDirectory(prefix="bench-gas-") as folder,
        Anvil(Path(folder), "--block-base-fee-per-gas", "0", "--hardfork", "prague") as anvil,
    ):
        yield World(anvil)
