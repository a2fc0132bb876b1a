"""What there is to draw, as plain data: a small closed union. How it looks is the charts' matter.

Each kind is tagged, because the web room keeps drawings as JSON. All texts are plain, not Markdown.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from bot.domain.languages import Language


class Mark(StrEnum):
    """How far somebody is with a paper."""

    NOT_YET = "not_yet"
    SKIMMED = "skimmed"
    READ = "read"
    TAUGHT = "taught"


class Stone(Struct, frozen=True):
    """A paper on the path. `needs` are the numbers of the stones that lead to it; `here` marks this
    week's paper."""

    number: int
    title: str
    mark: Mark
    needs: tuple[int, ...] = ()
    here: bool = False


class Stretch(Struct, frozen=True):
    """A titled run of stones."""

    title: str
    stones: tuple[Stone, ...]


class Signs(Struct, frozen=True):
    """What the signs in a picture of the path mean: each mark, this week's ring, an arrow."""

    marks: tuple[tuple[Mark, str], ...]
    here: str
    arrow: str


class PathMap(Struct, frozen=True, tag="path"):
    """How the papers of a plan build on each other, and how far somebody has come."""

    language: Language
    title: str
    standing: str
    stretches: tuple[Stretch, ...]
    signs: Signs

    @property
    def stones(self) -> tuple[Stone, ...]:
        """Every stone, in reading order."""
        return tuple(stone for stretch in self.stretches for stone in stretch.stones)


class PaperFigure(Struct, frozen=True, tag="figure"):
    """The picture of a paper's idea: the inside of an SVG, `height` units high, from our own files; and the
    labels to be written where it holds their names in braces."""

    language: Language
    template: str
    height: int
    labels: Mapping[str, str]


Drawing: TypeAlias = PathMap | PaperFigure
