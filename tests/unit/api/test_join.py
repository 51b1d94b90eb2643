"""GET /api/livestream/join."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chain.enums import EndReason, Mode
from chain.hexes import checksum
from tests.support.indexer.contract_story import ALICE, BASE, GATE
from tests.unit.api.conftest import ApiWorld


def join(world: ApiWorld, number: int) -> tuple[int, dict[str, object]]:
    answer = world.get(f"/api/livestream/join?room_id=live_{number}")
    return answer.status_code, answer.get_json()


def test_join__active_webrtc_room__whep_url(world: ApiWorld) -> None:
    number = world.story.live(title="Lớp học đàn")
    status, body = join(world, number)
    uid = world.story.room(number)["uid"]
    assert status == 200
    assert body["whep_url"] == f"{BASE}/{uid}/webRTC/play"
    assert body["hls_url"] is None
    assert body["lifecycle_url"] == f"{BASE}/{uid}/lifecycle"
    assert (body["title"], body["host"]) == ("Lớp học đàn", checksum(ALICE))


def test_join__active_broadcast_room__hls_url(world: ApiWorld) -> None:
    number = world.story.live(mode=Mode.BROADCAST)
    _, body = join(world, number)
    uid = world.story.room(number)["uid"]
    assert body["hls_url"] == f"{BASE}/{uid}/manifest/video.m3u8"
    assert body["whep_url"] is None


def test_join__unknown_room__404(world: ApiWorld) -> None:
    status, body = join(world, 99)
    assert status == 404
    assert body["type"] == "/docs#room-unknown"


@pytest.mark.parametrize(
    "query",
    ["", "?room_id=", "?room_id=7", "?room_id=live_0", "?room_id=live_07", "?room_id=live_7%0A",
     "?room_id=LIVE_7", "?room_id=live_-1", "?room_id=live_٧", "?room_id=live_1&room_id=live_2",
     "?room=live_1", "?room_id=live_1&x=1", "?room_id=live_" + "9" * 19],
)  # fmt: skip
def test_join__malformed_room_id__400_naming_it(world: ApiWorld, query: str) -> None:
    answer = world.get(f"/api/livestream/join{query}")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["errors"][0]["parameter"]


def test_join__pending_room__409_with_retry_after(world: ApiWorld) -> None:
    number = world.story.create()
    answer = world.get(f"/api/livestream/join?room_id=live_{number}")
    body = answer.get_json()
    assert answer.status_code == 409
    assert int(answer.headers["Retry-After"]) >= 1
    assert body["room_status"] == "pending"
    assert body["stream"] == f"/api/livestream/stream?room_id=live_{number}"


@pytest.mark.parametrize("live", [True, False])
def test_join__gated_room__403_once_active(world: ApiWorld, live: bool) -> None:
    number = world.story.live(gate=GATE) if live else world.story.create(gate=GATE)
    status, body = join(world, number)
    assert status == (403 if live else 409)
    if live:
        assert body["gate"] == checksum(GATE)
        assert "whep_url" not in body


@pytest.mark.parametrize(
    ("reason", "detail", "text"),
    [
        (EndReason.HOST, 0, None),
        (EndReason.EXPIRED, 0, None),
        (EndReason.TAKEN_DOWN, 2, "rights"),
        (EndReason.DECLINED, 1, "unusable ingest key"),
        (EndReason.TAKEN_DOWN, 999, "code 999"),
    ],
)
def test_join__ended_room__410_with_the_reason(
    world: ApiWorld, reason: EndReason, detail: int, text: str | None
) -> None:
    number = world.story.live()
    world.story.end(number, reason, detail)
    status, body = join(world, number)
    assert status == 410
    end = body["end"]
    assert isinstance(end, dict)
    assert (end["reason"], end["detail_text"]) == (reason.word, text)


def test_join__index_down__503_then_back(world: ApiWorld) -> None:
    number = world.story.live()
    world.source.down = True
    answer = world.get(f"/api/livestream/join?room_id=live_{number}")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    world.source.down = False
    assert join(world, number)[0] == 200


def test_join__asked_again_unchanged__304(world: ApiWorld) -> None:
    number = world.story.live()
    path = f"/api/livestream/join?room_id=live_{number}"
    first = world.get(path)
    again = world.get(path, If_None_Match=first.headers["ETag"])
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["Index-Position"]
    world.story.rename(number, "Khác")
    assert world.get(path, If_None_Match=first.headers["ETag"]).status_code == 200


def test_join__new_blocks_without_events__same_etag_new_position(world: ApiWorld) -> None:
    number = world.story.live()
    path = f"/api/livestream/join?room_id=live_{number}"
    first = world.get(path)
    world.story.confirmed_by = 1
    second = world.get(path)
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.get_json()["index"]["block"] == first.get_json()["index"]["block"] + 1


def test_join__finality__computed_when_read(world: ApiWorld) -> None:
    number = world.story.live()
    assert join(world, number)[1]["finality"] == "latest"
    world.story.confirmed_by = 2
    assert join(world, number)[1]["finality"] == "confirmed"
    world.story.finalized = world.story.block
    assert join(world, number)[1]["finality"] == "finalized"


def test_join__hot_room__answered_from_the_cache(make_world: Callable[..., ApiWorld]) -> None:
    world = make_world()
    number = world.story.live()
    for _ in range(20):
        assert join(world, number)[0] == 200
    assert world.source.asked["room"] == 1
    assert world.source.asked["checkpoints"] == 20
