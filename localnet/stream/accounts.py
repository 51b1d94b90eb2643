"""The accounts the stand-in knows, with their tokens and keys, and who is calling.

Promises: both styles of authentication; tokens and keys never show in a repr or an error.
Assumes: the accounts file is JSON (shape below) and readable by its owner only.
On restart: the file generated at first start is read again, so tokens stay valid.

    {"accounts": [{"id": "<32 hex>", "stream": true, "publicBase": null,
                   "tokens": [{"token": "...", "permissions": ["read", "write"],
                               "status": "active", "owner": "user"}],
                   "keys": [{"email": "...", "key": "<37 hex>"}]}]}
"""

import hmac
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localnet.stream import errors

_TOKEN_FORM = re.compile(r"[A-Za-z0-9_-]{20,255}")
_KEY_FORM = re.compile(r"[0-9a-f]{37}")
_ID_FORM = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class StandInToken:
    """An API token. `owner` is `user` or `account`; account tokens start with `cfat_`."""

    id: str
    account: str
    permissions: frozenset[str]
    status: str
    owner: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GlobalApiKey:
    """A Global API Key with its email."""

    account: str
    email: str = field(repr=False)
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StandInAccount:
    """One account. `public_base` None takes the process's own."""

    id: str
    stream: bool
    public_base: str | None
    tokens: tuple[StandInToken, ...]
    keys: tuple[GlobalApiKey, ...]


@dataclass(frozen=True, slots=True)
class StandInCaller:
    """Who is calling: what may be done where, and which rate budget pays for it."""

    account: str
    permissions: frozenset[str]
    budget: str
    token: StandInToken | None = None


class StandInAccounts:
    """All accounts of one stand-in."""

    def __init__(self, accounts: tuple[StandInAccount, ...]) -> None:
        self._by_id = {account.id: account for account in accounts}

    def get(self, account_id: str) -> StandInAccount | None:
        return self._by_id.get(account_id)

    def ids(self) -> list[str]:
        return list(self._by_id)

    def caller(self, headers: Mapping[str, str]) -> StandInCaller:
        """Who sent these headers. Raises ApiError as section 1.6 of the known facts says.

        All of a user's tokens and keys share one rate budget; an account's own token has its own
        (documented).
        """
        if "Authorization" in headers:
            return self._by_token(headers["Authorization"])
        email, key = headers.get("X-Auth-Email"), headers.get("X-Auth-Key")
        if email is None and key is None:
            raise errors.missing_credentials()
        if not email or "@" not in email:
            raise errors.malformed_credentials("X-Auth-Email")
        if not key or not _KEY_FORM.fullmatch(key):
            raise errors.malformed_credentials("X-Auth-Key")
        for account in self._by_id.values():
            for known in account.keys:
                if _same(known.value, key) and _same(known.email, email):
                    return StandInCaller(
                        account.id, frozenset({"read", "write"}), f"user:{account.id}"
                    )
        raise errors.unknown_key()

    def token(self, authorization: str) -> StandInToken | None:
        """The token in an Authorization header; None if nobody issued it.

        Raises ApiError 6003/6111 if the header has the wrong form.
        """
        style, _, value = authorization.partition(" ")
        if style != "Bearer" or not _TOKEN_FORM.fullmatch(value):
            raise errors.malformed_credentials("Authorization")
        for account in self._by_id.values():
            for token in account.tokens:
                if _same(token.value, value):
                    return token
        return None

    def _by_token(self, authorization: str) -> StandInCaller:
        token = self.token(authorization)
        if token is None or token.status != "active":
            raise errors.unknown_token()
        budget = f"token:{token.id}" if token.owner == "account" else f"user:{token.account}"
        return StandInCaller(token.account, token.permissions, budget, token)


def parse(text: str) -> StandInAccounts:
    """Reads the accounts file. Raises ValueError that names what is wrong, never a secret."""
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"the accounts file is not JSON (line {error.lineno})") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("accounts"), list):
        raise ValueError('the accounts file needs an "accounts" list')
    if not raw["accounts"]:
        raise ValueError("the accounts file names no account")
    accounts = tuple(_account(n, item) for n, item in enumerate(raw["accounts"]))
    if len({account.id for account in accounts}) != len(accounts):
        raise ValueError("two accounts in the accounts file have the same id")
    return StandInAccounts(accounts)


def load_or_create(path: Path) -> StandInAccounts:
    """Reads `path`; writes a fresh account with one token and one key there if it is missing."""
    if not path.exists():
        fresh = {
            "accounts": [
                {
                    "id": secrets.token_hex(16),
                    "stream": True,
                    "tokens": [{"token": secrets.token_urlsafe(30)}],
                    "keys": [{"email": "operator@example.com", "key": secrets.token_hex(19)[:37]}],
                }
            ]
        }
        write_private(path, json.dumps(fresh, indent=1))
    return parse(path.read_text())


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _account(n: int, raw: Any) -> StandInAccount:
    where = f"account number {n + 1} of the accounts file"
    if not isinstance(raw, dict) or not _ID_FORM.fullmatch(str(raw.get("id"))):
        raise ValueError(f'{where} needs an "id" of 32 lower-case hex digits')
    account_id = str(raw["id"])
    base = raw.get("publicBase")
    if base is not None and not str(base).startswith(("http://", "https://")):
        raise ValueError(f'"publicBase" of {where} must be a URL')
    return StandInAccount(
        id=account_id,
        stream=bool(raw.get("stream", True)),
        public_base=None if base is None else str(base).rstrip("/"),
        tokens=tuple(_token(where, account_id, item) for item in raw.get("tokens", [])),
        keys=tuple(_key(where, account_id, item) for item in raw.get("keys", [])),
    )


def _token(where: str, account_id: str, raw: Any) -> StandInToken:
    value = str(raw.get("token")) if isinstance(raw, dict) else ""
    if not _TOKEN_FORM.fullmatch(value):
        raise ValueError(f"a token of {where} must be 20 to 255 letters, digits, - or _")
    permissions = frozenset(raw.get("permissions", ["read", "write"]))
    if not permissions <= {"read", "write"}:
        raise ValueError(f'permissions of a token of {where} may be "read" and "write" only')
    owner = "account" if value.startswith("cfat_") else str(raw.get("owner", "user"))
    return StandInToken(
        id=secrets.token_hex(16),
        account=account_id,
        permissions=permissions,
        status=str(raw.get("status", "active")),
        owner=owner,
        value=value,
    )


def _key(where: str, account_id: str, raw: Any) -> GlobalApiKey:
    if not isinstance(raw, dict) or not _KEY_FORM.fullmatch(str(raw.get("key"))):
        raise ValueError(f"a key of {where} must be 37 lower-case hex digits")
    if "@" not in str(raw.get("email")):
        raise ValueError(f'a key of {where} needs an "email"')
    return GlobalApiKey(account=account_id, email=str(raw["email"]), value=str(raw["key"]))


def _same(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode("utf-8", "surrogateescape"))
