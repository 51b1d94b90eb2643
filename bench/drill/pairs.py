"""Two of each service on one database: nothing is done twice, and one of each may go."""

from __future__ import annotations

from functools import partial

from bench.drill.drill import Drill, within
from bench.drill.people import Hosts, Readers, joined, served_or_away, shop_window
from bench.drill.site import SERVICES, Site
from localnet.services import ServiceProcess
from localnet.waiting import wait_until

TAKE_OVER_SECONDS = 20.0


def pairs(drill: Drill) -> None:
    """I1 to I5 with two indexers, oracles and APIs; the one that acts is killed and replaced."""
    with Site(drill) as site, Hosts(site.rooms) as hosts:
        for name in SERVICES:
            for label in (name, f"{name}2"):
                site.launch(name, label)
        for name in SERVICES:
            wait_until(partial(_one_ready, site, name), 60.0, f"one {name} is ready")
        apis = [site.services["api"].url, site.services["api2"].url]
        with Readers(
            apis, shop_window(lambda: sorted(hosts.created)[:-5], served_or_away)
        ) as readers:
            hosts.wait_created(15)
            _one_holds(drill, site)
            for name in ("oracle", "indexer"):
                _take_over(drill, site, hosts, name)
            site.services["api2"].kill()
            hosts.wait_created(5)
            site.start("api", "api2", program={"port": site.services["api2"].port})
            hosts.leave()
            served = hosts.wait_served()
        drill.check("every room was served", True, f"{served} rooms")
        new = max(hosts.created)
        drill.check(
            "both APIs answer alike",
            within(15.0, lambda: joined(apis, new) == [200, 200]), joined(apis, new),
        )  # fmt: skip
        told = "; ".join([readers.counts(), *readers.wrong[:2]])
        drill.check("no answer was wrong while they changed", not readers.wrong, told)
        site.check_at_rest(hosts.created)


def _one_ready(site: Site, name: str) -> bool:
    return site.services[name].ready() or site.services[f"{name}2"].ready()


def _one_holds(drill: Drill, site: Site) -> None:
    held = [_holds(site.services[label]) for label in ("oracle", "oracle2")]
    drill.check("one oracle of the two holds the lease", sum(held) == 1, held)


def _holds(oracle: ServiceProcess) -> float:
    return sum(oracle.metrics("oracle_lease_held").values())


def _take_over(drill: Drill, site: Site, hosts: Hosts, name: str) -> None:
    """Kill the one of the two that acts; the other one goes on."""
    pair = [site.services[name], site.services[f"{name}2"]]
    acting = next((one for one in pair if _acts(name, one)), pair[0])
    other = pair[1 - pair.index(acting)]
    began = drill.seconds
    acting.kill()
    took = within(60.0, lambda: _acts(name, other))
    drill.check(
        f"the second {name} takes over within {TAKE_OVER_SECONDS:g} s of a kill",
        took and drill.seconds - began <= TAKE_OVER_SECONDS, f"{drill.seconds - began:.1f} s",
    )  # fmt: skip
    hosts.wait_created(5)
    label = next(key for key, value in site.services.items() if value is acting)
    site.launch(name, label)


def _acts(name: str, service: ServiceProcess) -> bool:
    return _holds(service) == 1 if name == "oracle" else service.ready()
