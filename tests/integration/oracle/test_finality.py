"""Nodes that freeze or know no finality; chains where nothing is final; a late start block."""

from __future__ import annotations

from chain.enums import Status
from localnet.waiting import wait_until
from tests.support.nodes.rpc_proxy import nothing_final, without_tags
from tests.support.oracle.oracle_stack import OracleStack
from tests.support.oracle.threaded_proxy import ThreadedProxy

NAMED = "FINALITY=depth:N"


def test_scenario_20__frozen_and_the_only_socket_is_anothers__left_and_told(
    world: OracleStack,
) -> None:
    with ThreadedProxy(world.anvil.url) as frozen, ThreadedProxy(world.anvil.url) as other:
        oracle = world.start_oracle(RPC_URLS=f"{frozen.url},{other.url},{other.ws_url}")
        first = world.rooms.create()
        world.wait_status(first, Status.ACTIVE, 40)
        frozen.freeze()
        second = world.rooms.create(host=1)

        def served() -> bool:
            world.anvil.mine()
            return world.rooms.room(second).status is Status.ACTIVE

        wait_until(served, 90, "the oracle acts by the node that goes on")
        wait_until(
            lambda: any(f"{frozen.url} gets no requests" in line for line in oracle.reasons()),
            20, "/readyz tells which node stands still",
        )  # fmt: skip
        wait_until(oracle.ready, 20, "and it is ready")


def test_tag_unknown_to_the_node__ends_and_names_the_setting(world: OracleStack) -> None:
    with ThreadedProxy(world.anvil.url) as node:
        node.faults.after = without_tags
        settings = {"RPC_URLS": node.url, "FINALITY": "finalized"}
        found = world.command("run", **settings)
        assert found.returncode == 3
        assert NAMED in found.output()
        seen = world.command("doctor", **settings)
        assert seen.returncode == 1
        rows = seen.output().splitlines()
        (at,) = [n for n, row in enumerate(rows) if row.split()[:3] == ["FAIL", "node", node.url]]
        assert "does not support the block tag 'finalized'" in rows[at]
        assert rows[at + 1].startswith("      Fix: ") and NAMED in rows[at + 1]


def test_tag_unknown_to_one_of_two__the_other_goes_on(world: OracleStack) -> None:
    with ThreadedProxy(world.anvil.url) as stranger:
        stranger.faults.after = without_tags
        settings = {"RPC_URLS": f"{stranger.url},{world.anvil.url}", "FINALITY": "finalized"}
        oracle = world.start_oracle(**settings)
        room_id = world.rooms.create()
        world.wait_status(room_id, Status.ACTIVE, 40)
        told = wait_until(
            lambda: [line for line in oracle.reasons() if stranger.url in line], 20, "it says who"
        )
        assert NAMED in told[0]
        seen = world.command("doctor", **settings)
        sick = [row for row in seen.output().splitlines() if row.startswith("FAIL")]
        assert [row for row in sick if row.split()[1:3] == ["node", stranger.url]] == sick


def test_nothing_is_final__rooms_are_served_and_nothing_is_destroyed(world: OracleStack) -> None:
    with ThreadedProxy(world.anvil.url) as node:
        node.faults.after = nothing_final
        settings = {"RPC_URLS": node.url, "FINALITY": "finalized"}
        oracle = world.start_oracle(**settings)
        room_id = world.rooms.create()
        world.wait_status(room_id, Status.ACTIVE, 40)
        world.rooms.end(room_id)
        wait_until(lambda: not world.inputs()[0]["enabled"], 40, "the input is switched off")
        world.finalize()
        assert any("nothing is final yet" in line for line in oracle.reasons())
        assert oracle.ready()
        assert "nothing is final yet" in world.command("status", **settings).output()
        assert "nothing is final yet" in world.command("doctor", **settings).output()
        assert len(world.inputs()) == 1, "nothing is deleted before its end is final"
        assert not world.rooms.room(room_id).released
        node.faults.after = None
        world.wait_released(room_id, 60)
        assert world.inputs() == []


def test_tag_forgotten_by_the_node_of_a_running_oracle__ends_and_names_the_setting(
    world: OracleStack,
) -> None:
    with ThreadedProxy(world.anvil.url) as node:
        oracle = world.start_oracle(RPC_URLS=node.url, FINALITY="finalized")
        node.faults.after = without_tags
        world.rooms.create()
        wait_until(lambda: oracle.returncode is not None, 60, "it ends")
        assert oracle.returncode == 3
        assert NAMED in oracle.output()


def test_scenario_24__start_block_too_late__ends_and_names_the_setting(world: OracleStack) -> None:
    world.rooms.create()
    address, right = world.rooms.address, world.rooms.start_block
    found = world.command("run", CONTRACTS=f"{address}@{right + 1}")
    assert found.returncode == 3
    assert f"correct it in CONTRACTS to {address}@{right}" in found.output()
