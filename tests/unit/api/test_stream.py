"""The event stream: what is sent, to whom, and what a returning listener gets."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from api.event_hub import EventHub
from api.routes import stream
from api.routes.stream import MOST_MISSED
from localnet.waiting import wait_until
from tests.support.indexer.contract_story import CONTRACT, ContractStory
from tests.unit.api.conftest import ApiWorld

ROOT = Path(__file__).resolve().parents[3]
STREAM = "/api/livestream/stream"


class SentEvent(NamedTuple):
    id: str | None
    event: str
    data: Any


def parse(text: str) -> list[SentEvent]:
    """Server-sent events; comments and `retry` are left out."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if "data" in fields:
            name = fields.get("event", "message")
            found.append(SentEvent(fields.get("id"), name, json.loads(fields["data"])))
    return found


def id_at(story: ContractStory, seq: int | None = None) -> str:
    """The id of a place in the history; None: of its end."""
    seq = story.seq if seq is None else seq
    return f"{seq}-{story.events[seq - 1]['block_hash'][2:10]}" if seq else "0"


class Listener:
    """Reads a stream chunk by chunk; time in the world goes on only when it is told to."""

    def __init__(self, world: ApiWorld, query: str = "", **headers: str) -> None:
        self.world = world
        world.clock += 1
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.response = world.client.get(STREAM + query, headers=named)
        assert self.response.status_code == 200, self.response.data
        self.chunks: Iterator[bytes] = iter(self.response.response)  # type: ignore[arg-type]
        self.first = parse(next(self.chunks).decode())

    def after(self, change: Any) -> list[SentEvent]:
        """What comes once `change()` has happened and was indexed."""
        got: list[bytes] = []
        reader = threading.Thread(target=lambda: got.append(next(self.chunks)))
        reader.start()
        wait_until(lambda: self.world.services.hub._channels, what="the listener to wait")
        change()
        self.look()
        reader.join(5)
        assert got, "nothing came"
        return parse(got[0].decode())

    def look(self) -> None:
        self.world.clock += 1
        self.world.services.index_watch.snapshot()

    def close(self) -> None:
        self.response.close()


@pytest.fixture
def quiet(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> ApiWorld:
    """A world in which nobody reads the index in the background."""
    monkeypatch.setattr(world.services.index_watch, "hold", lambda: None)
    monkeypatch.setattr(world.services.index_watch, "release", lambda: None)
    return world


def test_stream__new_listener__told_where_it_stands_first(quiet: ApiWorld) -> None:
    number = quiet.story.live()
    listener = Listener(quiet, f"?room_id=live_{number}")
    (position,) = listener.first
    assert position.event == "position"
    assert position.id == id_at(quiet.story)
    assert position.data["room"]["status"] == "active"
    assert position.data["index"]["seq"] == quiet.story.seq
    listener.close()


def test_stream__nothing_happens__beats_that_a_browser_hears(
    quiet: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BEAT", 0.01)
    listener = Listener(quiet)
    # no comment, which EventSource keeps to itself; no id, which would move the place to go on from
    assert parse(next(listener.chunks).decode()) == [SentEvent(None, "ping", {})]
    listener.close()


def test_stream__beats__come_before_the_page_counts_a_stream_as_silent() -> None:
    polling = (ROOT / "dapp" / "src" / "api" / "polling.ts").read_text(encoding="utf-8")
    patience = re.search(r"QUIET_MS = ([\d_]+);", polling)
    assert patience is not None
    assert int(patience[1]) / 1000 >= stream.BEAT + 2.5


def test_stream__changes__sent_in_order_with_their_ids(quiet: ApiWorld) -> None:
    listener = Listener(quiet)
    sent = listener.after(quiet.story.live)
    assert [event.data["name"] for event in sent] == ["RoomCreated", "RoomProvisioned"]
    assert [event.id for event in sent] == [
        id_at(quiet.story, quiet.story.seq - 1), id_at(quiet.story),
    ]  # fmt: skip
    assert {event.event for event in sent} == {"message"}
    listener.close()


def test_stream__of_one_room__only_its_changes(quiet: ApiWorld) -> None:
    mine, other = quiet.story.create(), quiet.story.create()
    listener = Listener(quiet, f"?room_id=live_{mine}")
    quiet.story.provision(other)
    listener.look()
    sent = listener.after(lambda: quiet.story.provision(mine))
    assert [(event.data["name"], event.data["room_id"]) for event in sent] == [
        ("RoomProvisioned", f"live_{mine}")
    ]
    listener.close()


@pytest.mark.parametrize("by_header", [True, False])
def test_stream__comes_back_with_the_last_id__gets_exactly_what_it_missed(
    quiet: ApiWorld, by_header: bool
) -> None:
    number = quiet.story.create()
    seen = quiet.story.seq
    quiet.story.provision(number)
    quiet.story.live()
    last = id_at(quiet.story, seen)
    if by_header:
        listener = Listener(quiet, Last_Event_ID=last)
    else:
        listener = Listener(quiet, f"?last_event_id={last}")
    assert [event.id for event in listener.first] == [
        *(id_at(quiet.story, seen + more) for more in (1, 2, 3)), id_at(quiet.story),
    ]  # fmt: skip
    assert listener.first[-1].event == "position"
    listener.close()


def test_stream__reorg__reset(quiet: ApiWorld) -> None:
    fork = quiet.story.copy()
    fork.fork = 1
    quiet.story.live()
    listener = Listener(quiet)
    fork.create(title="anders")
    sent = listener.after(lambda: quiet.source.tell(fork))
    assert [(event.event, event.data["reason"]) for event in sent] == [("reset", "reorg")]
    assert sent[0].id == id_at(fork)
    listener.close()


@pytest.mark.parametrize("of_a_room", [True, False])
@pytest.mark.parametrize("regrown", [0, 1, 2, 5], ids=["shorter", "shorter by one", "as long",
                                                       "longer"])  # fmt: skip
def test_scenario_26__away_during_a_reorg__told_reset_not_a_continuation(
    quiet: ApiWorld, regrown: int, of_a_room: bool
) -> None:
    number = quiet.story.create()
    fork = quiet.story.copy()
    fork.fork = 1
    query = f"?room_id=live_{number}" if of_a_room else ""

    def serve_and_end() -> None:
        quiet.story.provision(number)
        quiet.story.end(number)

    before = Listener(quiet, query)
    sent = before.after(serve_and_end)
    before.close()
    for _ in range(regrown):
        fork.rename(number, "anders")
    quiet.source.tell(fork)
    back = Listener(quiet, query, Last_Event_ID=str(sent[-1].id))
    assert [event.event for event in back.first] == ["reset", "position"]
    assert back.first[0].data["reason"] == "reorg"
    assert {event.id for event in back.first} == {id_at(fork)}
    back.close()
    again = Listener(quiet, query, Last_Event_ID=str(back.first[-1].id))  # what it was told holds
    assert [event.event for event in again.first] == ["position"]
    again.close()


def test_scenario_26__reorg_of_what_came_after_it_left__goes_on_with_what_is_there_now(
    quiet: ApiWorld,
) -> None:
    number = quiet.story.create()
    seen = id_at(quiet.story)
    fork = quiet.story.copy()
    fork.fork = 1
    quiet.story.provision(number)
    Listener(quiet).close()
    quiet.source.tell(fork)
    fork.rename(number, "anders")
    back = Listener(quiet, Last_Event_ID=seen)
    assert [(event.event, event.id) for event in back.first] == [
        ("message", id_at(fork)), ("position", id_at(fork)),
    ]  # fmt: skip
    back.close()


def test_scenario_26__one_contract_of_several__reset(make_world: Any) -> None:
    old, new = ContractStory("0x" + "c1" * 20), ContractStory(CONTRACT, first_room=100)
    world = make_world(old, new)
    old.live()
    fork = old.copy()
    fork.fork = 1
    old.live()
    left = f"{id_at(old)}.{id_at(new)}"
    fork.live()
    fork.live()
    world.source.tell(fork)
    new.live()
    back = Listener(world, Last_Event_ID=left)
    assert [event.event for event in back.first] == ["reset", "position"]
    assert back.first[-1].id == f"{id_at(fork)}.{id_at(new)}"
    back.close()


@pytest.mark.parametrize(
    ("last", "reason"),
    [("999999-0a1b2c3d", "reorg"), ("3-0a1b2c3d", "reorg"), ("abc", "gap"), ("-1", "gap"),
     ("1.2", "gap"), ("0.0", "gap"), ("3", "gap"), ("3-", "gap"), ("3-0A1B2C3D", "gap"),
     ("03-0a1b2c3d", "gap"), ("0-0a1b2c3d", "gap"), ("." * 99, "gap")],
)  # fmt: skip
def test_stream__last_id_that_cannot_be__reset(quiet: ApiWorld, last: str, reason: str) -> None:
    listener = Listener(quiet, Last_Event_ID=last)
    assert [event.event for event in listener.first] == ["reset", "position"]
    assert listener.first[0].data["reason"] == reason
    listener.close()


def test_stream__missed_too_much__reset_instead_of_a_flood(quiet: ApiWorld) -> None:
    number = quiet.story.live()
    for _ in range(MOST_MISSED + 1):
        quiet.story.provision(number)
    listener = Listener(quiet, Last_Event_ID=id_at(quiet.story, 1))
    assert [event.event for event in listener.first] == ["reset", "position"]
    listener.close()


def test_stream__slow_listener__falls_out_of_the_ring_and_is_told() -> None:
    story = ContractStory()
    world = ApiWorld(story)
    hub = EventHub(world.services.index_watch, [CONTRACT], 10, ring=4)
    world.services.index_watch.observe(hub.changed)
    world.services.index_watch.snapshot()
    offset, _, _ = hub.here()
    for _ in range(6):
        story.create()
    world.clock += 1
    world.services.index_watch.snapshot()
    batch = hub.wait(offset, None, 1)
    assert batch.lost
    assert hub.wait(batch.offset, None, 0).chunks == []
    world.services.close()


@pytest.mark.parametrize("missed", [0, 1, 3, 4, 5])
def test_stream__as_many_changes_as_the_ring_holds__all_of_them_one_more_is_too_many(
    make_world: Any, missed: int
) -> None:
    world = make_world()
    hub = EventHub(world.services.index_watch, [CONTRACT], 10, ring=4)
    world.services.index_watch.observe(hub.changed)
    for _ in range(5):  # the ring is full, and has moved on before
        world.story.create()
        world.clock += 1
        world.services.index_watch.snapshot()
    offset, _, _ = hub.here()
    mine = [world.story.create() for _ in range(missed)]
    world.clock += 1
    world.services.index_watch.snapshot()
    batch = hub.since(offset, None)
    sent = [event.data["room_id"] for chunk in batch.chunks for event in parse(chunk.decode())]
    assert (sent, batch.lost) == (
        ([], True) if missed == 5 else ([f"live_{number}" for number in mine], False)
    )
    assert batch.offset == offset + missed
    only = hub.since(offset, mine[-1] if mine else 1)
    assert len(only.chunks) == (1 if 0 < missed < 5 else 0)


def test_stream__several_contracts__id_names_a_place_in_each(make_world: Any) -> None:
    old, new = ContractStory("0x" + "c1" * 20), ContractStory(CONTRACT, first_room=100)
    world = make_world(old, new)
    first = old.live()
    listener = Listener(world, Last_Event_ID=f"{id_at(old, old.seq - 1)}.{id_at(new)}")
    assert [event.id for event in listener.first] == [f"{id_at(old)}.{id_at(new)}"] * 2
    assert listener.first[0].data["room_id"] == f"live_{first}"
    listener.close()


def test_stream__all_places_taken__503_and_free_again_after_leaving(make_world: Any) -> None:
    world = make_world(listeners=2, listeners_per_client=5)
    listeners = [Listener(world) for _ in range(2)]
    assert world.get(STREAM).status_code == 503
    listeners[0].close()
    again = Listener(world)
    again.close()
    listeners[1].close()
    assert world.services.hub._listeners == 0


def test_stream__one_client_too_many__503_for_it_alone(make_world: Any) -> None:
    world = make_world(listeners_per_client=1)
    listener = Listener(world)
    assert world.get(STREAM).status_code == 503
    other = world.client.get(STREAM, environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert other.status_code == 200
    other.close()
    listener.close()


def test_stream__failed_before_it_began__gives_its_place_back(world: ApiWorld) -> None:
    for _ in range(5):
        assert world.get(f"{STREAM}?room_id=live_99").status_code == 404
    assert world.services.hub._listeners == 0


def test_stream__server_stops__every_stream_ends(quiet: ApiWorld) -> None:
    listener = Listener(quiet)
    ended = threading.Event()

    def read() -> None:
        for _ in listener.chunks:
            pass
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    wait_until(lambda: quiet.services.hub._channels, what="the listener to wait")
    quiet.services.hub.close()
    assert ended.wait(5)
