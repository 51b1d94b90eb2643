"""A chain to try contracts on: one interface over three EVMs.

Promises: `Machine` is all that the contract's tests know of a chain, so that the same test runs on
revm (fast), py-evm (eth-tester) and anvil (a real node). Times are unix seconds, amounts wei,
addresses 0x strings in lower case.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from chain.hexes import ZERO_ADDRESS


class CallOutcome(NamedTuple):
    """What a transaction or a call did. `output`: return data, or revert data if not `ok`.

    `logs`: as eth_getLogs answers them. `at`: the block's time.
    """

    ok: bool
    output: bytes
    logs: list[dict[str, Any]]
    at: int


class CreatedContract(NamedTuple):
    """A new contract, and what its constructor did."""

    address: str
    outcome: CallOutcome


class ConstructorReverted(Exception):
    """A constructor reverted. `data`: the revert data."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data.hex())
        self.data = data


class Machine(Protocol):
    """A chain of the test's own."""

    chain_id: int

    def create(self, sender: str, code: bytes, value: int = 0) -> CreatedContract:
        """Create a contract. `ConstructorReverted` if the constructor reverts."""
        ...

    def send(self, sender: str, to: str, data: bytes, value: int = 0) -> CallOutcome:
        """Mine a transaction in a block of its own, from any account."""
        ...

    def view(self, to: str, data: bytes, sender: str = ZERO_ADDRESS) -> CallOutcome:
        """Call without changing anything."""
        ...

    def advance(self, seconds: int) -> None:
        """The next block comes so much later."""
        ...

    def fund(self, account: str, wei: int) -> None:
        """Set an account's balance."""
        ...

    def balance(self, account: str) -> int:
        """An account's balance."""
        ...

    def snapshot(self) -> Any:
        """Remember the state."""
        ...

    def revert(self, snapshot: Any) -> None:
        """Go back to a snapshot, once."""
        ...


def log_object(
    address: str, topics: list[str], data: bytes, block: int, index: int
) -> dict[str, Any]:
    """A log as eth_getLogs writes it, for an EVM that has no blocks of its own."""
    number = block.to_bytes(32).hex()
    return {
        "address": address.lower(),
        "topics": topics,
        "data": "0x" + data.hex(),
        "blockNumber": hex(block),
        "blockHash": "0x" + number,
        "transactionHash": "0x" + number[::-1],
        "transactionIndex": "0x0",
        "logIndex": hex(index),
        "removed": False,
    }
