"""A paper's picture: the few elements of SVG that it may be drawn with, each checked and written anew.

The picture is shown in browsers and drawn by the bot. So what is served is not the author's file but what was
understood of it: nothing gets through that is not listed here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from xml.parsers.expat import ExpatError, ParserCreate, errors

from bot.library.findings import Finding

WIDTH = 360
HEIGHTS = range(240, 421)
"""How high a picture may be, in units of which a phone is some 360 wide."""

SIZE_LIMIT = 32_000
"""The largest picture.svg, in characters: it is kept with every message that shows it."""

COLOURS = frozenset(
    {
        *("paper", "sheet", "ink", "ink-soft", "accent", "on-accent"),
        *("tint-blue", "tint-ochre", "tint-rose", "warning"),
    }
)
"""The names of the colours, each a class that fills; with `-line` after it, one that draws an outline."""

CLASSES = COLOURS | {f"{colour}-line" for colour in COLOURS} | {"book"}

_NUMBERS = r"[\deE\s.,+-]+"
_ONE_NUMBER, _SOME_NUMBERS = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)"), re.compile(_NUMBERS)

_ATTRIBUTES = {
    **dict.fromkeys(
        ("x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy", "r", "rx", "ry", "width", "height"),
        _ONE_NUMBER,
    ),
    **dict.fromkeys(("stroke-width", "opacity", "font-size"), _ONE_NUMBER),
    **dict.fromkeys(("points", "stroke-dasharray"), _SOME_NUMBERS),
    "class": re.compile(rf"(?:(?:{'|'.join(CLASSES)})(?:\s+|$))+"),
    "d": re.compile(r"[MmLlHhVvCcSsQqTtAaZzEe\d\s.,+-]+"),
    "transform": re.compile(rf"(?:\s*(?:translate|scale|rotate|matrix|skewX|skewY)\({_NUMBERS}\))+\s*"),
    "font-weight": re.compile(r"[1-9]00|bold|normal"),
    "text-anchor": re.compile(r"start|middle|end"),
    "stroke-linecap": re.compile(r"butt|round|square"),
    "stroke-linejoin": re.compile(r"miter|round|bevel"),
}
"""What each attribute may hold. No value can name an address, a style or a script."""

_SHAPES = frozenset({"path", "line", "rect", "circle", "ellipse", "polyline", "polygon"})
_INSIDE = {
    "svg": _SHAPES | {"g", "text"},
    "g": _SHAPES | {"g", "text"},
    "text": frozenset({"tspan"}),
    "tspan": frozenset({"tspan"}),
}
"""Which elements an element may hold; the shapes hold none."""

_NAMESPACE = "http://www.w3.org/2000/svg"
_VIEW = re.compile(rf"0 0 {WIDTH} (\d+)")
_NAME = re.compile(r"\{([a-z0-9]+(?:-[a-z0-9]+)*)\}")
_WORD = re.compile(
    r"(?<![A-Za-z])(?!(?:[A-Z]+|log|exp|max|min|sin|cos|tanh)(?![A-Za-z]))[A-Za-zÀ-ɏ]{2,}|[\u3400-\u9fff]"
)
"""What has to be said in each language. Signs, symbols of one letter, functions and names such as LSTM are
the same in both."""

_KNOWN = "g, path, line, rect, circle, ellipse, polyline, polygon, text and tspan"


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A `picture.svg` as it was understood: the inside, the height, and each name in braces with its line."""

    path: str
    template: str
    height: int
    names: Mapping[str, int]


def read_picture(path: str, text: str) -> tuple[PictureFile | None, list[Finding]]:
    """The picture, or None when it holds anything that it may not, and the faults met."""
    reader = _Reader(path)
    if len(text) > SIZE_LIMIT:
        reader.fault(f"this file has {len(text)} characters", f"Draw it with {SIZE_LIMIT} at most.", line=1)
    else:
        reader.read(text)
    if reader.faults:
        return None, reader.faults
    return PictureFile(path, "".join(reader.written), reader.height, reader.names), []


class _Refused(Exception):
    """What the file holds is not looked at any further."""


class _Reader:
    """Follows a file element by element, and writes what is allowed."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._open: list[str] = []
        self._said: list[str] = []
        self.faults: list[Finding] = []
        self.written: list[str] = []
        self.height = 0
        self.names: dict[str, int] = {}

    def read(self, text: str) -> None:
        self._parser = parser = ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.ProcessingInstructionHandler = self._instruction
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._say
        try:
            parser.Parse(text.encode("utf-8"), True)
        except ExpatError as error:
            what = f"SVG cannot be read here: {errors.messages[error.code]}"
            self.fault(what, "Look for a tag left open, a bare & or a bare <.", line=error.lineno)
        except _Refused:
            pass

    def fault(self, what: str, advice: str, line: int | None = None) -> None:
        line = self._parser.CurrentLineNumber if line is None else line
        self.faults.append(Finding(self._path, line, what, advice, grave=True))

    def _doctype(self, *_: object) -> None:
        self.fault("here is a document type", "Begin with <svg>; a picture needs none, nor entities.")
        raise _Refused

    def _instruction(self, *_: object) -> None:
        self.fault("here is a processing instruction", "Take it out; a picture is drawn, not programmed.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open:
            self._root(name, attributes)
        elif name not in _INSIDE.get(self._open[-1], ()):
            if any(name in inside for inside in _INSIDE.values()):
                what, advice = f"<{name}> stands in <{self._open[-1]}>", "Put it elsewhere."
            else:
                what, advice = f"the element <{name}> is unknown", f"Draw with {_KNOWN}."
            self.fault(what, advice)
        else:
            end = "/" if name in _SHAPES else ""
            self.written.append(f"<{name}{''.join(self._attributes(name, attributes))}{end}>")
        self._open.append(name)

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        advice = f'Begin with <svg xmlns="{_NAMESPACE}" viewBox="0 0 {WIDTH} 300">, and nothing more.'
        view = _VIEW.fullmatch(attributes.get("viewBox", ""))
        if name != "svg" or attributes.get("xmlns") != _NAMESPACE or len(attributes) != 2 or not view:
            self.fault("this does not begin as a picture does", advice)
            raise _Refused
        self.height = int(view[1])
        if self.height not in HEIGHTS:
            what, advice = (
                f"the picture is {self.height} high",
                f"Draw it {HEIGHTS[0]} to {HEIGHTS[-1]} high.",
            )
            self.fault(what, advice)

    def _attributes(self, element: str, attributes: dict[str, str]) -> Iterator[str]:
        for name, value in attributes.items():
            allowed = _ATTRIBUTES.get(name)
            if allowed is None:
                advice = f"These are known: {', '.join(_ATTRIBUTES)}."
                self.fault(f"<{element}> has an unknown attribute {name}", advice)
            elif not allowed.fullmatch(value):
                advice = (
                    f"Write some of {', '.join(sorted(CLASSES))}."
                    if name == "class"
                    else "Write it as SVG does."
                )
                self.fault(f"<{element}> has {name}=“{value[:40]}”", advice)
            else:
                yield f' {name}="{escape(" ".join(value.split()))}"'

    def _end(self, name: str) -> None:
        self._open.pop()
        if self._open and name not in _SHAPES:
            self.written.append(f"</{name}>")

    def _say(self, said: str) -> None:
        if self._open and self._open[-1] in ("text", "tspan"):
            self._check(said)
            self.written.append(escape(re.sub(r"\s+", " ", said)))
        elif said.strip():
            self.fault(f"“{said.strip()[:40]}” stands outside of any text", "Put it into <text>.")

    def _check(self, said: str) -> None:
        line = self._parser.CurrentLineNumber
        for name in _NAME.findall(said):
            self.names.setdefault(name, line)
        bare = _NAME.sub(" ", said)
        if "{" in bare or "}" in bare:
            advice = "Write small letters, digits and single hyphens between braces: {first-step}."
            self.fault(f"“{said.strip()[:40]}” holds a brace that is no label", advice)
        elif word := _WORD.search(bare):
            advice = "Write {name} here, and the words under labels in picture.yaml."
            self.fault(f"“{word[0]}” is a word, and would be in one language", advice)
