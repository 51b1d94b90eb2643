"""create, describe, rekey, accept, end: what the chain's head decides, and what is refused in
words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chain import calldata
from chain import events as t
from chain.enums import EndReason, Mode, Status
from chain.hexes import ZERO_ADDRESS, hex_data, to_bytes
from chain.operator_choice import choose_operator, ranked
from chain.reverts import contract_errors
from chain.rpc.errors import ExecutionReverted
from tests.support import operator_vectors
from tests.support.indexer.contract_story import (
    ALICE,
    BASE,
    BOB,
    CONTRACT,
    DEADLINE,
    DEPOSIT,
    FEE,
    KEY,
    OPERATOR,
    OWNER,
    PAYEE,
)
from tests.unit.api.conftest import ApiWorld

API = "/api/livestream"
CREATE = {"title": "Lớp", "ingest_key": hex_data(KEY)}
PRICE = DEPOSIT + FEE


def reverted(name: str, *arguments: int) -> ExecutionReverted:
    """The contract's error."""
    (selector,) = (s for s, error in contract_errors().errors.items() if error.name == name)
    data = selector + b"".join(value.to_bytes(32) for value in arguments)
    return ExecutionReverted(3, "execution reverted", revert_data=data)


# --- create -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("credit", "wallet"),
    [(0, PRICE), (1, PRICE - 1), (DEPOSIT, FEE), (PRICE, 0), (5 * PRICE, 0)],
)
def test_create__of_a_host_with_credit__the_balance_pays_first(
    world: ApiWorld, credit: int, wallet: int
) -> None:
    world.node.creation = world.node.creation._replace(credit=credit)
    answer = world.post(f"{API}/create", {**CREATE, "from": ALICE}).get_json()
    assert int(answer["transaction"]["value"], 16) == wallet
    assert answer["simulation"]["from_wallet"] == answer["cost"]["value"] == str(wallet)
    assert answer["simulation"]["from_balance"] == str(PRICE - wallet)
    assert (answer["cost"]["deposit"], answer["cost"]["fee"]) == (str(DEPOSIT), str(FEE))


def test_create__nobody_named__the_wallet_pays_all(world: ApiWorld) -> None:
    world.node.creation = world.node.creation._replace(credit=PRICE)
    answer = world.post(f"{API}/create", CREATE).get_json()
    assert int(answer["transaction"]["value"], 16) == PRICE
    assert answer["simulation"]["from_balance"] == "0"


def test_create__terms_newer_than_the_index__those_of_the_chain(world: ApiWorld) -> None:
    terms = world.node.creation.terms._replace(deposit=7 * 10**9, fee=0)
    world.node.creation = world.node.creation._replace(terms_id=4, terms=terms)
    answer = world.post(f"{API}/create", {**CREATE, "from": ALICE}).get_json()
    assert answer["terms_id"] == 4
    assert answer["cost"]["value"] == str(7 * 10**9)
    expected = calldata.create_room(4, 1, Mode.WEBRTC, ZERO_ADDRESS, KEY, "Lớp".encode())
    assert answer["transaction"]["data"] == hex_data(expected)


@pytest.mark.parametrize(
    "moved", [reverted("TermsChanged", 1, 2), reverted("WrongPayment", PRICE, 0, 0)]
)
def test_create__the_chain_moves_meanwhile__computed_once_more(
    world: ApiWorld, moved: ExecutionReverted
) -> None:
    world.node.answers["eth_call"] = iter((moved, "0x"))
    answer = world.post(f"{API}/create", {**CREATE, "from": ALICE}).get_json()
    assert answer["simulation"]["ok"]


def test_create__the_chain_moves_all_the_time__said_after_the_second_time(world: ApiWorld) -> None:
    moved = reverted("WrongPayment", PRICE, 0, 5)
    world.node.answers["eth_call"] = iter((moved, moved))
    answer = world.post(f"{API}/create", {**CREATE, "from": ALICE}).get_json()
    assert answer["simulation"]["reason"].startswith("WrongPayment(")


def test_create__it_would_revert_for_another_reason__tried_once(world: ApiWorld) -> None:
    world.node.answers["eth_call"] = iter((reverted("IngestKeyZero"),))
    answer = world.post(f"{API}/create", CREATE).get_json()
    assert answer["simulation"]["reason"].startswith("IngestKeyZero()")


@pytest.mark.parametrize(
    ("standing", "kind", "words"),
    [
        ({"retired": True, "successor": BOB}, "registry-retired", "it names 0x"),
        ({"retired": True, "paused": True}, "registry-retired", "it names no successor"),
        ({"paused": True, "accepting": False}, "creation-paused", "paused"),
        ({"accepting": False, "open_rooms": 9}, "operator-not-accepting", "operator 1 takes no"),
        ({"open_rooms": 5}, "too-many-rooms", "has 5 open rooms, the terms allow 5"),
    ],
)
def test_create__the_contract_takes_no_such_room__a_problem_in_its_order(
    world: ApiWorld, standing: dict[str, Any], kind: str, words: str
) -> None:
    world.node.creation = world.node.creation._replace(**standing)
    answer = world.post(f"{API}/create", {**CREATE, "from": ALICE})
    assert answer.status_code == 403
    problem = answer.get_json()
    assert problem["type"].endswith(f"#{kind}")
    assert words in problem["detail"]
    if kind == "registry-retired":
        successor = standing.get("successor")
        assert (problem["successor"] or "").lower() == (successor or "")


def _with_operators(world: ApiWorld, *others: int) -> None:
    """Operator 1 and these, all accepting."""
    for number in others:
        world.story.emit(
            t.OperatorAdded, OWNER, operator_id=number, account=OPERATOR, payee=PAYEE,
            playback_base=BASE.encode(),
        )  # fmt: skip


def test_create__no_operator_named__the_hosts_own_by_the_rule(world: ApiWorld) -> None:
    _with_operators(world, 2, 3)
    for n in range(12):
        host = operator_vectors.host(n)
        body = {**CREATE, ("host" if n % 2 else "from"): host}
        answer = world.post(f"{API}/create", body).get_json()
        assert answer["operator_id"] == choose_operator(host, [1, 2, 3])
        data = calldata.create_room(
            1, answer["operator_id"], Mode.WEBRTC, ZERO_ADDRESS, KEY, "Lớp".encode()
        )
        assert answer["transaction"]["data"] == hex_data(data)
    answer = world.post(f"{API}/create", CREATE).get_json()
    assert answer["operator_id"] == choose_operator(ZERO_ADDRESS, [1, 2, 3])


@pytest.mark.parametrize("closure", ["indexed", "only on chain", "disabled", "revoked"])
def test_create__the_hosts_operator_has_closed__the_next_in_the_hosts_order(
    world: ApiWorld, closure: str
) -> None:
    _with_operators(world, 2, 3)
    first, second, _ = ranked(ALICE, [1, 2, 3])
    if closure == "only on chain":
        world.node.closed.add(first)
    elif closure == "indexed":
        world.story.emit(t.OperatorAcceptingChanged, OPERATOR, operator_id=first, accepting=False)
    elif closure == "disabled":
        world.story.emit(t.OperatorEnabledChanged, OWNER, operator_id=first, enabled=False)
    else:
        world.story.emit(t.OperatorAccountChanged, OWNER, operator_id=first, account=ZERO_ADDRESS)
    answer = world.post(f"{API}/create", {**CREATE, "from": ALICE}).get_json()
    assert answer["operator_id"] == second


def test_create__opened_again_and_not_indexed_yet__gets_the_room(world: ApiWorld) -> None:
    world.story.emit(t.OperatorAcceptingChanged, OPERATOR, operator_id=1, accepting=False)
    answer = world.post(f"{API}/create", {**CREATE, "from": ALICE}).get_json()
    assert answer["operator_id"] == 1


def test_create__nobody_takes_rooms__said_of_all(world: ApiWorld) -> None:
    _with_operators(world, 2)
    world.node.closed |= {1, 2}
    answer = world.post(f"{API}/create", {**CREATE, "from": ALICE})
    assert answer.status_code == 403
    assert answer.get_json()["detail"] == "no operator takes new rooms"


def test_create__for_some_only__an_operator_with_a_playback_service(
    make_world: Callable[..., ApiWorld],
) -> None:
    services = {2: "https://play.example", 3: "https://play3.example"}
    world = make_world(playback_services=services)
    _with_operators(world, 2, 3)
    for host in map(operator_vectors.host, range(6)):
        wanted = {**CREATE, "from": host, "gate": CONTRACT}
        answer = world.post(f"{API}/create", wanted).get_json()
        assert answer["operator_id"] == choose_operator(host, [2, 3])
    body: dict[str, Any] = {**CREATE, "from": ALICE, "gate": CONTRACT, "operator_id": 1}
    refused = world.post(f"{API}/create", body)
    assert refused.status_code == 403
    assert refused.get_json()["type"].endswith("#playback-missing")
    assert "operator 1 has no playback service here" in refused.get_json()["detail"]
    assert "operators with one: 2, 3" in refused.get_json()["detail"]
    answer = world.post(f"{API}/create", {**body, "operator_id": 3})
    assert answer.get_json()["operator_id"] == 3
    assert world.post(f"{API}/create", {**body, "gate": ZERO_ADDRESS}).status_code == 200


def test_create__for_some_only_and_nobody_has_a_playback_service__a_problem(
    world: ApiWorld,
) -> None:
    refused = world.post(f"{API}/create", {**CREATE, "from": ALICE, "gate": BOB})
    assert refused.status_code == 403
    assert refused.get_json()["type"].endswith("#playback-missing")


def test_create__by_invitation__the_registry_is_the_gate_and_the_room_says_so(
    world: ApiWorld,
) -> None:
    invited = world.story.live(gate=CONTRACT)
    gated = world.story.live(gate=BOB)
    public = world.story.live()
    for number, access in ((invited, "invitation"), (gated, "gate"), (public, "public")):
        room = world.get(f"{API}/rooms/live_{number}").get_json()
        assert room["access"] == access
        assert (room["playback"] is not None) == (access == "public")
    for number, access, words in (
        (invited, "invitation", "by invitation only"),
        (gated, "gate", "its gate decides"),
    ):
        answer = world.get(f"{API}/join?room_id=live_{number}")
        assert answer.status_code == 403
        assert answer.get_json()["access"] == access
        assert words in answer.get_json()["detail"]


# --- describe, rekey, accept --------------------------------------------------------------------


def test_describe__all_told__start_and_json_in_few_bytes(world: ApiWorld) -> None:
    number = world.story.create()
    told = {"about": "Đàn", "lang": "vi", "class": "6A", "starts_at": 1_900_000_000}
    answer = world.post(f"{API}/describe", {"room_id": f"live_{number}", **told}).get_json()
    details = '{"about":"Đàn","lang":"vi","class":"6A"}'.encode()
    expected = calldata.describe_room(number, 1_900_000_000, details)
    assert answer["transaction"]["data"] == hex_data(expected)
    assert answer["transaction"]["value"] == "0x0"
    assert answer["transaction"].keys().isdisjoint({"from", "nonce"})


def test_describe__nothing_told__taken_back(world: ApiWorld) -> None:
    number = world.story.create()
    answer = world.post(f"{API}/describe", {"room_id": f"live_{number}"}).get_json()
    assert answer["transaction"]["data"] == hex_data(calldata.describe_room(number, 0, b""))


@pytest.mark.parametrize(
    ("more", "pointer", "words"),
    [
        ({"about": "x" * 1025}, "/about", "at most 1024 characters"),
        ({"lang": "tiếng Việt"}, "/lang", "must be a language tag like vi or pt-BR"),
        ({"lang": ""}, "/lang", "must be a language tag"),
        ({"starts_at": -1}, "/starts_at", "greater than or equal to 0"),
        ({"starts_at": 2**40}, "/starts_at", "less than or equal to"),
        ({"class": 6}, "/class", "valid string"),
    ],
)
def test_describe__what_does_not_fit__400_that_names_it(
    world: ApiWorld, more: dict[str, Any], pointer: str, words: str
) -> None:
    answer = world.post(f"{API}/describe", {"room_id": f"live_{world.story.create()}", **more})
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert error["pointer"] == pointer
    assert words in error["detail"]


def test_rekey__of_an_active_room__a_new_key(world: ApiWorld) -> None:
    number = world.story.live()
    body = {"room_id": f"live_{number}", "ingest_key": "0x" + "33" * 32, "from": ALICE}
    transaction = world.post(f"{API}/rekey", body).get_json()["transaction"]
    assert transaction["data"] == hex_data(calldata.rekey_room(number, b"\x33" * 32))
    assert transaction["from"].lower() == ALICE


def test_accept__of_an_offered_room__with_the_tag_as_shown_tried_as_whom_it_is_offered_to(
    world: ApiWorld,
) -> None:
    number = world.story.live()
    world.story.offer(number, BOB)
    tag = world.get(f"{API}/rooms/live_{number}").get_json()["tag"]
    body = {"room_id": f"live_{number}", "ingest_key": "0x" + "33" * 32, "tag": tag}
    transaction = world.post(f"{API}/accept", body).get_json()["transaction"]
    expected = calldata.accept_room(number, to_bytes(tag), b"\x33" * 32)
    assert transaction["data"] == hex_data(expected)
    tried = [params[0]["from"] for method, params in world.node.calls if method == "eth_call"]
    assert {sender.lower() for sender in tried} == {BOB}


@pytest.mark.parametrize("route", ["rekey", "accept"])
def test_rekey_and_accept__of_a_pending_room__refused_in_words(world: ApiWorld, route: str) -> None:
    body = {"room_id": f"live_{world.story.create()}", "ingest_key": "0x" + "33" * 32}
    more = {"tag": "0x" + "a1" * 12} if route == "accept" else {}
    answer = world.post(f"{API}/{route}", {**body, **more})
    assert answer.status_code == 409
    assert "until then its key and its host stay as they" in answer.get_json()["detail"]
    assert world.node.calls == []


# --- end ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "effective", "expected"),
    [
        (Status.PENDING, Status.PENDING, ("endRoom", DEPOSIT, FEE)),
        (Status.PENDING, Status.ENDED, ("expire", PRICE, 0)),
        (Status.ACTIVE, Status.ACTIVE, ("endRoom", DEPOSIT, 0)),
        (Status.ACTIVE, Status.ENDED, ("expire", DEPOSIT, 0)),
        (Status.ENDED, Status.ENDED, ("endRoom", 0, 0)),
    ],
    ids=["pending_in_time", "pending_too_late", "active", "active_too_long", "over_meanwhile"],
)
def test_end__as_the_room_stands_on_the_chain__the_call_and_the_money(
    world: ApiWorld, status: Status, effective: Status, expected: tuple[str, int, int]
) -> None:
    number = world.story.create() if status is Status.PENDING else world.story.live()
    world.node.room = world.node.room._replace(status=status, effective_status=effective)
    answer = world.post(f"{API}/end", {"room_id": f"live_{number}"}).get_json()
    call, refund, forfeited = expected
    assert (answer["call"], answer["refund"], answer["forfeited"]) == (
        call, str(refund), str(forfeited),
    )  # fmt: skip
    data = calldata.end_room(number) if call == "endRoom" else calldata.expire([number])
    assert answer["transaction"]["data"] == hex_data(data)
    created_at = world.story.room(number)["created_at"]
    assert answer["full_refund_at"] == (created_at + DEADLINE if forfeited else None)


def test_end__by_its_host_while_pending__the_fee_is_the_payees_and_the_room_over(
    world: ApiWorld,
) -> None:
    number = world.story.create()
    world.story.end(number, EndReason.HOST)
    answer = world.post(f"{API}/end", {"room_id": f"live_{number}"})
    assert answer.status_code == 410
    names = [event["name"] for event in world.story.events[-2:]]
    assert names == ["RoomEnded", "Credited"]


@pytest.mark.parametrize("route", ["create", "end"])
def test_transaction__a_view_of_another_shape__another_node_is_asked(
    world: ApiWorld, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.story.live()
    monkeypatch.setattr(world.node, "_view", lambda data: b"\x01")
    body: Any = CREATE if route == "create" else {"room_id": "live_1"}
    answer = world.post(f"{API}/{route}", body)
    assert answer.status_code == 503
    assert answer.get_json()["type"].endswith("#node-unavailable")
