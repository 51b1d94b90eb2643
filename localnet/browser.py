"""The browser of tests and measurements: the Chromium that `make test` found or installed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    # no calls home: nothing of a test leaves this machine
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # a camera and a microphone that need no permission
    "--use-fake-device-for-media-stream=fps=30",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
)
"""Arguments for headless runs as any user, with a fake camera and WebRTC on loopback."""


def chromium_executable() -> Path:
    """Path of the browser. Raises FileNotFoundError if `make test` has not set one up."""
    noted = Path(sys.prefix) / ".browser"
    path = os.environ.get("CHROMIUM") or (noted.read_text().strip() if noted.exists() else "")
    if not path:
        raise FileNotFoundError("no browser is set up yet: run `make test`")
    if not Path(path).exists():
        raise FileNotFoundError(f"the browser {path} does not exist: rm {noted}, then `make test`")
    return Path(path)
