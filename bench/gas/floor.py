"""The least that a step can cost on the EVM, part by part.

A floor counts what no implementation with these inputs, events and storage slots can avoid: the
transaction's intrinsic gas, its calldata, the first touch of each slot, its logs, its payment; and
never less than what EIP-7623 charges for a transaction's calldata whatever it does.
It leaves out all computing: dispatch, decoding, memory, arithmetic, hashing (the tag and the
history commitment too). Of a batch, each part is divided by the entries it serves.
Source: EIP-2028 and EIP-7623 (calldata), EIP-2929 and EIP-2200 (slots), yellow paper G_log (logs).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

INTRINSIC = 21_000
ZERO_BYTE, BYTE = 4, 16
DATA_ZERO_BYTE, DATA_BYTE = 10, 40  # EIP-7623: the least, if that is more than all else together
READ = 2_100
WRITE = 5_000  # an existing value: 2,100 + 2,900
NEW = 22_100  # a slot that was zero: 2,100 + 20,000
CLEAR = 5_000 - 4_800  # to zero: the refund of EIP-3529 taken off
AGAIN = 100  # a slot that an earlier entry of the batch has touched; not counted
LOG, LOG_TOPIC, LOG_BYTE = 375, 375, 8
PAYMENT = 9_000 - 2_300 + 100  # a call with value to a touched account, its stipend unused

COST = {"read": READ, "write": WRITE, "new": NEW, "clear": CLEAR}


class Floor(NamedTuple):
    """Gas per entry. `slots`: name -> gas. `least`: what the calldata alone costs by EIP-7623."""

    intrinsic: float
    calldata: float
    slots: Mapping[str, float]
    logs: float
    payment: float
    least: float

    @property
    def total(self) -> float:
        work = self.calldata + sum(self.slots.values()) + self.logs + self.payment
        return max(self.intrinsic + work, self.least)


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
        calldata=_calldata_gas(calldata, ZERO_BYTE, BYTE) / entries,
        slots=touched,
        logs=sum(_log(log) for log in logs) / entries,
        payment=PAYMENT if payment else 0,
        least=(INTRINSIC + _calldata_gas(calldata, DATA_ZERO_BYTE, DATA_BYTE)) / entries,
    )


def _calldata_gas(calldata: bytes, zero: int, other: int) -> int:
    zeros = calldata.count(0)
    return zeros * zero + (len(calldata) - zeros) * other


def _log(log: Mapping[str, Any]) -> int:
    data = (len(log["data"]) - 2) // 2
    return LOG + LOG_TOPIC * len(log["topics"]) + LOG_BYTE * data
