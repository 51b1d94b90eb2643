"""The commands of a page, as a reader copies them, and what it says that they answer.

Promises: every block of `sh` is read, in the order of the page, and split where bash sees a command
end, so that a loop or a text to the end is one; a block of `text` right below belongs to it. A
command that bash cannot parse is an error.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


class CommandBlock(NamedTuple):
    """`line`: where it stands in the page. `told`: what its commands answer, in order."""

    line: int
    commands: list[str]
    told: list[str]


def read_blocks(page: Path) -> list[CommandBlock]:
    """The blocks of commands of a page."""
    text = page.read_text(encoding="utf-8")
    found: list[CommandBlock] = []
    end = -1
    for match in _BLOCK.finditer(text):
        kind, body = match[1], match[2]
        if kind == "sh":
            line = text.count("\n", 0, match.start()) + 2
            found.append(CommandBlock(line, split(body), []))
        elif kind == "text" and found and not text[end : match.start()].strip():
            found[-1].told.extend(body.splitlines())
        end = match.end()
    return found


def split(block: str) -> list[str]:
    """Its commands. Raises ValueError for what bash cannot parse."""
    commands: list[str] = []
    open_lines: list[str] = []
    for line in block.splitlines():
        open_lines.append(line)
        command = "\n".join(open_lines)
        if _whole(command):
            if command.strip():
                commands.append(command)
            open_lines = []
    if open_lines:
        raise ValueError(f"bash cannot parse: {open_lines}")
    return commands


def missing(told: list[str], output: str) -> list[str]:
    """The lines of `told` that `output` does not have, each after the one before; `...` in a line
    stands for anything."""
    lines = iter(_ESCAPES.sub("", output).splitlines())
    absent = []
    for line in told:
        looks = re.compile(".*".join(re.escape(part) for part in line.strip().split("...")))
        if line.strip() != "..." and not any(looks.search(each) for each in lines):
            absent.append(line)
            break
    return absent


def _whole(command: str) -> bool:
    if command.endswith("\\"):
        return False
    checked = subprocess.run(["bash", "-n", "-c", command], capture_output=True, check=False)
    return checked.returncode == 0 and not checked.stderr
