"""What a service costs: reckoned by hand from figures of our own, and odd words refused."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from localnet.process import ROOT
from scripts import costs
from scripts.support.cli_args import Stop

# round figures, so that the sums can be done in the head
GAS = {
    "deploy": 5_000_000,
    "createRoom": 90_000,
    "endRoom": 10_000,
    "fulfill, alone": 60_000,
    "release, alone": 40_000,
    "fulfill, share of 50": 15_000,
    "release, share of 50": 5_000,
}


@pytest.fixture(autouse=True)
def figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """These in the place of the measured ones."""
    monkeypatch.setattr(costs, "figures", lambda: GAS)


def _told(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    costs.main(*words)
    return [re.sub(r" +", " ", line).strip() for line in capsys.readouterr().out.splitlines()]


def test_costs__of_a_room__are_told_by_who_pays(capsys: pytest.CaptureFixture[str]) -> None:
    told = _told(capsys, "gas=20gwei,0.5gwei", "fee=0.004ether", "deposit=0.02ether")
    assert told[:6] == [
        "a room gas at 20 gwei at 0.5 gwei",
        "host: create and end 100,000 0.002 ether 0.00005 ether",
        "operator: fulfill and release, room by room 100,000 0.002 ether 0.00005 ether",
        "operator: the same for 50 rooms at once 20,000 0.0004 ether 0.00001 ether",
        "fee, the host's to the operator's payee 0.004 ether 0.004 ether",
        "deposit, back to the host at the end 0.02 ether 0.02 ether",
    ]
    assert told[-1] == "The fee covers the operator's gas, room by room, up to 40 gwei."
    assert "deploy 5,000,000 0.1 ether 0.0025 ether" in told


def test_costs__of_a_month__multiply_and_say_what_is_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = _told(capsys, "gas=20gwei,2gwei", "fee=0.001ether", "rooms=200", "ether=3000")
    assert "hosts: fees 0.2 ether ($600.00) 0.2 ether ($600.00)" in told
    assert (
        "operator: gas, room by room 20,000,000 0.4 ether ($1,200.00) 0.04 ether ($120.00)" in told
    )
    assert "operator: fees less that gas -0.2 ether (-$600.00) 0.16 ether ($480.00)" in told


def test_costs__at_cloudflare__are_minutes_watched_and_kept(
    capsys: pytest.CaptureFixture[str],
) -> None:
    few = _told(capsys, "rooms=100", "minutes=30", "viewers=4")
    assert "delivered 12,000 minutes $12.00" in few
    assert "stored 0 minutes $0.00" in few
    # ten rooms of 30 minutes, kept for two months
    kept = _told(capsys, "rooms=100", "minutes=30", "viewers=4", "recorded=10", "days=60",
                 "storage=5", "delivery=0.5")  # fmt: skip
    assert "delivered 12,000 minutes $6.00" in kept
    assert "stored 600 minutes $3.00" in kept


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("gas=1", "gas=1: must be like 1gwei"),
        ("gas=1gwei,", "gas=: must be like 1gwei"),
        ("gas=0.0000000001gwei", "must be like 1gwei"),
        ("ether=cheap", "ether=cheap: must be a number like 5 or 0.5"),
        ("ether=nan", "must be a number"),
        ("storage=-5", "must be a number"),
        ("recorded=101", "recorded=101: must be 0 to 100"),
        ("rooms=1.5", "rooms=1.5: must be a whole number"),
        ("room=7", "unknown argument: room"),
    ],
)
def test_costs__odd_word__is_refused_in_a_sentence(word: str, reason: str) -> None:
    with pytest.raises(Stop, match=re.escape(reason)):
        costs.main(word)


def test_costs__as_a_command__knows_each_measured_step() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.costs"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "102,276" in done.stdout
