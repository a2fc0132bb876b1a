"""The record as one update may change it: once, however often the update comes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from bot.messages.incoming import Receipt
from bot.ports import Clock, Records, Store


class HandledBefore(Exception):
    """The update has had its effects, or its answer; nothing is done twice."""


class OnceStore:
    """A store that keeps an update's receipt with the first thing that is written because of it."""

    def __init__(self, store: Store, clock: Clock, receipt: Receipt) -> None:
        self._store = store
        self._clock = clock
        self._receipt = receipt
        self.read = store.read

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Records]:
        """One transaction, as of the store. Raises HandledBefore, and keeps nothing, when the first one
        comes too late."""
        async with self._store.write() as records:
            if not self._receipt.recorded and not await records.mark_recorded(
                self._receipt, self._clock.now()
            ):
                raise HandledBefore
            yield records
        self._receipt.recorded = True

    def lead(
        self, name: str, on_standing_by: Callable[[], None] = lambda: None
    ) -> AbstractAsyncContextManager[asyncio.Event]:
        """As of the store."""
        return self._store.lead(name, on_standing_by)
