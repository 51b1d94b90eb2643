"""The page's catalogues, read from its sources, so that tests speak the page's words."""

from __future__ import annotations

import json
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

DAPP = Path(__file__).resolve().parents[3] / "dapp"


class Words:
    """One language."""

    def __init__(self, catalogue: dict[str, Any]) -> None:
        self._catalogue = catalogue

    def of(self, *path: str) -> str:
        """The string at a place; KeyError if there is none."""
        node: Any = self._catalogue
        for name in path:
            node = node[name]
        assert isinstance(node, str), path
        return node


@lru_cache
def _catalogues() -> dict[str, Any]:
    command = ["node", "scripts/catalogues.mjs"]
    done = subprocess.run(command, cwd=DAPP, capture_output=True, text=True, timeout=60, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def words(language: str) -> Words:
    """The catalogue of "vi" or "en"."""
    return Words(_catalogues()[language])
