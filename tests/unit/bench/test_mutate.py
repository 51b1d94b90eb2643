"""The mutator: what it changes, what it leaves alone, and names that outlive other changes."""

from __future__ import annotations

import pytest

from bench.audit.mutate import Mutant, mutants

SOURCE = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {A} from "./A.sol";

/// @notice a <= b && c == 1
contract C {
    uint256 private constant MAX = 96;

    function f(uint256 a) external onlyOwner {
        if (a <= MAX) revert TooLong("a == 1", a);
        /* a == 2 */
        total = total + a;
        emit Done(msg.sender, true);
    }
}
"""


def changed(source: str, mutant: Mutant) -> str:
    """The line that a mutant makes of its own."""
    text = source[: mutant.start] + mutant.new + source[mutant.end :]
    return text.split("\n")[mutant.number - 1].strip()


@pytest.mark.parametrize(
    "line",
    [
        'if (a < MAX) revert TooLong("a == 1", a);',
        'if (true) revert TooLong("a == 1", a);',
        'if (false) revert TooLong("a == 1", a);',
        "uint256 private constant MAX = 97;",
        "uint256 private constant MAX = 95;",
        "total = total - a;",
        "",  # a statement deleted
        "emit Done(tx.origin, true);",
        "emit Done(msg.sender, false);",
        "function f(uint256 a) external {",
    ],
)
def test_mutants__of_each_kind__are_made(line: str) -> None:
    assert line in {changed(SOURCE, mutant) for mutant in mutants("C.sol", SOURCE)}


def test_mutants__comments_strings_and_imports__are_left_alone() -> None:
    lines = {mutant.number for mutant in mutants("C.sol", SOURCE)}
    assert lines == {8, 10, 11, 13, 14}


def test_mutants__something_else_changed__keep_their_names() -> None:
    longer = SOURCE.replace("contract C {\n", "contract C {\n    uint256 private other = 7;\n\n")
    names = {mutant.id for mutant in mutants("C.sol", SOURCE)}
    assert names < {mutant.id for mutant in mutants("C.sol", longer)}


def test_mutants__on_the_same_line_twice__have_names_of_their_own() -> None:
    found = mutants("C.sol", "    uint256 x = 5;\n    uint256 x = 5;\n")
    assert len({mutant.id for mutant in found}) == len(found) == 4
