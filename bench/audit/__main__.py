"""python -m bench.audit [walk | mutants | slither | proofs ...] [--calls N] [--sample N] ...

walk     random walks on revm, held against the rules and the indexer's fold after each call
mutants  changes the source in small ways and sees whether the tests notice; goes on where it was
slither  static analysis
proofs   symbolic execution: what holds for all values, and planted errors that must break it

slither and halmos, which proves, live in an environment of their own (.venv-audit). Without a name
all run. Results stay in build/audit/. The exit code is 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import sys

from bench.audit import mutants, proofs, slither, walk

PARTS = ("walk", "mutants", "slither", "proofs")


def main(argv: list[str] | None = None) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--calls", type=int, default=1_000_000, help="of the walks, at least")
    parser.add_argument("--sample", type=int, default=200, help="mutants to try")
    parser.add_argument("--seed", type=int, default=1, help="of the walks and the sample")
    parser.add_argument("--jobs", type=int, default=2, help="mutants tried at once")
    asked = parser.parse_args(argv)
    parts = asked.parts or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    good = True
    if "walk" in parts:
        good &= walk.run(asked.calls, asked.seed)
    if "slither" in parts:
        good &= slither.run()
    if "proofs" in parts:
        good &= proofs.run()
    if "mutants" in parts:
        good &= mutants.run(asked.sample, asked.seed, asked.jobs)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
