"""The store on a real database server: once taken, last seats, and what a failure leaves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pymongo
import pytest

from common.database_errors import DatabaseErrors
from localnet.mongo import MongoServer
from playback.mongo_store import KEPT_SECONDS, MongoPlaybackStore
from playback.seats import SeatClaim, kind_of
from playback.store import AttendanceRow, NonceRecord, SeatPlace, StoreUnavailable
from tests.support.playback.memory_store import MemoryPlaybackStore

NOW = 1_790_000_000
HOST = "0x" + "a1" * 20
LINK = SeatPlace(7, HOST, "l:0x" + "cd" * 32, 3, 5)


@pytest.fixture
def store(mongo: MongoServer, mongo_database: str) -> Iterator[MongoPlaybackStore]:
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(mongo.uri)
    made = MongoPlaybackStore(client, mongo_database)
    made.since(NOW)
    yield made
    made.close()


def browser(number: int) -> str:
    return f"{number:032x}"


def claim(number: int, seats: int, now: int = NOW, *, renewing: bool = False) -> SeatClaim:
    return SeatClaim(kind_of(seats), seats, browser(number), now, now + 600, renewing)


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What `act` answers to many threads that begin together."""
    answers: list[Any] = [None] * count
    begin = threading.Barrier(count)

    def one(number: int) -> None:
        begin.wait(20)
        answers[number] = act(number)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_scenario_34__nonce_taken_by_many_at_once__is_one_ones(store: MongoPlaybackStore) -> None:
    record = NonceRecord("ab" * 16, 7, "https://rooms.example", None, NOW, NOW + 300)
    store.add_nonce(record)
    taken = at_once(8, lambda _: store.take_nonce(record.nonce))
    assert sorted(taken, key=bool) == [None] * 7 + [record]


def test_scenario_34__last_seats_wanted_by_many_at_once__are_given_once(
    mongo: MongoServer, mongo_database: str, store: MongoPlaybackStore
) -> None:
    """Of two processes, as it were: each has a store of its own."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(mongo.uri)
    stores = [store, MongoPlaybackStore(client, mongo_database)]
    answers = at_once(12, lambda n: stores[n % 2].claim_seat(LINK, claim(n, 5)))
    stores[1].close()
    assert answers.count(None) == 5 and answers.count("seats-taken") == 7
    ((place, record),) = store.places(7, HOST)
    assert place == LINK and len(record.present(NOW)) == 5


def test_renewals__many_at_once_some_of_them_refused__each_is_told_its_own(
    store: MongoPlaybackStore,
) -> None:
    """They share their writes, in which the server only counts."""
    here = range(0, 24, 2)
    for n in here:
        assert store.claim_seat(replace_seats(LINK, n), claim(n, 2)) is None
    store.leave_seat(replace_seats(LINK, 4), browser(4), NOW)
    until = NOW + 700
    renewed = at_once(
        24, lambda n: store.renew_seat(replace_seats(LINK, n), browser(n), NOW + 1, until)
    )
    assert [n for n in range(24) if renewed[n]] == [n for n in here if n != 4]
    held = [store.seat(replace_seats(LINK, n)) for n in here if n != 4]
    assert all(record is not None and record.seats[0].until == until for record in held)


def test_store__through_a_story__answers_as_the_one_in_memory(store: MongoPlaybackStore) -> None:
    """The rules are the same code; what is stored and matched is not."""
    memory = MemoryPlaybackStore()
    memory.since(NOW)
    wallet = SeatPlace(7, "", "w:0x" + "b0" * 20)
    personal = replace_seats(LINK, 1)
    acts: list[Callable[[Any], Any]] = [
        lambda s: s.renew_seat(LINK, browser(1), NOW, NOW + 600),
        lambda s: s.claim_seat(LINK, claim(1, 2)),
        lambda s: s.claim_seat(LINK, claim(2, 2)),
        lambda s: s.claim_seat(LINK, claim(3, 2)),
        lambda s: s.renew_seat(LINK, browser(1), NOW + 10, NOW + 610),
        lambda s: s.renew_seat(LINK, browser(3), NOW + 10, NOW + 610),
        lambda s: s.leave_seat(LINK, browser(2), NOW + 20),
        lambda s: s.leave_seat(LINK, browser(9), NOW + 20),
        lambda s: s.renew_seat(LINK, browser(2), NOW + 21, NOW + 621),
        lambda s: s.close_door(LINK, NOW, closed=True),
        lambda s: s.claim_seat(LINK, claim(3, 2, NOW + 22)),
        lambda s: s.claim_seat(LINK, claim(2, 2, NOW + 22)),
        lambda s: s.close_door(LINK, NOW, closed=False),
        lambda s: s.remove_browser(LINK, browser(1)[:8], NOW),
        lambda s: s.claim_seat(LINK, claim(1, 2, NOW + 23)),
        lambda s: s.renew_seat(LINK, browser(2), NOW + 622, NOW + 700),
        *[lambda s, n=n: s.claim_seat(personal, claim(n % 2 + 20, 1, NOW + n)) for n in range(9)],
        lambda s: s.claim_seat(personal, claim(21, 1, NOW + 9, renewing=True)),
        lambda s: s.allow(personal, NOW),
        lambda s: s.claim_seat(personal, claim(21, 1, NOW + 9)),
        lambda s: s.claim_seat(wallet, SeatClaim("wallet", 2, browser(5), NOW, NOW + 600)),
        lambda s: s.renew_seat(wallet, browser(5), NOW + 1, NOW + 601, grace=True),
        lambda s: s.renew_seat(wallet, browser(5), NOW + 2, NOW + 602, grace=True),
        lambda s: s.renew_seat(wallet, browser(5), NOW + 3, NOW + 603),
        lambda s: s.renew_seat(wallet, browser(5), NOW + 4, NOW + 604, grace=True),
        lambda s: s.seat(wallet),
        lambda s: s.seat(replace_seats(LINK, 77)._replace(subject="l:none")),
    ]
    for number, act in enumerate(acts):
        assert act(store) == act(memory), number
        for place in (LINK, personal, wallet):
            assert store.seat(place) == memory.seat(place), number
    assert sorted(store.places(7, HOST)) == sorted(memory.places(7, HOST))


def replace_seats(place: SeatPlace, seats: int) -> SeatPlace:
    return place._replace(subject=f"{place.subject[:-2]}{seats:02x}", seats=seats)


def test_revocations__noted_twice__are_read_once_changed(store: MongoPlaybackStore) -> None:
    none = store.revocations(HOST, "live_7", None)
    assert none.version == 0 and not none.links
    store.revoke_links(HOST, "live_7", ["0x01", "0x02"])
    store.revoke_links(HOST, "live_7", ["0x02"])
    store.withdraw(HOST, "live_7", "0xdd", 0)
    store.withdraw(HOST, "live_7", None, 50)
    store.withdraw(HOST, "live_7", None, 40)
    store.host_returned(HOST, "live_7", "0xee")
    known = store.revocations(HOST, "live_7", none)
    assert (known.before, sorted(known.links)) == (50, ["0x01", "0x02"])
    assert (list(known.delegations), list(known.returned)) == (["0xdd"], ["0xee"])
    assert store.revocations(HOST, "live_7", known) is known
    assert store.revocations(HOST, "live_8", None).version == 0
    assert store.revocations("0x" + "b0" * 20, "live_7", None).version == 0


def test_signature__left__is_there_until_long_after(store: MongoPlaybackStore) -> None:
    store.leave_signature("ab", b"\x01" * 4096, NOW)
    assert store.left_signature("ab") == b"\x01" * 4096 and store.left_signature("cd") is None
    store.purge(NOW + KEPT_SECONDS, 0)
    assert store.left_signature("ab") is not None
    store.purge(NOW + KEPT_SECONDS + 1, 0)
    assert store.left_signature("ab") is None


def test_attendance__noted_in_batches__keeps_the_first_and_the_last(
    store: MongoPlaybackStore,
) -> None:
    row = AttendanceRow("a:h", 7, HOST, "n:3", "invited", "0xcd", NOW, NOW, 0)
    other = AttendanceRow("b:h", 7, HOST, "w:0xb0", "moderator", "", NOW + 5, NOW + 5, 0)
    store.attend([row, other])
    store.attend([row._replace(entered=NOW + 60, last=NOW + 60)])
    store.attend([row._replace(entered=NOW + 30, last=NOW + 30, left=NOW + 61)])
    assert store.attendance(7, HOST) == [row._replace(last=NOW + 60, left=NOW + 61), other]
    assert store.attendance(7, "0x" + "b0" * 20) == [] == store.attendance(8, HOST)
    assert store.moderators(7, NOW) == ["0xb0"] and store.moderators(7, NOW + 5) == []
    store.purge(NOW, NOW + 60)
    assert [one.id for one in store.attendance(7, HOST)] == ["a:h"]


def test_purge__of_nonces__takes_those_that_are_over(store: MongoPlaybackStore) -> None:
    for number in (0, 1):
        store.add_nonce(NonceRecord(f"{number}", 7, "o", "0x01", NOW, NOW + number))
    store.purge(NOW, 0)
    assert store.take_nonce("0") is None and store.take_nonce("1") is not None


def test_scenario_34__database_lost__begins_anew_with_its_indexes(
    mongo: MongoServer, mongo_database: str, store: MongoPlaybackStore
) -> None:
    assert store.since(NOW + 5) == NOW
    with pymongo.MongoClient[dict[str, Any]](mongo.uri) as client:
        client.drop_database(mongo_database)
        assert store.since(NOW + 9) == NOW + 9
        assert at_once(4, lambda n: store.since(NOW + 20 + n)) == [NOW + 9] * 4
        assert len(client[mongo_database]["playback_signatures"].index_information()) == 2


def test_store__without_its_server__says_whose_fault_it_is(
    mongo_factory: Callable[..., MongoServer],
) -> None:
    server = mongo_factory()
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
        server.uri, serverSelectionTimeoutMS=3000
    )
    made = MongoPlaybackStore(client, "playback", errors=DatabaseErrors.of(server.uri))
    assert made.since(NOW) == NOW
    server.close()
    with pytest.raises(StoreUnavailable) as error:
        made.since(NOW)
    assert "MONGODB_URI" in error.value.for_operator and "MONGODB_URI" not in str(error.value)
    made.close()
