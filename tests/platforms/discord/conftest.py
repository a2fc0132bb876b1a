"""What the conversations with the house on Discord share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.platforms.discord.home import Home, at_home
from tests.servers.discord import DiscordServer, User


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """The house on the strict server, in a server that Ines organises, before any club has begun."""
    async with at_home(tmp_path) as home:
        yield home


@pytest.fixture
def server(home: Home) -> DiscordServer:
    """The strict server on which that house stands."""
    return home.server


@pytest.fixture
def ines(home: Home) -> User:
    """Who organises the server of that house."""
    return home.ines
