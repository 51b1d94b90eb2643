"""Lists of rooms: filters, paging, search, and what each room says."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from chain import events as t
from chain.enums import Mode
from chain.hexes import ZERO_ADDRESS
from tests.support.indexer.contract_story import ALICE, BOB, CONTRACT, GATE, OPERATOR, ContractStory
from tests.unit.api.conftest import ApiWorld

ROOMS = "/api/livestream/rooms"
CAROL = "0x" + "ca" * 20


def names(world: ApiWorld, query: str = "") -> list[str]:
    answer = world.get(f"{ROOMS}{query}")
    assert answer.status_code == 200, answer.data
    return [room["room_id"] for room in answer.get_json()["rooms"]]


@pytest.fixture
def rooms(world: ApiWorld) -> ApiWorld:
    story = world.story
    story.live(ALICE, "Lớp học đàn")  # 1
    story.live(BOB, "Lớp nấu ăn", mode=Mode.BROADCAST)  # 2
    story.create(ALICE, "Điện ảnh")  # 3
    story.end(story.live(BOB, "Piano for all"))  # 4
    return world


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [4, 3, 2, 1]),
        ("?status=active", [2, 1]),
        ("?status=pending", [3]),
        ("?status=ended", [4]),
        (f"?host={ALICE}", [3, 1]),
        ("?host=0x" + BOB[2:].upper(), [4, 2]),
        ("?mode=broadcast", [2]),
        (f"?host={ALICE}&status=active&mode=webrtc", [1]),
        ("?q=lop", [2, 1]),
        ("?q=Lớp h", []),
        ("?q=lớp học", [1]),
        ("?q=dien", [3]),
        ("?q=pia&status=ended", [4]),
        ("?q=!!", []),
        ("?limit=2", [4, 3]),
    ],
)
def test_rooms__filter__newest_first(rooms: ApiWorld, query: str, expected: list[int]) -> None:
    assert names(rooms, query) == [f"live_{number}" for number in expected]


def test_rooms__for_some_only__in_no_list_or_search_that_does_not_ask_for_them(
    rooms: ApiWorld,
) -> None:
    rooms.story.live(ALICE, "Lớp kín", gate=CONTRACT)  # 5: by invitation
    rooms.story.live(BOB, "Lớp có vé", gate=GATE)  # 6: holders of a token
    assert names(rooms) == ["live_4", "live_3", "live_2", "live_1"]
    assert names(rooms, "?status=active") == ["live_2", "live_1"]
    assert names(rooms, "?q=lop") == ["live_2", "live_1"]
    assert names(rooms, "?access=invitation") == ["live_5"]
    assert names(rooms, "?access=gate&q=lop") == ["live_6"]
    assert names(rooms, "?access=any&status=active") == ["live_6", "live_5", "live_2", "live_1"]
    # a host's own list has all, and says of each who may watch
    assert names(rooms, f"?host={ALICE}") == ["live_5", "live_3", "live_1"]
    assert names(rooms, f"?host={ALICE}&access=public") == ["live_3", "live_1"]
    told = rooms.get(f"{ROOMS}?access=any").get_json()["rooms"]
    assert [room["access"] for room in told[:3]] == ["gate", "invitation", "public"]


def test_rooms__offered_to_somebody__those_not_over(rooms: ApiWorld) -> None:
    story = rooms.story
    for number in (1, 2, 3):
        story.offer(number, CAROL)
    assert names(rooms, f"?pending_host={CAROL}") == ["live_3", "live_2", "live_1"]
    assert names(rooms, f"?pending_host={CAROL.upper().replace('X', 'x')}&limit=1") == ["live_3"]
    assert names(rooms, f"?pending_host={CAROL}&status=active&host={BOB}") == ["live_2"]
    assert names(rooms, f"?pending_host={CAROL}&q=lop") == ["live_2", "live_1"]
    assert names(rooms, f"?pending_host={BOB}") == []
    story.end(1)
    story.offer(2, ZERO_ADDRESS)
    assert names(rooms, f"?pending_host={CAROL}") == ["live_3"]
    assert names(rooms, f"?pending_host={CAROL}&status=ended&q=lop") == []


@pytest.mark.parametrize(
    "query",
    ["?pending_host=0x12", "?status=open", "?status=ACTIVE", "?mode=0", "?host=alice", "?host=0x12",
     "?limit=0",
     "?limit=101", "?limit=x", "?limit=%2B1", "?limit=1.0", "?cursor=x", "?cursor=", "?q=",
     "?stauts=active", "?status=active&status=ended", "?cursor=" + "*" * 11, "?q=" + "x" * 97],
)  # fmt: skip
def test_rooms__malformed_parameter__400_naming_it(rooms: ApiWorld, query: str) -> None:
    answer = rooms.get(f"{ROOMS}{query}")
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["parameter"] == query[1:].partition("=")[0]


def test_rooms__paging_while_rooms_are_added__none_skipped_none_repeated(world: ApiWorld) -> None:
    for _ in range(25):
        world.story.live()
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = world.get(f"{ROOMS}?limit=4{more}").get_json()
        seen += [room["room_id"] for room in page["rooms"]]
        cursor = page["next_cursor"]
        world.story.create()
    assert seen == [f"live_{number}" for number in range(25, 0, -1)]


def test_rooms__any_cursor_of_the_right_shape__is_a_place(rooms: ApiWorld) -> None:
    for cursor in ("AAAAAAAAAAA", "___________", "zzzzzzzzzzz"):
        assert rooms.get(f"{ROOMS}?cursor={cursor}").status_code == 200


def test_rooms__finality__of_each_and_the_least_of_all(rooms: ApiWorld) -> None:
    rooms.story.finalized = rooms.story.room(3)["updated"]["block"]
    body = rooms.get(ROOMS).get_json()
    assert [room["finality"] for room in body["rooms"]] == [
        "latest", "finalized", "finalized", "finalized",
    ]  # fmt: skip
    assert body["finality"] == "latest"


def test_rooms__crowd_on_the_front_page__one_question_to_the_index(rooms: ApiWorld) -> None:
    for _ in range(10):
        rooms.get(ROOMS)
    assert rooms.source.asked["rooms"] == 1
    rooms.story.create()
    assert len(names(rooms)) == 5


def test_room__past_its_time__expirable(make_world: Callable[..., ApiWorld]) -> None:
    story = ContractStory(at=int(time.time()) - 2 * 86400)
    world = make_world(story)
    number = story.live()
    assert world.get(f"{ROOMS}/live_{number}").get_json()["expirable"] is True


def test_room__operator_revoked__expirable(world: ApiWorld) -> None:
    number = world.story.live()
    path = f"{ROOMS}/live_{number}"
    first = world.get(path)
    assert first.get_json()["expirable"] is False
    world.story.emit(t.OperatorAccountChanged, OPERATOR, operator_id=1, account=ZERO_ADDRESS)
    second = world.get(path, If_None_Match=first.headers["ETag"])
    assert second.get_json()["expirable"] is True


def test_room__gated__shows_no_playback(world: ApiWorld) -> None:
    body = world.get(f"{ROOMS}/live_{world.story.live(gate=GATE)}").get_json()
    assert body["gate"]
    assert body["playback"] is None


def test_events__pages__whole_history_in_order(world: ApiWorld) -> None:
    number = world.story.live()
    for index in range(9):
        world.story.rename(number, f"Tên {index}")
        world.story.live()
    events: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = world.get(f"{ROOMS}/live_{number}/events?limit=3{more}").get_json()
        assert page["total"] == 11
        events += page["events"]
        cursor = page["next_cursor"]
    assert [event["seq"] for event in events] == world.story.room(number)["seqs"]
    assert [event["name"] for event in events[:2]] == ["RoomCreated", "RoomProvisioned"]
    assert events[0]["args"]["gate"] is None


def test_ingest__sealed_to_the_current_key__ciphertext(world: ApiWorld) -> None:
    number = world.story.live()
    body = world.get(f"{ROOMS}/live_{number}/ingest").get_json()
    room = world.story.room(number)
    assert body["sealed"]["data"] == room["sealed"]["data"]
    assert body["sealed"]["tag"] == room["tag"]
    world.story.rekey(number)
    assert world.get(f"{ROOMS}/live_{number}/ingest").status_code == 409
    world.story.provision(number)
    body = world.get(f"{ROOMS}/live_{number}/ingest").get_json()
    assert body["sealed"]["key_version"] == 2


def test_status__several_contracts__each_told_newest_last(
    make_world: Callable[..., ApiWorld],
) -> None:
    old = ContractStory("0x" + "c1" * 20)
    old.live()
    old.live()
    new = ContractStory(CONTRACT, first_room=3)
    new.live()
    world = make_world(old, new)
    body = world.get("/api/livestream/status").get_json()
    assert [c["contract"].lower() for c in body["contracts"]] == [old.contract, new.contract]
    assert body["contract"].lower() == new.contract
    assert names(world) == ["live_3", "live_2", "live_1"]
    answer = world.get("/api/livestream/join?room_id=live_1").get_json()
    assert answer["index"]["contract"].lower() == old.contract


def test_rooms__of_a_contract_that_is_not_served__unknown(
    make_world: Callable[..., ApiWorld],
) -> None:
    old, new = ContractStory("0x" + "c1" * 20), ContractStory(CONTRACT, first_room=2)
    new.live()
    new.live()
    world = make_world(new)
    old.live()
    world.source.tell(old)
    assert world.get("/api/livestream/join?room_id=live_1").status_code == 404
    assert world.get(f"{ROOMS}/live_1").status_code == 404
    assert names(world) == ["live_3", "live_2"]


def test_status__terms_and_operators__as_hosts_need_them(world: ApiWorld) -> None:
    body = world.get("/api/livestream/status").get_json()
    assert body["terms"]["deposit"] == str(10**16)
    assert body["operators"][0]["accepting"] is True
    world.story.emit(t.OperatorAcceptingChanged, OPERATOR, operator_id=1, accepting=False)
    body = world.get("/api/livestream/status").get_json()
    assert body["operators"][0]["accepting"] is False


def recorded(number: int, **more: Any) -> dict[str, Any]:
    return {
        "_id": "f" * 32, "contract": CONTRACT, "room_id": number, "input_uid": "a" * 32,
        "mode": "broadcast", "state": "ready", "created": 1_700_000_000, "duration_seconds": 61.5,
        "size_bytes": None, "delete_at": None, "hls": "https://x.example/v.m3u8",
        "thumbnail": None, "signed": False, "noted_at": 1, **more,
    }  # fmt: skip


def test_recordings__noted_by_the_oracle__newest_first_without_deleted_ones(
    world: ApiWorld,
) -> None:
    number = world.story.live(mode=Mode.BROADCAST)
    world.source.recorded = [
        recorded(number),
        recorded(number, _id="e" * 32, created=1_700_000_500, signed=True),
        recorded(number, _id="d" * 32, delete_at=1_700_000_000),
        recorded(number + 1, _id="c" * 32),
    ]
    body = world.get(f"{ROOMS}/live_{number}/recordings").get_json()
    assert [found["uid"][0] for found in body["recordings"]] == ["e", "f"]
    assert [found["hls_url"] for found in body["recordings"]] == [None, "https://x.example/v.m3u8"]


def test_recordings__room_taken_down__none(world: ApiWorld) -> None:
    number = world.story.live(mode=Mode.BROADCAST)
    world.story.take_down(number)
    world.source.recorded = [recorded(number)]
    assert world.get(f"{ROOMS}/live_{number}/recordings").get_json()["recordings"] == []


SHORT = "public, max-age=0, s-maxage=1, stale-if-error=30"
LONG = "public, max-age=30, s-maxage=60"


@pytest.mark.parametrize(
    ("life", "final", "expected"),
    [
        ("pending", True, SHORT),
        ("active", True, SHORT),
        ("ended", True, SHORT),
        ("released", False, SHORT),
        ("released", True, LONG),
        ("declined", False, SHORT),
        ("declined", True, LONG),
    ],
)
def test_room__nothing_can_happen_to_it_any_more__kept_for_a_minute(
    world: ApiWorld, life: str, final: bool, expected: str
) -> None:
    story = world.story
    number = story.create() if life in ("pending", "declined") else story.live()
    if life in ("ended", "released", "declined"):
        story.end(number)
    if life == "released":
        story.release(number)
    if final:
        story.finalized = story.block
    answer = world.get(f"{ROOMS}/live_{number}")
    assert answer.headers["Cache-Control"].startswith(expected)


def test_room__settled__answered_from_memory_while_others_change(world: ApiWorld) -> None:
    story = world.story
    number = story.live()
    story.end(number)
    story.release(number)
    for _ in range(5):
        story.live()
        story.finalized = story.block
        assert world.get(f"{ROOMS}/live_{number}").get_json()["status"] == "ended"
    assert world.source.asked["room"] == 1
