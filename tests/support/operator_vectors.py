"""Which operator gets whose room, as services and page both must say it.

The page's own tests read dapp/test/operator-vectors.json. `python -m
tests.support.operator_vectors` writes the file anew; a test compares.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address

from chain.hexes import ZERO_ADDRESS, hex_data, keccak
from chain.operator_choice import ranked

FILE = Path(__file__).resolve().parents[2] / "dapp" / "test" / "operator-vectors.json"
OPERATORS = (
    (),
    (1,),
    (1, 2),
    (1, 2, 3, 4, 5),
    (1, 255, 256, 257, 65535),
)


def host(number: int) -> str:
    """One of many hosts, 0x, lower case."""
    return hex_data(keccak(number.to_bytes(4, "big"))[:20])


def vectors() -> dict[str, Any]:
    hosts = [ZERO_ADDRESS, to_checksum_address(host(0)), *map(host, range(1, 6))]
    return {
        "about": "Made by tests/support/operator_vectors.py; do not edit.",
        "cases": [
            {"host": each, "operators": list(some), "ranked": ranked(each, some)}
            for each in hosts
            for some in OPERATORS
        ],
    }


def text() -> str:
    """The file's content."""
    return json.dumps(vectors(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
