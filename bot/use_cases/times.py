"""What people type for days, times, dates, zones and numbers."""

import re
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache
from zoneinfo import available_timezones

from bot.domain.cadence import local_day, monday_of
from bot.domain.errors import Problem
from bot.use_cases.asking import Ask
from bot.use_cases.command import CHOICES, Kind

_TIME = re.compile(r"^([01]?\d|2[0-3])(?:[:.：h点]([0-5]\d)?)?$")
_DATE = re.compile(r"^(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?$")
_NUMBER = re.compile(r"^[+-]?\d{1,4}$")
FARTHEST = timedelta(days=2 * 366)
"""How far ahead a day may be planned."""

_OFF = ("off", "none", "no", "关", "无", "不要")
_TODAY = {"today": 0, "今天": 0, "tomorrow": 1, "明天": 1}


def read_day(text: str) -> int:
    """A weekday from Monday = 0, given in English (also shortened) or Chinese. Raises Problem."""
    asked = text.strip().lower().replace(" ", "")
    for number, name in enumerate(CHOICES[Kind.DAY]):
        chinese = {f"{w}{'一二三四五六日'[number]}" for w in ("周", "星期", "礼拜")}
        chinese |= {"周天", "星期天", "礼拜天"} if number == 6 else set()
        if asked in chinese or (len(asked) >= 2 and name.startswith(asked)):
            return number
    raise Problem("error.day.unknown", asked=text)


def read_time(text: str) -> int:
    """A time of day in minutes: `9:00`, `09.30`, `21h`, `8pm`. Raises Problem."""
    asked = text.strip().lower().replace(" ", "")
    half = asked[-2:] if asked.endswith(("am", "pm")) else ""
    found = _TIME.match(asked.removesuffix(half) if half else asked)
    hour = int(found[1]) if found else 99
    if found is None or (half and not 1 <= hour <= 12):
        raise Problem("error.time.unknown", asked=text)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour * 60 + int(found[2] or 0)


def read_zone(text: str) -> str:
    """A tz database name, capitals and spaces aside; a city alone is enough. Raises Problem with the
    nearest name."""
    asked = text.strip().replace(" ", "_").lower()
    zones = known_zones()
    if asked in zones:
        return zones[asked]
    cities = [zone for lower, zone in zones.items() if lower.rpartition("/")[2] == asked]
    if cities:
        return min(cities, key=len)
    near = get_close_matches(asked, zones, 1) or [
        lower for lower in sorted(zones) if get_close_matches(asked, [lower.rpartition("/")[2]])
    ]
    raise Problem("error.zone.unknown", asked=text, near=zones[near[0]] if near else "Asia/Shanghai")


@cache
def known_zones() -> dict[str, str]:
    """Every zone that `read_zone` takes, by its name in small letters. Etc/GMT+8 and its like are left out:
    they lie eight hours *west*, which is not what anyone means who types it."""
    named = (zone for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith("Etc/"))
    return {zone.lower(): zone for zone in ("UTC", *named)}


def read_date(ask: Ask, text: str) -> date:
    """A local day from this week's Monday on: `2027-01-31`, `1-31`, `1月31日`, a weekday, `today` or
    `tomorrow`; without a year, and for a weekday, the next one. Raises Problem."""
    today = local_day(ask.zone, ask.now)
    day = date_meant(text, today)
    if day is None:
        raise Problem("error.date.unknown", asked=text, example=f"{today.year + 1}-01-31")
    if not is_in_reach(day, today):
        raise Problem("error.date.past" if day < today else "error.date.far", asked=text)
    return day


def is_in_reach(day: date, today: date) -> bool:
    """Whether a day may be planned."""
    return monday_of(today) <= day <= today + FARTHEST


def date_meant(text: str, today: date) -> date | None:
    """The day that is typed, be it in reach or not; None for what is no day. See `read_date`."""
    asked = text.strip().lower()
    if asked in _TODAY:
        return today + timedelta(days=_TODAY[asked])
    found = _DATE.match(asked)
    try:
        if found is None:
            return today + timedelta(days=(read_day(text) - today.weekday()) % 7)
        year, month, day = (int(part) if part else 0 for part in found.groups())
        if year:
            return date(year, month, day)
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)
    except (ValueError, Problem):
        return None


def read_count(text: str, least: int, most: int) -> int:
    """A whole number within bounds, with or without a sign. Raises Problem."""
    asked = text.strip().replace("−", "-")
    if not _NUMBER.match(asked) or not least <= int(asked) <= most:
        raise Problem("error.number.unknown", asked=text, least=least, most=most)
    return int(asked)


def is_off(text: str) -> bool:
    """Whether a word takes something away."""
    return text.strip().lower() in _OFF
