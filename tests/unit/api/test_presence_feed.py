"""Who goes on and off air, as the event streams tell it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api import presence_feed
from api.presence_feed import MOST_IN_BATCH
from presence.documents import SILENT_SECONDS
from tests.support.indexer.contract_story import GATE
from tests.unit.api.conftest import ApiWorld
from tests.unit.api.test_stream import Listener, SentEvent


def seen(number: int, live: bool | None, since: int | None = None) -> dict[str, Any]:
    return {"room_id": f"live_{number}", "live": live, "live_since": since, "viewers": None}


@pytest.fixture
def quiet(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> ApiWorld:
    """A world in which nobody reads in the background."""
    monkeypatch.setattr(world.services.index_watch, "hold", lambda: None)
    monkeypatch.setattr(world.services.index_watch, "release", lambda: None)
    return world


def look(world: ApiWorld, seconds: float = 1.0) -> None:
    world.clock += seconds
    world.services.presence.word()


def told(world: ApiWorld, listener: Listener, *changes: Callable[[], None]) -> list[SentEvent]:
    """What comes once the changes have happened and presence was read."""

    def happen() -> None:
        for change in changes:
            change()
        look(world)

    return listener.after(happen)


def test_position__of_a_room__has_its_state(quiet: ApiWorld) -> None:
    number = quiet.story.live()
    quiet.presence.tell(number, True, 1000)
    listener = Listener(quiet, f"?room_id=live_{number}")
    room = listener.first[0].data["room"]
    assert (room["live"], room["live_since"], room["viewers"]) == (True, 1000, None)
    listener.close()


def test_stream__of_a_room__tells_its_changes_without_an_id(quiet: ApiWorld) -> None:
    mine, other = quiet.story.live(), quiet.story.live()
    listener = Listener(quiet, f"?room_id=live_{mine}")
    sent = told(
        quiet,
        listener,
        lambda: quiet.presence.tell(other, True, 900),
        lambda: quiet.presence.tell(mine, True, 1000),
    )
    assert sent == [SentEvent(None, "presence", {"rooms": [seen(mine, True, 1000)]})]
    listener.close()


def test_stream__of_a_room_that_ends__tells_that_it_is_on_air_no_more(quiet: ApiWorld) -> None:
    number = quiet.story.live()
    quiet.presence.tell(number, True, 1000)
    listener = Listener(quiet, f"?room_id=live_{number}")
    sent = listener.after(lambda: quiet.story.end(number))
    assert sent[0].data["name"] == "RoomEnded"
    listener.close()


def test_stream__presence_goes_down__the_room_is_unknown(quiet: ApiWorld) -> None:
    number = quiet.story.live()
    quiet.presence.tell(number, True, 1000)
    listener = Listener(quiet, f"?room_id=live_{number}")
    quiet.presence.down = True
    sent = listener.after(lambda: look(quiet, SILENT_SECONDS + 1))
    assert sent == [SentEvent(None, "presence", {"rooms": [seen(number, None)]})]
    listener.close()


def test_stream__of_all__public_rooms_alone_in_one_batch(quiet: ApiWorld) -> None:
    first, gated, second = quiet.story.live(), quiet.story.live(gate=GATE), quiet.story.live()
    listener = Listener(quiet)
    look(quiet)
    sent = told(
        quiet,
        listener,
        lambda: quiet.presence.tell(first, False),
        lambda: quiet.presence.tell(gated, True, 1000),
        lambda: quiet.presence.tell(second, True, 1001),
    )
    (event,) = sent
    assert (event.id, event.event) == (None, "presence")
    assert event.data["rooms"] == [seen(second, True, 1001), seen(first, False)]
    listener.close()


def test_stream__of_all__more_than_a_batch__goes_on_with_the_next_reading(
    quiet: ApiWorld,
) -> None:
    numbers = [quiet.story.live() for _ in range(MOST_IN_BATCH + 1)]
    listener = Listener(quiet)
    look(quiet)
    (event,) = told(
        quiet, listener, *(lambda n=n: quiet.presence.tell(n, True, n) for n in numbers)
    )
    assert len(event.data["rooms"]) == MOST_IN_BATCH
    (event,) = told(quiet, listener)
    assert len(event.data["rooms"]) == 1
    listener.close()


def test_stream__of_all__slower_than_the_ring__told_to_fetch_again(
    quiet: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = quiet.story.live()
    listener = Listener(quiet)
    for since in range(1, presence_feed.RING + 3):
        quiet.presence.tell(number, True, since)
        look(quiet)
    assert b"event: reset" in next(listener.chunks)
    listener.close()


def test_feed__without_a_listener_of_all__looks_nothing_up(quiet: ApiWorld) -> None:
    number = quiet.story.live()
    listener = Listener(quiet, f"?room_id=live_{number}")
    other = quiet.story.live()
    quiet.source.asked.clear()
    quiet.presence.tell(other, True, 1000)
    look(quiet)
    assert not quiet.source.asked
    listener.close()


def test_feed__index_does_not_answer__tells_it_with_the_next_reading(quiet: ApiWorld) -> None:
    number = quiet.story.live()
    listener = Listener(quiet)
    look(quiet)
    quiet.source.down = True
    quiet.presence.tell(number, True, 1000)
    look(quiet)
    quiet.source.down = False
    (event,) = told(quiet, listener)
    assert event.data == {"rooms": [seen(number, True, 1000)]}
    listener.close()
