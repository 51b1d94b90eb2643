"""What `python -m indexer` loads: its start and its memory are promised (docs/index.md)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LOADED = "import indexer.__main__, sys; print(*sorted(m.partition('.')[0] for m in sys.modules))"
NOT_NEEDED = {"web3", "eth_abi", "eth_account", "aiohttp", "requests", "ens"}


def test_start__the_service_and_its_commands__load_no_web3() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "indexer" in loaded and "httpx" in loaded
    assert loaded & NOT_NEEDED == set()
