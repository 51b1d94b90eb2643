"""`rebuild` and `rewind` while the API is read all the time: which answers readers get."""

from __future__ import annotations

import re
import sys
from random import Random
from typing import Any

import httpx

from bench.drill.drill import Drill
from bench.drill.people import Hosts, Judge, Question, Readers
from bench.drill.site import Site
from chain.enums import room_name
from localnet.loopback import client
from localnet.services import api_rate_limits
from localnet.waiting import wait_until

ROOMS = 40


def rebuild(drill: Drill) -> None:
    """Readers during rebuild and rewind get what is true at the block it names, or 503."""
    with Site(drill) as site:
        with Hosts(site.rooms, pause=0.0, most_open=ROOMS // 2) as hosts:
            site.start_all(api_rate_limits("off"))
            hosts.wait_created(ROOMS)
            hosts.leave()
        hosts.wait_served()
        site.check_at_rest(hosts.created)
        middle = site.node.block_number() // 2
        url = site.services["api"].url
        truth = _Truth(url, sorted(hosts.created))
        for name, words in {
            "rebuild": ("rebuild",),
            "rewind": ("rewind", "--to-block", str(middle)),
        }.items():
            with Readers([url], truth.question, pause=0.0) as readers:
                readers.wait_asked(50)
                began = drill.seconds
                done = site.command("indexer", *words, seconds=300.0)
                took = drill.seconds - began
                drill.check(f"{name} ends with 0", done.returncode == 0, f"{took:.1f} s")
                site.wait_ready("indexer")
                readers.wait_asked(200)
            told = f"{readers.counts()}, of these {truth.older} of an older block that they name"
            told = "; ".join([told, *readers.failed[:3]])
            drill.check(f"{name}: no reader got a wrong answer", not readers.failed, told)
            if name == "rebuild":
                drill.check("rebuild: no reader got an older answer", not truth.older)
            wait_until(truth.whole, 60.0, "every answer is as before")
        site.check_at_rest(hosts.created)


class _Truth:
    """What the API said before, when all was at rest; nothing has changed since."""

    def __init__(self, url: str, rooms: list[int]) -> None:
        self._http = client(url, timeout=30.0)
        self.older = 0
        self._known: dict[str, Any] = {}
        base = "/api/livestream/"
        self._paths = [f"{base}rooms/{room_name(room)}" for room in rooms]
        self._paths += [f"{path}/events" for path in self._paths]
        self._paths += [f"{base}rooms?limit=50", f"{base}rooms?status=active&limit=50"]
        self._settled = 0
        for path in self._paths:
            answer = self._http.get(path)
            self._known[path] = _content(answer)
            # all of it is true from this block on, as nothing changes any more
            self._settled = _block(answer)

    def question(self, rng: Random) -> Question:
        path = rng.choice(self._paths)
        return path, self._judge(path)

    def _judge(self, path: str) -> Judge:
        def judge(answer: httpx.Response) -> str | None:
            if answer.status_code == 503 and "Retry-After" in answer.headers:
                return None
            if answer.status_code == 200 and _content(answer) == self._known[path]:
                return None
            if self._is_of_an_older_block(answer, path):
                self.older += 1
                return None
            return f"{answer.status_code} {answer.text[:300]}"

        return judge

    def _is_of_an_older_block(self, answer: httpx.Response, path: str) -> bool:
        """Whether it names a block before the last change, and tells what was so at that time: the
        first of a room's events, or a room that was not there yet."""
        if _block(answer) >= self._settled or answer.status_code not in (200, 404):
            return False
        if not path.endswith("/events") or answer.status_code == 404:
            return True
        told = _content(answer)["events"]
        known: list[Any] = self._known[path]["events"]
        return bool(told == known[: len(told)])

    def whole(self) -> bool:
        """Whether every answer is as before."""
        answers = {path: self._http.get(path) for path in self._paths}
        return all(
            answer.status_code == 200 and _content(answer) == self._known[path]
            for path, answer in answers.items()
        )


def _block(answer: httpx.Response) -> int:
    """The block that an answer is of, by its `Index-Position`; a late one where it has none."""
    found = re.search(r"\bblock=(\d+)", answer.headers.get("Index-Position", ""))
    return int(found[1]) if found else sys.maxsize


def _content(answer: httpx.Response) -> Any:
    """Without what grows by itself: the index's position, the answer's age."""
    body = answer.json()
    return _without(body, {"index", "finality", "cursor", "next", "confirmations"})


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner, names) for key, inner in value.items() if key not in names}
    if isinstance(value, list):
        return [_without(inner, names) for inner in value]
    return value
