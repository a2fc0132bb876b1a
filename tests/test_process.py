"""The real program, from its start to its end."""

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.processes import running
from tests.servers.discord import DiscordServer
from tests.servers.telegram import TelegramServer

MEGABYTE = 1_000_000
TELEGRAM_TOKEN = "123456:TEST-token-of-nobody"
DISCORD_TOKEN = "MTIzNDU2.TEST-token.of-nobody"


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    server = TelegramServer(token=TELEGRAM_TOKEN)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    server = DiscordServer(token=DISCORD_TOKEN)
    await server.start()
    yield server
    await server.stop()


async def health(address: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"{address}health") as answer:
        return answer.status


async def test_without_any_setting_the_web_room_opens_and_says_its_address_last(tmp_path: Path) -> None:
    """The first start of a newcomer."""
    async with running(tmp_path, {}) as program:
        await program.until_open()
        assert program.address.startswith("http://127.0.0.1:")
        assert await health(program.address) == 200
        assert await program.stop() == 0


async def test_all_three_platforms_fit_in_120_megabytes(
    tmp_path: Path, telegram: TelegramServer, discord: DiscordServer
) -> None:
    """Memory is counted when both chats are connected and the room is open."""
    settings = {
        "TELEGRAM_TOKEN": TELEGRAM_TOKEN,
        "TELEGRAM_API_URL": telegram.url,
        "DISCORD_TOKEN": DISCORD_TOKEN,
        "DISCORD_API_URL": discord.api_url,
    }
    async with running(tmp_path, settings) as program:
        await program.until_open()
        await program.until_logged("telegram is served")
        await program.until_logged("discord is served")
        if sys.platform == "linux":
            assert program.memory() < 120 * MEGABYTE
        assert await program.stop() == 0
        assert not any(
            secret in line for line in program.logged for secret in (TELEGRAM_TOKEN, DISCORD_TOKEN)
        )
    assert telegram.violations == []
    assert discord.violations == []


async def test_a_wrong_token_is_one_clear_line_and_the_rest_keeps_working(
    tmp_path: Path, telegram: TelegramServer, discord: DiscordServer
) -> None:
    """Both tokens are refused; the web room opens all the same, and no token is shown."""
    settings = {
        "TELEGRAM_TOKEN": "654321:TEST-token-that-is-wrong",
        "TELEGRAM_API_URL": telegram.url,
        "DISCORD_TOKEN": "NjU0MzIx.TEST-token.that-is-wrong",
        "DISCORD_API_URL": discord.api_url,
    }
    async with running(tmp_path, settings) as program:
        await program.until_open()
        assert "BotFather" in await program.until_logged("TELEGRAM_TOKEN")
        assert "Developer Portal" in await program.until_logged("DISCORD_TOKEN")
        for setting in ("TELEGRAM_TOKEN", "DISCORD_TOKEN"):
            assert sum(setting in line for line in program.logged) == 1
        assert await health(program.address) == 200
        assert await program.stop() == 0
        assert not any("TEST-token" in line for line in [*program.logged, *program.said])


@pytest.mark.parametrize(
    ("name", "value", "example"),
    [
        ("PAPERCLUB_TIMEZONE", "Mars/Olympus", "Asia/Shanghai"),
        ("PAPERCLUB_LANGAUGE", "en", "PAPERCLUB_LANGUAGE"),
        ("TELEGRAM_TOKEN", "nonsense", "BotFather"),
    ],
)
async def test_a_setting_that_cannot_be_used_ends_the_start_with_advice(
    tmp_path: Path, name: str, value: str, example: str
) -> None:
    """The name, the shape and an example in one line."""
    async with running(tmp_path, {name: value}) as program:
        assert await program.process.wait() == 2
        line = await program.until_logged(name)
        assert example in line
        assert program.said == []


async def test_what_was_recorded_is_there_after_a_stop_and_a_start(tmp_path: Path) -> None:
    """SIGTERM loses nothing: the demo club is founded once, and its first paper is posted once."""
    for _ in range(2):
        async with running(tmp_path, {}) as program:
            await program.until_open()
            assert await program.stop() == 0
    assert (tmp_path / "paperclub.db").stat().st_size > 0


async def test_a_second_process_on_the_same_file_stands_by_until_the_first_is_gone(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    """Started by mistake it doubles nothing; when the first is killed it serves."""
    settings = {
        "TELEGRAM_TOKEN": TELEGRAM_TOKEN,
        "TELEGRAM_API_URL": telegram.url,
        "PAPERCLUB_DATABASE": str(tmp_path / "club.db"),
    }
    async with running(tmp_path, settings) as first:
        await first.until_logged("telegram is served")
        async with running(tmp_path, settings) as second:
            await second.until_open()
            for platform in ("telegram", "web"):
                await second.until_logged(f"another Paperclub serves {platform}; this one stands by")
            assert await health(second.address) == 200
            first.process.kill()
            await second.until_logged("telegram is served")
            await second.until_logged("web is served")
            await telegram.until(lambda: telegram.updates.polled)
            assert await second.stop() == 0
    assert [call for call in telegram.calls if call.status == 409] == []
    assert telegram.violations == []
    assert os.listdir(tmp_path) == ["club.db"]
