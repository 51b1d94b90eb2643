"""What each event looks like on the wire: its signature, its topics, its words.

Promises: plain tables, from which decoding, encoding and the tests work. Every event's parameters
are `seq, actor (indexed), timestamp`, then those listed here; the first of them is indexed in all
but PauseChanged, and a dynamic one comes last.
"""

from __future__ import annotations

from typing import NamedTuple

from chain import events as t
from chain.hexes import hex_data
from chain.keccak import keccak

TERMS = ("uint256", "uint256", "uint32", "uint32", "uint16", "uint16", "uint16")


class Layout(NamedTuple):
    """`params`: the ABI types after `timestamp`, in declaration order; TermsSet's struct is spread
    over its words. `data_words`: the static words in the data, `seq` and `timestamp` included, the
    offset word of a dynamic parameter not. `dynamic`: the last parameter is string or bytes."""

    type: type[t.ChainEvent]
    signature: str
    topic0: str
    params: tuple[str, ...]
    indexed: bool
    dynamic: bool
    data_words: int


def _layout(kind: type[t.ChainEvent], *params: str, indexed: bool = True) -> Layout:
    struct = kind is t.TermsSet
    shown = (*params[:1], f"({','.join(TERMS)})") if struct else params
    signature = f"{kind.__name__}({','.join(('uint32', 'address', 'uint40', *shown))})"
    dynamic = params[-1] in ("string", "bytes")
    return Layout(
        type=kind,
        signature=signature,
        topic0=hex_data(keccak(signature.encode())),
        params=params,
        indexed=indexed,
        dynamic=dynamic,
        data_words=2 + len(params) - int(indexed) - int(dynamic),
    )


_ROOM = "uint256"
_CREATION = ("uint16", "uint16", "uint8", "address", "bytes32", "bytes12", "string")

LAYOUTS: tuple[Layout, ...] = (
    _layout(t.RoomCreated, _ROOM, *_CREATION),
    _layout(t.RoomUpdated, _ROOM, "string"),
    _layout(t.RoomRekeyed, _ROOM, "uint16", "bytes32", "bytes12"),
    _layout(t.RoomTransferStarted, _ROOM, "address"),
    _layout(t.RoomTransferred, _ROOM, "address", "uint16", "bytes32", "bytes12"),
    _layout(t.RoomProvisioned, _ROOM, "bytes12", "bytes16", "bytes"),
    _layout(t.RoomEnded, _ROOM, "uint8", "uint16", "uint256"),
    _layout(t.RoomReleased, _ROOM),
    _layout(t.Credited, "address", "uint256"),
    _layout(t.Withdrawn, "address", "uint256"),
    _layout(t.OperatorAdded, "uint16", "address", "string"),
    _layout(t.OperatorAccountChanged, "uint16", "address"),
    _layout(t.OperatorAcceptingChanged, "uint16", "bool"),
    _layout(t.OperatorEnabledChanged, "uint16", "bool"),
    _layout(t.TermsSet, "uint16", *TERMS),
    _layout(t.ModeratorChanged, "address", "bool"),
    _layout(t.PauseChanged, "bool", indexed=False),
    _layout(t.OwnerProposed, "address"),
    _layout(t.OwnerChanged, "address"),
)

BY_TOPIC = {layout.topic0: layout for layout in LAYOUTS}
BY_TYPE = {layout.type: layout for layout in LAYOUTS}
