"""The disk is full, and the database steps down: both are said in words, and pass."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from bench.drill.drill import Drill, NotTried, within
from bench.drill.people import Hosts, Readers, served_or_away, shop_window
from bench.drill.site import SERVICES, Site, lines_with
from localnet.mongo_proxy import MongoProxy
from localnet.services import ServiceProcess

DISK = "64m"
READY_AGAIN_SECONDS = 10.0
DOWN_ROOMS = 5


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own, in memory. Raises NotTried where we may not mount."""
    if os.geteuid():
        raise NotTried("a small disk needs root to mount it: run as root, `sudo make drill`")
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    subprocess.run(["mount", *options], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class Filler:
    """What takes the room on a disk."""

    def __init__(self, disk: Path) -> None:
        self._file = disk / "filler"

    def fill(self) -> None:
        """Until not a byte is free."""
        with self._file.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue

    def free(self) -> None:
        self._file.unlink(missing_ok=True)


def disk(drill: Drill) -> None:
    """The disk of the database, then that of the logs, is full: said in words, and outlived."""
    with small_disk(drill.folder / "data", DISK) as data:
        _database_disk(drill, data)
    with small_disk(drill.folder / "logs", "1m") as logs:
        _log_disk(drill, logs)


def _database_disk(drill: Drill, data: Path) -> None:
    own = drill.folder / "database"
    with Site(drill, folder=own, storage=data / "mongo") as site, Hosts(site.rooms) as hosts:
        site.start_all()
        hosts.wait_created(5)
        hosts.wait_served()
        filler = Filler(data)
        filler.fill()
        drill.say("the database's disk is full")
        said = _said(site, "indexer", "oracle")
        for name, reasons in said.items():
            drill.check(f"{name} says what is wrong", bool(reasons), "; ".join(reasons)[:200])
        hosts.wait_created(3)
        filler.free()
        if not _writes(site.mongo_uri):
            # WiredTiger panics on a full disk, and mongod ends: its supervisor starts it again
            drill.say("the database does not come back by itself: started again on its files")
            site.restart_mongo()
        began = drill.seconds
        for name in SERVICES:
            site.wait_ready(name)
        drill.check("all are ready again by themselves", True, f"{drill.seconds - began:.1f} s")
        hosts.wait_created(3)
        hosts.leave()
        site.check_at_rest(hosts.created)


def _writes(mongo_uri: str) -> bool:
    """Whether the database takes a write."""
    try:
        with pymongo.MongoClient[dict[str, Any]](mongo_uri, timeoutMS=5000) as client:
            client["drill"]["probe"].insert_one({})
    except PyMongoError:
        return False
    return True


def _said(site: Site, *names: str) -> dict[str, list[str]]:
    """What the services complain of within a minute, while rooms come."""
    found: dict[str, list[str]] = {name: [] for name in names}

    def all_said() -> bool:
        for name in names:
            service = site.services[name]
            if not found[name] and service.readiness()[0] == 503:
                found[name] = service.reasons()
        return all(found.values())

    within(60.0, all_said)
    return found


def _log_disk(drill: Drill, logs: Path) -> None:
    with Site(drill, folder=drill.folder / "services") as site, Hosts(site.rooms) as hosts:
        for name in SERVICES:
            site.launch(name, settings={"LOG_LEVEL": "debug"}, log=logs / f"{name}.log")
        for name in SERVICES:
            site.wait_ready(name)
        filler = Filler(logs)
        filler.fill()
        drill.say("the disk of the logs is full")
        hosts.wait_created(8)
        served = hosts.wait_served()
        drill.check("rooms are served without a log", True, f"{served} rooms")
        filler.free()
        hosts.wait_created(3)
        alive = [name for name in SERVICES if site.services[name].returncode is None]
        drill.check("nobody ended for it", alive == list(SERVICES), ", ".join(alive))
        hosts.leave()
        site.check_at_rest(hosts.created)


def step_down(drill: Drill) -> None:
    """The primary steps down under rooms and readers: no wrong answer, ready again in 10 s."""
    with Site(drill) as site, Hosts(site.rooms) as hosts, MongoProxy(site.mongo.port) as proxy:
        site.mongo_uri = proxy.uri
        site.start_all()
        hosts.wait_created(5)
        window = shop_window(lambda: sorted(hosts.created)[:5], served_or_away)
        with Readers([site.services["api"].url], window) as readers:
            for turn in range(3):
                proxy.step_down()
                for name in ("indexer", "oracle"):
                    service = site.services[name]
                    service.wait_until(partial(_not_ready, service), 30.0, "it misses the primary")
                    if not turn:
                        drill.check(f"{name} says so", True, "; ".join(service.reasons())[:160])
                hosts.wait_created(DOWN_ROOMS)
                proxy.step_up()
                began = drill.seconds
                for name in SERVICES:
                    site.wait_ready(name)
                took = drill.seconds - began
                drill.check(
                    f"all are ready {READY_AGAIN_SECONDS:g} s after the election",
                    took <= READY_AGAIN_SECONDS, f"{took:.1f} s",
                )  # fmt: skip
            hosts.leave()
            hosts.wait_served()
        drill.check("readers got an answer or 503 with Retry-After", not readers.failed,
                    "; ".join([readers.counts(), *readers.failed[:2]]))  # fmt: skip
        errors = [line for name in SERVICES for line in lines_with(site.services[name])]
        drill.check("no traceback in a log", not errors, "; ".join(errors[:2]))
        site.check_at_rest(hosts.created)


def _not_ready(service: ServiceProcess) -> bool:
    return service.readiness()[0] == 503
