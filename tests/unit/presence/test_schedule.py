"""Who is asked next, with time in our hands."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from random import Random

from presence.host_manners import AnswerKind, HostManners, QuestionRate
from presence.pace import RoomKind
from presence.schedule import RoomQuestion, Schedule

HERE, THERE = "https://here.example", "https://there.example"
GOOD = AnswerKind.GOOD


class _Rooms:
    """A schedule whose questions are answered after `takes` seconds."""

    def __init__(self, per_second: int = 20, takes: float = 0.2) -> None:
        self.kinds: dict[int, RoomKind] = {}
        self.schedule = Schedule(per_second, Random(1), lambda n: self.kinds[n])
        self.rate = QuestionRate(per_second)
        self.now = 0.0
        self.takes = takes
        self.outcome: dict[str, AnswerKind] = {}
        self.retry_after: float | None = None
        self.asked: dict[int, list[float]] = defaultdict(list)
        self.open: list[tuple[float, RoomQuestion]] = []
        self.most_open: Counter[str] = Counter()

    def put(self, numbers: range, kind: RoomKind, host: str = HERE) -> None:
        for n in numbers:
            self.kinds[n] = kind
            self.schedule.put(n, host, kind, self.now)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            while self.open and self.open[0][0] <= self.now:
                _, question = self.open.pop(0)
                outcome = self.outcome.get(question.host, GOOD)
                self.schedule.ended(question, outcome, self.now, self.retry_after)
            pause = self.rate.wait(self.now) or self._begin()
            until = min(self.now + pause, self.open[0][0] if self.open else end)
            self.now = max(until, self.now + 1e-6)

    def _begin(self) -> float:
        question = self.schedule.next_question(self.now)
        if question is None:
            return 0.1
        self.rate.began(self.now)
        self.asked[question.n].append(self.now)
        self.open.append((self.now + self.takes, question))
        self.most_open |= Counter(question.host for _, question in self.open)
        return self.rate.wait(self.now)

    def gaps(self, numbers: range, since: float = 0.0) -> list[float]:
        found = []
        for n in numbers:
            times = [at for at in self.asked[n] if at >= since]
            found += [b - a for a, b in pairwise(times)]
        return sorted(found)

    def times(self) -> list[float]:
        return sorted(at for times in self.asked.values() for at in times)


def test_longest_waits__of_each_kind__those_of_hosts_that_pause_left_out() -> None:
    rooms = _Rooms()
    assert rooms.schedule.longest_waits(0.0) == {}
    rooms.put(range(1, 6), RoomKind.HOT)
    rooms.put(range(6, 8), RoomKind.USUAL)
    assert rooms.schedule.longest_waits(3.0) == {RoomKind.HOT: 3.0, RoomKind.USUAL: 3.0}
    rooms.run(50.0)
    waits = rooms.schedule.longest_waits(rooms.now)
    assert waits[RoomKind.HOT] <= 6.0 < waits[RoomKind.USUAL] <= 50.0
    rooms.outcome[HERE], rooms.retry_after = AnswerKind.SLOW_DOWN, 120.0
    rooms.run(50.0)
    assert rooms.schedule.longest_waits(rooms.now) == {}


def test_questions__a_thousand_rooms__at_most_twenty_in_any_second_and_none_starves() -> None:
    rooms = _Rooms()
    hot, others = range(1, 101), range(101, 1001)
    rooms.put(hot, RoomKind.HOT)
    rooms.put(others, RoomKind.USUAL)
    rooms.run(280)
    times = rooms.times()
    assert all(b - a >= 1.0 for a, b in zip(times, times[20:], strict=False))
    assert len(times) >= 19 * 280
    assert rooms.gaps(hot, since=100)[-1] < 16
    assert rooms.gaps(others, since=0)[-1] < 90
    assert len(rooms.asked) == 1000


def test_hint__a_room_of_long_ago__is_asked_next_and_once_in_five_seconds() -> None:
    rooms = _Rooms()
    rooms.put(range(1, 901), RoomKind.USUAL)
    rooms.run(90)
    n = min(rooms.asked, key=lambda n: abs(rooms.asked[n][-1] - 70))
    assert rooms.schedule.hint(n)
    assert not rooms.schedule.hint(n)
    before = len(rooms.asked[n])
    rooms.run(0.2)
    assert len(rooms.asked[n]) == before + 1
    assert rooms.schedule.hint(n)
    rooms.run(4.6)
    assert len(rooms.asked[n]) == before + 1
    rooms.run(0.6)
    assert len(rooms.asked[n]) == before + 2
    assert not rooms.schedule.hint(12_345)


def test_hints__without_end__leave_half_of_the_questions_to_the_others() -> None:
    rooms = _Rooms()
    flooded, others = range(1, 301), range(301, 601)
    rooms.put(flooded, RoomKind.USUAL)
    rooms.put(others, RoomKind.USUAL)
    rooms.run(60)
    for _ in range(60):
        for n in flooded:
            rooms.schedule.hint(n)
        rooms.run(1)
    assert rooms.gaps(others)[-1] < 90


def test_host__slow__has_few_questions_open_and_holds_up_nobody_else() -> None:
    rooms = _Rooms(takes=4.5)
    rooms.put(range(1, 501), RoomKind.USUAL, HERE)
    rooms.put(range(501, 1001), RoomKind.USUAL, THERE)
    rooms.run(60)
    assert rooms.most_open[HERE] <= 8
    assert rooms.most_open[THERE] <= 8
    assert min(len(rooms.asked[n]) for n in range(1, 20)) <= 2


def test_host__that_says_429__pauses_as_long_as_it_asks_while_the_others_go_on() -> None:
    rooms = _Rooms()
    rooms.put(range(1, 11), RoomKind.HOT, HERE)
    rooms.put(range(11, 21), RoomKind.HOT, THERE)
    rooms.run(30)
    rooms.outcome[HERE], rooms.retry_after = AnswerKind.SLOW_DOWN, 30.0
    rooms.run(10)
    began = max(at for n in range(1, 11) for at in rooms.asked[n])
    rooms.outcome[HERE], rooms.retry_after = GOOD, None
    rooms.run(60)
    back = min(at for n in range(1, 11) for at in rooms.asked[n] if at > began)
    assert 30.0 <= back - began < 37.0
    assert rooms.gaps(range(11, 21), since=30)[-1] < 8
    assert rooms.gaps(range(1, 11), since=back)[-1] < 8


def test_host__that_is_away__is_asked_ever_more_rarely_and_at_once_well_when_it_answers() -> None:
    manners = HostManners(Random(1), 0.0)
    now = 0.0
    pauses = []
    for _ in range(9):
        manners.began()
        manners.ended(AnswerKind.AWAY, now, now + 5)
        pauses.append(manners.paused_until - (now + 5))
        now = manners.paused_until + 0.1
    assert all(1.0 <= pause <= 72.0 for pause in pauses)
    assert pauses[-1] >= 60.0
    assert not manners.silent(100.0)
    assert manners.silent(121.0)
    manners.began()
    manners.ended(GOOD, now, now + 1)
    assert (manners.failures, manners.open(now + 1), manners.silent(now + 1)) == (0, True, False)


def test_host__that_asks_for_a_year__is_asked_again_after_minutes() -> None:
    manners = HostManners(Random(1), 0.0)
    manners.began()
    manners.ended(AnswerKind.SLOW_DOWN, 0.0, 1.0, 3e7)
    assert 301.0 <= manners.paused_until <= 361.0


def test_host__several_questions_that_fail_together__count_once() -> None:
    manners = HostManners(Random(1), 0.0)
    for _ in range(8):
        manners.began()
    for _ in range(8):
        manners.ended(AnswerKind.AWAY, 0.0, 5.0)
    assert manners.failures == 1


def test_room__that_grew_cold__is_asked_as_its_new_kind() -> None:
    rooms = _Rooms()
    rooms.put(range(1, 11), RoomKind.HOT)
    rooms.run(30)
    for n in range(1, 11):
        rooms.kinds[n] = RoomKind.SILENT
    rooms.run(30)
    since = rooms.now
    rooms.run(200)
    assert rooms.gaps(range(1, 11), since)[0] >= 80


def test_room__dropped_or_moved_while_asked__is_never_lost_nor_asked_twice_at_once() -> None:
    rooms = _Rooms(takes=1.0)
    rooms.put(range(1, 4), RoomKind.HOT)
    rooms.run(0.5)
    rooms.schedule.drop(1)
    rooms.schedule.put(2, THERE, RoomKind.HOT, rooms.now)
    rooms.schedule.put_views(3, HERE, rooms.now)
    rooms.run(60)
    assert len(rooms.asked[1]) == 1
    assert len(rooms.asked[2]) >= 9
    assert len(rooms.asked[3]) >= 12
    assert len(rooms.schedule) == 2
