"""The settings of a club as Discord's members meet them: lists that open, windows to type in, and what a club
uses of its server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.clubs import ChatKind
from bot.messages.markup import units
from tests.platforms.discord.home import FIRST, HOUR, MINUTE, Home, at_home
from tests.platforms.discord.panel import WEEKLY, choose, club_of, hello, hints, labels, meet, refused, shown
from tests.servers.discord import ChannelType, Message, Permission
from tests.servers.discord_world import walk

CHANNEL, MENTION, READER = (
    "Meet in this channel or forum",
    "Notify a role of each paper (optional)",
    "Give a role to whoever joins (optional)",
)
POWERFUL = WEEKLY | Permission.MANAGE_ROLES | Permission.CREATE_EVENTS


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """The house in a server that lets it give roles and make events."""
    async with at_home(tmp_path, rights=POWERFUL) as home:
        yield home


async def roles_page(home: Home) -> Message:
    """The page about the server of a club in #general."""
    panel = await meet(home, home.ines, home.general)
    return await home.press(panel, home.ines, "Channel and roles")


def held(message: Message, hint: str) -> list[str]:
    """The ids that a list shows as chosen."""
    [menu] = [part for part in walk(message.components) if part.get("placeholder") == hint]
    return [value["id"] for value in menu["default_values"]]


# Lists


async def test_each_setting_is_a_list_that_shows_what_holds(home: Home) -> None:
    panel = await meet(home, home.ines, home.general)
    pages = {
        "Language": ["Language"],
        "Time zone": ["A city whose time you keep", "Elsewhere, by part of the world"],
        "Day and time": ["Day of the paper"],
        "Plan": ["What to read"],
        "Channel and roles": [CHANNEL, MENTION, READER],
    }
    for button, lists in pages.items():
        page = await home.press(panel, home.ines, button)
        assert hints(page) == lists
        assert "Join" in labels(page)
        await home.press(page, home.ines, "‹ Back")
    assert home.server.messages(home.general) == [panel]


async def test_a_whole_part_of_the_world_fits_in_one_list(home: Home) -> None:
    panel = await meet(home, home.ines, home.general)
    await home.press(panel, home.ines, "Time zone")
    await choose(home, panel, home.ines, "Elsewhere, by part of the world", "Asia")
    assert "Next ›" not in labels(panel)
    await choose(home, panel, home.ines, "A city whose time you keep", "Urumqi")
    assert "Monday, 09:00 (Asia/Urumqi)" in shown(panel)


# Typing


async def test_any_zone_can_be_typed_in_a_window(home: Home) -> None:
    panel = await meet(home, home.ines, home.guild.channel("reading"))
    await home.press(panel, home.ines, "Time zone")
    opened = await home.server.press(panel, home.ines, "Type it…")
    sent = await home.server.modal(opened, {"City or time zone": "nairobi"})
    assert await sent.reply() is panel
    assert "Monday, 09:00 (Africa/Nairobi)" in shown(panel)
    assert (await club_of(home, home.guild.channel("reading"))).zone == "Africa/Nairobi"


async def test_any_time_can_be_typed_in_a_window_in_ones_own_language(home: Home) -> None:
    lin = home.guild.member("林晓", locale="zh-CN", manage_guild=True)
    panel = await meet(home, home.ines, home.general)
    await home.press(panel, lin, "Day and time")
    await choose(home, panel, lin, "Day of the paper", "Thursday")
    opened = await home.server.press(panel, lin, "Type it…")
    await opened.acknowledgement()
    assert opened.form is not None
    assert opened.form["title"] == "论文几点发？"
    sent = await home.server.modal(opened, {"时间（24 小时制）": "19:45"})
    await sent.reply()
    assert "Paper day: Thursday, 19:45 (UTC)" in shown(panel)


async def test_what_cannot_be_a_zone_is_answered_with_the_nearest(home: Home) -> None:
    panel = await meet(home, home.ines, home.general)
    page = await home.press(panel, home.ines, "Time zone")
    before = page.text
    opened = await home.server.press(panel, home.ines, "Type it…")
    sent = await home.server.modal(opened, {"City or time zone": "Tokio"})
    told = await sent.reply()
    assert told.ephemeral_to is home.ines
    assert "Asia/Tokyo" in shown(told)
    assert panel.text == before


# Channel


async def test_a_club_moves_to_another_channel_and_is_still_set_up_from_here(home: Home) -> None:
    page = await roles_page(home)
    forum = home.guild.channel("papers", ChannelType.FORUM)
    club = await club_of(home, home.general)
    await choose(home, page, home.ines, CHANNEL, forum)
    assert held(page, CHANNEL) == [str(forum.id)]
    chat = await home.chat(forum)
    assert chat is not None
    assert (chat.club_id, chat.kind) == (club.id, ChatKind.FORUM)
    assert await home.chat(home.general) is None
    panel = await home.press(page, home.ines, "‹ Back")
    assert "Forum: #papers" in shown(panel)
    reading = home.guild.channel("reading")
    await home.press(panel, home.ines, "Channel and roles")
    await choose(home, page, home.ines, CHANNEL, reading)
    chat = await home.chat(reading)
    assert chat is not None
    assert (chat.club_id, chat.kind) == (club.id, ChatKind.GROUP)
    await home.server.until(lambda: home.server.messages(reading))
    assert "Join" in labels(home.server.messages(reading)[0])
    await home.pass_time(3 * HOUR)
    assert len(home.server.threads(reading)) == 1


async def test_what_could_not_be_posted_comes_where_the_club_moves_to(home: Home) -> None:
    old, new = home.guild.channel("old"), home.guild.channel("new")
    panel = await meet(home, home.ines, old)
    await home.server.until(lambda: home.server.messages(old))
    old.forbid(Permission.SEND_MESSAGES)
    await home.pass_time(3 * HOUR)
    assert len(home.server.messages(old)) == 1
    page = await home.press(panel, home.ines, "Channel and roles")
    await choose(home, page, home.ines, CHANNEL, new)
    await home.pass_time(MINUTE)
    assert any(FIRST in message.text for message in home.server.messages(new))


async def test_a_club_does_not_move_where_another_meets_or_where_it_could_not_speak(home: Home) -> None:
    page = await roles_page(home)
    taken, hidden = home.guild.channel("taken"), home.guild.channel("hidden")
    await home.say(taken, home.ines, "start")
    hidden.forbid(Permission.VIEW_CHANNEL)
    told = await choose(home, page, home.ines, CHANNEL, taken)
    assert told.ephemeral_to is home.ines
    assert "Readers · #taken meets there already" in shown(told)
    told = await choose(home, page, home.ines, CHANNEL, hidden)
    assert "In #hidden I lack: View Channel. Allow it" in shown(told)
    assert await home.chat(home.general)
    assert (await club_of(home, taken)).id != (await club_of(home, home.general)).id


# Roles


async def test_a_role_to_notify_is_chosen_and_taken_back(home: Home) -> None:
    page, keen = await roles_page(home), home.guild.role("Keen")
    home.guild.change_role(keen, mentionable=True)
    await choose(home, page, home.ines, MENTION, keen)
    assert held(page, MENTION) == [str(keen.id)]
    chat = await home.chat(home.general)
    assert chat is not None
    assert (chat.mention, chat.reader) == (str(keen.id), None)
    await choose(home, page, home.ines, MENTION)
    assert held(page, MENTION) == []
    chat = await home.chat(home.general)
    assert chat is not None
    assert chat.mention is None


async def test_a_role_that_nobody_would_be_notified_of_is_refused_with_what_helps(home: Home) -> None:
    page, shy = await roles_page(home), home.guild.role("Shy")
    assert "let anyone @mention it" in await refused(home, page, home.ines, MENTION, shy)
    assert held(page, MENTION) == []
    everyone = home.guild.roles[home.guild.id]
    assert "I never notify everyone" in await refused(home, page, home.ines, MENTION, everyone)


async def test_a_role_that_we_cannot_give_is_refused_with_what_helps(home: Home) -> None:
    page = await roles_page(home)
    guild, booster, chief = home.guild, home.guild.role("Booster"), home.guild.role("Chief")
    guild.change_role(booster, managed=True)
    guild.change_role(chief, position=251)
    keeper = guild.role("Keeper", Permission.MANAGE_MESSAGES)
    refusals = {
        guild.roles[guild.id]: "everybody has that role",
        booster: "@Booster belongs to an app or to Discord",
        chief: "drag Paperclub above it",
        keeper: "@Keeper has rights over people or the server",
    }
    for role, words in refusals.items():
        assert words in await refused(home, page, home.ines, READER, role)
        assert held(page, READER) == []
    guild.grant("Paperclub", WEEKLY)
    told = await refused(home, page, home.ines, READER, guild.role("Readers of papers"))
    assert "I need the permission Manage Roles" in told


async def test_all_that_is_refused_is_said_whole(home: Home) -> None:
    """Not cut where it says what helps, whatever a role or a channel is called."""
    page = await roles_page(home)
    lin = home.guild.member("林晓", locale="zh-CN", manage_guild=True)
    for who in (home.ines, lin):
        for name in ("A role with a long name for those who read with us", "每周和我们一起读论文的朋友们"):
            role = home.guild.role(name)
            home.guild.change_role(role, position=251)
            told = await refused(home, page, who, READER, role)
            assert told[-1] in ".。"
            assert units(told) <= 200
        far = home.guild.channel("a-forum-with-a-long-name-for-those-who-read-with-us", ChannelType.FORUM)
        far.forbid(*WEEKLY)
        lacks = shown(await choose(home, page, who, CHANNEL, far))
        assert lacks[-1] in ".。"
        assert units(lacks) <= 200
        far.allow(Permission.VIEW_CHANNEL, Permission.SEND_MESSAGES, Permission.EMBED_LINKS)
        far.allow(Permission.SEND_MESSAGES_IN_THREADS)
        told = await refused(home, page, who, CHANNEL, far)
        assert told[-1] in ".。"
        assert units(told) <= 200


# The calendar


async def test_discussions_are_put_in_the_calendar_where_that_is_allowed(home: Home) -> None:
    page = await roles_page(home)
    await home.press(page, home.ines, "Put discussions in the calendar")
    chat = await home.chat(home.general)
    assert chat is not None
    assert chat.events
    await home.press(page, home.ines, "Keep discussions out of the calendar")
    home.guild.grant("Paperclub", WEEKLY)
    told = await home.press(page, home.ines, "Put discussions in the calendar")
    assert told.ephemeral_to is home.ines
    assert "Create Events" in shown(told)
    assert hello(home) is page
