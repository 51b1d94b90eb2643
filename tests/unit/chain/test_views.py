"""Every view is asked at just the block that was meant, and its answer read as the ABI lays it out.

The answers are encoded by eth-abi from types spelled out here, not by the code that reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from eth_abi.abi import encode

from chain import abi, views
from chain.calldata import Terms
from chain.enums import EndReason, Mode, Status
from chain.hexes import keccak
from chain.history import HistoryView
from chain.identity import read_first_room_id
from chain.rpc.errors import BadResponse, ExecutionReverted, MalformedAnswer, UnknownBlock
from chain.views import AccountView, CreationView, OperatorView, RoomView
from tests.support.nodes.scripted_rpc import ScriptedRpc

CONTRACT = "0x" + "ab" * 20
HOST, ACCOUNT = "0x" + "cd" * 20, "0x" + "ef" * 20
ZERO = "0x" + "00" * 20
HASH = "0x" + "b1" * 32
ROOM = (
    "(uint256,address,address,uint64,uint64,uint64,uint16,uint16,uint8,bool,uint8,uint8,uint8,uint8,"
    "bool,bytes16,bytes12,uint16,uint16)"
)
ROW = (7, HOST, ZERO, 10, 20, 0, 1, 2, 1, True, 3, 1, 3, 1, False, b"u" * 16, b"t" * 12, 4, 5)
VIEW = RoomView(
    7, HOST, ZERO, 10, 20, 0, 1, 2, Mode(1), True, Status(3), EndReason(1), Status(3), EndReason(1),
    False, b"u" * 16, b"t" * 12, 4, 5,
)  # fmt: skip


class AskedView(NamedTuple):
    """`values`: what the view is asked; `answer`: what it answers, of the types `returns`."""

    reader: Any
    name: str
    takes: Sequence[str]
    values: Sequence[Any]
    returns: Sequence[str]
    answer: Sequence[Any]
    read: Any


OPERATOR = "(address,address,bool,bool,string)"
TERMS = "(uint256,uint256,uint32,uint32,uint16,uint16,uint16)"
READERS = [
    AskedView(
        views.read_rooms, "rooms", ["uint256[]"], [[7, 7]], [f"{ROOM}[]"], [[ROW, ROW]], [VIEW] * 2
    ),
    AskedView(
        views.read_history,
        "history",
        [],
        [],
        ["uint256", "bytes23"],
        [3, b"h" * 23],
        HistoryView(3, b"h" * 23),
    ),
    AskedView(
        views.read_operator,
        "operator",
        ["uint16"],
        [1],
        [OPERATOR],
        [(ACCOUNT, HOST, True, False, "https://é")],
        OperatorView(ACCOUNT, HOST, True, False, "https://é"),
    ),
    AskedView(views.read_operator_count, "operatorCount", [], [], ["uint16"], [9], 9),
    AskedView(
        views.read_terms,
        "terms",
        ["uint16"],
        [2],
        [TERMS],
        [(1, 2, 3, 4, 5, 6, 7)],
        Terms(1, 2, 3, 4, 5, 6, 7),
    ),
    AskedView(views.read_current_terms_id, "currentTermsId", [], [], ["uint16"], [2], 2),
    AskedView(
        views.read_creation,
        "creation",
        ["uint16", "address"],
        [1, HOST],
        [f"(uint16,{TERMS},bool,address,bool,bool,uint256,uint256)"],
        [(2, (1, 2, 3, 4, 5, 6, 7), True, ACCOUNT, False, True, 10**30, 2)],
        CreationView(2, Terms(1, 2, 3, 4, 5, 6, 7), True, ACCOUNT, False, True, 10**30, 2),
    ),
    AskedView(
        views.read_account,
        "account",
        ["address"],
        [ACCOUNT],
        ["uint256", "uint256"],
        [10**30, 2],
        AccountView(10**30, 2),
    ),
    AskedView(views.read_room_count, "roomCount", [], [], ["uint256"], [12], 12),
    AskedView(read_first_room_id, "firstRoomId", [], [], ["uint256"], [2**62], 2**62),
    AskedView(views.read_owner, "owner", [], [], ["address"], [ACCOUNT], ACCOUNT),
    AskedView(views.read_pending_owner, "pendingOwner", [], [], ["address"], [ZERO], ZERO),
    AskedView(views.read_paused, "paused", [], [], ["bool"], [True], True),
    AskedView(
        views.read_is_moderator, "isModerator", ["address"], [ACCOUNT], ["bool"], [False], False
    ),
]
# views that nothing of ours asks; a new one goes here or gets a reader
UNASKED = {"VERSION", "playbackURL", "renounceOwnership", "room", "tagOf"}


def node_of(case: AskedView, seen: list[Any]) -> ScriptedRpc:
    def answer(*params: Any) -> str:
        seen.append(params)
        return "0x" + encode(case.returns, case.answer).hex()

    return ScriptedRpc(eth_call=answer)


@pytest.mark.parametrize("case", READERS, ids=lambda case: case.name)
async def test_reader__at_a_block_hash__asks_there_alone_and_reads_the_answer(
    case: AskedView,
) -> None:
    seen: list[Any] = []
    assert await case.reader(node_of(case, seen), CONTRACT, *case.values, HASH) == case.read
    ((tx, block),) = seen
    assert block == {"blockHash": HASH, "requireCanonical": True}
    assert tx.pop("to").lower() == CONTRACT
    signature = f"{case.name}({','.join(case.takes)})"
    data = keccak(signature.encode())[:4] + encode(case.takes, case.values)
    assert tx == {"data": "0x" + data.hex()}


@pytest.mark.parametrize("block", ["latest", "0x1b4"])
async def test_reader__at_a_tag_or_number__asks_there(block: str) -> None:
    seen: list[Any] = []
    await views.read_paused(node_of(READERS[-2], seen), CONTRACT, block)
    assert seen[0][1] == block


def test_readers__the_artifact__no_view_is_forgotten() -> None:
    entries = {entry["name"]: entry for entry in abi.load().abi if entry["type"] == "function"}
    reading = {n for n, entry in entries.items() if entry["stateMutability"] in ("view", "pure")}
    assert reading == {case.name for case in READERS} | UNASKED


@pytest.mark.parametrize(
    ("status", "effective", "expirable"),
    [
        (Status.PENDING, Status.PENDING, False),
        (Status.PENDING, Status.ENDED, True),
        (Status.ACTIVE, Status.ACTIVE, False),
        (Status.ACTIVE, Status.ENDED, True),
        (Status.ENDED, Status.ENDED, False),
        (Status.NONE, Status.NONE, False),
    ],
)
def test_room__stored_and_effective_status__expirable_if_its_end_is_not_stored(
    status: Status, effective: Status, expirable: bool
) -> None:
    assert VIEW._replace(status=status, effective_status=effective).expirable is expirable


async def test_rooms__more_than_one_call_holds__asked_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(views, "MAX_ROOMS_PER_CALL", 2)
    seen: list[Any] = []
    assert (
        await views.read_rooms(node_of(READERS[0], seen), CONTRACT, [7, 7, 7, 7], HASH)
        == [VIEW] * 4
    )
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("0x", "is there a contract"),
        ("0x01", "not of the contract's shape"),
        ("0x" + encode(["uint256"], [2]).hex(), "not of the contract's shape"),
    ],
)
async def test_reader__an_answer_of_another_shape__is_the_nodes_fault(
    answer: str, words: str
) -> None:
    with pytest.raises(MalformedAnswer, match=words):
        await views.read_paused(ScriptedRpc(eth_call=answer), CONTRACT, "latest")


@pytest.mark.parametrize("place", [8, 10, 11, 12, 13])
async def test_rooms__a_value_that_is_none_of_its_enum__is_the_nodes_fault(place: int) -> None:
    row = (*ROW[:place], 200, *ROW[place + 1 :])
    answer = "0x" + encode([f"{ROOM}[]"], [[row]]).hex()
    with pytest.raises(MalformedAnswer, match="enum"):
        await views.read_rooms(ScriptedRpc(eth_call=answer), CONTRACT, [7], "latest")


async def test_rooms__fewer_than_asked__is_the_nodes_fault() -> None:
    answer = "0x" + encode([f"{ROOM}[]"], [[ROW]]).hex()
    with pytest.raises(MalformedAnswer, match="1 rooms for 2 ids"):
        await views.read_rooms(ScriptedRpc(eth_call=answer), CONTRACT, [7, 8], "latest")


@pytest.mark.parametrize("answer", [None, 7, "no hex", "0xzz", [], {}])
async def test_reader__an_answer_that_is_no_data__is_the_nodes_fault(answer: Any) -> None:
    with pytest.raises(BadResponse):
        await views.read_paused(ScriptedRpc(eth_call=answer), CONTRACT, "latest")


@pytest.mark.parametrize(
    "error", [UnknownBlock(-32000, "header not found"), ExecutionReverted(3, "execution reverted")]
)
async def test_reader__the_node_refuses__its_error_comes_through(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        await views.read_paused(ScriptedRpc(eth_call=error), CONTRACT, HASH)
    assert caught.value is error
