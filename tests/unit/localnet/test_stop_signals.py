"""A signal stops the demo wherever it arrives, also where Python drops what is raised."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator

import pytest

from localnet.__main__ import DemoStopped, stop_on_signals

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Dropping:
    """Its end is a place of which Python only prints what is raised, as the callbacks at a fork."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_stop__signal_where_python_drops_what_is_raised__is_raised_again() -> None:
    stop_on_signals()
    dropping = [Dropping()]
    dropping.clear()
    with pytest.raises(DemoStopped):
        threading.Event().wait(10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stop__signal_anywhere_else__is_raised_there(number: signal.Signals) -> None:
    stop_on_signals()
    with pytest.raises(DemoStopped):
        signal.raise_signal(number)
