"""Which operator gets a host's new room: one rule for API, page and scripts.

Each pair of host and operator has a number of its own, keccak256(host's 20 bytes ++ operator id as
uint16, big-endian); the room goes to the operator with the highest one among those that take it.

Promises: pure. Hosts are shared out evenly. An operator that closes moves its own hosts only, to
the others evenly; when it opens again they, and no others, come back. One that is added takes its
share from all.
Assumes: the caller knows who takes the room: `takes_rooms`, and for a room that is for some only a
playback service. dapp/src/contract/operator-choice.ts is the same rule; dapp/test/
operator-vectors.json holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable

from chain.hexes import ZERO_ADDRESS, keccak, to_bytes


def takes_rooms(*, account: str | None, accepting: bool, enabled: bool) -> bool:
    """Whether the contract lets an operator have new rooms: it has an account, its own switch is on
    and the owner's is."""
    return accepting and enabled and account not in (None, ZERO_ADDRESS)


def ranked(host: str, operators: Iterable[int]) -> list[int]:
    """The operators' numbers, the host's first choice first. `host`: 0x and 40 hex digits, in any
    case; the zero address where nobody is known yet.

    Raises ValueError for a host that is no address, and OverflowError for a number above 65535.
    """
    account = to_bytes(host)
    if len(account) != 20:
        raise ValueError("a host is an address: 0x and 40 hex digits")

    def preference(operator_id: int) -> bytes:
        return keccak(account + operator_id.to_bytes(2, "big"))

    return sorted(set(operators), key=preference, reverse=True)


def choose_operator(host: str, operators: Iterable[int]) -> int | None:
    """The operator of a new room among these, who all take it; None: there is none."""
    return next(iter(ranked(host, operators)), None)
