"""The sender's rows: the same rules in memory and in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pymongo import AsyncMongoClient

from chain.send import (
    Attempt,
    MemorySenderStore,
    MongoSenderStore,
    SenderStore,
    SendRequest,
    SendState,
    StoreConflict,
)
from chain.send.fee_demand import FeeDemand, Wanted
from localnet.mongo import MongoServer

ACCOUNT = "0x00000000000000000000000000000000000000AA"


@pytest.fixture(params=["memory", "mongo"])
async def store(
    request: pytest.FixtureRequest, mongo: MongoServer, mongo_database: str
) -> AsyncIterator[SenderStore]:
    if request.param == "memory":
        yield MemorySenderStore()
        return
    async with AsyncMongoClient[dict[str, object]](mongo.uri) as client:
        database = MongoSenderStore(client[mongo_database])
        await database.ensure_indexes()
        await database.ensure_indexes()
        yield database


def row(key: str, at: float = 1000.0) -> SendRequest:
    return SendRequest(
        key=key,
        account=ACCOUNT,
        to="0x" + "11" * 20,
        data="0xabcd",
        value=2**200,
        gas_limit=100_000,
        meta={"rooms": [1, 2]},
        created_at=at,
        updated_at=at,
    )


def signed(request: SendRequest, nonce: int) -> SendRequest:
    attempt = Attempt(
        n=1,
        nonce=nonce,
        hash="0xaa",
        raw=b"\x02\xff",
        max_fee=2**70,
        priority_fee=1,
        kind="send",
        created_at=1001.0,
        demand=FeeDemand(Wanted.PRICE, tip=1, price=2**70, base=3),
    )
    return replace(request, state=SendState.SIGNED, nonce=nonce, attempts=(attempt,))


async def test_store__row_through_all_states__read_back_as_written(store: SenderStore) -> None:
    request = await store.insert(row("a"))
    saved = await store.save(signed(request, 7))
    assert saved.version == 1
    assert await store.get("a") == saved
    assert await store.open(ACCOUNT) == [saved]
    done = await store.save(
        replace(
            saved, state=SendState.CONFIRMED, gas_price=2**70, l1_fee=2**70, gas_used=21_000,
            succeeded=True,
        )
    )  # fmt: skip
    assert await store.get("a") == done
    assert await store.open(ACCOUNT) == []
    back = await store.save(replace(done, state=SendState.QUEUED, nonce=None, attempts=()))
    assert await store.queued(ACCOUNT, 5) == [back]


async def test_insert__known_key__the_row_there_is(store: SenderStore) -> None:
    first = await store.save(signed(await store.insert(row("a")), 0))
    assert await store.insert(row("a", 2000.0)) == first


async def test_get__unknown_key__none(store: SenderStore) -> None:
    assert await store.get("nothing") is None


async def test_save__old_version__conflict_and_nothing_written(store: SenderStore) -> None:
    request = await store.insert(row("a"))
    saved = await store.save(signed(request, 0))
    with pytest.raises(StoreConflict, match="another process"):
        await store.save(signed(request, 1))
    assert await store.get("a") == saved


async def test_save__nonce_held_by_another_row__conflict(store: SenderStore) -> None:
    first, second = await store.insert(row("a")), await store.insert(row("b"))
    held = await store.save(signed(first, 3))
    with pytest.raises(StoreConflict, match="nonce 3"):
        await store.save(signed(second, 3))
    await store.save(replace(held, state=SendState.CONFIRMED))
    await store.save(signed(second, 3))


async def test_queued__many_rows__oldest_first_and_limited(store: SenderStore) -> None:
    for key, at in (("c", 30.0), ("a", 10.0), ("b", 20.0)):
        await store.insert(row(key, at))
    await store.insert(replace(row("other"), account="0xother"))
    assert [r.key for r in await store.queued(ACCOUNT, 2)] == ["a", "b"]
    assert await store.counts(ACCOUNT) == (3, 0)


async def test_open__rows_with_nonces__by_nonce(store: SenderStore) -> None:
    for key, nonce in (("a", 9), ("b", 8), ("c", 10)):
        await store.save(signed(await store.insert(row(key)), nonce))
    assert [r.nonce for r in await store.open(ACCOUNT)] == [8, 9, 10]
    assert await store.counts(ACCOUNT) == (0, 3)


async def test_floor__raised__never_falls(store: SenderStore) -> None:
    assert await store.floor(ACCOUNT) == 0
    await store.raise_floor(ACCOUNT, 5)
    await store.raise_floor(ACCOUNT, 3)
    assert await store.floor(ACCOUNT) == 5


async def test_repr__row__raw_bytes_do_not_show(store: SenderStore) -> None:
    assert "02ff" not in repr(signed(row("a"), 1))


async def test_spending__final_rows__what_they_cost_and_when(
    mongo: MongoServer, mongo_database: str
) -> None:
    async with AsyncMongoClient[dict[str, object]](mongo.uri) as client:
        store = MongoSenderStore(client[mongo_database])
        for n, at in enumerate((3000.0, 1000.0, 2000.0)):
            kept = await store.insert(row(f"k{n}", at))
            l1_fee = 7 if n == 2 else None
            spent = replace(signed(kept, n), gas_used=50_000, gas_price=2**40 + n, l1_fee=l1_fee)
            await store.save(replace(spent, state=SendState.CONFIRMED, updated_at=at))
        await store.save(signed(await store.insert(row("open", 2500.0)), 9))
        found = await store.spending(ACCOUNT, 1500.0)
        assert found == [(2000.0, 50_000 * (2**40 + 2) + 7), (3000.0, 50_000 * 2**40)]
        assert await store.spending("0x" + "22" * 20, 0.0) == []
