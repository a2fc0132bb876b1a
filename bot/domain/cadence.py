"""When things happen in a club's week, in the club's own local time.

The rule for local times, everywhere: a time that does not exist moves forward to the first that does; one
that exists twice is taken the first time round; so a weekly appointment happens exactly once in every local
week.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

LATE_LIMIT = 48 * 3600
"""A beat is still held this long after its time, in seconds; an older one is let go."""

LATE_NOTICE = 15 * 60
"""A post that is later than this, in seconds, says so."""

NIGHT_BEGINS, NIGHT_ENDS = 22, 8
"""Local hours between which a post that nobody waits for comes without a sound."""


class BeatKind(StrEnum):
    """What happens at a beat, in the order of a week."""

    PAPER = "paper"
    PROMPT = "prompt"
    QUIZ = "quiz"
    RECAP = "recap"


class Beat(Struct, frozen=True):
    """An appointment of a club: on a weekday (from Monday = 0), or some days after the paper; exactly one of
    the two is set. A paper has a weekday.

    `minute` is counted in the local day, `every` in weeks. `slot` tells beats of one kind apart, from 0.
    `next_at` is the next time it is due, in seconds since 1970, UTC; None until the next paper comes.
    """

    kind: BeatKind
    minute: int
    weekday: int | None = None
    days_after: int | None = None
    slot: int = 0
    every: int = 1
    next_at: int | None = None


@lru_cache(maxsize=4096)
def local_instant(zone: ZoneInfo, day: date, minute: int) -> int:
    """The instant of a local time on a day, in seconds since 1970, UTC.

    A time that the clocks skip moves forward to the first that exists; one that they repeat is
    taken the first time round.
    """
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone, fold=0)
    instant = int(wall.timestamp())
    if datetime.fromtimestamp(instant, zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _end_of_gap(zone, instant)


def _end_of_gap(zone: ZoneInfo, inside: int) -> int:
    """The instant at which the offset changes within a day of a skipped local time."""
    return _change(zone, inside - 86_400, inside + 86_400)


def _change(zone: ZoneInfo, early: int, late: int) -> int:
    """The first instant with another offset than the earlier of two instants has."""
    before = _offset(zone, early)
    while late - early > 1:
        middle = (early + late) // 2
        if _offset(zone, middle) == before:
            early = middle
        else:
            late = middle
    return late


def _offset(zone: ZoneInfo, instant: int) -> timedelta | None:
    return datetime.fromtimestamp(instant, zone).utcoffset()


@dataclass(frozen=True, slots=True)
class ClockChange:
    """Clocks are put forward (`seconds` above 0) or back at an instant (seconds since 1970, UTC)."""

    at: int
    seconds: int


def clock_changes(zone: ZoneInfo, start: int, end: int) -> tuple[ClockChange, ...]:
    """The clock changes of a zone after one instant and up to another (seconds since 1970, UTC)."""
    found: list[ClockChange] = []
    early = start
    while early < end:
        late = min(early + 86_400, end)
        before, after = _offset(zone, early), _offset(zone, late)
        if before is not None and after is not None and before != after:
            found.append(ClockChange(_change(zone, early, late), int((after - before).total_seconds())))
        early = late
    return tuple(found)


def zone_rules(zone: ZoneInfo, now: int) -> str:
    """How a zone's clocks go in this year and the next, as a text that is another when the rules are."""
    year = datetime.fromtimestamp(now, UTC).year
    start, end = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (year, year + 2))
    offset = _offset(zone, start) or timedelta()
    changes = "".join(f" {change.at}{change.seconds:+d}" for change in clock_changes(zone, start, end))
    return f"{year} {int(offset.total_seconds())}{changes}"


def local_day(zone: ZoneInfo, instant: int) -> date:
    """The date that the clocks of a zone show at an instant."""
    return datetime.fromtimestamp(instant, zone).date()


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


@lru_cache(maxsize=4096)
def slot_day(zone: ZoneInfo, weekday: int, instant: int) -> date:
    """The day that a weekly appointment held at an instant is meant for. It is another one than the clocks
    show where its own was skipped altogether (Samoa, Friday 30 December 2011)."""
    shown = local_day(zone, instant)
    return shown - timedelta(days=(shown.weekday() - weekday) % 7)


def next_weekly(zone: ZoneInfo, weekday: int, minute: int, after: int) -> int:
    """The first weekly appointment strictly after an instant (seconds since 1970, UTC).

    A weekday that a zone leaves out altogether (Samoa, Friday 30 December 2011) is held at the
    first moment after the gap.
    """
    day = slot_day(zone, weekday, after)
    for weeks in range(-1, 3):
        instant = local_instant(zone, day + timedelta(weeks=weeks), minute)
        if instant > after:
            return instant
    raise AssertionError("a week has at most eight days")


def is_night(instant: int, zone: ZoneInfo) -> bool:
    """Whether people in a zone are better not woken at an instant."""
    return not NIGHT_ENDS <= datetime.fromtimestamp(instant, zone).hour < NIGHT_BEGINS


def is_late(due_at: int, now: int) -> bool:
    """Whether a post that goes out now should say that it is late."""
    return now - due_at > LATE_NOTICE
