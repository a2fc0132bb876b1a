"""What all tests of Telegram share."""

from pathlib import Path

import pytest

from bot.platforms.telegram import inbox

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
