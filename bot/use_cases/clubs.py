"""Clubs come to be, people join and leave them, and organisers set them up."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.domain.clubs import Chat, ChatKind, Club
from bot.domain.course import Course
from bot.domain.errors import Problem
from bot.domain.languages import ClubLanguage, Language
from bot.domain.rearranging import arranged
from bot.messages.incoming import Place, Sender
from bot.messages.markup import plain
from bot.messages.outgoing import Message, Reply, Text
from bot.ports import Records
from bot.use_cases import events
from bot.use_cases.asking import Ask, Tools
from bot.use_cases.papers import next_paper_time
from bot.use_cases.schedule import change_zone
from bot.use_cases.times import read_zone
from bot.use_cases.venues import role_of

DEFAULT_PRESET = "weekly"
"""The rhythm of a new club."""


async def found(tools: Tools, records: Records, sender: Sender, place: Place) -> Club:
    """A new club for a chat that has none, with the default week and plan."""
    language = tools.defaults.language or ClubLanguage(sender.language.value)
    title = sender.name if place.kind is ChatKind.PRIVATE else place.title
    now, zone = tools.clock.now(), tools.defaults.zone
    club_id = await records.add_club(title or sender.name, language, zone, tools.defaults.plan_id, now)
    platform = sender.account.platform
    await records.add_chat(club_id, platform, place.chat_id, place.kind, place.topics)
    begun = arranged(Course(club_id, ZoneInfo(zone), ()), tools.presets[DEFAULT_PRESET], now)
    await records.set_beats(club_id, begun.beats)
    club = await records.club(club_id)
    if club is None:  # the row was just written
        raise RuntimeError("the new club is not there")
    return club


async def join(ask: Ask) -> Reply:
    """Enrol. Whoever has left finds their record as it was."""
    _, new = await ask.enrol()
    words, role = ask.words, await role_of(ask, given=True)
    if not new:
        return Reply(Message((Text(words("join.already")),)), private=True, role=role)
    paper = await ask.this_paper()
    title = paper.title[words.language]
    text = words("join.done", name=plain(ask.sender.name), title=title)
    return Reply(Message((Text(text),)), role=role)


async def leave(ask: Ask) -> Reply:
    """Leave. The record stays and comes back with the member."""
    if ask.known is None or not ask.known.active:
        return Reply(Message((Text(ask.words("leave.not_member")),)), private=True)
    await ask.records.leave(ask.known.id, ask.now)
    role = await role_of(ask, given=False)
    return Reply(Message((Text(ask.words("leave.done")),)), private=True, role=role)


async def settings(ask: Ask) -> Reply:
    """The club's settings, and how to change them."""
    words = ask.words
    lines = [
        words("settings.heading", club=plain(ask.club.title)),
        "\n".join(
            (
                words("settings.language.now", language=words.plain(f"choice.language.{ask.club.language}")),
                words("settings.zone.now", zone=ask.club.zone),
                words(
                    "settings.plan.now",
                    plan=ask.plan.title[words.language],
                    position=ask.club.position,
                    total=len(ask.plan.papers),
                ),
                *([words(_where(ask.chat))] if ask.chat and ask.chat.topics else []),
                *await events.lines(ask),
            )
        ),
        words("settings.hint"),
    ]
    return Reply(Message((Text("\n\n".join(lines)),)))


async def set_language(ask: Ask) -> Reply:
    """The language of the club's posts."""
    asked = ask.options["language"].strip().lower()
    try:
        language = ClubLanguage(asked)
    except ValueError:
        raise Problem("error.language.unknown", asked=asked) from None
    await ask.records.set_language(ask.club.id, language)
    words = ask.words if language is ClubLanguage.BOTH else ask.tools.texts[Language(language.value)]
    name = words.plain(f"choice.language.{language}")
    return Reply(Message((Text(words("settings.language.done", language=name)),)))


async def set_zone(ask: Ask) -> Reply:
    """The zone in which the club's times are meant."""
    zone = read_zone(ask.options["zone"])
    await change_zone(ask, zone)
    club = await ask.records.club(ask.club.id) or ask.club
    when = await next_paper_time(ask.records, club, ask.words)
    return Reply(Message((Text(ask.words("settings.zone.done", zone=zone, when=when)),)))


async def set_topic(ask: Ask) -> Reply:
    """Where in a group with topics the week's posts go: to the topic this is said in, or to the chat at
    large."""
    if ask.chat is None:
        raise Problem("error.here.private")
    if ask.chat.kind is ChatKind.FORUM:
        raise Problem("error.here.forum")
    if not ask.chat.topics:
        raise Problem("error.here.no_topics")
    await ask.records.set_topic(ask.chat.id, ask.topic)
    return Reply(Message((Text(ask.words(_where(replace(ask.chat, topic=ask.topic)))),)))


def _where(chat: Chat) -> str:
    return "settings.here.topic" if chat.topic else "settings.here.chat"


async def set_plan(ask: Ask) -> Reply:
    """Another plan, from its beginning. The same plan changes nothing."""
    asked = ask.options["plan"].strip()
    plan = ask.tools.library.plan(asked)
    if plan is None:
        known = ", ".join(plan.id for plan in ask.tools.library.plans())
        raise Problem("error.plan.unknown", asked=asked, known=known)
    title = plan.title[ask.words.language]
    if plan.id == ask.club.plan_id:
        return Reply(Message((Text(ask.words("settings.plan.already", plan=title)),)))
    await ask.records.set_plan(ask.club.id, plan.id, 0)
    return Reply(Message((Text(ask.words("settings.plan.done", plan=title)),)))
