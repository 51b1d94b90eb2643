"""Files that only their owner may read: how they are read, and how written.

Promises: a file that others may read is refused with the command that mends it, as ssh does
(systemd's credentials are its own to guard); a file is written whole or not at all, mode 0600, and
on disk when `write_private` returns. What stands in a file is in no error text.
Assumes: a POSIX file system.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path


class PrivateFileError(Exception):
    """The file cannot be used; the text says why and what to do."""


def read_private(path: Path) -> bytes:
    """What stands in the file. Raises PrivateFileError."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise PrivateFileError(f"{path} is not a file")
        if mode & (stat.S_IRWXG | stat.S_IRWXO) and not _is_credential(path):
            raise PrivateFileError(f"{path} is readable by others: chmod 600 {path}")
        return path.read_bytes()
    except OSError as error:
        raise PrivateFileError(f"cannot read {path}: {error.strerror}") from error


def _is_credential(path: Path) -> bool:
    """Whether systemd keeps it for this service alone (`LoadCredential=`): by rights in an access
    list, which the mode shows as the group's."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return bool(folder) and path.parent == Path(folder or "")


def write_private(path: Path, content: bytes, *, replace: bool) -> None:
    """Writes the file. Raises FileExistsError if `path` is taken and not to be replaced,
    PrivateFileError if it cannot be written."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                part.replace(path)
            else:
                os.link(part, path)  # unlike rename, fails where the name is taken
        finally:
            part.unlink(missing_ok=True)
    except FileExistsError:
        raise
    except OSError as error:
        raise PrivateFileError(f"cannot write {path}: {error.strerror}") from error
