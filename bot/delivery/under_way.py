"""The posts this process has under way, until what became of them is on record."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from bot.ports import Records, StorageUnavailable, Store

log = logging.getLogger(__name__)

Outcome = Callable[[Records], Awaitable[None]]
"""Writes down what became of a post."""


class UnderWay:
    """Remembers which posts are this process's own, and keeps each outcome until it is on record.

    Outcomes that come while another is being written are written together in the next transaction. One
    that cannot be written (the database is locked, the disk is full) is kept for the next try.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._taken: set[int] = set()
        self._waiting: dict[int, Outcome] = {}
        self._writing = asyncio.Lock()
        self._troubled = False

    def __contains__(self, post_id: int) -> bool:
        return post_id in self._taken or post_id in self._waiting

    def take(self, post_ids: Iterable[int]) -> None:
        """These are ours now."""
        self._taken.update(post_ids)

    def drop(self, post_ids: Iterable[int]) -> None:
        """These are not ours; nothing is recorded of them."""
        self._taken.difference_update(post_ids)

    async def record(self, post_id: int, outcome: Outcome) -> None:
        """Write down what became of a post; when that fails, keep it for `retry`. Raises nothing."""
        self._waiting[post_id] = outcome
        async with self._writing:
            # Another's transaction may have taken it along; in times of trouble `retry` will.
            if post_id in self._waiting and not self._troubled:
                await self._write()

    async def retry(self) -> None:
        """Write down what could not be written before, if there is any."""
        if self._waiting and not self._writing.locked():
            async with self._writing:
                await self._write()

    async def _write(self) -> None:
        try:
            if self._troubled:
                await self._write_each()
            else:
                await self._write_together(list(self._waiting))
        except Exception as error:
            if not self._troubled:
                told = isinstance(error, StorageUnavailable)  # then the store has said why
                log.error(
                    "what became of %d posts cannot be recorded; it is kept",
                    len(self._waiting),
                    exc_info=not told,
                )
            self._troubled = True
        else:
            if self._troubled:
                log.info("what became of the posts is on record again")
            self._troubled = False

    async def _write_each(self) -> None:
        """One by one, and the one that fails is the last to be tried again: it may be the only bad one."""
        for post_id in list(self._waiting):
            try:
                await self._write_together([post_id])
            except Exception:
                self._waiting[post_id] = self._waiting.pop(post_id)
                raise

    async def _write_together(self, post_ids: list[int]) -> None:
        outcomes = {post_id: self._waiting[post_id] for post_id in post_ids}
        async with self._store.write() as records:
            for outcome in outcomes.values():
                await outcome(records)
        for post_id, outcome in outcomes.items():
            if self._waiting.get(post_id) is outcome:
                del self._waiting[post_id]
                self._taken.discard(post_id)
