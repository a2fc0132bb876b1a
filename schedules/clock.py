"""The real time, and the ticker that tells the house that it passes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from apscheduler.schedulers.asyncio import AsyncIOScheduler


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Seconds since 1970, UTC."""
        return int(time.time())


class SystemTimer:
    """Time as it passes in the running loop."""

    def monotonic(self) -> float:
        """Seconds since the machine started, or some such moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return when this much time has passed."""
        await asyncio.sleep(seconds)


class Ticker:
    """Calls something every few seconds in the running loop, never twice at once.

    One job for the whole house: what is due is found by an index in the database, so the number of
    clubs costs the scheduler nothing.
    """

    def __init__(self, tick: Callable[[], Awaitable[None]], seconds: int = 1) -> None:
        async def tick_until_stopped() -> None:
            # The scheduler cancels a tick under way when it is shut down, and would log that as an error.
            with suppress(asyncio.CancelledError):
                await tick()

        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.add_job(
            tick_until_stopped,
            "interval",
            seconds=seconds,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking; a tick under way is broken off."""
        self._scheduler.shutdown(wait=False)
