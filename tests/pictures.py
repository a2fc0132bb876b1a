"""A picture to send, and painters that need no font and no process."""

import struct
import zlib

from bot.domain.languages import Language
from bot.messages.drawings import Drawing, Mark, PaperFigure, PathMap, Signs, Stone, Stretch
from bot.messages.outgoing import Picture


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def black(width: int, height: int) -> bytes:
    """A black PNG of so many pixels."""
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + _chunk(b"IDAT", zlib.compress(b"\0" * (width + 1) * height))
        + _chunk(b"IEND", b"")
    )


PNG = black(1, 1)
"""One black pixel."""

SIGNS = Signs(tuple((mark, mark.replace("_", " ")) for mark in Mark), "this week", "prepares for")

PATH = PathMap(
    Language.EN,
    "A short plan",
    "1 of 3 papers read",
    (
        Stretch(
            "Kites & strings",
            (Stone(1, 'A <kite> & a "string"', Mark.READ), Stone(2, "Tails", Mark.SKIMMED, (1,))),
        ),
        Stretch("Lanterns", (Stone(3, "Light", Mark.NOT_YET, (1, 2), here=True),)),
    ),
    SIGNS,
)

PICTURE = Picture(
    PATH, "A short plan\n\nKites & strings\n1. A <kite>, read\n2. Tails (after 1)\n\nLanterns\n3. Light"
)


FIGURE = PaperFigure(
    Language.EN,
    '<rect class="tint-blue" x="20" y="60" width="320" height="80"/>'
    '<text class="book ink" x="20" y="30" font-size="17">{title}</text>'
    '<text class="ink-soft" x="20" y="180" font-size="13">{wind} × 2</text>',
    240,
    {"title": 'A <kite> & a "string"', "wind": "{title}"},
)


class StubPainter:
    """The Painter port: always the same SVG and PNG, or no PNG at all."""

    def __init__(self, png: bytes | None = PNG) -> None:
        self._png = png
        self.asked: list[Drawing] = []

    def svg(self, drawing: Drawing) -> str:
        return "<svg/>"

    async def png(self, drawing: Drawing) -> bytes | None:
        self.asked.append(drawing)
        return self._png
