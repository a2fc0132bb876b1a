"""When things happen in a club's week, in the club's own local time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LATE_LIMIT = 48 * 3600
"""A beat is still held this long after its time, in seconds; an older one is let go."""

LATE_NOTICE = 15 * 60
"""A post that is later than this, in seconds, says so."""


class BeatKind(StrEnum):
    """What happens at a beat, in the order of a week."""

    PAPER = "paper"
    PROMPT = "prompt"
    QUIZ = "quiz"
    RECAP = "recap"


@dataclass(frozen=True, slots=True)
class Beat:
    """A weekly appointment of a club: weekday from Monday = 0, minute of the local day.

    `next_at` is the next time it is due, in seconds since 1970, UTC.
    """

    club_id: int
    kind: BeatKind
    weekday: int
    minute: int
    next_at: int


DEFAULT_WEEK: tuple[tuple[BeatKind, int, int], ...] = (
    (BeatKind.PAPER, 0, 9 * 60),
    (BeatKind.PROMPT, 2, 19 * 60),
    (BeatKind.QUIZ, 4, 19 * 60),
    (BeatKind.RECAP, 6, 20 * 60),
)
"""Kind, weekday and minute of each beat of a new club's week."""


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
    early, late = inside - 86_400, inside + 86_400
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


def next_weekly(zone: ZoneInfo, weekday: int, minute: int, after: int) -> int:
    """The first weekly appointment strictly after an instant (seconds since 1970, UTC).

    A weekday that a zone leaves out altogether (Samoa, Friday 30 December 2011) is held at the
    first moment after the gap.
    """
    today = datetime.fromtimestamp(after, zone).date()
    start = today - timedelta(days=(today.weekday() - weekday) % 7 + 7)
    for weeks in range(4):
        instant = local_instant(zone, start + timedelta(weeks=weeks), minute)
        if instant > after:
            return instant
    raise AssertionError("a week has at most eight days")


def is_late(due_at: int, now: int) -> bool:
    """Whether a post that goes out now should say that it is late."""
    return now - due_at > LATE_NOTICE
