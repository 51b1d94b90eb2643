"""Models of a rate-limited server, in all the window forms one may meet."""

from __future__ import annotations

import math
from collections import deque

from common.clock import Clock


class RateServer:
    """Counts requests; `headers()` speak as Cloudflare's do. Subclasses say what counts."""

    def __init__(self, clock: Clock, quota: int, window: float) -> None:
        self.clock, self.quota, self.window = clock, quota, window
        self.refused = 0
        self.served: list[float] = []
        self.tells = True
        self.tells_policy = True

    def used(self) -> int:
        raise NotImplementedError

    def reset(self) -> float:
        raise NotImplementedError

    def count(self) -> None:
        raise NotImplementedError

    def take(self) -> tuple[bool, dict[str, str]]:
        """One request arrives: whether it is served, and the answer's headers."""
        allowed = self.used() < self.quota
        if allowed:
            self.count()
            self.served.append(self.clock.monotonic())
        else:
            self.refused += 1
        headers = {}
        if self.tells:
            left, reset = self.quota - self.used(), math.ceil(self.reset())
            headers["ratelimit"] = f'"default";r={max(0, left)};t={reset}'
            if self.tells_policy:
                headers["ratelimit-policy"] = f'"default";q={self.quota};w={math.ceil(self.window)}'
        if not allowed:
            headers["retry-after"] = str(math.ceil(self.reset()))
        return allowed, headers


class Sliding(RateServer):
    """An exact sliding window."""

    def __init__(self, clock: Clock, quota: int, window: float) -> None:
        super().__init__(clock, quota, window)
        self._log: deque[float] = deque()

    def used(self) -> int:
        while self._log and self._log[0] <= self.clock.monotonic() - self.window:
            self._log.popleft()
        return len(self._log)

    def reset(self) -> float:
        return self._log[0] + self.window - self.clock.monotonic() if self.used() else 0.0

    def count(self) -> None:
        self._log.append(self.clock.monotonic())


class Fixed(RateServer):
    """Fixed windows on the server's own raster, `offset` seconds from our zero."""

    def __init__(self, clock: Clock, quota: int, window: float, offset: float = 0.0) -> None:
        super().__init__(clock, quota, window)
        self._offset = offset
        self._number = -1
        self._used = 0

    def used(self) -> int:
        number = math.floor((self.clock.monotonic() + self._offset) / self.window)
        if number != self._number:
            self._number, self._used = number, 0
        return self._used

    def reset(self) -> float:
        return self.window - (self.clock.monotonic() + self._offset) % self.window

    def count(self) -> None:
        self._used += 1


class FirstCall(RateServer):
    """Fixed windows, each begun by its first call."""

    def __init__(self, clock: Clock, quota: int, window: float) -> None:
        super().__init__(clock, quota, window)
        self._began = -math.inf
        self._used = 0

    def used(self) -> int:
        if self.clock.monotonic() - self._began >= self.window:
            self._began, self._used = self.clock.monotonic(), 0
        return self._used

    def reset(self) -> float:
        return self._began + self.window - self.clock.monotonic()

    def count(self) -> None:
        self._used += 1
