"""The host's key pair on disk: made, kept and read by the command line.

File format, JSON, mode 0600:

    {"type":"livestream-rooms-host-key","v":1,"publicKey":"0x<64 hex>","privateKey":"0x<64 hex>"}

Promises: a key file is written and read as `common.private_file` says, never over another file; the
private key is in no `repr` and no error text.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from chain.hexes import hex_data, to_bytes
from common.private_file import PrivateFileError, read_private, write_private

_TYPE = "livestream-rooms-host-key"
_VERSION = 1


class HostKeyError(Exception):
    """The key file cannot be used; the text says why and what to do."""


class HostKey:
    """An X25519 key pair. `public` goes on chain as the room's `ingestKey`."""

    __slots__ = ("__private",)

    def __init__(self, private: X25519PrivateKey) -> None:
        self.__private = private

    @classmethod
    def generate(cls) -> HostKey:
        """A fresh pair from the operating system's randomness."""
        return cls(X25519PrivateKey.generate())

    @property
    def private(self) -> X25519PrivateKey:
        """For `oracle.sealing.open_sealed`."""
        return self.__private

    @property
    def public(self) -> bytes:
        """32 bytes."""
        return self.__private.public_key().public_bytes_raw()

    def save(self, path: Path) -> None:
        """Writes a new key file. Raises HostKeyError if `path` exists or cannot be written."""
        document = {
            "type": _TYPE,
            "v": _VERSION,
            "publicKey": hex_data(self.public),
            "privateKey": hex_data(self.__private.private_bytes_raw()),
        }
        try:
            write_private(path, json.dumps(document).encode() + b"\n", replace=False)
        except FileExistsError as error:
            raise HostKeyError(
                f"{path} exists and is not overwritten: it may be the only key of an open room"
            ) from error
        except PrivateFileError as error:
            raise HostKeyError(str(error)) from error

    @classmethod
    def load(cls, path: Path) -> HostKey:
        """Reads a key file. Raises HostKeyError."""
        try:
            text = read_private(path)
        except PrivateFileError as error:
            raise HostKeyError(str(error)) from error
        return cls._parse(path, text)

    @classmethod
    def _parse(cls, path: Path, text: bytes) -> HostKey:
        document: Any = None
        with contextlib.suppress(ValueError, RecursionError):
            document = json.loads(text)
        if not isinstance(document, dict) or document.get("type") != _TYPE:
            raise HostKeyError(f"{path} is not a host key file of this program")
        if document.get("v") != _VERSION:
            raise HostKeyError(f"{path} has an unknown version; update this program")
        private, public = _key(document, "privateKey"), _key(document, "publicKey")
        if private is None or public is None:
            raise HostKeyError(f"{path} is damaged: a key is not 32 bytes of hex")
        key = cls(X25519PrivateKey.from_private_bytes(private))
        if key.public != public:
            raise HostKeyError(f"{path} is damaged: its public and private keys do not match")
        return key

    def __repr__(self) -> str:
        return f"HostKey(public=0x{self.public.hex()})"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a host key is neither pickled nor copied; use save()")


def _key(document: dict[str, Any], name: str) -> bytes | None:
    value = document.get(name)
    if not isinstance(value, str) or not value.startswith("0x"):
        return None
    try:
        raw = to_bytes(value)
    except ValueError:
        return None
    return raw if len(raw) == 32 else None
