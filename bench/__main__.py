"""`python -m bench [SUITE | SUITE.PART ...]`: measure, print tables, write `bench/results/`.

`--minutes N`: how long a part that watches for a while shall do so (see README.md);
when it is interrupted, it still tells what it has measured, and nothing else is begun.

Without names every suite runs, one after the other. A suite that fails is reported and the others
go on; then the exit code is 1. A target that is not met is shown in the table and is no failure:
the machine may be busy. See bench/README.md for what a suite is.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import Any

from bench.output import SuiteOutput
from bench.rows import BenchRow, tables

SUITES = ("gas", "index", "api", "oracle", "playback", "presence", "video")
ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
RAW = ROOT / "build" / "bench"


def available() -> list[str]:
    """The suites that are there."""
    return [name for name in SUITES if importlib.util.find_spec(f"bench.{name}") is not None]


def find(name: str) -> Callable[[SuiteOutput], Sequence[BenchRow]]:
    """The function that runs a suite or, as `suite.part`, one of its `PARTS`."""
    suite, _, part = name.partition(".")
    if suite not in available():
        raise SystemExit(f"no suite {suite!r}; there are: {', '.join(available())}")
    module: Any = importlib.import_module(f"bench.{suite}")
    if not part:
        return module.run  # type: ignore[no-any-return]
    parts: dict[str, Callable[[SuiteOutput], Sequence[BenchRow]]] = getattr(module, "PARTS", {})
    if part not in parts:
        raise SystemExit(f"no part {part!r} in {suite}; there are: {', '.join(parts) or 'none'}")
    return parts[part]


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": commit.stdout.strip(),
        "cpus": os.cpu_count(),
        "load": [round(value, 2) for value in os.getloadavg()],
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def measure(
    name: str,
    run: Callable[[SuiteOutput], Sequence[BenchRow]],
    minutes: float | None = None,
    stopped: Event | None = None,
) -> bool:
    """Run one, print it and write its results. False if it failed."""
    folder = RAW / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    about = machine()
    out = SuiteOutput(name, folder, minutes, stopped or Event())
    out.say(f"starts; load {about['load'][0]} on {about['cpus']} CPUs")
    try:
        rows = list(run(out))
    except Exception:
        traceback.print_exc()
        out.say(f"FAILED; its files are in {folder}")
        return False
    RESULTS.mkdir(exist_ok=True)
    about["load_after"] = [round(value, 2) for value in os.getloadavg()]
    result = {"suite": name, "machine": about, "rows": [row.as_dict() for row in rows]}
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    print(tables(rows), end="\n\n", flush=True)
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.split("\n")[0])
    parser.add_argument("suites", nargs="*", metavar="SUITE[.PART]", help=", ".join(available()))
    parser.add_argument("--minutes", type=float, help="of a part that watches for a while")
    given = parser.parse_args(arguments)
    names: list[str] = given.suites or available()
    chosen = [(name, find(name)) for name in names]
    stopped = Event()
    failed = [
        name
        for name, run in chosen
        if not stopped.is_set() and not measure(name, run, given.minutes, stopped)
    ]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 130 if stopped.is_set() else 0


if __name__ == "__main__":
    sys.exit(main())
