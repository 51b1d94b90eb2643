"""`python -m bench`: which suites run, and what becomes of one that fails."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

import bench.__main__ as runner
from bench.output import SuiteOutput
from bench.rows import BenchRow


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(runner, "RAW", tmp_path / "raw")
    monkeypatch.setattr(runner, "RESULTS", tmp_path / "results")
    return tmp_path


def test_measure__a_suite_with_rows__prints_and_keeps_them(
    folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(out: SuiteOutput) -> list[BenchRow]:
        (out.folder / "log").write_text("something")
        return [BenchRow("a table", "a figure", 42, "ms")]

    assert runner.measure("suite.part", run)
    assert "42 ms" in capsys.readouterr().out
    kept = json.loads((folders / "results" / "suite.part.json").read_text())
    assert kept["rows"][0]["value"] == 42
    assert kept["machine"]["cpus"] >= 1


def test_measure__a_suite_that_fails__is_reported_and_keeps_nothing(
    folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(out: SuiteOutput) -> list[BenchRow]:
        raise RuntimeError("no chain")

    assert not runner.measure("suite", run)
    assert "no chain" in capsys.readouterr().err
    assert not (folders / "results").exists()


@pytest.mark.parametrize("name", ["nosuch", "index.nosuch"])
def test_find__an_unknown_name__says_what_there_is(name: str) -> None:
    with pytest.raises(SystemExit, match="there are:"):
        runner.find(name)


def test_parts__told_to_stop__the_rest_is_not_begun(tmp_path: Path) -> None:
    out = SuiteOutput("suite", tmp_path, minutes=2)

    def first(part: SuiteOutput) -> list[BenchRow]:
        with part.interruptible() as stopped:
            os.kill(os.getpid(), signal.SIGTERM)
            assert stopped.is_set()
        return [BenchRow("a table", part.suite, part.seconds(5))]

    rows = out.run_parts({"first": first, "second": first})
    assert [(row.figure, row.value) for row in rows] == [("suite.first", 120)]


def test_parts__told_twice__end_at_once(tmp_path: Path) -> None:
    with SuiteOutput("suite", tmp_path).interruptible(), pytest.raises(KeyboardInterrupt):
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
