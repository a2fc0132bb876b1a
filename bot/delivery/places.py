"""How many posts may be on their way to one platform at once."""

from enum import Enum, auto

from bot.ports import Timer

PLACES = 100
"""Posts under way at once. At the fastest pace (45 a second) that is two seconds of waiting for answers."""

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
"""Seconds between two posts that only try whether a silent platform is back."""


class End(Enum):
    """What one attempt showed about the platform."""

    ANSWERED = auto()
    """It dealt with the post: took it, or refused it for good."""
    SILENT = auto()
    """No such answer came: out of reach, out of order, or out of patience."""
    UNTRIED = auto()
    """It was not asked."""


class Places:
    """A post takes a place and gives it back with the platform's answer.

    One that ends in silence keeps its place until the next answer. So a platform that has stopped
    answering gets this many posts and no more, then one at a time with growing pauses: each of them may
    have to be looked after by people.
    """

    def __init__(self, timer: Timer, places: int = PLACES) -> None:
        self._timer = timer
        self._places = places
        self._under_way = 0
        self._unanswered = 0
        self._pause = FIRST_PAUSE
        self._next_try = timer.monotonic()

    def free(self) -> int:
        """How many posts may begin now."""
        free = self._places - self._under_way - self._unanswered
        if free > 0:
            return free
        return int(not self._under_way and self.wait() == 0)

    def wait(self) -> float:
        """How long until a silent platform is tried again, in seconds; 0 when it is not waited for."""
        if self._unanswered < self._places:
            return 0.0
        return max(0.0, self._next_try - self._timer.monotonic())

    def begin(self) -> None:
        """A post sets out."""
        self._under_way += 1

    def end(self, end: End) -> None:
        """A post is back."""
        self._under_way -= 1
        if end is End.ANSWERED:
            self._unanswered, self._pause = 0, FIRST_PAUSE
        elif end is End.SILENT:
            self._unanswered = min(self._unanswered + 1, self._places)
            if self._unanswered == self._places:
                self._next_try = self._timer.monotonic() + self._pause
                self._pause = min(2 * self._pause, LONGEST_PAUSE)
