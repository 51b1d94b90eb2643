"""A log that cannot be written costs its lines and nothing else; what is written is one line."""

from __future__ import annotations

import json
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


def test_log__characters_that_do_something__written_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hostile = "Lớp học\x85\x9b31m\u2028\u202egnirts"
    logs.configure("trial").info("a line", title=hostile)
    logging.getLogger("library").warning("another: %s", hostile)
    first, second = capsys.readouterr().out.splitlines()
    for line in (first, second):
        assert "Lớp học\\u0085\\u009b31m\\u2028\\u202egnirts" in line
    assert json.loads(first)["title"] == hostile


def test_log__for_people__no_character_that_does_something(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("trial", fmt="console").info("said: Lớp\x9b31m\u2028", title="\x9b31m\u2028")
    said = capsys.readouterr().out
    assert len(said.splitlines()) == 1
    assert "Lớp" in said and "\x9b" not in said and "\u2028" not in said
