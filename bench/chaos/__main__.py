"""`make chaos`: kill everything at random, and see that nothing is lost.

    python -m bench.chaos [--kills 100] [--rooms 200] [--seed N] [--patience 600]

Exit code 0 if at rest contract, MongoDB and stand-in agree and no secret was written anywhere.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

from bench.chaos.storm import Chaos


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rooms", type=int, default=200)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--patience", type=float, default=600.0, help="seconds to come to rest in")
    arguments = parser.parse_args()
    began = time.monotonic()

    def tell(text: str) -> None:
        print(f"  [chaos {time.monotonic() - began:6.1f} s] {text}", flush=True)

    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    tell(f"seed {arguments.seed}, files in {folder}")
    chaos = Chaos(folder, arguments.kills, arguments.rooms, arguments.seed, tell)
    wrong = chaos.run(arguments.patience)
    tell(", ".join(f"{name}: {count}" for name, count in sorted(chaos.done.items())))
    for line in wrong:
        tell(f"WRONG: {line}")
    tell("all agree" if not wrong else f"repeat with --seed {arguments.seed}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
