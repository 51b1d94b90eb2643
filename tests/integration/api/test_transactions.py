"""create, describe and end against a real node: a wallet can send the answer as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from chain.enums import EndReason, room_name, room_number
from localnet.anvil import Anvil
from localnet.mongo import MongoServer
from localnet.services import ServiceProcess
from localnet.waiting import wait_until
from tests.integration.api.conftest import StoredIndex, deploy, start_server
from tests.support.indexer.contract_story import DEADLINE, DEPOSIT, FEE, KEY, ContractStory
from tests.support.oracle.threaded_proxy import ThreadedProxy

CREATE = {"title": "Lớp học online", "ingest_key": "0x" + KEY.hex()}


@dataclass(frozen=True)
class TransactionsOnAnvil:
    anvil: Anvil
    api: ServiceProcess
    index: StoredIndex
    host: str

    def ask(self, route: str, body: Any) -> Any:
        answer = self.api.post(f"/api/livestream/{route}", body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, transaction: dict[str, str]) -> dict[str, Any]:
        """As a wallet would, which fills in who it is."""
        sent = self.anvil.rpc("eth_sendTransaction", {"from": self.host, **transaction})
        return self.anvil.receipt(sent)

    def room(self) -> str:
        """A new room, on the chain and in the index."""
        receipt = self.send(self.ask("create", CREATE)["transaction"])
        number = int(receipt["logs"][0]["topics"][2], 16)
        self.index.story.next_room = number
        self.index.story.create(host=self.host)
        self.index.write()
        return room_name(number)


@pytest.fixture(scope="module")
def deployed(
    mongo: MongoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TransactionsOnAnvil]:
    """Rooms 1, 2 ... are created on the chain and in the index by `TransactionsOnAnvil.room`."""
    folder = tmp_path_factory.mktemp("transactions")
    with Anvil(folder / "anvil") as anvil:
        name = f"transactions_{anvil.port}"
        index = StoredIndex(mongo, name, ContractStory(deploy(anvil)))
        env = {"PLAYBACK_SERVICES": "1=https://play.example"}
        with start_server(folder / "api", index, rpc_url=anvil.url, env=env) as server:
            yield TransactionsOnAnvil(anvil, server, index, anvil.accounts[3])
        index.client.drop_database(name)
        index.close()


def test_create__answer_sent_as_it_is__creates_the_room(deployed: TransactionsOnAnvil) -> None:
    answer = deployed.ask("create", {**CREATE, "from": deployed.host})
    transaction = answer["transaction"]
    assert answer["simulation"]["ok"], answer
    assert answer["cost"]["value"] == str(DEPOSIT + FEE)
    assert int(transaction["value"], 16) == DEPOSIT + FEE
    assert transaction["from"].lower() == deployed.host
    receipt = deployed.send(transaction)
    assert receipt["status"] == "0x1"
    assert receipt["type"] == "0x2"
    paid = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    assert paid <= int(answer["cost"]["most_gas"])


def test_create__nobody_named__no_nonce_and_any_wallet_can_send_it(
    deployed: TransactionsOnAnvil,
) -> None:
    answer = deployed.ask("create", {**CREATE, "mode": "broadcast"})
    assert answer["simulation"]["ok"], answer
    assert not {"nonce", "from"} & set(answer["transaction"])
    assert deployed.send(answer["transaction"])["status"] == "0x1"


def test_create__sender_without_money__said_in_words(deployed: TransactionsOnAnvil) -> None:
    answer = deployed.ask("create", {**CREATE, "host": "0x" + "77" * 20})
    assert not answer["simulation"]["ok"]
    assert "insufficient funds" in answer["simulation"]["reason"].lower()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"title": "ộ" * 40}, "The title is too long."),
        ({"ingest_key": "0x" + "00" * 32}, "The ingest key is zero."),
        ({"gate": "0x" + "66" * 20}, "The gate has no code, so it cannot answer"),
    ],
)
def test_create__would_revert__reason_in_words(
    deployed: TransactionsOnAnvil, more: dict[str, Any], words: str
) -> None:
    answer = deployed.ask("create", {**CREATE, **more})
    assert words in answer["simulation"]["reason"]
    assert int(answer["transaction"]["gas"], 16) > 21_000


def test_create__an_operator_that_is_not_there__a_problem(deployed: TransactionsOnAnvil) -> None:
    answer = deployed.api.post("/api/livestream/create", {**CREATE, "operator_id": 9})
    assert answer.status_code == 403
    assert "operator 9 takes no new rooms" in answer.json()["detail"]


def test_end_and_create__of_a_pending_room__the_deposit_pays_for_the_next_one(
    deployed: TransactionsOnAnvil,
) -> None:
    """The host forfeits the fee, as they were told, and needs no withdrawal."""
    room = deployed.room()
    ending = deployed.ask("end", {"room_id": room})
    assert (ending["call"], ending["refund"], ending["forfeited"]) == (
        "endRoom", str(DEPOSIT), str(FEE),
    )  # fmt: skip
    created_at = deployed.index.story.room(room_number(room))["created_at"]
    assert ending["full_refund_at"] == created_at + DEADLINE
    assert deployed.send(ending["transaction"])["status"] == "0x1"
    answer = deployed.ask("create", {**CREATE, "from": deployed.host})
    assert answer["simulation"]["ok"], answer
    balance = int(answer["simulation"]["from_balance"])
    assert balance >= DEPOSIT
    assert int(answer["transaction"]["value"], 16) == DEPOSIT + FEE - balance
    receipt = deployed.send(answer["transaction"])
    assert receipt["status"] == "0x1"
    assert len(receipt["logs"]) == 2  # RoomCreated, CreditSpent


def test_describe__answer_sent_as_it_is__told_on_chain(deployed: TransactionsOnAnvil) -> None:
    body = {"room_id": deployed.room(), "about": "Đàn tranh", "starts_at": 2_000_000_000}
    answer = deployed.ask("describe", body)
    assert answer["simulation"]["ok"], answer
    receipt = deployed.send(answer["transaction"])
    assert receipt["status"] == "0x1"
    assert '{"about":"Đàn tranh"}'.encode().hex() in receipt["logs"][0]["data"]
    long = deployed.ask("describe", {**body, "about": "ộ" * 340})
    assert long["simulation"]["reason"].startswith("DetailsTooLong(length=1032, max=1024): ")
    others = deployed.ask("describe", {**body, "from": deployed.anvil.accounts[5]})
    assert "Only the room's host" in others["simulation"]["reason"]


def test_end__answer_sent_as_it_is__ends_the_room(deployed: TransactionsOnAnvil) -> None:
    room = deployed.room()
    answer = deployed.ask("end", {"room_id": room})
    assert answer["simulation"]["ok"], answer
    assert answer["transaction"]["value"] == "0x0"
    assert deployed.send(answer["transaction"])["status"] == "0x1"
    again = deployed.ask("end", {"room_id": room})
    assert "The room is over" in again["simulation"]["reason"]
    deployed.index.story.end(room_number(room), EndReason.HOST)
    deployed.index.write()

    def gone() -> bool:
        body = {"room_id": room}
        return deployed.api.post("/api/livestream/end", body).status_code == 410

    wait_until(gone, what="the end in the API")


def test_end__another_wallet__told_that_only_the_host_can(deployed: TransactionsOnAnvil) -> None:
    answer = deployed.ask("end", {"room_id": deployed.room(), "from": deployed.anvil.accounts[5]})
    assert "Only the room's host" in answer["simulation"]["reason"]


def test_create__node_gone__503_while_reading_goes_on(
    start_api: Callable[..., ServiceProcess], index: StoredIndex
) -> None:
    server = start_api(index)  # no node is where its settings say
    answer = server.post("/api/livestream/create", CREATE)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert server.get("/api/livestream/join?room_id=live_1").status_code == 200


def test_create__the_first_node_hangs__left_for_the_second(
    deployed: TransactionsOnAnvil, start_api: Callable[..., ServiceProcess]
) -> None:
    with ThreadedProxy(deployed.anvil.url) as proxy:
        proxy.faults.fault = "hang"
        nodes = f"{proxy.ws_url},{proxy.url},{deployed.anvil.url}"
        server = start_api(deployed.index, rpc_url=nodes, env={"RPC_TIMEOUT_SECONDS": "0.3"})

        def create() -> int:
            """How often the first node was asked until the answer came."""
            before = proxy.faults.counts.total()
            answer = server.post("/api/livestream/create", CREATE)
            assert answer.status_code == 200, answer.text
            return proxy.faults.counts.total() - before

        for _ in range(20):  # enough for each of the two workers to leave it
            create()
        asked = sum(create() for _ in range(8))
        assert asked <= 2, "each worker may look once whether the node is back"
