"""What is refused before anything reads it: hosts, targets, bodies."""

from __future__ import annotations

from typing import Any

import pytest

from common.web.request_checks import is_host, refusal
from tests.unit.api.conftest import ApiWorld

JOIN = "/api/livestream/join?room_id=live_1"


@pytest.mark.parametrize(
    "host",
    ["x", "rooms.example", "rooms.example.", "rooms.example:443", "x:", "127.0.0.1:8080", "[::1]",
     "[2001:db8::7]:80", "my_service:80", "xn--lp-hmc.example", "A" * 63 + ".example"],
)  # fmt: skip
def test_is_host__name_or_address_with_or_without_a_port__yes(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize(
    "host",
    ["", " ", "a b", "http://x", "x/", "/x", "user@x", "user:pw@x", "x:y", "x:0", "x:65536",
     "x:123456", "x:-1", "x:80:80", "::1", "[::1", "[x]", "[1.2.3.4]", "[::1]x", "x,y", "x..y", ".",
     "x?", "x#", "x\\y", "x%41", "x\xe9", "x\t", "<x>", "A" * 64, ".".join(["a" * 60] * 5)],
)  # fmt: skip
def test_is_host__anything_else__no(host: str) -> None:
    assert not is_host(host)


@pytest.mark.parametrize(
    ("environ", "slug"),
    [
        ({"SERVER_PROTOCOL": "HTTP/1.0"}, None),
        ({"SERVER_PROTOCOL": "HTTP/1.1"}, "malformed"),
        ({"SERVER_PROTOCOL": "HTTP/1.0", "HTTP_HOST": "a b"}, "malformed"),
        ({"RAW_URI": "http://x/a", "HTTP_HOST": "x"}, None),
        ({"RAW_URI": "HTTPS://x:1/a", "HTTP_HOST": "y"}, None),
        ({"RAW_URI": "*", "HTTP_HOST": "x"}, None),
        ({"RAW_URI": "ftp://x/a", "HTTP_HOST": "x"}, "malformed"),
        ({"RAW_URI": "http:///a", "HTTP_HOST": "x"}, "malformed"),
        ({"RAW_URI": "http://u@x/a", "HTTP_HOST": "x"}, "malformed"),
        ({"RAW_URI": "x:80", "HTTP_HOST": "x"}, "malformed"),
        ({"RAW_URI": "//metrics", "PATH_INFO": "//metrics", "HTTP_HOST": "x"}, "not-found"),
        ({"RAW_URI": "/%2Fmetrics", "PATH_INFO": "//metrics", "HTTP_HOST": "x"}, "not-found"),
        ({"HTTP_HOST": "x", "CONTENT_LENGTH": "16384"}, None),
        ({"HTTP_HOST": "x", "CONTENT_LENGTH": "16385"}, "body-too-large"),
        ({"HTTP_HOST": "x", "CONTENT_LENGTH": "\xb2"}, "malformed"),
        ({"HTTP_HOST": "x", "CONTENT_LENGTH": "-1"}, "malformed"),
        ({"HTTP_HOST": "x", "HTTP_TRANSFER_ENCODING": "chunked"}, "length-required"),
        ({"HTTP_HOST": "x", "HTTP_TRANSFER_ENCODING": "gzip, chunked"}, "length-required"),
    ],
)
def test_refusal__host_target_and_length__as_rfc_9112_has_them(
    environ: dict[str, Any], slug: str | None
) -> None:
    found = refusal({"SERVER_PROTOCOL": "HTTP/1.1", **environ})
    assert (found and found[0]) == slug


def test_refused__any_path__problem_that_a_page_of_any_origin_can_read(world: ApiWorld) -> None:
    refused = (
        ({"HTTP_HOST": "a b"}, 400, "malformed"),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411, "length-required"),
        ({"CONTENT_LENGTH": "99999"}, 413, "body-too-large"),
    )
    for path in ("/", JOIN, "/metrics", "/assets/x.js"):
        for environ, status, slug in refused:
            answer = world.client.open(path, environ_overrides=environ)
            assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
            assert answer.get_json()["type"] == f"/docs#{slug}"
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert "X-Request-ID" in answer.headers["Access-Control-Expose-Headers"]


def test_ops__another_spelling_of_the_path__not_found(world: ApiWorld) -> None:
    """A proxy's rule for a path compares bytes, or not: what it lets by must lead nowhere."""
    for path in ("/metrics", "/readyz", "/healthz"):
        for target, status in (
            (path, 200), (f"{path}?x=1", 200), (f"http://x{path}", 404), (f"{path}#x", 404),
            (f"/%{ord(path[1]):x}{path[2:]}", 404), (f"{path[:-1]}%{ord(path[-1]):X}", 404),
        ):  # fmt: skip
            answer = world.client.get(path, environ_overrides={"RAW_URI": target})
            assert answer.status_code == status, target
