"""The line to Discord's gateway: lost in every way there is, and back by itself."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from discord.gateway import DiscordWebSocket

from bot.messages.outgoing import Destination, Message, Reply, Text
from bot.platforms.discord import client as discord_client
from bot.platforms.discord import gateway
from bot.ports import NotSent, Unauthorised
from tests.house import FakeClock, HandTimer
from tests.platforms.discord.test_client import Stand, message
from tests.servers.discord import DiscordServer
from tests.servers.discord_gateway import IDENTIFY, RESUME


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    server = DiscordServer()
    await server.start()
    stand = Stand(server)
    yield stand
    for client in stand.clients:
        await client.close()
    await server.stop()
    assert server.violations == []
    assert server.unanswered == []


class Waking(logging.Handler):
    """Has the test look again whenever something is logged."""

    def __init__(self, server: DiscordServer) -> None:
        super().__init__()
        self.server = server

    def emit(self, record: logging.LogRecord) -> None:
        self.server.world.wake()


@pytest.fixture
def said(stand: Stand, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the host reads."""
    caplog.set_level(logging.INFO, "bot")
    handler = Waking(stand.server)
    logging.getLogger("bot").addHandler(handler)
    stand.server.world.told = handler  # type: ignore[attr-defined]  # kept as long as the server is
    return caplog
