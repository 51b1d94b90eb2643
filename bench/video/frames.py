"""The stand-in's video: frames, CPU, and the time from a frame's drawing to its showing.

A host's page stamps each frame of a fake camera (640x480, 30 a second) with the time; the viewers'
pages read it off the pixels. Frames go three ways: through our stand-in, which passes them on as
they were encoded; through aiortc's own relay, the rival, which encodes them for each viewer; and
without a server, the floor. All pages run on this machine, too: one encoder and five decoders share
it with the server.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from bench.output import SuiteOutput
from bench.rows import BenchRow
from bench.usage import usage
from bench.video.video_bench import VideoBench, Way, direct, media_relay, stand_in
from localnet.waiting import wait_until

VIEWERS = 5
SECONDS = 15.0
SETTLE_SECONDS = 5.0
RATE_AIM = 29.0
FIRST_AIM_MS = 3000.0

Between = Callable[[Path], AbstractContextManager[Way]]


@dataclass
class VideoRound:
    """What one round showed. Times in milliseconds, CPU in percent of one core."""

    rates: list[float]
    sent: float
    ages: list[float]
    unread: int
    first: list[float]
    freezes: int
    cpu: float

    @property
    def worst(self) -> float:
        """Frames per second of the viewer who got least."""
        return min(self.rates)

    @property
    def late(self) -> float:
        """The age that 95 of 100 frames do not exceed."""
        return statistics.quantiles(self.ages, n=20)[-1]

    @property
    def middle(self) -> float:
        """The median age."""
        return statistics.median(self.ages)


def frames(out: SuiteOutput) -> list[BenchRow]:
    """Every way, with one viewer and with `VIEWERS`."""
    rounds: dict[str, VideoRound] = {}
    ways: tuple[tuple[str, Between, int], ...] = (
        ("direct-1", direct, 1),
        ("ours-1", stand_in, 1),
        ("relay-1", media_relay, 1),
        (f"ours-{VIEWERS}", stand_in, VIEWERS),
        (f"relay-{VIEWERS}", media_relay, VIEWERS),
    )
    with VideoBench() as place:
        for name, between, viewers in ways:
            folder = out.folder / name
            folder.mkdir()
            with between(folder) as way, place.people(1 + viewers) as (host, *watching):
                rounds[name] = seen = _round(way, host, watching)
            out.say(
                f"{name}: {seen.worst:.1f} of {seen.sent:.1f} fps, {seen.middle:.0f} ms, "
                f"CPU {seen.cpu:.0f} %, {seen.unread} stamps not read"
            )
    return _rows(rounds["direct-1"], *(rounds[name] for name, _, _ in ways[1:]))


def _round(way: Way, host: Page, watching: list[Page]) -> VideoRound:
    way.publish(host)
    for viewer in watching:
        way.play(viewer)
    for viewer in watching:
        wait_until(lambda v=viewer: _counts(v)["frames"] > 0, 15.0, "a first frame")  # type: ignore[misc]
    first = [float(viewer.evaluate("firstFrame")) for viewer in watching]
    time.sleep(SETTLE_SECONDS)  # the encoder finds its bitrate
    for viewer in watching:
        viewer.evaluate("ages.length = 0")
    before, cpu_before = [_counts(page) for page in (host, *watching)], _cpu(way)
    began = time.monotonic()
    time.sleep(SECONDS)
    after, cpu_after = [_counts(page) for page in (host, *watching)], _cpu(way)
    took = time.monotonic() - began
    sent, *rates = (
        (late["frames"] - early["frames"]) / (late["at"] - early["at"])
        for early, late in zip(before, after, strict=True)
    )
    ages: list[float] = [age for viewer in watching for age in viewer.evaluate("ages")]
    return VideoRound(
        rates=rates,
        sent=sent,
        ages=ages,
        unread=sum(viewer.evaluate("unread") for viewer in watching),
        first=first,
        freezes=sum(
            late["freezes"] - early["freezes"]
            for early, late in zip(before[1:], after[1:], strict=True)
        ),
        cpu=(cpu_after - cpu_before) / took * 100,
    )


def _counts(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("counts()")
    return found


def _cpu(way: Way) -> float:
    return 0.0 if way.pid is None else usage(way.pid).cpu


def _rows(
    floor: VideoRound,
    one: VideoRound,
    relay_one: VideoRound,
    five: VideoRound,
    relay_five: VideoRound,
) -> list[BenchRow]:
    relay, none = "transcoding relay", "no server"
    rows: list[BenchRow] = []
    for label, ours, rival in (
        ("1 viewer", one, relay_one),
        (f"{VIEWERS} viewers", five, relay_five),
    ):
        rows += [
            BenchRow(
                "video: frames a second, of the viewer who got least",
                label,
                ours.worst,
                "fps",
                beside=rival.worst,
                peer=relay,
                aim=f">= {RATE_AIM:g}",
                met=ours.worst >= RATE_AIM,
                note=f"the host encoded {ours.sent:.1f}; {ours.freezes} freezes in {SECONDS:g} s",
            ),
            BenchRow(
                "video: CPU of the server, percent of one core",
                label,
                ours.cpu,
                "%",
                beside=rival.cpu,
                peer=relay,
            ),
            BenchRow(
                "video: from a frame's drawing to its showing",
                f"{label}, median",
                ours.middle,
                "ms",
                beside=floor.middle,
                peer=f"{none}, 1 viewer",
                note=f"{len(ours.ages)} frames; the transcoding relay: {rival.middle:.0f} ms",
            ),
            BenchRow(
                "video: from a frame's drawing to its showing",
                f"{label}, 95 of 100",
                ours.late,
                "ms",
                beside=floor.late,
                peer=f"{none}, 1 viewer",
                note=f"the transcoding relay: {rival.late:.0f} ms",
            ),
        ]
    rows.append(
        BenchRow(
            "video: from a viewer's asking to the first frame",
            f"{VIEWERS} viewers one after the other, the slowest",
            max(five.first),
            "ms",
            beside=max(relay_five.first),
            peer=relay,
            aim="<= 3 s",
            met=max(five.first) <= FIRST_AIM_MS,
        )
    )
    return rows
