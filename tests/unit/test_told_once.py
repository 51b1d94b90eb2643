"""A rule stands once: what is told in one place of our Python stands nowhere else.

Product, tools and what tests are built of are read; the tests themselves may spell a value on
purpose, so that a change of it is noticed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from chain.enums import EndReason, Mode, Status
from indexer.documents import ModeWord, StatusWord

ROOT = Path(__file__).resolve().parents[2]
READ = (
    *(
        "api",
        "bench",
        "chain",
        "common",
        "indexer",
        "localnet",
        "oracle",
        "presence",
        "scripts",
        "settings",
    ),
    *("tools", "tests/support", "tests/browser/support"),
)
# what is told, how it looks, where it stands
RULES = [
    ("the zero address", r'"00" \* 20|"0" \* 40\b', "chain/hexes.py"),
    ("the zero hash", r'"00" \* 32|"0" \* 64\b', "chain/hexes.py"),
    ("bytes as 0x", r"def _?(hex_data|unhex|to_bytes|hex|bytes)\(", "chain/hexes.py"),
    ("gwei", r"(?i)\bgwei = 10\*\*9", "chain/units.py"),
    ("ether", r"\b10\*\*18\b|\bdef in_ether", "chain/units.py"),
    ("a room's name", r"live_\[|live_\{|\"live_\"", "chain/enums.py"),
    ("end reasons", r'"taken_down"|\bTAKEN_DOWN = \d', "chain/enums.py"),
    ("codes of ends", r'"(unlawful|unusable ingest key)"', "chain/enums.py"),
    ("what a revert means", r"\.from_abi\(", "chain/reverts.py"),
    ("the chain id's check", r"the settings say \{", "chain/rpc/chain_guard.py"),
    # apart: a local chain's own driver (`.rpc`), and a simulated node that is asked (`==`)
    ("asking for the chain id", r'(?<!\.rpc\()(?<!== )"eth_chainId"', "chain/rpc/chain_guard.py"),
    ("the code's check", r"there is no contract at", "chain/identity.py"),
    ("asking for the code", r'"eth_getCode", \[\w+, "latest"', "chain/identity.py"),
    ("web3.py's objects", r"\bAsyncWeb3\(", "chain/rpc/web3_provider.py"),
    ("an ABI's bytes", r"\bABICodec\(|\.encode_abi\(", "chain/contract.py"),
    ("the oracle's notes of live status", r'"oracle_live_status"', "common/live_status.py"),
    ("base64url", r"urlsafe_b64encode", "common/base64url.py"),
    ("who may read a private file", r"S_IRWX[GO]", "common/private_file.py"),
    ("a free port", r"def (free_ports?|is_free)\(", "localnet/ports.py"),
]


@pytest.mark.parametrize(("what", "pattern", "home"), RULES, ids=[rule[0] for rule in RULES])
def test_rule__in_all_our_python__stands_in_its_home_alone(
    what: str, pattern: str, home: str
) -> None:
    looks = re.compile(pattern)
    places = {
        str(path.relative_to(ROOT))
        for folder in READ
        for path in sorted((ROOT / folder).rglob("*.py"))
        if looks.search(path.read_text(encoding="utf-8"))
    }
    assert places == {home}, what


def test_words__of_documents_and_contract__are_the_same() -> None:
    assert get_args(ModeWord) == Mode.words()
    assert get_args(StatusWord) == Status.words()
    assert EndReason.words() == ("host", "expired", "unfulfilled", "declined", "taken_down")
