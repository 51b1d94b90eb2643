"""A host's road from a terminal: create, credentials, rekey, hand over, end, withdraw."""

from __future__ import annotations

from pathlib import Path

import pytest

from chain import calldata
from chain.views import read_rooms
from localnet.anvil import Anvil
from oracle.host_key import HostKey
from oracle.ingest import BroadcastIngest, Ingest, WebRtcIngest
from oracle.sealing import seal
from oracle.secret import Secret
from scripts import host, operators
from scripts.support.chain_reads import read
from scripts.support.cli_args import Stop
from scripts.support.deployment_records import load
from scripts.support.wallet import BrownieWallet
from tests.contract.scripts.conftest import Run

BASE = "https://customer-m033z5x00ks6nunl.cloudflarestream.com"
WHIP = f"{BASE}/b236bde30eb07b9d01318940e5fc3edake34a3efb3896e18f2dc277ce6cc993ad/webRTC/publish"
UID = bytes.fromhex("b236bde30eb07b9d01318940e5fc3eda")
WEBRTC = WebRtcIngest(Secret(WHIP))
BROADCAST = BroadcastIngest(
    "rtmps://live.cloudflare.com:443/live/",
    Secret("stream-key"),
    "srt://live.cloudflare.com:778",
    Secret("stream-id"),
    Secret("passphrase"),
)


@pytest.fixture
def ready(deployed: str, run: Run, chain: Anvil) -> None:
    """Account 1 is the operator."""
    run(
        operators.add,
        "from=0",
        f"account={chain.accounts[1]}",
        f"payee={chain.accounts[5]}",
        f"base={BASE}",
        "yes",
    )


def fulfill(room_id: int, key_file: Path, ingest: Ingest = WEBRTC) -> None:
    """What the oracle does."""
    from brownie import accounts

    wallet = BrownieWallet(accounts[1])
    contract = load(31337)["address"]
    (room,) = read(wallet, read_rooms, contract, [room_id])
    sealed = seal(HostKey.load(key_file).public, room.tag, UID, ingest)
    entry = calldata.Fulfillment(room_id, room.tag, UID, sealed)
    wallet.send(contract, calldata.fulfill([entry]), 0, lambda tx: None)


def test_host__whole_road__ends_with_the_deposit_back(
    ready: None, run: Run, chain: Anvil, tmp_path: Path
) -> None:
    key = tmp_path / "host.key"
    told = run(host.create, "from=2", "title=Phòng 7", f"key={key}", "yes")
    assert "room 1 (live_1) is waiting for its live input" in told
    assert key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Stop, match="room 1 is pending"):
        run(host.credentials, "room=1", f"key={key}")
    fulfill(1, key)
    assert WHIP in run(host.credentials, "room=1", f"key={key}")
    run(host.update, "from=2", "room=1", "title=Phòng 8", "yes")
    told = run(host.show, "room=1")
    assert "status            active" in told and f"0x{UID.hex()}" in told
    run(host.end, "from=2", "room=1", "yes")
    assert "nothing to do" in run(host.end, "from=2", "room=1", "yes")
    assert "these no longer work" in run(host.credentials, "room=1", f"key={key}")
    assert "pay 0.001 ether" in run(host.withdraw, "from=2", f"to={chain.accounts[9]}", "yes")
    assert "nothing to do" in run(host.withdraw, "from=2", "yes")


def test_credentials__broadcast__all_five_are_told(ready: None, run: Run, tmp_path: Path) -> None:
    key = tmp_path / "host.key"
    run(host.create, "from=2", "title=One", "mode=broadcast", f"key={key}", "yes")
    fulfill(1, key, BROADCAST)
    told = run(host.credentials, "room=1", f"key={key}")
    for value in ("rtmps://live", "stream-key", "srt://live", "stream-id", "passphrase"):
        assert value in told


def test_credentials__rekeyed__wait_for_the_operator_and_need_the_new_key(
    ready: None, run: Run, tmp_path: Path
) -> None:
    old, new = tmp_path / "old.key", tmp_path / "new.key"
    run(host.create, "from=2", "title=One", f"key={old}", "yes")
    fulfill(1, old)
    run(host.rekey, "from=2", "room=1", f"key={new}", "yes")
    with pytest.raises(Stop, match="has not sealed credentials to room 1's new key"):
        run(host.credentials, "room=1", f"key={new}")
    fulfill(1, new)
    assert WHIP in run(host.credentials, "room=1", f"key={new}")
    with pytest.raises(Stop, match="not sealed to this key"):
        run(host.credentials, "room=1", f"key={old}")


def test_transfer__accepted__the_new_host_has_the_room(
    ready: None, run: Run, chain: Anvil, tmp_path: Path
) -> None:
    key = f"key={tmp_path / 'host.key'}"
    run(host.create, "from=2", "title=One", key, "yes")
    words = ("from=2", "room=1", f"to={chain.accounts[3]}", "yes")
    assert "mined" in run(host.transfer, *words)
    assert "nothing to do" in run(host.transfer, *words)
    with pytest.raises(Stop, match="RoomNotActive"):
        run(host.accept, "from=3", "room=1", key, "yes")
    fulfill(1, tmp_path / "host.key")
    assert "mined" in run(host.accept, "from=3", "room=1", key, "yes")
    assert "nothing to do" in run(host.accept, "from=3", "room=1", key, "yes")
    with pytest.raises(Stop, match="NotHost"):
        run(host.end, "from=2", "room=1", "yes")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("title=One", "mode=video"), "webrtc or broadcast"),
        (("title=One", "operator=3"), "OperatorNotAccepting"),
        (("title=" + "x" * 97,), "TitleTooLong"),
        (("title=One", "gate=0x123"), "must be an address"),
        ((), "title=... is missing"),
    ],
)
def test_create__bad_words__nothing_is_sent(
    ready: None, run: Run, chain: Anvil, tmp_path: Path, words: tuple[str, ...], reason: str
) -> None:
    before = chain.rpc("eth_blockNumber")
    with pytest.raises(Stop, match=reason):
        run(host.create, "from=2", f"key={tmp_path / 'k'}", "yes", *words)
    assert chain.rpc("eth_blockNumber") == before


def test_show__unknown_room__says_so(ready: None, run: Run) -> None:
    with pytest.raises(Stop, match="there is no room 5"):
        run(host.show, "room=5")


def test_main__asked__tells_what_there_is(ready: None, run: Run) -> None:
    assert "credentials  room=N" in run(host.main)
