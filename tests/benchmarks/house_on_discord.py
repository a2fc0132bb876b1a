"""Our whole house on Discord, as a process of its own to be measured.

Run by `tests.benchmarks.interactions` with the REST and the gateway address, the token and a folder. It
imports what the program imports and no more. A line on its standard input lets a day pass; the end of the
input ends it.
"""

import asyncio
import gc
import sys
from pathlib import Path
from unittest.mock import patch

from bot import app
from bot.app import open_house
from bot.messages.drawings import Drawing
from bot.platforms.discord import client
from bot.platforms.pace import Limits
from bot.settings import Settings
from schedules.clock import SystemTimer

DAY = 86_400

BRISK = Limits(per_second=200, in_any_second=200, chat_gap=0.0)
"""So that a thousand servers are greeted and have their first post soon. Answers are not paced anyway."""


START = 1_788_159_600
"""Monday 31 August 2026, 07:00 UTC: two hours before a new club's first paper."""


class Days:
    """Time that stands still until a day passes. A later start finds it where it was."""

    def __init__(self, folder: Path) -> None:
        self._kept = folder / "days"
        self._passed = self._kept.stat().st_size if self._kept.exists() else 0

    def now(self) -> int:
        """Seconds since 1970, UTC."""
        return START + DAY * self._passed

    def go_by(self) -> None:
        """Let a day pass."""
        self._passed += 1
        self._kept.write_text("|" * self._passed)


class NoPictures:
    """A painter who draws nothing, so that what the clubs are posted takes no time."""

    def __init__(self, _: object) -> None:
        """With whatever colours."""

    def svg(self, _: Drawing) -> str:
        """Nothing."""
        return ""

    async def png(self, _: Drawing) -> bytes | None:
        """Nothing."""
        return None

    def close(self) -> None:
        """Nothing is open."""


async def main(url: str, _: str, token: str, folder: str) -> None:
    """Keep the house open, and let days pass, until the input ends."""
    patch.object(client, "PACE", BRISK).start()
    patch.object(app, "SvgPainter", NoPictures).start()
    clock = Days(Path(folder))
    settings = Settings(
        discord_token=token, discord_api_url=url, database=Path(folder) / "club.sqlite3", web=None
    )
    async with open_house(settings, clock, timer=SystemTimer(), ticking=False) as house:
        # As the program does once it is open.
        gc.freeze()
        gc.set_threshold(10_000, 20, 50)
        while await asyncio.to_thread(sys.stdin.readline):
            clock.go_by()
            await house.tick()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
