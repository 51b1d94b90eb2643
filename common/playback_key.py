"""The signing key of playback tokens, and the file that it is kept in.

File format, JSON, mode 0600 (moments in unix seconds):

    {"type":"livestream-rooms-playback-key","v":1,"account":"<Cloudflare account>",
     "current":{"kid":"...","created":1764000000,"pem":"-----BEGIN ..."},
     "former":[{"kid":"...","created":1763000000,"replaced_at":1764000000}]}

A former key is kept by name alone: nothing is signed with it, and it is to be deleted at Cloudflare
once the last token of its making has ended.

Promises: the private key is in no `repr`, no error text and no pickle; a file that others may read
is refused with the command that mends it. `PlaybackKeyFile` looks at the file at each use and reads
it again once it has changed, so that a rotation needs no restart; a file that has become useless
leaves the key that was read last in use, and `problem` says so.
On restart: read again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from common.private_file import PrivateFileError, read_private, write_private

KID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_TYPE = "livestream-rooms-playback-key"
_VERSION = 1
_LEAST_BITS = 2048
MOST_BYTES = 64 * 1024
"""Of a key file: two keys, and the names of hundreds."""


class PlaybackKeyError(Exception):
    """There is no key that could be used; the text says why and what to do."""


class PlaybackKey:
    """One RSA signing key of a Cloudflare account, by its id there."""

    __slots__ = ("__pem", "__private", "created", "kid")

    def __init__(self, kid: str, pem: str, created: int) -> None:
        """Raises PlaybackKeyError for what is no such key."""
        if not KID.fullmatch(kid):
            raise PlaybackKeyError("the key's id is not one of Cloudflare's")
        self.kid, self.created = kid, created
        self.__pem, self.__private = pem, _rsa(pem)

    def signature(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256."""
        return self.__private.sign(data, PKCS1v15(), SHA256())

    def pem(self) -> str:
        """The private key in clear, for the file."""
        return self.__pem

    def __repr__(self) -> str:
        return f"PlaybackKey({self.kid})"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a playback key is neither pickled nor copied")


class FormerKey(NamedTuple):
    """A key that signs no more; moments in unix seconds."""

    kid: str
    created: int
    replaced_at: int


@dataclass(frozen=True, slots=True)
class PlaybackKeys:
    """What a key file holds; the former ones newest first."""

    account: str
    current: PlaybackKey
    former: tuple[FormerKey, ...] = ()

    def rotated(self, key: PlaybackKey, now: float) -> PlaybackKeys:
        """With `key` in use, and the one that was so far among the former."""
        gone = FormerKey(self.current.kid, self.current.created, int(now))
        return PlaybackKeys(self.account, key, (gone, *self.former))

    def without(self, kid: str) -> PlaybackKeys:
        """After that former key has been deleted."""
        left = tuple(former for former in self.former if former.kid != kid)
        return PlaybackKeys(self.account, self.current, left)

    def save(self, path: Path, *, replace: bool) -> None:
        """Writes the key file. Raises PlaybackKeyError; also if there is one and `replace` is not
        said."""
        document = {
            "type": _TYPE,
            "v": _VERSION,
            "account": self.account,
            "current": {
                "kid": self.current.kid,
                "created": self.current.created,
                "pem": self.current.pem(),
            },
            "former": [former._asdict() for former in self.former],
        }
        try:
            write_private(path, json.dumps(document).encode() + b"\n", replace=replace)
        except FileExistsError:
            raise PlaybackKeyError(f"{path} exists and is not overwritten") from None
        except PrivateFileError as error:
            raise PlaybackKeyError(str(error)) from None

    @classmethod
    def load(cls, path: Path) -> PlaybackKeys:
        """Reads a key file. Raises PlaybackKeyError."""
        try:
            text = read_private(path)
        except PrivateFileError as error:
            raise PlaybackKeyError(str(error)) from None
        try:
            return _parsed(text)
        except PlaybackKeyError as error:
            raise PlaybackKeyError(f"{path}: {error}") from None


class PlaybackKeyFile:
    """A key file that is looked at whenever it is used."""

    def __init__(self, path: Path, now: Callable[[], float]) -> None:
        """`now` in unix seconds. Nothing is read yet."""
        self._path, self._now = path, now
        self._seen: tuple[int, ...] | None = None
        self._keys: PlaybackKeys | None = None
        self._since = 0.0
        self._problem: str | None = "not read yet"

    def keys(self) -> PlaybackKeys:
        """What the file holds now. Raises PlaybackKeyError while it never held a key."""
        seen = self._stamp()
        if seen is None or seen != self._seen:
            self._read(seen)
        if self._keys is None:
            raise PlaybackKeyError(self._problem or "no playback key")
        return self._keys

    def key(self) -> PlaybackKey:
        """The key that signs. Raises PlaybackKeyError as `keys`."""
        return self.keys().current

    @property
    def since(self) -> float:
        """Since when this process signs with that key: unix seconds, 0 before the first."""
        return self._since

    @property
    def problem(self) -> str | None:
        """Why the file could not be used when it was looked at last; the key read before it is in
        use all the same."""
        return self._problem

    def _stamp(self) -> tuple[int, ...] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        # the mode and the owner, too: a file may become readable without being written
        return (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)

    def _read(self, seen: tuple[int, ...] | None) -> None:
        try:
            keys = PlaybackKeys.load(self._path)
        except PlaybackKeyError as error:
            self._problem = str(error)
            self._seen = seen
            return
        if self._keys is None or keys.current.kid != self._keys.current.kid:
            self._since = self._now()
        self._keys, self._problem, self._seen = keys, None, seen


def _rsa(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise PlaybackKeyError("the key is damaged: no private key in PEM") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < _LEAST_BITS:
        raise PlaybackKeyError(f"the key is no RSA key of {_LEAST_BITS} bits or more")
    return key


def _parsed(text: bytes) -> PlaybackKeys:
    if len(text) > MOST_BYTES:
        raise PlaybackKeyError("not a playback key file of this program: too large")
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("type") != _TYPE:
        raise PlaybackKeyError("not a playback key file of this program")
    if document.get("v") != _VERSION:
        raise PlaybackKeyError("unknown version; update this program")
    account, current, former = (document.get(name) for name in ("account", "current", "former"))
    if (
        not isinstance(account, str)
        or not isinstance(current, dict)
        or not isinstance(former, list)
    ):
        raise PlaybackKeyError("damaged: it needs account, current and former")
    key = PlaybackKey(_text(current, "kid"), _text(current, "pem"), _moment(current, "created"))
    return PlaybackKeys(account, key, tuple(map(_former, former)))


def _former(item: Any) -> FormerKey:
    if not isinstance(item, dict):
        raise PlaybackKeyError("damaged: a former key is no object")
    return FormerKey(_text(item, "kid"), _moment(item, "created"), _moment(item, "replaced_at"))


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    if not isinstance(value, str):
        raise PlaybackKeyError(f"damaged: {name} is no text")
    return value


def _moment(item: dict[str, Any], name: str) -> int:
    value = item.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise PlaybackKeyError(f"damaged: {name} is no number of seconds")
    return value
