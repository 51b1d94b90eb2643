"""`status` and `doctor`, as an operator reads them in a terminal."""

from __future__ import annotations

import base64
import itertools
import socket
from pathlib import Path

import httpx
import pymongo
import pytest

from chain import calldata
from chain.enums import Status
from chain.hexes import ZERO_ADDRESS
from common.playback_key import PlaybackKey, PlaybackKeys
from indexer.documents import CHECKPOINT
from localnet.waiting import wait_until
from tests.support.oracle.oracle_stack import OracleStack


def line(text: str, *words: str) -> str:
    """The line of a table that begins with these words."""
    found = [row for row in text.splitlines() if row.split()[: len(words)] == list(words)]
    assert len(found) == 1, f"{words} in:\n{text}"
    return found[0]


@pytest.mark.long
def test_status__rooms_wait__each_with_its_reason_then_none(world: OracleStack) -> None:
    world.standin.control.fault(
        "status", method="POST", path="live_inputs$", times=None, status=403, code=10000
    )
    oracle = world.start_oracle()
    room_id = world.rooms.create()
    wait_until(oracle.reasons, 20, "it says why it waits")
    told = world.command("status")
    assert told.returncode == 0
    row = line(told.output(), f"live_{room_id}")
    assert "provision" in row and "pending" in row and "permission Account > Stream" in row

    world.anvil.rpc("evm_setAutomine", False)
    world.standin.control.clear_faults()

    def on_the_way() -> bool:
        text = world.command("status").output()
        return "0 queued, 1 pending" in line(text, "transactions")

    # the node is asked first, since each command is a process and Cloudflare is left alone for long
    wait_until(lambda: world.anvil.rpc("txpool_content")["pending"], 60, "the fulfilment is sent")
    wait_until(on_the_way, 60, "status says so")
    world.anvil.rpc("evm_setAutomine", True)
    world.anvil.mine()
    world.wait_status(room_id, Status.ACTIVE)
    world.finalize()
    wait_until(
        lambda: "No rooms are waiting." in world.command("status").output(),
        40,
        "nothing waits",
    )
    # What was spent is remembered by the database, so another process knows the pace.
    text = world.command("status").output()
    assert "enough for" in line(text, "balance")
    assert f"process {oracle.pid} on {socket.gethostname()}" in line(text, "lease")


def test_doctor__everything_is_there__says_so(world: OracleStack) -> None:
    found = world.command("doctor")
    assert found.returncode == 0, found.output()
    assert "All checks passed." in found.output()
    checks = ("node", "contract", "operator", "balance", "clock", "database", "index", "Cloudflare")
    for check in checks:
        assert [row for row in found.output().splitlines() if row.split()[:2] == ["OK", check]]


def test_doctor__wrong_in_several_ways__each_with_its_fix(world: OracleStack) -> None:
    wrong = world.folder / "wrong"
    wrong.write_text("x" * 40)
    key = world.folder / "another.key"
    key.write_text("0x" + "17" * 32)
    found = world.command(
        "doctor",
        CLOUDFLARE_API_TOKEN_FILE=str(wrong),
        ORACLE_PRIVATE_KEY_FILE=str(key),
        MONGODB_DATABASE="nobody_writes_here",
    )
    assert found.returncode == 1
    rows = found.output().splitlines()
    failed = [row.split(maxsplit=2)[1] for row in rows if row.startswith("FAIL")]
    assert set(failed) == {"operator", "balance", "Cloudflare"}
    fixes = {
        row[6:].partition("  ")[0]: fix
        for row, fix in itertools.pairwise(rows)
        if row.startswith(("FAIL", "WARN"))
    }
    for name, how in (
        ("operator", "configure the key of that account"),
        ("balance", "send ether to"),
        ("index", "start the indexer"),
        ("Cloudflare token", "Account > Stream > Edit"),
    ):
        assert fixes[name].startswith("      Fix: ") and how in fixes[name]
    assert "x" * 40 not in found.output() and "17" * 32 not in found.output()


def _key_file(world: OracleStack) -> Path:
    """A signing key of the world's account, in a file."""
    standin = world.standin
    url = f"{standin.api_base}/accounts/{standin.account_id}/stream/keys"
    made = httpx.post(url, headers=standin.headers).json()["result"]
    pem = base64.b64decode(made["pem"]).decode()
    path = world.folder / "playback-key.json"
    PlaybackKeys(standin.account_id, PlaybackKey(made["id"], pem, 1)).save(path, replace=True)
    return path


def test_scenario_34__doctor__proves_that_a_gated_input_needs_a_token_and_takes_ours(
    world: OracleStack,
) -> None:
    path = _key_file(world)
    kid = PlaybackKeys.load(path).current.kid
    found = world.command("doctor", PLAYBACK_KEY_FILE=str(path))
    assert found.returncode == 0, found.output()
    assert kid in line(found.output(), "OK", "playback", "key")
    assert "not proven: no gated room" in line(found.output(), "OK", "gated", "playback")

    gate = world.rooms.address  # any contract: the oracle does not ask it
    room_id = world.rooms.create(gate=gate)
    world.start_oracle()
    world.wait_status(room_id, Status.ACTIVE)
    (live,) = world.standin.control.inputs()
    assert live["recording"]["requireSignedURLs"] is True
    found = world.command("doctor", PLAYBACK_KEY_FILE=str(path))
    assert found.returncode == 0, found.output()
    row = line(found.output(), "OK", "gated", "playback")
    assert "WHEP proven" in row and "HLS proven" in row

    _key_file(world)  # another one in its place, and the first is deleted
    fresh = PlaybackKeys.load(path)
    url = f"{world.standin.api_base}/accounts/{world.standin.account_id}/stream/keys"
    httpx.delete(f"{url}/{fresh.current.kid}", headers=world.standin.headers)
    found = world.command("doctor", PLAYBACK_KEY_FILE=str(path))
    assert found.returncode == 1
    assert "playback-key rotate" in found.output()
    row = line(found.output(), "FAIL", "gated", "playback")
    assert "a good token is refused (HTTP 401)" in row

    path.chmod(0o644)
    found = world.command("doctor", PLAYBACK_KEY_FILE=str(path))
    assert f"chmod 600 {path}" in line(found.output(), "FAIL", "playback", "key")


def test_contract_retired__its_rooms_are_served_and_everybody_is_told(world: OracleStack) -> None:
    room_id = world.rooms.create()
    owner = world.rooms.people.owner.address
    world.rooms.send(owner, calldata.retire(ZERO_ADDRESS))
    oracle = world.start_oracle()
    world.wait_status(room_id, Status.ACTIVE)
    told = "retired, accepts no new rooms; its owner names no successor"
    assert told in line(world.command("status").output(), "contract")
    found = world.command("doctor")
    assert found.returncode == 0 and told in line(found.output(), "OK", "contract")
    wait_until(
        lambda: any(told in reason for reason in oracle.reasons()), 20, "/readyz says so, too"
    )
    assert oracle.ready()


def test_index_of_another_format__nothing_is_done_and_the_command_is_told(
    world: OracleStack,
) -> None:
    assert world.index is not None
    room_id = world.rooms.create()
    wait_until(lambda: world.document(room_id), 20, "the index has the room")
    world.index.pause()
    with pymongo.MongoClient[dict[str, object]](world.mongo_uri) as client:
        points = client[world.index_database][CHECKPOINT]
        assert points.update_one({}, {"$set": {"format": 1}}).modified_count == 1
    oracle = world.start_oracle()
    reasons = wait_until(oracle.reasons, 20, "a reason")
    assert any("python -m indexer rebuild" in reason for reason in reasons)
    for command in ("status", "doctor"):
        assert "python -m indexer rebuild" in world.command(command).output()
    assert world.rooms.room(room_id).status is Status.PENDING and world.creates() == 0
    world.index.pause(False)
    world.anvil.mine()
    world.wait_status(room_id, Status.ACTIVE)
