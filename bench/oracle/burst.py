"""Many rooms at once: what a room costs us in CPU, and how close we come to Cloudflare's limit."""

from __future__ import annotations

import math
import time

from bench.oracle.oracle_bench import OracleBench
from bench.output import SuiteOutput
from bench.rows import BenchRow
from bench.usage import Usage, usage
from localnet.waiting import wait_until

CPU_ROOMS = 300
CPU_AIM_MS = 15.0
ROOMS, REQUESTS, WINDOW = 500, 120, 30.0
LEAST_SECONDS = (math.ceil(ROOMS / REQUESTS) - 1) * WINDOW
AIM_RATIO = 1.05


def cpu(out: SuiteOutput) -> list[BenchRow]:
    """CPU of the oracle's process per room, all that follows the fulfilment included."""
    with OracleBench(
        out, "cpu", rate=(100_000, 300.0), more={"CLOUDFLARE_REQUESTS": "100000"}
    ) as place:
        before = usage(place.oracle.pid)
        took = _provision(place, out, CPU_ROOMS, 120.0)
        wait_until(lambda: _calls(place, "get") >= CPU_ROOMS, 60.0, "every room is verified")
        spent = usage(place.oracle.pid).since(before)
    return [
        _cpu_row(spent, CPU_ROOMS),
        BenchRow(
            "oracle: many rooms at once", "rooms a second, no limit at Cloudflare",
            CPU_ROOMS / took, "rooms/s", note=f"{CPU_ROOMS} rooms of one block, two busy cores",
        ),
    ]  # fmt: skip


def limited(out: SuiteOutput) -> list[BenchRow]:
    """`ROOMS` rooms of one block through a limit of `REQUESTS` in `WINDOW` seconds."""
    more = {"CLOUDFLARE_REQUESTS": str(REQUESTS), "CLOUDFLARE_WINDOW_SECONDS": f"{WINDOW:g}"}
    with OracleBench(out, "burst", rate=(REQUESTS, WINDOW), more=more) as place:
        # Whatever was asked at the start leaves the window first.
        time.sleep(WINDOW + 1)
        before = usage(place.oracle.pid)
        took = _provision(place, out, ROOMS, LEAST_SECONDS * 2)
        spent = usage(place.oracle.pid).since(before)
        refused = sum(1 for r in place.standin.control.requests() if r["status"] == 429)
    limit = f"{REQUESTS} requests in {WINDOW:g} s"
    return [
        BenchRow(
            "oracle: many rooms at once", f"{ROOMS} rooms, {limit}", took, "s",
            beside=LEAST_SECONDS, peer="least possible", aim=f"<= {AIM_RATIO}x",
            met=took <= LEAST_SECONDS * AIM_RATIO,
        ),
        BenchRow(
            "oracle: many rooms at once", "of these, answered 429", refused, "", aim="none",
            met=refused == 0,
        ),
        BenchRow(
            "oracle: many rooms at once", "CPU of the oracle per room, waiting included",
            spent.cpu / ROOMS * 1000, "ms",
        ),
    ]  # fmt: skip


def _cpu_row(spent: Usage, rooms: int) -> BenchRow:
    per_room = spent.cpu / rooms * 1000
    return BenchRow(
        "oracle: many rooms at once", "CPU of the oracle per room", per_room, "ms",
        aim=f"<= {CPU_AIM_MS:g} ms", met=per_room <= CPU_AIM_MS,
        note="provisioning, sending and the verification afterwards",
    )  # fmt: skip


def _provision(place: OracleBench, out: SuiteOutput, count: int, patience: float) -> float:
    """Seconds until `count` rooms of one block are all provisioned."""
    place.create_at_once(count)
    began = time.monotonic()
    told = began
    while (done := place.provisioned()) < count:
        now = time.monotonic()
        if now - began > patience:
            raise RuntimeError(f"only {done} of {count} rooms in {patience:g} s")
        if now - told > 15:
            told = now
            out.say(f"{done} of {count} rooms after {now - began:.0f} s")
        time.sleep(0.2)
    return time.monotonic() - began


def _calls(place: OracleBench, operation: str) -> float:
    name = f'oracle_cloudflare_calls_total{{operation="{operation}",result="ok"}}'
    return place.metrics().get(name, 0.0)
