"""Which requests are refused before anything reads them: a pure decision about a WSGI environment.

Promises: `refusal` answers the problem's slug and a sentence, or None. A request must name a host
as RFC 9112 (3.2) has it: HTTP/1.1 exactly one `Host`, valid; HTTP/1.0 may leave it out, as its
clients do, but not send a malformed one. A body must say its length, which has a limit; one in
chunks does not, however small. No route begins with two slashes, of which werkzeug would drop one.
`names` says whether the request's target is a path byte for byte: whoever guards a path in front of
us compares bytes, so a guarded route takes no other spelling of its path.
Assumes: the server has refused several `Host` fields, and both ways to frame a body at once.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

MOST_BODY = 16 * 1024
_AUTHORITY = re.compile(
    r"(?:\[(?P<literal>[0-9a-f:.]{2,45})\]|[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?)"
    r"(?::(?P<port>[0-9]{0,5}))?",
    re.ASCII | re.IGNORECASE,
)
_LONGEST_HOST = 255 + len(":65535")
Environ = Mapping[str, Any]


def refusal(environ: Environ) -> tuple[str, str] | None:
    """Why the request is not read: a problem's slug, and the sentence for it."""
    return _bad_host(environ) or _bad_target(environ) or _bad_length(environ)


def names(environ: Environ, path: str) -> bool:
    """Whether the target is this path byte for byte: not absolute (`http://host/metrics`), nothing
    of it percent-encoded, no fragment; a query may follow."""
    return bool(environ.get("RAW_URI", "").partition("?")[0] == path)


def is_host(text: str) -> bool:
    """Whether this is a host, by name or address, perhaps with a port."""
    found = _AUTHORITY.fullmatch(text)
    if found is None or len(text) > _LONGEST_HOST:
        return False
    if found["port"] and not 0 < int(found["port"]) < 65536:
        return False
    if found["literal"] is None:
        return True
    try:
        ipaddress.IPv6Address(found["literal"])
    except ValueError:
        return False
    return True


def _bad_host(environ: Environ) -> tuple[str, str] | None:
    host = environ.get("HTTP_HOST")
    if host is None:
        if environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
            return None
        return "malformed", "the header Host is missing"
    if not is_host(host):
        return "malformed", "the header Host must be a host's name or address, perhaps with a port"
    return None


def _bad_target(environ: Environ) -> tuple[str, str] | None:
    target = environ.get("RAW_URI", "/")
    if not target.startswith("/") and target != "*" and not _is_absolute(target):
        return "malformed", "the request's target must be a path or an http address"
    if environ.get("PATH_INFO", "").startswith("//"):
        return "not-found", "no route has this path"
    return None


def _is_absolute(target: str) -> bool:
    parts = urlsplit(target)
    return parts.scheme in ("http", "https") and is_host(parts.netloc)


def _bad_length(environ: Environ) -> tuple[str, str] | None:
    length = environ.get("CONTENT_LENGTH")
    if length:
        if not (length.isascii() and length.isdigit()):
            return "malformed", "the header Content-Length must be a number"
        if int(length) > MOST_BODY:
            return "body-too-large", f"the body may have {MOST_BODY} bytes"
    elif environ.get("HTTP_TRANSFER_ENCODING"):
        return "length-required", "send the body with Content-Length, not in chunks"
    return None
