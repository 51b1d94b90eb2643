"""Every drill by its name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable

from bench.drill.clocks import clock
from bench.drill.database import disk, step_down
from bench.drill.demo import ctrl_c
from bench.drill.drill import Drill
from bench.drill.keys import rotation
from bench.drill.load import load
from bench.drill.pairs import pairs
from bench.drill.pythons import python
from bench.drill.reading import rebuild
from bench.drill.rolling import rolling
from bench.drill.surroundings import home, ipv6, proxy_variables

DRILLS: dict[str, Callable[[Drill], None]] = {
    "rotation": rotation,
    "disk": disk,
    "clock": clock,
    "step-down": step_down,
    "pairs": pairs,
    "rebuild": rebuild,
    "rolling": rolling,
    "ctrl-c": ctrl_c,
    "proxy-variables": proxy_variables,
    "home": home,
    "ipv6": ipv6,
    "python": python,
    "load": load,
}
