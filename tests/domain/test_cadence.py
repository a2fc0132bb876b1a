"""Local times: every week of every zone has its appointment, once."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.cadence import LATE_NOTICE, is_late, is_night, local_instant, next_weekly

ZONES = sorted(available_timezones())
WEEKS = 60


def instant(text: str) -> int:
    """Seconds since 1970 for a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def local(zone: str, seconds: int) -> str:
    """The wall clock of a zone."""
    return datetime.fromtimestamp(seconds, ZoneInfo(zone)).replace(tzinfo=None).isoformat(" ", "minutes")


def first_moment(zone: ZoneInfo, day: date, minute: int) -> int:
    """The first minute at which a wall clock shows a time or has passed it, found by watching the clock."""
    target = datetime(day.year, day.month, day.day, minute // 60, minute % 60)
    seconds = int(target.replace(tzinfo=UTC).timestamp()) - 15 * 3600
    while datetime.fromtimestamp(seconds, zone).replace(tzinfo=None) < target:
        seconds += 60
    return seconds


@settings(max_examples=120, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    weekday=st.integers(0, 6),
    minute=st.integers(0, 24 * 60 - 1),
    start=st.integers(instant("2024-01-01"), instant("2031-11-01")),
)
@example("Africa/Cairo", 4, 0, instant("2024-01-01"))
@example("America/Havana", 6, 0, instant("2025-01-01"))
@example("Australia/Lord_Howe", 6, 2 * 60 + 15, instant("2026-05-01"))
@example("America/Nuuk", 5, 23 * 60 + 30, instant("2027-01-01"))
@example("Africa/Casablanca", 6, 2 * 60 + 30, instant("2026-01-01"))
def test_every_local_week_has_one_appointment(zone: str, weekday: int, minute: int, start: int) -> None:
    """Each next one is a week on by the calendar, at the first moment that its wall clock allows."""
    tz = ZoneInfo(zone)
    held, after = [], start
    for _ in range(WEEKS):
        after = next_weekly(tz, weekday, minute, after)
        held.append(after)
    assert all(earlier < later for earlier, later in pairwise(held))
    first = datetime.fromtimestamp(held[0], tz).date()
    first -= timedelta(days=(first.weekday() - weekday) % 7)
    days = [first + timedelta(weeks=n) for n in range(WEEKS)]
    sampled = {0, WEEKS - 1} | {
        n for n, (a, b) in enumerate(pairwise(held), 1) if b - a != timedelta(weeks=1).total_seconds()
    }
    assert [held[n] for n in sorted(sampled)] == [first_moment(tz, days[n], minute) for n in sorted(sampled)]
    assert held == [local_instant(tz, day, minute) for day in days]
    assert start < held[0] <= start + 8 * 86_400


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    weekday=st.integers(0, 6),
    minute=st.integers(0, 24 * 60 - 1),
    now=st.integers(instant("2024-01-01"), instant("2032-12-01")),
)
def test_an_appointment_is_never_its_own_successor(zone: str, weekday: int, minute: int, now: int) -> None:
    due = next_weekly(ZoneInfo(zone), weekday, minute, now)
    assert next_weekly(ZoneInfo(zone), weekday, minute, due - 1) == due
    assert next_weekly(ZoneInfo(zone), weekday, minute, due) > due


@pytest.mark.parametrize(
    ("zone", "weekday", "minute", "after", "wall", "utc"),
    [
        # The spring gap: the first moment after it.
        ("Europe/Berlin", 6, 150, "2026-03-27", "2026-03-29 03:00", "2026-03-29T01:00"),
        ("America/New_York", 6, 150, "2026-03-06", "2026-03-08 03:00", "2026-03-08T07:00"),
        # The repeated hour of autumn: the first time round.
        ("Europe/Berlin", 6, 150, "2026-10-23", "2026-10-25 02:30", "2026-10-25T00:30"),
        ("America/New_York", 6, 90, "2026-10-30", "2026-11-01 01:30", "2026-11-01T05:30"),
        # Half an hour of summer time.
        ("Australia/Lord_Howe", 6, 135, "2026-10-02", "2026-10-04 02:30", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", 6, 105, "2026-04-03", "2026-04-05 01:45", "2026-04-04T14:45"),
        # Midnight itself does not exist.
        ("Africa/Cairo", 4, 0, "2026-04-20", "2026-04-24 01:00", "2026-04-23T22:00"),
        ("Africa/Cairo", 4, 30, "2026-04-20", "2026-04-24 01:00", "2026-04-23T22:00"),
        ("America/Havana", 6, 15, "2026-03-06", "2026-03-08 01:00", "2026-03-08T05:00"),
        # Samoa had no Friday 30 December 2011.
        ("Pacific/Apia", 4, 540, "2011-12-27", "2011-12-31 00:00", "2011-12-30T10:00"),
        ("Pacific/Apia", 4, 540, "2011-12-30T10:00", "2012-01-06 09:00", "2012-01-05T19:00"),
        ("Pacific/Apia", 5, 540, "2011-12-27", "2011-12-31 09:00", "2011-12-30T19:00"),
        # A quarter of an hour, all year.
        ("Asia/Kathmandu", 0, 540, "2026-08-30", "2026-08-31 09:00", "2026-08-31T03:15"),
        # The date line's far sides.
        ("Pacific/Kiritimati", 0, 0, "2026-08-29", "2026-08-31 00:00", "2026-08-30T10:00"),
        ("Pacific/Pago_Pago", 0, 0, "2026-08-29", "2026-08-31 00:00", "2026-08-31T11:00"),
    ],
)
def test_a_clock_that_is_put_forward_or_back_loses_no_appointment(
    zone: str, weekday: int, minute: int, after: str, wall: str, utc: str
) -> None:
    due = next_weekly(ZoneInfo(zone), weekday, minute, instant(after))
    assert (local(zone, due), due) == (wall, instant(utc))


def test_the_repeated_hour_is_held_once() -> None:
    """From inside the second 02:30 the next one is a week away."""
    berlin = ZoneInfo("Europe/Berlin")
    first = next_weekly(berlin, 6, 150, instant("2026-10-24"))
    assert local("Europe/Berlin", next_weekly(berlin, 6, 150, first)) == "2026-11-01 02:30"
    assert next_weekly(berlin, 6, 150, first + 3600) == next_weekly(berlin, 6, 150, first)


def test_an_appointment_at_this_very_second_is_not_the_next_one() -> None:
    nine = instant("2026-08-31T09:00")
    assert next_weekly(ZoneInfo("UTC"), 0, 540, nine - 1) == nine
    assert next_weekly(ZoneInfo("UTC"), 0, 540, nine) == nine + 7 * 86_400


def test_a_quarter_of_an_hour_is_not_late() -> None:
    assert not is_late(1000, 1000 + LATE_NOTICE)
    assert is_late(1000, 1001 + LATE_NOTICE)


@pytest.mark.parametrize(
    ("time", "night"),
    [("21:59", False), ("22:00", True), ("23:59", True), ("00:00", True), ("07:59", True), ("08:00", False)],
)
def test_the_night_is_from_ten_to_eight_local_time(time: str, night: bool) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    local = datetime.fromisoformat(f"2026-09-01 {time}").replace(tzinfo=zone)
    assert is_night(int(local.timestamp()), zone) is night
