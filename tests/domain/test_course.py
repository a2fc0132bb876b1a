"""A club's course: every local week once in every zone, nothing lost, nothing doubled, and what is rehearsed
is what happens."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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
    next_weekly,
    slot_day,
    zone_rules,
)
from bot.domain.clubs import Ending, Week
from bot.domain.course import REST, WEEK, Course, Happening, HappeningKind, RestWeek, coming, hold, rehearse
from bot.domain.rearranging import (
    arranged,
    papers_placed,
    realigned,
    rested,
    resumed,
    rezoned,
    shifted,
    shortest_distance,
)
from schedules.presets import load_presets

DAY, HOUR = 86_400, 3600
PAPERS = tuple(f"paper-{n}" for n in range(1, 19))
PRESETS = load_presets()
BERLIN = ZoneInfo("Europe/Berlin")


def instant(text: str) -> int:
    """Seconds since 1970 for a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


FIRST, LAST = instant("2020-01-01"), instant("2038-01-01")
START = instant("2026-08-31T05:00")
"""A Monday, 07:00 in Berlin: two hours before the first paper."""


def begun(preset: str = "weekly", zone: ZoneInfo = BERLIN, now: int = START, **more: object) -> Course:
    """A new club's course."""
    course = replace(Course(1, zone, (), PAPERS), **more)
    return arranged(course, PRESETS[preset], now)


@cache
def zones_by_rules() -> dict[tuple[timedelta | None, tuple[ClockChange, ...]], list[str]]:
    """Every zone of the tz database, those together whose clocks go alike from 2020 to 2037."""
    found: dict[tuple[timedelta | None, tuple[ClockChange, ...]], list[str]] = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        offset = datetime.fromtimestamp(FIRST, zone).utcoffset()
        found.setdefault((offset, clock_changes(zone, FIRST, LAST)), []).append(name)
    return found


def wall(zone: ZoneInfo, at: int) -> datetime:
    """What the clocks of a zone show."""
    return datetime.fromtimestamp(at, zone).replace(tzinfo=None)


def is_first_moment(zone: ZoneInfo, day: date, minute: int, at: int, changes: Sequence[ClockChange]) -> bool:
    """Whether an instant is the first at which the clocks show a time of a day, or have passed it.

    Between changes clocks only go on, so besides the second before, only the last second before each change
    can have shown as much.
    """
    target = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    earlier = [at - 1, *(change.at - 1 for change in changes if at - 2 * DAY < change.at <= at)]
    return wall(zone, at) >= target and all(wall(zone, before) < target for before in earlier)


def times_about(zone: ZoneInfo, change: ClockChange) -> Iterator[tuple[int, int]]:
    """Weekdays and minutes at, in and beside the local times that a change skips or repeats."""
    shown = {
        wall(zone, change.at - 1),
        wall(zone, change.at),
        wall(zone, change.at) - timedelta(minutes=1),
        wall(zone, change.at - 1) - timedelta(seconds=abs(change.seconds) // 2),
        wall(zone, change.at - 1) + timedelta(seconds=abs(change.seconds) // 2),
    }
    for time in shown:
        yield time.weekday(), time.hour * 60 + time.minute
    yield wall(zone, change.at).weekday(), 0


# Local times


def test_at_every_clock_change_from_2020_to_2037_a_weekly_beat_is_held_once_at_its_first_moment() -> None:
    seen = Counter[str]()
    for (_, changes), names in zones_by_rules().items():
        zone = ZoneInfo(names[0])
        seen["zones"] += len(names)
        for change in changes:
            seen["changes"] += len(names)
            for weekday, minute in times_about(zone, change):
                at = change.at - 10 * DAY
                days = []
                while at < change.at + 10 * DAY:
                    at = next_weekly(zone, weekday, minute, at)
                    day = slot_day(zone, weekday, at)
                    days.append(day)
                    assert is_first_moment(zone, day, minute, at, changes), (names[0], day, minute)
                    seen["times"] += 1
                assert days == [days[0] + timedelta(weeks=n) for n in range(len(days))], names[0]
    assert seen["zones"] == len(available_timezones()) > 400
    assert seen["changes"] > 4000
    assert seen["times"] > 10_000


def test_in_every_zone_each_local_week_of_18_years_has_its_paper_once() -> None:
    """The step itself, taken at each time a beat is due, whatever the clocks do."""
    held = 0
    for number, names in enumerate(zones_by_rules().values()):
        zone = ZoneInfo(names[0])
        weekday, minute = number % 7, (number * 97) % (24 * 60)
        paper = Beat(BeatKind.PAPER, minute, weekday=weekday)
        course = arranged(Course(1, zone, (), ("a",) * 2000), [paper], FIRST)
        days = []
        while course.next_at is not None and course.next_at < LAST:
            course, happened = hold(course, course.next_at)
            (opened,) = happened
            days.append(slot_day(zone, weekday, opened.due_at))
            held += 1
        assert days == [days[0] + timedelta(weeks=n) for n in range(len(days))], names[0]
        assert len(days) in (939, 940)
    assert held > 939 * 50


@pytest.mark.parametrize(
    ("zone", "at", "seconds"),
    [
        ("Europe/Berlin", "2027-03-28T01:00", 3600),
        ("Europe/Berlin", "2026-10-25T01:00", -3600),
        ("Australia/Lord_Howe", "2026-10-03T15:30", 1800),
        ("Africa/Cairo", "2026-04-23T22:00", 3600),
    ],
)
def test_a_clock_change_is_found_to_the_second(zone: str, at: str, seconds: int) -> None:
    change = ClockChange(instant(at), seconds)
    found = clock_changes(ZoneInfo(zone), change.at - 40 * DAY, change.at + 40 * DAY)
    assert found == (change,)
    assert clock_changes(ZoneInfo(zone), change.at, change.at + 40 * DAY) == ()
    assert clock_changes(ZoneInfo("UTC"), FIRST, LAST) == ()


def test_a_zones_rules_are_told_by_a_text_that_another_rule_changes() -> None:
    told = zone_rules(BERLIN, START)
    assert told == zone_rules(ZoneInfo("Europe/Paris"), START + 90 * DAY)
    assert told != zone_rules(ZoneInfo("Europe/London"), START)
    assert told != zone_rules(ZoneInfo("Africa/Lagos"), START), "no summer time"
    assert told != zone_rules(BERLIN, START + 200 * DAY), "another year is looked at anew"


# The step


def walk(course: Course, nows: Sequence[int]) -> tuple[Course, list[Happening]]:
    """The course after a number of looks at the clock, and all that happened."""
    happened: list[Happening] = []
    for now in nows:
        course, brought = hold(course, now)
        happened += brought
    return course, happened


def told(happened: Sequence[Happening]) -> list[tuple[str, int, str, int]]:
    """Each happening's kind, week, paper and number."""
    return [
        (h.kind.value, h.week.number if h.week else 0, h.week.paper_id if h.week else "", h.slot)
        for h in happened
    ]


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_preset_brings_each_paper_with_all_of_its_posts_in_order(preset: str) -> None:
    course = begun(preset)
    _, happened = walk(course, range(START, START + 60 * WEEK, HOUR))
    kinds = [beat.kind.value for beat in PRESETS[preset]]
    prompts = kinds.count("prompt")
    per_paper = ["paper", *["prompt"] * prompts, "quiz", "recap"]
    expected = [(kind, number, paper) for number, paper in enumerate(PAPERS, start=1) for kind in per_paper]
    lived = [line[:3] for line in told(happened) if line[0] not in ("closing", "reminder")]
    assert lived == expected
    assert [line[0] for line in told(happened)][-2:] == ["closing", "reminder"]
    times = [h.due_at for h in happened]
    assert times == sorted(times)


ODD = st.lists(st.integers(12 * HOUR, 47 * HOUR) | st.integers(1, 90), min_size=80, max_size=120)
COURSES = st.builds(
    lambda preset, zone, rests, start: begun(
        preset,
        ZoneInfo(zone),
        rests=frozenset(monday_of(local_day(ZoneInfo(zone), START)) + timedelta(weeks=n) for n in rests),
        starts_on=local_day(ZoneInfo(zone), START) + timedelta(days=start),
    ),
    st.sampled_from(list(PRESETS)),
    st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Africa/Cairo"]
    ),
    st.sets(st.integers(0, 30), max_size=4),
    st.integers(0, 20),
)


@settings(max_examples=150, deadline=None)
@given(course=COURSES, steps=ODD)
def test_what_is_rehearsed_is_what_happens(course: Course, steps: list[int]) -> None:
    """However unevenly the clock is looked at, as long as nothing is over two days late."""
    nows = [START + sum(steps[: n + 1]) for n in range(len(steps))]
    foretold = [h for h in rehearse(course, START, nows[-1]) if isinstance(h, Happening)]
    _, happened = walk(course, nows)
    ended = next((n for n, h in enumerate(happened) if h.kind is HappeningKind.CLOSING), len(happened))
    assert happened[: ended + 1] == foretold


@settings(max_examples=150, deadline=None)
@given(course=COURSES, steps=st.lists(st.integers(-HOUR, 9 * DAY), min_size=10, max_size=80))
def test_a_clock_that_jumps_loses_no_paper_and_doubles_nothing(course: Course, steps: list[int]) -> None:
    """Back by an hour or forward by days, again and again."""
    nows = [START + max(0, sum(steps[: n + 1])) for n in range(len(steps))]
    _, happened = walk(course, nows)
    keys = told(happened)
    assert len(keys) == len(set(keys))
    papers = [line[2] for line in keys if line[0] == "paper"]
    assert papers == list(PAPERS[: len(papers)])
    assert [line[1] for line in keys if line[0] == "paper"] == list(range(1, len(papers) + 1))


def test_a_clock_put_back_by_an_hour_after_the_paper_brings_it_once() -> None:
    course = begun()
    nine = instant("2026-08-31T07:00")
    _, happened = walk(course, [nine, nine + 60, nine - 3540, nine, nine + 60, nine + 3600])
    assert told(happened) == [("paper", 1, "paper-1", 0)]


def test_a_clock_that_was_a_day_ahead_for_a_moment_brings_that_day_once() -> None:
    course = begun()
    nine = instant("2026-08-31T07:00")
    course, ahead = walk(course, [nine - DAY + 60, nine + 60])
    assert told(ahead) == [("paper", 1, "paper-1", 0)]
    _, back = walk(course, [nine - DAY + 120, nine, nine + DAY])
    assert back == []


def test_after_three_weeks_down_only_what_is_fresh_is_held_and_no_paper_is_skipped() -> None:
    course, _ = walk(begun(), [instant("2026-08-31T07:00")])
    tuesday = instant("2026-09-22T08:00")
    course, happened = walk(course, [tuesday])
    assert told(happened) == [("recap", 1, "paper-1", 0), ("paper", 2, "paper-2", 0)]
    assert all(tuesday - h.due_at <= LATE_LIMIT for h in happened)
    assert course.next_paper_at == instant("2026-09-28T07:00")


@pytest.mark.parametrize("preset", list(PRESETS))
def test_whatever_the_preset_three_weeks_down_leave_the_plan_whole(preset: str) -> None:
    course, before = walk(begun(preset), range(START, START + 9 * DAY, HOUR))
    course, after = walk(course, range(START + 30 * DAY, START + 60 * DAY, HOUR))
    papers = [line[2] for line in told([*before, *after]) if line[0] == "paper"]
    assert papers == list(PAPERS[: len(papers)])
    assert len(papers) > 3
    keys = told([*before, *after])
    assert len(keys) == len(set(keys))


def test_a_week_ends_before_the_next_begins_when_both_are_due_at_once() -> None:
    beats = [
        Beat(BeatKind.PAPER, 540, weekday=0),
        Beat(BeatKind.RECAP, 540, weekday=0),
    ]
    course = arranged(Course(1, BERLIN, (), PAPERS), beats, START)
    _, happened = walk(course, range(START, START + 2 * WEEK, HOUR))
    assert [line[:2] for line in told(happened)] == [("paper", 1), ("recap", 1), ("paper", 2)]


def test_a_quiz_that_the_group_has_held_already_is_not_held_again() -> None:
    course, _ = walk(begun(), [instant("2026-08-31T07:00")])
    _, happened = walk(replace(course, quizzed=True), range(START, START + 6 * DAY, HOUR))
    assert [line[0] for line in told(happened)] == ["prompt"]
    assert replace(course, quizzed=True).open_week is not None


def test_the_beats_of_an_open_week_close_it_once() -> None:
    course = begun()
    _, happened = walk(course, range(START, START + WEEK + 3 * HOUR, HOUR))
    closes = [(h.kind.value, h.closes.number) for h in happened if h.closes]
    assert closes == [("recap", 1)]
    without = arranged(course, [b for b in course.beats if b.kind is not BeatKind.RECAP], START)
    _, happened = walk(without, range(START, START + WEEK + 3 * HOUR, HOUR))
    assert [(h.kind.value, h.closes.number) for h in happened if h.closes] == [("paper", 1)]


# The end of the plan


def at_the_end() -> Course:
    """A course whose last paper's week is over."""
    week = Week(1, 18, "paper-18", START - WEEK, START - DAY)
    return begun(ahead=(), week=week)


def test_at_the_end_the_club_is_asked_then_reminded_once_and_then_left_in_peace() -> None:
    _, happened = walk(at_the_end(), range(START, START + 5 * WEEK, HOUR))
    assert [line[0] for line in told(happened)] == ["closing", "reminder"]
    assert happened[1].due_at - happened[0].due_at == WEEK


def test_what_was_chosen_begins_at_the_next_time_for_a_paper_however_late_it_was_chosen() -> None:
    course, _ = walk(at_the_end(), range(START, START + 3 * WEEK, HOUR))
    assert course.ending is Ending.ASKED_TWICE
    course = replace(course, chosen="other", afterwards=("x", "y"))
    course, happened = walk(course, range(START + 3 * WEEK, START + 4 * WEEK, HOUR))
    assert [(h.kind.value, h.choice) for h in happened[:2]] == [("chosen", "other"), ("paper", "")]
    assert told(happened)[1] == ("paper", 19, "x", 0)
    assert course.ending is Ending.NOT_YET
    assert course.ahead == ("y",)


def test_a_rest_that_was_chosen_brings_no_paper() -> None:
    course, _ = walk(at_the_end(), [START + 3 * HOUR])
    _, happened = walk(replace(course, chosen=REST), [START + 3 * HOUR + WEEK])
    assert [(h.kind.value, h.choice) for h in happened] == [("chosen", REST)]


def test_a_plan_that_grows_while_the_club_is_asked_simply_goes_on() -> None:
    course, _ = walk(at_the_end(), [START + 3 * HOUR])
    course, happened = walk(replace(course, ahead=("new",)), [START + 3 * HOUR + WEEK])
    assert told(happened) == [("paper", 19, "new", 0)]
    assert course.ending is Ending.NOT_YET


def test_a_plan_without_a_paper_brings_nothing() -> None:
    _, happened = walk(begun(ahead=()), range(START, START + 3 * WEEK, HOUR))
    assert happened == []


# Changing it


def dates(course: Course, now: int = START, weeks: int = 3) -> list[str]:
    """What is rehearsed, by kind and local time."""
    return [
        f"{h.kind} {wall(course.zone, h.due_at):%a %d %b %H:%M}"
        for h in rehearse(course, now, now + weeks * WEEK)
        if isinstance(h, Happening)
    ]


def test_a_week_of_rest_moves_the_paper_and_lets_the_week_before_end() -> None:
    course, _ = walk(begun(), [instant("2026-08-31T07:00")])
    course = rested(course, [date(2026, 9, 7)])
    assert dates(course, instant("2026-08-31T07:00"), 2) == [
        "prompt Wed 02 Sep 19:00",
        "quiz Fri 04 Sep 19:00",
        "recap Sun 06 Sep 20:00",
        "paper Mon 14 Sep 09:00",
    ]
    assert course.rests_before_next_paper(START) == 1
    rest = RestWeek(date(2026, 9, 7), instant("2026-09-06T22:00"))
    assert rest in rehearse(course, START, START + 2 * WEEK)


def test_both_papers_of_a_week_rest_with_it() -> None:
    course = rested(begun("twice"), [date(2026, 8, 31)])
    papers = [line for line in dates(course) if line.startswith("paper")]
    assert papers[:3] == ["paper Mon 07 Sep 09:00", "paper Thu 10 Sep 09:00", "paper Mon 14 Sep 09:00"]
    assert course.rests_before_next_paper(START - WEEK) == 1


def test_a_gentle_club_that_rests_goes_on_a_week_later_and_then_every_second_week() -> None:
    course = rested(begun("gentle"), [date(2026, 8, 31)])
    papers = [line for line in dates(course, weeks=6) if line.startswith("paper")]
    assert papers == ["paper Mon 07 Sep 09:00", "paper Mon 21 Sep 09:00", "paper Mon 05 Oct 09:00"]


def test_no_paper_comes_before_the_first_day() -> None:
    course = papers_placed(replace(begun(), starts_on=date(2026, 10, 1)), START)
    assert dates(course, weeks=6)[0] == "paper Mon 05 Oct 09:00"
    back = papers_placed(replace(course, starts_on=date(2026, 8, 31)), START)
    assert dates(back)[0] == "paper Mon 31 Aug 09:00"


@given(days=st.integers(-28, 84))
def test_a_shift_moves_everything_to_come_by_so_many_local_days(days: int) -> None:
    course, _ = walk(begun(), [instant("2026-08-31T07:00")])
    moved = shifted(course, days)
    for before, after in zip(course.beats, moved.beats, strict=True):
        assert before.next_at is not None
        assert after.next_at is not None
        there, here = wall(BERLIN, after.next_at), wall(BERLIN, before.next_at)
        assert there == here + timedelta(days=days)
        assert after.weekday == there.weekday()
    assert moved.starts_on == local_day(BERLIN, moved.next_paper_at or 0)
    assert shifted(moved, -days).beats == course.beats


@given(pause=st.integers(0, 20 * DAY), length=st.integers(0, 60 * DAY), preset=st.sampled_from(list(PRESETS)))
def test_after_a_pause_everything_comes_that_was_to_come_in_its_order(
    pause: int, length: int, preset: str
) -> None:
    course, _ = walk(begun(preset), [START + pause])
    uninterrupted = walk(course, range(START + pause, START + pause + 8 * WEEK, HOUR))[1]
    now = START + pause + length
    back = resumed(course, now)
    assert back.next_at is not None
    assert back.next_at > now
    later = walk(back, range(now, now + 8 * WEEK, HOUR))[1]
    shared = min(len(later), len(uninterrupted))
    assert told(later)[:shared] == told(uninterrupted)[:shared]
    assert shared > 5
    shifts = {
        (local_day(BERLIN, a.due_at) - local_day(BERLIN, b.due_at)).days
        for a, b in zip(later[:4], uninterrupted[:4], strict=True)
    }
    assert len(shifts) == 1
    assert shifts.pop() % 7 == 0, "on the same weekdays"


def test_another_zone_keeps_the_local_days_and_times() -> None:
    course, _ = walk(begun(), [instant("2026-08-31T07:00")])
    moved = rezoned(course, ZoneInfo("Asia/Shanghai"), instant("2026-08-31T07:30"))
    first, second, *_ = dates(moved, instant("2026-08-31T07:30"), 1)
    assert (first, second) == ("prompt Wed 02 Sep 19:00", "quiz Fri 04 Sep 19:00")
    assert moved.next_paper_at == instant("2026-09-07T01:00")


def test_new_rules_of_a_zone_move_the_beats_to_their_local_times() -> None:
    """As if Berlin had given up summer time before the course began."""
    course = begun("gentle")
    course, _ = walk(course, [instant("2026-08-31T07:00")])
    winter = realigned(replace(course, zone=ZoneInfo("Africa/Lagos")))
    for old, new in zip(course.beats, winter.beats, strict=True):
        assert old.next_at is not None
        assert new.next_at is not None
        assert wall(winter.zone, new.next_at) == wall(BERLIN, old.next_at)
        assert new.next_at - old.next_at == 3600
    assert realigned(winter) == winter


@given(
    preset=st.sampled_from(list(PRESETS)), then=st.sampled_from(list(PRESETS)), hours=st.integers(0, 30 * 24)
)
def test_another_rhythm_skips_no_paper_and_brings_none_at_once(preset: str, then: str, hours: int) -> None:
    now = START + hours * HOUR
    course, before = walk(begun(preset), range(START, now + 1, HOUR))
    changed = arranged(course, PRESETS[then], now)
    assert changed.next_paper_at is not None
    if course.week and changed.next_paper_at not in [beat.next_at for beat in course.beats]:
        assert changed.next_paper_at - course.week.opened_at >= shortest_distance(changed.beats)
    _, after = walk(changed, range(now, now + 20 * WEEK, HOUR))
    papers = [line[2] for line in told([*before, *after]) if line[0] == "paper"]
    assert papers == list(PAPERS[: len(papers)])
    assert len(papers) > 8


def test_a_rhythm_that_is_set_again_changes_nothing() -> None:
    course, _ = walk(begun("twice"), [instant("2026-08-31T07:00")])
    assert arranged(course, PRESETS["twice"], START + 3 * HOUR) == course


def test_nothing_comes_of_a_course_that_has_no_beats() -> None:
    assert coming(Course(1, BERLIN, ()), START) == (Course(1, BERLIN, ()), ())
    assert rehearse(Course(1, BERLIN, ()), START, START + WEEK) == ()
    assert shortest_distance(()) == 0
    assert local_instant(BERLIN, date(2026, 8, 31), 540) == instant("2026-08-31T07:00")
