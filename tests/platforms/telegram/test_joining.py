"""Coming to a club on Telegram: the bot is added, links are opened, people join the group."""

from collections.abc import Sequence

import pytest

from bot.domain.clubs import Account, Platform
from tests.conversations.telegram_stage import TelegramStage
from tests.servers.telegram import Chat, Member, Message, TelegramServer, User

MONDAY = 2 * 3600


@pytest.fixture
def server(stage: TelegramStage) -> TelegramServer:
    return stage.server


@pytest.fixture
def ines(server: TelegramServer) -> User:
    """Who organises the groups of these tests."""
    return server.user("Ines")


async def added(stage: TelegramStage, group: Chat, by: User, rights: Sequence[str] = ()) -> list[Message]:
    """Somebody adds the bot; what it says there."""
    before = len(stage.server.messages(group))
    stage.server.add_bot(group, by, rights)
    await stage.server.settled()
    return stage.server.messages(group)[before:]


async def pressed(stage: TelegramStage, message: Message, user: User, label: str) -> str:
    """What a press is answered with, once all of it has happened."""
    press = stage.server.press(message, user, label)
    await stage.server.settled()
    return (await press).text


async def clubs(stage: TelegramStage) -> int:
    """How many clubs there are."""
    async with stage.house.tools.store.read() as records:
        return len(await records.clubs())


async def members(stage: TelegramStage, chat: Chat) -> int:
    """How many belong to the club of a chat."""
    async with stage.house.tools.store.read() as records:
        known = await records.chat(Platform.TELEGRAM, str(chat.id))
        assert known is not None
        club = await records.club(known.club_id)
    assert club is not None
    return club.members


# The bot is added


@pytest.mark.parametrize(
    ("language", "setting", "city", "join"),
    [("en", "Time zone", "London", "Join"), ("zh-hans", "时区", "上海", "加入")],
)
async def test_one_message_is_all_it_says_and_all_it_changes(
    stage: TelegramStage, server: TelegramServer, language: str, setting: str, city: str, join: str
) -> None:
    boss, ana = server.user("Boss", language=language), server.user("Ana")
    group = server.group("Elsewhere", admins=[boss], members=[ana], bot=None)
    [panel] = await added(stage, group, boss)
    text = panel.text
    assert "Only organisers" in await pressed(stage, panel, ana, setting)
    assert panel.text == text
    assert await pressed(stage, panel, boss, setting) == ""
    assert join in panel.buttons
    await pressed(stage, panel, boss, city)
    assert {"London": "Europe/London", "上海": "Asia/Shanghai"}[city] in panel.text
    assert server.messages(group) == [panel]
    await pressed(stage, panel, ana, join)
    assert await members(stage, group) == 1


async def test_added_by_a_link_it_says_one_message_too(
    stage: TelegramStage, server: TelegramServer, ines: User
) -> None:
    """`?startgroup=…` lets the app of whoever adds the bot say `/start` with the parameter."""
    group = server.group("Elsewhere", admins=[ines], bot=None)
    server.add_bot(group, ines)
    server.say(group, ines, "/start@paperclub_bot true")
    await server.settled()
    assert len(server.messages(group)) == 1


async def test_an_anonymous_admin_sets_the_club_up(
    stage: TelegramStage, server: TelegramServer, ines: User
) -> None:
    """They write as the group; a press comes from their own account, as Telegram tells it."""
    group = server.group("Elsewhere", admins=[ines])
    server.say(group, ines, "/start", anonymous=True)
    await server.settled()
    [panel] = server.messages(group)
    await pressed(stage, panel, ines, "Day and time")
    await pressed(stage, panel, ines, "Sunday")
    await pressed(stage, panel, ines, "10:00")
    assert "Paper day: Sunday, 10:00" in panel.text


async def test_a_group_that_is_upgraded_keeps_its_club_and_is_set_up_from_a_new_message(
    stage: TelegramStage, server: TelegramServer, ines: User
) -> None:
    group = server.basic_group("Small", admins=[ines], bot=None)
    [panel] = await added(stage, group, ines)
    await pressed(stage, panel, ines, "Time zone")
    await pressed(stage, panel, ines, "London")
    before = await clubs(stage)
    bigger = server.upgrade(group, ines)
    await server.settled()
    assert "/start" in await pressed(stage, panel, ines, "Language")
    server.say(bigger, ines, "/start")
    await server.settled()
    [fresh] = server.messages(bigger)
    assert "Europe/London" in fresh.text
    await pressed(stage, fresh, ines, "Language")
    await pressed(stage, fresh, ines, "Chinese")
    assert "Europe/London" in fresh.text
    assert "语言：中文" in fresh.text
    assert await clubs(stage) == before


async def test_a_bot_that_is_added_again_finds_its_club(
    stage: TelegramStage, server: TelegramServer, ines: User
) -> None:
    group = server.group("Elsewhere", admins=[ines], bot=None)
    [panel] = await added(stage, group, ines)
    await pressed(stage, panel, ines, "Time zone")
    await pressed(stage, panel, ines, "London")
    before = await clubs(stage)
    server.remove_bot(group, ines)
    await server.settled()
    [fresh] = await added(stage, group, ines, ["can_pin_messages"])
    assert "Europe/London" in fresh.text
    assert await clubs(stage) == before


async def test_a_message_that_is_gone_is_said_anew(
    stage: TelegramStage, server: TelegramServer, ines: User
) -> None:
    group = server.group("Elsewhere", admins=[ines], bot=None)
    [panel] = await added(stage, group, ines)
    press = server.press(panel, ines, "Plan")
    panel.deleted = True
    await server.settled()
    await press
    assert "‹ Back" in server.messages(group)[-1].buttons


# Links


async def invitation(stage: TelegramStage, group: Chat, by: User) -> str:
    """The link that a member is shown."""
    said = await stage.server.ask(group, by, "/invite")
    [address] = [entity["url"] for entity in said.entities if entity["type"] == "text_link"]
    assert address in said.text
    return str(address)


async def opened(stage: TelegramStage, user: User, address: str) -> Message:
    """What a link leads to: the one thing the bot says there."""
    chat = stage.server.private(user)
    before = len(stage.server.messages(chat))
    start = address.partition("https://t.me/paperclub_bot?start=")[2]
    assert start
    stage.server.say(chat, user, f"/start {start}")
    await stage.server.settled()
    [said] = stage.server.messages(chat)[before:]
    return said


async def test_an_invitation_lets_an_outsider_in_who_never_wrote_before(
    stage: TelegramStage, server: TelegramServer
) -> None:
    ana = stage.person("Ana").handle
    await stage.pass_time(MONDAY)
    address = await invitation(stage, stage.group, ana)
    omar = server.user("Omar", language="zh-hans")
    before = await clubs(stage)
    said = await opened(stage, omar, address)
    assert "欢迎加入“Readers”，Omar！" in said.text
    assert said.buttons == ["本周论文", "考考我", "我的进度"]
    assert await members(stage, stage.group) == 1
    assert "已经在" in (await opened(stage, omar, address)).text
    assert await members(stage, stage.group) == 1
    assert await clubs(stage) == before
    await pressed(stage, said, omar, "考考我")
    assert "第 1 题" in server.messages(server.private(omar))[-1].text


async def test_an_invitation_that_was_renewed_lets_nobody_in(
    stage: TelegramStage, server: TelegramServer
) -> None:
    host, ana = stage.person("Ines", organiser=True), stage.person("Ana")
    old = await invitation(stage, stage.group, ana.handle)
    await stage.say(host, "/invite renew")
    new = await invitation(stage, stage.group, ana.handle)
    omar = server.user("Omar")
    before = await clubs(stage)
    assert "does not work any more" in (await opened(stage, omar, old)).text
    assert await clubs(stage) == before
    assert "Welcome to Readers, Omar." in (await opened(stage, omar, new)).text


async def test_start_alone_still_founds_a_club_of_one(stage: TelegramStage, server: TelegramServer) -> None:
    omar = server.user("Omar")
    before = await clubs(stage)
    said = await server.ask(server.private(omar), omar, "/start")
    await server.settled()
    assert "Hello, this is Paperclub." in said.text
    assert await clubs(stage) == before + 1


async def test_a_quiz_opened_from_a_group_is_that_clubs(
    stage: TelegramStage, server: TelegramServer, ines: User
) -> None:
    """For one who is in two clubs, the other of them last; and for one who never wrote to the bot."""
    ana, omar = server.user("Ana"), server.user("Omar")
    one = server.group("One", admins=[ines], members=[ana, omar], bot=None)
    two = server.group("Two", admins=[ines], members=[ana], bot=None)
    [first], [second] = await added(stage, one, ines), await added(stage, two, ines)
    await pressed(stage, first, ana, "Join")
    await pressed(stage, second, ana, "Join")
    paper = await server.ask(one, ines, "/paper")
    before = await clubs(stage)
    for who in (ana, omar):
        press = server.press(paper, who, "Quiz me")
        await server.settled()
        address = (await press).url
        assert address is not None
        card = await opened(stage, who, address)
        assert "Question 1" in card.text
        async with stage.house.tools.store.read() as records:
            chat = await records.chat(Platform.TELEGRAM, str(one.id))
            assert chat is not None
            member = await records.member_by_account(chat.club_id, Account(Platform.TELEGRAM, str(who.id)))
            assert member is not None
            assert await records.latest_round(chat.club_id, "dropout-2012", member.id) is not None
    assert await members(stage, one) == 2
    assert await clubs(stage) == before


async def test_pages_opened_from_a_group_by_a_stranger_are_that_clubs(
    stage: TelegramStage, server: TelegramServer, ines: User
) -> None:
    """Looking enrols nobody, and founds no club of one either."""
    omar = server.user("Omar")
    group = server.group("One", admins=[ines], members=[omar], bot=None)
    await added(stage, group, ines)
    paper = await server.ask(group, ines, "/paper")
    before = await clubs(stage)
    press = server.press(paper, omar, "More about it")
    await server.settled()
    address = (await press).url
    assert address is not None
    await opened(stage, omar, address)
    assert await clubs(stage) == before
    assert await members(stage, group) == 0


# People join the group


@pytest.fixture
async def group(stage: TelegramStage, server: TelegramServer, ines: User) -> Chat:
    """A group in which a club meets; the bot is a plain member of it."""
    group = server.group("Open", admins=[ines], bot=None)
    await added(stage, group, ines)
    return group


def greetings(server: TelegramServer, group: Chat) -> list[Message]:
    """What was said to those who came."""
    return [each for each in server.messages(group) if each.text.startswith(("Welcome!", "欢迎新朋友"))]


async def test_who_joins_is_greeted_quietly_with_the_way_in(
    stage: TelegramStage, server: TelegramServer, group: Chat
) -> None:
    bea = server.user("Bea")
    await stage.pass_time(MONDAY)
    server.join(group, bea)
    await server.settled()
    [greeting] = greetings(server, group)
    assert "paper 1 of 18" in greeting.text
    assert greeting.silent
    assert greeting.reply_to is None
    assert greeting.buttons == ["Join", "This week’s paper"]
    await pressed(stage, greeting, bea, "Join")
    assert await members(stage, group) == 1
    await pressed(stage, greeting, bea, "This week’s paper")
    assert "This week · 1 of 18" in server.messages(group)[-1].text


@pytest.mark.parametrize("rights", [(), ("can_pin_messages",)])
async def test_one_greeting_for_one_join_however_it_is_told(
    stage: TelegramStage, server: TelegramServer, ines: User, group: Chat, rights: tuple[str, ...]
) -> None:
    """To an admin Telegram tells it twice; and it is told again when they leave and come back."""
    if rights:
        server.promote(group, ines, rights)
        await server.settled()
    bea = server.user("Bea")
    for _ in range(2):
        server.join(group, bea)
        await server.settled()
        server.leave(group, bea)
        await server.settled()
        stage.clock.advance(3600)
    assert len(greetings(server, group)) == 1


async def test_an_admin_hears_of_a_join_whose_message_never_came(
    stage: TelegramStage, server: TelegramServer, ines: User, group: Chat
) -> None:
    """Large groups have no such messages any more."""
    server.promote(group, ines, ["can_pin_messages"])
    bea = server.user("Bea")
    server.api.move_member(group, bea, "member", by=bea)
    await server.settled()
    assert len(greetings(server, group)) == 1


async def test_bots_and_members_are_not_greeted(
    stage: TelegramStage, server: TelegramServer, ines: User, group: Chat
) -> None:
    ana = server.user("Ana")
    server.join(group, ana, by=ines)
    await server.settled()
    [greeting] = greetings(server, group)
    await pressed(stage, greeting, ana, "Join")
    stage.clock.advance(3600)
    server.leave(group, ana)
    server.join(group, ana)
    server.join(group, server.user("Helper", is_bot=True), by=ines)
    await server.settled()
    assert greetings(server, group) == [greeting]


async def test_many_who_come_at_once_are_greeted_together(
    stage: TelegramStage, server: TelegramServer, ines: User, group: Chat
) -> None:
    server.join(group, *(server.user(f"Guest {n}") for n in range(5)), by=ines)
    for n in range(100):
        server.join(group, server.user(f"Raider {n}"))
    await server.settled()
    assert len(greetings(server, group)) == 1
    stage.clock.advance(60)
    server.join(group, server.user("Late"))
    await server.settled()
    assert len(greetings(server, group)) == 2


async def test_the_greeting_is_in_the_clubs_language(
    stage: TelegramStage, server: TelegramServer, ines: User, group: Chat
) -> None:
    await server.ask(group, ines, "/settings language zh")
    server.join(group, server.user("Bea"))
    await server.settled()
    [greeting] = greetings(server, group)
    assert "读书会开始时间" in greeting.text


async def test_a_greeting_that_may_not_be_said_stops_nothing(
    stage: TelegramStage, server: TelegramServer, ines: User, group: Chat
) -> None:
    server.restrict(group, ines)
    server.join(group, server.user("Bea"))
    await server.settled()
    server.restrict(group, ines, ["can_send_messages"])
    stage.clock.advance(60)
    server.join(group, server.user("Cai"))
    await server.settled()
    assert len(greetings(server, group)) == 1


async def test_who_follows_a_channel_is_not_greeted(
    stage: TelegramStage, server: TelegramServer, ines: User, group: Chat
) -> None:
    """Of each of them Telegram tells an admin."""
    server.promote(group, ines, ["can_pin_messages"])
    await server.settled()
    bea = server.user("Bea").to_json()
    server.updates.add_raw(
        {
            "chat_member": {
                "chat": {"id": group.id, "type": "channel", "title": "News"},
                "from": bea,
                "date": server.world.time,
                "old_chat_member": {"status": "left", "user": bea},
                "new_chat_member": {"status": "member", "user": bea},
            }
        }
    )
    await server.settled()
    assert greetings(server, group) == []


async def test_who_leaves_or_is_promoted_is_not_greeted(
    stage: TelegramStage, server: TelegramServer, ines: User, group: Chat
) -> None:
    server.promote(group, ines, ["can_pin_messages"])
    ana = server.user("Ana")
    group.members[ana.id] = Member(ana)
    server.api.move_member(group, ana, "administrator", by=ines)
    server.leave(group, ana)
    await server.settled()
    assert greetings(server, group) == []
