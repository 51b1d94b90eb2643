"""The scripts as people call them: `brownie run` in a process of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from localnet.anvil import Anvil

ROOT = Path(__file__).resolve().parents[3]
BROWNIE = ROOT / "tools" / "bin" / "brownie"


def test_brownie_run__on_an_added_network__tells_and_refuses(
    anvil_factory: Callable[..., Anvil], tmp_path: Path
) -> None:
    chain = anvil_factory()
    env = {**os.environ, "HOME": str(tmp_path)}

    def brownie(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BROWNIE, *words],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    added = brownie("networks", "add", "Ethereum", "trial", f"host={chain.url}", "chainid=31337")
    assert added.returncode == 0, added.stderr
    told = brownie("run", "deploy", "main", "from=0", "chain=31337", "--network", "trial")
    assert told.returncode == 1
    assert "deploy LivestreamRooms from 0x" in told.stdout
    assert "add the word yes" in told.stderr
    assert "Traceback" not in told.stdout + told.stderr
    assert chain.rpc("eth_blockNumber") == "0x0"
