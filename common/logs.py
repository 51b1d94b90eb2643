"""Logging of every service: structured lines on standard output, one event each.

Promises: JSON for machines or coloured lines for people, with time, level, service and the bound
fields; a value under a name that smells of a secret is blotted out, whatever put it there. What a
terminal obeys, or a reader takes for the end of a line, is escaped (`escaped`). A line that cannot
be written, since the disk is full or the pipe is gone, is lost, and nothing else.
Assumes: `configure` is called once, at start.
"""

from __future__ import annotations

import contextlib
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

_SECRET_NAMES = (
    "secret",
    "token",
    "password",
    "private_key",
    "api_key",
    "passphrase",
    "stream_key",
    "whip",
)


# C1 controls, the line and paragraph separators, and what turns the direction of text
_OBEYED = re.compile("[\x80-\x9f\u2028-\u202e\u2066-\u2069]")


def escaped(line: str) -> str:
    """JSON, or words for people, in which the characters that do something are written out."""
    if line.isascii():
        return line
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


class _Output:
    """Standard output as it is when a line comes; its failures are dropped."""

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stdout.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stdout.flush()


_OUTPUT = cast("TextIO", _Output())


def configure(
    service: str, *, fmt: str = "json", level: str = "info"
) -> structlog.stdlib.BoundLogger:
    """Set logging up for a process and give its logger. Libraries log from `warning` on."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(service),
        _blot,
    ]
    errors: list[Any] = [structlog.processors.format_exc_info] if fmt == "json" else []
    structlog.configure(
        processors=[*shared, *errors, renderer, _escape],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(_OUTPUT),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(_OUTPUT)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *errors,
                renderer,
                _escape,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(threshold, logging.WARNING), force=True)
    return get()


def get(**bound: object) -> structlog.stdlib.BoundLogger:
    """A logger with fields bound to it."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(**bound))


def _named(service: str) -> Any:
    def add(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("service", service)
        return event

    return add


def _escape(_: object, __: str, line: Any) -> str:
    return escaped(str(line))


def _blot(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in event:
        if any(word in name.lower() for word in _SECRET_NAMES):
            event[name] = "[secret]"
    return event
