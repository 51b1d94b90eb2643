"""What the client can ask of Cloudflare, and how urgent it is."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Power(IntEnum):
    """What a success proves about the credentials and the settings; more includes less."""

    READ = 0
    WRITE = 1
    CREATE = 2


class Operation(StrEnum):
    """One kind of call; its value names it in errors, logs and metrics."""

    CREATE = "create"
    GET = "get"
    LIST = "list"
    UPDATE = "update"
    DISABLE = "disable"
    ENABLE = "enable"
    DELETE = "delete"
    ROTATE_KEYS = "rotate_keys"
    VIDEOS = "videos"
    DELETE_VIDEO = "delete_video"
    VERIFY_TOKEN = "verify_token"  # noqa: S105  (the name of a call)
    CREATE_KEY = "create_key"
    KEYS = "keys"
    DELETE_KEY = "delete_key"

    @property
    def power(self) -> Power:
        """What the call needs, and what its success proves."""
        if self is Operation.CREATE:
            return Power.CREATE
        if self in _READS:
            return Power.READ
        return Power.WRITE

    @property
    def names_one(self) -> bool:
        """Whether the path names one input, video or key, so that a 404 says something about it."""
        return self not in _COLLECTIONS


_READS = frozenset(
    {Operation.GET, Operation.LIST, Operation.VIDEOS, Operation.VERIFY_TOKEN, Operation.KEYS}
)
_COLLECTIONS = frozenset(
    {
        Operation.CREATE,
        Operation.LIST,
        Operation.VERIFY_TOKEN,
        Operation.CREATE_KEY,
        Operation.KEYS,
    }
)


class Priority(IntEnum):
    """Who goes first when requests are scarce; lower is more urgent (and none is falsy)."""

    TAKE_DOWN = 1
    PROVISION = 2
    REKEY = 3
    RELEASE = 4
    SWEEP = 5
    LIVE_STATUS = 6
