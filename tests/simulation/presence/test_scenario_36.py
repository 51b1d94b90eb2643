"""Scenario 36: a thousand rooms, of which a tenth is hot, and everything that can go wrong."""

from __future__ import annotations

import statistics

import pytest

from chain.enums import Mode
from presence import board
from presence.verdict import OracleNote
from tests.support.presence.simulation import DAY, START, Air, SimHost, SimRoom

HERE, THERE = "https://here.example", "https://there.example"
WARM = 100.0


def _turns(air: Air, first: float, until: float, on: float) -> list[float]:
    """On air and off again, at random, from `first` on."""
    turns, at = [], first + air.rng.uniform(0, on)
    while at < until:
        turns.append(at)
        at += air.rng.uniform(on, 1.5 * on)
    return turns


def _thousand(air: Air, until: float) -> tuple[list[SimRoom], list[SimRoom]]:
    """A hundred hot rooms, and nine hundred others of which some go on air."""
    rng, hosts = air.rng, air.hosts
    hot = [
        air.room(
            rng.choice((Mode.BROADCAST, Mode.WEBRTC)), hosts[n % len(hosts)],
            START - rng.uniform(0, 600), _turns(air, START + WARM, until, 95.0),
        )
        for n in range(100)
    ]  # fmt: skip
    others = [
        air.room(
            rng.choice((Mode.BROADCAST, Mode.WEBRTC)), hosts[n % len(hosts)],
            START - rng.uniform(0.1, 20) * DAY,
            [rng.uniform(START + WARM, until - 95)] if n % 45 == 0 else [],
        )
        for n in range(900)
    ]  # fmt: skip
    return hot, others


async def test_scenario_36__a_thousand_rooms__shown_as_soon_as_the_issue_wants() -> None:
    air = Air(36, [SimHost(HERE), SimHost(THERE)])
    hot, others = _thousand(air, START + 430)
    for host in (HERE, THERE):
        air.database.knows_whip[host] = int(START)
    air.start()
    try:
        await air.live(430)
    finally:
        await air.close()
    assert air.wrong == []
    assert air.most_in_a_second() <= 20
    assert len(air.questions) >= 19 * 400
    seen = air.latencies(hot, START + WARM)
    assert len(seen) > 100
    assert statistics.median(seen) <= 6.0
    assert seen[int(0.95 * len(seen))] <= 20.0
    late = air.latencies(others, START + WARM)
    assert len(late) >= 20
    assert late[-1] <= 90.0
    told = {n: air.database.rows[n]["live"] for n in air.rooms}
    assert None not in told.values()


@pytest.mark.parametrize("seed", [1, 2])
async def test_scenario_36__hosts_database_and_processes_fail__never_wrong_for_longer_than_a_look(
    seed: int,
) -> None:
    slow, lying = SimHost(HERE), SimHost(THERE, knows_whip=False, lag=20.0)
    air = Air(seed, [slow, lying])
    hot, others = _thousand(air, START + 500)
    air.start()
    try:
        await air.live(60)
        spoken_for = next(room for room in hot if (room.mode, room.host) == (Mode.WEBRTC, lying))
        air.database.notes[spoken_for.n] = OracleNote(True, air.clock.now())
        slow.seconds = 4.0
        await air.live(30)
        assert air.reads(spoken_for.n) is True
        slow.seconds, slow.refuses, slow.retry_after = 0.15, 429, "20"
        await air.live(30)
        slow.refuses = air.rng.choice((403, 404, 503))
        await air.live(20)
        slow.refuses, slow.retry_after, slow.odd = 0, "", b'{"live":"yes"}'
        await air.live(20)
        slow.odd = b""
        # the process dies, another takes over
        air.processes[-1].die()
        air.losing()
        since = {n: row["live_since"] for n, row in air.database.rows.items() if row["live"]}
        air.start()
        await air.live(40)
        kept = [n for n in since if air.database.rows[n]["live"] and not _changed(air, n)]
        assert kept
        assert [n for n in kept if air.database.rows[n]["live_since"] != since[n]] == []
        # the database is away, then answers get lost, then it is new
        air.losing(75)
        air.database.away = True
        await air.live(45)
        assert {air.reads(n) for n in air.rooms} == {None}
        air.database.away, air.lost_answers = False, 0.2
        await air.live(30)
        air.lost_answers = 0.0
        air.database.lose()
        await air.live(30)
        # another one asks for the lease in order, while a host is away
        air.start()
        air.processes[-2].end()
        slow.away = True
        await air.live(200)
        on_air = [n for n, room in air.rooms.items() if room.host is slow and air.reads(n)]
        assert on_air == []
        assert None not in {
            air.reads(room.n)
            for room in others
            if room.host is lying and room.mode is Mode.BROADCAST
        }
    finally:
        await air.close()
    assert air.wrong == []
    assert air.most_in_a_second() <= 20
    unknown = {
        air.database.rows[room.n]["live"]
        for room in (*hot, *others)
        if room.host is lying and room.mode is Mode.WEBRTC and room is not spoken_for
    }
    assert unknown == {None}


def _changed(air: Air, n: int) -> bool:
    """Whether it went off air within the last minutes."""
    now = air.clock.now()
    return any(now - 180 < turn <= now for turn in air.rooms[n].turns[1::2])


async def test_scenario_36__rooms_that_end__are_unknown_at_once_and_their_rows_removed_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(board, "GONE_SECONDS", 60.0)
    air = Air(3, [SimHost(HERE)])
    rooms = [
        air.room(Mode.BROADCAST, air.hosts[0], START - 60, [START + 1.0]) for _ in range(3)
    ]  # fmt: skip
    air.start()
    try:
        await air.live(20)
        assert [air.reads(room.n) for room in rooms] == [True] * 3
        air.end_room(2)
        await air.live(5)
        assert [air.reads(room.n) for room in rooms] == [True, None, True]
        await air.clock.advance(50)
        assert 2 in air.database.rows
        await air.clock.advance(20)
        assert sorted(air.database.rows) == [1, 3]
    finally:
        await air.close()
    assert air.wrong == []
