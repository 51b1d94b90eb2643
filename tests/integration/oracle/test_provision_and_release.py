"""A room from its creation to its release, through the oracle, with real processes."""

from __future__ import annotations

from chain.enums import Mode, Status
from oracle.ingest import BroadcastIngest, WebRtcIngest
from tests.support.oracle_world import World


def test_room__created_and_ended__provisioned_and_released(world: World) -> None:
    world.start_oracle()
    room_id = world.rooms.create()
    view = world.wait_status(room_id, Status.ACTIVE)
    (live_input,) = world.inputs()
    assert live_input["uid"] == view.uid.hex()
    ingest = world.open_credentials(room_id)
    assert isinstance(ingest, WebRtcIngest)
    assert ingest.whip.reveal() == live_input["webRTC"]["url"]

    world.rooms.end(room_id)
    world.wait_released(room_id)
    assert world.inputs() == []


def test_room__broadcast__credentials_are_rtmps_and_srt(world: World) -> None:
    world.start_oracle()
    room_id = world.rooms.create(mode=Mode.BROADCAST)
    world.wait_status(room_id, Status.ACTIVE)
    (live_input,) = world.inputs()
    ingest = world.open_credentials(room_id)
    assert isinstance(ingest, BroadcastIngest)
    assert ingest.stream_key.reveal() == live_input["rtmps"]["streamKey"]
    assert ingest.passphrase.reveal() == live_input["srt"]["passphrase"]
    assert live_input["recording"]["mode"] == "automatic"
    assert live_input["deleteRecordingAfterDays"] == 45
