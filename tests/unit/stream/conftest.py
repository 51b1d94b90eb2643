"""A stand-in's parts over a store in a temporary directory, with a clock the test owns."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from localnet.stream.accounts import StandInAccount
from localnet.stream.input_change import InputChange
from localnet.stream.live_inputs import LiveInputs
from localnet.stream.model import StandInLiveInput
from localnet.stream.quirks import Quirks
from localnet.stream.recordings import StandInRecordings
from localnet.stream.store import StandInStore
from tests.support.manual_clock import ManualClock

BASE = "http://127.0.0.1:1"


def counting_hex() -> Callable[[int], str]:
    """Different on each call, the same in each run."""
    numbers = itertools.count(1)
    return lambda size: f"{next(numbers):0{2 * size}x}"


@dataclass
class StandInParts:
    """One stand-in without its HTTP side."""

    directory: Path
    clock: ManualClock
    store: StandInStore
    quirks: Quirks
    recordings: StandInRecordings
    inputs: LiveInputs
    account: StandInAccount
    random_hex: Callable[[int], str]

    def create(self, key: str | None = None, digest: str = "") -> StandInLiveInput:
        return self.inputs.create(self.account, InputChange(recording={}), key, digest)

    def reopened(self) -> StandInParts:
        """The same state, as a new process would see it."""
        self.store.close()
        return open_world(self.directory, self.clock, self.random_hex)


def open_world(
    directory: Path, clock: ManualClock, random_hex: Callable[[int], str]
) -> StandInParts:
    store = StandInStore(directory)
    quirks = Quirks()
    recordings = StandInRecordings(store, clock, random_hex)
    inputs = LiveInputs(store, clock, random_hex, quirks, recordings, BASE)
    account = StandInAccount("a" * 32, True, None, (), ())
    return StandInParts(directory, clock, store, quirks, recordings, inputs, account, random_hex)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[StandInParts]:
    world = open_world(tmp_path / "state", ManualClock(), counting_hex())
    yield world
    world.store.close()
