"""The bot's pending updates, and the one long poll that may wait for them."""

import asyncio
from collections.abc import Callable, Sequence

from tests.servers.telegram_checks import UPDATE_TYPES, Json, Refused

FIRST_UPDATE = 700_000_000
"""The id before the first."""

_OPT_IN = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_DEFAULT = frozenset(UPDATE_TYPES) - _OPT_IN
_CONFLICT = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)


class Updates:
    """Updates wait here, in order, until a later offset confirms them; the bot may restart meanwhile."""

    def __init__(self) -> None:
        self.pending: list[Json] = []
        self.allowed: frozenset[str] = _DEFAULT
        self.last_id = FIRST_UPDATE
        self.confirmed = self.last_id
        self.on_poll: Callable[[], None] = lambda: None
        self.on_news: Callable[[], None] = lambda: None
        """Called for each new update."""
        self._poll: asyncio.Future[None] | None = None

    @property
    def polled(self) -> bool:
        """Whether a long poll is waiting right now."""
        return self._poll is not None

    def allow(self, kinds: Sequence[str]) -> None:
        """Which kinds are kept from now on; none named means the default set."""
        self.allowed = frozenset(kinds) & frozenset(UPDATE_TYPES) if kinds else _DEFAULT

    def add(self, kind: str, content: Json) -> bool:
        """Queue one update; False if the bot does not want its kind."""
        if kind not in self.allowed:
            return False
        self.last_id += 1
        self.pending.append({"update_id": self.last_id, kind: content})
        self.release()
        return True

    def add_raw(self, update: Json) -> None:
        """Queue an update exactly as given, but for its id; for feeding a bot what nobody expects."""
        self.last_id += 1
        self.pending.append({**update, "update_id": self.last_id})
        self.release()

    def release(self) -> None:
        """Let the waiting long poll, if any, answer now."""
        self.on_news()
        if self._poll and not self._poll.done():
            self._poll.set_result(None)

    async def get(
        self,
        offset: int = 0,
        limit: int = 100,
        *,
        wait: float = 0,
        allowed_updates: Sequence[str] | None = None,
    ) -> list[Json]:
        """What getUpdates answers. Raises Refused (409) in the call that a newer one ends."""
        if allowed_updates is not None:
            self.allow(allowed_updates)
        self._confirm(offset)
        if self._poll and not self._poll.done():
            self._poll.set_exception(Refused(409, _CONFLICT))
        if not self.pending and wait > 0:
            await self._wait(wait)
        return self.pending[: max(1, min(limit, 100))]

    async def _wait(self, seconds: float) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        self.on_poll()
        try:
            async with asyncio.timeout(seconds):
                await poll
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.pending = self.pending[offset:]
        else:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]
        self.confirmed = self.pending[0]["update_id"] - 1 if self.pending else self.last_id

    def taken(self, update: Json) -> None:
        """An update was taken at the webhook."""
        self.pending = [each for each in self.pending if each is not update]
        self.confirmed = self.pending[0]["update_id"] - 1 if self.pending else self.last_id

    def drop(self) -> None:
        """Forget everything pending."""
        self.pending.clear()
        self.confirmed = self.last_id
