"""`playback.index_view.PlaybackIndex` over stories, for unit tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playback.index_view import IndexAway
from tests.support.indexer.contract_story import ContractStory
from tests.support.memory_index_source import MemoryIndexSource


class MemoryPlaybackIndex:
    """Answers from the stories as they are at that moment. `down`: every question fails."""

    def __init__(self, *stories: ContractStory) -> None:
        self.source = MemoryIndexSource(*stories)
        self.down = False

    def _ask(self) -> None:
        if self.down:
            raise IndexAway("the database does not answer (Test)")

    def checkpoint(self, contract: str) -> Mapping[str, Any] | None:
        self._ask()
        return self.source.checkpoints([contract]).get(contract)

    def room(self, number: int) -> Mapping[str, Any] | None:
        self._ask()
        return self.source.room(number)

    def moderator(self, contract: str, address: str) -> Mapping[str, Any] | None:
        self._ask()
        found: Any = self.source.stories[contract].ledger.moderators.get(address)
        return None if found is None else dict(found)

    def recordings(self, contract: str, number: int) -> list[Mapping[str, Any]]:
        self._ask()
        return list(self.source.recordings(contract, number))

    def room_events(self, number: int) -> list[Mapping[str, Any]]:
        self._ask()
        return list(self.source.room_events(number, 0, 1000))

    def close(self) -> None:
        pass
