"""The page's test vectors are what our own code makes."""

from __future__ import annotations

from chain.event_codec import TOPICS
from tests.support import page_vectors


def test_vectors__committed__equal_the_story() -> None:
    kept = page_vectors.FILE.read_text(encoding="utf-8")
    assert kept == page_vectors.text(), "renew: python -m tests.support.page_vectors"


def test_vectors__every_kind_of_event__is_there() -> None:
    seen = {log["topics"][0] for log in page_vectors.vectors()["logs"]}
    assert seen == set(TOPICS)
