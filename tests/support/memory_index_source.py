"""An index in memory, for unit tests of the API: `api.index_source.IndexSource` over stories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from api.index_source import Document, IndexUnavailable, RoomPage, RoomQuery
from tests.support.indexer.contract_story import ContractStory, stories_by_contract


class MemoryIndexSource:
    """Answers from the stories as they are at that moment. `down`: every question fails."""

    def __init__(self, *stories: ContractStory) -> None:
        self.stories = stories_by_contract(stories)
        self.asked: Counter[str] = Counter()
        self.down = False
        self.recorded: list[dict[str, Any]] = []

    def tell(self, story: ContractStory) -> None:
        """From now on the story goes like this."""
        self.stories[story.contract] = story

    def _ask(self, name: str) -> None:
        self.asked[name] += 1
        if self.down:
            raise IndexUnavailable("the database does not answer (Test)")

    def checkpoints(self, contracts: Sequence[str]) -> dict[str, Document]:
        self._ask("checkpoints")
        return {
            contract: self.stories[contract].checkpoint()
            for contract in contracts
            if contract in self.stories
        }

    def room(self, number: int) -> Document | None:
        self._ask("room")
        return self._room(number)

    def rooms_by_id(self, numbers: Sequence[int]) -> list[Document]:
        self._ask("rooms_by_id")
        found = [self._room(number) for number in numbers]
        return [doc for doc in found if doc is not None]

    def _room(self, number: int) -> Document | None:
        for story in self.stories.values():
            if number in story.ledger.rooms:
                return story.documents()["livestreams"][number - story.first_room]
        return None

    def rooms(self, query: RoomQuery, top: int, bottom: int, limit: int) -> RoomPage:
        self._ask("rooms")
        docs: list[dict[str, Any]] = [
            doc
            for story in self.stories.values()
            for doc in story.documents()["livestreams"]
            if bottom <= doc["n"] <= top
            and query.filter.matches(doc)
            and all(token in doc["search"] for token in query.tokens)
        ]
        docs.sort(key=lambda doc: -int(doc["n"]))
        more = len(docs) > limit
        return RoomPage(list(docs[:limit]), docs[limit - 1]["n"] if more else None)

    def room_events(self, number: int, after_seq: int, limit: int) -> list[Document]:
        self._ask("room_events")
        found: list[Document] = [
            event
            for story in self.stories.values()
            for event in story.events
            if event["room_id"] == number and event["seq"] > after_seq
        ]
        return found[:limit]

    def events(self, contract: str, from_seq: int, to_seq: int) -> list[Document]:
        self._ask("events")
        found = self.stories[contract].events
        return [event for event in found if from_seq <= event["seq"] <= to_seq]

    def operators(self, contract: str) -> list[Document]:
        self._ask("operators")
        return list(self.stories[contract].documents()["operators"])

    def terms(self, contract: str, terms_id: int) -> Document | None:
        self._ask("terms")
        found: Any = self.stories[contract].ledger.terms.get(terms_id)
        return None if found is None else dict(found)

    def recordings(self, contract: str, number: int) -> list[Document]:
        self._ask("recordings")
        return [
            doc for doc in self.recorded if (doc["contract"], doc["room_id"]) == (contract, number)
        ]

    def close(self) -> None:
        pass
