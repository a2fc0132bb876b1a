"""What has been said in the web room."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RoomLine:
    """A line of the web room. Times are seconds since 1970, UTC.

    `body` is JSON that only the web adapter reads. `seen_by` is the one user it is shown to, None
    for everybody. `replies` counts the lines of the thread that this line opens, and is None when it
    opens none; that thread's id is this line's id as text.
    """

    id: int
    chat_id: str
    thread_id: str | None
    seen_by: str | None
    author: str
    body: str
    at: int
    edited_at: int | None
    replies: int | None


class Room(Protocol):
    """What has been said in the web room. Every call is a transaction of its own."""

    async def add(
        self,
        chat_id: str,
        author: str,
        body: str,
        at: int,
        *,
        thread_id: str | None = None,
        seen_by: str | None = None,
        opens_thread: bool = False,
        post_key: int | None = None,
    ) -> int:
        """Add a line and give its id; a post key that is there already gives that line's id, unchanged."""
        ...

    async def edit(self, line_id: int, body: str, at: int) -> None:
        """Put another body in place of a line's."""
        ...

    async def line(self, line_id: int) -> RoomLine | None: ...
    async def since(
        self, chat_id: str, viewer: str, after_id: int, limit: int, thread_id: str | None = None
    ) -> Sequence[RoomLine]:
        """What a viewer may see of a chat (without its threads) or of one thread, after a line.

        The newest `limit` lines, oldest first.
        """
        ...

    async def threads(self, chat_id: str) -> Sequence[RoomLine]:
        """The lines that opened a chat's threads, newest first."""
        ...

    async def follow(self, changed: Callable[[int], Awaitable[None]]) -> None:
        """Call for each line that another process adds or changes, one after the other, until cancelled."""
        ...
