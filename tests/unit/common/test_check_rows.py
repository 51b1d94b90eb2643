"""How `--check` and `doctor` print their findings: a row for each check, its fix if it is not OK.

docs/operations.md shows the output; an operator reads it, and a script may cut it by columns.
"""

from __future__ import annotations

import asyncio

from common.checks.rows import (
    Check,
    CheckFailed,
    CheckLevel,
    CheckResult,
    Once,
    examine,
    exit_code,
    findings_text,
)

GOOD = CheckResult("contract", CheckLevel.OK, "0xc0ffee")
LOW = CheckResult("balance", CheckLevel.WARN, "0xa holds 0.04 ether", "send ether to 0xa")
BAD = CheckResult("Cloudflare token", CheckLevel.FAIL, "refused", "create a new token")


def test_findings__all_ok__one_row_each_and_a_closing_line() -> None:
    assert findings_text([GOOD, GOOD._replace(name="new heads", found="polled")]) == (
        "OK    contract   0xc0ffee\nOK    new heads  polled\n\nAll checks passed."
    )


def test_findings__some_are_not_ok__rows_aligned_with_the_fix_under_each() -> None:
    assert findings_text([GOOD, LOW, BAD]) == (
        "OK    contract          0xc0ffee\n"
        "WARN  balance           0xa holds 0.04 ether\n"
        "      Fix: send ether to 0xa\n"
        "FAIL  Cloudflare token  refused\n"
        "      Fix: create a new token\n"
        "\n"
        "Failed: 1, warnings: 1."
    )


def test_exit_code__a_check_failed__1_and_for_the_doctor_a_warning_is_enough() -> None:
    assert exit_code([GOOD]) == exit_code([GOOD, LOW]) == 0
    assert exit_code([GOOD, LOW, BAD]) == 1
    assert exit_code([GOOD], warnings_count=True) == 0
    assert exit_code([GOOD, LOW], warnings_count=True) == 1


async def good() -> str:
    return "there"


async def low() -> str:
    raise CheckFailed("nearly empty", "fill it", CheckLevel.WARN)


async def broken() -> str:
    raise KeyError("hunter2")


async def silent() -> str:
    await asyncio.Event().wait()
    return "never"


def explained(error: Exception) -> CheckFailed:
    return CheckFailed(type(error).__name__, "mend it")


async def test_examine__some_fail_and_one_never_answers__each_has_its_row_in_order() -> None:
    checks = [
        Check("a", silent),
        Check("b", broken),
        Check("c", low),
        Check("d", good),
    ]
    assert await examine(checks, explained, seconds=0.05) == [
        CheckResult("a", CheckLevel.FAIL, "no answer within 0.05 s", "check the network"),
        CheckResult("b", CheckLevel.FAIL, "KeyError", "mend it"),
        CheckResult("c", CheckLevel.WARN, "nearly empty", "fill it"),
        CheckResult("d", CheckLevel.OK, "there"),
    ]


async def test_once__asked_by_several__is_carried_out_once_and_outlives_who_gave_up() -> None:
    asked = 0
    go_on = asyncio.Event()

    async def answer() -> int:
        nonlocal asked
        asked += 1
        await go_on.wait()
        return 7

    once = Once(answer)
    impatient, patient = asyncio.ensure_future(once()), asyncio.ensure_future(once())
    await asyncio.wait({impatient}, timeout=0.01)
    impatient.cancel()
    go_on.set()
    assert await patient == await once() == 7
    assert asked == 1
