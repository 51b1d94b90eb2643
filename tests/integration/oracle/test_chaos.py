"""The short form of `make chaos`: real processes, killed with -9, with faults on."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.chaos.storm import Chaos


@pytest.mark.long
def test_chaos__short__contract_database_and_cloudflare_agree_and_nothing_leaks(
    tmp_path: Path,
) -> None:
    chaos = Chaos(tmp_path, kills=8, rooms=12, seed=7)
    assert chaos.run(patience=150) == []
    assert chaos.done["kills"] == 8
    assert chaos.done["ended"] == 13  # one more was on air at the end
    assert chaos.done["presence dropped"] >= 1
