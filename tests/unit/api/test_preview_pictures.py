"""The drawn pictures: what they show, what keeps them, and how many are drawn at once."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import gevent
import pytest
from PIL import Image

from api.previews.contents import PreviewPicture, home_preview
from api.previews.drawing import draw, drawable
from api.previews.pictures import Pictures, plain

TITLE = PreviewPicture("Algebra", "live_1", "quiet", "Open", "Host: 0x1234…abcd · live_1")
VIETNAMESE = "Trường đại học: chữ Ặ, Ỡ, ỹ, ợ và Ễ khó nhất"
# every letter of the language, in both cases
LETTERS = sorted({
    unicodedata.normalize("NFC", base + mark)
    for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    for mark in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
} | set("đĐ₫"))  # fmt: skip


def seen(picture: PreviewPicture) -> Image.Image:
    return Image.open(BytesIO(draw(picture)))


def titled(title: str) -> PreviewPicture:
    return replace(TITLE, headline=title)


# --- drawing ------------------------------------------------------------------------------------


def test_drawing__any__a_small_png_of_the_agreed_size() -> None:
    drawn = draw(titled(VIETNAMESE))
    image = Image.open(BytesIO(drawn))
    image.verify()
    assert (image.format, image.size, image.mode) == ("PNG", (1200, 630), "P")
    assert len(drawn) < 60_000


def test_font__every_letter_of_vietnamese__is_there() -> None:
    assert len(LETTERS) == 12 * 2 * 6 + 3
    assert drawable("".join(LETTERS)) == "".join(LETTERS)


def test_drawing__composed_and_decomposed__the_same_points() -> None:
    composed = unicodedata.normalize("NFC", VIETNAMESE)
    decomposed = unicodedata.normalize("NFD", VIETNAMESE)
    assert composed != decomposed
    assert draw(titled(composed)) == draw(titled(decomposed))
    turned = unicodedata.normalize("NFD", "ậ").replace("\u0323\u0302", "\u0302\u0323")
    assert draw(titled(turned)) == draw(titled("ậ"))


def test_drawing__marks__are_seen() -> None:
    assert len({draw(titled(each)) for each in ("a", "à", "ả", "ạ", "ă", "ặ", "â", "ậ")}) == 8


@pytest.mark.parametrize(
    ("title", "drawn"),
    [
        ("🎸 Guitar 👩‍🏫🇻🇳 for you ❤️", "Guitar for you"),
        ("𝓕𝓪𝓷𝓬𝔂 ｗｉｄｅ", "Fancy wide"),
        ("Học 日本 nào", "Học nào"),
        ("مرحبا بكم", ""),
        ("日本語のレッスン 1", ""),
        ("🎸🎸", ""),
        ("o" + "\u0330" * 20, "o"),
        ("\ufffd\u0378", ""),
    ],
)
def test_drawing__letters_that_the_font_lacks__no_boxes(title: str, drawn: str) -> None:
    assert drawable(title) == drawn
    assert draw(titled(title)) == draw(titled(drawn or "live_1"))


@pytest.mark.parametrize("title", ["W" * 96, "W " * 48, "Ậ" * 96, "a" * 1000, ". " * 500])
def test_drawing__long__stays_within_the_margins(title: str) -> None:
    image = seen(titled(title)).convert("L").point([0] * 40 + [255] * 216)
    left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)
    assert left >= 70 and right <= 1130 and top >= 40 and bottom <= 600


def test_drawing__each_state__looks_its_own() -> None:
    tones = ("live", "soon", "quiet", "none")
    assert len({draw(replace(TITLE, tone=tone)) for tone in tones}) == 4  # type: ignore[arg-type]


# --- keeping ------------------------------------------------------------------------------------


class Drawer:
    """Draws when it is let, in whatever thread it is asked in."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.drawn: list[str] = []
        self.threads: set[int] = set()
        self.now = 0.0
        self.pictures = Pictures(self._draw, 250, lambda: self.now)

    def _draw(self, picture: PreviewPicture) -> bytes:
        assert self.let.wait(60)
        self.drawn.append(picture.headline)
        self.threads.add(threading.get_ident())
        return picture.headline.encode().ljust(100)


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    made = Drawer()
    yield made
    made.let.set()
    made.pictures.close()


def test_pictures__asked_again__drawn_once_and_beside_the_event_loop(drawer: Drawer) -> None:
    drawer.let.set()
    assert drawer.pictures.get(titled("a")) == drawer.pictures.get(titled("a"))
    assert drawer.drawn == ["a"]
    assert threading.get_ident() not in drawer.threads


def test_pictures__too_many_at_once__refused_while_others_go_on(drawer: Drawer) -> None:
    asking = [gevent.spawn(drawer.pictures.get, titled(title)) for title in ("a", "a", "b")]
    gevent.idle()
    assert drawer.pictures.get(titled("c")) is None
    assert not any(one.ready() for one in asking)  # the loop ran, though both threads are busy
    drawer.let.set()
    gevent.joinall(asking, timeout=60)
    assert [one.value.strip() for one in asking] == [b"a", b"a", b"b"]
    assert sorted(drawer.drawn) == ["a", "b"]
    assert drawer.pictures.get(titled("c")) is not None


def test_pictures__more_than_may_be_kept__the_longest_unasked_go(drawer: Drawer) -> None:
    drawer.let.set()
    for title in ("a", "b", "a", "c"):
        drawer.pictures.get(titled(title))
    assert drawer.pictures.kept_bytes == 200
    drawer.pictures.get(titled("a"))
    assert drawer.drawn == ["a", "b", "c"]
    drawer.pictures.get(titled("b"))
    assert drawer.drawn == ["a", "b", "c", "b"]


def test_pictures__ever_new_ones__no_more_than_a_few_a_second(drawer: Drawer) -> None:
    drawer.let.set()

    def drawn() -> int:
        return sum(drawer.pictures.get(titled(f"{drawer.now} {n}")) is not None for n in range(70))

    counts = []
    for seconds in (0.0, 2.0, 1000.0):
        drawer.now += seconds
        counts.append(drawn())
    assert counts == [60, 10, 60]
    assert drawer.pictures.get(titled("1002.0 59")) is not None  # what is kept costs nothing


def test_pictures__that_fail__are_tried_again() -> None:
    calls: list[str] = []

    def fail(picture: PreviewPicture) -> bytes:
        calls.append(picture.headline)
        raise MemoryError

    pictures = Pictures(fail)
    try:
        for _ in range(2):
            with pytest.raises(MemoryError):
                pictures.get(TITLE)
    finally:
        pictures.close()
    assert calls == ["Algebra", "Algebra"]
    assert pictures.kept_bytes == 0


def test_plain__picture__is_the_sites() -> None:
    assert plain() == draw(home_preview().picture)
