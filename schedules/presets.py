"""The cadence presets, read from their file."""

import datetime
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Literal, get_args

import msgspec

from bot.domain.cadence import Beat, BeatKind

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: BeatKind
    time: datetime.time
    day: Day | None = None
    days_after: int | None = None
    every: int = 1


def load_presets() -> Mapping[str, Sequence[Beat]]:
    """Every preset of the file by name, its beats without a next time."""
    return read_presets(files("schedules").joinpath("presets.toml").read_text("utf-8"))


def read_presets(text: str) -> Mapping[str, Sequence[Beat]]:
    """The presets in a text. Raises ValueError for one that makes no sense."""
    lines = msgspec.convert(tomllib.loads(text), dict[str, list[_Line]])
    return {name: _beats(name, beats) for name, beats in lines.items()}


def _beats(name: str, lines: Sequence[_Line]) -> Sequence[Beat]:
    slots: defaultdict[BeatKind, int] = defaultdict(int)
    beats = []
    for line in lines:
        if (line.day is None) == (line.days_after is None) or (line.kind is BeatKind.PAPER and not line.day):
            raise ValueError(f"{name}: a beat has a day or days_after, and a paper has a day")
        weekday = get_args(Day).index(line.day) if line.day else None
        minute = line.time.hour * 60 + line.time.minute
        beats.append(Beat(line.kind, minute, weekday, line.days_after, slots[line.kind], line.every))
        slots[line.kind] += 1
    if not slots[BeatKind.PAPER]:
        raise ValueError(f"{name}: there is no paper in it")
    return tuple(beats)
