"""What this process knows of who is on air."""

from __future__ import annotations

from api.cursors import OnAirPlace
from api.on_air import UNKNOWN, OnAir
from api.response_types import PresenceWord


class PresenceWatch:
    """One per process."""

    def room(self, number: int) -> OnAir:
        """What is known of a room now."""
        return UNKNOWN

    def word(self) -> PresenceWord:
        """Whether anything is."""
        return "unknown"

    def live_after(self, place: OnAirPlace | None, most: int) -> list[OnAirPlace]:
        """The rooms on air after this place."""
        return []
