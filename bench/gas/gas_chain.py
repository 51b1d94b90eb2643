"""A chain for measuring gas: an anvil of its own, instant blocks, no base fee.

Promises: what a real node charges, transaction by transaction. Accounts are made up and unlocked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from localnet.anvil import Anvil

GAS_LIMIT = 16_000_000


class GasReceipt(NamedTuple):
    """A mined transaction. `log_words`: (topics, data bytes) of each log."""

    gas: int
    calldata: bytes
    logs: list[dict[str, Any]]
    contract: str


class GasChain:
    """Sends from any account."""

    def __init__(self, anvil: Anvil) -> None:
        self._anvil = anvil

    def send(self, sender: str, to: str | None, data: bytes, value: int = 0) -> GasReceipt:
        """Send and wait; `NodeError` if it reverts."""
        self._anvil.open_account(sender)
        tx = self._anvil.send(sender, to, data, value, gas=GAS_LIMIT, gasPrice=0)
        receipt = self._anvil.receipt(tx)
        return GasReceipt(
            int(receipt["gasUsed"], 16), data, receipt["logs"], receipt["contractAddress"] or ""
        )

    def later(self, seconds: int) -> None:
        """Let time pass."""
        self._anvil.advance(seconds)


@contextmanager
def world() -> Iterator[GasChain]:
    """A fresh one, gone afterwards."""
    with (
        TemporaryDirectory(prefix="bench-gas-") as folder,
        Anvil(Path(folder), "--block-base-fee-per-gas", "0", "--hardfork", "prague") as anvil,
    ):
        yield GasChain(anvil)
