"""What all tests of Telegram share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.platforms.telegram import inbox
from tests.conversations.telegram_stage import TelegramStage
from tests.platforms.telegram.home import Home, at_home
from tests.servers.telegram import TelegramServer, User

_records: list[Path] = []


def record() -> Path:
    """The record of this test, which outlives its clients."""
    return _records[-1]


@pytest.fixture(autouse=True)
def _a_record(tmp_path: Path) -> None:
    _records[:] = [tmp_path / "record.db"]


@pytest.fixture(autouse=True)
def one_batch_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot asks for more only when all before is handled, so that `TelegramServer.settled` means that it
    is. A test of what goes on side by side undoes this."""
    monkeypatch.setattr(inbox, "MOST_WAITING", 1)


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    """The strict server; the bot has asked it for nothing that it had to refuse."""
    async with TelegramServer() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[TelegramStage]:
    """The house on the strict server, and a club in the stage's own group."""
    stage = TelegramStage(tmp_path, tmp_path / "club.db")
    await stage.open()
    yield stage
    await stage.close()


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """The house on the strict server, without a group."""
    async with at_home(tmp_path) as home:
        yield home


@pytest.fixture
def ines(home: Home) -> User:
    """Who organises the chats of that house."""
    return home.server.user("Ines")
