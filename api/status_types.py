"""The types of answers about the index as a whole and about the service: as `api.response_types`.

Promises: types and nothing else.
"""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from api.response_types import FinalityAndIndex, IndexJson
from chain.field_kinds import address, wei
from common.web.field_kinds import hexed, moment, number, one_of, plain, text

_STATES = ("syncing", "following", "stopped")


class OperatorJson(TypedDict):
    """Who serves rooms"""

    operator_id: Annotated[int, number("Its number", 1)]
    account: Annotated[str | None, address("Its account; null: revoked")]
    payee: Annotated[str, address("Who is owed its fees")]
    playback_base: Annotated[str, text("Where its rooms play")]
    accepting: Annotated[bool, plain("The operator takes new rooms")]
    enabled: Annotated[bool, plain("The owner allows new rooms with it")]


class TermsJson(TypedDict):
    """What hosting costs, and its limits"""

    terms_id: Annotated[int, number("Their number", 1)]
    deposit: Annotated[str, wei("Returned whenever the room ends")]
    fee: Annotated[str, wei("For the operator, once the room has its live input")]
    max_room_seconds: Annotated[int, number("A room can be ended by anybody after this")]
    fulfill_deadline_seconds: Annotated[int, number("A room still pending can be ended after this")]
    max_open_rooms: Annotated[int, number("Open rooms one host may have")]
    max_room_events: Annotated[int, number("After so many events a room can only be ended")]
    rekey_cooldown: Annotated[int, number("Seconds between two changes of the ingest key")]


class BlockJson(TypedDict):
    """A block"""

    block: Annotated[int, number("Its number")]
    block_hash: Annotated[str, hexed("Its hash", 32)]


class HeadJson(TypedDict):
    """The chain's head as the indexer last saw it"""

    block: Annotated[int, number("Its number")]
    timestamp: Annotated[int, moment("Its time")]


class ContractJson(IndexJson):
    """The index of one contract"""

    start_block: Annotated[int, number("The block it was deployed in")]
    rooms: Annotated[int, number("Number of rooms created so far")]
    state: Annotated[str, one_of("What the indexer does", *_STATES)]
    head: HeadJson
    finalized: BlockJson | None


class IndexStatusContent(TypedDict):
    """Where everything stands."""

    chain_id: Annotated[int, number("The chain", 1)]
    contract: Annotated[str, address("Where new rooms are created")]
    confirmations: Annotated[int, number("Blocks on top that make a block `confirmed`")]
    state: Annotated[str, one_of("What the indexer does", *_STATES)]
    stop_reason: Annotated[str | None, text("Why it stopped")]
    paused: Annotated[bool, plain("No rooms can be created for now")]
    retired: Annotated[bool, plain("No rooms can be created any more; open ones go on")]
    successor: Annotated[
        str | None,
        address(
            "Retired: where hosts go on, by the owner's word alone: check it before you use it"
        ),
    ]
    owner: Annotated[str | None, address("The contract's owner")]
    terms: TermsJson | None
    operators: Annotated[list[OperatorJson], plain("All operators")]
    contracts: Annotated[list[ContractJson], plain("Every contract indexed, newest last")]


class IndexStatusJson(IndexStatusContent, FinalityAndIndex):
    """The state of index, terms and operators"""


class DeployedContractJson(TypedDict):
    """A contract, and the block it was deployed in"""

    address: Annotated[str, address("The contract")]
    start_block: Annotated[int, number("The block it was deployed in")]


class PageConfigJson(TypedDict):
    """What the page needs before its first request"""

    chain_id: Annotated[int, number("The chain", 1)]
    contract: Annotated[str, address("Where new rooms are created")]
    contracts: Annotated[list[DeployedContractJson], plain("Every contract, newest last")]
    confirmations: Annotated[int, number("Blocks on top that make a block `confirmed`")]
    rpc_url: Annotated[str | None, text("A node that browsers may use")]
    playback_hosts: Annotated[list[str], plain("Where rooms play: origins")]
    operator_contact: Annotated[str | None, text("Where to report a room")]
    public_url: Annotated[str | None, text("Where people reach the page")]
    demo: Annotated[bool, plain("The local demo chain: the page may make and fund a wallet")]
    playback_services: Annotated[
        dict[str, str],
        plain("Where rooms for some only are watched: the playback service of each operator"),
    ]
