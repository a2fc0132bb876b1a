"""How a club begins on Discord, and how people come into it."""

import logging
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.domain.clubs import ChatKind
from bot.platforms.discord.invite import LEAST, account_link, server_link
from tests.conversations.discord_stage import DiscordStage
from tests.platforms.discord.home import HOUR, Home, at_home
from tests.platforms.discord.panel import WEEKLY, choose, club_of, hello, hints, labels, meet, shown
from tests.servers.discord import Channel, ChannelType, Permission
from tests.servers.discord_checks import CHANNELS
from tests.servers.discord_world import walk

WHERE = "Where shall the club meet?"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """The house in a server that has given it all it asks for."""
    async with at_home(tmp_path, rights=WEEKLY) as home:
        yield home


# Beginning


async def test_the_hello_asks_whoever_manages_the_server_where_the_club_shall_meet(home: Home) -> None:
    said = hello(home)
    assert "I run reading clubs" in shown(said)
    assert "/start" in shown(said)
    [picker] = [part for part in walk(said.components) if part["type"] == CHANNELS]
    assert picker["placeholder"] == WHERE
    assert {ChannelType.TEXT, ChannelType.FORUM} <= set(picker["channel_types"])


async def test_a_chosen_channel_has_a_club_which_is_set_up_where_one_is(home: Home) -> None:
    reading = home.guild.channel("reading")
    panel = await meet(home, home.ines, reading)
    assert panel is hello(home)
    assert "Channel: #reading" in shown(panel)
    assert labels(panel) == ["Join", "Language", "Time zone", "Day and time", "Plan", "Channel and roles"]
    club = await club_of(home, reading)
    assert club.title == "Readers · #reading"
    assert await home.chat(home.general) is None
    # Those who are there find the way in.
    await home.server.until(lambda: home.server.messages(reading))
    [door] = home.server.messages(reading)
    assert labels(door) == ["Join", "This week’s paper"]
    bo = home.guild.member("Bo")
    assert "Welcome, Bo" in shown(await home.press(door, bo, "Join"))


async def test_the_channel_of_the_hello_itself_may_be_chosen(home: Home) -> None:
    panel = await meet(home, home.ines, home.general)
    assert labels(panel)[:2] == ["Join", "This week’s paper"]
    assert await home.chat(home.general)
    assert home.server.messages(home.general) == [panel]


async def test_the_panel_in_one_channel_sets_up_the_club_of_another(home: Home) -> None:
    reading = home.guild.channel("reading")
    panel = await meet(home, home.ines, reading)
    await home.press(panel, home.ines, "Day and time")
    await choose(home, panel, home.ines, "Day of the paper", "Friday")
    await choose(home, panel, home.ines, "Time of the paper", "20:00")
    assert "Paper day: Friday, 20:00 (UTC)" in shown(panel)
    await home.press(panel, home.ines, "Time zone")
    await choose(home, panel, home.ines, "Elsewhere, by part of the world", "Americas")
    await choose(home, panel, home.ines, "A city whose time you keep", "Buenos Aires")
    assert "20:00 (America/Argentina/Buenos_Aires)" in shown(panel)
    bo = home.guild.member("Bo")
    assert "Welcome, Bo" in shown(await home.press(panel, bo, "Join"))
    club = await club_of(home, reading)
    assert (club.zone, club.members) == ("America/Argentina/Buenos_Aires", 1)


async def test_a_server_is_greeted_once_whatever_is_restarted(tmp_path: Path) -> None:
    stage = DiscordStage(tmp_path, tmp_path / "club.db")
    await stage.open()
    try:
        said = len(stage.posts())
        for name in ("One", "Two"):
            await stage.restart()
            late = stage.server.guild(name, joined=False)
            stage.server.join_guild(late)
            # What is heard of a server later is handled later.
            general = late.channel("general")
            await stage.server.until(partial(stage.server.messages, general))
        assert len(stage.posts()) == said
    finally:
        await stage.close()


async def test_nobody_else_may_choose_and_is_told_so_in_private(home: Home) -> None:
    bo = home.guild.member("小波", locale="zh-CN")
    reading = home.guild.channel("reading")
    refused = await meet(home, bo, reading)
    assert refused.ephemeral_to is bo
    assert "组织者" in shown(refused)
    assert await home.chat(reading) is None
    assert hints(hello(home)) == [WHERE]
    panel = await meet(home, home.ines, reading)
    refused = await home.press(panel, bo, "Language")
    assert refused.ephemeral_to is bo


async def test_a_forum_is_a_club_too_and_its_door_stays_where_one_can_write(home: Home) -> None:
    forum = home.guild.channel("papers", ChannelType.FORUM)
    panel = await meet(home, home.ines, forum)
    assert "Forum: #papers, a post for each week" in shown(panel)
    chat = await home.chat(forum)
    assert chat is not None
    assert chat.kind is ChatKind.FORUM
    bo = home.guild.member("Bo")
    assert "Welcome, Bo" in shown(await home.press(panel, bo, "Join"))
    assert home.server.threads(forum) == []


async def test_rights_that_are_needed_are_named_before_anything_is_founded(home: Home) -> None:
    lin = home.guild.member("林晓", locale="zh-CN", manage_guild=True)
    hidden = home.guild.channel("hidden")
    hidden.forbid(Permission.SEND_MESSAGES, Permission.EMBED_LINKS)
    refused = await meet(home, lin, hidden)
    assert refused.ephemeral_to is lin
    assert "#hidden" in shown(refused)
    assert "发送消息、嵌入链接" in shown(refused)
    assert "再选一次" in shown(refused)
    assert await home.chat(hidden) is None
    hidden.allow(Permission.SEND_MESSAGES, Permission.EMBED_LINKS)
    await meet(home, lin, hidden)
    assert await home.chat(hidden)


async def test_rights_that_would_be_good_to_have_are_named_too(home: Home) -> None:
    reading = home.guild.channel("reading")
    reading.forbid(Permission.ATTACH_FILES, Permission.CREATE_PUBLIC_THREADS)
    await meet(home, home.ines, reading)
    await home.server.until(lambda: home.server.ephemeral(home.ines))
    [told] = home.server.ephemeral(home.ines)
    assert "All set in #reading" in shown(told)
    assert "Create Public Threads and Attach Files" in shown(told)
    assert await home.chat(reading)


async def test_a_channel_that_is_gone_is_said_to_be(home: Home) -> None:
    reading = home.guild.channel("reading")
    panel = await meet(home, home.ines, reading)
    reading.delete()
    told = await home.press(panel, home.ines, "Language")
    assert told.ephemeral_to is home.ines
    assert "I do not see this channel any more" in shown(told)


async def test_start_in_a_channel_begins_a_club_there_as_well(home: Home) -> None:
    talk = home.guild.channel("talk")
    panel = await home.say(talk, home.ines, "start")
    assert "Channel: #talk" in shown(panel)
    assert "This week’s paper" in labels(panel)


async def test_start_names_the_rights_that_are_missing_to_who_can_give_them(home: Home) -> None:
    talk, bo = home.guild.channel("talk"), home.guild.member("Bo")
    talk.forbid(Permission.SEND_MESSAGES)
    asked = await home.server.command(talk, home.ines, "start", {})
    told = await asked.reply(1)
    assert told.ephemeral_to is home.ines
    assert "I cannot speak in #talk yet. I need there: Send Messages." in shown(told)
    talk.allow(Permission.SEND_MESSAGES)
    talk.forbid(Permission.PIN_MESSAGES)
    asked = await home.server.command(talk, home.ines, "start", {})
    assert "Useful there too: Pin Messages." in shown(await asked.reply(1))
    await home.say(talk, bo, "start")
    assert home.server.ephemeral(bo) == []


async def test_several_clubs_of_one_server_go_their_own_ways(home: Home) -> None:
    deep, wide = home.guild.channel("deep"), home.guild.channel("wide")
    first = await meet(home, home.ines, deep)
    await home.say(wide, home.ines, "start")
    await home.press(first, home.ines, "Language")
    await choose(home, first, home.ines, "Language", "Chinese")
    bo, cy = home.guild.member("Bo"), home.guild.member("Cy")
    await home.say(deep, bo, "join")
    await home.say(wide, cy, "join")
    one, other = await club_of(home, deep), await club_of(home, wide)
    assert (one.language, one.members, other.language, other.members) == ("zh", 1, "en", 1)
    before = len(home.server.messages(home.general))
    await home.pass_time(3 * HOUR)
    assert len(home.server.threads(deep)) == len(home.server.threads(wide)) == 1
    assert len(home.server.messages(home.general)) == before


def forum_thread(home: Home, forum: Channel) -> Channel:
    """A post that somebody has begun in a forum."""
    return home.server.world.open_thread(forum, "What is this for?", home.ines, None, None)


async def test_the_permissions_of_the_link_carry_a_club_through_its_weeks(tmp_path: Path) -> None:
    async with at_home(tmp_path, rights=Permission(LEAST.value)) as home:
        deep, forum = home.guild.channel("deep"), home.guild.channel("papers", ChannelType.FORUM)
        panel = await meet(home, home.ines, deep)
        await home.press(panel, home.guild.member("Bo"), "Join")
        await home.say(forum_thread(home, forum), home.ines, "start")
        await home.pass_days(16)
        assert home.server.ephemeral(home.ines) == []
        assert len(home.server.threads(deep)) >= 2
        assert len(home.server.threads(forum)) >= 3
        assert [str(call) for call in home.server.calls if call.status in (401, 403)] == []


# Invitations


async def test_the_host_finds_the_link_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with at_home(tmp_path) as home:
            link = server_link(home.server.bot.id)
    assert [record for record in caplog.records if link in record.getMessage()]


async def test_an_invitation_tells_how_one_gets_in_and_how_the_bot_gets_elsewhere(home: Home) -> None:
    await home.say(home.general, home.ines, "start")
    said = await home.say(home.general, home.guild.member("Bo"), "invite show")
    assert "Readers · #general meets here." in shown(said).replace("*", "").replace("\\", "")
    assert server_link(home.server.bot.id) in said.text
    assert account_link(home.server.bot.id) in said.text


async def test_alone_with_the_bot_one_has_a_club_of_ones_own_and_learns_how_to_read_with_others(
    home: Home,
) -> None:
    bo = home.guild.member("Bo", locale="zh-CN")
    alone = home.server.dm(bo)
    panel = await home.say(alone, bo, "start")
    assert "我陪你读论文" in shown(panel)
    assert labels(panel)[0] == "本周论文"
    assert "频道与身份组" not in labels(panel)
    said = await home.say(alone, bo, "invite show")
    assert "想和大家一起读" in shown(said)
    assert server_link(home.server.bot.id) in said.text


async def test_a_plain_member_cannot_begin_a_club(home: Home) -> None:
    bo = home.guild.member("Bo")
    said = await home.say(home.general, bo, "join")
    assert "/start" in shown(said)
    assert await home.chat(home.general) is None
