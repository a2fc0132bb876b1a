"""The same conversations on every platform."""

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path

import pytest

from bot.domain.clubs import Platform
from tests.conversations.stage import Stage

STAGES = {
    Platform.WEB: "WebStage",
    Platform.TELEGRAM: "TelegramStage",
    Platform.DISCORD: "DiscordStage",
}


def stage_for(platform: Platform, folder: Path) -> Stage:
    """The stage of a platform, not open yet."""
    module = import_module(f"tests.conversations.{platform}_stage")
    stage = getattr(module, STAGES[platform])(folder)
    assert isinstance(stage, Stage)
    return stage


@pytest.fixture(params=list(Platform))
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """An open stage, on each platform in turn."""
    made = stage_for(request.param, tmp_path)
    await made.open()
    yield made
    await made.close()
