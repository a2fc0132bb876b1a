"""What Telegram shows of the bot by itself: the command menus, its descriptions, and the rights that it asks
for when it is made an admin.

All of it is kept by Telegram. It is read at the start, and only what differs is sent.
"""

import asyncio
import logging
from collections.abc import Awaitable, Sequence

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    ChatAdministratorRights,
)
from telegram.error import TelegramError

from bot.domain.languages import Language
from bot.messages.texts import Texts, Words
from bot.use_cases.commands import COMMANDS

log = logging.getLogger(__name__)

_CODES = {Language.EN: "", Language.ZH: "zh"}
"""English is what everyone without a language of their own here gets."""

_OFTEN = ("paper", "quiz", "read", "progress")
_SELDOM = ("path", "glossary", "invite")
_LAST = ("leave", "help")

_GROUP = (*_OFTEN, "discuss", "schedule", *_SELDOM, "join", "unread", *_LAST)
_ADMINS = ("settings", "schedule", "start", *(word for word in _GROUP if word != "schedule"))
_PRIVATE = (*_OFTEN, *_SELDOM, "schedule", "settings", "unread", "start", *_LAST)
"""The first words of the commands that make sense to whom they are offered, by use. Whoever types another
one is answered all the same."""

_GROUP_RIGHTS = ("can_manage_chat", "can_pin_messages", "can_manage_topics")
_CHANNEL_RIGHTS = ("can_manage_chat", "can_post_messages", "can_edit_messages")
"""What the bot asks for. Telegram counts the first in with any other."""


def menu(words: Words, offered: Sequence[str]) -> tuple[BotCommand, ...]:
    """The commands offered somewhere, described in one language."""
    known = dict.fromkeys(command.group for command in COMMANDS)
    # A command that no list names yet is better found at the end than nowhere.
    new = (word for word in known if word not in {*_GROUP, *_ADMINS, *_PRIVATE})
    return tuple(BotCommand(word, words.plain(f"command.{word}")) for word in (*offered, *new))


async def set_menus(bot: Bot, texts: Texts) -> None:
    """Let Telegram show what belongs there, where it does not already. A failure is logged and changes
    nothing else."""
    scopes: tuple[tuple[BotCommandScope, Sequence[str]], ...] = (
        (BotCommandScopeAllPrivateChats(), _PRIVATE),
        (BotCommandScopeAllGroupChats(), _GROUP),
        (BotCommandScopeAllChatAdministrators(), _ADMINS),
    )
    steps: list[Awaitable[None]] = []
    for language, code in _CODES.items():
        words = texts[language]
        steps += [_commands(bot, scope, code, menu(words, offered)) for scope, offered in scopes]
        steps.append(_description(bot, code, words.plain("about.description")))
        steps.append(_short_description(bot, code, words.plain("about.short")))
    steps.append(_rights(bot, _GROUP_RIGHTS, for_channels=False))
    steps.append(_rights(bot, _CHANNEL_RIGHTS, for_channels=True))
    # Side by side, as nothing is heard before they are done.
    for outcome in await asyncio.gather(*steps, return_exceptions=True):
        if isinstance(outcome, TelegramError):
            log.warning("a menu, a description or the rights asked for could not be set: %s", outcome)
        elif isinstance(outcome, BaseException):
            raise outcome


async def _commands(bot: Bot, scope: BotCommandScope, code: str, wanted: tuple[BotCommand, ...]) -> None:
    if await bot.get_my_commands(scope, code) != wanted:
        await bot.set_my_commands(wanted, scope, code)


async def _description(bot: Bot, code: str, wanted: str) -> None:
    """What an empty private chat shows."""
    if (await bot.get_my_description(code)).description != wanted:
        await bot.set_my_description(wanted, code)


async def _short_description(bot: Bot, code: str, wanted: str) -> None:
    """What the bot's profile shows, and what is sent with its link."""
    if (await bot.get_my_short_description(code)).short_description != wanted:
        await bot.set_my_short_description(wanted, code)


async def _rights(bot: Bot, wanted: Sequence[str], *, for_channels: bool) -> None:
    current = (await bot.get_my_default_administrator_rights(for_channels)).to_dict()
    if {right for right, given in current.items() if given} == set(wanted):
        return
    none = ChatAdministratorRights.no_rights().to_dict()
    # The library does not know the last of them yet.
    rights = {**none, "can_send_welcome_messages": False, **dict.fromkeys(wanted, True)}
    await bot.set_my_default_administrator_rights(ChatAdministratorRights.de_json(rights, bot), for_channels)
