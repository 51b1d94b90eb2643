"""The contract as a whole: whether it is retired, and how many of its room numbers are given out.

Promises: reads only. A successor is its owner's word, shown and never followed: CONTRACTS makes the
move. A retired contract's open rooms are served to their end.
"""

from __future__ import annotations

from typing import NamedTuple

from chain.hexes import ZERO_ADDRESS
from oracle.chain_snapshot import ChainSnapshot

SUCCESSOR_ROOMS = 2**31
"""Of the 2^32 rooms that a contract can create; from here on it should have a successor."""


class ContractStanding(NamedTuple):
    """`successor`: zero address if none is named."""

    rooms: int
    retired: bool
    successor: str

    @property
    def retirement(self) -> str | None:
        """In words; None while it is not retired."""
        if not self.retired:
            return None
        successor = "no successor"
        if self.successor != ZERO_ADDRESS:
            successor = f"{self.successor} as its successor (CONTRACTS makes the move)"
        return f"retired, accepts no new rooms; its owner names {successor}"

    @property
    def crowded(self) -> str | None:
        """In words; None while it has room for long."""
        if self.rooms < SUCCESSOR_ROOMS:
            return None
        return f"{self.rooms} of its 2^32 rooms are created: its owner should deploy a successor"


async def read_standing(snapshot: ChainSnapshot, operator_id: int) -> ContractStanding:
    """At the acting depth. Raises `RpcError`."""
    creation = await snapshot.creation(operator_id)
    return ContractStanding(await snapshot.room_count(), creation.retired, creation.successor)
