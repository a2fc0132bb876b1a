"""Changing a club's course: other beats, another zone, rests, shifts and pauses. It drops nothing."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bot.domain.cadence import Beat, BeatKind, local_day, local_instant, next_weekly, slot_day
from bot.domain.course import WEEK, Course, first_allowed, meant_day

SHORTEST_SHARE = (4, 7)
"""The next paper comes at least this share of the usual distance after the last when its days are moved."""


def arranged(course: Course, beats: Iterable[Beat], now: int) -> Course:
    """The course with other beats. One that is as it was keeps its next time; each other is put to its first
    after an instant. A paper just posted is not followed too soon, and its week keeps the beats that are
    counted from it."""
    known = {replace(beat, next_at=None): beat for beat in course.beats}
    course = replace(course, beats=tuple(beats))

    def timed(beat: Beat) -> Beat:
        same = known.get(replace(beat, next_at=None))
        return same if same and (same.next_at or 0) > now else _placed(course, beat, now)

    return replace(course, beats=tuple(map(timed, course.beats)))


def papers_placed(course: Course, now: int) -> Course:
    """The course with each paper at its first time after an instant, as when its days are moved."""
    beats = (_placed(course, beat, now) if beat.kind is BeatKind.PAPER else beat for beat in course.beats)
    return replace(course, beats=tuple(beats))


def _placed(course: Course, beat: Beat, now: int) -> Beat:
    week, zone = course.week, course.zone
    if beat.weekday is None:
        if course.open_week is None or beat.days_after is None:
            return replace(beat, next_at=None)
        day = local_day(zone, course.open_week.opened_at) + timedelta(days=beat.days_after)
        at = local_instant(zone, day, beat.minute)
        return replace(beat, next_at=at if at > now else None)
    after = now
    if beat.kind is BeatKind.PAPER and week and week.opened_at <= now:
        after = max(now, week.opened_at + shortest_distance(course.beats))
    first = next_weekly(zone, beat.weekday, beat.minute, after)
    return replace(beat, next_at=first_allowed(course, beat, slot_day(zone, beat.weekday, first)))


def rezoned(course: Course, zone: ZoneInfo, now: int) -> Course:
    """The course in another zone, where everything comes at the same local day and time; what is past there
    comes the next time."""

    def moved(beat: Beat) -> Beat:
        if beat.next_at is None:
            return beat
        day = meant_day(course.zone, beat, beat.next_at)
        step = timedelta(days=1) if beat.weekday is None else timedelta(weeks=1)
        while (at := local_instant(zone, day, beat.minute)) <= now:
            day += step
        return replace(beat, next_at=at)

    return replace(course, zone=zone, beats=tuple(map(moved, course.beats)))


def shortest_distance(beats: Sequence[Beat]) -> int:
    """The least time between two papers when their days are moved, in seconds."""
    papers = [beat for beat in beats if beat.kind is BeatKind.PAPER]
    if not papers:
        return 0
    share, whole = SHORTEST_SHARE
    return max(beat.every for beat in papers) * WEEK * share // (whole * len(papers))


def resumed(course: Course, now: int) -> Course:
    """The course after a pause: everything that was to come comes as many weeks later as it takes, so that
    nothing is dropped and nothing is made up for."""
    at = course.next_at
    if at is None or at > now:
        return course
    weeks = (now - at) // WEEK
    while (moved := _shifted(course, 7 * weeks)).next_at is not None and (moved.next_at or 0) <= now:
        weeks += 1
    return _without_rests(moved)


def shifted(course: Course, days: int) -> Course:
    """The course with everything that is to come some days later, or earlier, from now on."""
    beats = tuple(
        b if b.weekday is None else replace(b, weekday=(b.weekday + days) % 7) for b in course.beats
    )
    moved = _shifted(course, days)
    times = [beat.next_at for beat in moved.beats]
    moved = replace(moved, beats=tuple(replace(b, next_at=at) for b, at in zip(beats, times, strict=True)))
    at = moved.next_paper_at
    starts_on = local_day(course.zone, at) if at is not None else None
    return _without_rests(replace(moved, starts_on=starts_on))


def _shifted(course: Course, days: int) -> Course:
    """Each beat's next time some local days later."""

    def later(beat: Beat) -> Beat:
        if beat.next_at is None:
            return beat
        day = meant_day(course.zone, beat, beat.next_at) + timedelta(days=days)
        return replace(beat, next_at=local_instant(course.zone, day, beat.minute))

    return replace(course, beats=tuple(map(later, course.beats)))


def rested(course: Course, mondays: Iterable[date]) -> Course:
    """The course with further weeks of rest, by their Mondays; papers that would come in one come after."""
    return _without_rests(replace(course, rests=course.rests | set(mondays)))


def _without_rests(course: Course) -> Course:
    """The course with every paper's next time moved out of the weeks of rest."""

    def allowed(beat: Beat) -> Beat:
        if beat.kind is not BeatKind.PAPER or beat.next_at is None or beat.weekday is None:
            return beat
        day = slot_day(course.zone, beat.weekday, beat.next_at)
        return replace(beat, next_at=first_allowed(course, beat, day))

    return replace(course, beats=tuple(map(allowed, course.beats)))


def realigned(course: Course) -> Course:
    """The course after the rules of its zone have changed: each beat at the instant nearest to the one it
    had that shows its local time."""

    def nearest(beat: Beat) -> Beat:
        if beat.next_at is None:
            return beat
        day, old = local_day(course.zone, beat.next_at), beat.next_at
        days = [day + timedelta(days=n) for n in (-1, 0, 1)]
        if beat.weekday is not None:
            meant = slot_day(course.zone, beat.weekday, beat.next_at)
            days = [meant, meant + timedelta(weeks=1)]
        times = [local_instant(course.zone, d, beat.minute) for d in days]
        return replace(beat, next_at=min(times, key=lambda at: abs(at - old)))

    return replace(course, beats=tuple(map(nearest, course.beats)))
