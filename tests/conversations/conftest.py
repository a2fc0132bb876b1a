"""The same conversations on every platform, and with either database."""

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path

import pytest

from bot.domain.clubs import Platform
from tests.conversations.stage import Stage
from tests.servers.postgres import postgres

STAGES = {
    Platform.WEB: "WebStage",
    Platform.TELEGRAM: "TelegramStage",
    Platform.DISCORD: "DiscordStage",
}


def stage_for(platform: Platform, folder: Path, database: Path | str) -> Stage:
    """The stage of a platform, not open yet."""
    module = import_module(f"tests.conversations.{platform}_stage")
    stage = getattr(module, STAGES[platform])(folder, database)
    assert isinstance(stage, Stage)
    return stage


@pytest.fixture(params=["sqlite", "postgres"])
async def record(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Path | str]:
    """Where the record is kept: in a file, or in a database of the tests' own server."""
    if request.param == "sqlite":
        yield tmp_path / "club.db"
        return
    server = postgres()
    address = server.new_address()
    await server.make(address)
    yield address
    await server.drop(address)


@pytest.fixture(params=list(Platform))
async def stage(request: pytest.FixtureRequest, tmp_path: Path, record: Path | str) -> AsyncIterator[Stage]:
    """An open stage, on each platform in turn."""
    made = stage_for(request.param, tmp_path, record)
    await made.open()
    yield made
    await made.close()
