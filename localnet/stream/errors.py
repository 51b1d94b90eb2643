"""Errors of the REST API, with the codes real accounts answer.

Promises: one function per known case; each tells in its docstring how sure the fact is
(measured, documented, seen by several clients, or a guess).
"""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An answer with `success: false`.

    `status` is the HTTP status; `errors` and `messages` are what the envelope carries
    (`messages` is null on most of Stream's own errors: measured).
    """

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        messages: list[dict[str, Any]] | None = None,
        more: tuple[Mapping[str, Any], ...] = (),
        chain: tuple[Mapping[str, Any], ...] = (),
    ) -> None:
        super().__init__(f"{status} {code} {message}")
        first: dict[str, Any] = {"code": code, "message": message}
        if chain:
            first["error_chain"] = [dict(link) for link in chain]
        self.status = status
        self.errors: list[dict[str, Any]] = [first, *(dict(error) for error in more)]
        self.messages = messages


def not_found() -> ApiError:
    """Unknown or deleted uid. Measured on GET; taken for every other call."""
    return ApiError(404, 10003, "Not Found: The requested resource or operation was not found.")


def decoding() -> ApiError:
    """Body is not JSON. Body measured on another Stream endpoint, the status is a guess."""
    return ApiError(400, 10004, "Decoding Error: The request body could not be decoded.")


def bad_request(why: str) -> ApiError:
    """A value Stream refuses. Code measured; the words are ours."""
    return ApiError(400, 10005, f"Bad Request: {why}")


def retention_days() -> ApiError:
    """`deleteRecordingAfterDays` out of range. Measured."""
    return ApiError(400, 10060, "deleteRecordingAfterDays must be between 30 and 1096 days")


def idempotency_conflict(why: str) -> ApiError:
    """Key reused for a deleted input. Status documented; the code is made up, none is known."""
    return ApiError(409, 10409, f"Conflict: {why}")


def video_is_live() -> ApiError:
    """Deleting a video that is still being recorded. Seen by clients."""
    return ApiError(409, 10046, "Conflict: The video is a live broadcast in progress.")


def stream_not_enabled() -> ApiError:
    """Account without a Stream subscription: the reason stands in `messages`. Measured."""
    return ApiError(
        403,
        10002,
        "Authorization Failure: The authentication credentials are not authorized to perform "
        "the request. Verify the credentials and try again.",
        messages=[{"message": "Cloudflare Stream not enabled"}],
    )


def missing_credentials() -> ApiError:
    """No authentication header at all. Seen by clients."""
    return ApiError(
        400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers", messages=[]
    )


def malformed_credentials(header: str) -> ApiError:
    """A header of the wrong form (6103 for the key, 6111 for Authorization). Seen by clients."""
    code = {"X-Auth-Email": 6102, "X-Auth-Key": 6103}.get(header, 6111)
    return ApiError(
        400,
        6003,
        "Invalid request headers",
        messages=[],
        chain=({"code": code, "message": f"Invalid format for {header} header"},),
    )


def unknown_token() -> ApiError:
    """A token nobody issued, or an expired one. Status and code are a guess (401 or 403 is all
    that is known)."""
    return ApiError(401, 10000, "Authentication error", messages=[])


def unknown_key() -> ApiError:
    """Email and key that do not fit. Code seen by clients, the status is a guess."""
    return ApiError(403, 9103, "Unknown X-Auth-Key or X-Auth-Email", messages=[])


def no_permission() -> ApiError:
    """A valid token that lacks the permission or the account. Seen on other products."""
    return ApiError(403, 10000, "Authentication error", messages=[])


def invalid_api_token() -> ApiError:
    """Answer of the verify endpoints for a token they do not know. Measured (code)."""
    return ApiError(401, 1000, "Invalid API Token", messages=[])


def no_route(path: str) -> ApiError:
    """A path that does not exist, or a malformed account id. Seen by clients."""
    return ApiError(
        404,
        7003,
        f"Could not route to {path}, perhaps your object identifier is invalid?",
        messages=[],
        more=({"code": 7000, "message": "No route for that URI"},),
    )


def method_not_allowed() -> ApiError:
    """A known path with another method. A guess."""
    return ApiError(405, 10405, "Method not allowed for this authentication scheme", messages=[])


def too_large() -> ApiError:
    """A body over the stand-in's own limit of 1 MB. A guess."""
    return ApiError(413, 10005, "Bad Request: The request body is too large.")
