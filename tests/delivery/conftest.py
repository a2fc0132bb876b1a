"""The desk at which the use cases are spoken to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.house import Desk, open_desk


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """The house on an empty record, two hours before the first paper of a club in UTC."""
    async with open_desk(tmp_path) as opened:
        yield opened
