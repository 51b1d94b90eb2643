"""A host's road from a terminal: create, credentials, rekey, hand over, end, withdraw."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chain import calldata
from chain.operator_choice import ranked
from chain.views import RoomView, read_rooms
from localnet.anvil import Anvil
from oracle.host_key import HostKey
from oracle.ingest import BroadcastIngest, Ingest, WebRtcIngest
from oracle.sealing import seal
from oracle.secret import Secret
from scripts import host, operators, terms
from scripts.support.chain_reads import read
from scripts.support.cli_args import Stop
from scripts.support.deployment_records import load
from scripts.support.wallet import BrownieWallet
from tests.contract.scripts.conftest import BASE, Run, operator_words

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
    run(operators.add, *operator_words(chain), "yes")


def existing(room_id: int) -> RoomView:
    """What the contract tells of a room."""
    return read(BrownieWallet(None), read_rooms, load(31337)["address"], [room_id])[0]


def fulfill(room_id: int, key_file: Path, ingest: Ingest = WEBRTC) -> None:
    """What the oracle does."""
    from brownie import accounts

    wallet, room = BrownieWallet(accounts[1]), existing(room_id)
    sealed = seal(HostKey.load(key_file).public, room.tag, UID, ingest)
    entry = calldata.Fulfillment(room_id, room.tag, UID, sealed)
    wallet.send(load(31337)["address"], calldata.fulfill([entry]), 0, lambda tx: None)


def test_host__whole_road__ends_with_the_deposit_back(
    ready: None, run: Run, chain: Anvil, tmp_path: Path
) -> None:
    key = tmp_path / "host.key"
    told = run(host.create, "from=2", "title=Phòng 7", f"key={key}", "yes")
    assert "0.0011 ether from your wallet, 0 ether from your balance" in told
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


def test_create__several_operators__the_hosts_own_of_those_that_take_rooms(
    ready: None, run: Run, chain: Anvil, tmp_path: Path
) -> None:
    """By the rule; another one where it is named, or needed for a room for some only."""
    for number in (2, 3):
        base = f"base={BASE.replace('m033', f'n{number}33')}"
        run(operators.add, *operator_words(chain)[:3], base, "yes")
    key = f"key={tmp_path / 'host.key'}"
    words = ("from=2", "title=Phòng", key, "print=call")
    first, second, third = ranked(chain.accounts[2], [1, 2, 3])
    assert f"with operator {first}:" in run(host.create, *words)
    assert f"with operator {third}:" in run(host.create, *words, f"operator={third}")
    run(operators.accepting, "from=1", f"operator={first}", "switch=off", "yes")
    told = run(host.create, *words)
    assert f"with operator {second}:" in told and "warning" not in told
    gate = (*words, f"gate={load(31337)['address']}")
    told = run(host.create, *gate)
    assert f"not known whether operator {second} has a playback service" in told
    assert f"with operator {second}:" in told
    told = run(host.create, *gate, f"playback={first},{third}")
    assert f"with operator {third}:" in told and "warning" not in told
    for more, why in (
        ((f"playback={third}", f"operator={second}"), f"operators with one: {third}"),
        ((f"playback={first}",), "no operator that takes new rooms has a playback service"),
    ):
        with pytest.raises(Stop, match=why):
            run(host.create, *gate, *more)


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
    run(host.describe, "from=2", "room=1", "about=Ôn tập", "lang=vi", "yes")
    words = ("from=2", "room=1", f"to={chain.accounts[3]}", "yes")
    assert "mined" in run(host.transfer, *words)
    assert "nothing to do" in run(host.transfer, *words)
    with pytest.raises(Stop, match="RoomNotActive"):
        run(host.accept, "from=3", "room=1", key, "yes")
    fulfill(1, tmp_path / "host.key")
    with pytest.raises(Stop, match="its host or key changed since the offer"):
        run(host.accept, "from=3", "room=1", key, f"tag=0x{'12' * 12}", "yes")
    tag = "tag=0x" + existing(1).tag.hex()
    told = run(host.accept, "from=3", "room=1", key, tag, "yes")
    assert "mined" in told and f"as offered with {tag.replace('=', ' ')}" in told
    assert """room 1: 'One', '{"about":"Ôn tập","lang":"vi"}'""" in told
    assert "56 changes left to its host" in told and "warning" not in told
    assert "nothing to do" in run(host.accept, "from=3", "room=1", key, "yes")
    with pytest.raises(Stop, match="NotHost"):
        run(host.end, "from=2", "room=1", "yes")


def test_transfer__few_changes_left__the_new_host_is_warned(
    ready: None, run: Run, chain: Anvil, tmp_path: Path
) -> None:
    run(terms.set, "from=0", "max_events=10", "yes")
    key = tmp_path / "host.key"
    run(host.create, "from=2", "title=One", f"key={key}", "yes")
    fulfill(1, key)
    run(host.transfer, "from=2", "room=1", f"to={chain.accounts[3]}", "yes")
    words = (host.accept, f"from={chain.accounts[3]}", "room=1", f"key={key}", "print=call")
    told = run(*words)
    assert "7 changes left to its host" in told
    assert "warning: fewer than 8 changes are left" in told
    assert "meaning  acceptRoom(roomId=1, tag=0x" in told


def test_describe__all_that_is_told__replaces_what_was(
    ready: None, run: Run, chain: Anvil, tmp_path: Path
) -> None:
    run(host.create, "from=2", "title=One", f"key={tmp_path / 'k'}", "yes")
    words = ("from=2", "room=1", "starts=2026-12-01T19:00+07:00", "about=Ôn tập", "class=7A")
    told = run(host.describe, *words, "print=call")
    assert "starts 2026-12-01 12:00 UTC" in told
    assert """describeRoom(roomId=1, startsAt=1796126400, details='{"about":"Ôn tập",""" in told
    assert "mined" in run(host.describe, *words, "yes")
    assert "no time of start, nothing else" in run(host.describe, "from=2", "room=1", "yes")
    with pytest.raises(Stop, match="DetailsTooLong"):
        run(host.describe, "from=2", "room=1", "about=" + "x" * 1025, "yes")
    with pytest.raises(Stop, match="NotHost"):
        run(host.describe, "from=3", "room=1", "about=x", "yes")


# --- money ------------------------------------------------------------------------------------


def test_create__credit_of_an_ended_room__pays_first(
    ready: None, run: Run, chain: Anvil, tmp_path: Path
) -> None:
    key = tmp_path / "host.key"
    for room_id in (1, 2):
        run(host.create, "from=2", "title=One", f"key={key}", "yes")
        fulfill(room_id, key)
    run(host.end, "from=2", "room=1", "yes")
    told = run(host.create, "from=2", "title=Three", f"key={key}", "yes")
    assert "0.0001 ether from your wallet, 0.001 ether from your balance" in told
    fulfill(3, key)
    run(host.end, "from=2", "room=2", "yes")
    run(host.end, "from=2", "room=3", "yes")
    told = run(host.create, "from=2", "title=Four", f"key={key}", "yes")
    assert "0 ether from your wallet, 0.0011 ether from your balance" in told
    assert "room 4" in told
    assert "pay 0.0009 ether" in run(host.withdraw, "from=2", "yes")


@pytest.mark.parametrize("changed", ["terms", "credit"])
def test_create__what_it_costs_changes_while_asked__computed_once_more(
    ready: None, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    key = tmp_path / "host.key"
    run(host.create, "from=2", "title=One", f"key={key}", "yes")
    fulfill(1, key)
    run(host.end, "from=2", "room=1", "yes")
    questions: list[str] = []

    def answer(question: str) -> str:
        questions.append(question)
        if len(questions) == 1 and changed == "terms":
            terms.set("from=0", "fee=0wei", "yes")
        elif len(questions) == 1:
            host.withdraw("from=2", "yes")
        return "yes"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", answer)
    told = run(host.create, "from=2", "title=Two", f"key={key}")
    assert "changed meanwhile" in told and "room 2" in told
    assert len(questions) == 2, "the person is asked once more"
    costs = {
        "terms": "0 ether from your wallet, 0.001 ether from your balance",
        "credit": "0.0011 ether from your wallet, 0 ether from your balance",
    }
    assert costs[changed] in told.partition("meanwhile")[2]


def test_end__pending__says_what_it_costs_and_until_when(
    ready: None, run: Run, chain: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(host.create, "from=2", "title=One", f"key={tmp_path / 'k'}", "yes")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: "no")
    with pytest.raises(Stop, match="nothing was sent"):
        run(host.end, "from=2", "room=1")
    told = run(host.end, "from=2", "room=1", "yes")
    assert "ending now costs the fee, 0.0001 ether, which goes to its operator; from 20" in told
    assert "you get all back" in told
    assert "pay 0.001 ether" in run(host.withdraw, "from=2", "yes")
    assert "pay 0.0001 ether" in run(host.withdraw, "from=6", "yes"), "the operator's payee has it"


def test_end__pending_past_its_deadline__expires_and_all_comes_back(
    ready: None, run: Run, chain: Anvil, tmp_path: Path
) -> None:
    for title in ("title=One", "title=Two"):
        run(host.create, "from=2", title, f"key={tmp_path / 'k'}", "yes")
    with pytest.raises(Stop, match="room 2 is open until 20"):
        run(host.expire, "from=5", "room=2", "yes")
    chain.advance(1801)
    told = run(host.end, "from=2", "room=1", "yes")
    assert "expire room 1, whose time is over" in told and "everything goes to its host" in told
    assert "mined" in run(host.expire, "from=5", "room=1,2", "yes")
    assert "nothing to do" in run(host.expire, "from=5", "room=1,2", "yes")
    assert "nothing to do" in run(host.end, "from=2", "room=1", "yes")
    assert "pay 0.0022 ether" in run(host.withdraw, "from=2", "yes")


# --- words that are wrong ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("title=One", "mode=video"), "webrtc or broadcast"),
        (("title=One", "operator=70000"), "operator=70000: is too large; at most 65535"),
        (("title=One", f"operator={2**256}"), "is too large"),
        (("title=One", "operator=-1"), "a whole number"),
        (("title=One", "operator="), "a whole number"),
        (("title=One", "operator=two"), "a whole number"),
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


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (host.update, ("from=2", "title=One")),
        (host.describe, ("from=2", "about=One")),
        (host.credentials, ()),
        (host.rekey, ("from=2",)),
        (host.transfer, ("from=2", "to=none")),
        (host.accept, ("from=2",)),
        (host.end, ("from=2",)),
        (host.expire, ("from=2",)),
        (host.show, ()),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_room__that_does_not_exist__said_by_each_script_that_takes_one(
    ready: None, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    function: Callable[..., None], words: tuple[str, ...],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for yes in ((), ("yes",)):
        with pytest.raises(Stop, match="no such room: 99"):
            run(function, "room=99", *words, *yes)
    with pytest.raises(Stop, match=r"room=.*is too large"):
        run(function, f"room={2**256}", *words)
    with pytest.raises(Stop, match=r"room=.*a whole number"):
        run(function, "room=-1", *words)
    assert list(tmp_path.glob("*.key")) == []


def test_main__asked__tells_what_there_is(ready: None, run: Run) -> None:
    assert "credentials  room=N" in run(host.main)
