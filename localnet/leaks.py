"""Looking for secrets where none may be: every encoding that a leak could take.

A secret is searched for as it is, as hex, as base64 (at each of the three alignments, standard and
URL-safe alphabet) and URL-encoded, in bytes of any kind.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote


def encodings(secret: str) -> set[bytes]:
    """Byte strings, any of which would give the secret away."""
    raw = secret.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode()}
    found.add(quote(secret, safe="").encode())
    for shift in range(3):
        # the characters that depend on the neighbours are cut off
        text = base64.b64encode(b"\0" * shift + raw)
        start, end = (0, 2, 3)[shift], len(text) - 4
        core = text[start:end]
        found |= {core, core.replace(b"+", b"-").replace(b"/", b"_")}
    return {each for each in found if len(each) >= 16}


class Leaks:
    """Searches places for a set of secrets and remembers what was found where."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """`secrets` shorter than 16 characters are ids, not secrets, and are left out."""
        self._needles = {n for s in secrets if len(s) >= 16 for n in encodings(s)}
        self.found: list[str] = []
        self.bytes_searched = 0

    @property
    def secrets(self) -> int:
        """How many byte strings are looked for."""
        return len(self._needles)

    def search(self, where: str, content: bytes | str) -> None:
        """Look through one piece of content."""
        data = content.encode() if isinstance(content, str) else content
        self.bytes_searched += len(data)
        hits = sum(1 for needle in self._needles if needle in data)
        if hits:
            self.found.append(f"{where} ({hits})")

    def search_tree(self, root: Path) -> None:
        """Look through every file below `root`."""
        for path in sorted(root.rglob("*")):
            if path.is_file():
                self.search(str(path), path.read_bytes())
