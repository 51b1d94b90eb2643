"""The suite's rules bite: a skipped test fails the session, a misplaced one stops it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

SKIPS = {
    "mark": "@pytest.mark.skip(reason='later')\ndef test_one(): pass\n",
    "call": "def test_one(): pytest.skip('later')\n",
    "module": "pytest.skip('later', allow_module_level=True)\n",
    "xfail": "@pytest.mark.xfail\ndef test_one(): assert False\n",
    "xpass": "@pytest.mark.xfail(strict=False)\ndef test_one(): pass\n",
}


def run_suite(folder: Path, files: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    """pytest, under this project's rules, over generated files of `folder`/tests."""
    for name, body in files.items():
        file = folder / "tests" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("import pytest\n" + body)
    options: list[str | Path] = ["-c", ROOT / "pyproject.toml", "--rootdir", folder]
    options += ["-p", "tests.support.suite_rules"]
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *options,
            "--continue-on-collection-errors",
            *more,
            "tests",
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"},
    )


def test_suite__tests_are_skipped__session_fails_for_each(tmp_path: Path) -> None:
    files = {f"unit/test_{name}.py": body for name, body in SKIPS.items()}
    result = run_suite(tmp_path, {**files, "unit/test_good.py": "def test_good(): pass\n"})
    assert result.returncode == 1, result.stdout + result.stderr
    assert "3 failed, 1 passed, 2 errors" in result.stdout, result.stdout
    for name in SKIPS:
        assert f"unit/test_{name}.py" in result.stdout
    assert result.stdout.count("counts as failed") >= len(SKIPS)


def test_suite__all_pass__session_passes(tmp_path: Path) -> None:
    result = run_suite(tmp_path, {"unit/test_good.py": "def test_good(): pass\n"})
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout


def test_suite__test_outside_the_kinds__session_stops(tmp_path: Path) -> None:
    result = run_suite(tmp_path, {"misc/test_one.py": "def test_one(): pass\n"})
    assert result.returncode == 4, result.stdout + result.stderr
    assert "tests belong into" in result.stderr


def test_suite__of_two_workers__each_begins_with_long_tests(tmp_path: Path) -> None:
    short = [f"def test_short_{n}(): pass\n" for n in range(6)]
    long = [f"@pytest.mark.long\ndef test_long_{n}(): pass\n" for n in range(2)]
    # as in two workers: each has the whole list, and begins at its half
    (tmp_path / "conftest.py").write_text(
        "def pytest_configure(config): config.workerinput = {'workercount': 2}\n"
    )
    files = {"unit/test_all.py": "".join(short + long)}
    result = run_suite(tmp_path, files, "--collect-only", "-q", "-p", "no:xdist")
    found = [line.rpartition("::")[2] for line in result.stdout.splitlines() if "::" in line]
    assert len(found) == 8
    assert (found[0], found[4]) == ("test_long_0", "test_long_1"), found


def test_suite__browser_beside_others__none_of_its_tests_comes_before_theirs(
    tmp_path: Path,
) -> None:
    """The long ones neither, which come first among their own."""
    (tmp_path / "conftest.py").write_text(
        "def pytest_configure(config): config.workerinput = {'workercount': 2}\n"
    )
    body = (
        "import pytest\ndef test_short_{0}(): pass\n@pytest.mark.long\ndef test_long_{0}(): pass\n"
    )
    files = {f"{kind}/test_all.py": body.format(kind) for kind in ("integration", "browser")}
    result = run_suite(tmp_path, files, "--collect-only", "-q", "-p", "no:xdist")
    found = [line.rpartition("::")[2] for line in result.stdout.splitlines() if "::" in line]
    assert found == [
        "test_long_integration", "test_short_integration", "test_long_browser", "test_short_browser"
    ]  # fmt: skip
