"""Kills and faults on the whole real system, and what must hold when it is quiet again.

One chain lives on (it is not ours); our services, the database and the Cloudflare stand-in are
killed with -9 at random and started again, while hosts create and end rooms and Cloudflare answers
badly. Presence's database is dropped, in the storm and after it: its first word on a room that is
on air is then true. It is dead while the rest comes to rest, since nobody needs it for that. At
rest contract, MongoDB and stand-in agree exactly, and no secret was written anywhere.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pymongo

from bench.chaos.checks import (
    Picture,
    disagreements,
    drop_presence,
    leaks,
    seen_on_air,
    take_picture,
)
from chain.enums import Mode, Status
from localnet import stack_programs
from localnet.process import ProgramError
from localnet.stack import Stack
from localnet.stack_programs import Pace
from localnet.stack_state import StackState
from localnet.stream.control import StandInControl, StandInError
from localnet.waiting import wait_until

PACE = Pace(block_seconds=0.5, epoch_slots=2, confirmations=1)
ORACLE = {"ORACLE_LEASE_SECONDS": "3", "CLOUDFLARE_TIMEOUT_SECONDS": "1.5"}
HOSTS = 4
MAX_OPEN = 40
ON_AIR_SECONDS = 60.0
LONGEST_ROOM = 25.0
LIVES = {
    "indexer": 4.0, "oracle": 8.0, "playback": 4.0, "presence": 4.0, "api": 4.0,
    "mongo": 8.0, "stream": 6.0,
}  # fmt: skip
"""Seconds that a program lives at least, so that it comes to do something."""
AT_CLOUDFLARE = "/client/v4/|/(lifecycle|views)$"
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("lost-answer-after-effect", {"probability": 0.04}),
    ("status", {"probability": 0.03, "status": 500}),
    ("html", {"probability": 0.02}),
    ("truncated", {"probability": 0.02}),
    ("429", {"probability": 0.01, "retry_after": 1}),
    ("connection-reset", {"probability": 0.03}),
)


@dataclass
class Chaos:
    """`kills` in all, `rooms` created and ended; everything is decided by `seed`."""

    folder: Path
    kills: int
    rooms: int
    seed: int
    tell: Callable[[str], None] = lambda _text: None
    done: Counter[str] = field(default_factory=Counter)

    def run(self, patience: float) -> list[str]:
        """What is wrong at rest; [] if nothing is. `patience`: seconds to come to rest in."""
        self.rng = Random(self.seed)
        self.state = StackState(self.folder / "stack")
        self.stack = Stack(self.state, PACE)
        self.born: dict[str, float] = {}
        self.created: dict[int, int] = {}
        self.to_end: dict[int, float] = {}
        os.environ.pop("MONGODB_URI", None)
        try:
            self.stack.start()
            self._again("oracle")
            self._storm()
            return self._rest(patience)
        finally:
            self.stack.stop()
            self.state.close()

    # --- the storm ------------------------------------------------------------------------------

    def _storm(self) -> None:
        self.contract = self.stack.rooms
        self._break_cloudflare()
        killed = 0
        told = time.monotonic()
        while killed < self.kills or len(self.created) < self.rooms or self.to_end:
            self._host_acts()
            # Spread over the rooms, so that each stage of a room's life meets a kill.
            due = killed < self.kills and killed * self.rooms <= len(self.created) * self.kills
            if due and self._kill_one():
                killed += 1
                if killed == self.kills // 2:
                    self._drop_presence()
            if time.monotonic() - told > 15:
                told = time.monotonic()
                self.tell(f"{killed} kills, {len(self.created)} rooms, {len(self.to_end)} to end")
            time.sleep(0.05)
        self.done["kills"] = killed

    def _kill_one(self) -> bool:
        now = time.monotonic()
        ripe = [name for name, life in LIVES.items() if now - self.born.get(name, 0.0) >= life]
        if not ripe:
            return False
        least = min(self.done[f"killed {name}"] for name in ripe)
        name = self.rng.choice([n for n in ripe if self.done[f"killed {n}"] <= least + 2])
        self.stack.program(name).kill()
        self.done[f"killed {name}"] += 1
        self._again(name)
        return True

    def _drop_presence(self) -> bool:
        """Whether presence's database could be dropped: the server may be down just now."""
        with suppress(pymongo.errors.PyMongoError):
            drop_presence(stack_programs.mongodb_uri(self.state))
            self.done["presence dropped"] += 1
            return True
        return False

    def _seen_on_air(self, room_id: int) -> list[bool | None]:
        with suppress(pymongo.errors.PyMongoError):
            return seen_on_air(stack_programs.mongodb_uri(self.state), room_id)
        return []

    def _again(self, name: str) -> None:
        """Start a program again, without waiting until it is ready."""
        if name == "oracle":
            self.stack.program(name).kill()
            self.stack.launch_service(name, **ORACLE)
        elif name in stack_programs.COMMANDS:
            self.stack.launch(name)
        else:
            self.stack.launch_service(name)
        self.born[name] = time.monotonic()
        if name == "stream":
            self._break_cloudflare()

    def _break_cloudflare(self) -> None:
        control = self._control()
        for kind, params in FAULTS:
            control.fault(kind, path=AT_CLOUDFLARE, times=None, **params)
        control.close()

    def _control(self) -> StandInControl:
        """The stand-in's controls, once it listens."""
        control = self.stack.stream_control()

        def listens() -> bool:
            with suppress(StandInError):
                control.faults()
                return True
            return False

        wait_until(listens, 30.0, "the stand-in listens")
        return control

    def _host_acts(self) -> None:
        """A room is created or ended; most are active by then, some are not."""
        if len(self.created) < self.rooms and len(self.to_end) < MAX_OPEN:
            self._create()
        due = [room_id for room_id, at in self.to_end.items() if time.monotonic() >= at]
        if due:
            self._end(self.rng.choice(due))

    def _create(self) -> None:
        host = self.rng.randrange(HOSTS)
        mode = Mode.BROADCAST if self.rng.random() < 0.2 else Mode.WEBRTC
        title = f"room {len(self.created)}".encode()
        with suppress(ProgramError):  # a host with too many open rooms has to wait
            room_id = self.contract.create(title, host=host, mode=mode)
            self.created[room_id] = host
            self.to_end[room_id] = time.monotonic() + self.rng.uniform(0.0, LONGEST_ROOM)

    def _end(self, room_id: int) -> None:
        with suppress(ProgramError):
            self.contract.end(room_id, host=self.created[room_id])
            del self.to_end[room_id]

    # --- rest -----------------------------------------------------------------------------------

    def _rest(self, patience: float) -> list[str]:
        control = self._control()
        control.clear_faults()
        for name in LIVES:
            self.stack.program(name).require_alive()
        on_air = self._one_on_air(control)
        deadline = time.monotonic() + patience
        wrong = ["it never answered"]
        while wrong and time.monotonic() < deadline:
            time.sleep(1.0)
            try:
                wrong = disagreements(self._picture(control))
            except (httpx.HTTPError, pymongo.errors.PyMongoError, StandInError) as error:
                wrong = [f"{type(error).__name__}: {error}"]
        self.stack.start_service("presence")
        self.done["rooms"] = len(self.created)
        secrets = [secret["value"] for secret in control.secrets()]
        control.close()
        return wrong + on_air + self._leaks(secrets)

    def _one_on_air(self, control: StandInControl) -> list[str]:
        """One more room, on air for a moment: what presence says wrongly of it. Presence is killed
        before the room ends."""
        room_id = self.contract.create(b"on air", host=0)
        self.created[room_id] = 0

        def uid() -> list[str]:
            view = self.contract.room(room_id)
            return [view.uid.hex()] if any(view.uid) else []

        [live] = wait_until(uid, ON_AIR_SECONDS, "one more room is active")
        control.mark_live(live)
        wait_until(lambda: True in self._seen_on_air(room_id), ON_AIR_SECONDS, "it is seen on air")
        wait_until(self._drop_presence, ON_AIR_SECONDS, "presence's database is dropped")
        first = wait_until(
            lambda: self._seen_on_air(room_id), ON_AIR_SECONDS, "presence has looked again"
        )
        self.stack.program("presence").kill()
        control.mark_disconnected(live)
        self.contract.end(room_id, host=0)
        return [] if first == [True] else [f"presence says of a room on air: {first}"]

    def _picture(self, control: StandInControl) -> Picture:
        uri = stack_programs.mongodb_uri(self.state)
        picture = take_picture(self.contract, control, uri, sorted(self.created))
        self.done["ended"] = sum(1 for view in picture.views if view.status is Status.ENDED)
        self.done["were active"] = sum(1 for view in picture.views if any(view.uid))
        return picture

    def _leaks(self, secrets: list[str]) -> list[str]:
        places = [self.state.path("logs"), self.state.path("mongo")]
        # the one file where a key of Cloudflare's has its place
        kept = stack_programs.playback_key_file(self.state)
        places += [path for path in self.state.root.glob("*.json") if path != kept]
        services = {name: self.state.url(name) for name in stack_programs.SERVICES}
        uri = stack_programs.mongodb_uri(self.state)
        return leaks(secrets, places, self.stack.node, uri, services)
