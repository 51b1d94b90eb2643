"""Scenarios 11, 13, 14 and 16, and the turns of a room's life."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pymongo
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from chain import calldata
from chain.enums import EndReason, Mode, Status
from chain.events import RoomEnded
from chain.hexes import ZERO_ADDRESS, hex_data, to_bytes
from chain.operator_choice import ranked
from chain.units import ETHER
from chain.views import decode_view, view_call
from common import live_status
from localnet.dev_accounts import cast
from localnet.mongo import MongoServer
from localnet.rooms_on_anvil import TERMS
from localnet.waiting import wait_until
from oracle.ingest import WebRtcIngest
from oracle.plan import UNUSABLE_SECONDS
from tests.support.oracle.oracle_stack import OracleStack


def metric(text: str, name: str) -> float:
    """A metric's value in the text of /metrics; 0 if it is not there."""
    found = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(found[0].split()[-1]) if found else 0.0


def credit(world: OracleStack, account: str) -> int:
    data = "0x" + view_call("account", account).hex()
    answer = world.anvil.rpc("eth_call", {"to": world.rooms.address, "data": data}, "latest")
    return int(answer[2:66], 16)


def test_scenario_11__created_and_ended_in_one_block__no_input_deposit_back_fee_forfeited(
    world: OracleStack,
) -> None:
    oracle = world.start_oracle()
    world.anvil.rpc("evm_setAutomine", False)
    key = b"\x42" * 32
    data = calldata.create_room(1, 1, Mode.WEBRTC, ZERO_ADDRESS, key, b"short")
    world.rooms.send_only(world.rooms.hosts[0], data, world.rooms.price)
    world.rooms.send_only(world.rooms.hosts[0], calldata.end_room(1))
    world.anvil.mine()
    world.anvil.rpc("evm_setAutomine", True)
    assert world.rooms.room(1).status is Status.ENDED
    other = world.rooms.create(host=1)
    world.wait_status(other, Status.ACTIVE)
    assert len(world.inputs()) == 1
    assert credit(world, world.rooms.hosts[0]) == TERMS.deposit
    assert credit(world, cast().owner.address) == 2 * TERMS.fee, "the payee has both rooms' fees"
    world.finalize()

    def earned() -> bool:
        text, name = oracle.get("/metrics").text, "oracle_income_ether_total"
        sources = [metric(text, f'{name}{{source="{s}"}}') for s in ("forfeited", "provisioned")]
        return sources == [TERMS.fee / ETHER] * 2

    wait_until(earned, 20, "the operator's income is told by its source")
    world.rooms.send(world.rooms.hosts[0], calldata.withdraw_to(world.rooms.hosts[0]))
    assert credit(world, world.rooms.hosts[0]) == 0


def test_scenario_11__ended_while_being_provisioned__no_input_remains(world: OracleStack) -> None:
    world.standin.control.fault("delay", method="POST", path="live_inputs$", seconds=1.5)
    world.start_oracle()
    room_id = world.rooms.create()
    wait_until(
        lambda: any(r["method"] == "POST" for r in world.standin.control.requests()),
        10,
        "the create is on its way",
    )
    world.rooms.end(room_id)

    def gone() -> bool:
        world.anvil.mine()
        return world.creates() == 1 and world.inputs() == []

    wait_until(gone, 30, "the input is made and deleted")
    assert world.rooms.room(room_id).end_reason is EndReason.HOST
    assert not any(world.rooms.room(room_id).uid)


def test_scenario_13__two_oracles_one_lease__one_acts_takeover_in_time(world: OracleStack) -> None:
    first = world.start_oracle()
    second = world.start_oracle()
    standby = wait_until(second.reasons, 10, "the second says why it waits")
    assert any(line.startswith("lease: held by") for line in standby)
    rooms = [world.rooms.create(host=n) for n in range(3)]
    for room_id in rooms:
        world.wait_status(room_id, Status.ACTIVE)
    assert not any(line["event"] == "step" for line in second.logged())

    first.send_signal(signal.SIGKILL)
    late = world.rooms.create()
    world.wait_status(late, Status.ACTIVE, 15)
    assert len(world.inputs()) == 4
    assert world.creates() == 4


def test_scenario_14__database_restarted_and_dropped__resumes(
    world: OracleStack, mongo_factory: Callable[..., MongoServer], tmp_path: Path
) -> None:
    storage = tmp_path / "oracle-db"
    own = mongo_factory(storage=storage, sync=True)
    port = own.port
    world.follow(own.uri)
    oracle = world.start_oracle()
    first = world.rooms.create()
    world.wait_status(first, Status.ACTIVE)
    own.kill()
    second = world.rooms.create(host=1)
    wait_until(lambda: oracle.get("/readyz").status_code == 503, 30, "it says the database is away")
    own = mongo_factory(storage=storage, sync=True, port=port)
    world.wait_status(second, Status.ACTIVE, 40)
    with pymongo.MongoClient[dict[str, object]](own.uri) as client:
        client.drop_database(world.oracle_database)
    world.rooms.end(first)
    third = world.rooms.create(host=2)
    world.wait_status(third, Status.ACTIVE, 40)
    world.wait_released(first, 40)
    assert {live["uid"] for live in world.inputs()} == {
        world.rooms.room(second).uid.hex(), world.rooms.room(third).uid.hex(),
    }  # fmt: skip
    assert world.creates() == 3


def test_scenario_16__endless_rooms_of_one_wallet__others_are_served(world: OracleStack) -> None:
    world.standin.control.set_rate_limit(30, 10.0)
    flood = [world.rooms.create() for _ in range(60)]
    oracle = world.start_oracle(CLOUDFLARE_REQUESTS="30", CLOUDFLARE_WINDOW_SECONDS="10")
    guest = world.rooms.create(host=1)
    world.wait_status(guest, Status.ACTIVE, 15)
    served = sum(1 for n in flood if world.rooms.room(n).status is Status.ACTIVE)
    assert served < len(flood), "the guest did not wait for the whole flood"
    shown = 'oracle_rooms_waiting{work="provision"}'
    waiting = wait_until(
        lambda: metric(oracle.get("/metrics").text, shown), 15, "the queue is shown"
    )
    assert waiting > 0
    refused = [r for r in world.standin.control.requests() if r["status"] == 429]
    assert refused == []


@pytest.mark.parametrize(
    "chain_options",
    [("--timestamp", str(int(time.time()) - 2 * UNUSABLE_SECONDS))],
    ids=["created a while ago"],
)
def test_unusable_first_keys__no_input_and_all_declined_in_one_transaction(
    world: OracleStack,
) -> None:
    bad = [world.rooms.create(host=n, key=b"\x01" + bytes(31)) for n in range(3)]
    good = world.rooms.create(host=3)
    world.start_oracle()
    for room_id in bad:
        view = world.wait_status(room_id, Status.ENDED)
        assert view.end_reason is EndReason.DECLINED
    world.wait_status(good, Status.ACTIVE)
    ended = [event for event in world.rooms.events() if isinstance(event, RoomEnded)]
    assert len({event.meta.tx_hash for event in ended}) == 1
    assert {event.amount for event in ended} == {world.rooms.price}
    assert world.creates() == 1


def test_rekey__fresh_credentials_sealed_to_the_new_key(world: OracleStack) -> None:
    world.start_oracle()
    room_id = world.rooms.create()
    world.wait_status(room_id, Status.ACTIVE)
    before = world.open_credentials(room_id)
    world.rooms.rekey(room_id)

    def resealed() -> bool:
        world.anvil.mine()
        doc = world.document(room_id)
        return doc is not None and doc["work"] is None and doc["key_version"] == 2

    wait_until(resealed, 30, "the new key's credentials are published")
    after = world.open_credentials(room_id)
    (live,) = world.inputs()
    assert isinstance(after, WebRtcIngest) and isinstance(before, WebRtcIngest)
    assert after.whip.reveal() == live["webRTC"]["url"] != before.whip.reveal()


def test_transfer__the_new_host_alone_can_open(world: OracleStack) -> None:
    world.start_oracle()
    room_id = world.rooms.create()
    world.wait_status(room_id, Status.ACTIVE)
    world.rooms.send(world.rooms.hosts[0], calldata.transfer_room(room_id, world.rooms.hosts[1]))
    private = X25519PrivateKey.generate()
    public, tag = private.public_key().public_bytes_raw(), world.rooms.room(room_id).tag
    accept = calldata.accept_room(room_id, tag, public)
    world.rooms.send(world.rooms.hosts[1], accept)
    world.rooms.keys[room_id] = private

    def resealed() -> bool:
        world.anvil.mine()
        doc = world.document(room_id)
        return doc is not None and doc["work"] is None and doc["key_version"] == 2

    wait_until(resealed, 30, "the new host's credentials are published")
    ingest = world.open_credentials(room_id)
    assert isinstance(ingest, WebRtcIngest)
    assert ingest.whip.reveal() == world.inputs()[0]["webRTC"]["url"]


def test_take_down__disabled_and_rotated_at_once_deleted_when_final(world: OracleStack) -> None:
    world.start_oracle(FINALITY="depth:20")
    room_id = world.rooms.create()
    world.wait_status(room_id, Status.ACTIVE)
    before = world.open_credentials(room_id)
    assert isinstance(before, WebRtcIngest)
    world.standin.control.set_quirks(disable_ends="broadcast")
    world.standin.control.mark_live(world.inputs()[0]["uid"], "webrtc")
    world.rooms.take_down(room_id)

    def cut_off() -> bool:
        (live,) = world.inputs()
        state = live["status"]["current"]["state"]
        revoked = live["webRTC"]["url"] != before.whip.reveal()
        return live["enabled"] is False and revoked and state == "disconnected"

    wait_until(cut_off, 10, "the broadcast is cut, and its credentials are void")
    world.wait_released(room_id, 30)
    assert world.inputs() == []


def test_end_reorged_away__enabled_and_credentials_sealed_anew(world: OracleStack) -> None:
    world.start_oracle(FINALITY="depth:30")
    room_id = world.rooms.create()
    world.wait_status(room_id, Status.ACTIVE)
    world.anvil.mine(2)
    snapshot = world.anvil.snapshot()
    before = world.inputs()[0]["webRTC"]["url"]
    world.rooms.end(room_id)
    wait_until(lambda: world.inputs()[0]["webRTC"]["url"] != before, 10, "its keys are rotated")
    assert world.inputs()[0]["enabled"] is False
    world.anvil.revert(snapshot)
    world.anvil.mine(3)
    wait_until(lambda: world.inputs()[0]["enabled"] is True, 15, "enabled again")
    assert world.rooms.room(room_id).status is Status.ACTIVE

    def opens() -> bool:
        ingest = world.open_credentials(room_id)
        assert isinstance(ingest, WebRtcIngest)
        now: str = world.inputs()[0]["webRTC"]["url"]
        return bool(ingest.whip.reveal() == now != before)

    wait_until(opens, 15, "what is published opens the input again")


def test_past_its_deadline__expired_and_nothing_left(world: OracleStack) -> None:
    room_id = world.rooms.create()
    world.anvil.mine(1, timestamp=world.rooms.room(room_id).created_at + 4000)
    world.start_oracle()
    view = world.wait_status(room_id, Status.ENDED)
    assert view.end_reason is EndReason.UNFULFILLED
    assert world.inputs() == []


@pytest.mark.parametrize(("days", "kept"), [("45", True), ("0", False)])
def test_recordings__by_policy__kept_and_listed_or_deleted(
    world: OracleStack, days: str, kept: bool
) -> None:
    world.start_oracle(RECORDING_RETENTION_DAYS=days)
    room_id = world.rooms.create(mode=Mode.BROADCAST)
    view = world.wait_status(room_id, Status.ACTIVE)
    video = world.standin.control.add_recording(view.uid.hex(), 90.0)
    world.rooms.end(room_id)
    world.wait_released(room_id)
    with pymongo.MongoClient[dict[str, object]](world.mongo_uri) as client:
        listed = list(client[world.oracle_database]["oracle_recordings"].find())
    if kept:
        assert [(doc["_id"], doc["room_id"]) for doc in listed] == [(video, room_id)]
    else:
        assert listed == []
    assert (video in world.videos()) is kept


def test_two_operators__each_serves_only_its_rooms(world: OracleStack) -> None:
    other = world.second_operator(cast().payee)
    world.start_oracle()
    world.start_oracle(**other)
    mine, theirs = world.rooms.create(), world.rooms.create(host=1, operator=2)
    first = world.wait_status(mine, Status.ACTIVE)
    second = world.wait_status(theirs, Status.ACTIVE)
    by_uid = {live["uid"]: live["account"] for live in world.inputs()}
    assert by_uid[first.uid.hex()] == world.standin.account_id
    assert by_uid[second.uid.hex()] == other["CLOUDFLARE_ACCOUNT_ID"]


def test_live_status__rooms_on_and_off_air__noted_until_they_are_over(world: OracleStack) -> None:
    """By the live input's `status`, for the presence service; of WEBRTC rooms alone."""
    world.start_oracle()
    room_id, other = world.rooms.create(), world.rooms.create(mode=Mode.BROADCAST)
    view = world.wait_status(room_id, Status.ACTIVE)
    world.wait_status(other, Status.ACTIVE)
    with pymongo.MongoClient[dict[str, object]](world.mongo_uri) as client:
        notes = client[world.oracle_database][live_status.COLLECTION]

        def told() -> dict[object, object]:
            return {note["_id"]: note["live"] for note in notes.find()}

        wait_until(lambda: told() == {room_id: False}, 40, "it is not on air")
        world.standin.control.mark_live(view.uid.hex())
        wait_until(lambda: told() == {room_id: True}, 40, "it is on air")
        world.standin.control.mark_disconnected(view.uid.hex())
        wait_until(lambda: told() == {room_id: False}, 40, "it is off air again")
        world.rooms.end(room_id)
        wait_until(lambda: told() == {}, 40, "it is over")


def _accepts(world: OracleStack, number: int) -> bool:
    """What the contract says of an operator's own switch."""
    data = hex_data(view_call("operator", number))
    answer = world.anvil.rpc("eth_call", {"to": world.rooms.address, "data": data}, "latest")
    ((_, _, accepting, *_),) = decode_view("operator", to_bytes(answer))
    return bool(accepting)


@pytest.mark.long
def test_two_operators__shares_by_the_rule__the_full_one_closes_and_opens_again(
    world: OracleStack,
) -> None:
    """The first may ask Cloudflare so little that its rooms are most of a deadline's work. Another
    process opens it again, once the work is done and ten minutes have passed."""
    world.second_operator(cast().payee)
    world.finalize()

    def create(host: int) -> int:
        """By the rule; the operator that got it."""
        taking = [number for number in (1, 2) if _accepts(world, number)]
        operator = ranked(world.rooms.hosts[host], taking)[0]
        world.rooms.create(host=host, operator=operator)
        return operator

    hosts = range(len(world.rooms.hosts))
    before = {host: create(host) for host in hosts}
    mine = [host for host in hosts if before[host] == 1]
    assert set(before.values()) == {1, 2}
    while world.rooms.room_count() < len(hosts) + 6:
        create(mine[0])
    slow = world.start_oracle(CLOUDFLARE_REQUESTS="2", CLOUDFLARE_WINDOW_SECONDS="600")
    wait_until(lambda: not _accepts(world, 1), 40, "the first operator closes itself")
    words = "closed itself to new rooms"
    wait_until(lambda: any(words in line for line in slow.reasons()), 30, "it says so")
    after = {host: create(host) for host in hosts}
    assert after == dict.fromkeys(hosts, 2), "its hosts go to the other, whose own stay"
    slow.close()
    assert "closed itself, and opens again" in world.command("status").output()
    with pymongo.MongoClient[dict[str, object]](world.mongo_uri) as client:
        switch = client[world.oracle_database]["oracle_self_closing"]
        switch.update_one({}, {"$inc": {"asked_at": -600.0}})
    world.start_oracle()
    wait_until(lambda: _accepts(world, 1), 60, "the first operator opens again")
    assert {host: create(host) for host in hosts} == before, (
        "its hosts come back, nobody else moves"
    )


def test_account_rotated__work_under_way__the_new_key_goes_on(world: OracleStack) -> None:
    oracle = world.start_oracle()
    first = world.rooms.create()
    world.wait_status(first, Status.ACTIVE)
    world.anvil.rpc("evm_setAutomine", False)
    world.rooms.create_only(host=1)
    world.anvil.mine()
    second = first + 1
    sent = {"event": "transaction", "event_": "broadcast", "kind": "fulfill", "rooms": [second]}
    wait_until(lambda: any(sent.items() <= line.items() for line in oracle.logged()), 20, "sent")
    oracle.send_signal(signal.SIGKILL)
    # The old account's fulfilment is never mined: it names an account that is none any more.
    world.anvil.rpc("anvil_dropAllTransactions")
    world.anvil.rpc("evm_setAutomine", True)
    new = cast().payee
    data = calldata.set_operator_account(1, new.address)
    world.rooms.send(cast().owner.address, data)
    world.rooms.end(first)
    key = world.folder / "new.key"
    key.write_text("0x" + bytes(new.key).hex())
    world.start_oracle(ORACLE_PRIVATE_KEY_FILE=str(key))
    view = world.wait_status(second, Status.ACTIVE, 40)
    world.wait_released(first, 40)
    assert [live["uid"] for live in world.inputs()] == [view.uid.hex()]
    assert world.creates() == 2
