"""Scenarios 9, 12, 17 and 18: whatever Cloudflare answers, or somebody pretends it said."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from chain.enums import Status
from localnet.dev_accounts import cast
from localnet.waiting import wait_until
from tests.support.oracle.oracle_stack import OracleStack

CREATE: dict[str, Any] = {"method": "POST", "path": "live_inputs$"}


def test_scenario_09__answer_to_a_create_lost__exactly_one_live_input(world: OracleStack) -> None:
    world.standin.control.fault("lost-answer-after-effect", **CREATE)
    world.start_oracle()
    room_id = world.rooms.create()
    view = world.wait_status(room_id, Status.ACTIVE)
    assert [live["uid"] for live in world.inputs()] == [view.uid.hex()]
    assert world.creates() == 1


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("429", {"retry_after": 1}),
        ("status", {"status": 500, "code": 1000}),
        ("html", {}),
        ("truncated", {}),
        ("hang", {"seconds": 4}),
        ("connection-reset", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value.get("status", "")),
)
def test_scenario_12__two_bad_answers__said_then_served_once(
    world: OracleStack, kind: str, params: dict[str, Any]
) -> None:
    world.standin.control.fault(kind, times=2, **CREATE, **params)
    oracle = world.start_oracle()
    room_id = world.rooms.create()
    view = world.wait_status(room_id, Status.ACTIVE, 75)
    assert [live["uid"] for live in world.inputs()] == [view.uid.hex()]
    assert world.creates() == 1
    failed = [line for line in oracle.logged() if line["event"] == "cloudflare call failed"]
    assert len(failed) >= 2


@pytest.mark.long
def test_scenario_12__forbidden_once__held_then_tried_again_by_itself(world: OracleStack) -> None:
    world.standin.control.fault("status", status=403, code=10000, **CREATE)
    oracle = world.start_oracle()
    room_id = world.rooms.create()
    reasons = wait_until(oracle.reasons, 20, "a reason")
    assert any("permission" in line for line in reasons)
    world.wait_status(room_id, Status.ACTIVE, 60)
    assert world.creates() == 1


def test_scenario_12__wrong_token__provisioning_stops_and_says_why(world: OracleStack) -> None:
    wrong = world.folder / "wrong"
    wrong.write_text("x" * 40)
    oracle = world.start_oracle(CLOUDFLARE_API_TOKEN_FILE=str(wrong))
    room_id = world.rooms.create()
    ended = world.rooms.create(host=1)
    world.rooms.end(ended, host=1)
    reasons = wait_until(oracle.reasons, 20, "a reason")
    assert any(line.startswith("cloudflare: create: ") and "token" in line for line in reasons)
    assert oracle.get("/readyz").status_code == 503
    logged = [line for line in oracle.logged() if line.get("source") == "cloudflare"]
    assert logged and "token" in str(logged[0]["reason"]).lower()
    assert world.rooms.room(room_id).status is Status.PENDING
    assert oracle.returncode is None, "it goes on with everything else"


def test_scenario_12__wrong_token_mended_in_its_file__serves_without_a_restart(
    world: OracleStack,
) -> None:
    token = world.folder / "mended"
    token.write_text("x" * 40)
    oracle = world.start_oracle(CLOUDFLARE_API_TOKEN_FILE=str(token))
    room_id = world.rooms.create()
    reasons = wait_until(oracle.reasons, 20, "a reason")
    assert any("reloaded automatically" in line for line in reasons)
    token.write_text(world.standin.token)
    world.wait_status(room_id, Status.ACTIVE)
    wait_until(oracle.ready, 20, "nothing hinders it any more")
    assert world.standin.token not in oracle.output()


def test_playback_base__another_accounts__reported_never_published(world: OracleStack) -> None:
    account = cast().operator.address
    number = world.rooms.add_operator(account, "https://customer-elsewhere.cloudflarestream.com")
    oracle = world.start_oracle(ORACLE_OPERATOR_ID=str(number))
    room_id = world.rooms.create(operator=number)
    reasons = wait_until(oracle.reasons, 20, "a reason")
    assert any("does not start with the operator's playback base" in line for line in reasons)
    assert world.rooms.room(room_id).status is Status.PENDING
    world.rooms.end(room_id)

    def gone() -> bool:
        world.anvil.mine()
        return world.creates() == 1 and world.inputs() == []

    wait_until(gone, 30, "the input that nobody may use is deleted all the same")


def test_scenario_17__inputs_made_by_hand__reported_never_touched(world: OracleStack) -> None:
    url = f"{world.standin.api_base}/accounts/{world.standin.account_id}/stream/live_inputs"
    made = httpx.post(url, headers=world.standin.headers, json={"meta": {"name": "mine"}})
    uid = made.json()["result"]["uid"]
    world.start_oracle()
    room_id = world.rooms.create()
    world.wait_status(room_id, Status.ACTIVE)
    world.rooms.end(room_id)
    world.wait_released(room_id)
    found = world.command("sweep", "--dry-run")
    assert found.returncode == 0
    assert f"foreign  {uid}" in found.output()
    assert [live["uid"] for live in world.inputs()] == [uid]
    touching = [
        request for request in world.standin.control.requests()
        if uid in request["path"] and request["method"] != "GET"
    ]  # fmt: skip
    assert touching == []


def test_scenario_18__forged_webhook__nothing_follows(world: OracleStack) -> None:
    oracle = world.start_oracle()
    room_id = world.rooms.create()
    view = world.wait_status(room_id, Status.ACTIVE)
    before = len(world.standin.control.requests())
    forged = {
        "name": "Live Webhook Test",
        "data": {"input_id": view.uid.hex(), "event_type": "live_input.disconnected"},
        "ts": 1678800000,
    }
    for path in ("/", "/webhook", "/cloudflare", "/stream/webhook"):
        answer = httpx.post(
            f"http://127.0.0.1:{oracle.port}{path}",
            json=forged,
            headers={"cf-webhook-auth": "guessed"},
            trust_env=False,
        )
        assert answer.status_code in (404, 405, 501)
    world.anvil.mine(3)
    assert world.rooms.room(room_id).status is Status.ACTIVE
    calls = world.standin.control.requests()[before:]
    assert [c for c in calls if c["method"] != "GET"] == []
