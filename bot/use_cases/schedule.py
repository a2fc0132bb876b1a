"""`/schedule`: when things happen, and changing it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.cadence import Beat, BeatKind, next_weekly
from bot.domain.clubs import Club
from bot.domain.errors import Problem
from bot.messages.actions import Verb, action
from bot.messages.markup import escape, plain
from bot.messages.outgoing import Button, Buttons, Message, Part, Reply, Text
from bot.ports import Records
from bot.use_cases import trouble
from bot.use_cases.asking import Ask
from bot.use_cases.command import CHOICES, Kind

_TIME = re.compile(r"^([01]?\d|2[0-3])(?:[:.：h点]([0-5]\d)?)?$")
UNKNOWN_SHOWN = 5
SHORTEST_WEEK = 4 * 86_400
"""The next paper comes at least this long after the last, in seconds, when its day is moved."""


async def show(ask: Ask) -> Reply:
    """The next dates in local time; for organisers also what is held up, and what may not have arrived."""
    return Reply(await _calendar(ask))


async def move(ask: Ask) -> Reply:
    """Give the paper a new day and time, in a new zone if named. The other beats keep their distance
    in days and their own times."""
    weekday, minute = read_day(ask.options["day"]), read_time(ask.options["time"])
    zone = read_zone(ask.options["zone"]) if ask.options.get("zone") else ask.club.zone
    await ask.records.set_zone(ask.club.id, zone)
    beats = await ask.records.beats(ask.club.id)
    paper = next(beat for beat in beats if beat.kind is BeatKind.PAPER)
    days = weekday - paper.weekday
    moved = [
        replace(b, weekday=weekday, minute=minute)
        if b.kind is BeatKind.PAPER
        else replace(b, weekday=(b.weekday + days) % 7)
        for b in beats
    ]
    await _reset(ask.records, ask.club, zone, moved, ask.now)
    return Reply(await _calendar(ask, ask.words("schedule.moved")))


async def pause(ask: Ask) -> Reply:
    """Stop posting until resumed. The plan keeps its place."""
    if ask.club.paused:
        return _said(ask.words("schedule.paused.already"))
    await ask.records.set_paused(ask.club.id, True)
    return _said(ask.words("schedule.paused"))


async def resume(ask: Ask) -> Reply:
    """Go on where the club stopped; what would have happened in between is not made up for."""
    if not ask.club.paused:
        return Reply(await _calendar(ask, ask.words("schedule.resumed.already")))
    await ask.records.set_paused(ask.club.id, False)
    beats = await ask.records.beats(ask.club.id)
    await _reset(ask.records, ask.club, ask.club.zone, beats, ask.now)
    return Reply(await _calendar(ask, ask.words("schedule.resumed")))


async def skip(ask: Ask) -> Reply:
    """Rest for a week: the next paper comes a week later, and nothing of the plan is dropped."""
    for beat in await ask.records.beats(ask.club.id):
        if beat.kind is BeatKind.PAPER:
            later = next_weekly(ask.zone, beat.weekday, beat.minute, beat.next_at)
            await ask.records.set_beat(replace(beat, next_at=later))
    return Reply(await _calendar(ask, ask.words("schedule.skipped")))


async def change_zone(records: Records, club: Club, zone: str, now: int) -> None:
    """Keep a club's local times in another zone."""
    await records.set_zone(club.id, zone)
    await _reset(records, club, zone, await records.beats(club.id), now)


async def _reset(records: Records, club: Club, zone: str, beats: Sequence[Beat], now: int) -> None:
    """Work out anew when each beat is next due. A paper just posted is not followed too soon."""
    week = await records.latest_week(club.id)
    tz = ZoneInfo(zone)
    for beat in beats:
        after = now
        if beat.kind is BeatKind.PAPER and week and week.opened_at <= now:
            after = max(now, week.opened_at + SHORTEST_WEEK)
        await records.set_beat(replace(beat, next_at=next_weekly(tz, beat.weekday, beat.minute, after)))


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
    zones = _zones()
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
def _zones() -> dict[str, str]:
    """Every zone by its name in small letters. Etc/GMT+8 and its like are left out: they lie eight hours
    *west*, which is not what anyone means who types it."""
    named = (zone for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith("Etc/"))
    return {zone.lower(): zone for zone in ("UTC", *named)}


async def _calendar(ask: Ask, lead: str = "") -> Message:
    words = ask.words
    club = await ask.records.club(ask.club.id) or ask.club
    lines = [lead] if lead else []
    lines.append(words("schedule.heading", club=plain(club.title), zone=club.zone))
    if club.paused:
        lines.append(words("schedule.paused.now"))
    else:
        zone = ZoneInfo(club.zone)
        beats = sorted(await ask.records.beats(club.id), key=lambda beat: beat.next_at)
        lines.append(
            "\n".join(
                f"- **{escape(words.when(beat.next_at, zone))}** {words(f'beat.{beat.kind}')}"
                for beat in beats
            )
        )
        upcoming = ask.tools.upcoming(club)
        if upcoming:
            lines.append(words("schedule.next", title=upcoming.title[words.language]))
    parts: list[Part] = [Text("\n\n".join(lines))]
    if ask.organiser:
        parts += await trouble.lines(ask)
        parts += await _uncertain(ask)
    return Message(tuple(parts))


async def _uncertain(ask: Ask) -> list[Part]:
    """Posts that may not have arrived, each with a button to send it again."""
    posts = await ask.records.unknown_posts(ask.club.id, UNKNOWN_SHOWN)
    if not posts:
        return []
    buttons = tuple(
        (
            Button(
                ask.words.plain("button.resend", what=ask.words.plain(f"post.{post.kind}")),
                action(Verb.RESEND, post.id),
            ),
        )
        for post in posts
    )
    return [Text(ask.words("schedule.uncertain")), Buttons(buttons)]


def _said(markdown: str) -> Reply:
    return Reply(Message((Text(markdown),)))
