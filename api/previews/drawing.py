"""Draws the picture of a shared link: 1200 x 630 points, a PNG with a palette.

Promises: `draw` is total for any text: what the font has no letter for is left out or written in
plainer letters, never a box; a title too long for the room it has ends in an ellipsis; composed and
decomposed letters look the same, since all are composed first. Nothing is read but the two fonts
beside this module. Other threads get their turn every few letters, and run while it is packed.
Assumes: the text has no controls (`api.previews.plain_text`).

Letters are laid one beside the other, which Latin letters need and no more: what other scripts want
(joining, a direction) the font has no letters for. So it looks the same with and without the
libraries of complex layout, which the services' image does not have.
"""

from __future__ import annotations

import math
import re
import struct
import unicodedata
import zlib
from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from gevent.monkey import get_original
from PIL import Image, ImageDraw, ImageFont

from api.previews.contents import SITE, PreviewPicture, Tone
from api.previews.head import HEIGHT, WIDTH
from api.previews.plain_text import ELLIPSIS

_FONTS = Path(__file__).resolve().parent / "fonts"
_NO_LETTER = "\uffff"
_LEFT, _WIDE = 80, WIDTH - 160
_TITLE_TOP, _TITLE_HIGH = 262, 250
_TITLE_SIZES = ((84, 2), (68, 3), (56, 4))  # points, lines at most; the first that holds it all
_FINE = 4  # what is round is drawn so many times larger
_LEVELS = 16  # shades between two colours
_SEEN = [0] + [255] * 255
_FEW_LETTERS = re.compile(r"\S{1,8}")
_LET_OTHERS_RUN: Callable[[float], None] = get_original("time", "sleep")
"""gevent's, in a thread of its own, would wait for nobody."""

_Colour = tuple[int, int, int]
_GROUND: _Colour = (18, 17, 19)
_INK: _Colour = (243, 241, 244)
_DIM: _Colour = (170, 166, 175)
_RED: _Colour = (240, 82, 95)
_PILLS: dict[Tone, tuple[_Colour, _Colour]] = {
    "live": ((211, 40, 60), (255, 255, 255)),
    "soon": ((227, 176, 75), (18, 17, 19)),
    "quiet": ((50, 48, 54), _INK),
}


class _Box(NamedTuple):
    x: int
    y: int
    wide: int
    high: int


class _Canvas:
    """Points as numbers of a palette that grows by a ramp for each pair of colours."""

    def __init__(self) -> None:
        self._points = Image.new("L", (WIDTH, HEIGHT), 0)
        self._ramps: dict[tuple[_Colour, _Colour], int] = {}
        self._ramp(_GROUND, _INK)  # begins with the ground, which is what is there

    def shade(self, mask: Image.Image, x: int, y: int, ground: _Colour, ink: _Colour) -> None:
        """`mask` on what is all `ground` where it is not 0: 255 is `ink`."""
        first = self._ramp(ground, ink)
        table = [first + round(value * (_LEVELS - 1) / 255) for value in range(256)]
        self._points.paste(mask.point(table), (x, y), mask.point(_SEEN))

    def text(self, x: int, y: int, words: str, font: ImageFont.FreeTypeFont, ground: _Colour,
             ink: _Colour) -> None:  # fmt: skip
        """A line whose letters stand on `y`, a few letters at a time."""
        above, below = font.getmetrics()
        for few in _FEW_LETTERS.finditer(words):
            rest, left = math.modf(x + font.getlength(words[: few.start()]))
            wide = min(math.ceil(font.getlength(few[0])) + 8, WIDTH - int(left))
            mask = Image.new("L", (wide, above + below), 0)
            ImageDraw.Draw(mask).text((rest, above), few[0], fill=255, font=font, anchor="ls")
            self.shade(mask, int(left), y - above, ground, ink)
            _LET_OTHERS_RUN(0)

    def png(self) -> bytes:
        """The file. Pillow's own writer would keep other threads waiting while it packs."""
        rows = self._points.tobytes()
        lines = b"".join(b"\0" + rows[at : at + WIDTH] for at in range(0, WIDTH * HEIGHT, WIDTH))
        colours = bytes(
            value for ground, ink in self._ramps for value in _between(ground, ink)
        )  # fmt: skip
        size = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
        packed = zlib.compress(lines, 6)
        parts = ((b"IHDR", size), (b"PLTE", colours), (b"IDAT", packed), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in parts
        )

    def _ramp(self, ground: _Colour, ink: _Colour) -> int:
        return self._ramps.setdefault((ground, ink), _LEVELS * len(self._ramps))


def draw(picture: PreviewPicture) -> bytes:
    """The picture as a PNG file."""
    canvas = _Canvas()
    _mark(canvas, _LEFT, 64, 60)
    canvas.text(_LEFT + 80, 107, SITE, _font("medium", 34), _GROUND, _INK)
    if picture.tone != "none" and picture.state:
        _pill(canvas, picture.state, picture.tone)
    lines, size = _title(drawable(picture.headline) or drawable(picture.name))
    step = round(size * 1.22)
    top = _TITLE_TOP + (_TITLE_HIGH - step * len(lines)) // 2
    for number, line in enumerate(lines):
        canvas.text(_LEFT, top + step * number + size, line, _font("bold", size), _GROUND, _INK)
    foot = _font("medium", 32)
    canvas.text(_LEFT, 572, _cut(drawable(picture.foot), foot), foot, _GROUND, _DIM)
    return canvas.png()


def drawable(text: str) -> str:
    """What can be drawn of `text`; "" if that is less than half of its letters."""
    drawn: list[str] = []
    kept = lost = 0
    for char in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(char)
        if kind[0] in "MC":  # a mark that no letter has, a joiner, a selector
            continue
        written = next((form for form in (char, _plainer(char)) if _has_letters(form)), None)
        if kind[0] in "LN":
            kept, lost = kept + (written is not None), lost + (written is None)
        drawn.append(" " if written is None else written)
    return " ".join("".join(drawn).split()) if lost <= kept else ""


@lru_cache(maxsize=1024)
def _plainer(char: str) -> str:
    """A letter of a style or a width of its own, without it."""
    return "".join(
        one for one in unicodedata.normalize("NFKC", char) if unicodedata.category(one)[0] != "M"
    )


def _has_letters(text: str) -> bool:
    return bool(text) and all(char.isspace() or _has_letter(char) for char in text)


@lru_cache(maxsize=4096)
def _has_letter(char: str) -> bool:
    """Whether the font has it: what it has not looks like what no font has."""
    font = _font("bold", 32)
    return char.isspace() or bytes(font.getmask(char)) != bytes(font.getmask(_NO_LETTER))


@lru_cache(maxsize=16)
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    path = _FONTS / f"plus-jakarta-sans-{weight}.ttf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


def _between(ground: _Colour, ink: _Colour) -> list[int]:
    """A ramp of the palette."""
    return [
        round(low + (high - low) * level / (_LEVELS - 1))
        for level in range(_LEVELS)
        for low, high in zip(ground, ink, strict=True)
    ]


def _mark(canvas: _Canvas, x: int, y: int, size: int) -> None:
    """Our sign, as in dapp/public/favicon.svg."""
    large = size * _FINE
    unit = large / 32

    def arcs(pen: ImageDraw.ImageDraw) -> None:
        middle, width = 16 * unit, round(2.4 * unit)
        reach = 9 * unit + width / 2
        box = (middle - reach, middle - reach, middle + reach, middle + reach)
        pen.arc(box, 135, 225, fill=255, width=width)
        pen.arc(box, -45, 45, fill=255, width=width)

    def dot(pen: ImageDraw.ImageDraw) -> None:
        low, high = (16 - 4.5) * unit, (16 + 4.5) * unit
        pen.ellipse((low, low, high, high), fill=255)

    sign = Image.new("L", (large, large), 0)
    arcs(ImageDraw.Draw(sign))
    canvas.shade(sign.reduce(_FINE), x, y, _GROUND, _INK)
    inner = Image.new("L", (large, large), 0)
    dot(ImageDraw.Draw(inner))
    low, high = round(11 * size / 32), round(21 * size / 32)
    canvas.shade(inner.reduce(_FINE).crop((low, low, high, high)), x + low, y + low, _GROUND, _RED)


def _pill(canvas: _Canvas, state: str, tone: Tone) -> None:
    """The state, in a rounded field."""
    colour, ink = _PILLS[tone]
    font = _font("bold", 34)
    words = _cut(drawable(state), font)
    dot = 40 if tone == "live" else 0
    box = _Box(_LEFT, 170, math.ceil(font.getlength(words)) + 56 + dot, 64)
    field = Image.new("L", (box.wide * _FINE, box.high * _FINE), 0)
    ImageDraw.Draw(field).rounded_rectangle(
        (0, 0, field.width - 1, field.height - 1), radius=field.height // 2, fill=255
    )
    canvas.shade(field.reduce(_FINE), box.x, box.y, _GROUND, colour)
    if dot:
        spot = Image.new("L", (24 * _FINE, 24 * _FINE), 0)
        ImageDraw.Draw(spot).ellipse((0, 0, spot.width - 1, spot.height - 1), fill=255)
        canvas.shade(spot.reduce(_FINE), box.x + 28, box.y + 20, colour, ink)
    canvas.text(box.x + 28 + dot, box.y + 44, words, font, colour, ink)


def _title(text: str) -> tuple[list[str], int]:
    """Its lines, and the size of its letters."""
    for size, most in _TITLE_SIZES:
        lines = _lines(text, _font("bold", size))
        if len(lines) <= most:
            return lines, size
    size, most = _TITLE_SIZES[-1]
    font = _font("bold", size)
    lines = _lines(text, font)
    return [*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), font)], size


def _lines(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """`text` in lines that fit; a word that is longer than a line is divided."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if not line or font.getlength(f"{line} {word}") > _WIDE:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}"
        while font.getlength(line) > _WIDE:
            held = _held(line, font, _WIDE)
            lines.append(line[:held])
            line = line[held:]
    return [each for each in (*lines, line) if each]


def _cut(text: str, font: ImageFont.FreeTypeFont) -> str:
    """`text` in one line, with an ellipsis if it does not fit."""
    if font.getlength(text) <= _WIDE:
        return text
    held = _held(text, font, _WIDE - font.getlength(ELLIPSIS))
    return text[:held].rstrip() + ELLIPSIS


def _held(text: str, font: ImageFont.FreeTypeFont, wide: float) -> int:
    """How many of its letters fit, one at least."""
    return max(
        1,
        bisect_right(range(1, len(text) + 1), wide, key=lambda held: font.getlength(text[:held])),
    )
