"""A club's way through its plan: what time brings, and when.

`hold` is the one step. The clock takes it when something is due, and the rehearsal takes it again and again
ahead of time, so that what is rehearsed is what will be.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from bot.domain.cadence import (
    LATE_LIMIT,
    Beat,
    BeatKind,
    ClockChange,
    clock_changes,
    local_day,
    local_instant,
    monday_of,
    slot_day,
)
from bot.domain.clubs import Ending, Week

WEEK = 7 * 86_400
"""A week in seconds, wherever no clock is changed in it."""

REST = "-"
"""The choice, at the end of a plan, to read nothing for now."""

_HORIZON = 53 * 5
"""How many steps without a happening are taken before it is said that nothing is left."""


class HappeningKind(StrEnum):
    """What can come of a beat."""

    PAPER = "paper"
    PROMPT = "prompt"
    QUIZ = "quiz"
    RECAP = "recap"
    CLOSING = "closing"
    """The plan is finished: a look back, and the question what to read next."""
    REMINDER = "reminder"
    """Nobody has chosen what to read next; they are asked once more."""
    CHOSEN = "chosen"
    """What most have chosen begins; a paper follows unless it is a rest."""


class Happening(Struct, frozen=True):
    """Something that time brings to a club. `due_at` is in seconds since 1970, UTC.

    `week` is the week it belongs to, `closes` the week that ends with it. `slot` tells the prompts of a
    week apart, from 0. `choice` is a plan's id, or `REST`.
    """

    kind: HappeningKind
    due_at: int
    week: Week | None = None
    closes: Week | None = None
    slot: int = 0
    choice: str = ""


class Course(Struct, frozen=True):
    """Everything that decides what time brings to one club.

    `rests` holds the Mondays of the weeks in which no paper comes, `ahead` the papers to come, the next
    first. No paper comes before the local day `starts_on`. `week` is the latest week, open or closed;
    `quizzed` tells that its quiz was held. `chosen` is what leads the vote at the end of the plan, and
    `afterwards` the papers that it brings.
    """

    club_id: int
    zone: ZoneInfo
    beats: tuple[Beat, ...]
    ahead: tuple[str, ...] = ()
    week: Week | None = None
    quizzed: bool = False
    rests: frozenset[date] = frozenset()
    starts_on: date | None = None
    ending: Ending = Ending.NOT_YET
    asked_at: int | None = None
    chosen: str | None = None
    afterwards: tuple[str, ...] = ()

    @property
    def open_week(self) -> Week | None:
        """The week that is going on."""
        return self.week if self.week and self.week.closed_at is None else None

    @property
    def next_at(self) -> int | None:
        """When the next beat is due, with or without something to do."""
        return min((beat.next_at for beat in self.beats if beat.next_at is not None), default=None)

    @property
    def next_paper_at(self) -> int | None:
        """When the next paper comes, if there is one."""
        papers = (beat.next_at for beat in self.beats if beat.kind is BeatKind.PAPER)
        return min((at for at in papers if at is not None), default=None)

    def resting(self, day: date) -> bool:
        """Whether a local day lies in a week of rest."""
        return monday_of(day) in self.rests

    def rests_before_next_paper(self, now: int) -> int:
        """How many weeks of rest lie between this week and the next paper's."""
        if self.next_paper_at is None:
            return 0
        here, there = local_day(self.zone, now), local_day(self.zone, self.next_paper_at)
        return sum(monday_of(here) < monday <= monday_of(there) for monday in self.rests)


# The step


def hold(course: Course, now: int) -> tuple[Course, tuple[Happening, ...]]:
    """What is due up to an instant (seconds since 1970, UTC) in the order of its times, and the course
    after it, with every beat moved past that instant.

    Of a beat that was missed several times only the last one is held, and none that is over `LATE_LIMIT`
    late.
    """
    happened: list[Happening] = []
    while due := [beat for beat in course.beats if beat.next_at is not None and beat.next_at <= now]:
        due_at, beat = min(((_last_time(course, beat, now), beat) for beat in due), key=_in_order)
        course = _moved_on(course, beat, now)
        if now - due_at <= LATE_LIMIT:
            course, brought = _happen(course, beat, due_at)
            happened += brought
    return course, tuple(happened)


def _in_order(pair: tuple[int, Beat]) -> tuple[int, int, int]:
    at, beat = pair
    return at, _ORDER[beat.kind], beat.slot


_ORDER = {BeatKind.RECAP: 0, BeatKind.PAPER: 1, BeatKind.PROMPT: 2, BeatKind.QUIZ: 3}
"""Of beats at the same instant, a week ends before the next begins."""


def _last_time(course: Course, beat: Beat, now: int) -> int:
    """The last time, up to now, at which a due beat was due: long after `next_at` when nobody was there."""
    at = beat.next_at or 0
    if now - at < WEEK:
        return at
    while (later := _following(course, beat, at)) is not None and later <= now:
        at = later
    return at


def _moved_on(course: Course, beat: Beat, now: int) -> Course:
    """The course with a due beat put to its next time after an instant."""
    at: int | None = beat.next_at
    while at is not None and at <= now:
        at = _following(course, beat, at)
    return _with_beat(course, replace(beat, next_at=at))


def _following(course: Course, beat: Beat, at: int) -> int | None:
    """The time after one at which a beat was due; None when that waits for the next paper."""
    if beat.weekday is None:
        return None
    day = slot_day(course.zone, beat.weekday, at) + timedelta(weeks=beat.every)
    return first_allowed(course, beat, day)


def first_allowed(course: Course, beat: Beat, day: date) -> int:
    """The time of a weekly beat on a day, in seconds since 1970, UTC; of a paper's in the first week from
    that day on that is not one of rest and does not lie before the first day."""
    if beat.kind is BeatKind.PAPER:
        while course.resting(day) or (course.starts_on and day < course.starts_on):
            day += timedelta(weeks=1)
    return local_instant(course.zone, day, beat.minute)


def _with_beat(course: Course, changed: Beat) -> Course:
    beats = tuple(
        changed if (beat.kind, beat.slot) == (changed.kind, changed.slot) else beat for beat in course.beats
    )
    return replace(course, beats=beats)


def _happen(course: Course, beat: Beat, due_at: int) -> tuple[Course, tuple[Happening, ...]]:
    """What a beat brings, if it brings anything."""
    week = course.open_week
    match beat.kind:
        case BeatKind.PAPER if course.ahead:
            return _begin(course, beat, due_at)
        case BeatKind.PAPER:
            return _end(course, beat, due_at)
        case BeatKind.PROMPT if week and not week.prompted >> beat.slot & 1:
            prompted = replace(week, prompted=week.prompted | 1 << beat.slot)
            came = Happening(HappeningKind.PROMPT, due_at, prompted, slot=beat.slot)
            return replace(course, week=prompted), (came,)
        case BeatKind.QUIZ if week and not course.quizzed:
            return replace(course, quizzed=True), (Happening(HappeningKind.QUIZ, due_at, week),)
        case BeatKind.RECAP if week:
            closed = replace(week, closed_at=due_at)
            return replace(course, week=closed), (Happening(HappeningKind.RECAP, due_at, week, closes=week),)
    return course, ()


def _begin(course: Course, beat: Beat, due_at: int) -> tuple[Course, tuple[Happening, ...]]:
    """The next paper opens its week, from whose day the beats that follow a paper are counted."""
    last = course.week
    week = Week(course.club_id, last.number + 1 if last else 1, course.ahead[0], due_at, None)
    day = meant_day(course.zone, beat, due_at)
    beats = tuple(
        replace(b, next_at=local_instant(course.zone, day + timedelta(days=b.days_after), b.minute))
        if b.days_after is not None
        else b
        for b in course.beats
    )
    begun = replace(
        course, beats=beats, ahead=course.ahead[1:], week=week, quizzed=False, ending=Ending.NOT_YET
    )
    return begun, (Happening(HappeningKind.PAPER, due_at, week, closes=course.open_week),)


def meant_day(zone: ZoneInfo, beat: Beat, due_at: int) -> date:
    """The local day for which a beat is meant that is held at an instant."""
    return local_day(zone, due_at) if beat.weekday is None else slot_day(zone, beat.weekday, due_at)


def _end(course: Course, beat: Beat, due_at: int) -> tuple[Course, tuple[Happening, ...]]:
    """A paper's time without a paper: the club looks back, chooses, and begins what it has chosen."""
    last, going_on = course.week, course.open_week
    if last is None:
        return course, ()
    if course.ending is Ending.NOT_YET:
        over = replace(course, ending=Ending.ASKED, asked_at=due_at)
        if going_on:
            over = replace(over, week=replace(going_on, closed_at=due_at))
        return over, (Happening(HappeningKind.CLOSING, due_at, last, closes=going_on),)
    if course.chosen:
        chosen = Happening(HappeningKind.CHOSEN, due_at, last, choice=course.chosen)
        begun = replace(course, chosen=None, ahead=course.afterwards, ending=Ending.NOT_YET)
        if not begun.ahead:
            return begun, (chosen,)
        begun, opened = _begin(begun, beat, due_at)
        return begun, (chosen, *opened)
    if course.ending is Ending.ASKED:
        asked = replace(course, ending=Ending.ASKED_TWICE)
        return asked, (Happening(HappeningKind.REMINDER, due_at, last),)
    return course, ()


# Ahead of time


def coming(course: Course, now: int) -> tuple[Course, tuple[Happening, ...]]:
    """The next happenings after an instant and the course after them; none when there is nothing left."""
    for _ in range(_HORIZON):
        at = course.next_at
        if at is None:
            break
        course, happened = hold(course, max(at, now))
        if happened:
            return course, happened
    return course, ()


@dataclass(frozen=True, slots=True)
class RestWeek:
    """A week without a paper, by its Monday; `at` is when that begins (seconds since 1970, UTC)."""

    monday: date
    at: int


Rehearsed = Happening | RestWeek | ClockChange


def rehearse(course: Course, now: int, until: int) -> tuple[Rehearsed, ...]:
    """What will happen after one instant and up to another (seconds since 1970, UTC), in the order of time,
    with the weeks of rest and the clock changes that lie between. It ends where the club has to choose what
    to read next."""
    told: list[Rehearsed] = list(_rests(course, now, until))
    told += clock_changes(course.zone, now, until)
    told += _played(course, now, until)
    return tuple(sorted(told, key=_instant))


def _played(course: Course, now: int, until: int) -> Iterator[Happening]:
    while True:
        course, happened = coming(course, now)
        if not happened or happened[0].due_at > until:
            return
        yield from happened
        if happened[-1].kind in (HappeningKind.CLOSING, HappeningKind.CHOSEN):
            return


def _rests(course: Course, now: int, until: int) -> Iterator[RestWeek]:
    for monday in sorted(course.rests):
        at = local_instant(course.zone, monday, 0)
        if now < at <= until:
            yield RestWeek(monday, at)


def _instant(told: Rehearsed) -> int:
    return told.due_at if isinstance(told, Happening) else told.at
