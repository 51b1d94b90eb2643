"""Content-Security-Policy (CSP) and related headers: what a browser may do on our pages.

Promises: scripts and styles come from here alone, and no text ever becomes markup or script
(trusted types, none of which is ever made); a page connects to us, to the places where rooms
play, and to the public node. Only the auditor's page may connect to a node of the reader's choice.
Only the embedded player may be shown inside another site.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

PageKind = Literal["page", "audit", "embed"]


def page_headers(kind: PageKind, hosts: Sequence[str], rpc: str | None) -> list[tuple[str, str]]:
    """`hosts`: origins of playback; `rpc`: the public node's address."""
    origins = " ".join(hosts)
    connect = "https: http: wss: ws:" if kind == "audit" else " ".join([*hosts, *_origin(rpc)])
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
        ("Cross-Origin-Opener-Policy", "same-origin-allow-popups"),
    ]
    if kind != "embed":
        headers.append(("X-Frame-Options", "DENY"))
    return headers


def _origin(url: str | None) -> list[str]:
    if url is None:
        return []
    scheme, _, rest = url.partition("://")
    return [f"{scheme}://{rest.partition('/')[0]}"]
