"""What Telegram shows of the bot by itself: menus, descriptions, and the rights it asks for."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from bot.domain.languages import Language
from bot.messages.texts import Texts
from bot.platforms.telegram import menus
from bot.platforms.telegram.menus import set_menus
from bot.use_cases.commands import COMMANDS
from tests.house import words
from tests.servers.telegram import Call, Chat, Member, TelegramServer, User

WORDS = set(dict.fromkeys(command.group for command in COMMANDS))


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with Bot(server.token, base_url=f"{server.url}/bot") as bot:
        yield bot


@pytest.fixture
def ana(server: TelegramServer) -> User:
    return server.user("Ana", language="zh-hans")


@pytest.fixture
def group(server: TelegramServer, ana: User) -> Chat:
    return server.group("Readers", members=[ana])


def set_calls(server: TelegramServer) -> list[Call]:
    """What was sent to be shown."""
    return [call for call in server.calls if call.method.startswith("setMy")]


async def test_members_are_offered_what_members_do_most_first(
    server: TelegramServer, bot: Bot, ana: User, group: Chat
) -> None:
    await set_menus(bot, words())
    offered = server.menu(group, ana)
    assert offered[:4] == ["paper", "quiz", "read", "progress"]
    assert offered[-1] == "help"
    assert {"join", "discuss", "invite"} < set(offered)
    assert not {"settings", "start"} & set(offered)


async def test_admins_are_offered_everything_what_organises_first(
    server: TelegramServer, bot: Bot, group: Chat
) -> None:
    await set_menus(bot, words())
    boss = server.user("Ines")
    group.members[boss.id] = Member(boss, "administrator")
    offered = server.menu(group, boss)
    assert offered[:2] == ["settings", "schedule"]
    assert set(offered) == WORDS


async def test_in_private_nothing_is_offered_that_needs_a_group(
    server: TelegramServer, bot: Bot, ana: User
) -> None:
    await set_menus(bot, words())
    offered = server.menu(server.private(ana), ana)
    assert not {"join", "discuss"} & set(offered)
    assert {"paper", "settings", "start", "help"} < set(offered)


async def test_no_command_is_offered_twice_and_none_to_nobody(server: TelegramServer, bot: Bot) -> None:
    await set_menus(bot, words())
    offered = [[each["command"] for each in menu] for menu in server.api.commands.values()]
    assert len(offered) == 6
    assert all(len(menu) == len(set(menu)) for menu in offered)
    assert set().union(*offered) == WORDS


async def test_a_command_that_no_list_names_yet_is_offered_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("_GROUP", "_ADMINS", "_PRIVATE"):
        shorter = tuple(word for word in getattr(menus, name) if word != "glossary")
        monkeypatch.setattr(menus, name, shorter)
    offered = menus.menu(words()[Language.EN], ("paper", "help"))
    assert [command.command for command in offered] == ["paper", "help", "glossary"]


async def test_each_language_has_its_own_words_and_english_is_for_everybody_else(
    server: TelegramServer, bot: Bot
) -> None:
    await set_menus(bot, words())
    menu = server.api.menu({"type": "all_group_chats"}, "")
    assert menu[0] == {"command": "paper", "description": "This week’s paper, the list, search"}
    assert server.api.menu({"type": "all_group_chats"}, "zh")[0]["description"] == "本周论文、书单与搜索"
    for name, key in (("description", "about.description"), ("short_description", "about.short")):
        for language, code in ((Language.EN, ""), (Language.ZH, "zh")):
            assert server.api.texts[name, code] == words()[language].plain(key)


async def test_only_the_rights_that_are_used_are_asked_for(server: TelegramServer, bot: Bot) -> None:
    await set_menus(bot, words())
    assert server.api.rights == {
        False: {"can_manage_chat", "can_pin_messages", "can_manage_topics"},
        True: {"can_manage_chat", "can_post_messages", "can_edit_messages"},
    }


async def test_what_is_there_already_is_left_alone(server: TelegramServer, bot: Bot) -> None:
    await set_menus(bot, words())
    before = len(set_calls(server))
    await set_menus(bot, words())
    assert len(set_calls(server)) == before == 12


async def test_what_differs_is_sent_alone(server: TelegramServer, bot: Bot) -> None:
    await set_menus(bot, words())
    before = len(set_calls(server))
    server.api.texts["short_description", "zh"] = "旧的介绍"
    await set_menus(bot, words())
    [sent] = set_calls(server)[before:]
    assert (sent.method, sent.params["language_code"]) == ("setMyShortDescription", "zh")


@pytest.mark.parametrize(
    "method",
    ["getMyCommands", "getMyDescription", "setMyShortDescription", "setMyDefaultAdministratorRights"],
)
async def test_one_failure_changes_nothing_else(
    server: TelegramServer, bot: Bot, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.fault(method, "500")
    await set_menus(bot, words())
    assert len(server.api.commands) + len(server.api.texts) + sum(map(bool, server.api.rights.values())) == 11
    assert [record.levelname for record in caplog.records if "could not be set" in record.message] == [
        "WARNING"
    ]
    await set_menus(bot, Texts(words().catalogues))
    assert len(server.api.commands) + len(server.api.texts) + sum(map(bool, server.api.rights.values())) == 12
