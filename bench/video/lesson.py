"""A class on a bad network: one Chromium and 19 receivers, 5 % of all packets lost and 300 ms late.

The whole local system, a host's page that publishes, and between the stand-in and everybody who
watches a path of ours (`lossy_path`), which loses and delays packets in both directions. One window
stays for the whole class; another is reloaded again and again; the receivers count packets and do
not decode. The floor is the same class over the same path while it neither loses nor delays.

`python -m bench video.class --minutes 60` is the whole hour; the default is three minutes.
Interrupted or broken off, it tells what it has seen; `samples.jsonl` in its folder has every look,
line by line.

Held means: the page never lets a picture stand without saying so for longer than its own watchdogs
need, it always comes back, memory stays where it was, and nobody's share of the packets falls below
what the path lets through.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from playwright.sync_api import CDPSession, Error, Page, Route

from bench.output import SuiteOutput
from bench.rows import BenchRow
from bench.usage import Others, resident, share_of_memory, tree, usage
from bench.video.lossy_path import LossyPath
from bench.video.video_bench import PAGE, VideoBench
from chain.enums import room_name
from localnet.loopback import client
from localnet.process import ROOT, Program, ProgramError
from localnet.runner import Runner
from localnet.stack import Stack
from localnet.stack_programs import Pace
from localnet.stack_state import StackState
from localnet.waiting import wait_until

RECEIVERS = 19
LOSS, DELAY_S = 0.05, 0.3
SEED = 15
SECONDS, FLOOR_SECONDS = 180.0, 60.0
RELOAD_EVERY_S = 20.0
NEVER_S = 60.0  # a reload that did not play by then
LOOK_EVERY_S = 5.0
WEIGH_EVERY_S = 30.0

SILENT_AIM_S = 6.0  # what a page's slowest watchdog takes, and a look of it
STOOD_AIM_S = 30.0
RELOAD_AIM_S = 10.0
SHARE_SLACK = 1.0  # percent
GROWTH_AIM_MB = 50.0

OBSERVER = (PAGE / "observer.js").read_text(encoding="utf-8")
BUILT = ROOT / "dapp" / "dist" / "index.html"


@dataclass
class Phase:
    """What was seen while the path was one way."""

    seconds: float = 0.0
    frames: int = 0
    silent: list[float] = field(default_factory=list)
    stood: list[float] = field(default_factory=list)
    stands: int = 0
    words: set[str] = field(default_factory=set)
    moving: bool = False
    reloads: list[float] = field(default_factory=list)
    never: int = 0
    connected: list[int] = field(default_factory=list)
    sessions: int = 0
    received: int = 0
    sent: int = 0
    path_received: int = 0
    path_lost: int = 0
    cpu: float = 0.0
    others: float = 0.0
    weights: list[dict[str, float]] = field(default_factory=list)
    broke_off: str = ""  # why, if the phase did not reach its end

    @property
    def share(self) -> float:
        """Percent of the packets sent to the receivers that reached them."""
        return 100.0 * self.received / self.sent if self.sent else 0.0

    def growth(self, name: str) -> float:
        """Megabytes from a quarter of the phase to its end: before that, things warm up."""
        held = [weight[name] for weight in self.weights]
        return held[-1] - held[len(held) // 4] if held else 0.0


@dataclass
class Scene:
    """Everything that runs."""

    out: SuiteOutput
    stack: Stack
    path: LossyPath
    receivers: Program
    stays: Page
    reloads: Page
    debug: CDPSession
    stopped: Event

    def sums(self) -> dict[str, int]:
        """What the receivers have counted so far."""
        lines = self.receivers.output().splitlines(keepends=True)
        sums = (line for line in reversed(lines) if line.startswith("{") and line.endswith("}\n"))
        return dict(json.loads(next(sums)))

    @property
    def stand_in(self) -> int:
        return self.stack.program("stream").pid

    def weigh(self) -> dict[str, float]:
        """Megabytes held: the stand-in, the page that stays, all of Chromium."""
        self.debug.send("HeapProfiler.collectGarbage")
        heap = self.debug.send("Runtime.getHeapUsage")["usedSize"]
        browser = sum(share_of_memory(pid) for pid in tree(os.getpid()) if _is_chromium(pid))
        return {
            "stand-in": resident(self.stand_in) / 1e6,
            "page": float(heap) / 1e6,
            "Chromium": browser / 1e6,
        }


def lesson(out: SuiteOutput) -> list[BenchRow]:
    """The floor, then the class."""
    if not BUILT.is_file():
        raise RuntimeError("the page is not built: make dapp")
    seconds = out.seconds(SECONDS)
    floor, seen = Phase(), Phase()
    with out.interruptible() as stopped:
        try:
            with _scene(out, stopped) as scene:
                _watch(scene, "floor", floor, min(seconds, FLOOR_SECONDS))
                scene.path.set(LOSS, DELAY_S)
                _watch(scene, "class", seen, seconds)
        except (Error, ProgramError) as error:
            if not seen.stood:
                raise
            if not stopped.is_set():  # Ctrl-C reaches the browser, too
                seen.broke_off = str(error).splitlines()[0]
    if not seen.stood:
        raise RuntimeError("nothing was measured before it was interrupted")
    return _rows(floor, seen, cut=stopped.is_set())


# --- what runs ---------------------------------------------------------------------------------


@contextmanager
def _scene(out: SuiteOutput, stopped: Event) -> Iterator[Scene]:
    with contextlib.ExitStack() as undo:
        state = StackState(out.folder / "stack")
        undo.callback(state.close)
        stack = Stack(state, Pace(block_seconds=0.5))
        undo.callback(stack.stop)
        stack.start()
        room, input_ = _live_room(stack)
        place = undo.enter_context(VideoBench())
        (host,) = undo.enter_context(place.people(1))
        host.evaluate("url => publish(url)", input_["webRTC"]["url"])
        out.say(f"{room} is on air")
        runner = undo.enter_context(Runner(out.folder / "programs"))
        path = LossyPath.start(runner, SEED)
        whep = input_["webRTCPlayback"]["url"]
        address = f"{state.url('api')}/room/{room}"
        stays, reloads = (_viewer(undo, place, path, address) for _ in range(2))
        command = [sys.executable, "-m", "bench.video.receivers", whep, path.url, str(RECEIVERS)]
        receivers = runner.start("receivers", command)
        debug = stays.context.new_cdp_session(stays)
        scene = Scene(out, stack, path, receivers, stays, reloads, debug, stopped)
        receivers.wait_for_output(rf'"connected": {RECEIVERS}', 60.0)
        wait_until(lambda: _played(stays) and _played(reloads), 60.0, "both windows play")
        yield scene


def _live_room(stack: Stack) -> tuple[str, dict[str, Any]]:
    """An active room's name, and its live input with the credentials."""
    room = room_name(stack.rooms.create("Lớp học buổi tối".encode()))
    control = stack.stream_control()
    with client(stack.state.url("api")) as api, contextlib.closing(control):
        control.set_quirks(peers="far")

        def active() -> str:
            answer = api.get(f"/api/livestream/rooms/{room}")
            found = answer.json() if answer.status_code == 200 else {}
            return str(found["uid"]).removeprefix("0x") if found.get("status") == "active" else ""

        uid = wait_until(active, 60.0, f"{room} is active")
        (made,) = [one for one in control.inputs() if one["uid"] == uid]
    return room, made


def _viewer(undo: contextlib.ExitStack, place: VideoBench, path: LossyPath, address: str) -> Page:
    """A window on the room, whose media goes by the path."""
    page = undo.enter_context(place.window())
    page.add_init_script(OBSERVER)

    def play(route: Route) -> None:
        with contextlib.suppress(Error):  # the page is gone meanwhile
            answer = route.fetch()
            body = answer.text()
            route.fulfill(response=answer, body=path.around(body) if answer.ok else body)

    page.route("**/webRTC/play", play)
    page.goto(address)
    return page


# --- looking on --------------------------------------------------------------------------------


def _watch(scene: Scene, name: str, phase: Phase, seconds: float) -> None:
    """Looks on until the time is over or somebody says stop."""
    scene.out.say(f"{name}: {seconds:g} s")
    before, path_before = scene.sums(), scene.path.counts()
    cpu, began, others = usage(scene.stand_in).cpu, time.monotonic(), Others()
    look_at = weigh_at = tell_at = began
    reloads = _Reloads(scene.reloads, phase)
    _look(scene.stays)  # what was before does not count
    with (scene.out.folder / "samples.jsonl").open("a") as samples:
        while (now := time.monotonic()) < began + seconds and not scene.stopped.is_set():
            scene.stays.wait_for_timeout(250)  # the windows' requests are carried out meanwhile
            reloads.step()
            if now < look_at:
                continue
            look_at = now + LOOK_EVERY_S
            scene.stack.require_alive()
            scene.receivers.require_alive()
            sample: dict[str, Any] = {"phase": name, "at": round(now - began, 1)}
            sample |= {"stays": _look(scene.stays), "receivers": scene.sums()}
            if now >= weigh_at:
                weigh_at = now + WEIGH_EVERY_S
                sample["held"] = scene.weigh()
                phase.weights.append(sample["held"])
            _note(phase, sample["stays"])
            _count(phase, before, sample["receivers"])
            counts = scene.path.counts()
            phase.path_received = counts["received"] - path_before["received"]
            phase.path_lost = counts["lost"] - path_before["lost"]
            phase.seconds = now - began
            phase.others = others.cores()
            phase.cpu = (usage(scene.stand_in).cpu - cpu) / max(phase.seconds, 1.0) * 100
            samples.write(json.dumps(sample) + "\n")
            samples.flush()
            if now >= tell_at:
                tell_at = now + max(30.0, seconds / 60)
                scene.out.say(_progress(phase))


def _look(page: Page) -> dict[str, Any]:
    return dict(page.evaluate("look()"))


def _played(page: Page) -> bool:
    page.wait_for_timeout(50)
    return _look(page)["first"] is not None


def _note(phase: Phase, seen: dict[str, Any]) -> None:
    phase.frames += seen["frames"]
    phase.stands += seen["stands"]
    phase.silent.append(seen["silent"] / 1000)
    phase.stood.append(seen["stood"] / 1000)
    phase.moving = seen["frames"] > 0
    if seen["word"]:
        phase.words.add(seen["word"])


def _count(phase: Phase, before: dict[str, int], now: dict[str, int]) -> None:
    phase.connected.append(now["connected"])
    phase.sessions = now["sessions"] - before["sessions"]
    phase.received = now["received"] - before["received"]
    phase.sent = now["sent"] - before["sent"]


class _Reloads:
    """A window that is reloaded again and again, each time when it has played for a while."""

    def __init__(self, page: Page, phase: Phase) -> None:
        self._page = page
        self._phase = phase
        self._reloaded = time.monotonic() - RELOAD_EVERY_S
        self._waiting = False

    def step(self) -> None:
        gone = time.monotonic() - self._reloaded
        if self._waiting:
            first = self._first()
            if first is not None:
                self._phase.reloads.append(first / 1000)
                self._waiting = False
            elif gone > NEVER_S:
                self._phase.never += 1
                self._waiting = False
        elif gone >= RELOAD_EVERY_S:
            self._reloaded, self._waiting = time.monotonic(), True
            try:
                self._page.reload(wait_until="commit")
            except Error:  # the page itself did not come
                self._phase.never += 1
                self._waiting = False

    def _first(self) -> float | None:
        try:
            found = self._page.evaluate("window.look?.().first ?? null")
        except Error:
            return None  # it is just being loaded
        return None if found is None else float(found)


def _progress(phase: Phase) -> str:
    slowest = max(phase.reloads, default=0.0)
    return (
        f"{phase.seconds:.0f} s: stood {max(phase.stood):.1f} s at most, silently"
        f" {max(phase.silent):.1f} s; {len(phase.reloads)} reloads, the slowest {slowest:.1f} s;"
        f" receivers {phase.connected[-1]} with {phase.share:.1f} %;"
        f" {', '.join(f'{name} {held:.0f} MB' for name, held in phase.weights[-1].items())}"
    )


def _is_chromium(pid: int) -> bool:
    try:
        return "chrom" in Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return False


# --- what is told ------------------------------------------------------------------------------


def _rows(floor: Phase, seen: Phase, *, cut: bool) -> list[BenchRow]:
    table = (
        f"video.class: {seen.seconds / 60:.1f} minutes{', interrupted' if cut else ''};"
        f" {LOSS:.0%} lost and {DELAY_S * 1000:g} ms late in each direction;"
        f" two windows and {RECEIVERS} receivers"
    )
    peer = "nothing lost or late"

    def row(figure: str, unit: str, value: float, beside: float, **more: Any) -> BenchRow:
        return BenchRow(table, figure, value, unit, beside, peer, **more)

    silent, stood = max(seen.silent), max(seen.stood)
    reloads, aim = sorted(seen.reloads), f"<= {RELOAD_AIM_S:g} s, always"
    late = _late(reloads)
    let_through = 100.0 * (1 - seen.path_lost / max(seen.path_received, 1))
    words = f"; it said: {', '.join(sorted(seen.words))}" if seen.words else ""
    broken = f"; BROKE OFF: {seen.broke_off}" if seen.broke_off else ""
    rows = [
        row("longest that the picture stood and nothing was said", "s", silent, max(floor.silent),
            aim=f"<= {SILENT_AIM_S:g} s", met=silent <= SILENT_AIM_S),
        row("longest without a moving picture", "s", stood, max(floor.stood),
            aim=f"<= {STOOD_AIM_S:g} s, and it plays at the end",
            met=stood <= STOOD_AIM_S and seen.moving and not seen.broke_off,
            note=f"{seen.stands} times over a second{words}{broken}; other programs took"
            f" {seen.others:.2f} of a core, during the floor {floor.others:.2f}"),
        row("frames a second that were shown", "fps", seen.frames / max(seen.seconds, 1.0),
            floor.frames / max(floor.seconds, 1.0)),
        row("from a reload to the first frame, 95 of 100", "s", late, _late(floor.reloads),
            aim=aim, met=bool(reloads) and late <= RELOAD_AIM_S and not seen.never,
            note=f"{len(reloads)} reloads, the middle one {_middle(reloads):.1f} s, the slowest"
            f" {max(reloads, default=0.0):.1f} s; {seen.never} never played"),
        row("packets that reach the receivers", "%", seen.share, floor.share,
            aim=f"within {SHARE_SLACK:g} of what the path lets through",
            met=abs(seen.share - let_through) <= SHARE_SLACK,
            note=f"the path let {let_through:.2f} % through; {seen.sent:,} packets;"
            f" {seen.sessions} sessions begun anew, at least {min(seen.connected)} of"
            f" {RECEIVERS} connected"),
        row("CPU of the stand-in, percent of one core", "%", seen.cpu, floor.cpu),
    ]  # fmt: skip
    return rows + [
        row(f"memory of {name}", "MB", seen.weights[-1][key], floor.weights[-1][key],
            aim=f"<= {GROWTH_AIM_MB:g} MB more than after a quarter of the time",
            met=seen.growth(key) <= GROWTH_AIM_MB,
            note=f"{seen.growth(key):+.1f} MB since then; at most"
            f" {max(weight[key] for weight in seen.weights):.0f} MB")
        for key, name in (
            ("stand-in", "the stand-in"),
            ("page", "the page that stays (JavaScript)"),
            ("Chromium", "all of Chromium"),
        )
    ]  # fmt: skip


def _late(reloads: list[float]) -> float:
    if len(reloads) < 2:
        return max(reloads, default=0.0)
    return statistics.quantiles(reloads, n=20, method="inclusive")[-1]


def _middle(reloads: list[float]) -> float:
    return statistics.median(reloads) if reloads else 0.0
