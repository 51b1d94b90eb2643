"""Seeded histories of the lease: clocks 15 s apart, pauses, deaths, slow and lost answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from common import lease as leases
from tests.support.lease_sim import Actor, Command, OlderService, Process, Service, World

HISTORIES = 20
SEARCH = 300
# Seconds: the lease, two looks, and what a step may take.
TAKEOVER = 15.0
Kind = Callable[[Process], Actor]


def services(*holders: Process) -> bool:
    return len(holders) == 1 and type(holders[0].actor) is Service


def served(command: Process) -> bool:
    return isinstance(command.actor, Command) and command.actor.served_at is not None


async def told(seed: int, *kinds: Kind) -> list[str]:
    """What was wrong in this history."""
    world = World(seed, *kinds)
    try:
        await world.trouble()
        await world.calm()
        await _rest(world)
    finally:
        await world.end()
    return [f"seed {seed}: {wrong}" for wrong in world.wrong]


async def _rest(world: World) -> None:
    """Nothing disturbs any more: there is a holder, one that dies is replaced, a wish is served."""

    async def expect(what: str, seconds: float, condition: Callable[[], bool]) -> None:
        if await world.until(condition, seconds) is None:
            world.wrong.append(f"not within {seconds} s: {what}")

    for process in world.living:
        if not isinstance(process.actor, Service):
            process.die()
    # Commands that wait have their turn first: each works for at most 20 s.
    commands = [process for process in world.living if isinstance(process.actor, Command)]
    patience = TAKEOVER + 25.0 * len(commands)
    await expect("every command is served", patience, lambda: not any(c.alive for c in commands))
    await expect("a service holds it", TAKEOVER, lambda: services(*world.holders))
    holders = world.holders
    world.start(Service)
    await world.advance(20.0)
    if world.holders != holders:
        world.wrong.append("it changed hands without a cause")
    for holder in holders:
        holder.die()
    await expect("a dead holder is replaced", TAKEOVER, lambda: services(*world.holders))
    command = world.start(Command)
    await expect("a wish is served", 5.0, lambda: served(command))
    if world.rng.random() < 0.5:
        command.die()
    await expect("a service has it again", 20.0 + TAKEOVER, lambda: services(*world.holders))
    mute = world.start(Command)
    await world.advance(world.rng.choice((0.5, 2.0, 4.0)))
    mute.die()
    await expect("a dead one's wish ends", TAKEOVER, lambda: services(*world.holders))


def failures(*kinds: Kind, histories: int = HISTORIES) -> list[str]:
    return [wrong for seed in range(histories) for wrong in asyncio.run(told(seed, *kinds))]


@pytest.mark.parametrize(
    "kinds",
    [(Service, Service, Service), (Service, Service, Command), (Service, OlderService)],
    ids=["services", "commands", "older"],
)
def test_lease__random_histories__one_holder_replaced_in_time_and_wishes_served(
    kinds: tuple[Kind, ...],
) -> None:
    assert failures(*kinds) == []


def test_lease__that_compares_wall_clocks__two_holders_are_seen() -> None:
    found = failures(OlderService, OlderService, histories=10)
    assert any("['" in wrong for wrong in found)


def _margin(patch: pytest.MonkeyPatch) -> None:
    """It is held for longer than others wait."""
    patch.setattr(leases, "_CLOCK_MARGIN", 1.3)


def _impatient(patch: pytest.MonkeyPatch) -> None:
    """Who sees the beat for the first time takes it for an old one."""
    patch.setattr(leases._Sighting, "age", lambda *_: 1e9)


def _counted_from_the_answer(patch: pytest.MonkeyPatch) -> None:
    """The hold begins when the answer comes, however long it took."""

    async def write(
        self: leases.Lease, before: leases.LeaseRecord | None, after: leases.LeaseRecord
    ) -> bool:
        written = await self._store.swap(before, after)
        self._seen.forget()
        if written:
            self._mine, self._held_until = after, self._clock.monotonic() + self.seconds * 0.99
        return written

    patch.setattr(leases.Lease, "_write", write)


def _wishes_live_for_ever(patch: pytest.MonkeyPatch) -> None:
    """Whoever asks once is waited for as long as the row stands."""
    free = leases.Lease._is_free

    def waits(self: leases.Lease, found: leases.LeaseRecord | None, began: float) -> bool:
        left = self._wish_of_another(found) is None
        return free(self, found, began) and left

    patch.setattr(leases.Lease, "_is_free", waits)


def _lost_answers_are_counted(patch: pytest.MonkeyPatch) -> None:
    """A beat of ours that others saw long ago counts from now."""

    async def renewed(self: leases.Lease, ask: bool) -> bool:
        began = self._clock.monotonic()
        found = await self._store.read(self.name)
        if found is not None and found.holder == self.holder:
            self._mine, self._held_until = found, began + self.seconds * 0.99
            return await self._renew(found)
        return await step(self, ask)

    step = leases.Lease._renewed_or_taken
    patch.setattr(leases.Lease, "_renewed_or_taken", renewed)


# Where a bug is found; all others are tried after.
FIRST: dict[Callable[[pytest.MonkeyPatch], None], int] = {
    _margin: 15,
    _impatient: 0,
    _counted_from_the_answer: 10,
    _wishes_live_for_ever: 42,
    _lost_answers_are_counted: 14,
}


@pytest.mark.parametrize("bug", FIRST)
def test_planted_bug__is_found(
    bug: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    bug(monkeypatch)
    seeds = (*range(FIRST[bug], SEARCH), *range(FIRST[bug]))
    found = (asyncio.run(told(seed, Service, Service, Command)) for seed in seeds)
    assert next((wrong for wrong in found if wrong), None) is not None
