"""Content-Security-Policy (CSP) and related headers: what a browser may do on our pages.

Promises: scripts and styles come from here alone, and no text ever becomes markup or script
(trusted types, none of which is ever made); a page connects to us, to the places where rooms
play, to those that let viewers in, and to the public node. Only the auditor's page may connect to a
node of the reader's choice. Only the embedded player may be shown inside another site; it alone
keeps the window that opened it, which may be such a player that sends a viewer to sign in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

PageKind = Literal["page", "audit", "embed"]


def page_headers(
    kind: PageKind, hosts: Sequence[str], asked: Sequence[str]
) -> list[tuple[str, str]]:
    """`hosts`: origins where rooms play; `asked`: addresses that the page asks besides, the public
    node's and the playback services'."""
    origins = " ".join(hosts)
    connect = (
        "https: http: wss: ws:" if kind == "audit" else " ".join([*hosts, *map(_origin, asked)])
    )
    directives = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        f"media-src 'self' blob: {origins}",
        f"connect-src 'self' {connect}",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        f"frame-ancestors {'*' if kind == 'embed' else chr(39) + 'none' + chr(39)}",
    ]
    media = "camera=(self), microphone=(self), display-capture=(self)"
    headers = [
        ("Content-Security-Policy", "; ".join(part.strip() for part in directives)),
        ("Permissions-Policy", f"{media}, geolocation=(), payment=(), usb=()"),
    ]
    if kind != "embed":
        headers.append(("Cross-Origin-Opener-Policy", "same-origin-allow-popups"))
        headers.append(("X-Frame-Options", "DENY"))
    return headers


def _origin(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
