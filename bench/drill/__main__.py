"""`make drill`: an operator's bad days, tried on the real services.

    python -m bench.drill [name ...] [--minutes 20] [--folder F]

Without names all drills run, one after the other. Each says what held; exit code 0 if everything
did, 1 if something failed or could not be tried, 130 after Ctrl-C. Some drills need root, to mount
a small disk.
Assumes: `make setup` was run, and nothing else is measured on this machine meanwhile.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import NoReturn

from bench.drill.catalogue import DRILLS
from bench.drill.drill import Drill

MARKS = {"held": "held     ", "FAILED": "FAILED   ", "NOT TRIED": "NOT TRIED"}


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    told = "\n".join(f"    {name:<16} {body.__doc__}" for name, body in DRILLS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench.drill", description=f"{__doc__}\n{told}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="name", help="which; none: all")
    parser.add_argument("--minutes", type=float, default=20.0, help="how long `load` lasts")
    parser.add_argument("--folder", type=Path, help="for logs and files; else a temporary one")
    chosen = parser.parse_args(argv)
    if unknown := sorted(set(chosen.names) - set(DRILLS)):
        parser.error(f"no drill is called {', '.join(unknown)}: choose of {', '.join(DRILLS)}")
    return chosen


def main() -> int:
    """The exit code."""
    chosen = arguments()
    signal.signal(signal.SIGTERM, _stop)  # so that what is mounted is taken away again
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="drill-"))
    print(f"  [drill] files in {folder}", flush=True)
    done: list[Drill] = []
    try:
        for name in chosen.names or DRILLS:
            own = folder / name
            own.mkdir(parents=True)
            done.append(Drill(name, own, chosen.minutes))
            done[-1].say(f"{DRILLS[name].__doc__}")
            done[-1].run(DRILLS[name])
    except KeyboardInterrupt:
        done[-1].cannot_try("stopped before its end")
        return 130
    finally:
        print(summary(done), flush=True)
    return int(any(drill.result != "held" for drill in done))


def summary(done: list[Drill]) -> str:
    """A line a drill, with what failed below it."""
    lines = ["", "  summary"]
    for drill in done:
        held = sum(finding.held for finding in drill.findings)
        lines.append(
            f"    {MARKS[drill.result]}  {drill.name:<16} {held} of {len(drill.findings)} held, "
            f"{drill.seconds:.0f} s"
        )
        lines += [f"               not tried: {why}" for why in drill.not_tried]
        lines += [f"               {f.what}: {f.figure}" for f in drill.findings if not f.held]
    return "\n".join(lines)


def _stop(_: int, __: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
