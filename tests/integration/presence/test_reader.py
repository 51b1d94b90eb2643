"""What a reader sees in the database that `python -m presence` writes."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient

from localnet.mongo import MongoServer
from presence.documents import PRESENCE_ROOMS, PRESENCE_STATE, presence_state
from presence.reader import PresenceReader


def _row(n: int, rev: int, live: bool | None) -> dict[str, Any]:
    return {
        "_id": n, "contract": "0x" + "c0" * 20, "live": live, "live_since": 7 if live else None,
        "viewers": 3 if live else None, "rev": rev, "off_at": None,
    }  # fmt: skip


def test_reader__rows_of_several_revs__in_order_paged_and_by_number(
    mongo: MongoServer, mongo_database: str
) -> None:
    with MongoClient[dict[str, Any]](mongo.uri) as client:
        database = client[mongo_database]
        reader = PresenceReader(database)
        assert reader.state() is None
        rooms = [_row(1, 3, True), _row(2, 1, False), _row(3, 2, None)]
        database[PRESENCE_ROOMS].insert_many(rooms)
        database[PRESENCE_STATE].insert_one({**presence_state(3, 9, 100)})
        assert reader.state() == presence_state(3, 9, 100)
        first, more = reader.changes(0, limit=2)
        assert [row["n"] for row in first] == [2, 3]
        assert more == 2
        rest, more = reader.changes(2, limit=2)
        assert ([row["n"] for row in rest], more) == ([1], None)
        assert rest[0] == {
            "n": 1, "contract": "0x" + "c0" * 20, "live": True, "live_since": 7, "viewers": 3,
        }  # fmt: skip
        assert [row["n"] for row in reader.live_rows()] == [1]
        assert reader.rows([3, 9, 2])[2]["live"] is False
        assert set(reader.rows([3, 9, 2])) == {2, 3}
