"""`/read`, `/unread` and what is done with a message: who has read what, how closely, and a note if they
like."""

from bot.domain.errors import Problem
from bot.domain.papers import Paper
from bot.domain.reading import NOTE_GAP, NOTE_LIMIT, Level, Reading, room_in
from bot.messages import cards
from bot.messages.actions import read_number
from bot.messages.markup import cut, flat
from bot.messages.outgoing import Message, Reply, Text
from bot.messages.texts import Marked
from bot.use_cases.asking import Ask

LEAST_ROOM = 40
"""Of a text that is added to a note at least so many characters must find room, or all of it."""


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


async def mark(ask: Ask) -> Reply:
    """*Mark as read* on a message: the paper it is about is read, and what one may do next."""
    paper = await _paper_of_message(ask)
    return _beside(ask, paper, await _record(ask, paper, Level.READ, "", keep_closer=True))


async def keep_note(ask: Ask) -> Reply:
    """*Save as note* on a message: its words, without whose they are, are added to the asker's note on the
    paper it is about. A paper that is not on record yet is so as skimmed, which claims the least.

    Nothing that is noted already is lost: what finds no room is cut, and the answer says so.
    """
    text = ask.options.get("text", "").strip()
    if not text:
        raise Problem("error.note.empty")
    paper = await _paper_of_message(ask)
    words, title = ask.words, paper.title[ask.words.language]
    member = await ask.member()
    before = await ask.records.reading(member.id, paper.id)
    noted = before.note if before else ""
    if text in noted:
        return _beside(ask, paper, words("note.already", title=title))
    room = room_in(noted)
    if room < min(len(text), LEAST_ROOM):
        raise Problem("error.note.full", title=title, limit=NOTE_LIMIT)
    kept = cut(text, room)
    note = NOTE_GAP.join(part for part in (noted, kept) if part)
    level, at = (before.level, before.at) if before else (Level.SKIMMED, ask.now)
    await ask.records.record_reading(Reading(member.id, paper.id, level, note, at), ask.club.id)
    told = [words("note.added" if noted else "note.saved", title=title)]
    if kept != text:
        told.append(words("note.cut", limit=NOTE_LIMIT))
    if before is None:
        told.append(words("note.skimmed"))
    return _beside(ask, paper, " ".join(told))


async def _paper_of_message(ask: Ask) -> Paper:
    """The paper that a chosen message is about: the one it tells of itself, or the club's post that it is,
    else that of the discussion it stands in, else this week's."""
    named, thread = ask.options.get("paper"), ask.place.thread_id
    if not named and ask.options.get("post"):
        post = await ask.records.post(read_number(ask.options["post"]))
        named = post.paper_id if post and post.chat.club_id == ask.club.id else None
    if not named and thread and ask.chat:
        named = await ask.records.paper_of_thread(ask.chat.id, thread)
    return ask.tools.known_paper(named) if named else await ask.this_paper()


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


def _beside(ask: Ask, paper: Paper, markdown: str) -> Reply:
    """An answer with what one may do with the paper."""
    return Reply(Message((Text(markdown), cards.paper_buttons((ask.words,), paper))), private=True)


def _said(markdown: str) -> Reply:
    return Reply(Message((Text(markdown),)), private=True)
