"""The least that a step can cost on the EVM, part by part.

A floor counts what no implementation with these inputs, events and storage slots can avoid: the
transaction's intrinsic gas, its calldata, the first touch of each slot, its logs, its payment.
It leaves out all computing: dispatch, decoding, memory, arithmetic, hashing (the tag and the
history commitment too). Of a batch, each part is divided by the entries it serves.
Source: EIP-2028 (calldata), EIP-2929 and EIP-2200 (slots), yellow paper G_log (logs).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

INTRINSIC = 21_000
ZERO_BYTE, BYTE = 4, 16
READ = 2_100
WRITE = 5_000  # an existing value: 2,100 + 2,900
NEW = 22_100  # a slot that was zero: 2,100 + 20,000
CLEAR = 5_000 - 4_800  # to zero: the refund of EIP-3529 taken off
AGAIN = 100  # a slot that an earlier entry of the batch has touched; not counted
LOG, LOG_TOPIC, LOG_BYTE = 375, 375, 8
PAYMENT = 9_000 - 2_300 + 100  # a call with value to a touched account, its stipend unused

COST = {"read": READ, "write": WRITE, "new": NEW, "clear": CLEAR}


class Floor(NamedTuple):
    """Gas per entry. `slots`: name -> gas."""

    intrinsic: float
    calldata: float
    slots: Mapping[str, float]
    logs: float
    payment: float

    @property
    def total(self) -> float:
        return self.intrinsic + self.calldata + sum(self.slots.values()) + self.logs + self.payment


def floor(
    calldata: bytes,
    logs: Iterable[Mapping[str, Any]],
    slots: Mapping[str, str],
    *,
    shared: Mapping[str, str] | None = None,
    entries: int = 1,
    payment: bool = False,
) -> Floor:
    """`slots` (name -> read, write, new, clear) are each entry's own, `shared` the batch's."""
    touched = {name: float(COST[how]) for name, how in slots.items()}
    touched |= {name: COST[how] / entries for name, how in (shared or {}).items()}
    return Floor(
        intrinsic=INTRINSIC / entries,
        calldata=sum(BYTE if byte else ZERO_BYTE for byte in calldata) / entries,
        slots=touched,
        logs=sum(_log(log) for log in logs) / entries,
        payment=PAYMENT if payment else 0,
    )


def _log(log: Mapping[str, Any]) -> int:
    data = (len(log["data"]) - 2) // 2
    return LOG + LOG_TOPIC * len(log["topics"]) + LOG_BYTE * data
