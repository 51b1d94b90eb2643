"""A stand-in's parts over a store in a temporary directory, with a clock the test owns."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from localnet.stream.accounts import Account
from localnet.stream.input_change import Change
from localnet.stream.live_inputs import LiveInputs
from localnet.stream.model import LiveInput
from localnet.stream.quirks import Quirks
from localnet.stream.recordings import Recordings
from localnet.stream.store import Store
from tests.support.manual_clock import ManualClock

BASE = "http://127.0.0.1:1"


def counting_hex() -> Callable[[int], str]:
    """Different on each call, the same in each run."""
    numbers = itertools.count(1)
    return lambda size: f"{next(numbers):0{2 * size}x}"


@dataclass
class World:
    """One stand-in without its HTTP side."""

    directory: Path
    clock: ManualClock
    store: Store
    quirks: Quirks
    recordings: Recordings
    inputs: LiveInputs
    account: Account
    random_hex: Callable[[int], str]

    def create(self, key: str | None = None, digest: str = "") -> LiveInput:
        return self.inputs.create(self.account, Change(recording={}), key, digest)

    def reopened(self) -> World:
        """The same state, as a new process would see it."""
        self.store.close()
        return open_world(self.directory, self.clock, self.random_hex)


def open_world(directory: Path, clock: ManualClock, random_hex: Callable[[int], str]) -> World:
    store = Store(directory)
    quirks = Quirks()
    recordings = Recordings(store, clock, random_hex)
    inputs = LiveInputs(store, clock, random_hex, quirks, recordings, BASE)
    account = Account("a" * 32, True, None, (), ())
    return World(directory, clock, store, quirks, recordings, inputs, account, random_hex)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = open_world(tmp_path / "state", ManualClock(), counting_hex())
    yield world
    world.store.close()
