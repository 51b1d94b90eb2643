"""Who is on air in answers: join, room, lists, the list of what is on air, a host's channel."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from api.channel import LATE_SECONDS, MOST_UPCOMING
from chain.enums import Mode
from presence.documents import SILENT_SECONDS
from tests.support.indexer.contract_story import ALICE, BOB, GATE
from tests.unit.api.conftest import ApiWorld

API = "/api/livestream"
ROOMS = f"{API}/rooms"
NOW = int(time.time())
UNSEEN = {"live": None, "live_since": None, "viewers": None}


@pytest.fixture
def world(make_world: Callable[..., ApiWorld]) -> ApiWorld:
    return make_world(now=lambda: float(NOW))


def on_air_of(answer: Any) -> dict[str, Any]:
    return {name: answer.get(name, "missing") for name in UNSEEN}


def names(world: ApiWorld, query: str) -> list[str]:
    answer = world.get(f"{ROOMS}?{query}")
    assert answer.status_code == 200, answer.data
    return [room["room_id"] for room in answer.get_json()["rooms"]]


# --- join, room, lists ----------------------------------------------------------------------------


def test_join__of_a_room_on_air__says_so_and_since_when(world: ApiWorld) -> None:
    number = world.story.live(mode=Mode.BROADCAST)
    asked = f"{API}/join?room_id=live_{number}"
    assert world.get(asked).get_json()["live"] is None
    world.presence.tell(number, True, 1000, 5)
    found = world.get(asked).get_json()
    assert (found["live"], found["live_since"]) == (True, 1000)
    assert "viewers" not in found
    world.presence.tell(number, False)
    found = world.get(asked).get_json()
    assert (found["live"], found["live_since"]) == (False, None)


def test_room__and_lists__say_who_is_on_air_and_how_many_watch(world: ApiWorld) -> None:
    number = world.story.live()
    world.presence.tell(number, True, 1000, 5)
    seen = {"live": True, "live_since": 1000, "viewers": 5}
    assert on_air_of(world.get(f"{ROOMS}/live_{number}").get_json()) == seen
    listed = world.get(ROOMS).get_json()
    assert on_air_of(listed["rooms"][0]) == seen
    assert listed["presence"] == "known"


def test_room__over_but_still_in_presence__is_on_air_no_more(world: ApiWorld) -> None:
    number = world.story.live()
    world.presence.tell(number, True, 1000)
    world.story.end(number)
    assert on_air_of(world.get(f"{ROOMS}/live_{number}").get_json()) == UNSEEN
    assert names(world, "live=true") == []


def test_presence__down__nothing_fails_and_all_is_null(world: ApiWorld) -> None:
    number = world.story.live()
    world.presence.tell(number, True, 1000)
    assert names(world, "live=true") == [f"live_{number}"]
    world.presence.down = True
    world.clock += SILENT_SECONDS + 1
    assert world.get(f"{API}/join?room_id=live_{number}").get_json()["live"] is None
    found = world.get(f"{ROOMS}?live=true")
    assert found.status_code == 200
    assert (found.get_json()["rooms"], found.get_json()["presence"]) == ([], "unknown")
    ready = world.get("/readyz")
    assert ready.status_code == 200
    assert any("MONGODB_URI" in reason for reason in ready.get_json()["reasons"])
    assert b"livestream_api_presence_known 0.0" in world.get("/metrics").data


@pytest.mark.parametrize("path", [f"{API}/join?room_id=live_%d", f"{ROOMS}/live_%d", ROOMS])
def test_etag__changes_with_live__not_with_viewers(world: ApiWorld, path: str) -> None:
    number = world.story.live(mode=Mode.BROADCAST)
    asked = path % number if "%d" in path else path

    def etag() -> str:
        answer = world.get(asked)
        again = world.get(asked, If_None_Match=answer.headers["ETag"])
        assert again.status_code == 304
        return str(answer.headers["ETag"])

    seen = [etag()]
    for live, since in ((True, 1000), (True, 2000), (False, None)):
        world.presence.tell(number, live, since, 5)
        seen.append(etag())
        world.presence.tell(number, live, since, 6)
        assert etag() == seen[-1]
    assert len(set(seen)) == len(seen)


# --- rooms by name --------------------------------------------------------------------------------


def test_named_rooms__in_the_order_asked_without_those_that_do_not_exist(world: ApiWorld) -> None:
    first, gated, last = world.story.live(), world.story.live(gate=GATE), world.story.create()
    asked = "&".join(f"room_id=live_{number}" for number in (last, 999, first, gated))
    assert names(world, asked) == [f"live_{number}" for number in (last, first, gated)]
    world.source.asked.clear()
    assert names(world, asked) == [f"live_{number}" for number in (last, first, gated)]
    assert world.source.asked["rooms_by_id"] == 0
    world.story.end(first)
    found = world.get(f"{ROOMS}?{asked}").get_json()["rooms"]
    assert [room["status"] for room in found] == ["pending", "ended", "active"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("room_id=7", "live_7"),
        ("room_id=live_1&room_id=live_1", "more than once"),
        ("room_id=live_1&limit=3", "beside room_id"),
        ("room_id=live_1&live=true", "beside room_id"),
        ("&".join(f"room_id=live_{n}" for n in range(1, 52)), "50 at most"),
        ("live=yes", "true"),
        ("live=true&status=active", "beside live"),
        ("live=true&q=lop", "beside live"),
        ("live=true&nonsense=1", "unknown parameter"),
        ("live=true&cursor=AAAAAAAAAAA", "next_cursor"),
        ("live=true&cursor=!", "next_cursor"),
        ("cursor=AAAAAAAAAAAAAAAAAA", "next_cursor"),
    ],
)
def test_rooms__asked_for_in_a_way_that_makes_no_sense__told_what_to_do(
    world: ApiWorld, query: str, word: str
) -> None:
    answer = world.get(f"{ROOMS}?{query}")
    assert answer.status_code == 400
    assert word in answer.get_json()["detail"]


# --- what is on air -------------------------------------------------------------------------------


def test_on_air__last_begun_first__paged_without_repeating(world: ApiWorld) -> None:
    numbers = [world.story.live() for _ in range(7)]
    for place, number in enumerate(numbers):
        world.presence.tell(number, True, 1000 + place // 2)
    wanted = [f"live_{number}" for number in reversed(numbers)]
    assert names(world, "live=true") == wanted
    got: list[str] = []
    query = "live=true&limit=3"
    while True:
        answer = world.get(f"{ROOMS}?{query}").get_json()
        got += [room["room_id"] for room in answer["rooms"]]
        if len(got) == 3:  # one that was shown comes back on air, another goes off
            world.presence.tell(numbers[6], True, 5000)
            world.presence.tell(numbers[0], False)
        if answer["next_cursor"] is None:
            break
        query = f"live=true&limit=3&cursor={answer['next_cursor']}"
    assert got == wanted[:-1]


def test_on_air__filters__public_ones_unless_asked_otherwise(world: ApiWorld) -> None:
    public = world.story.live()
    gated = world.story.live(gate=GATE)
    broadcast = world.story.live(host=BOB, mode=Mode.BROADCAST)
    off = world.story.live()
    for number in (public, gated, broadcast):
        world.presence.tell(number, True, 1000 + number)
    world.presence.tell(off, False)
    assert names(world, "live=true") == [f"live_{broadcast}", f"live_{public}"]
    assert names(world, "live=true&access=gate") == [f"live_{gated}"]
    assert names(world, f"live=true&host={ALICE}") == [f"live_{gated}", f"live_{public}"]
    assert names(world, "live=true&mode=broadcast") == [f"live_{broadcast}"]
    assert len(names(world, "live=true&access=any")) == 3


# --- a host's channel -----------------------------------------------------------------------------


def channel(world: ApiWorld, host: str = ALICE) -> tuple[str | None, str | None, list[str]]:
    answer = world.get(f"{API}/hosts/{host}")
    assert answer.status_code == 200
    found = answer.get_json()
    shown = found["room"] and found["room"]["room_id"]
    return found["shown"], shown, [room["room_id"] for room in found["upcoming"]]


def test_channel__of_a_host_nobody_knows__empty(world: ApiWorld) -> None:
    assert channel(world, BOB) == (None, None, [])


def test_channel__in_its_order__on_air_next_last_open_last(world: ApiWorld) -> None:
    ended = world.story.live()
    world.story.end(ended)
    assert channel(world) == ("last", f"live_{ended}", [])
    older, newest = world.story.live(), world.story.live()
    world.story.end(newest)
    assert channel(world) == ("last", f"live_{older}", [])
    soon, late = world.story.create(), world.story.live(gate=GATE)
    world.story.describe(soon, starts_at=NOW + 60)
    world.story.describe(late, starts_at=NOW - LATE_SECONDS + 60)
    world.story.describe(older, starts_at=NOW - LATE_SECONDS - 60)
    assert channel(world) == ("next", f"live_{late}", [f"live_{late}", f"live_{soon}"])
    world.presence.tell(older, True, 1000)
    assert channel(world) == ("on_air", f"live_{older}", [f"live_{late}", f"live_{soon}"])
    world.presence.tell(late, True, 2000)
    assert channel(world) == ("on_air", f"live_{late}", [f"live_{soon}"])


def test_channel__many_planned__so_many_of_them(world: ApiWorld) -> None:
    numbers = [world.story.create() for _ in range(MOST_UPCOMING + 2)]
    for place, number in enumerate(numbers):
        world.story.describe(number, starts_at=NOW + 60 * (place + 1))
    shown, _, upcoming = channel(world)
    assert shown == "next"
    assert upcoming == [f"live_{number}" for number in numbers[:MOST_UPCOMING]]


def test_channel__address_is_none__told_so(world: ApiWorld) -> None:
    answer = world.get(f"{API}/hosts/0x12")
    assert answer.status_code == 400
    assert "40 hex digits" in answer.get_json()["detail"]


# --- hints ----------------------------------------------------------------------------------------


def test_hint__of_an_active_room__handed_on(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []
    monkeypatch.setattr(world.services.hints, "give", given.append)
    active, pending = world.story.live(), world.story.create()
    for number in (active, pending):
        assert world.post(f"{ROOMS}/live_{number}/hint", None).status_code == 202
    assert given == [active]


def test_hint__of_a_class_that_opens_its_room__all_taken_and_one_handed_on(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []
    monkeypatch.setattr(world.services.hints, "give", given.append)
    one, other = world.story.live(), world.story.live()
    for number in (*[one] * 10, other):
        assert world.post(f"{ROOMS}/live_{number}/hint", None).status_code == 202
    assert given == [one, other]


def test_hint__of_many_rooms_by_one_client__thirty_handed_on(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []
    monkeypatch.setattr(world.services.hints, "give", given.append)
    numbers = [world.story.live() for _ in range(31)]
    answers = [world.post(f"{ROOMS}/live_{n}/hint", None).status_code for n in numbers]
    assert answers == [202] * 31
    assert given == numbers[:30]
