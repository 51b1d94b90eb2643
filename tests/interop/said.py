"""What a program of ours says: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from localnet.process import Program


class Said:
    """A running program, and what it said so far."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def events(self) -> list[dict[str, Any]]:
        """Of whole lines; what is no object is left out."""
        whole = self._program.output().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def wait(
        self, wanted: Callable[[dict[str, Any]], Any], seconds: float = 20.0
    ) -> dict[str, Any]:
        """The first event that fits. Raises ProgramError if the program ends, or says nothing."""
        return self._program.wait_until(
            lambda: next(filter(wanted, self.events()), None), seconds, "its event"
        )
