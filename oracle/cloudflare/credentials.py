"""The credentials in use, and how they are mended without a restart.

Promises: while Cloudflare accepts them nothing is read; `renew` takes what stands in the settings
now if it differs and a header can carry it, and keeps what it has otherwise. Whatever was ever in
use stays hidden from texts. On restart they are read with the other settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from common.redact import Scrubber
from oracle.cloudflare.account import Auth

Reread = Callable[[], Auth | None]
"""The credentials that the settings name now; None if there are none that can be used."""


def _nothing_new() -> Auth | None:
    return None


class Credentials:
    """See the module. One per Cloudflare account."""

    def __init__(self, auth: Auth, reread: Reread = _nothing_new) -> None:
        self._auth = auth
        self._reread = reread
        self._used = set(auth.secrets())
        self.scrub = Scrubber(self._used)

    def headers(self) -> Mapping[str, str]:
        """The authentication headers, in clear."""
        return self._auth.headers()

    def renew(self) -> bool:
        """Read them again; True if they changed."""
        found = self._reread()
        if found is None or found == self._auth:
            return False
        self._auth = found
        self._used |= set(found.secrets())
        self.scrub = Scrubber(self._used)
        return True

    def __repr__(self) -> str:
        return "Credentials()"
