"""Minutes of reads and rooms: no error, and the memory of each service stays flat."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from statistics import median

from bench import usage
from bench.drill.drill import Drill
from bench.drill.people import Hosts, Readers, shop_window, success
from bench.drill.site import SERVICES, Site
from localnet.services import api_rate_limits

SAMPLE_SECONDS = 5.0
GROWTH = 1.1
MB = 1_000_000


def flat(samples: Sequence[float]) -> tuple[bool, str]:
    """Whether memory stays: the median of the last quarter is at most `GROWTH` times that of the
    second one. The first quarter warms up. Fewer than eight samples show nothing."""
    quarter = len(samples) // 4
    if quarter < 2:
        return False, f"{len(samples)} samples are too few: give more --minutes"
    second, last = median(samples[quarter : 2 * quarter]), median(samples[-quarter:])
    return last <= GROWTH * second, f"{second / MB:.1f} MB, then {last / MB:.1f} MB"


def load(drill: Drill) -> None:
    """Minutes of reads and rooms: no error answer, memory flat (last quarter against second)."""
    with Site(drill) as site:
        site.start_all(api_rate_limits("off"))
        samples: dict[str, list[float]] = {name: [] for name in SERVICES}
        url = site.services["api"].url
        with Hosts(site.rooms, pause=1.0) as hosts:
            hosts.wait_created(3)
            hosts.wait_served()
            window = shop_window(lambda: sorted(hosts.created)[:-3], success)
            with Readers([url], window) as one, Readers([url], window) as two:
                _watch(drill, site, samples)
            hosts.leave()
        (drill.folder / "memory.json").write_text(json.dumps(samples))
        for name, taken in samples.items():
            held, figure = flat(taken)
            drill.check(f"memory of the {name} is flat", held, figure)
        wrong = [*one.failed, *two.failed]
        slowest = max(one.slowest, two.slowest)
        told = f"{one.asked + two.asked} answers, slowest {slowest * 1000:.0f} ms"
        drill.check("every answer was a success", not wrong, "; ".join([told, *wrong[:3]]))
        drill.check(
            "hosts were never refused", not hosts.refused,
            f"{len(hosts.created)} rooms {dict(hosts.refused) or ''}",
        )  # fmt: skip
        site.check_at_rest(hosts.created)


def _watch(drill: Drill, site: Site, samples: dict[str, list[float]]) -> None:
    until = time.monotonic() + drill.minutes * 60
    told = time.monotonic()
    while time.monotonic() < until:
        time.sleep(SAMPLE_SECONDS)
        for name in SERVICES:
            service = site.services[name]
            service.require_alive()
            held = sum(usage.share_of_memory(pid) for pid in usage.tree(service.pid))
            samples[name].append(held)
        if time.monotonic() - told > 60:
            told = time.monotonic()
            now = (f"{name} {taken[-1] / MB:.0f} MB" for name, taken in samples.items())
            drill.say(", ".join(now))
