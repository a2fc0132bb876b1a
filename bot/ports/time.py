"""How time is told, and how it passes."""

from asyncio import Future
from typing import Protocol


class Clock(Protocol):
    """The time."""

    def now(self) -> int:
        """Seconds since 1970, UTC."""
        ...


class Timer(Protocol):
    """How time passes, whatever the clock is set to."""

    def monotonic(self) -> float:
        """Seconds since some moment. It never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when this much time has passed."""
        ...

    async def done_within(self, seconds: float, work: Future[None]) -> bool:
        """Return when something is done, or else when this much time has passed; whether it is done. It goes
        on either way, and what it raises is not told."""
        ...
