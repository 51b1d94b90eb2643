"""Which Cloudflare account, with what credentials, and how they are mended without a restart.

Promises: credentials show in no `repr`; they travel over https only, or to this machine itself.
While Cloudflare accepts them nothing is read again; `renew` takes what stands in the settings now
if it differs and a header can carry it, and keeps what it has otherwise. Whatever was ever in use
stays hidden from texts.
Permission needed: Account > Stream > Edit ("Stream Write"); nothing about zones.
On restart they are read with the other settings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from common.redact import Scrubber

API_BASE = "https://api.cloudflare.com/client/v4"
_ACCOUNT_ID = re.compile(r"[0-9A-Za-z]{1,32}")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_ACCOUNT_TOKEN_PREFIX = "cfat_"  # noqa: S105  (what account-owned tokens start with)


def _header_safe(name: str, value: str) -> str:
    if not value or not value.isascii() or not value.isprintable() or value != value.strip():
        raise ValueError(f"the {name} is empty, or has spaces around it or invalid characters")
    return value


@dataclass(frozen=True, slots=True)
class ApiToken:
    """An API token (advised): `Authorization: Bearer`."""

    token: SecretStr

    def __post_init__(self) -> None:
        _header_safe("API token", self.token.get_secret_value())

    def headers(self) -> Mapping[str, str]:
        """The authentication headers, in clear."""
        return {"Authorization": f"Bearer {self.token.get_secret_value()}"}

    @property
    def account_owned(self) -> bool:
        """Whether the token belongs to the account, not to a user (it is verified elsewhere)."""
        return self.token.get_secret_value().startswith(_ACCOUNT_TOKEN_PREFIX)

    def secrets(self) -> tuple[str, ...]:
        """What must never be shown, for the scrubber."""
        return (self.token.get_secret_value(),)


@dataclass(frozen=True, slots=True)
class GlobalKey:
    """An e-mail and its Global API Key (legacy): `X-Auth-Email`, `X-Auth-Key`."""

    email: str
    key: SecretStr

    def __post_init__(self) -> None:
        _header_safe("email", self.email)
        _header_safe("Global API Key", self.key.get_secret_value())

    def headers(self) -> Mapping[str, str]:
        """The authentication headers, in clear."""
        return {"X-Auth-Email": self.email, "X-Auth-Key": self.key.get_secret_value()}

    def secrets(self) -> tuple[str, ...]:
        """What must never be shown, for the scrubber."""
        return (self.key.get_secret_value(), self.email)


Auth = ApiToken | GlobalKey


@dataclass(frozen=True, slots=True)
class CloudflareAccount:
    """One Cloudflare account. Raises ValueError for an id or a base URL that cannot be right."""

    account_id: str
    auth: Auth
    api_base: str = API_BASE

    def __post_init__(self) -> None:
        if not _ACCOUNT_ID.fullmatch(self.account_id):
            raise ValueError("the Cloudflare account id must be 1 to 32 letters and digits")
        url = urlsplit(self.api_base)
        secure = url.scheme == "https" or (url.scheme == "http" and url.hostname in _LOOPBACK)
        if not secure or url.username or url.query or url.fragment or self.api_base.endswith("/"):
            raise ValueError(
                "the Cloudflare API base must be an https URL (http only on this machine) without "
                "credentials, query or trailing slash"
            )

    @property
    def stream_url(self) -> str:
        """`<base>/accounts/<id>/stream`."""
        return f"{self.api_base}/accounts/{self.account_id}/stream"

    @property
    def verify_url(self) -> str | None:
        """Where the token is verified; None for a Global API Key, which has no such call."""
        if not isinstance(self.auth, ApiToken):
            return None
        owner = f"accounts/{self.account_id}" if self.auth.account_owned else "user"
        return f"{self.api_base}/{owner}/tokens/verify"


Reread = Callable[[], Auth | None]
"""The credentials that the settings name now; None if there are none that can be used."""


def _nothing_new() -> Auth | None:
    return None


class ApiCredentials:
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
