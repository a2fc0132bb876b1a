"""A channel and its discussion group are one club: it is told what comes in the one and talks in the other.

Whatever stands in the channel is brought into the group by the platform itself, where replies to it are
comments; so the week's paper is posted once, and discussed under what was brought.
"""

import logging

from bot.domain.clubs import Chat, ChatKind, Platform, Thread
from bot.domain.posts import Draft, Post, PostKind
from bot.messages.incoming import Forwarded, Place
from bot.ports import Ambiguous, NotSent, Records, Refused
from bot.use_cases.asking import Tools

log = logging.getLogger(__name__)

FORWARD_SECONDS = 30
"""How long the group waits for the paper to be brought there. Where we may not see that, a discussion is
opened as if it had been asked for."""


async def come_together(tools: Tools, platform: Platform, place: Place) -> None:
    """Let a chat and what the platform says belongs together with it be of one club, or part them where that
    is over."""
    messenger = tools.messengers.get(platform)
    if messenger is None or place.kind is ChatKind.PRIVATE:
        return
    try:
        partner = await messenger.partner(place.chat_id)
    except (NotSent, Refused, Ambiguous) as error:
        log.info("what belongs together with a chat is not known: %s", error)
        return
    async with tools.store.write() as records:
        await _join_up(records, platform, place, partner)


async def _join_up(records: Records, platform: Platform, place: Place, partner: str | None) -> None:
    """The newcomer joins the other's club; where both have one already, the channel joins the group's, and
    the one it leaves rests."""
    chat = await records.chat(platform, place.chat_id)
    other = await records.chat(platform, partner) if partner else None
    if other is None or not other.active or other.kind is place.kind:
        if chat and chat.linked:
            await records.unlink(chat.id)
        return
    if chat is None or not chat.active:
        joined = await records.add_chat(other.club_id, platform, place.chat_id, place.kind, place.topics)
        await records.link(joined, other.id)
        return
    if chat.club_id != other.club_id:
        channel, group = (chat, other) if chat.kind is ChatKind.CHANNEL else (other, chat)
        if await records.chats(channel.club_id) == [channel]:
            await records.set_paused(channel.club_id, True)
        await records.add_chat(group.club_id, platform, channel.chat_id, channel.kind, channel.topics)
    if chat.linked != other.id:
        await records.link(chat.id, other.id)


async def take_forward(tools: Tools, platform: Platform, place: Place, forward: Forwarded) -> None:
    """A channel's message was brought into the group: if it is the week's paper, it is discussed under it.
    It may come before we know that the paper was sent, so it is kept in mind."""
    async with tools.store.write() as records:
        group = await records.chat(platform, place.chat_id)
        channel = await records.chat(platform, forward.chat_id)
        if group is None or channel is None or channel.linked != group.id:
            return
        await records.keep(_kept(channel), f"{forward.message_id} {forward.as_id}")
        week = await records.latest_week(channel.club_id)
        if week is None:
            return
        paper = await records.post_by_key(f"{channel.id}:week:{week.number}:{PostKind.PAPER}")
        if paper is None or paper.message_id != forward.message_id:
            return
        waits = await records.post_by_key(_opener(paper).key)
        if waits and not waits.attempts:
            await records.call_off(waits.key)
            await records.queue(await _begun(records, paper, forward.as_id))


async def discussion_of(records: Records, paper: Post) -> Draft:
    """What begins the discussion of a paper that was posted in a channel, in the channel's group."""
    found = await records.kept(_kept(paper.chat))
    message_id, _, as_id = (found or "").partition(" ")
    if paper.message_id and message_id == paper.message_id:
        return await _begun(records, paper, as_id)
    return _opener(paper)


async def _begun(records: Records, paper: Post, root: str) -> Draft:
    """The discussion's first words, under what was brought into the group."""
    group = paper.chat.talk
    await records.set_thread(Thread(group, paper.paper_id, None, root))
    return _draft(paper, PostKind.STARTER, paper.due_at)


def _opener(paper: Post) -> Draft:
    return _draft(paper, PostKind.OPENER, (paper.sent_at or paper.due_at) + FORWARD_SECONDS)


def _draft(paper: Post, kind: PostKind, due_at: int) -> Draft:
    group = paper.chat.talk
    return Draft(group, f"{group}:week:{paper.week}:{kind}", kind, paper.paper_id, due_at, paper.week)


def _kept(channel: Chat) -> str:
    return f"forward.{channel.id}"
