"""The real house with the web room alone, on a clock that stands still."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import House, open_house
from bot.settings import Settings
from tests.house import START, FakeClock


def web_settings(folder: Path, secret: str | None = None) -> Settings:
    """Settings for a web room on a free port, keeping its record in a folder."""
    return Settings(data=folder, database=folder / "club.db", web=("127.0.0.1", 0), web_secret=secret)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The demo club: Ines organises, Samir and 林晓 are members, 小雨 has not joined yet."""
    async with open_house(web_settings(tmp_path), FakeClock(START), ticking=False) as opened:
        await opened.tick()
        await opened.sender.settled()
        yield opened


@pytest.fixture
def address(house: House) -> str:
    """Where the room is."""
    assert house.web is not None
    return house.web.address
