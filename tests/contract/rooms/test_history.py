"""The history hash, recomputed by hand: what docs/contract.md tells a stranger to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from eth_abi.abi import encode

from chain import events as t
from chain.event_codec import BY_TYPE, decode
from chain.hexes import ZERO_ADDRESS, keccak
from tests.support.registry.calldata import calldata
from tests.support.registry.registry import OWNER
from tests.support.registry.stage import HOST, KEY, MODERATOR, OTHER, Stage
from tests.support.rulebook.turn import ContractCall

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "contract.md"


def by_hand(stage: Stage, events: list[t.ChainEvent]) -> bytes:
    """Only what the document says, with nothing of ours but the events' values."""
    h = keccak(encode(["uint256", "address"], [stage.machine.chain_id, stage.address]))[:23]
    for event in events:
        layout = BY_TYPE[type(event)]
        types = ["bytes32", "uint40", "bytes32", "address", "uint40"]
        topic = keccak(layout.signature.encode())
        values: list[object] = [h + bytes(9), event.seq, topic, event.actor, event.timestamp]
        own: tuple[Any, ...] = tuple(event)[5:]
        for kind, value in zip(layout.params, own, strict=True):
            dynamic = kind in ("string", "bytes")
            types.append("bytes32" if dynamic else kind)
            values.append(keccak(bytes(value)) if dynamic else value)
        h = keccak(encode(types, values))[:23]
    return h


def test_history__an_event_of_every_kind__is_what_the_document_says(stage: Stage) -> None:
    stage.act(OWNER, "addOperator", OTHER, OTHER, "https://second.example")
    stage.act(OWNER, "setOperatorEnabled", 2, False)
    stage.act(OTHER, "setOperatorAccepting", 2, False)
    stage.act(OWNER, "setOperatorAccount", 2, ZERO_ADDRESS)
    stage.act(OTHER, "setOperatorPayee", 2, HOST)
    stage.act(OWNER, "setTerms", stage.terms._replace(rekey_cooldown=7))
    stage.act(OWNER, "setPaused", True)
    stage.act(OWNER, "setPaused", False)
    room_id = stage.active(title=b"\xff not UTF-8", gate=stage.address, mode=1)
    stage.act(HOST, "updateRoom", room_id, "Tiêu đề".encode())
    stage.act(HOST, "describeRoom", room_id, 2**40 - 1, b"{\xff")
    stage.act(HOST, "rekeyRoom", room_id, KEY)
    stage.machine.advance(7)
    stage.act(HOST, "transferRoom", room_id, OTHER)
    stage.act(OTHER, "acceptRoom", room_id, stage.tag(room_id), KEY)
    stage.act(MODERATOR, "takeDown", room_id, 3)
    stage.release(room_id)
    missing = stage.price - stage.credit(OTHER) + 1
    args = (2, 1, 0, ZERO_ADDRESS, KEY, b"")
    stage.act(OTHER, "createRoom", *args, value=missing)
    stage.act(OTHER, "withdrawTo", HOST)
    stage.act(OWNER, "transferOwnership", OTHER)
    stage.act(OTHER, "acceptOwnership")
    stage.act(OTHER, "retire", ZERO_ADDRESS)
    assert {type(event) for event in stage.events} == set(BY_TYPE)
    history = stage.views.history()
    assert history.count == len(stage.events)
    assert history.hash == by_hand(stage, stage.events)


def test_history__two_contracts_with_the_same_events__differ() -> None:
    first = Stage()
    machine = first.machine
    from tests.support.registry.registry import Registry

    second = Registry(machine)
    third = Registry(machine)
    assert second.views.history().hash != third.views.history().hash


def test_history__an_event_left_out_changed_or_moved__differs(stage: Stage) -> None:
    stage.act(HOST, "endRoom", stage.active())
    told = stage.views.history().hash
    events = stage.events
    assert by_hand(stage, events) == told
    assert by_hand(stage, events[:-2] + events[-1:]) != told
    assert by_hand(stage, [*events[:-2], events[-1], events[-2]]) != told
    changed = events[-1]._replace(timestamp=events[-1].timestamp + 1)
    assert by_hand(stage, [*events[:-1], changed]) != told


def test_history__ownership_events_of_openzeppelin__are_not_ours(stage: Stage) -> None:
    call = ContractCall(OWNER, "transferOwnership", (OTHER,))
    outcome = stage.machine.send(OWNER, stage.address, calldata(call))
    kinds = [decode(log) for log in outcome.logs]
    assert len(kinds) == 2 and [kind is None for kind in kinds] == [True, False]
    stage.settle(call, outcome)


def test_worked_example__in_the_document__comes_out_as_it_says() -> None:
    """The document's figures, by its own words and eth_abi alone."""
    text = DOCUMENT.read_text(encoding="utf-8")
    block = re.search(r"<!-- worked example -->\n```text\n(.*?)```", text, re.DOTALL)
    assert block, "docs/contract.md has lost its worked example"
    values = dict(re.findall(r"^(\w+) +(0x[0-9a-f]+|\d+)$", block[1], re.MULTILINE))
    start = encode(["uint256", "address"], [int(values["chainid"]), values["contract"]])
    genesis = keccak(start)[:23]
    assert "0x" + genesis.hex() == values["h0"]
    signature = "OwnerChanged(uint40,address,uint40,address)"
    topic = keccak(signature.encode())
    assert "0x" + topic.hex() == values["topic0"]
    words = encode(
        ["bytes32", "uint40", "bytes32", "address", "uint40", "address"],
        [
            genesis + bytes(9),
            int(values["seq"]),
            topic,
            values["actor"],
            int(values["timestamp"]),
            values["account"],
        ],
    )
    assert "0x" + words.hex() == "0x" + "".join(
        re.findall(r"^  ([0-9a-f]{64})", block[1], re.MULTILINE)
    )
    assert "0x" + keccak(words)[:23].hex() == values["h1"]
