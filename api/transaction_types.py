"""The types of answers that hold an unsigned transaction; all others: `api.response_types`.

Promises: types and nothing else, read as those are.
"""

from __future__ import annotations

from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from api.response_types import FinalityAndIndex
from chain.field_kinds import address, quantity, room_id, wei
from common.web.field_kinds import hexed, moment, number, one_of, plain, text

END, EXPIRE = "endRoom", "expire"


class CostJson(TypedDict):
    """What it costs"""

    deposit: Annotated[str, wei("Returned whenever the room ends")]
    fee: Annotated[str, wei("For the operator")]
    value: Annotated[
        str, wei("What the transaction carries: deposit and fee, less what the balance pays")
    ]
    most_gas: Annotated[str, wei("The most that gas can cost")]


# names of eth_sendTransaction's that no member of a class of ours can have
_WalletNames = TypedDict(
    "_WalletNames",
    {
        "chainId": Annotated[str, quantity("The chain")],
        "maxFeePerGas": Annotated[str, quantity("Good for about six full blocks")],
        "maxPriorityFeePerGas": Annotated[str, quantity("The tip")],
        "from": NotRequired[Annotated[str, address("The sender")]],
    },
)


class TransactionJson(_WalletNames):
    """For the wallet's eth_sendTransaction, as it is. `from` and `nonce` are there if the request
    named the sender."""

    type: Annotated[str, one_of("EIP-1559", "0x2")]
    to: Annotated[str, address("The contract")]
    data: Annotated[str, hexed("The call")]
    value: Annotated[str, quantity("Wei it carries")]
    gas: Annotated[str, quantity("The gas limit: estimated with a margin")]
    nonce: NotRequired[
        Annotated[str, quantity("The sender's next one, pending transactions counted")]
    ]


class SimulationJson(TypedDict):
    """The result of a simulation"""

    ok: Annotated[bool, plain("It would succeed")]
    reason: Annotated[str | None, text("Why it would fail, in words")]
    block: Annotated[int, number("Simulated on the state after this block")]
    block_hash: Annotated[str, hexed("Its hash", 32)]


class CreateSimulationJson(SimulationJson):
    """The result of a creation's simulation, and who would pay"""

    from_wallet: Annotated[str, wei("What the wallet pays, besides gas")]
    from_balance: Annotated[
        str, wei("What the host's balance in the contract pays; 0 if no host was named")
    ]


class CreateContent(TypedDict):
    """The transaction that creates a room."""

    transaction: TransactionJson
    simulation: CreateSimulationJson
    operator_id: Annotated[int, number("The operator asked", 1)]
    terms_id: Annotated[int, number("The terms it is created under", 1)]
    cost: CostJson


class CreateAnswerJson(CreateContent, FinalityAndIndex):
    """The transaction that creates the room. Its number is in the RoomCreated event."""


class ChangeContent(TypedDict):
    """A transaction about a room."""

    room_id: Annotated[str, room_id()]
    transaction: TransactionJson
    simulation: SimulationJson
    cost: CostJson


class ChangeAnswerJson(ChangeContent, FinalityAndIndex):
    """The transaction that changes the room; simulated as sent by whom it is for unless `from` was
    given"""


class EndContent(ChangeContent):
    """The transaction that ends a room."""

    call: Annotated[
        str,
        one_of(
            "What it calls: `endRoom`, the host's; or `expire`, anybody's, once the room is past"
            " its time or its operator is gone",
            END,
            EXPIRE,
        ),
    ]
    refund: Annotated[str, wei("What the host is owed by ending now")]
    forfeited: Annotated[
        str,
        wei(
            "What ending now costs: the fee of a room that its host ends while it is pending and in"
            " time, which goes to the operator's payee; else 0"
        ),
    ]
    full_refund_at: Annotated[
        int | None, moment("From when all comes back, if something is forfeited now; else null")
    ]


class EndAnswerJson(EndContent, FinalityAndIndex):
    """The transaction that ends the room; simulated as its host's unless `from` was given"""
