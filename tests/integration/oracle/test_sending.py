"""Scenarios 5 to 7 from the oracle: whatever happens to its transactions, the room gets there; and
the ways to hold its key."""

from __future__ import annotations

import json
import signal

from eth_account import Account

from chain.enums import Status
from localnet.dev_accounts import cast
from localnet.ports import free_port
from localnet.waiting import wait_until
from tests.support.oracle.oracle_stack import OracleStack
from tests.support.oracle.threaded_proxy import ThreadedProxy
from tests.support.sender.web3signer_server import Web3SignerServer

OPERATOR = cast().operator.address


def nonce(world: OracleStack) -> int:
    return int(world.anvil.rpc("eth_getTransactionCount", OPERATOR, "latest"), 16)


def pool(world: OracleStack) -> dict[str, str]:
    """The operator's pending transactions: nonce -> hash."""
    content = world.anvil.rpc("txpool_content")["pending"]
    mine = [txs for account, txs in content.items() if account.lower() == OPERATOR.lower()]
    return {n: tx["hash"] for txs in mine for n, tx in txs.items()}


def test_scenario_05__failed_broadcasts__next_is_mined_without_a_gap(world: OracleStack) -> None:
    """The sender's own test lets fifty fail; here the whole oracle stands behind a bad line."""
    with ThreadedProxy(world.anvil.url) as proxy:
        world.start_oracle(RPC_URLS=proxy.url)
        proxy.broken = 8
        room_id = world.rooms.create()
        wait_until(lambda: proxy.broken == 0, 60, "the refusals")
        world.wait_status(room_id, Status.ACTIVE, 60)
        assert nonce(world) == 1
        assert len(world.inputs()) == 1


def test_scenario_06__killed_around_the_broadcast__same_bytes_once(world: OracleStack) -> None:
    world.anvil.rpc("evm_setAutomine", False)
    with ThreadedProxy(world.anvil.url) as proxy:
        oracle = world.start_oracle(RPC_URLS=proxy.url)
        # before: it never reaches the node
        proxy.broken = 10**6
        world.rooms.create_only()
        world.anvil.mine()
        wait_until(lambda: proxy.broken < 10**6, 20, "a first try to broadcast")
        oracle.send_signal(signal.SIGKILL)
        oracle.wait()
        assert pool(world) == {}
        proxy.broken, proxy.swallow = 0, 1
        # after: it reaches the node, and the process dies before it hears so
        second = world.start_oracle(RPC_URLS=proxy.url)
        wait_until(lambda: proxy.swallow == 0, 30, "a broadcast without an answer")
        second.send_signal(signal.SIGKILL)
        second.wait()
        (first_hash,) = pool(world).values()
        world.start_oracle(RPC_URLS=proxy.url)
        offered = proxy.broadcasts
        wait_until(lambda: proxy.broadcasts > offered, 40, "the same transaction offered again")
        assert list(pool(world).values()) == [first_hash], "other bytes on the same nonce"
        world.anvil.rpc("evm_setAutomine", True)
        world.anvil.mine()
        world.wait_status(1, Status.ACTIVE, 30)
        assert nonce(world) == 1
        assert len(world.inputs()) == 1


def test_scenario_07__dropped_then_tenfold_base_fee__bumped_on_its_nonce(
    world: OracleStack,
) -> None:
    world.anvil.rpc("evm_setAutomine", False)
    world.start_oracle()
    world.rooms.create_only()
    world.anvil.mine()
    (first_hash,) = wait_until(lambda: pool(world), 20, "the fulfilment is pending").values()
    world.anvil.rpc("anvil_dropTransaction", first_hash)
    again = wait_until(lambda: pool(world), 30, "the dropped transaction is offered again")
    assert list(again.values()) == [first_hash]

    fee = int(world.anvil.rpc("eth_getBlockByNumber", "latest", False)["baseFeePerGas"], 16)
    world.anvil.rpc("anvil_setNextBlockBaseFeePerGas", hex(fee * 10))
    world.anvil.mine()

    def bumped() -> bool:
        world.anvil.rpc("anvil_setNextBlockBaseFeePerGas", hex(fee * 10))
        return set(pool(world)) == {"0"} and list(pool(world).values()) != [first_hash]

    wait_until(bumped, 40, "a replacement on the same nonce")
    world.anvil.rpc("anvil_setNextBlockBaseFeePerGas", hex(fee * 10))
    world.anvil.mine()
    world.anvil.rpc("evm_setAutomine", True)
    world.wait_status(1, Status.ACTIVE, 30)
    assert nonce(world) == 1


def test_key__encrypted_keystore__rooms_are_served_and_the_key_is_never_shown(
    world: OracleStack,
) -> None:
    key, password = cast().operator.key, "correct horse"
    keystore, secret = world.folder / "keystore.json", world.folder / "password"
    keystore.write_text(json.dumps(Account.encrypt(key, password, kdf="pbkdf2", iterations=1000)))
    secret.write_text(password + "\n")
    oracle = world.start_oracle(
        ORACLE_PRIVATE_KEY_FILE="", ORACLE_KEYSTORE=str(keystore),
        ORACLE_KEYSTORE_PASSWORD_FILE=str(secret),
    )  # fmt: skip
    world.wait_status(world.rooms.create(), Status.ACTIVE)
    shown = oracle.output() + oracle.get("/metrics").text
    assert password not in shown and bytes(key).hex() not in shown


def test_key__with_a_remote_signer__rooms_are_served_and_its_absence_is_said(
    world: OracleStack,
) -> None:
    with Web3SignerServer(bytes(cast().operator.key).hex()) as server:
        oracle = world.start_oracle(
            ORACLE_PRIVATE_KEY_FILE="", ORACLE_SIGNER_URL=server.url,
            ORACLE_SIGNER_ADDRESS=cast().operator.address,
        )  # fmt: skip
        world.wait_status(world.rooms.create(), Status.ACTIVE)
        server.mode = "down"
        waiting = world.rooms.create()
        wait_until(lambda: any("no signature" in r for r in oracle.reasons()), 20, "it says so")
        assert world.rooms.room(waiting).status is Status.PENDING
        server.mode = "good"
        world.wait_status(waiting, Status.ACTIVE)


def test_start__the_remote_signer_is_late__waited_for_and_said(world: OracleStack) -> None:
    port = free_port()
    oracle = world.children.service(
        "oracle",
        world.settings(
            ORACLE_PRIVATE_KEY_FILE="", ORACLE_SIGNER_URL=f"http://u:hunter2@127.0.0.1:{port}",
            ORACLE_SIGNER_ADDRESS=OPERATOR,
        ),
    )  # fmt: skip
    reasons = wait_until(
        lambda: [line for line in oracle.reasons() if "remote signer" in line], 20, "it says so"
    )
    assert "cannot be reached" in reasons[0] and "ORACLE_SIGNER_URL" in reasons[0]
    room_id = world.rooms.create()
    with Web3SignerServer(bytes(cast().operator.key).hex(), port):
        world.wait_status(room_id, Status.ACTIVE)
    assert "hunter2" not in oracle.output() + str(reasons)


def test_start__the_remote_signer_lacks_the_key__ends_with_a_sentence(world: OracleStack) -> None:
    with Web3SignerServer("0x" + "11" * 32) as server:
        oracle = world.command(
            "run", ORACLE_PRIVATE_KEY_FILE="", ORACLE_SIGNER_URL=server.url,
            ORACLE_SIGNER_ADDRESS=OPERATOR,
        )  # fmt: skip
    assert oracle.returncode == 2
    assert f"but not that of {OPERATOR}: load it there" in oracle.output()
