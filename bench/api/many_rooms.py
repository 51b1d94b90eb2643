"""Two hundred thousand rooms, made from one real document, for measuring lists and search."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pymongo

from chain.enums import room_name
from indexer.documents import CHECKPOINT, ROOMS
from indexer.projection.titles import title_tokens
from indexer.queries import INDEXES

ROOMS_MADE = 200_000
OPEN = 300  # the newest ones; the rest have ended
TITLE_WORDS = """lớp học trực tuyến nấu ăn cùng mẹ phố cổ Hà Nội đàn piano guitar game live
concert chợ quê du lịch Đà Lạt Sài Gòn nhạc trẻ bóng đá tin tức yoga buổi sáng kể chuyện đêm khuya
"""


def fill(uri: str, database: str, contract: str, active: int = 0) -> None:
    """Put the rooms in and move the checkpoint; the indexer must not run meanwhile. `active`: of
    the newest ones; 0: `OPEN` are active or pending."""
    with pymongo.MongoClient[dict[str, Any]](uri) as client:
        db = client[database]
        sample = db[ROOMS].find_one({"_id": 1})
        if sample is None:
            raise RuntimeError("room 1 is missing: the indexer has not seen it")
        db[ROOMS].drop()
        for fields in INDEXES[ROOMS]:
            db[ROOMS].create_index([(name, 1) for name in fields])
        batch: list[dict[str, Any]] = []
        for doc in _rooms(sample, active):
            batch.append(doc)
            if len(batch) == 200:
                db[ROOMS].insert_many(batch, ordered=False)
                batch = []
        change = {"rooms": ROOMS_MADE, "ended_rooms": ROOMS_MADE - (active or OPEN)}
        db[CHECKPOINT].update_one({"_id": contract}, {"$set": change})


def _rooms(sample: dict[str, Any], active: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(1)
    words = TITLE_WORDS.split()
    for number in range(1, ROOMS_MADE + 1):
        title = " ".join(chance.choice(words) for _ in range(chance.randint(2, 7)))
        if number % 10 == 0:
            title += f" số {number}"
        ended = number <= ROOMS_MADE - (active or OPEN)
        yield {
            **sample,
            "_id": number,
            "n": number,
            "room_id": room_name(number),
            "title": title,
            "title_hex": "0x" + title.encode().hex(),
            "search": title_tokens(title),
            "host": f"0x{chance.randint(1, 5000):040x}",
            "mode": chance.choice(("webrtc", "broadcast")),
            "status": _status(ended, active, chance),
            "work": None,
            "expire_at": None,
        }


def _status(ended: bool, active: int, chance: random.Random) -> str:
    if ended:
        return "ended"
    return "active" if active else chance.choice(("active", "pending"))
