"""How wide words are, and where lines break.

SVG does not break lines, and the font is chosen by whoever shows the picture. So widths are estimated for
a rather wide face, and a line may turn out shorter than it could be, never longer than its room.
"""

import unicodedata
from collections.abc import Iterator

_NARROW, _WIDE = frozenset("fijlrtI.,:;'’!|()[]/ -"), frozenset("mwMW@%—…")
_NO_START = frozenset("，。：；、！？）》”’…)")
_NO_END = frozenset("（《“‘(")


def width(text: str, size: float) -> float:
    """About how wide a text is at a font size, in the same unit."""
    return size * sum(map(_em, text))


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in _NARROW:
        return 0.33
    if character in _WIDE:
        return 0.92
    return 0.7 if character.isupper() else 0.58


def wrap(text: str, size: float, room: float, most: int) -> list[str]:
    """A text in lines of about the same length that fit the room, at most so many; an ellipsis ends what
    had to be cut."""
    lines = _filled(text, size, room)
    if len(lines) > most:
        cut = _cut("".join(lines[most - 1 :]), size, room)
        return [*(line.strip() for line in lines[: most - 1]), cut]
    longest = max(width(piece.rstrip(), size) for piece in _pieces(text))
    while len(lines) > 1 and room - size / 4 >= longest:
        room -= size / 4
        tried = _filled(text, size, room)
        if len(tried) > len(lines):
            break
        lines = tried
    return [line.strip() for line in lines]


def _filled(text: str, size: float, room: float) -> list[str]:
    """As much in each line as it holds, spaces kept; what is too long for any line breaks anywhere."""
    lines = [""]
    for piece in _pieces(text):
        whole = width(piece.rstrip(), size) <= room
        for part in (piece,) if whole else piece:
            if not lines[-1].strip() or width((lines[-1] + part).strip(), size) <= room:
                lines[-1] += part
            else:
                lines.append(part)
    return lines


def _cut(line: str, size: float, room: float) -> str:
    line = line.strip()
    while line and width(line + "…", size) > room:
        line = line[:-1].rstrip()
    return line + "…"


def _pieces(text: str) -> Iterator[str]:
    """The smallest runs that stay together: words with the space after them, and single Chinese characters
    with the punctuation that belongs to them."""
    piece = ""
    for character in text:
        if piece and _breaks(piece[-1], character):
            yield piece
            piece = ""
        piece += character
    yield piece


def _breaks(before: str, after: str) -> bool:
    if before == " ":
        return True
    chinese = "W" in (unicodedata.east_asian_width(before), unicodedata.east_asian_width(after))
    return chinese and after != " " and after not in _NO_START and before not in _NO_END
