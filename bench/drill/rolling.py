"""An upgrade: each service is restarted while it is used, two APIs behind nginx."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from bench.drill.drill import Drill, NotTried
from bench.drill.people import Hosts, Readers, shop_window, success
from bench.drill.site import Site
from localnet.ports import free_port
from localnet.process import Program
from localnet.services import api_rate_limits
from localnet.waiting import wait_until

ROUNDS = 5
CONFIGURATION = """\
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream api {{
        zone api 128k;
        {servers}
        keepalive 16;
        keepalive_timeout 15s;
    }}
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_connect_timeout 3s;
        proxy_next_upstream error timeout http_503;
        proxy_next_upstream_tries 2;
        location / {{ proxy_pass http://api; }}
    }}
}}
"""


def rolling(drill: Drill) -> None:
    """Two APIs behind nginx, oracle and indexer, restarted in turn under reads: none is lost."""
    with Site(drill) as site, Hosts(site.rooms) as hosts:
        site.start_all(api_rate_limits("off"))
        site.start("api", "api2", api_rate_limits("off"))
        hosts.wait_created(5)
        hosts.wait_served()
        proxy = _nginx(site, [site.services["api"].port, site.services["api2"].port])
        window = shop_window(lambda: sorted(hosts.created)[:-10], success)
        with Readers([proxy], window, 0.005) as one, Readers([proxy], window, 0.005) as two:
            one.wait_asked(50)
            for number in range(ROUNDS):
                for label in ("api", "api2"):
                    _restart(site, label)
                drill.say(f"both APIs restarted, round {number + 1}: {one.counts()}")
            _counted(drill, f"{2 * ROUNDS} restarts of an API", one, two)
            for label in ("indexer", "oracle"):
                before = one.asked + two.asked
                _restart(site, label)
                one.wait_asked(50)
                _counted(drill, f"a restart of the {label}", one, two, before)
            hosts.leave()
            served = hosts.wait_served()
        drill.check("every room created meanwhile was served", True, f"{served} rooms")
        site.check_at_rest(hosts.created)


def _restart(site: Site, label: str) -> None:
    """Stop it in order, start it again on its port, wait until it is ready: an upgrade's step."""
    old = site.services[label]
    site.stop(label)
    limits = api_rate_limits("off")
    site.start(old.name, label, limits, program={"port": old.port})


def _counted(drill: Drill, what: str, one: Readers, two: Readers, before: int = 0) -> None:
    asked = one.asked + two.asked - before
    wrong = [*one.failed, *two.failed]
    drill.check(
        f"{what}: no request failed", not wrong,
        f"{asked} requests, {len(wrong)} failed, slowest "
        f"{1000 * max(one.slowest, two.slowest):.0f} ms {'; '.join(wrong[:3])}",
    )  # fmt: skip


def _nginx(site: Site, ports: Sequence[int]) -> str:
    """Where it serves, once it does."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        raise NotTried("a rolling restart needs nginx: apt-get install nginx-light")
    folder: Path = site.run.new_folder("nginx")
    port = free_port()
    servers = "\n        ".join(f"server 127.0.0.1:{each} max_fails=0;" for each in ports)
    conf = folder / "nginx.conf"
    conf.write_text(CONFIGURATION.format(folder=folder, port=port, servers=servers))
    command = [program, "-p", str(folder), "-c", str(conf), "-g", "daemon off; user root;"]
    site.run.keep(Program("nginx", command, folder / "nginx.log"))
    url = f"http://127.0.0.1:{port}"
    with Readers([url], shop_window(list, success)) as probe:
        wait_until(lambda: probe.statuses["200"] > 0, 20.0, "nginx serves")
    return url
