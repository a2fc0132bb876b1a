"""`/schedule rehearse`: what will be posted when, found by taking ahead of time the very steps that time
will take."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from bot.domain.cadence import ClockChange
from bot.domain.clubs import Club
from bot.domain.course import WEEK, Course, Happening, HappeningKind, Rehearsed, RestWeek, rehearse
from bot.domain.rearranging import resumed
from bot.messages.markup import escape, plain
from bot.messages.outgoing import Message, Reply, Text
from bot.messages.texts import Words
from bot.use_cases.asking import Ask, Tools
from bot.use_cases.courses import course
from bot.use_cases.times import read_count

DEFAULT_WEEKS = 4
MOST_WEEKS = 52
"""What a chat can be asked for; the command line shows as many as one likes."""


async def rehearsal(ask: Ask) -> Reply:
    """The posts of the coming weeks, with local and UTC times, weeks of rest and clock changes."""
    weeks = read_count(ask.options.get("weeks") or str(DEFAULT_WEEKS), 1, MOST_WEEKS)
    going = await course(ask.tools, ask.records, ask.club.id)
    lines = rehearsed(ask.tools, ask.words, ask.club, going, ask.now, weeks)
    return Reply(Message((Text("\n".join(lines)),)), private=True)


def rehearsed(tools: Tools, words: Words, club: Club, going: Course, now: int, weeks: int) -> Iterator[str]:
    """The rehearsal as lines of Markdown. A club that rests is rehearsed as if it went on now."""
    yield words.count("rehearsal.heading", weeks, club=plain(club.title), zone=club.zone)
    yield ""
    if club.paused:
        yield words("rehearsal.paused")
        yield ""
        going = resumed(going, now)
    empty = True
    for each in rehearse(going, now, now + weeks * WEEK):
        empty = False
        yield f"- {told(words, going.zone, each, utc=True)}{_title(tools, words, each)}"
        if isinstance(each, Happening) and each.kind is HappeningKind.CLOSING:
            yield f"- {words('rehearsal.then')}"
    if empty:
        yield words("rehearsal.nothing")


def told(words: Words, zone: ZoneInfo, each: Rehearsed, *, utc: bool = False) -> str:
    """One date in words: when, and what."""
    match each:
        case Happening(kind, at):
            said = {"when": words.when(at, zone), "what": words.plain(f"beat.{kind}")}
            if not utc or zone.key == "UTC":
                return words("schedule.line", **said)
            return words("schedule.line.utc", utc=words.clock(at, ZoneInfo("UTC"), beside=zone), **said)
        case RestWeek(monday):
            return words("schedule.line.rest", day=words.day(monday))
        case ClockChange(at, seconds):
            key = "schedule.line.forward" if seconds > 0 else "schedule.line.back"
            return words(key, when=words.when(at, zone), minutes=abs(seconds) // 60)


def _title(tools: Tools, words: Words, each: Rehearsed) -> str:
    if not isinstance(each, Happening) or each.kind is not HappeningKind.PAPER or each.week is None:
        return ""
    paper = tools.library.paper(each.week.paper_id)
    return f"{words('mark.colon')}*{escape(paper.title[words.language])}*" if paper else ""
