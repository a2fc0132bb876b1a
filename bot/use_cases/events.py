"""The live discussion of a week in the calendar of the server in which a club meets, where it wants that."""

from bot.domain.cadence import BeatKind
from bot.domain.clubs import Chat, Club, Week
from bot.domain.errors import Problem
from bot.domain.papers import Paper
from bot.domain.posts import Draft, Post, PostKind, PostState
from bot.messages.outgoing import Appointment, Message, Pointer, Reply, Text
from bot.messages.texts import Words
from bot.ports import Records
from bot.use_cases.asking import Ask

LASTS = 3600
"""How long a live discussion takes, in seconds, as far as a calendar has to know."""


async def starts_at(records: Records, club_id: int, now: int) -> int | None:
    """When the week that is going on is talked about live, in seconds since 1970, UTC: with its quiz, the one
    hour of a week at which something happens that is better together; in a club without one, at the recap.
    None when that is over, or does not come before the next paper."""
    beats = await records.beats(club_id)
    kinds = {beat.kind for beat in beats}
    kind = BeatKind.QUIZ if BeatKind.QUIZ in kinds else BeatKind.RECAP
    paper_at = min((b.next_at for b in beats if b.kind is BeatKind.PAPER and b.next_at), default=None)
    times = (beat.next_at for beat in beats if beat.kind is kind and beat.next_at is not None)
    return min((at for at in times if at > now and (paper_at is None or at <= paper_at)), default=None)


async def appointment(
    records: Records,
    spoken: tuple[Words, ...],
    post: Post,
    paper: Paper,
    club: Club,
    under: Post | None,
    now: int,
) -> Appointment:
    """What the calendar is to hold of a week, with the way to where its paper, posted as `under`, is talked
    about. Raises Problem when there is no such place."""
    thread = await records.thread(post.chat.id, paper.id)
    way = Pointer("", thread.thread_id if thread else None, under.message_id if under else None)
    if not (way.thread_id or way.message_id):
        raise Problem("error.button.old")
    wanted = post.chat.events and not club.paused
    at = await starts_at(records, club.id, now) if wanted else None
    title = spoken[0].plain("event.title", title=paper.title[spoken[0].language])
    about = "\n\n".join(words.plain("event.about", title=paper.title[words.language]) for words in spoken)
    return Appointment(title, about, way, at, at + LASTS if at else 0)


async def switch(ask: Ask) -> Reply:
    """Put the live discussions in the server's calendar from now on, or no more. Raises Problem where there
    is no calendar."""
    messenger = ask.tools.messengers.get(ask.sender.account.platform)
    if ask.chat is None or messenger is None or PostKind.EVENT in messenger.lacks:
        raise Problem("error.events.none")
    asked = ask.options["switch"].strip().lower()
    if asked not in ("on", "off"):
        raise Problem("error.events.unknown", asked=asked)
    await ask.records.set_events(ask.chat.id, asked == "on")
    await _see_to(ask, ask.chat, new=asked == "on")
    return Reply(Message((Text(ask.words(f"settings.events.{asked}")),)))


async def lines(ask: Ask) -> list[str]:
    """What the settings say of the calendar, where the club's live discussions are meant to be in it."""
    if ask.chat is None or not ask.chat.events:
        return []
    week = await ask.records.latest_week(ask.club.id)
    post = await ask.records.post_by_key(_key(ask.chat, week)) if week else None
    refused = post is not None and post.state is PostState.FAILED
    return [ask.words("settings.events.refused" if refused else "settings.events.now")]


async def follow(ask: Ask) -> None:
    """Let the calendar follow a change of the club's times."""
    for chat in await ask.records.chats(ask.club.id):
        if chat.events:
            await _see_to(ask, chat, new=True)


async def _see_to(ask: Ask, chat: Chat, *, new: bool) -> None:
    """Look after the appointment of the week that is going on, if there is one; a `new` one may be made."""
    week = await ask.records.latest_week(ask.club.id)
    if week is None or week.closed_at is not None:
        return
    key = _key(chat, week)
    known = await ask.records.post_by_key(key)
    if known:
        await ask.records.renew(known.id, ask.now)
    elif new:
        await ask.records.queue(Draft(chat.id, key, PostKind.EVENT, week.paper_id, ask.now, week.number))


def _key(chat: Chat, week: Week) -> str:
    return f"{chat.id}:week:{week.number}:{PostKind.EVENT}"
