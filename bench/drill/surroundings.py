"""What the machine may be like: proxy variables, no home, an IPv6 address."""

from __future__ import annotations

import sys
from typing import Any

import httpx

from bench.drill.demo import run_demo
from bench.drill.drill import Drill
from bench.drill.people import Hosts, joined
from bench.drill.site import SERVICES, Site, lines_with
from localnet.ports import free_port
from localnet.waiting import wait_until

ROOMS = 4


def proxy_variables(drill: Drill) -> None:
    """Proxy variables that name a dead proxy: nodes and Cloudflare of this machine are reached."""
    dead = f"127.0.0.1:{free_port()}"
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    variables = dict.fromkeys((*names, *map(str.lower, names)), f"http://{dead}")
    _serve(drill, "a dead proxy", "site", variables)
    with _site(drill, "socks") as site:
        for name in SERVICES:
            service = site.launch(name, settings={"ALL_PROXY": f"socks5://{dead}"})
            code = service.wait(30)
            said = service.last_words(1)
            drill.check(
                f"{name} refuses a SOCKS proxy in words", code == 2 and "SOCKS" in said, said
            )


def home(drill: Drill) -> None:
    """HOME cannot be written, or is unset: services and the demo run all the same."""
    _serve(drill, "HOME=/proc", "read-only", {"HOME": "/proc"})
    bare = {"interpreter": ("env", "-u", "HOME", sys.executable)}
    _serve(drill, "HOME unset", "unset", {}, program=bare)
    code, said = run_demo(drill.folder / "demo", "--once", HOME="/proc")
    drill.check("make demo ONCE=1 with HOME=/proc", code == 0, said)


def ipv6(drill: Drill) -> None:
    """Every service on [::1]: it serves there, and its log has an address that can be opened."""
    with _site(drill, "v6") as site, Hosts(site.rooms) as hosts:
        site.start_all(program={"host": "::1"})
        for name in SERVICES:
            service = site.services[name]
            drill.check(f"{name} serves at {service.url}", service.ready())
        api = site.services["api"]
        serving = [line for line in api.logged() if line["event"] == "serving"]
        address = str(serving[0]["address"]) if serving else ""
        opens = bool(address) and _opens(address)
        drill.check("the address that the API logs can be opened", opens, address)
        _rooms(drill, site, hosts, "IPv6")


def _opens(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", trust_env=False).is_success
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return False


def _site(drill: Drill, folder: str) -> Site:
    return Site(drill, folder=drill.folder / folder)


def _serve(
    drill: Drill, what: str, folder: str, settings: dict[str, str],
    program: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """All services with these settings besides; some rooms through their life."""
    with _site(drill, folder) as site, Hosts(site.rooms) as hosts:
        site.start_all(settings, program=program)
        _rooms(drill, site, hosts, what)
        wrong = [line for name in SERVICES for line in lines_with(site.services[name], "error")]
        drill.check(f"{what}: no error in a log", not wrong, "; ".join(wrong[:2]))


def _rooms(drill: Drill, site: Site, hosts: Hosts, what: str) -> None:
    hosts.wait_created(ROOMS)
    served = hosts.wait_served()
    api, last = [site.services["api"].url], max(hosts.created)
    wait_until(lambda: joined(api, last) == [200], 20.0, "the newest room can be joined")
    drill.check(f"{what}: rooms are served and joined", True, f"{served} rooms")
    hosts.leave()
    site.check_at_rest(hosts.created)
