"""One service's clock is ten minutes wrong: it is said, and nothing wrong is done."""

from __future__ import annotations

from pathlib import Path

from bench.drill.drill import Drill, NotTried, within
from bench.drill.people import Hosts
from bench.drill.site import SERVICES, Site
from chain.enums import Status
from localnet.services import ServiceProcess

TEN_MINUTES = ("+600s", "-600s")
SAID_SECONDS = 60.0
REAL_MONOTONIC = {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
"""A wrong clock of the wall leaves the one that only counts as it is."""


def clock(drill: Drill) -> None:
    """Each service in turn is ten minutes ahead, then behind: said in /readyz, nothing is lost."""
    library = _faketime()
    with Site(drill) as site, Hosts(site.rooms) as hosts:
        site.start_all()
        hosts.wait_created(3)
        for name in SERVICES:
            for offset in TEN_MINUTES:
                site.stop(name)
                wrong = {"LD_PRELOAD": str(library), "FAKETIME": offset}
                service = site.launch(name, settings=wrong | REAL_MONOTONIC)
                said = _said(service)
                drill.check(f"{name} at {offset} says so in /readyz", bool(said), said)
                hosts.wait_created(3)
                hosts.wait_served()
            site.stop(name)
            site.start(name)
        hosts.leave()
        views = site.rooms.rooms(sorted(hosts.created))
        ended = {view.room_id for view in views if view.status is Status.ENDED}
        drill.check(
            "only those rooms have ended that their hosts ended", ended == hosts.ended,
            f"{len(ended)} of {len(views)}",
        )  # fmt: skip
        site.check_at_rest(hosts.created)


def _faketime() -> Path:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        raise NotTried("another clock needs libfaketime: apt-get install faketime")
    return found[0]


def _said(service: ServiceProcess) -> str:
    """The line of /readyz that names the clock; "" if none comes."""
    found: list[str] = []

    def told() -> bool:
        found[:] = [line for line in service.reasons() if "clock" in line]
        return bool(found)

    return found[0] if within(SAID_SECONDS, told) else ""
