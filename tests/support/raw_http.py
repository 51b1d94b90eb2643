"""HTTP/1.1 by the byte, for what no client library would send."""

from __future__ import annotations

import contextlib
import socket


def answer_on(one: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (in lower case) and body of what comes until the other side hangs up."""
    received = b""
    with contextlib.suppress(OSError):
        while chunk := one.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), headers, body
