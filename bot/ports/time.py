"""How time is told, and how it passes."""

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
