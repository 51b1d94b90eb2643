"""What can be done to live inputs."""

from __future__ import annotations

import pytest

from localnet.stream.errors import ApiError
from localnet.stream.input_change import InputChange
from localnet.stream.live_inputs import IDEMPOTENCY_SECONDS
from tests.unit.stream.conftest import StandInParts


def _code(error: pytest.ExceptionInfo[ApiError]) -> tuple[int, int]:
    return error.value.status, int(error.value.errors[0]["code"])


def test_create__no_body__is_off_enabled_and_never_connected(world: StandInParts) -> None:
    result = world.create().render()
    assert result["enabled"] is True
    assert result["status"] is None
    assert result["recording"] == {
        "mode": "off",
        "timeoutSeconds": None,
        "requireSignedURLs": False,
        "allowedOrigins": None,
        "hideLiveViewerCount": False,
    }
    assert "meta" not in result
    assert "keysRotatedAt" not in result
    assert "preferLowLatency" not in result


def test_create__secrets__are_all_different_and_end_in_the_uid(world: StandInParts) -> None:
    live = world.create()
    secrets = list(live.credentials.secrets().values())
    assert len(set(secrets)) == len(secrets) == 5
    assert all(len(secret) == 65 and secret.endswith(f"k{live.uid}") for secret in secrets)


def test_repr__live_input__shows_no_secret(world: StandInParts) -> None:
    live = world.create()
    assert not any(secret in repr(live) for secret in live.credentials.secrets().values())


def test_create__same_key_again__is_the_same_input(world: StandInParts) -> None:
    first = world.create("key")
    assert world.create("key") == first
    assert len(world.inputs.list(world.account.id)) == 1


def test_create__same_key_after_a_change__returns_the_input_as_it_is_now(
    world: StandInParts,
) -> None:
    first = world.create("key")
    rotated = world.inputs.rotate_keys(world.account.id, first.uid)
    assert world.create("key") == rotated


def test_create__same_key_just_before_six_hours__is_the_same_input(world: StandInParts) -> None:
    first = world.create("key")
    world.clock.tick(IDEMPOTENCY_SECONDS - 1)
    assert world.create("key").uid == first.uid


def test_create__same_key_after_six_hours__is_a_new_input(world: StandInParts) -> None:
    first = world.create("key")
    world.clock.tick(IDEMPOTENCY_SECONDS)
    second = world.create("key")
    assert second.uid != first.uid
    assert world.create("key").uid == second.uid


def test_create__same_key_in_another_account__is_another_input(world: StandInParts) -> None:
    first = world.create("key")
    other = type(world.account)("b" * 32, True, None, (), ())
    assert world.inputs.create(other, InputChange(recording={}), "key").uid != first.uid


def test_create__key_of_a_deleted_input__conflicts_until_it_expires(world: StandInParts) -> None:
    first = world.create("key")
    world.inputs.delete(world.account.id, first.uid)
    with pytest.raises(ApiError) as error:
        world.create("key")
    assert error.value.status == 409
    world.clock.tick(IDEMPOTENCY_SECONDS)
    assert world.create("key").uid != first.uid


def test_create__same_key_other_body__replays_by_default(world: StandInParts) -> None:
    first = world.create("key", "one")
    assert world.create("key", "two") == first


def test_create__same_key_other_body_and_conflict_wanted__conflicts(world: StandInParts) -> None:
    world.quirks.update({"idempotency_other_body": "conflict"})
    first = world.create("key", "one")
    assert world.create("key", "one") == first
    with pytest.raises(ApiError) as error:
        world.create("key", "two")
    assert error.value.status == 409


def test_delete__twice__is_not_found(world: StandInParts) -> None:
    uid = world.create().uid
    world.inputs.delete(world.account.id, uid)
    with pytest.raises(ApiError) as error:
        world.inputs.delete(world.account.id, uid)
    assert _code(error) == (404, 10003)
    assert error.value.messages is None


def test_get__input_of_another_account__is_not_found(world: StandInParts) -> None:
    uid = world.create().uid
    with pytest.raises(ApiError) as error:
        world.inputs.get("b" * 32, uid)
    assert _code(error) == (404, 10003)


def test_rotate_keys__every_secret_changes__the_uid_stays(world: StandInParts) -> None:
    before = world.create()
    after = world.inputs.rotate_keys(world.account.id, before.uid)
    old, new = before.credentials.secrets(), after.credentials.secrets()
    assert all(old[kind] != new[kind] for kind in old)
    assert after.render()["keysRotatedAt"] == after.render()["modified"]
    assert after.credentials.srt_stream_id == before.credentials.srt_stream_id


@pytest.mark.parametrize("how", ["disable", "put", "rotate", "delete"])
def test_revoking__while_live__stops_the_publisher(world: StandInParts, how: str) -> None:
    stopped: list[str] = []
    world.inputs.on_revoked.append(stopped.append)
    account, uid = world.account.id, world.create().uid
    world.inputs.connected(uid, "webrtc")
    match how:
        case "disable":
            world.inputs.set_enabled(account, uid, False)
        case "put":
            world.inputs.update(account, uid, InputChange(recording={}, enabled=False))
        case "rotate":
            world.inputs.rotate_keys(account, uid)
        case _:
            world.inputs.delete(account, uid)
    assert stopped == [uid]
    live = world.inputs.find(uid)
    assert live is None or not live.is_live


@pytest.mark.parametrize(
    ("quirk", "protocol", "how", "stays"),
    [
        ({"disable_ends": "broadcast"}, "webrtc", "disable", True),
        ({"disable_ends": "broadcast"}, "rtmp", "disable", False),
        ({"disable_ends": "none"}, "rtmp", "disable", True),
        ({"disable_ends": "none"}, "webrtc", "rotate", False),
        ({"rotate_ends": "none"}, "webrtc", "rotate", True),
        ({"disable_ends": "none", "rotate_ends": "none"}, "webrtc", "delete", False),
    ],
)
def test_revoking__cloudflare_leaves_who_is_live__until_the_delete(
    world: StandInParts, quirk: dict[str, str], protocol: str, how: str, stays: bool
) -> None:
    world.quirks.update(quirk)
    account, uid = world.account.id, world.create().uid
    world.inputs.connected(uid, protocol)
    match how:
        case "disable":
            world.inputs.set_enabled(account, uid, False)
        case "rotate":
            world.inputs.rotate_keys(account, uid)
        case _:
            world.inputs.delete(account, uid)
    live = world.inputs.find(uid)
    assert (live is not None and live.is_live) is stays


def test_enable__disabled_input__comes_back(world: StandInParts) -> None:
    account, uid = world.account.id, world.create().uid
    assert world.inputs.set_enabled(account, uid, False).enabled is False
    assert world.inputs.set_enabled(account, uid, True).enabled is True


def test_status__publisher_comes_and_goes__keeps_a_history(world: StandInParts) -> None:
    uid = world.create().uid
    world.inputs.connected(uid, "rtmp")
    world.inputs.disconnected(uid)
    status = world.inputs.get(world.account.id, uid).status
    assert status is not None
    assert status["current"]["state"] == "disconnected"
    assert status["current"]["ingestProtocol"] == "rtmp"
    assert [entry["state"] for entry in status["history"]] == ["connected"]


def test_restart__inputs_and_keys__are_still_there(world: StandInParts) -> None:
    first = world.create("key")
    gone = world.create("gone")
    world.inputs.delete(world.account.id, gone.uid)
    again = world.reopened()
    assert again.inputs.get(world.account.id, first.uid) == first
    assert again.create("key") == first
    with pytest.raises(ApiError):
        again.create("gone")
    again.store.close()


def test_restart__a_running_broadcast__is_over(world: StandInParts) -> None:
    uid = world.create().uid
    world.inputs.connected(uid, "webrtc")
    again = world.reopened()
    assert not again.inputs.get(world.account.id, uid).is_live
    again.store.close()


def test_secrets__rotated_and_deleted__are_remembered_for_leak_tests(world: StandInParts) -> None:
    before = world.create()
    after = world.inputs.rotate_keys(world.account.id, before.uid)
    world.inputs.delete(world.account.id, before.uid)
    issued = {value for _, _, value in world.store.secrets()}
    assert issued == {*before.credentials.secrets().values(), *after.credentials.secrets().values()}
