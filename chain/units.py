"""What the chain counts money in.

Promises: amounts are wei everywhere, as plain ints; `in_ether` and `in_gwei` tell one exactly to a
person.
"""

from __future__ import annotations

GWEI = 10**9
ETHER = 10**18


def in_ether(wei: int) -> str:
    """An amount for people, exact: 1_500_000_000_000_000 -> "0.0015 ether"."""
    whole, rest = divmod(wei, ETHER)
    return f"{whole}.{rest:018d}".rstrip("0").rstrip(".") + " ether"


def in_gwei(wei: int) -> str:
    """A price per gas for people, exact: 1_500_000_000 -> "1.5 gwei"."""
    whole, rest = divmod(wei, GWEI)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".") + " gwei"


NEW_SLOT = 22_100
"""Gas of the first word in a slot of storage (EIP-2929). A limit needs it on top of an estimate: an
event that comes before the call may make it begin a new slot of the room's history."""
