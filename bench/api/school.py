"""Scenario 35 in real time: a school is one address, and refuses event streams, for ten minutes.

300 viewers' pages ask the API with the limits of a fresh installation. What they ask is not told
again here: the page's own code does it (`school_viewers.js`, bundled by the page's bundler), each
viewer over connections of their own, all from one address. The room changes twice a minute.

`python -m bench api.school --minutes 2` is a shorter one; interrupted, it tells what it has seen.
Node and the API share this machine's processors: the floor of latency is a bare route of the same
server, asked meanwhile from another address.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx

from bench.api.api_bench import ApiBench
from bench.api.hosts import live_room
from bench.api.load import quantile
from bench.output import SuiteOutput
from bench.rows import BenchRow
from bench.usage import Others
from common.settings.model import ApiSettings
from localnet.process import ROOT, Program
from localnet.rooms_on_anvil import RoomsOnAnvil

VIEWERS = 300
SECONDS = 600.0
ARRIVE_S = 10.0
CHANGE_EVERY_S = 30.0
STALE_AIM_S = 16.0  # the 15 s between two questions of a page, and one for the way
P99_AIM_MS = 1000.0
BARE_EVERY_S = 0.2
# ours, so that what we ask does not count against the school's limits
ELSEWHERE = "127.0.0.2"
VIEWERS_CODE = Path(__file__).with_name("school_viewers.js")
BUNDLER = ROOT / "dapp" / "node_modules" / ".bin" / "rolldown"


@dataclass
class School:
    """What the viewers' programs told, second by second."""

    asked: list[Counter[str]] = field(default_factory=list)
    files: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    seen: list[tuple[int, int, float]] = field(default_factory=list)

    def hear(self, line: str) -> None:
        told = json.loads(line)
        self.asked.append(Counter(told["asked"]))
        self.files.update(told["files"])
        self.took += told["took"]
        self.seen += [(viewer, seq, at) for viewer, seq, at in told["seen"]]

    def statuses(self) -> Counter[str]:
        return sum(self.asked, Counter[str]())

    def busiest(self) -> int:
        """Questions and attempts at a stream in the busiest minute."""
        each = [counts.total() for counts in self.asked]
        return max((sum(each[n : n + 60]) for n in range(len(each))), default=0)


@dataclass
class _Change:
    """The room was changed: seconds since the epoch. `answered`: the API told of it, asked again
    and again; 0: not yet."""

    mined: float
    seq: int = 0
    answered: float = 0.0

    def last_view(self, seen: list[tuple[int, int, float]]) -> float | None:
        """When the last of the viewers' pages knew; None if some never did."""
        first: dict[int, float] = {}
        for viewer, seq, at in seen:
            if seq >= self.seq:
                first.setdefault(viewer, at)
        return max(first.values()) if len(first) == VIEWERS else None


def school(out: SuiteOutput) -> list[BenchRow]:
    """Ten minutes of it."""
    seconds = out.seconds(SECONDS)
    with ApiBench(out.folder) as place, out.interruptible() as stopped:
        live_room(place.rooms)
        place.indexer()
        _, port = place.api_as_installed()
        viewers = _viewers(place, out.folder / "viewers.mjs", port)
        others, found = Others(), School()
        changes, bare = _meanwhile(out, place.rooms, viewers, port, seconds, stopped)
        disturbed = others.cores()
        viewers.require_alive()
        for line in viewers.output().splitlines(keepends=True):
            if line.endswith("}\n"):
                found.hear(line)
    raw = {"changes": [vars(change) for change in changes], "statuses": found.statuses()}
    (out.folder / "school.json").write_text(json.dumps(raw))
    return _rows(found, changes, bare, disturbed, cut=stopped.is_set())


def _viewers(place: ApiBench, bundle: Path, port: int) -> Program:
    if not (ROOT / "dapp" / "dist" / "index.html").is_file():
        raise RuntimeError("the page is not built: make dapp")
    options = ["--format", "esm", "--platform", "node", "-o", str(bundle)]
    subprocess.run(
        [BUNDLER, VIEWERS_CODE, *options], check=True, capture_output=True, timeout=60, cwd=ROOT
    )
    origin = f"http://127.0.0.1:{port}"
    node = ["node", str(bundle), origin, "live_1", str(VIEWERS), str(ARRIVE_S)]
    return place.runner.start("viewers", node)


def _meanwhile(
    out: SuiteOutput,
    rooms: RoomsOnAnvil,
    viewers: Program,
    port: int,
    seconds: float,
    stopped: Event,
) -> tuple[list[_Change], list[float]]:
    """Changes the room and asks the bare route until the time is over."""
    changes: list[_Change] = []
    bare: list[float] = []
    over = Event()
    transport = httpx.HTTPTransport(local_address=ELSEWHERE)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport) as http:
        asking = Thread(target=_ask_bare, args=(http, bare, over))
        asking.start()
        try:
            began = time.monotonic()
            due = began + ARRIVE_S + CHANGE_EVERY_S / 2
            # the last change has its time to be seen
            last = began + max(seconds, ARRIVE_S + CHANGE_EVERY_S) - STALE_AIM_S - 5.0
            while time.monotonic() < last + STALE_AIM_S + 5.0 and not stopped.wait(0.2):
                viewers.require_alive()
                if due < time.monotonic() < last:
                    due += CHANGE_EVERY_S
                    changes.append(_change(http, rooms, len(changes)))
                    gone = time.monotonic() - began
                    out.say(f"{gone:.0f} s: change {len(changes)} of the room")
        finally:
            over.set()
            asking.join()
    return changes, bare


def _change(http: httpx.Client, rooms: RoomsOnAnvil, turn: int) -> _Change:
    before = _last_seq(http)
    rooms.rename(1, f"Tiết {turn + 2}".encode())
    change = _Change(time.time(), before + 1)
    while not change.answered and time.time() < change.mined + STALE_AIM_S:
        if _last_seq(http) > before:
            change.answered = time.time()
        time.sleep(0.05)
    return change


def _last_seq(http: httpx.Client) -> int:
    answer: dict[str, Any] = http.get("/api/livestream/rooms/live_1").raise_for_status().json()
    return int(answer["last_seq"])


def _ask_bare(http: httpx.Client, took: list[float], over: Event) -> None:
    while not over.wait(BARE_EVERY_S):
        began = time.perf_counter()
        http.get("/bare").raise_for_status()
        took.append((time.perf_counter() - began) * 1000)


def _rows(
    found: School, changes: list[_Change], bare: list[float], disturbed: float, *, cut: bool
) -> list[BenchRow]:
    table = (
        f"api.school: {VIEWERS} viewers behind one address, streams refused,"
        f" {len(found.asked) / 60:.1f} minutes{', interrupted' if cut else ''}, default limits"
    )
    statuses, limit = found.statuses(), _limit()
    refused = statuses["429"] + found.files["429"]
    busiest, p99 = found.busiest(), quantile(found.took, 0.99)
    views = [(change.last_view(found.seen), change) for change in changes]
    known = [at - change.mined for at, change in views if at is not None]
    never = len(views) - len(known)
    stalest = max(known, default=0.0)
    answered = max((c.answered - c.mined for c in changes if c.answered), default=0.0)
    return [
        BenchRow(table, "answers 429", refused, aim="0", met=refused == 0,
            note=f"by status: {_told(statuses)}; of the page's files: {_told(found.files)}"),
        BenchRow(table, "questions and attempts in the busiest minute", busiest, "", limit,
            "API_RATE_LIMIT", "three quarters of the limit", busiest <= 0.75 * limit,
            f"{statuses.total() / VIEWERS / max(len(found.asked) / 60, 1 / 60):.1f} a minute and"
            " viewer over all"),
        BenchRow(table, "a question, 99 of 100", p99, "ms", quantile(bare, 0.99), "a bare route",
            f"<= {P99_AIM_MS / 1000:g} s", p99 <= P99_AIM_MS,
            note=f"{len(found.took):,} questions, half of them within"
            f" {quantile(found.took, 0.5):.1f} ms; other programs took {disturbed:.2f} of a core"),
        BenchRow(table, "the stalest view: from a change to the last viewer's page", stalest, "s",
            answered, "the API itself", f"<= {STALE_AIM_S:g} s",
            bool(known) and not never and stalest <= STALE_AIM_S,
            f"{len(changes)} changes; {never} that some viewer never saw"),
    ]  # fmt: skip


def _limit() -> int:
    """Questions a minute that one address may ask of a fresh installation."""
    count, _, period = str(ApiSettings.model_fields["api_rate_limit"].default).partition("/")
    if period != "minute":
        raise RuntimeError(f"API_RATE_LIMIT is by the {period}: count that")
    return int(count)


def _told(statuses: Counter[str]) -> str:
    return ", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items()))
