"""The cadence presets, read from their file."""

import datetime
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib.resources import files

import msgspec

from bot.domain.cadence import Beat, BeatKind

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: BeatKind
    time: datetime.time
    day: str | None = None
    days_after: int | None = None
    every: int = 1


def load_presets() -> Mapping[str, Sequence[Beat]]:
    """Every preset by name, its beats without a next time. Raises ValueError for one that makes no sense."""
    told = tomllib.loads(files("schedules").joinpath("presets.toml").read_text("utf-8"))
    lines = msgspec.convert(told, dict[str, list[_Line]])
    return {name: _beats(name, beats) for name, beats in lines.items()}


def _beats(name: str, lines: Sequence[_Line]) -> Sequence[Beat]:
    slots: defaultdict[BeatKind, int] = defaultdict(int)
    beats = []
    for line in lines:
        if (line.day is None) == (line.days_after is None) or (line.kind is BeatKind.PAPER and not line.day):
            raise ValueError(f"{name}: a beat has a day or days_after, and a paper has a day")
        weekday = DAYS.index(line.day) if line.day else None
        minute = line.time.hour * 60 + line.time.minute
        beats.append(Beat(line.kind, minute, weekday, line.days_after, slots[line.kind], line.every))
        slots[line.kind] += 1
    if not slots[BeatKind.PAPER]:
        raise ValueError(f"{name}: there is no paper in it")
    return tuple(beats)
