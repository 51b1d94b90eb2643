"""A database that answers the plans of `indexer.queries` plainly, and refuses what would scan."""

from __future__ import annotations

import operator
from collections.abc import Callable
from random import Random
from typing import Any

from indexer.documents import ACCOUNTS, CHECKPOINT, EVENTS, OPERATORS, ROOMS, doc_id
from indexer.event_pages import pack_events
from indexer.projection.titles import title_tokens
from indexer.queries import GROUP, INDEXES, Find, Plan, run_plan

C = "0x" + "c0" * 20
HOSTS = [f"0x{n:040x}" for n in range(6)]
WORDS = ("music", "yoga", "lớp", "đàn", "chess", "rare")


class QueryTables:
    """Documents that answer finds plainly, and check that each follows an index."""

    def __init__(self, rooms: int, seed: int = 1) -> None:
        rng = Random(seed)
        self.finds = 0
        self.returned = 0
        self.most_matches = 0  # of one find, before its limit
        self.rooms = [self._room(n, rooms, rng) for n in range(1, rooms + 1)]
        ended = sum(room["status"] == "ended" for room in self.rooms)
        self.docs: dict[str, list[dict[str, Any]]] = {
            ROOMS: self.rooms,
            CHECKPOINT: [
                {"_id": C, "first_room_id": 1, "rooms": rooms, "ended_rooms": ended, "seq": 9}
            ],
            ACCOUNTS: [
                {"_id": doc_id(C, host), "rooms": sum(r["host"] == host for r in self.rooms)}
                for host in HOSTS
            ],
            EVENTS: [
                dict(page)
                for page in pack_events([{"contract": C, "seq": n} for n in range(1, 200)])  # type: ignore[typeddict-item]
            ],
            OPERATORS: [{"_id": doc_id(C, n), "operator_id": n} for n in range(1, 54)],
        }

    def _room(self, n: int, rooms: int, rng: Random) -> dict[str, Any]:
        # host 0 has most rooms, host 5 only the oldest ones
        host = HOSTS[5] if n < rooms // 50 else HOSTS[0 if rng.random() < 0.7 else rng.randrange(5)]
        title = " ".join(rng.choice(WORDS[:5]) for _ in range(3)) + (" rare" if n == 3 else "")
        return {
            "_id": n, "n": n, "contract": C, "host": host, "title": title,
            "status": "ended" if n < rooms - 60 else rng.choice(("active", "pending", "ended")),
            "mode": rng.choice(("webrtc", "broadcast")), "search": title_tokens(title),
            "operator_id": 1, "work": rng.choice((None, "provision")), "seqs": [n, n + 1],
            "expire_at": n if n % 2 else None,
            "pending_host": rng.choice(HOSTS) if rng.random() < 0.1 else None,
        }  # fmt: skip

    def run(self, plan: Plan[Any]) -> Any:
        return run_plan(plan, self._find)

    def _find(self, find: Find) -> list[dict[str, Any]]:
        self._follows_an_index(find)
        self.finds += 1
        found = list(self.docs[find.collection])
        for name, wanted in reversed(list(find.filter.items())):  # a range leaves the least
            found = _narrowed(found, name, wanted)
        self.most_matches = max(self.most_matches, len(found))
        if find.sort is not None:
            found.sort(key=lambda doc: doc[find.sort[0]], reverse=find.sort[1] < 0)  # type: ignore[index]
        found = found[: find.limit] if find.limit else found
        self.returned += len(found)
        return found

    def _follows_an_index(self, find: Find) -> None:
        fields = list(find.filter)
        if fields == ["_id"]:
            wanted = find.filter["_id"]
            assert not isinstance(wanted, dict) or len(wanted["$in"]) <= GROUP
            return
        assert not any(field.startswith("$") for field in fields)
        index = next(
            (i for i in INDEXES[find.collection] if i[: len(fields)] == tuple(fields)), None
        )
        assert index is not None, f"no index for {fields}"
        ranges = [field for field in fields if isinstance(find.filter[field], dict)]
        assert ranges in ([], fields[-1:]), "a range may only stand at the end"
        assert find.sort is None or find.sort[0] in index[len(fields) - len(ranges) :]


_RANGES: dict[str, Callable[[Any, Any], bool]] = {
    "$gte": operator.ge,
    "$gt": operator.gt,
    "$lt": operator.lt,
    "$lte": operator.le,
}


def _narrowed(docs: list[dict[str, Any]], name: str, wanted: Any) -> list[dict[str, Any]]:
    """Those of the documents that fit one criterion."""
    if not isinstance(wanted, dict):
        return [
            doc
            for doc in docs
            if (value := doc.get(name)) == wanted or (type(value) is list and wanted in value)
        ]
    for kind, limit in wanted.items():
        if kind == "$in":
            docs = [doc for doc in docs if doc.get(name) in limit]
        else:
            fits = _RANGES[kind]
            docs = [
                doc for doc in docs if (value := doc.get(name)) is not None and fits(value, limit)
            ]
    return docs
