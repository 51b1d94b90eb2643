"""Gas per call of the contract, beside its floor and beside naive contracts, on anvil.

`python -m bench gas` shows it with the other suites; `python -m bench.gas` writes the tables of
docs/contract.md and checks the committed snapshot.
"""

from __future__ import annotations

from bench.gas.suite import run

__all__ = ["run"]
