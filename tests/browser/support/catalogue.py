"""The page's catalogues, read from its sources, so that tests speak the page's words."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

DAPP = Path(__file__).resolve().parents[3] / "dapp"


class Catalogue:
    """One language."""

    def __init__(self, catalogue: dict[str, Any]) -> None:
        self._catalogue = catalogue

    def of(self, *path: str, parts: Sequence[str] = ()) -> str:
        """The string at a place, made of `parts` if it needs some; KeyError if there is none."""
        node: Any = self._catalogue
        for name in path:
            node = node[name]
        assert isinstance(node, str), path
        return node.format(*parts)


@lru_cache
def _catalogues() -> dict[str, Any]:
    command = ["node", "scripts/catalogues.mjs"]
    done = subprocess.run(command, cwd=DAPP, capture_output=True, text=True, timeout=60, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def words(language: str) -> Catalogue:
    """The catalogue of "vi" or "en"."""
    return Catalogue(_catalogues()[language])
