"""Why a file that a setting names cannot be read, and what to do about it.

Promises: one line. It quotes a path only if something stands there: what does not exist may be a
secret that was given in the place of its file's path.
"""

from __future__ import annotations

import os
from pathlib import Path


def read_text(path: str | Path) -> str:
    """The file's text. Raises OSError, UnicodeDecodeError: see `why_unreadable`."""
    return Path(path).read_text(encoding="utf-8")


def problem_of(path: str | Path) -> str | None:
    """Why the file cannot be read, if so."""
    try:
        with Path(path).open("rb") as file:
            file.read(1)
    except OSError as error:
        return why_unreadable(path, error)
    return None


def why_unreadable(path: str | Path, error: OSError | UnicodeDecodeError) -> str:
    """What `error`, raised when the file was read, asks an operator to do."""
    if isinstance(error, PermissionError):
        return _forbidden(Path(path))
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "there is no such file: correct the path, or mount the file into the container"
    if isinstance(error, IsADirectoryError):
        return (
            f"{path} is a folder: name the file (a container engine makes a folder where the file"
            " to be mounted does not exist)"
        )
    if isinstance(error, UnicodeDecodeError):
        return f"{path} is not text: write the value itself into it, as UTF-8"
    return f"it cannot be read ({error.strerror or type(error).__name__})"


def _forbidden(path: Path) -> str:
    user = os.geteuid()
    for folder in reversed(path.absolute().parents):
        if not os.access(folder, os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            return (
                f"{path} cannot be read by user {user}, who may not enter {folder}:"
                f" chown {user} {folder}, or chmod a+x {folder}"
            )
    return f"{path} cannot be read by user {user}: chown {user} {path}"
