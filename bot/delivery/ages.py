"""How long ago each post was first tried."""

from math import inf

from bot.domain.posts import Post
from bot.ports import Clock, Timer


class Ages:
    """The ages of posts that are being retried.

    The clock may be set to another time between two attempts, so within a process an age is measured by
    the timer. The clock is asked once, about posts that an earlier process tried.
    """

    def __init__(self, clock: Clock, timer: Timer) -> None:
        self._clock = clock
        self._timer = timer
        self._born: dict[int, float] = {}

    def of(self, post: Post) -> float:
        """Seconds since the first attempt; infinite when nobody can tell."""
        if post.id not in self._born:
            self._born[post.id] = self._timer.monotonic() - self._by_the_clock(post)
        return self._timer.monotonic() - self._born[post.id]

    def forget(self, post_id: int) -> None:
        """The post will not be tried again."""
        self._born.pop(post_id, None)

    def _by_the_clock(self, post: Post) -> float:
        """A first attempt that lies in the future tells that the clock was set back since."""
        age = self._clock.now() - post.claimed_at
        return age if age >= 0 else inf
