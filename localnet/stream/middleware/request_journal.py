"""The requests seen, for tests.

Promises: method, path, status, time; every secret segment of a path reads `<secret>`, queries and
bodies are left out.
Assumes: the last 20,000 are enough.
On restart: empty.
"""

import re
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

_SECRET = re.compile(r"[0-9a-f]{32}k[0-9a-f]{32}")
_JWT = re.compile(r"(?<=/)[\w-]+\.[\w-]+\.[\w-]+(?=/|$)")


def without_secrets(path: str) -> str:
    """A path with publishing secrets and playback tokens blotted out."""
    return _JWT.sub("<token>", _SECRET.sub("<secret>", path))


@dataclass(slots=True)
class JournalledRequest:
    """One request. `status` is None while no answer left, `fault` the kind that was injected."""

    n: int
    at: float
    ray: str
    method: str
    path: str
    status: int | None = None
    fault: str | None = None
    idempotency_key: str | None = None

    def render(self) -> dict[str, Any]:
        return asdict(self)


class RequestJournal:
    """The last requests in the order of arrival."""

    def __init__(self, keep: int = 20_000) -> None:
        self._seen: deque[JournalledRequest] = deque(maxlen=keep)
        self._count = 0

    def add(
        self, at: float, ray: str, method: str, path: str, key: str | None
    ) -> JournalledRequest:
        self._count += 1
        seen = JournalledRequest(
            self._count, at, ray, method, without_secrets(path), idempotency_key=key
        )
        self._seen.append(seen)
        return seen

    def since(self, n: int) -> list[JournalledRequest]:
        """Requests with a number above `n`."""
        return [seen for seen in self._seen if seen.n > n]

    def clear(self) -> None:
        """Forgets the requests; numbers go on."""
        self._seen.clear()
