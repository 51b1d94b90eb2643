"""The search for secrets finds them in every guise, or the tests that use it prove nothing."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from bench.chaos.checks import _inner_bytes
from localnet.leaks import Leaks

SECRET = "a1b2c3d4e5f60718293a4b5c6d7e8f90k0123/+456789"


@pytest.mark.parametrize(
    "guise",
    [
        SECRET,
        f"https://customer.example/{SECRET}/webRTC/publish",
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        quote(SECRET, safe=""),
        *(base64.b64encode(b"x" * n + SECRET.encode() + b"tail").decode() for n in range(4)),
        base64.urlsafe_b64encode(b"??" + SECRET.encode()).decode(),
    ],
)
def test_search__secret_in_a_guise__found(guise: str) -> None:
    leaks = Leaks([SECRET])
    leaks.search("here", f"before {guise} after")
    assert leaks.found


def test_search__something_else__nothing_found() -> None:
    leaks = Leaks([SECRET])
    leaks.search("here", SECRET[:12] + "0" * 40)
    assert not leaks.found


def test_inner_bytes__ids_and_odd_texts__only_whole_hex_is_read() -> None:
    address = "0x" + "5f" * 20
    document = {"_id": f"{address}:1", "host": address, "more": [{"odd": "0xabc"}, "0x", 7]}
    assert _inner_bytes(document).strip() == b"\x5f" * 20
