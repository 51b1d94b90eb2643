"""What a shared link tells of a room, of a host's channel, and of the site.

Promises: pure functions. What is told depends on the arguments alone, so the same room in the same
state has one picture, whose `digest` names it. The language is that of the room (what its
description says, else its letters), English where nothing tells. Times have their zone: UTC in
English, UTC+7 in Vietnamese. A room for some only, or one that was taken down, tells that and its
name, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from typing import Literal

from api.previews.plain_text import is_vietnamese, plain_text, shortened
from api.response_types import RoomContent, ShownWord
from chain.enums import EndReason
from common.web.responses import digest

SITE = "Livestream Rooms"
DESIGN = 1
"""Of the drawn pictures: a new number gives each a new address."""
MOST_DESCRIPTION = 200  # characters; crawlers cut there or sooner
_VIETNAM = timezone(timedelta(hours=7))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Language = Literal["en", "vi"]
Tone = Literal["live", "soon", "quiet", "none"]
"""How a state looks: on air, to come, anything else, not there."""


@dataclass(frozen=True)
class PreviewPicture:
    """What is drawn. `name`: drawn in the headline's place if there is no letter of it to draw;
    `foot`: the line below."""

    headline: str
    name: str
    tone: Tone
    state: str
    foot: str

    @cached_property
    def digest(self) -> str:
        return digest("\0".join((str(DESIGN), *astuple(self))).encode())


@dataclass(frozen=True)
class Preview:
    """What a page tells crawlers. `path`: the page's own, whatever way it was asked for; None: of
    no page that is known. `picture_of`: the picture's place below /preview/."""

    title: str
    description: str
    language: Language
    path: str | None
    picture_of: str
    picture: PreviewPicture
    findable: bool = True


@dataclass(frozen=True)
class _Words:
    live: str
    not_live: str
    open: str
    preparing: str
    ended: str
    taken_down: str
    untitled: str
    gate: str
    invitation: str
    host: str
    channel: str
    starts: Callable[[int], str]


def _english_time(at: int) -> str:
    when = datetime.fromtimestamp(at, UTC)
    return f"Starts {when.day} {_MONTHS[when.month - 1]} {when.year}, {when:%H:%M} UTC"


def _vietnamese_time(at: int) -> str:
    when = datetime.fromtimestamp(at, _VIETNAM)
    return f"Bắt đầu {when:%H:%M} {when:%d/%m}/{when.year} (UTC+7)"


# as the page has them: dapp/src/i18n/en.ts and dapp/src/i18n/vi.ts
_WORDS: dict[Language, _Words] = {
    "en": _Words(
        live="Live",
        not_live="Not live",
        open="Open",
        preparing="Setting up",
        ended="Ended",
        taken_down="Taken down",
        untitled="Untitled room",
        gate="Token holders",
        invitation="By invitation",
        host="Host: {}",
        channel="Rooms of {}",
        starts=_english_time,
    ),
    "vi": _Words(
        live="Trực tiếp",
        not_live="Chưa phát",
        open="Đang mở",
        preparing="Đang chuẩn bị",
        ended="Đã kết thúc",
        taken_down="Đã bị gỡ",
        untitled="Phòng chưa đặt tên",
        gate="Người giữ token",
        invitation="Theo lời mời",
        host="Người phát: {}",
        channel="Các phòng của {}",
        starts=_vietnamese_time,
    ),
}
_HOME = Preview(
    title=SITE,
    description="Go live in a room you own; whoever watches needs no account."
    " · Phát trực tiếp trong phòng của chính bạn; người xem không cần tài khoản.",
    language="en",
    path="/",
    picture_of="home",
    picture=PreviewPicture(
        "Go live in a room you own", SITE, "none", "", "Phát trực tiếp trong phòng của chính bạn"
    ),
)
UNKNOWN = Preview(
    _HOME.title, _HOME.description, "en", None, _HOME.picture_of, _HOME.picture, findable=False
)
"""Of an address that has no room or host, as far as is known."""


def home_preview() -> Preview:
    """Of the site."""
    return _HOME


def room_preview(room: RoomContent, live: bool | None, over: bool, now: float) -> Preview:
    """Of a room. `live`: whether it is on air, None: unknown; `over`: ended, or may be by anybody;
    `now`: unix seconds."""
    name = room["room_id"]
    path, picture_of = f"/room/{name}", f"room/{name}"
    words = _WORDS[language := _language(room)]
    neutral = _neutral_state(room, words)
    if neutral is not None:
        picture = PreviewPicture(name, name, "quiet", neutral, "")
        return Preview(name, neutral, language, path, picture_of, picture, findable=False)
    title = plain_text(room["title"])
    host = words.host.format(short_address(room["host"]))
    tone, state = _state(room, live, over, now, words)
    about = plain_text(room["description"]["about"]) if room["description"] is not None else ""
    return Preview(
        title or words.untitled,
        shortened(f"{state} · {about or host}", MOST_DESCRIPTION),
        language,
        path,
        picture_of,
        PreviewPicture(title, name, tone, state, f"{host} · {name}"),
    )


def host_preview(
    address: str, shown: ShownWord | None, room: RoomContent | None, live: bool | None, now: float
) -> Preview:
    """Of a host's channel. `address`: with its checksum; `room`: the one that it shows, for the
    reason `shown`, on air or not as `live` says; `now`: unix seconds."""
    short = short_address(address)
    path, picture_of = f"/host/{address}", f"host/{address}"
    language: Language = "en" if room is None else _language(room)
    title = _WORDS[language].channel.format(short)
    told = room if shown in ("on_air", "next") else None
    if told is None or _neutral_state(told, _WORDS[language]) is not None:
        picture = PreviewPicture(title, short, "none", "", "")
        known = room is not None
        return Preview(title, title, language, path, picture_of, picture, findable=known)
    seen = room_preview(told, live, False, now)
    picture = replace(seen.picture, name=short, foot=title)
    description = shortened(f"{picture.state} · {seen.title}", MOST_DESCRIPTION)
    return Preview(title, description, language, path, picture_of, picture)


def short_address(address: str) -> str:
    """As the page writes it."""
    return f"{address[:6]}…{address[-4:]}"


def _language(room: RoomContent) -> Language:
    description = room["description"]
    if description is not None and description["lang"] is not None:
        return "vi" if description["lang"].lower().partition("-")[0] == "vi" else "en"
    told = room["title"] if description is None else f"{room['title']} {description['about']}"
    return "vi" if is_vietnamese(told) else "en"


def _neutral_state(room: RoomContent, words: _Words) -> str | None:
    """The state of a room that tells no more than this."""
    if room["end"] is not None and room["end"]["reason"] == EndReason.TAKEN_DOWN.word:
        return words.taken_down
    if room["access"] == "public":
        return None
    return words.invitation if room["access"] == "invitation" else words.gate


def _state(
    room: RoomContent, live: bool | None, over: bool, now: float, words: _Words
) -> tuple[Tone, str]:
    if over:
        return "quiet", words.ended
    if live:
        return "live", words.live
    starts_at = room["starts_at"]
    if starts_at is not None and starts_at > now:
        try:
            return "soon", words.starts(starts_at)
        except (OverflowError, ValueError, OSError):
            pass  # the contract takes any number; a year of six digits is no date
    if room["status"] == "pending":
        return "quiet", words.preparing
    return "quiet", words.open if live is None else words.not_live
