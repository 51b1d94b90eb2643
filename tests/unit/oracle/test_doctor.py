"""How `doctor` prints its findings: a row for each check, and under a row that is not OK the fix.

docs/operations.md shows the output; an operator reads it, and a script may cut it by columns.
"""

from __future__ import annotations

from oracle.cli.doctor import CheckLevel, CheckResult, exit_code, findings_text

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


def test_exit_code__only_if_every_check_is_ok__0() -> None:
    assert exit_code([GOOD]) == 0
    assert exit_code([GOOD, LOW]) == 1
    assert exit_code([GOOD, BAD]) == 1
