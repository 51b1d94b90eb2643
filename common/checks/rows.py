"""Checks side by side, and a row for each: OK, WARN or FAIL, with the fix under it.

Promises: every check gets its row, whatever the others find; all of them end within
`CHECK_SECONDS`.
Assumes: a check's own texts show no secret; `explain` makes such texts of errors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

from common.tasks import end_tasks

CHECK_SECONDS = 10.0
T = TypeVar("T")


class CheckLevel(StrEnum):
    """`WARN`: the service works, but an operator should act."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


class CheckResult(NamedTuple):
    """One check's outcome. `fix`: what to do unless it is OK."""

    name: str
    level: CheckLevel
    found: str
    fix: str = ""


class CheckFailed(Exception):
    """A check is not OK: what was found, and how to fix it."""

    def __init__(self, found: str, fix: str, level: CheckLevel = CheckLevel.FAIL) -> None:
        super().__init__(found)
        self.found = found
        self.fix = fix
        self.level = level


class Once(Generic[T]):
    """An answer that several checks need, asked for once."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._ask = ask
        self._asked: asyncio.Future[T] | None = None

    async def __call__(self) -> T:
        if self._asked is None:
            self._asked = asyncio.ensure_future(self._ask())
        # shielded: the one whose time is over takes it from nobody
        return await asyncio.shield(self._asked)


class Check(NamedTuple):
    """`look` tells what it found if that is OK, and else raises `CheckFailed` or anything that
    `examine` can explain."""

    name: str
    look: Callable[[], Awaitable[str]]


async def examine(
    checks: Sequence[Check],
    explain: Callable[[Exception], CheckFailed],
    *,
    seconds: float | None = None,
) -> list[CheckResult]:
    """All findings, in the order of `checks`, which run side by side, for `CHECK_SECONDS` unless
    told otherwise."""
    seconds = CHECK_SECONDS if seconds is None else seconds
    tasks = [asyncio.ensure_future(_look(check, explain)) for check in checks]
    try:
        await asyncio.wait(tasks, timeout=seconds)
        return [
            task.result() if task.done() else _late(check.name, seconds)
            for check, task in zip(checks, tasks, strict=True)
        ]
    finally:
        await end_tasks(*tasks)


async def _look(check: Check, explain: Callable[[Exception], CheckFailed]) -> CheckResult:
    try:
        return CheckResult(check.name, CheckLevel.OK, await check.look())
    except CheckFailed as error:
        failed = error
    except Exception as error:
        failed = explain(error)
    return CheckResult(check.name, failed.level, failed.found, failed.fix)


def _late(name: str, seconds: float) -> CheckResult:
    return CheckResult(
        name, CheckLevel.FAIL, f"no answer within {seconds:g} s", "check the network"
    )


def findings_text(findings: Sequence[CheckResult]) -> str:
    """A row for each check; under one that is not OK, its fix; then the count."""
    width = max((len(finding.name) for finding in findings), default=0)
    lines = []
    for name, level, found, fix in findings:
        lines.append(f"{level:<4}  {name:<{width}}  {found}".rstrip())
        if level is not CheckLevel.OK:
            lines.append(f"      Fix: {fix}")
    failed, warned = (
        sum(finding.level is level for finding in findings)
        for level in (CheckLevel.FAIL, CheckLevel.WARN)
    )
    passed = not failed and not warned
    total = "All checks passed." if passed else f"Failed: {failed}, warnings: {warned}."
    return "\n".join([*lines, "", total])


def exit_code(findings: Sequence[CheckResult], *, warnings_count: bool = False) -> int:
    """1 if a check failed, else 0. `warnings_count`: a warning is a 1, too."""
    bad = (CheckLevel.FAIL, CheckLevel.WARN) if warnings_count else (CheckLevel.FAIL,)
    return int(any(finding.level in bad for finding in findings))
