"""The type of every answer, told once: the JSON, its OpenAPI schema and the page's types follow it.

`api.response_shapes` makes values of these types, `api.openapi.schemas` the document's schemas
(`RoomJson` is the schema `Room`), and `tools.api_types` from that document the page's TypeScript. A
class `...Content` is an answer before `finality` and `index` are added to it.

Promises: types and nothing else; a class's docstring and the kinds of its members
(`chain.field_kinds`, `common.web.field_kinds`) are what the document says of them. An object has
these members and no others.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from typing_extensions import TypeAliasType, TypedDict

from api.cursors import ROOMS_CURSOR
from api.index_position import FINALITIES
from chain.enums import EndReason, Status
from chain.field_kinds import address, live_input, room_id
from chain.playback_urls import AccessWord
from chain.room_details import LANGUAGE
from common.web.field_kinds import cursor, hexed, moment, number, one_of, plain, text
from common.web.response_types import FieldErrorJson, ProblemEssentials
from indexer.documents import ModeWord, StatusWord

PresenceWord = Literal["known", "unknown"]
ShownWord = Literal["on_air", "next", "last"]

FinalityJson = TypeAliasType(
    "FinalityJson",
    Annotated[
        str,
        one_of(
            "How safe the answer is from a reorg, computed per request: `latest` (just indexed),"
            " `confirmed` (some blocks on top), `finalized` (cannot be reorganised). For several"
            " things together: the least safe of them.",
            *FINALITIES,
        ),
    ],
)
StatusJson = TypeAliasType(
    "StatusJson",
    Annotated[
        StatusWord,
        plain("`pending` (waits for its live input), `active` (can be watched), `ended`"),
    ],
)
ModeJson = TypeAliasType(
    "ModeJson",
    Annotated[
        ModeWord,
        plain(
            "`webrtc` (WHIP in, WHEP out: under a second) or `broadcast` (RTMPS or SRT in, HLS out:"
            " recording)"
        ),
    ],
)
AccessJson = TypeAliasType(
    "AccessJson",
    Annotated[
        AccessWord,
        plain(
            "Who may watch: `public` (everybody), `gate` (whom the contract in `gate` says),"
            " `invitation` (only the invited: `gate` is the registry itself)"
        ),
    ],
)


class LagJson(TypedDict):
    """How far behind the chain this is"""

    blocks: Annotated[int, number("Blocks from the head to the block indexed")]
    seconds: Annotated[int, number("Seconds since the indexer last read the chain")]


class IndexJson(TypedDict):
    """The position of the index. Everything up to this block is in the answer."""

    chain_id: Annotated[int, number("The chain", 1)]
    contract: Annotated[str, address("The contract")]
    block: Annotated[int, number("The block indexed")]
    block_hash: Annotated[str, hexed("Its hash", 32)]
    seq: Annotated[int, number("Number of events in the contract's history up to there")]
    history: Annotated[str, hexed("The history's hash, the 23 bytes that `history()` answers", 23)]
    lag: LagJson


class FinalityAndIndex(TypedDict):
    """What every answer ends with: how final what it tells is, and where the index stood."""

    finality: FinalityJson
    index: IndexJson


# --- rooms --------------------------------------------------------------------------------------


class PlaybackJson(TypedDict):
    """Where a room plays"""

    whep_url: Annotated[str | None, text("WebRTC rooms: where a WHEP player posts its offer")]
    hls_url: Annotated[str | None, text("Broadcast rooms: the HLS manifest")]
    lifecycle_url: Annotated[
        str, text('Says {"live": true|false}: whether the host sends right now')
    ]


class OnAirMembers(TypedDict):
    """Whether a room is on air, as `python -m presence` last saw it. It is joined while answering:
    no part of the chain's story, and of no index position."""

    live: Annotated[
        bool | None,
        plain(
            "Whether its host sends right now; null: unknown, and never to be read as off. An"
            " `active` room need not be on air"
        ),
    ]
    live_since: Annotated[int | None, moment("On air: since when it is seen so; else null")]


class AudienceMembers(OnAirMembers):
    """Whether a room is on air, and how many watch"""

    viewers: Annotated[
        int | None, number("Of a public broadcast on air: how many watch, about; else null")
    ]


class JoinContent(PlaybackJson):
    """What a viewer needs of a room."""

    room_id: Annotated[str, room_id()]
    status: Annotated[str, one_of("Only an active room can be joined", Status.ACTIVE.word)]
    mode: ModeJson
    title: Annotated[str, text("The title; show it as text only")]
    host: Annotated[str, address("Who hosts the room")]
    created_at: Annotated[int, moment("When it was created")]
    expires_at: Annotated[int, moment("When anybody may end it")]


class JoinJson(JoinContent, OnAirMembers, FinalityAndIndex):
    """What a viewer needs"""


class EndJson(TypedDict):
    """How a room ended"""

    reason: Annotated[
        str,
        one_of(
            "`host` ended it; `expired`: past its time; `unfulfilled`: no live input came;"
            " `declined` by its operator; `taken_down` by a moderator",
            *EndReason.words(),
        ),
    ]
    detail: Annotated[int, number("The code of a decline or take-down, else 0")]
    detail_text: Annotated[str | None, text("The code in words")]
    actor: Annotated[str, address("Who sent the transaction")]
    at: Annotated[int, moment("When")]
    block: Annotated[int, number("The block")]
    tx: Annotated[str, hexed("The transaction", 32)]


class CreationPlaceJson(TypedDict):
    """Where a room was created"""

    block: Annotated[int, number("The block")]
    block_hash: Annotated[str, hexed("Its hash", 32)]
    tx: Annotated[str, hexed("The transaction", 32)]
    log_index: Annotated[int, number("The log's place in the block")]


class UpdatePlaceJson(TypedDict):
    """A room's last event"""

    block: Annotated[int, number("The block")]
    block_hash: Annotated[str, hexed("Its hash", 32)]
    tx: Annotated[str, hexed("The transaction", 32)]
    at: Annotated[int, moment("When")]


# a name that no member of a class of ours can have
_ClassName = TypedDict(
    "_ClassName",
    {"class": Annotated[str | None, text("The class or course it belongs to; show as text only")]},
)


class DescriptionJson(_ClassName):
    """What its host tells about a room, of details that are JSON `{about, lang, class}`. Any others
    are all in `about`, as the plain text that they are"""

    about: Annotated[str, text("What the room is about; show it as text only")]
    lang: Annotated[str | None, text("The language it is held in (BCP 47)", pattern=LANGUAGE)]


class RoomContent(TypedDict):
    """A room, as the chain has it."""

    room_id: Annotated[str, room_id()]
    contract: Annotated[str, address("The contract it lives in")]
    status: StatusJson
    mode: ModeJson
    title: Annotated[str, text("The title, invalid UTF-8 replaced; show it as text only")]
    title_hex: Annotated[str, hexed("Its bytes")]
    starts_at: Annotated[int | None, moment("When its host plans to begin; null: not told")]
    description: Annotated[DescriptionJson | None, plain("null: the host tells nothing")]
    details_hex: Annotated[str, hexed("The bytes of the description")]
    host: Annotated[str, address("Who hosts the room")]
    pending_host: Annotated[str | None, address("The account it was offered to")]
    access: AccessJson
    gate: Annotated[str | None, address("The contract that says who may watch; null: everybody")]
    operator_id: Annotated[int, number("Its operator", 1)]
    terms_id: Annotated[int, number("Its terms", 1)]
    created_at: Annotated[int, moment("When it was created")]
    deadline_at: Annotated[int, moment("When it must have its live input")]
    expires_at: Annotated[int, moment("When anybody may end it")]
    provisioned_at: Annotated[int | None, moment("When it got its live input")]
    rekeyed_at: Annotated[int | None, moment("When its key last changed, rounded up to a minute")]
    uid: Annotated[str | None, live_input("Cloudflare's id of its live input")]
    playback: PlaybackJson | None
    ingest_key: Annotated[str, hexed("The X25519 public key its credentials are sealed to", 32)]
    key_version: Annotated[int, number("How many such keys it has had", 1)]
    tag: Annotated[str, hexed("Names this room, host and key", 12)]
    end: EndJson | None
    released: Annotated[bool, plain("Ended, and its live input is gone")]
    released_at: Annotated[int | None, moment("When its operator attested that")]
    events: Annotated[int, number("How many events it has had", 1)]
    first_seq: Annotated[int, number("The first one's number in the history", 1)]
    last_seq: Annotated[int, number("The last one's", 1)]
    created: CreationPlaceJson
    updated: UpdatePlaceJson


class RoomJson(RoomContent, AudienceMembers):
    """A room"""


class ExpirableRoom(RoomJson):
    """A room at some moment."""

    expirable: Annotated[bool, plain("Whether `expire` would end it now")]


class RoomAnswerJson(ExpirableRoom, FinalityAndIndex):
    """A room, and the position of the index"""


class ListedRoomJson(ExpirableRoom):
    """A room in a list"""

    finality: FinalityJson


class StreamPositionJson(FinalityAndIndex):
    """What holds when a stream begins: the data of its event `position`"""

    room: Annotated[RoomJson | None, plain("The room asked for; null: the stream is of all")]


PresenceJson = TypeAliasType(
    "PresenceJson",
    Annotated[
        PresenceWord,
        plain(
            "`known`: `live` tells what was seen moments ago, where it is not null. `unknown`:"
            " nobody looks at the moment, and every `live` is null"
        ),
    ],
)


class RoomsContent(TypedDict):
    """A page of rooms."""

    rooms: Annotated[
        list[ListedRoomJson],
        plain(
            "At most `limit`. A page may hold fewer, even none, while `next_cursor` says that"
            " the search goes on: a rare filter over very many rooms is answered in steps."
        ),
    ]
    next_cursor: Annotated[
        str | None,
        text("Give it as `cursor` for the next page; null: the end", pattern=ROOMS_CURSOR),
    ]
    presence: PresenceJson


class RoomsJson(RoomsContent, FinalityAndIndex):
    """A page of rooms: newest first; with `live=true` those that came on air last first; with
    `room_id` in the order asked"""


class HostContent(TypedDict):
    """A host's channel."""

    host: Annotated[str, address("The host")]
    shown: Annotated[
        ShownWord | None,
        plain(
            "Why `room` is the one to show: it is on air (`on_air`), is the `next` to begin, or is"
            " the `last` one, not over if there is one; null: there is none"
        ),
    ]
    room: Annotated[ListedRoomJson | None, plain("The room to show")]
    upcoming: Annotated[
        list[ListedRoomJson],
        plain(
            "Rooms not over and not on air that are planned to begin, or were less than two hours"
            " ago, by `starts_at`, at most 10; the one to show as `next` is the first of them"
        ),
    ]
    presence: PresenceJson


class HostJson(HostContent, FinalityAndIndex):
    """A host's channel: the room on air, else the next, else the last; rooms for some only are in
    it"""


class HintJson(TypedDict):
    """The hint was taken"""


class RoomPresenceJson(AudienceMembers):
    """A room that went on or off air, or whose viewers became more or fewer"""

    room_id: Annotated[str, room_id()]


class PresenceChangesJson(TypedDict):
    """What became different on the air: the data of a stream's event `presence`"""

    rooms: Annotated[
        list[RoomPresenceJson],
        plain("Each as it is now. In the stream of all: public rooms, at most 100 a second"),
    ]


class EventJson(TypedDict):
    """One event of the contract"""

    seq: Annotated[int, number("Its number in the contract's history", 1)]
    name: Annotated[str, text("Its name in the contract, for example RoomCreated")]
    room_id: Annotated[str | None, room_id("The room it concerns")]
    actor: Annotated[str, address("Who sent the transaction")]
    at: Annotated[int, moment("When")]
    block: Annotated[int, number("The block")]
    block_hash: Annotated[str, hexed("Its hash", 32)]
    tx: Annotated[str, hexed("The transaction", 32)]
    tx_index: Annotated[int, number("The transaction's place in the block")]
    log_index: Annotated[int, number("The log's place in the block")]
    args: Annotated[
        dict[str, Any], plain("The event's own parameters, by their names in snake case")
    ]


class EventsContent(TypedDict):
    """A page of a room's history."""

    room_id: Annotated[str, room_id()]
    total: Annotated[int, number("How many events the room has had", 1)]
    events: Annotated[list[EventJson], plain("At most `limit`")]
    next_cursor: Annotated[
        str | None, cursor("Give it as `cursor` for the next page; null: the end")
    ]


class EventsJson(EventsContent, FinalityAndIndex):
    """A page of a room's history, oldest first"""


class SealedJson(TypedDict):
    """The ciphertext, as the chain has it"""

    data: Annotated[str, hexed("Encapsulated key and ciphertext")]
    tag: Annotated[str, hexed("The room's tag; bound into the sealing", 12)]
    key_version: Annotated[int, number("Which of the room's keys", 1)]
    at: Annotated[int, moment("When")]
    block: Annotated[int, number("The block")]
    tx: Annotated[str, hexed("The transaction", 32)]


class IngestContent(TypedDict):
    """The sealed credentials of a room that has them."""

    room_id: Annotated[str, room_id()]
    mode: ModeJson
    host: Annotated[str, address("Who hosts the room")]
    ingest_key: Annotated[str, hexed("The X25519 public key they are sealed to", 32)]
    uid: Annotated[str, live_input("The live input; bound into the sealing")]
    sealed: SealedJson


class IngestJson(IngestContent, FinalityAndIndex):
    """The broadcast credentials, sealed (HPKE) to the room's ingest key: only the holder of the
    private key can open them"""


class RecordingJson(TypedDict):
    """One recording"""

    uid: Annotated[str, text("Cloudflare's id of the video")]
    state: Annotated[str, text("`ready` once it can be watched")]
    hls_url: Annotated[str | None, text("Its HLS manifest; null: needs a token")]
    thumbnail_url: Annotated[str | None, text("A picture of it")]
    created_at: Annotated[int | None, moment("When it began")]
    duration_seconds: Annotated[float | None, plain("How long it is, once known")]
    size_bytes: Annotated[int | None, number("How large it is")]
    delete_at: Annotated[int | None, moment("When Cloudflare will delete it")]


class RecordingsContent(TypedDict):
    """What was recorded of a room."""

    room_id: Annotated[str, room_id()]
    recordings: Annotated[
        list[RecordingJson], plain("Newest first; none of a room that was taken down")
    ]


class RecordingsJson(RecordingsContent, FinalityAndIndex):
    """Recordings of a broadcast room; Cloudflare keeps them as long as the operator set"""


# --- problems -------------------------------------------------------------------------------------


class ProblemMembers(TypedDict, total=False):
    """What a problem may say besides its kind."""

    errors: Annotated[list[FieldErrorJson], plain("What is malformed")]
    room_id: Annotated[str, room_id()]
    room_status: StatusJson
    mode: ModeJson
    room_title: Annotated[str, text("The room's title; show it as text only")]
    host: Annotated[str, address("Who hosts the room")]
    deadline_at: Annotated[int, moment("Pending: when it must have its live input")]
    stream: Annotated[str, text("Pending: where to wait for it without polling")]
    access: AccessJson
    gate: Annotated[str, address("Gated: the contract that says who may watch")]
    playback_service: Annotated[
        str | None, text("Gated: where a viewer proves a right to watch; null: nowhere")
    ]
    successor: Annotated[
        str | None, address("Retired: where hosts go on, by the owner's word alone")
    ]
    end: EndJson
    key_version: Annotated[int, number("Credentials pending: the key they will be sealed to", 1)]
    finality: FinalityJson
    index: IndexJson


class ProblemJson(ProblemEssentials, ProblemMembers):
    """An error (RFC 9457)"""
