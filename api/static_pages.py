"""The built page's files, held in memory.

Promises: only files that were in `dapp/dist` when they were read can be served, so no path leads
outside; each has an ETag and, if it shrinks, a gzipped twin. Files under `assets/` have their hash
in their name and may be cached for a year. `with_head` writes a page's own head into a document; of
these it keeps the `MOST_MADE` last made.
Assumes: the page is small (a few hundred kB).
On restart: read again. A page that was not built is looked for again when it is asked for."""

from __future__ import annotations

import gzip
import mimetypes
import re
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from common.web.responses import digest

MOST_MADE = 1000  # documents with a head of their own, some 5 kB each
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
_TITLE = re.compile(rb"<title>[^<]*</title>")
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
        self._made: OrderedDict[tuple[str, str], StaticFile] = OrderedDict()

    def get(self, name: str) -> StaticFile | None:
        """A file; None: there is none of that name."""
        if not self._files and (self._folder / "index.html").is_file():
            self._files = dict(self._read())
        return self._files.get(name)

    def with_head(self, name: str, head: str) -> StaticFile | None:
        """The document of that name with `head`, which is HTML, in its title's place."""
        found = self.get(name)
        if found is None:
            return None
        made = self._made.get((name, head))
        if made is None:
            body = _TITLE.sub(lambda _: head.encode(), found.body, count=1)
            made = self._made[name, head] = _static_file(
                body, ".html", found.content_type, ASK_FIRST
            )
        self._made.move_to_end((name, head))
        while len(self._made) > MOST_MADE:
            self._made.popitem(last=False)
        return made

    def _read(self) -> list[tuple[str, StaticFile]]:
        found = []
        for path in sorted(self._folder.rglob("*")):
            name = path.relative_to(self._folder).as_posix()
            if path.is_file() and not path.name.startswith(".") and path.suffix != ".map":
                found.append((name, _file(name, path)))
        return found


def _file(name: str, path: Path) -> StaticFile:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    cache = FOR_EVER if name.startswith("assets/") else ASK_FIRST
    return _static_file(path.read_bytes(), path.suffix, kind, cache)


def _static_file(body: bytes, suffix: str, kind: str, cache: str) -> StaticFile:
    packed = gzip.compress(body, 9, mtime=0) if suffix in _SHRINKS else None
    if packed is not None and len(packed) > 0.9 * len(body):
        packed = None
    return StaticFile(body, packed, f'"{digest(body)}"', kind, cache)
