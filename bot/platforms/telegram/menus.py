"""The command menus Telegram shows when one types `/`."""

import logging
from collections.abc import Iterator

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)
from telegram.error import TelegramError

from bot.domain.languages import Language
from bot.messages.texts import Texts, Words
from bot.use_cases.commands import COMMANDS

log = logging.getLogger(__name__)

_CODES = {Language.EN: "", Language.ZH: "zh"}
"""English is what everyone without a menu of their own language gets."""


def menu(words: Words) -> tuple[BotCommand, ...]:
    """The first word of every command, described in one language."""
    groups = dict.fromkeys(command.group for command in COMMANDS)
    return tuple(BotCommand(group, words.plain(f"command.{group}")) for group in groups)


async def set_menus(bot: Bot, texts: Texts) -> None:
    """Give each scope and language its menu, where it is not there already. A failure is logged and
    changes nothing else."""
    try:
        for scope, language in _menus():
            wanted = menu(texts[language])
            if await bot.get_my_commands(scope, _CODES[language]) != wanted:
                await bot.set_my_commands(wanted, scope, _CODES[language])
    except TelegramError as error:
        log.warning("the command menus could not be set: %s", error)


def _menus() -> Iterator[tuple[BotCommandScope, Language]]:
    for scope in (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()):
        for language in Language:
            yield scope, language
