"""Chats in which nothing can be posted: telling who keeps them, and going on when they are open again."""

import logging
from collections.abc import Collection

from bot.domain.clubs import Chat, ChatKind, Platform, Trouble
from bot.messages.incoming import Place, Sender
from bot.messages.markup import plain
from bot.messages.outgoing import Message, Part, Text
from bot.ports import Ambiguous, NotSent, Records, Refused
from bot.use_cases.asking import Ask, Tools

log = logging.getLogger(__name__)


async def keep(records: Records, chat: Chat, sender: Sender, place: Place) -> None:
    """Remember an organiser as the one to be told about a chat. One who speaks as the chat itself, as
    anonymous admins do, cannot be told anything."""
    who = sender.account
    if chat.kind is not ChatKind.PRIVATE and who.user_id != place.chat_id:
        await records.set_keeper(chat.id, who.user_id, sender.language)


async def tell_keeper(tools: Tools, chat: Chat, trouble: Trouble) -> None:
    """Tell the organiser in private that nothing can be posted in a chat, why, and what helps.

    Where that is refused, or may have arrived, it is not tried again; where it was not sent, the next
    refusal in the chat is another occasion.
    """
    async with tools.store.read() as records:
        keeper = await records.keeper(chat.id)
        club = await records.club(chat.club_id)
    messenger = tools.messengers.get(chat.platform)
    if keeper is None or club is None or messenger is None:
        return
    words = tools.texts[keeper.language]
    text = words(f"trouble.{trouble}.told", club=plain(club.title), platform=name_of(chat.platform))
    try:
        await messenger.tell(keeper.account.user_id, Message((Text(text),)))
    except NotSent as error:
        log.info("an organiser was not told yet: %s", error)
        return
    except (Refused, Ambiguous) as error:
        log.info("an organiser could not be told: %s", error)
    async with tools.store.write() as records:
        await records.mark_told(chat.id)


async def leave(tools: Tools, sender: Sender, place: Place) -> None:
    """The bot was taken out of a chat: its posts wait. Its keeper is told, unless it was they."""
    async with tools.store.write() as records:
        chat = await records.chat(sender.account.platform, place.chat_id)
        if chat is None:
            return
        await records.set_chat_active(chat.id, False)
        untold = await records.set_trouble(chat.id, Trouble.GONE)
        keeper = await records.keeper(chat.id)
    if untold and keeper and keeper.account != sender.account:
        await tell_keeper(tools, chat, Trouble.GONE)


async def come_back(tools: Tools, platform: Platform, chat_ids: Collection[str]) -> None:
    """Go on in those of some chats in which nothing could be posted."""
    among = frozenset(chat_ids)
    async with tools.store.read() as records:
        waiting = [c for c in await records.chats_in_trouble(platform) if c.chat_id in among]
    if not waiting:
        return
    async with tools.store.write() as records:
        for chat in waiting:
            await records.set_chat_active(chat.id, True)
            await records.hasten(chat.id, tools.clock.now())


async def lines(ask: Ask) -> list[Part]:
    """What organisers see of the club's chats in which nothing can be posted."""
    found = await ask.records.troubles(ask.club.id)
    said = [ask.words(f"trouble.{trouble}.line", platform=name_of(chat.platform)) for chat, trouble in found]
    return [Text("\n\n".join(said))] if said else []


def name_of(platform: Platform) -> str:
    """A platform's name, the same in every language."""
    return platform.value.capitalize()
