"""Proxies that the environment names (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY).

Promises: they are used for the outside world and never for this machine itself: a node on loopback
is reached whatever they say. A SOCKS proxy, which our clients do not speak, is a problem in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def direct_mounts() -> dict[str, None]:
    """`mounts` of an httpx client: this machine without a proxy."""
    return dict.fromkeys(f"all://[{h}]" if ":" in h else f"all://{h}" for h in _THIS_MACHINE)


def is_this_machine(url: str) -> bool:
    """Whether a URL is of this machine, so that no proxy is asked."""
    return urlsplit(url).hostname in _THIS_MACHINE


def problems(env: Mapping[str, str]) -> list[str]:
    """What is wrong with the variables, a line each, without their values."""
    return [
        f"{name}: a SOCKS proxy cannot be used: name an http:// proxy, or unset it for this service"
        for name in env
        if name.upper() in _NAMES and env[name].lower().startswith("socks")
    ]
