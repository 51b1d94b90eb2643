"""Scenario 25: the oracle while its database fails: nothing is lost or made twice, and it is ready
again by itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from chain.enums import Status
from localnet.mongo import MongoServer
from localnet.mongo_proxy import CUT_AFTER, CUT_BEFORE, Fault, MongoProxy, Refuse
from localnet.mongo_wire import MongoCommand
from localnet.services import ServiceProcess
from tests.support.oracle.oracle_stack import OracleStack


@pytest.fixture
def proxy(mongo: MongoServer) -> Iterator[MongoProxy]:
    with MongoProxy(mongo.port) as proxy:
        yield proxy


def start(world: OracleStack, proxy: MongoProxy, options: str = "") -> ServiceProcess:
    """An oracle behind the proxy; the index is written past it."""
    oracle = world.start_oracle(MONGODB_URI=proxy.uri + options)
    oracle.wait_ready(oracle.ready, 20)
    return oracle


def says(oracle: ServiceProcess, words: str) -> bool:
    return any(words in line for line in oracle.reasons())


def wait_ready_again(oracle: ServiceProcess) -> None:
    oracle.wait_until(oracle.ready, 60, "ready again")


def test_scenario_25__no_primary_while_rooms_come_and_go__ready_again_and_no_input_twice(
    world: OracleStack, proxy: MongoProxy
) -> None:
    oracle = start(world, proxy)
    first = world.rooms.create()
    world.wait_status(first, Status.ACTIVE)
    proxy.step_down()
    second = world.rooms.create(host=1)
    world.rooms.end(first)
    said = oracle.wait_until(
        lambda: [line for line in oracle.reasons() if line.startswith("database")], 20, "it says so"
    )
    # By what was under way: a command refused, or a connection that hung up.
    assert "no primary" in said[0] or "MONGODB_URI" in said[0]
    proxy.step_up()
    wait_ready_again(oracle)
    world.wait_status(second, Status.ACTIVE)
    world.wait_released(first)
    assert [live["uid"] for live in world.inputs()] == [world.rooms.room(second).uid.hex()]
    assert world.creates() == 2


def test_scenario_25__every_third_write_cut_before_or_after__each_room_gets_one_input(
    world: OracleStack, proxy: MongoProxy
) -> None:
    """The driver's own second attempt is off: nothing may depend on it."""
    start(world, proxy, "?retryWrites=false")

    def fault(command: MongoCommand) -> Fault | None:
        if command.write % 3 or not command.write:
            return None
        return CUT_AFTER if command.write % 2 else CUT_BEFORE

    proxy.fault = fault
    rooms = [world.rooms.create(host=n) for n in range(3)]
    for room_id in rooms:
        world.wait_status(room_id, Status.ACTIVE, 40)
    world.rooms.end(rooms[0])
    world.wait_released(rooms[0], 40)
    left = {world.rooms.room(room_id).uid.hex() for room_id in rooms[1:]}
    assert {live["uid"] for live in world.inputs()} == left
    assert world.creates() == 3


def test_scenario_25__the_login_is_refused_for_a_while__user_named_and_ready_again(
    world: OracleStack, proxy: MongoProxy
) -> None:
    """Right, then login: an account that is changed under the running oracle."""
    oracle = start(world, proxy)
    for code, words in ((13, "wants a user and a password"), (391, "wants a user and a password")):
        proxy.refuse_all = Refuse(code)
        oracle.wait_until(partial(says, oracle, words), 20, words)
        proxy.refuse_all = None
        wait_ready_again(oracle)
    room = world.rooms.create()
    world.wait_status(room, Status.ACTIVE)
    assert world.creates() == 1
