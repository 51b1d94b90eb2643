"""Who is on air, as one process knows it: how old, when unknown, what a new database does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.cursors import OnAirPlace
from api.on_air import OFF, UNKNOWN, OnAir
from api.presence_watch import AWAY_SECONDS, INTERVAL, PresenceWatch
from localnet.waiting import wait_until
from presence.documents import SILENT_SECONDS
from tests.support.memory_presence import MemoryPresence

UNIX = 1_800_000_000.0


class Setting:
    """A watch over presence in memory; time goes on by `later` alone."""

    def __init__(self, most: int = 200_000) -> None:
        self.time = 100.0
        self.source = MemoryPresence(lambda: UNIX + self.time)
        self.told: list[tuple[dict[int, OnAir], bool]] = []
        self.watch = PresenceWatch(
            self.source,
            monotonic=lambda: self.time,
            now=lambda: UNIX + self.time,
            background=False,
            most=most,
        )
        self.watch.observe(lambda before, turned: self.told.append((dict(before), turned)))

    def later(self, seconds: float = INTERVAL) -> str:
        self.time += seconds
        return self.watch.word()

    def order(self) -> list[int]:
        return [place.room for place in self.watch.live_after(None, 100)]


@pytest.fixture
def setting() -> Iterator[Setting]:
    made = Setting()
    yield made
    made.watch.close()


def test_room__never_seen__unknown(setting: Setting) -> None:
    assert setting.watch.room(7) is UNKNOWN
    assert setting.watch.word() == "known"


def test_room__its_row_changes__told_at_the_next_reading(setting: Setting) -> None:
    setting.source.tell(7, True, 1000, 12)
    setting.source.tell(8, False)
    assert setting.watch.room(7).json() == {"live": True, "live_since": 1000, "viewers": 12}
    assert setting.watch.room(8) is OFF
    setting.source.tell(7, False)
    setting.later()
    assert setting.watch.room(7) is OFF
    setting.source.tell(8, None)
    setting.later()
    assert setting.watch.room(8) is UNKNOWN


def test_room__asked_often__read_once_an_interval(setting: Setting) -> None:
    for _ in range(50):
        setting.watch.room(7)
    assert setting.source.asked == 1


def test_room__more_rows_than_one_answer_has__all_read(setting: Setting) -> None:
    for number in range(1, 8):
        setting.source.tell(number, True, number)
    assert setting.watch.word() == "known"
    assert setting.order() == [7, 6, 5, 4, 3, 2, 1]


def test_beat__stands_still__all_unknown_after_so_long_and_known_again_with_it(
    setting: Setting,
) -> None:
    setting.source.tell(7, True, 1000)
    assert setting.watch.room(7).live
    setting.source.stopped = True
    assert setting.later(SILENT_SECONDS - 1) == "known"
    assert setting.later(2) == "unknown"
    assert setting.watch.room(7) is UNKNOWN
    assert setting.order() == []
    assert "python -m presence" in setting.watch.notes()[0]
    setting.source.stopped = False
    assert setting.later() == "known"
    assert setting.watch.room(7).live
    assert setting.watch.notes() == []


def test_beat__old_when_first_seen__unknown_until_it_moves(setting: Setting) -> None:
    setting.source.state()
    setting.source.stopped = True
    setting.time += SILENT_SECONDS + 1
    assert setting.later() == "unknown"
    setting.source.stopped = False
    assert setting.later() == "known"


def test_beat__of_a_machine_whose_clock_is_wrong__known_once_it_moves(setting: Setting) -> None:
    setting.source._now = lambda: UNIX - 86_400
    assert setting.later() == "unknown"
    assert setting.later() == "known"


def test_database__does_not_answer__unknown_only_after_so_long(setting: Setting) -> None:
    setting.source.tell(7, True, 1000)
    assert setting.watch.room(7).live
    setting.source.down = True
    assert setting.later(SILENT_SECONDS / 2) == "known"
    assert setting.later(SILENT_SECONDS) == "unknown"
    assert "MONGODB_URI" in setting.watch.notes()[0]


@pytest.mark.parametrize("empty", [True, False])
def test_database__is_new__what_was_known_is_forgotten(setting: Setting, empty: bool) -> None:
    for number in (7, 8):
        setting.source.tell(number, True, 1000)
    assert setting.watch.room(7).live
    setting.source.lose_everything()
    setting.source.empty = empty
    setting.later()
    assert setting.watch.room(7) is UNKNOWN
    assert setting.watch.word() == ("unknown" if empty else "known")
    setting.source.empty = False
    setting.source.tell(8, False)
    setting.later()
    assert setting.watch.room(8) is OFF
    assert setting.order() == []


def test_rows__that_went_while_nobody_asked_for_long__forgotten(setting: Setting) -> None:
    setting.source.tell(7, True, 1000)
    assert setting.watch.room(7).live
    setting.source.forget(7)
    setting.later(AWAY_SECONDS + 1)
    assert setting.watch.room(7) is UNKNOWN


def test_observer__told_what_was_known_before(setting: Setting) -> None:
    setting.watch.word()
    setting.source.tell(7, True, 1000)
    setting.later()
    assert setting.told[-1] == ({7: UNKNOWN}, False)
    setting.source.tell(7, False)
    setting.later()
    assert setting.told[-1] == ({7: OnAir(True, 1000)}, False)
    setting.later()
    assert setting.told[-1] == ({}, False)


def test_observer__presence_goes_down__told_of_what_was_on_air(setting: Setting) -> None:
    setting.source.tell(7, True, 1000)
    setting.source.tell(8, False)
    setting.watch.word()
    setting.source.down = True
    setting.later(SILENT_SECONDS + 1)
    assert setting.told[-1] == ({7: OnAir(True, 1000)}, True)


def test_rooms__more_than_are_kept__the_others_unknown_and_said() -> None:
    setting = Setting(most=3)
    for number in range(1, 6):
        setting.source.tell(number, True, number)
    assert setting.order() == [3, 2, 1]
    assert "more than 3 rooms" in setting.watch.notes()[0]
    setting.source.tell(1, None)
    setting.source.tell(9, True, 9)
    setting.later()
    assert setting.order() == [9, 3, 2]


def test_order__by_since_then_room__goes_on_after_any_place(setting: Setting) -> None:
    for number, since in ((1, 50), (2, 70), (3, 50), (4, 60)):
        setting.source.tell(number, True, since)
    assert setting.order() == [2, 4, 3, 1]
    after = setting.watch.live_after(OnAirPlace(60, 4), 1)
    assert after == [OnAirPlace(50, 3)]
    setting.source.tell(4, False)
    setting.source.tell(1, True, 80)
    setting.later()
    assert setting.order() == [1, 2, 3]
    assert setting.watch.live_after(OnAirPlace(60, 4), 9) == [OnAirPlace(50, 3)]


def test_watch__nobody_looks_who_is_on_air__unknown_without_a_word() -> None:
    watch = PresenceWatch(None)
    assert watch.room(7) is UNKNOWN
    assert watch.word() == "unknown"
    assert watch.notes() == []
    watch.hold()
    watch.release()
    watch.close()


def test_thread__somebody_asks__reads_on_by_itself_and_the_first_waits_for_it() -> None:
    source = MemoryPresence(lambda: UNIX)
    source.tell(7, True, 1000)
    watch = PresenceWatch(source, now=lambda: UNIX)
    wait_until(lambda: watch.room(7).live, what="the first reading")
    asked = source.asked
    watch.hold()
    wait_until(lambda: source.asked > asked, what="another reading")
    watch.close()
