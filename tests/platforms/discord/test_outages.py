"""The whole house while Discord is away: nothing is lost, nothing doubled, and it is back by itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import open_house
from bot.settings import Settings
from tests.conversations.stage import START
from tests.house import FakeClock
from tests.platforms.discord.home import HOUR, MINUTE, Home
from tests.platforms.discord.test_week import club, papers
from tests.servers.discord import DiscordServer, User


async def begin(home: Home, outage: str) -> None:
    """Discord goes away, all of it or its gateway alone; what was open is cut."""
    if outage == "all":
        await home.server.go_down()
    else:
        home.server.gateway.down = True
        home.server.cut_gateway()
    await home.server.until(lambda: not home.server.gateway.live)


async def end(home: Home, outage: str) -> None:
    """It is back, and the house finds its way by itself."""
    if outage == "all":
        await home.server.come_back()
    else:
        home.server.gateway.down = False
    await home.server.connected()


@pytest.mark.parametrize("outage", ["all", "gateway"])
async def test_a_week_that_begins_during_an_outage_is_posted_once_and_its_buttons_answer(
    home: Home, ines: User, outage: str
) -> None:
    general = await club(home, ines)
    await begin(home, outage)
    for _ in range(3):
        await home.pass_time(HOUR)
    assert len(papers(home, general)) == (outage == "gateway"), "posts need no gateway"
    await end(home, outage)
    for _ in range(12):
        await home.pass_time(MINUTE)
    [paper] = papers(home, general)
    assert len(home.server.threads(general)) == 1
    [starter] = home.server.messages(home.server.threads(general)[0])
    assert "?" in starter.text
    answer = await home.press(paper, ines, "I’ve read it")
    assert answer.ephemeral
    await home.pass_time(HOUR)
    assert papers(home, general) == [paper]


@pytest.mark.parametrize("outage", ["all", "gateway"])
async def test_a_press_during_a_cut_is_heard_when_the_line_is_back_and_counts_once(
    home: Home, ines: User, outage: str
) -> None:
    general = await club(home, ines)
    await home.pass_time(2 * HOUR)
    [paper] = papers(home, general)
    await begin(home, outage)
    pressed = await home.server.press(paper, ines, "I’ve read it")
    assert not pressed.acknowledged
    await end(home, outage)
    await pressed.reply()
    assert len(home.calls(f"/interactions/{pressed.id}/")) == 1
    told = await home.say(general, ines, "progress")
    assert "1 of 18 papers read" in told.text


@pytest.fixture
async def away(tmp_path: Path) -> AsyncIterator[DiscordServer]:
    """A Discord that cannot be reached when the house opens."""
    server = DiscordServer(clock=lambda: float(START))
    await server.start()
    yield server
    await server.stop()
    assert server.violations == []
    assert server.unanswered == []


@pytest.mark.parametrize("outage", ["all", "gateway"])
async def test_a_house_that_opens_during_an_outage_serves_when_it_is_over(
    away: DiscordServer, tmp_path: Path, outage: str
) -> None:
    """The outage takes a minute and more by the house's own pauses; what was waiting goes out once."""
    guild, timer = away.guild("Readers"), FakeClock(START)
    ines = guild.member("Ines", manage_guild=True)
    settings = Settings(
        discord_token=away.token,
        discord_api_url=away.api_url,
        data=tmp_path,
        database=tmp_path / "club.db",
        web=None,
    )
    if outage == "all":
        await away.go_down()
    else:
        away.gateway.down = True
    async with open_house(settings, timer, timer=timer, ticking=False):
        while timer.monotonic() < 60:
            await timer.sleep(0)
        assert away.messages(guild.channel("general")) == []
        if outage == "all":
            await away.come_back()
        else:
            away.gateway.down = False
        await away.until(lambda: away.messages(guild.channel("general")))
        asked = await away.command(guild.channel("general"), ines, "start")
        await asked.reply()
        assert len(away.messages(guild.channel("general"))) == 2, "the greeting, and the answer"
