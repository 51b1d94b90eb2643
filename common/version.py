"""The version of this repository: services, page and API have one.

Promises: `VERSION` is what pyproject.toml and both package.json say; a test holds them equal. The
contracts count their own, `VERSION` in their source, since what is deployed stays. No git is asked:
an image has none.
"""

from __future__ import annotations

import os
import re

PRODUCT = "livestream-rooms"
VERSION = "0.1.0"
COMMIT_VARIABLE = "BUILD_COMMIT"
"""Set by who builds an image (`--build-arg`); a plain checkout has none."""


def commit() -> str | None:
    """The commit that an image was built from, if its builder said so."""
    told = os.environ.get(COMMIT_VARIABLE, "")
    return told if re.fullmatch(r"[0-9a-f]{7,40}", told) else None


def version_line(service: str) -> str:
    """What `--version` prints."""
    built = commit()
    return f"{PRODUCT} {VERSION} {service}" + (f" ({built})" if built else "")
