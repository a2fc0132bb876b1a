"""The role that readers are given when they join, and lose when they leave."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.platforms.discord.home import Home, at_home
from tests.platforms.discord.panel import WEEKLY, choose, meet, shown
from tests.servers.discord import Message, Permission, Role, User

READER = "Give a role to whoever joins (optional)"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """The house in a server that lets it give roles."""
    async with at_home(tmp_path, rights=WEEKLY | Permission.MANAGE_ROLES) as home:
        yield home


@pytest.fixture
def role(home: Home) -> Role:
    """A role for readers."""
    return home.guild.role("Paper readers")


@pytest.fixture
async def panel(home: Home, role: Role) -> Message:
    """A club in #general that gives the role."""
    panel = await meet(home, home.ines, home.general)
    page = await home.press(panel, home.ines, "Channel and roles")
    await choose(home, page, home.ines, READER, role)
    return await home.press(page, home.ines, "‹ Back")


async def has(home: Home, who: User, role: Role) -> None:
    """Wait until somebody has a role, which they get after the answer."""
    await home.server.until(lambda: role.name in home.guild.roles_of(who))


async def lacks(home: Home, who: User, role: Role) -> None:
    """Wait until somebody has lost a role."""
    await home.server.until(lambda: role.name not in home.guild.roles_of(who))


async def test_whoever_joins_has_the_role_and_whoever_leaves_has_not(
    home: Home, role: Role, panel: Message
) -> None:
    bo = home.guild.member("Bo")
    assert "Welcome, Bo" in shown(await home.press(panel, bo, "Join"))
    await has(home, bo, role)
    await home.say(home.general, bo, "leave")
    await lacks(home, bo, role)
    await home.say(home.general, bo, "join")
    await has(home, bo, role)


async def test_the_role_goes_also_when_one_leaves_in_a_direct_conversation(
    home: Home, role: Role, panel: Message
) -> None:
    bo = home.guild.member("Bo")
    await home.press(panel, bo, "Join")
    await has(home, bo, role)
    await home.say(home.server.dm(bo), bo, "leave")
    await lacks(home, bo, role)


async def test_who_was_in_the_club_already_gets_the_role_by_pressing_again(
    home: Home, role: Role, panel: Message
) -> None:
    bo = home.guild.member("Bo")
    await home.press(panel, bo, "Join")
    await has(home, bo, role)
    home.guild.members[bo.id].discard(role.id)
    again = await home.press(panel, bo, "Join")
    assert again.ephemeral_to is bo
    await has(home, bo, role)


async def test_where_no_role_is_set_nobodys_roles_are_touched(home: Home) -> None:
    panel = await meet(home, home.ines, home.general)
    bo = home.guild.member("Bo")
    await home.press(panel, bo, "Join")
    await home.say(home.general, bo, "leave")
    assert home.calls("/roles/") == []


async def test_a_role_that_is_out_of_reach_is_said_in_private_and_the_member_is_in(
    home: Home, role: Role, panel: Message
) -> None:
    """Somebody has lifted it above ours since, or deleted it."""
    home.guild.change_role(role, position=251)
    lin = home.guild.member("林晓", locale="zh-CN")
    asked = await home.server.press(panel, lin, "Join")
    assert "Welcome, 林晓" in shown(await asked.reply())
    told = await asked.reply(1)
    assert told.ephemeral_to is lin
    assert "读者身份组我没能给你" in shown(told)
    home.guild.delete_role(role)
    mo = home.guild.member("Mo")
    told = await (await home.server.press(panel, mo, "Join")).reply(1)
    assert "The role for readers I could not give you" in shown(told)
    # Leaving is no occasion to complain.
    left = await home.server.command(home.general, mo, "leave", {})
    await left.reply()
    await home.server.until(lambda: home.calls("DELETE /guilds"))
    await home.say(home.general, mo, "paper today")
    assert len(left.replies) == 1


@pytest.mark.parametrize("trouble", ["500", "502-html", "drop-before", "drop-after", "500-after"])
async def test_a_broken_line_costs_nobody_their_role(
    home: Home, role: Role, panel: Message, trouble: str
) -> None:
    home.server.fault("PUT /guilds/*/members/*/roles/*", trouble)
    bo = home.guild.member("Bo")
    asked = await home.server.press(panel, bo, "Join")
    await has(home, bo, role)
    assert [message.ephemeral for message in asked.replies] == [False]
