"""Hints on their way to presence."""

from __future__ import annotations


class HintForwarder:
    """One per process."""

    def give(self, number: int) -> None:
        """Hand a room's number on."""
