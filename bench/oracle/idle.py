"""On an idle system: from the block with a room's creation to its fulfilment in a block.

The chain mines at once and no confirmations are waited for, so what is left is Cloudflare's own
time (a create asked for directly, beside) and ours.
"""

from __future__ import annotations

import statistics
import time

import httpx

from bench.oracle.oracle_bench import OracleBench
from bench.output import SuiteOutput
from bench.rows import BenchRow

ROOMS = 30
PAUSE_SECONDS = 0.7
PATIENCE_SECONDS = 20.0
AIM_MS = 150.0


def measure(out: SuiteOutput) -> list[BenchRow]:
    """The median and the worst of `ROOMS` rooms, one after the other."""
    idle = OracleBench(out, "idle", rate=(100_000, 300.0), more={"CLOUDFLARE_REQUESTS": "100000"})
    # One connection, as the oracle has: making one is not Cloudflare's own time.
    with idle as place, httpx.Client(trust_env=False) as http:
        took, alone = [], []
        for n in range(1, ROOMS + 1):
            time.sleep(PAUSE_SECONDS)
            place.create_room()
            began = time.perf_counter()
            while place.provisioned() < n:
                if time.perf_counter() - began > PATIENCE_SECONDS:
                    raise RuntimeError(f"room {n} was not provisioned in {PATIENCE_SECONDS:g} s")
                time.sleep(0.005)
            took.append((time.perf_counter() - began) * 1000)
            alone.append(_create_alone(place, http))
    own = statistics.median(alone)
    out.say(f"median {statistics.median(took):.0f} ms, Cloudflare alone {own:.0f} ms")
    rows = []
    for name, value in (("median", statistics.median(took)), ("slowest", max(took))):
        rows.append(
            BenchRow(
                "oracle: an idle system, from creation to fulfilment",
                name,
                value,
                "ms",
                beside=own,
                peer="a create asked directly",
                aim="<= 150 ms beyond it" if name == "median" else "",
                met=value - own <= AIM_MS if name == "median" else None,
                note=f"{ROOMS} rooms one after the other, no confirmations, a block at once",
            )
        )
    return rows


def _create_alone(place: OracleBench, http: httpx.Client) -> float:
    url = f"{place.standin.api_base}/accounts/{place.standin.account_id}/stream/live_inputs"
    began = time.perf_counter()
    http.post(url, headers=place.standin.headers, json={}).raise_for_status()
    return (time.perf_counter() - began) * 1000
