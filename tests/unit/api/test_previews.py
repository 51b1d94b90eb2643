"""What crawlers find in a page that is shared, read as they do: by a parser that runs nothing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from gevent.event import Event

from api.app_config import PAGE_FOLDER
from api.on_air import OnAir
from chain.enums import EndReason, Mode
from chain.hexes import checksum
from tests.support.indexer.contract_story import ALICE, BOB, GATE, ContractStory
from tests.unit.api.conftest import ApiWorld

SITE = "https://rooms.example"
NOON = 1_800_000_000  # 15 January 2027, 08:00 UTC
BUILT = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Livestream Rooms</title>
    <script type="module" src="/assets/index-1.js"></script>
  </head>
  <body><div id="page"></div></body>
</html>
"""
WANTED = {
    "og:title", "og:description", "og:type", "og:url", "og:site_name", "og:locale", "og:image",
    "og:image:type", "og:image:width", "og:image:height", "og:image:alt",
}  # fmt: skip


class Crawler(HTMLParser):
    """What stands in a page's head."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.title = ""
        self.scripts = 0
        self._in: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = given.get("property") or given.get("name") or "charset"
            assert name == "theme-color" or name not in self.meta, name
            assert given.keys() <= {"property", "name", "content", "charset", "media"}
            self.meta[name] = given.get("content", "")
        elif tag == "link":
            self.links[given["rel"]] = given["href"]
        elif tag == "script":
            self.scripts += 1

    def handle_endtag(self, tag: str) -> None:
        self._in = None

    def handle_data(self, data: str) -> None:
        if self._in == "title":
            self.title += data


@pytest.fixture
def make_site(make_world: Callable[..., ApiWorld], tmp_path: Path) -> Callable[..., ApiWorld]:
    (tmp_path / "index.html").write_text(BUILT)

    def make(*stories: ContractStory, **config: Any) -> ApiWorld:
        given = {"page_folder": tmp_path, "public_url": SITE, "now": lambda: float(NOON), **config}
        return make_world(*(stories or (ContractStory(at=NOON - 600),)), **given)

    return make


@pytest.fixture
def site(make_site: Callable[..., ApiWorld]) -> ApiWorld:
    return make_site()


def read(world: ApiWorld, path: str) -> Crawler:
    answer = world.get(path)
    assert answer.status_code == 200
    return Crawler(answer.get_data(as_text=True))


def told(details: dict[str, str]) -> bytes:
    return json.dumps(details, ensure_ascii=False).encode()


# --- what is told -------------------------------------------------------------------------------


def test_room__shared__everything_that_crawlers_want(site: ApiWorld) -> None:
    site.story.live(title="Algebra & more")
    site.story.describe(1, told({"about": "Bring\na pencil.", "lang": "en"}))
    page = read(site, "/room/live_1")
    assert page.title == "Algebra & more · Livestream Rooms"
    assert page.meta.keys() >= WANTED
    assert page.meta["og:title"] == "Algebra & more"
    assert page.meta["og:description"] == page.meta["description"] == "Open · Bring a pencil."
    assert page.meta["og:locale"] == "en_US"
    assert page.meta["og:type"] == "website"
    assert page.meta["og:site_name"] == "Livestream Rooms"
    assert page.meta["og:url"] == page.links["canonical"] == f"{SITE}/room/live_1"
    assert page.meta["og:image"].startswith(f"{SITE}/preview/room/live_1/")
    assert page.meta["og:image:alt"] == "Algebra & more · Open"
    assert page.meta["twitter:card"] == "summary_large_image"
    assert "robots" not in page.meta
    assert page.scripts == 1


def test_room__of_vietnamese__told_in_it(site: ApiWorld) -> None:
    site.story.live(title="Lớp học đàn")
    page = read(site, "/room/live_1")
    assert page.meta["og:locale"] == "vi_VN"
    host = checksum(ALICE)
    assert page.meta["og:description"] == f"Đang mở · Người phát: {host[:6]}…{host[-4:]}"
    site.story.describe(1, told({"about": "Guitar", "lang": "en-GB"}))
    assert read(site, "/room/live_1").meta["og:locale"] == "en_US"


@pytest.mark.parametrize(
    ("title", "starts"),
    [("Algebra", "Starts 15 Jan 2027, 20:05 UTC"), ("Đại số", "Bắt đầu 03:05 16/01/2027 (UTC+7)")],
)
def test_room__to_begin__says_when_with_its_zone(site: ApiWorld, title: str, starts: str) -> None:
    site.story.live(title=title)
    site.story.describe(1, starts_at=NOON + 12 * 3600 + 300)
    assert read(site, "/room/live_1").meta["description"].startswith(f"{starts} · ")


def test_room__to_begin_in_no_year_of_ours__passed_over(site: ApiWorld) -> None:
    site.story.live(title="Algebra")
    site.story.describe(1, starts_at=2**39)
    assert read(site, "/room/live_1").meta["description"].startswith("Open · ")


def test_room__through_its_life__another_picture_for_each_state(site: ApiWorld) -> None:
    site.story.create(title="Algebra")
    states, pictures = [], set()

    def look() -> None:
        page = read(site, "/room/live_1")
        states.append(page.meta["description"].partition(" · ")[0])
        pictures.add(page.meta["og:image"])

    look()
    site.story.provision(1)
    look()
    site.story.end(1)
    look()
    assert states == ["Setting up", "Open", "Ended"]
    assert len(pictures) == 3


@pytest.fixture
def on_air(site: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> dict[int, bool]:
    """Whether rooms are on air; who is not in it is unknown."""
    known: dict[int, bool] = {}
    monkeypatch.setattr(site.services.presence, "room", lambda number: OnAir(known.get(number)))
    return known


def test_room__on_air__says_so_whatever_was_planned(
    site: ApiWorld, on_air: dict[int, bool]
) -> None:
    site.story.live(title="Đại số")
    site.story.describe(1, starts_at=NOON + 3600)
    seen = [read(site, "/room/live_1").meta]
    for live in (True, False):
        on_air[1] = live
        seen.append(read(site, "/room/live_1").meta)
    states = [meta["description"].partition(" · ")[0] for meta in seen]
    assert states == [seen[0]["description"].partition(" · ")[0], "Trực tiếp", states[0]]
    assert states[0].startswith("Bắt đầu")
    assert seen[0]["og:image"] != seen[1]["og:image"]
    site.story.describe(1)
    assert read(site, "/room/live_1").meta["description"].startswith("Chưa phát · ")
    site.story.end(1)
    on_air[1] = True
    assert read(site, "/room/live_1").meta["description"].startswith("Đã kết thúc · ")


def test_room__on_air_for_some_only__does_not_say_so(
    site: ApiWorld, on_air: dict[int, bool]
) -> None:
    site.story.live(title="Secret", gate=GATE)
    before = site.get("/room/live_1").data
    on_air[1] = True
    assert site.get("/room/live_1").data == before
    assert b"Live" not in site.get(f"/host/{ALICE}").data.replace(b"Livestream Rooms", b"")


def test_host__on_air__tells_of_that_room(site: ApiWorld, on_air: dict[int, bool]) -> None:
    site.story.live(title="Algebra")
    site.story.live(title="Geometry")
    on_air[1] = True
    assert read(site, f"/host/{ALICE}").meta["og:description"] == "Live · Algebra"


@pytest.mark.parametrize(("gate", "state"), [(GATE, "Token holders"), (None, "By invitation")])
def test_room__for_some_only__tells_that_and_no_more(
    site: ApiWorld, gate: str | None, state: str
) -> None:
    site.story.live(title="Secret plans", gate=gate or site.story.contract)
    site.story.describe(1, told({"about": "of ours"}), starts_at=NOON + 60)
    answer = site.get("/room/live_1").get_data(as_text=True)
    page = Crawler(answer)
    assert page.title == "live_1 · Livestream Rooms"
    assert page.meta["og:description"] == state
    assert page.meta["og:image:alt"] == f"live_1 · {state}"
    assert page.meta["robots"] == "noindex"
    assert "Secret" not in answer and "of ours" not in answer
    assert "Starts" not in answer and checksum(ALICE)[:6] not in answer


def test_room__taken_down__tells_that_and_no_more(site: ApiWorld) -> None:
    site.story.live(title="Stolen film")
    site.story.describe(1, told({"about": "whole"}))
    site.story.take_down(1)
    answer = site.get("/room/live_1").get_data(as_text=True)
    assert Crawler(answer).meta["og:description"] == "Taken down"
    assert Crawler(answer).meta["robots"] == "noindex"
    assert "Stolen" not in answer and "whole" not in answer


def test_room__ended_by_others__keeps_its_title(site: ApiWorld) -> None:
    site.story.live(title="Algebra")
    site.story.end(1, EndReason.EXPIRED, 0, BOB)
    assert read(site, "/room/live_1").meta["description"].startswith("Ended · ")


def test_host__with_a_room_to_come__tells_of_it(site: ApiWorld) -> None:
    site.story.live(title="Algebra")
    site.story.live(title="Geometry")
    site.story.describe(2, starts_at=NOON + 60)
    host = checksum(ALICE)
    for path in (f"/host/{ALICE}", f"/host/{host}"):
        page = read(site, path)
        assert page.meta["og:title"] == f"Rooms of {host[:6]}…{host[-4:]}"
        assert page.meta["og:description"] == "Starts 15 Jan 2027, 08:01 UTC · Geometry"
        assert page.meta["og:image:alt"] == "Geometry · Starts 15 Jan 2027, 08:01 UTC"
        assert page.meta["og:url"] == page.links["canonical"] == f"{SITE}/host/{host}"


def test_host__with_nothing_to_come__told_by_address(site: ApiWorld) -> None:
    site.story.live(title="Đại số")
    page = read(site, f"/host/{ALICE}")
    host = checksum(ALICE)
    assert page.meta["og:title"] == f"Các phòng của {host[:6]}…{host[-4:]}"
    assert "Đại số" not in page.meta["og:description"]
    assert "robots" not in page.meta
    assert read(site, f"/host/{BOB}").meta["robots"] == "noindex"  # nobody who has a room


def test_host__whose_next_room_is_for_some_only__tells_nothing_of_it(site: ApiWorld) -> None:
    site.story.live(title="Secret plans", gate=GATE)
    site.story.describe(1, starts_at=NOON + 60)
    answer = site.get(f"/host/{ALICE}").get_data(as_text=True)
    assert Crawler(answer).meta["og:description"].startswith("Rooms of 0x")
    assert "Secret" not in answer and "Starts" not in answer


@pytest.mark.parametrize(
    "path",
    ["/room/live_99", "/room/live_0", "/room/x", "/room/live_1/x", "/host/0x12", "/host/a/b"],
)
def test_page__of_nothing_known__speaks_of_the_site(site: ApiWorld, path: str) -> None:
    page = read(site, path)
    assert page.title == page.meta["og:title"] == "Livestream Rooms"
    assert page.meta["robots"] == "noindex"
    assert "canonical" not in page.links and "og:url" not in page.meta
    assert page.meta["og:image"].startswith(f"{SITE}/preview/home/")


def test_home__shared__the_site_in_both_languages(site: ApiWorld) -> None:
    page = read(site, "/")
    assert page.meta["og:url"] == page.links["canonical"] == f"{SITE}/"
    assert (page.meta["og:locale"], page.meta["og:locale:alternate"]) == ("en_US", "vi_VN")
    assert "account" in page.meta["description"] and "tài khoản" in page.meta["description"]


@pytest.mark.parametrize("path", ["/new", "/studio", "/studio/live_1", "/audit", "/audit/live_1"])
def test_page__nobody_shares__as_it_was_built(site: ApiWorld, path: str) -> None:
    site.story.live()
    assert site.get(path).get_data(as_text=True) == BUILT


# --- hostile and unlucky ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ('"><script>alert(1)</script>', '"><script>alert(1)</script>'),
        ("</title><script>x</script>", "</title><script>x</script>"),
        ("' onload='x", "' onload='x"),
        ("&quot;&lt;b&gt;", "&quot;&lt;b&gt;"),
        ("a\u0000b\u001b[31mc\nd", "a b [31mc d"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("\\1 \\g<0>", "\\1 \\g<0>"),
        ("o" + "\u0301" * 47, "\u00f3" + "\u0301" * 3),
        ("W" * 96, "W" * 96),
        (b"\xff\xfe\xed\xa0\x80", "\ufffd" * 5),
        ("\u200b \ufeff", "Untitled room"),
    ],
)
def test_title__of_a_stranger__is_text_and_nothing_else(
    site: ApiWorld, title: str | bytes, shown: str
) -> None:
    site.story.live(title=title)
    site.story.describe(1, title if isinstance(title, bytes) else title.encode())
    page = read(site, "/room/live_1")
    assert page.meta["og:title"] == shown
    assert page.title == f"{shown} · Livestream Rooms"
    assert page.scripts == 1


def test_description__long__cut_after_a_word(site: ApiWorld) -> None:
    site.story.live(title="Algebra")
    site.story.describe(1, ("word " * 200).encode())
    description = read(site, "/room/live_1").meta["description"]
    assert len(description) <= 200 and description.endswith("word…")


def test_page__without_a_public_url__no_address_that_a_request_could_choose(
    make_site: Callable[..., ApiWorld],
) -> None:
    site = make_site(public_url=None)
    site.story.live(title="Algebra")
    plain = site.get("/room/live_1").data
    asked = site.get("/room/live_1", Host="evil.example", X_Forwarded_Host="evil.example").data
    assert asked == plain
    page = Crawler(plain.decode())
    assert page.meta["og:title"] == "Algebra"
    assert not {"og:url", "og:image"} & page.meta.keys() and not page.links


def test_page__asked_by_another_host__same_addresses(site: ApiWorld) -> None:
    site.story.live()
    assert site.get("/room/live_1", Host="evil.example").data == site.get("/room/live_1").data


def test_page__index_down__as_it_was_built(site: ApiWorld) -> None:
    site.story.live(title="Algebra")
    assert read(site, "/room/live_1").meta["og:title"] == "Algebra"
    policy = site.get("/room/live_1").headers["Content-Security-Policy"]
    site.source.down = True
    answer = site.get("/room/live_1")
    assert answer.get_data(as_text=True) == BUILT
    assert answer.headers["Content-Security-Policy"] == policy  # it plays where it played
    assert read(site, "/").meta["og:title"] == "Livestream Rooms"
    site.source.down = False
    assert read(site, "/room/live_1").meta["og:title"] == "Algebra"


def test_page__index_silent__comes_all_the_same(
    site: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.story.live(title="Algebra")
    read(site, "/")
    answers = Event()
    room = site.source.room

    def wait(number: int) -> Any:
        assert answers.wait(60)
        return room(number)

    monkeypatch.setattr(site.source, "room", wait)
    try:
        assert site.get("/room/live_1").get_data(as_text=True) == BUILT
    finally:
        answers.set()


def test_page__more_rooms_than_one_may_read__plain(make_site: Callable[..., ApiWorld]) -> None:
    site = make_site(database_rate_limit="2/minute")
    for _ in range(3):
        site.story.live(title="Algebra")
    titles = [read(site, f"/room/live_{number}").meta["og:title"] for number in (1, 2, 3)]
    assert titles == ["Algebra", "Algebra", "Livestream Rooms"]


def test_page__as_we_write_it__has_one_title_to_replace() -> None:
    text = (PAGE_FOLDER.parent / "index.html").read_text(encoding="utf-8")
    assert text.count("<title>Livestream Rooms</title>") == text.count("<title") == 1
    assert not {"description", "og:title", "robots"} & Crawler(text).meta.keys()


# --- how it is served ---------------------------------------------------------------------------


def test_room__asked_for_again__known_by_its_content_and_packed(site: ApiWorld) -> None:
    site.story.live(title="Algebra")
    first = site.get("/room/live_1")
    etag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.headers["Vary"] == "Accept-Encoding"
    assert site.get("/room/live_1", If_None_Match=etag).status_code == 304
    packed = site.get("/room/live_1", Accept_Encoding="gzip")
    assert gzip.decompress(packed.data) == first.data
    site.story.rename(1, "Geometry")
    after = site.get("/room/live_1", If_None_Match=etag)
    assert after.status_code == 200 and after.headers["ETag"] != etag


def picture_of(world: ApiWorld, path: str) -> str:
    return read(world, path).meta["og:image"].removeprefix(SITE)


def test_picture__of_a_page__a_png_of_its_size_kept_for_a_day(site: ApiWorld) -> None:
    site.story.live(title="Algebra")
    path = picture_of(site, "/room/live_1")
    answer = site.get(path)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.data[:8] == b"\x89PNG\r\n\x1a\n"
    assert (
        int.from_bytes(answer.data[16:20]),
        int.from_bytes(answer.data[20:24]),
    ) == (1200, 630)
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    again = site.get(path, If_None_Match=answer.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_picture__by_an_old_or_made_up_digest__the_current_one_kept_briefly(
    site: ApiWorld,
) -> None:
    site.story.live(title="Algebra")
    old = picture_of(site, "/room/live_1")
    site.story.take_down(1)
    current = site.get(picture_of(site, "/room/live_1"))
    for path in (old, "/preview/room/live_1/xyz.png"):
        answer = site.get(path)
        assert answer.data == current.data
        assert answer.headers["Cache-Control"] == "public, max-age=60"


def test_picture__of_nothing_known__the_sites(site: ApiWorld) -> None:
    home = site.get(picture_of(site, "/"))
    assert home.headers["Cache-Control"] == "public, max-age=86400"
    for path in ("/preview/room/live_9/0.png", "/preview/host/x/0.png"):
        assert site.get(path).data == home.data
    site.source.down = True
    answer = site.get("/preview/room/live_9/0.png")
    assert (answer.status_code, answer.data) == (200, home.data)
    assert answer.headers["Cache-Control"] == "no-store"


def test_picture__two_rooms_alike__differ_by_what_is_told(site: ApiWorld) -> None:
    site.story.live(title="Algebra", mode=Mode.BROADCAST)
    site.story.live(title="Algebra", mode=Mode.WEBRTC)
    assert (
        site.get(picture_of(site, "/room/live_1")).data
        != site.get(picture_of(site, "/room/live_2")).data
    )
