"""`python -m indexer verify | rebuild | rewind | export`, and how it refuses wrong settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chain.hexes import keccak
from chain.history import HASH_BYTES, address_word
from indexer.documents import EVENTS, FOLDED
from localnet.anvil import Anvil
from localnet.mongo import MongoServer
from localnet.ports import free_port
from localnet.rooms_on_anvil import RoomsOnAnvil
from localnet.runner import Runner
from localnet.waiting import wait_until
from presence.documents import PRESENCE_ROOMS, PRESENCE_STATE
from tests.integration.indexer.conftest import Indexer, MakeIndexer, indexer_settings
from tests.support.indexer.expected_index import dump


def tell(chain: RoomsOnAnvil) -> RoomsOnAnvil:
    """A bit of everything."""
    for n in range(4):
        chain.create(f"room {n}".encode())
    chain.fulfill(1, 2, 3)
    chain.rename(2, "đổi tên".encode())
    chain.end(1)
    chain.end(4)
    return chain


@pytest.fixture
def story(chain: RoomsOnAnvil) -> RoomsOnAnvil:
    return tell(chain)


@pytest.fixture
def indexer(story: RoomsOnAnvil, make_indexer: MakeIndexer) -> Indexer:
    made = make_indexer(story)
    made.start()
    made.wait_head(story)
    return made


@pytest.fixture(scope="module")
def settled(
    mongo: MongoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RoomsOnAnvil, Indexer]]:
    """A story that nobody tells on, with an indexer at its end: for what changes no block."""
    with Runner(tmp_path_factory.mktemp("settled")) as runner:
        chain = tell(RoomsOnAnvil.deploy(runner.anvil("--slots-in-an-epoch", "4")))
        made = Indexer(runner, free_port(), indexer_settings([chain], mongo.uri, "settled"))
        made.start()
        made.wait_head(chain)
        yield chain, made
        made.client.drop_database("settled")
        made.client.close()


@pytest.fixture
def indexed(settled: tuple[RoomsOnAnvil, Indexer]) -> Iterator[Indexer]:
    """The settled index; whatever the test does to its documents is undone."""
    _, indexer = settled
    kept = {name: list(indexer.db[name].find()) for name in (EVENTS, *FOLDED)}
    yield indexer
    for name, documents in kept.items():
        if list(indexer.db[name].find()) != documents:
            indexer.db[name].delete_many({})
            indexer.db[name].insert_many(documents)


@pytest.fixture
def truth(settled: tuple[RoomsOnAnvil, Indexer]) -> RoomsOnAnvil:
    """What the settled index was made of."""
    return settled[0]


def test_verify__an_index_that_equals_the_chain__exit_code_0(indexed: Indexer) -> None:
    code, said = indexed.command("verify")
    assert code == 0, said
    assert "the index matches the chain" in said


@pytest.mark.parametrize(
    ("collection", "name", "change", "told"),
    [
        ("livestreams", 2, {"title": "forged"}, "title is 'forged'"),
        ("livestreams", 2, {"tag": "0x" + "00" * 12}, "tag is"),
        ("livestreams", 2, {"last_seq": 10_000}, "last_seq is"),
        (
            "livestream_events",
            "{}:00000000000",
            {"events.4.actor": "0x" + "00" * 20},
            "history hash",
        ),
        ("accounts", "{}:{host}", {"credit": "9" * 30}, "credit is"),
        ("operators", "{}:1", {"accepting": False}, "accepting is False"),
        ("terms", "{}:1", {"fee": "0" * 30}, "fee is"),
    ],
)
def test_verify__a_document_changed_by_hand__is_named(
    indexed: Indexer, truth: RoomsOnAnvil, collection: str, name: Any, change: Any, told: str
) -> None:
    if isinstance(name, str):
        name = name.format(truth.address, host=truth.hosts[0])
    outcome = indexed.db[collection].update_one({"_id": name}, {"$set": change})
    assert outcome.matched_count == 1
    code, said = indexed.command("verify")
    assert code == 1
    assert told in said


def test_verify__a_missing_room__is_named(indexed: Indexer) -> None:
    indexed.db["livestreams"].delete_one({"_id": 3})
    code, said = indexed.command("verify")
    assert code == 1
    assert "room 3 is missing" in said


def test_verify__missing_events__are_named_and_nobody_else_is_accused(indexed: Indexer) -> None:
    indexed.db["livestream_events"].delete_one({"page": 0})
    code, said = indexed.command("verify")
    assert code == 1
    assert "event 1 of" in said and "is missing" in said
    assert "no event created it" not in said


@pytest.mark.parametrize(
    ("collection", "change"),
    [
        ("livestreams", {"_id": 90, "n": 90}),
        ("operators", {"_id": "x", "operator_id": 9}),
        ("terms", {"_id": "x", "terms_id": 9}),
        ("accounts", {"_id": "x", "account": "0x" + "99" * 20}),
    ],
)
def test_verify__a_document_that_no_event_made__is_named(
    indexed: Indexer, collection: str, change: dict[str, Any]
) -> None:
    documents = indexed.db[collection]
    sample = documents.find_one({})
    assert sample is not None
    documents.insert_one({**sample, **change})
    code, said = indexed.command("verify")
    assert code == 1
    name = list(change.values())[-1]
    assert f"{collection} {name} is in the index, but no event created it" in said


def test_rebuild__beside_a_running_indexer__same_documents_and_it_goes_on(
    indexer: Indexer, story: RoomsOnAnvil
) -> None:
    whole = dump(indexer.db, story.address)
    indexer.db["livestreams"].update_one({"_id": 2}, {"$set": {"title": "forged"}})
    indexer.db["accounts"].delete_many({})
    code, said = indexer.command("rebuild")
    assert code == 0, said
    assert dump(indexer.db, story.address) == whole
    assert not [name for name in indexer.db.list_collection_names() if name.endswith("_next")]
    story.create(b"after it")
    indexer.wait_head(story)
    indexer.assert_equals(story)


def test_verify_and_rebuild__rows_of_presence_beside_the_index__know_nothing_of_them(
    indexer: Indexer,
) -> None:
    """Even in the index's own database: who is on air is no part of the chain's story."""
    row = {"_id": 2, "contract": "0x" + "c0" * 20, "live": True, "live_since": 7, "rev": 1}
    for name in (PRESENCE_ROOMS, PRESENCE_STATE):
        indexer.db[name].insert_one(row)
    for command in ("verify", "rebuild", "verify"):
        code, said = indexer.command(command)
        assert code == 0, said
        assert "presence" not in said
    for name in (PRESENCE_ROOMS, PRESENCE_STATE):
        assert list(indexer.db[name].find()) == [row]


def test_rebuild__readers_meanwhile__never_miss_a_room(
    indexer: Indexer, story: RoomsOnAnvil
) -> None:
    child = indexer.start_command("rebuild")
    looks = 0
    while child.returncode is None:
        assert indexer.db["livestreams"].find_one({"_id": 2}) is not None, "a gap"
        assert indexer.db["checkpoint"].find_one({"_id": story.address}) is not None, "a gap"
        looks += 1
    assert child.returncode == 0, child.output()
    assert looks > 10


def test_start__an_index_of_another_version__stops_until_it_is_rebuilt(
    indexer: Indexer, story: RoomsOnAnvil
) -> None:
    """Of another format, or of a contract of another `VERSION`."""
    assert indexer.process.stop() == 0
    whole, ours = dump(indexer.db, story.address), indexer.checkpoint(story)
    assert ours is not None
    rebuild = "run `python -m indexer rebuild`"

    def find(**other: Any) -> None:
        indexer.db["checkpoint"].replace_one({"_id": story.address}, {**ours, **other})

    find(format=2)
    indexer.start()
    wait_until(lambda: "format 2" in indexer.readiness()[1], 15, "it says what it found")
    assert rebuild in indexer.readiness()[1]
    find(version="1.0.0")
    wait_until(lambda: "version 1.0.0" in indexer.readiness()[1], 15, "it says what it found")
    assert rebuild in indexer.readiness()[1]
    assert dump(indexer.db, story.address) == whole
    for command in ("verify", "export", "rewind"):
        code, said = indexer.command(command)
        assert code == 1 and rebuild in said, said
    code, said = indexer.command("rebuild")
    assert code == 0, said
    story.create(b"after it")
    indexer.wait_head(story)
    indexer.assert_equals(story)


def test_rewind__to_a_block__goes_back_and_forward_again(
    indexer: Indexer, story: RoomsOnAnvil
) -> None:
    whole = dump(indexer.db, story.address)
    code, said = indexer.command("rewind", "--to-block", str(story.start_block + 2))
    assert code == 0, said
    assert f"back to block {story.start_block + 2}" in said
    story.node.mine()
    indexer.wait_head(story)
    assert dump(indexer.db, story.address) == whole


def test_export__a_stranger__folds_the_lines_to_the_contracts_hash(
    indexed: Indexer, truth: RoomsOnAnvil, tmp_path: Path
) -> None:
    target = tmp_path / "story.ndjson"
    code, said = indexed.command("export", "--output", str(target))
    assert code == 0, said
    first, *events, last = [json.loads(line) for line in target.read_text().splitlines()]
    digest = keccak(first["chain_id"].to_bytes(32) + address_word(first["contract"]))[:HASH_BYTES]
    for event in events:
        words = bytes.fromhex(event["words"][2:])
        digest = keccak(digest.ljust(32, b"\0") + words)[:HASH_BYTES]
    told = truth.history()
    assert (len(events), digest) == (told.count, told.hash)
    assert (last["events"], last["history"]) == (told.count, "0x" + told.hash.hex())


def test_start__settings_missing__all_are_named_and_exit_code_2(
    make_indexer: MakeIndexer,
    chain: RoomsOnAnvil,
) -> None:
    indexer = make_indexer(chain, CONTRACTS="nonsense", CHAIN_ID="")
    code, said = indexer.command("run")
    assert code == 2
    assert "CHAIN_ID" in said
    assert "CONTRACTS" in said


def test_start__another_chain__exit_code_3(chain: RoomsOnAnvil, make_indexer: MakeIndexer) -> None:
    code, said = make_indexer(chain, CHAIN_ID="1").command("run")
    assert code == 3
    assert "is on chain 31337, the settings say 1: correct RPC_URLS or CHAIN_ID" in said


def test_start__no_contract_at_the_address__exit_code_3(
    chain: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    code, said = make_indexer(chain, CONTRACTS="0x" + "12" * 20 + "@1").command("run")
    assert code == 3
    assert "no contract at" in said


def test_two_indexers__one_writes_and_the_other_takes_over_when_it_ends(
    indexer: Indexer, story: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    second = make_indexer(story, MONGODB_DATABASE=indexer.db.name)
    second.start()
    wait_until(lambda: "another indexer" in second.readiness()[1], 15, "the second one waits")
    assert indexer.process.stop() == 0
    story.create(b"by the second")
    indexer.wait_head(story)  # the same database
    indexer.assert_equals(story)
    assert second.readiness()[0] == 200


def test_two_indexers__first_is_of_an_older_version__second_names_it_and_writes_when_it_ends(
    story: RoomsOnAnvil, make_indexer: MakeIndexer
) -> None:
    indexer = make_indexer(story)
    leases = indexer.db["index_writer"]
    older = {"owner": "f3c1/4026531836/4711/0a1b2c3d", "until": 32_503_680_001.0, "wanted": None}
    leases.insert_one({"_id": "writer", **older})
    indexer.start()

    def refused() -> bool:
        leases.update_one({"_id": "writer"}, {"$inc": {"until": 1.0}})
        return "older version (process 4711)" in indexer.readiness()[1]

    wait_until(refused, 15, "it says which process to stop")
    assert indexer.checkpoint(story) is None
    leases.update_one({"_id": "writer"}, {"$set": {"owner": "", "until": 0.0}})
    indexer.wait_head(story)
    row = leases.find_one({"_id": "writer"})
    assert row is not None
    assert row["owner"] == "an indexer of a newer version"
    assert row["until"] > 32e9


def test_restart__a_reorg_happened_meanwhile__is_found(
    anvil_factory: Callable[..., Anvil], make_indexer: MakeIndexer
) -> None:
    chain = RoomsOnAnvil.deploy(anvil_factory("--slots-in-an-epoch", "16"))
    chain.create(b"stays")
    indexer = make_indexer(chain)
    indexer.start()
    chain.create(b"goes")
    indexer.wait_head(chain)
    assert indexer.process.stop() == 0
    chain.node.reorg(1)
    chain.create(b"comes")
    indexer.start()
    indexer.wait_head(chain)
    indexer.assert_equals(chain)
