"""How fast one bot may speak on a platform: in all, in one chat, and in one group within a minute.

Every message has a slot of its own in time. A reply reserves the next one, and posts set out only when no
slot is reserved, so replies always go first. Between its turn and its call a post is put on record, which
takes a moment longer or shorter; so calls are counted once more, right when they begin.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil, inf

from bot.ports import NotSent, Timer

MINUTE = 60.0
"""Seconds of a group's window."""

CATCH_UP = 0.2
"""How much missed time, in seconds, may be made up for. It covers the machine's hiccups, so that the average
is reached; `in_any_second` keeps what is made up for below what the platform refuses."""

REPLY_PATIENCE = 5.0
"""How long, in seconds, a reply waits for its turn. Later it would answer nobody, and its chat's next
words wait behind it."""

POST_PATIENCE = 60.0
"""How long, in seconds, the rest of a post that has begun waits for its turns."""

_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform allows one bot.

    `per_second` is the pace on average, `in_any_second` the most that ever begins within a second.
    `chat_gap` is the time between posts in one chat, in seconds; replies do not wait for it. Of a group's
    messages in any minute, posts leave `kept_for_replies` alone.
    """

    per_second: float
    in_any_second: int
    chat_gap: float
    group_minute: int | None = None
    kept_for_replies: int = 0


@dataclass(slots=True)
class _Chat:
    """What was said in a chat of late: when last, when within the last minute, and how long it is closed."""

    last: float = -inf
    times: deque[float] = field(default_factory=deque)
    closed_until: float = -inf


class Pace:
    """The turns of one bot. `is_group` tells a group's chat id."""

    def __init__(
        self, timer: Timer, limits: Limits, is_group: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._timer = timer
        self._limits = limits
        self._is_group = is_group
        self._interval = 1 / limits.per_second
        self._next_slot = -inf
        self._begun = deque[float](maxlen=limits.in_any_second)
        self._closed_until = -inf
        self._flooded = ("", -inf)
        self._chats: dict[str, _Chat] = {}
        self._swept_at = timer.monotonic()

    # Posts, whose sender looks before it takes

    def wait(self) -> float:
        """How long until a post may begin anywhere, in seconds; 0 when one may now."""
        return self._until(max(self._next_slot, self._closed_until))

    def wait_in(self, chat_id: str) -> float:
        """How long until a post may begin in a chat, apart from `wait`, in seconds; 0 when one may now."""
        chat = self._chats.get(chat_id)
        if chat is None:
            return 0.0
        room = (self._limits.group_minute or 0) - self._limits.kept_for_replies
        free_at = max(chat.closed_until, chat.last + self._limits.chat_gap)
        return self._until(max(free_at, self._window_free_at(chat_id, chat, room)))

    def room(self) -> int:
        """How many posts may begin now."""
        if self.wait() > 0:
            return 0
        now = self._timer.monotonic()
        missed = now - max(self._next_slot, now - CATCH_UP)
        return 1 + int(missed / self._interval + _ROUNDING)

    def take(self, chat_id: str) -> None:
        """Count a post that begins in a chat now."""
        self._reserve()
        self._count(chat_id, self._timer.monotonic())

    # Everything else, which waits for its turn

    async def turn(self, chat_id: str | None = None, patience: float = REPLY_PATIENCE) -> None:
        """Wait for a reply's turn, in a chat or at large; then its call may begin.

        Raises NotSent when that would take longer than `patience` seconds.
        """
        while (wait := self._reply_wait(chat_id)) > 0:
            _bear(wait, patience)
            await self._timer.sleep(wait)
        _bear(self._until(self._next_slot), patience)
        slot = self._reserve()
        if chat_id is not None:
            self._count(chat_id, slot)
        if (wait := self._until(slot)) > 0:
            await self._timer.sleep(wait)
        await self.begin()

    async def begin(self) -> None:
        """Count a call that begins now; wait first if it would be one too many within a second."""
        while len(self._begun) == self._limits.in_any_second and (wait := self._until(self._begun[0] + 1)):
            await self._timer.sleep(wait)
        self._begun.append(self._timer.monotonic())

    def flooded(self, chat_id: str, seconds: float) -> None:
        """The platform asks for patience in a chat. When it does so in a second chat while the first still
        waits, it means the bot, and all chats wait."""
        now = self._timer.monotonic()
        first, until = self._flooded
        if first != chat_id and until > now:
            self.close(seconds)
        self._flooded = (chat_id, now + seconds)
        chat = self._chats.setdefault(chat_id, _Chat())
        chat.closed_until = max(chat.closed_until, now + seconds)

    def close(self, seconds: float) -> None:
        """The platform takes nothing for a while, in any chat."""
        self._closed_until = max(self._closed_until, self._timer.monotonic() + seconds)

    # How it is counted

    def _reply_wait(self, chat_id: str | None) -> float:
        """How long a reply is kept from its slot."""
        free_at = self._closed_until
        chat = self._chats.get(chat_id) if chat_id is not None else None
        if chat_id is not None and chat:
            room = self._limits.group_minute or 0
            free_at = max(free_at, chat.closed_until, self._window_free_at(chat_id, chat, room))
        return self._until(free_at)

    def _window_free_at(self, chat_id: str, chat: _Chat, room: int) -> float:
        """When a group's minute has room for one more, out of so many."""
        if self._limits.group_minute is None or len(chat.times) < room or not self._is_group(chat_id):
            return -inf
        return chat.times[-room] + MINUTE

    def _reserve(self) -> float:
        """Take the next slot; when it is."""
        now = self._timer.monotonic()
        slot = max(self._next_slot, now - CATCH_UP)
        self._next_slot = slot + self._interval
        return max(slot, now)

    def _count(self, chat_id: str, at: float) -> None:
        self._sweep()
        chat = self._chats.setdefault(chat_id, _Chat())
        chat.last = max(chat.last, at)
        if self._limits.group_minute is not None and self._is_group(chat_id):
            while chat.times and chat.times[0] <= at - MINUTE:
                chat.times.popleft()
            chat.times.append(at)

    def _sweep(self) -> None:
        """Forget, once a minute, the chats of which nothing needs to be known any more."""
        now = self._timer.monotonic()
        if now - self._swept_at < MINUTE:
            return
        self._swept_at = now
        for chat_id, chat in list(self._chats.items()):
            if chat.last <= now - MINUTE and chat.closed_until <= now:
                del self._chats[chat_id]

    def _until(self, moment: float) -> float:
        wait = moment - self._timer.monotonic()
        return wait if wait > _ROUNDING else 0.0


def _bear(wait: float, patience: float) -> None:
    if wait > patience:
        raise NotSent("too much has been said just now", ceil(wait))


class Turns:
    """The turns of the calls that one message takes. Of a post, the sender has taken the first, and the
    others are waited for longer: half a post is worse than a late one."""

    def __init__(self, pace: Pace, chat_id: str, *, post: bool) -> None:
        self._pace = pace
        self._chat_id = chat_id
        self._patience = POST_PATIENCE if post else REPLY_PATIENCE
        self._paid = post

    async def next(self) -> None:
        """Return when the next call may begin. Raises NotSent when it would come too late."""
        if self._paid:
            self._paid = False
            await self._pace.begin()
        else:
            await self._pace.turn(self._chat_id, self._patience)
