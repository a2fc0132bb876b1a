"""How organisers handle the messages by which a club is set up."""

import re
from collections.abc import Sequence

from bot.domain.clubs import Club
from tests.platforms.discord.home import Home
from tests.servers.discord import BOT_PERMISSIONS, Channel, Message, Permission, User
from tests.servers.discord_world import walk

WEEKLY = BOT_PERMISSIONS | Permission.MANAGE_THREADS | Permission.PIN_MESSAGES
"""Everything that a club makes use of every week."""


def hello(home: Home) -> Message:
    """The first thing that was said in the server."""
    return home.server.messages(home.general)[0]


def shown(message: Message) -> str:
    """The words of a message without their marks."""
    return re.sub(r"\\([\W_])|\*", r"\1", message.text)


def labels(message: Message) -> list[str]:
    """What is written on its buttons."""
    return [button.label for button in message.buttons]


async def choose(home: Home, message: Message, who: User, menu: str, *values: object) -> Message:
    """Choose from the list with this hint: by words, or a channel or a role itself; the answer, once it
    stands."""
    chosen: Sequence[str] = [each if isinstance(each, str) else str(each.id) for each in values]  # type: ignore[attr-defined]
    return await (await home.server.select(message, who, menu, chosen)).reply()


async def meet(home: Home, who: User, channel: Channel) -> Message:
    """Choose the channel for a club under the hello; the message as it then stands."""
    return await choose(home, hello(home), who, hints(hello(home))[0], channel)


def hints(message: Message) -> list[str]:
    """What its lists say they are for."""
    return [part["placeholder"] for part in walk(message.components) if "placeholder" in part]


async def club_of(home: Home, channel: Channel) -> Club:
    """The club that meets in a channel."""
    chat = await home.chat(channel)
    assert chat is not None
    async with home.house.tools.store.read() as records:
        club = await records.club(chat.club_id)
    assert club is not None
    return club


async def refused(home: Home, message: Message, who: User, menu: str, value: object) -> str:
    """Choose what is not to be had; what is said of it in private, beside the page."""
    chosen = [str(value.id)]  # type: ignore[attr-defined]
    told = await (await home.server.select(message, who, menu, chosen)).reply(1)
    assert told.ephemeral_to is who
    return shown(told)
