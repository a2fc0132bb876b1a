"""`/schedule`: when things happen, and changing it."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bot.domain.cadence import Beat, BeatKind, local_day, monday_of
from bot.domain.course import WEEK, Course, Happening, Rehearsed, coming, rehearse
from bot.domain.errors import Problem
from bot.domain.rearranging import arranged, papers_placed, rested, resumed, rezoned, shifted
from bot.messages.actions import Verb, action
from bot.messages.markup import plain
from bot.messages.outgoing import Button, Buttons, Message, Part, Reply, Text
from bot.use_cases import events, trouble
from bot.use_cases.asking import Ask
from bot.use_cases.command import CHOICES, Kind
from bot.use_cases.courses import course, retime
from bot.use_cases.rehearsal import told
from bot.use_cases.times import is_off, read_count, read_date, read_day, read_time, read_zone

UNKNOWN_SHOWN = 5
LONGEST_REST = 12
"""Weeks that may be rested at once."""

EARLIEST_SHIFT, LATEST_SHIFT = -28, 84
"""Days by which everything may be shifted at once."""

LATEST_DAY_AFTER = 27
"""Days after the paper at which a beat may come."""

MOST_OF_A_KIND = 7


async def show(ask: Ask) -> Reply:
    """The next dates in local time; for organisers also what is held up, and what may not have arrived."""
    return Reply(await _calendar(ask))


async def move(ask: Ask) -> Reply:
    """Give the paper a new day and time, in a new zone if named. The other beats keep their distance
    in days and their own times."""
    weekday, minute = read_day(ask.options["day"]), read_time(ask.options["time"])
    if ask.options.get("zone"):
        await change_zone(ask, read_zone(ask.options["zone"]))
    before = await _course(ask)
    first = next(beat for beat in before.beats if beat.kind is BeatKind.PAPER)
    days = weekday - (first.weekday or 0)

    def moved(beat: Beat) -> Beat:
        if beat.weekday is None:
            return beat
        at = minute if beat.kind is BeatKind.PAPER else beat.minute
        return replace(beat, weekday=(beat.weekday + days) % 7, minute=at)

    await _arrange(ask, before, tuple(map(moved, before.beats)))
    return Reply(await _calendar(ask, ask.words("schedule.moved")))


async def preset(ask: Ask) -> Reply:
    """Give the club another rhythm; each of its beats can be changed afterwards."""
    asked = ask.options["preset"].strip().lower()
    beats = ask.tools.presets.get(asked)
    if beats is None:
        known = ", ".join(CHOICES[Kind.PRESET])
        raise Problem("error.preset.unknown", asked=asked, known=known)
    await _arrange(ask, await _course(ask), tuple(beats))
    lead = ask.words("schedule.preset.done", preset=ask.words.plain(f"choice.preset.{asked}"))
    return Reply(await _calendar(ask, lead))


async def beat(ask: Ask) -> Reply:
    """Give one beat a weekday, or a number of days after the paper, and a time; or take it away. A number
    names one of several of a kind; the next free one adds a beat."""
    kind = _kind(ask.options["beat"])
    before = await _course(ask)
    same = [b for b in before.beats if b.kind is kind]
    slot = read_count(ask.options.get("number") or "1", 1, min(len(same) + 1, MOST_OF_A_KIND)) - 1
    others = [b for b in before.beats if (b.kind, b.slot) != (kind, slot)]
    former = next((b for b in same if b.slot == slot), None)
    if is_off(ask.options["when"]):
        if kind is BeatKind.PAPER and len(same) == 1:
            raise Problem("error.beat.paper.last")
        # Those after it move up, so that there is never a gap.
        kept = [replace(b, slot=b.slot - 1) if b.kind is kind and b.slot > slot else b for b in others]
    else:
        kept = [*others, _changed(ask, kind, slot, former or (same[-1] if same else None))]
    await _arrange(ask, before, tuple(kept))
    return Reply(await _calendar(ask, ask.words("schedule.moved")))


def _kind(text: str) -> BeatKind:
    asked = text.strip().lower()
    if asked not in CHOICES[Kind.BEAT]:
        raise Problem("error.beat.unknown", asked=text, known=", ".join(CHOICES[Kind.BEAT]))
    return BeatKind(asked)


def _changed(ask: Ask, kind: BeatKind, slot: int, former: Beat | None) -> Beat:
    """The beat as it is asked for; without a time, at the time it had."""
    when, at = ask.options["when"].strip(), ask.options.get("time", "").strip()
    if not at and former is None:
        raise Problem("error.time.unknown", asked=at)
    minute = read_time(at) if at else (former.minute if former else 0)
    every = former.every if former else 1
    if when.lstrip("+").isdecimal():
        if kind is BeatKind.PAPER:
            raise Problem("error.beat.paper.day")
        days = read_count(when, 0, LATEST_DAY_AFTER)
        return Beat(kind, minute, days_after=days, slot=slot)
    return Beat(kind, minute, weekday=read_day(when), slot=slot, every=every)


async def pause(ask: Ask) -> Reply:
    """Stop posting until resumed. The plan keeps its place."""
    if ask.club.paused:
        return _said(ask.words("schedule.paused.already"))
    await ask.records.set_paused(ask.club.id, True)
    await events.follow(ask)
    return _said(ask.words("schedule.paused"))


async def resume(ask: Ask) -> Reply:
    """Go on where the club stopped: all that was to come comes, as many weeks later as the pause was long."""
    if not ask.club.paused:
        return Reply(await _calendar(ask, ask.words("schedule.resumed.already")))
    await ask.records.set_paused(ask.club.id, False)
    before = await _course(ask)
    await _retime(ask, before, resumed(before, ask.now))
    return Reply(await _calendar(ask, ask.words("schedule.resumed")))


async def skip(ask: Ask) -> Reply:
    """Rest in the week of the next paper: it comes a week later, and nothing of the plan is dropped."""
    before = await _going(ask)
    at = before.next_paper_at
    if at is not None:
        await _rest(ask, before, [monday_of(local_day(before.zone, at))])
    return Reply(await _calendar(ask, ask.words("schedule.skipped")))


async def rest(ask: Ask) -> Reply:
    """Rest in the week of a day, and in more after it; 0 weeks takes a week of rest back."""
    day = read_date(ask, ask.options["date"])
    weeks = read_count(ask.options.get("weeks") or "1", 0, LONGEST_REST)
    first = monday_of(day)
    before = await _course(ask)
    if weeks:
        await _rest(ask, before, [first + timedelta(weeks=n) for n in range(weeks)])
        return Reply(
            await _calendar(ask, ask.words.count("schedule.rest.done", weeks, day=ask.words.day(first)))
        )
    await ask.records.drop_rests(ask.club.id, [first])
    without = replace(before, rests=before.rests - {first})
    if before.resting(first):
        await _retime(ask, before, papers_placed(without, ask.now))
    return Reply(await _calendar(ask, ask.words("schedule.rest.back", day=ask.words.day(first))))


async def shift(ask: Ask) -> Reply:
    """Let everything that is to come come some days later, or earlier, from now on."""
    days = read_count(ask.options["days"], EARLIEST_SHIFT, LATEST_SHIFT)
    before = await _going(ask)
    after = shifted(before, days)
    if after.next_at is not None and after.next_at <= ask.now:
        raise Problem("error.shift.past", days=-days)
    await _set_beats(ask, after)
    await ask.records.set_start(ask.club.id, after.starts_on)
    return Reply(await _calendar(ask, ask.words.count("schedule.shifted", abs(days), way=_way(ask, days))))


def _way(ask: Ask, days: int) -> str:
    return ask.words.plain("schedule.later" if days >= 0 else "schedule.earlier")


async def start(ask: Ask) -> Reply:
    """Let no paper come before a day."""
    day = read_date(ask, ask.options["date"])
    if day < local_day(ask.zone, ask.now):
        raise Problem("error.date.past", asked=ask.options["date"])
    before = await _course(ask)
    after = papers_placed(replace(before, starts_on=day), ask.now)
    await ask.records.set_start(ask.club.id, day)
    await _retime(ask, before, after)
    return Reply(await _calendar(ask, ask.words("schedule.start.done", day=ask.words.day(day))))


async def repeat(ask: Ask) -> Reply:
    """Read a paper once more before the plan goes on: this week's, or the one that is named."""
    if is_off(ask.options.get("paper", "")):
        await ask.records.set_encore(ask.club.id, None)
        return Reply(await _calendar(ask, ask.words("schedule.repeat.off")))
    paper = await ask.wanted_paper()
    if paper.id in ask.tools.papers_of(ask.club.plan_id)[ask.club.position :]:
        number = ask.plan.number(paper.id)
        raise Problem("error.repeat.ahead", title=paper.title[ask.words.language], number=number)
    await ask.records.set_encore(ask.club.id, paper.id)
    lead = ask.words("schedule.repeat.done", title=paper.title[ask.words.language])
    return Reply(await _calendar(ask, lead))


async def change_zone(ask: Ask, zone: str) -> None:
    """Keep a club's local days and times in another zone."""
    before = await _course(ask)
    await ask.records.set_zone(ask.club.id, zone)
    await _retime(ask, before, rezoned(before, ZoneInfo(zone), ask.now))


async def _course(ask: Ask) -> Course:
    return await course(ask.tools, ask.records, ask.club.id)


async def _going(ask: Ask) -> Course:
    """The course of a club that is not paused. Raises Problem for one that is."""
    if ask.club.paused:
        raise Problem("error.schedule.paused")
    return await _course(ask)


async def _arrange(ask: Ask, before: Course, beats: tuple[Beat, ...]) -> None:
    await _set_beats(ask, arranged(before, beats, ask.now))


async def _set_beats(ask: Ask, after: Course) -> None:
    await ask.records.set_beats(ask.club.id, after.beats)
    await events.follow(ask)


async def _retime(ask: Ask, before: Course, after: Course) -> None:
    await retime(ask.records, before, after)
    await events.follow(ask)


async def _rest(ask: Ask, before: Course, mondays: list[date]) -> None:
    await ask.records.forget_rests(ask.club.id, monday_of(local_day(before.zone, ask.now)))
    await ask.records.add_rests(ask.club.id, mondays)
    await _retime(ask, before, rested(before, mondays))


async def _calendar(ask: Ask, lead: str = "") -> Message:
    words = ask.words
    club = await ask.records.club(ask.club.id) or ask.club
    lines = [lead] if lead else []
    lines.append(words("schedule.heading", club=plain(club.title), zone=club.zone))
    if club.paused:
        lines.append(words("schedule.paused.now"))
    else:
        going = await _course(ask)
        lines.append("\n".join(f"- {told(words, going.zone, each)}" for each in _next(going, ask.now)))
        upcoming = ask.tools.upcoming(club)
        if upcoming:
            lines.append(words("schedule.next", title=upcoming.title[words.language]))
    parts: list[Part] = [Text("\n\n".join(line for line in lines if line))]
    if ask.organiser:
        parts += await trouble.lines(ask)
        parts += await _uncertain(ask)
    return Message(tuple(parts))


def _next(going: Course, now: int) -> Sequence[Rehearsed]:
    """The dates to come: from the next one on, as many as there are from one paper to the next, and in any
    case the next paper."""
    _, first = coming(going, now)
    if not first:
        return ()
    every = max((b.every for b in going.beats if b.kind is BeatKind.PAPER), default=1)
    until = first[0].due_at + every * WEEK - 1
    paper_at = going.next_paper_at
    beyond = paper_at is not None and paper_at > until
    told = rehearse(going, now, paper_at if paper_at is not None and beyond else until)
    return [each for each in told if not beyond or _at(each) <= until or not _follows(each)]


def _at(each: Rehearsed) -> int:
    return each.due_at if isinstance(each, Happening) else each.at


def _follows(each: Rehearsed) -> bool:
    """Whether it is one of the posts between two papers."""
    return isinstance(each, Happening) and each.kind.value in (BeatKind.PROMPT, BeatKind.QUIZ, BeatKind.RECAP)


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
