"""A log that cannot be written costs its lines and nothing else."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from common import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_log__disk_is_full__the_caller_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    went_on = False
    # its end, which writes what is left, shows that nothing could be written
    with (
        pytest.raises(OSError, match="No space left"),
        Path("/dev/full").open("w", buffering=1) as full,
        monkeypatch.context() as patch,
    ):
        patch.setattr(sys, "stdout", full)
        logs.configure("trial").info("a line")
        logging.getLogger("library").warning("another one")
        went_on = True
    assert went_on
