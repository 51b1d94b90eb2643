"""What `common.web.server.gevent_patch` makes of the standard library, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

from localnet.process import ROOT

NOTIFY = """
import common.web.server.gevent_patch
import threading, gevent
turns = []
condition = threading.Condition(threading.Lock())
other = gevent.spawn(turns.append, "other")
with condition:
    condition.notify()
assert turns == [], "notifying gave up the turn"
gevent.sleep(0)
assert turns == ["other"]
try:
    condition.notify()
except RuntimeError:
    pass  # it knows that nobody holds it
else:
    raise AssertionError("notified without the lock")
"""


def test_condition__notified__keeps_its_turn() -> None:
    result = subprocess.run(
        [sys.executable, "-c", NOTIFY], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
