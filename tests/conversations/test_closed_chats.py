"""Chats that are closed to the bot and open again, each in its platform's own ways, with the real house."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.posts import PostState
from bot.domain.quizzes import GROUP_QUESTIONS
from tests.conversations.discord_stage import DiscordStage
from tests.conversations.stage import Stage
from tests.conversations.telegram_stage import TelegramStage
from tests.servers.discord import BOT_PERMISSIONS, Permission

TWO_HOURS, DAY = 2 * 3600, 86_400


@pytest.fixture
async def telegram(tmp_path: Path, record: Path | str) -> AsyncIterator[TelegramStage]:
    stage = TelegramStage(tmp_path, record)
    await stage.open()
    yield stage
    await stage.close()


@pytest.fixture
async def discord(tmp_path: Path, record: Path | str) -> AsyncIterator[DiscordStage]:
    stage = DiscordStage(tmp_path, record)
    await stage.open()
    yield stage
    await stage.close()


async def states(stage: Stage) -> list[PostState]:
    """What the ledger says in the group, oldest first."""
    async with stage.house.tools.store.read() as records:
        found = [await records.post(number) for number in range(1, 40)]
    return [post.state for post in found if post and not post.kind.upkeep]


def private_words(stage: TelegramStage, who: object) -> list[str]:
    chat = stage.server.private(who)  # type: ignore[arg-type]  # a person of this stage
    return [message.text for message in stage.server.messages(chat)]


async def test_telegram_right_taken_told_given_back(telegram: TelegramStage) -> None:
    """The organiser who may be written to is told; what was due comes when the right does."""
    ines = telegram.person("Ines", organiser=True)
    await telegram.say(ines, "/join")
    await telegram.say(ines, "/start", private=True)
    await telegram.say(ines, "/settings language en")
    telegram.server.restrict(telegram.group, ines.handle)
    await telegram.pass_time(TWO_HOURS)
    assert await states(telegram) == [PostState.PENDING]
    assert sum("a right is missing" in each for each in private_words(telegram, ines.handle)) == 1
    posts = len(telegram.posts())
    telegram.server.promote(telegram.group, ines.handle, ["can_manage_topics"])
    await telegram.server.settled()
    await telegram.pass_time(0)
    assert await states(telegram) == [PostState.SENT] * 3
    assert len(telegram.posts()) == posts + 1
    assert len(telegram.threads()) == 1


async def test_telegram_kicked_and_added_again(telegram: TelegramStage) -> None:
    ines, ben = telegram.person("Ines", organiser=True), telegram.person("Ben", organiser=True)
    await telegram.say(ines, "/join")
    await telegram.say(ines, "/start", private=True)
    await telegram.say(ines, "/settings language en")
    telegram.clock.advance(TWO_HOURS)
    await telegram.house.tick()
    await telegram.house.sender.settled()
    telegram.server.remove_bot(telegram.group, ben.handle)
    await telegram.server.settled()
    assert sum("I was removed" in each for each in private_words(telegram, ines.handle)) == 1
    await telegram.pass_time(DAY)
    telegram.server.add_bot(telegram.group, ines.handle, ["can_manage_topics"])
    await telegram.server.settled()
    await telegram.pass_time(2 * DAY)
    assert set(await states(telegram)) == {PostState.SENT}


async def test_telegram_without_polls_asks_in_words(telegram: TelegramStage) -> None:
    """A quiz goes on where polls are forbidden, and its answers count."""
    ana = telegram.person("Ana")
    ines = telegram.person("Ines", organiser=True)
    telegram.server.restrict(telegram.group, ines.handle, ["can_send_messages"])
    await telegram.say(ana, "/quiz")
    await telegram.pass_time(60)
    asked = [text for text in telegram.posts() if "• A. " in text]
    assert len(asked) == GROUP_QUESTIONS
    assert telegram.questions() == []
    answered = await telegram.press(ana, "A")
    assert answered.toast or answered.text


async def test_telegram_topic_closed_and_deleted(telegram: TelegramStage) -> None:
    """What belongs into a topic that is lost goes to the group at large."""
    ines = telegram.person("Ines", organiser=True)
    await telegram.pass_time(TWO_HOURS)
    [topic] = telegram.group.topics.values()
    telegram.server.demote(telegram.group, ines.handle)
    topic.closed = True
    posts = len(telegram.posts())
    await telegram.pass_time(3 * DAY)
    assert set(await states(telegram)) == {PostState.SENT}
    assert len(telegram.posts()) > posts


async def test_discord_right_taken_told_given_back(discord: DiscordStage) -> None:
    ines = discord.person("Ines", organiser=True)
    await discord.say(ines, "/settings language en")
    discord.general.forbid(Permission.SEND_MESSAGES)
    await discord.pass_time(TWO_HOURS)
    assert await states(discord) == [PostState.PENDING]
    alone = discord.server.messages(discord.server.dm(ines.handle))
    assert sum("a right is missing there" in message.text for message in alone) == 1
    seen = await discord.say(ines, "/schedule")
    assert "Nothing can be posted on Discord" in seen.text
    discord.general.allow(Permission.SEND_MESSAGES)
    await came_back(discord)
    await discord.pass_time(0)
    assert await states(discord) == [PostState.SENT] * 3


async def test_discord_kicked_and_added_again(discord: DiscordStage) -> None:
    """Nobody in a server without the bot can be written to; the posts wait all the same."""
    ines = discord.person("Ines", organiser=True)
    await discord.say(ines, "/settings language en")
    discord.guild.remove_bot()
    await discord.pass_time(TWO_HOURS)
    assert await states(discord) == [PostState.PENDING]
    discord.guild.role("Paperclub", BOT_PERMISSIONS)
    discord.server.join_guild(discord.guild)
    await came_back(discord)
    await discord.pass_time(0)
    assert await states(discord) == [PostState.SENT] * 3


async def came_back(stage: DiscordStage) -> None:
    """Return when the house has taken note that its chats are open."""

    async def troubled() -> bool:
        async with stage.house.tools.store.read() as records:
            return bool(await records.chats_in_trouble(stage.platform))

    while await troubled():  # noqa: ASYNC110  # the record tells of no event
        await asyncio.sleep(0.01)
