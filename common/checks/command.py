"""`--check` as a command: settings read, everything looked at, the rows printed.

Promises: the exit code is 0 if nothing failed, 1 else, and 2 for settings, of which every missing
and malformed one is told. No log lines stand between the rows.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from common import logs
from common.checks.rows import CheckResult, exit_code, findings_text
from common.settings import Common, SettingsError, load

S = TypeVar("S", bound=Common)


def run_check(
    service: str,
    kind: type[S],
    look: Callable[[S], Coroutine[Any, Any, list[CheckResult]]],
    *,
    warnings_count: bool = False,
) -> int:
    """The process's exit code. `kind`: the settings' model. `warnings_count`: as `exit_code`."""
    try:
        settings = load(kind)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    logs.configure(service, fmt=settings.log_format, level="critical")
    try:
        findings = asyncio.run(look(settings))
    except KeyboardInterrupt:
        return 130
    print(findings_text(findings))
    return exit_code(findings, warnings_count=warnings_count)
