"""`common.liveness`: what counts as silence, and what is said of it."""

from __future__ import annotations

import pytest

from common.liveness import EXIT_STUCK, Heartbeat, Limits
from tests.support.manual_clock import ManualClock


class Watched:
    """A heartbeat whose watchdog looks each second, when it is let."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.heartbeat = Heartbeat(self.clock.monotonic, Limits())

    def look(self, times: int) -> list[bool]:
        """So many looks, a second apart: whether the loop counted as dead at each."""
        found = []
        for _ in range(times):
            self.clock.tick(1.0)
            found.append(self.heartbeat.look())
        return found


def test_heartbeat__no_beat__unhealthy_after_60_s_and_dead_after_120() -> None:
    watched = Watched()
    assert not any(watched.look(59)) and watched.heartbeat.trouble() is None
    assert not any(watched.look(60))
    assert "stood still for 119 s" in str(watched.heartbeat.trouble())
    assert watched.look(1) == [True]


def test_heartbeat__a_beat_just_in_time__all_is_forgotten() -> None:
    watched = Watched()
    watched.look(119)
    watched.heartbeat.beat()
    assert watched.heartbeat.trouble() is None
    assert not any(watched.look(119))


@pytest.mark.parametrize("seconds", [61.0, 3600.0, 86_400.0 * 7])
def test_heartbeat__the_process_was_stopped__nothing_was_missed(seconds: float) -> None:
    watched = Watched()
    watched.look(50)
    watched.clock.tick(seconds)  # SIGSTOP, SIGCONT; the loop has not had its turn yet
    assert watched.heartbeat.trouble() is None, "/healthz, before the watchdog has looked"
    assert watched.look(1) == [False]
    assert watched.heartbeat.trouble() is None


def test_heartbeat__stopped_again_and_again_while_it_stands_still__dies_in_its_running_time() -> (
    None
):
    watched = Watched()
    found: list[bool] = []
    while not any(found):
        found += watched.look(5)
        watched.clock.tick(300.0)
    assert 90 <= len(found) <= 120


def test_trouble__of_a_loop_that_stands__says_what_will_be_done() -> None:
    watched = Watched()
    watched.look(61)
    told = str(watched.heartbeat.trouble())
    assert "after 120 s" in told and f"exit code {EXIT_STUCK}" in told


def test_exit_code__of_a_stuck_service__is_no_other_of_theirs() -> None:
    assert EXIT_STUCK not in {0, 1, 2, 3, 4, 130}
