"""The built page's files, held in memory.

Promises: only files that were in `dapp/dist` when they were read can be served, so no path leads
outside; each has an ETag and, if it shrinks, a gzipped twin. Files under `assets/` have their hash
in their name and may be cached for a year.
Assumes: the page is small (a few hundred kB).
On restart: read again. A page that was not built is looked for again when it is asked for."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from common.web.responses import digest

FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_SHRINKS = (".js", ".css", ".html", ".json", ".svg", ".webmanifest", ".txt")


@dataclass(frozen=True)
class StaticFile:
    """`packed`: the gzipped body, or None."""

    body: bytes
    packed: bytes | None
    etag: str
    content_type: str
    cache: str


class StaticPages:
    """The files of `folder`, by their path below it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, StaticFile] = {}

    def get(self, name: str) -> StaticFile | None:
        """A file; None: there is none of that name."""
        if not self._files and (self._folder / "index.html").is_file():
            self._files = dict(self._read())
        return self._files.get(name)

    def _read(self) -> list[tuple[str, StaticFile]]:
        found = []
        for path in sorted(self._folder.rglob("*")):
            name = path.relative_to(self._folder).as_posix()
            if path.is_file() and not path.name.startswith(".") and path.suffix != ".map":
                found.append((name, _file(name, path)))
        return found


def _file(name: str, path: Path) -> StaticFile:
    body = path.read_bytes()
    packed = gzip.compress(body, 9, mtime=0) if path.suffix in _SHRINKS else None
    if packed is not None and len(packed) > 0.9 * len(body):
        packed = None
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    cache = FOR_EVER if name.startswith("assets/") else ASK_FIRST
    return StaticFile(body, packed, f'"{digest(body)}"', kind, cache)
