"""`/read` and `/unread`: who has read what, how closely, and a note if they like."""

from bot.domain.errors import Problem
from bot.domain.papers import Paper
from bot.domain.reading import NOTE_LIMIT, Level, Reading
from bot.messages.markup import flat
from bot.messages.outgoing import Message, Reply, Text
from bot.messages.texts import Marked
from bot.use_cases.asking import Ask


async def read(ask: Ask) -> Reply:
    """Record a reading with its level and note. Saying the same again changes nothing."""
    note = ask.options.get("note", "").strip()
    if len(note) > NOTE_LIMIT:
        raise Problem("error.note.long", length=len(note), limit=NOTE_LIMIT)
    level = _level(ask.options.get("level") or "read")
    return _said(await _record(ask, await ask.wanted_paper(), level, note))


async def press_read(ask: Ask) -> Reply:
    """*I’ve read it*: record level read, unless a closer reading is on record."""
    paper = await ask.wanted_paper()
    return Reply(toast=flat(await _record(ask, paper, Level.READ, "", keep_closer=True)))


async def press_level(ask: Ask) -> Reply:
    """A button for one level."""
    paper = await ask.wanted_paper()
    return Reply(toast=flat(await _record(ask, paper, _level(ask.options["level"]), "")))


async def unread(ask: Ask) -> Reply:
    """Take a reading back."""
    return _said(await _erase(ask))


async def press_unread(ask: Ask) -> Reply:
    """Take a reading back, by button."""
    return Reply(toast=flat(await _erase(ask)))


def _level(name: str) -> Level:
    try:
        return Level[name.upper()]
    except KeyError:
        raise Problem("error.level.unknown", asked=name) from None


async def _record(ask: Ask, paper: Paper, level: Level, note: str, *, keep_closer: bool = False) -> str:
    member = await ask.member()
    words, title = ask.words, paper.title[ask.words.language]
    before = await ask.records.reading(member.id, paper.id)
    if before and keep_closer and before.level >= level:
        level = before.level
    if before and before.level == level and note in ("", before.note):
        return words(
            "read.already", title=title, level=_name(ask, level), when=words.when(before.at, ask.zone)
        )
    kept_note = note or (before.note if before else "")
    reading = Reading(member.id, paper.id, level, kept_note, ask.now)
    await ask.records.record_reading(reading, ask.club.id)
    done = words("read.done", title=title, level=_name(ask, level))
    return f"{done} {await together(ask, paper)}".strip()


async def together(ask: Ask, paper: Paper) -> str:
    """How many of the club have read a paper; nothing in a club of one."""
    club = await ask.records.club(ask.club.id)
    if club is None or club.members < 2:
        return ""
    readers = await ask.records.readers(club.id, paper.id)
    return ask.words("read.together", readers=readers, members=club.members)


async def _erase(ask: Ask) -> str:
    paper = await ask.wanted_paper()
    member = ask.known
    title = paper.title[ask.words.language]
    if member is None or not await ask.records.erase_reading(member.id, paper.id, ask.club.id):
        return ask.words("unread.nothing", title=title)
    return ask.words("unread.done", title=title)


def _name(ask: Ask, level: Level) -> Marked:
    return Marked(ask.words(f"choice.level.{level.name.lower()}"))


def _said(markdown: str) -> Reply:
    return Reply(Message((Text(markdown),)), private=True)
