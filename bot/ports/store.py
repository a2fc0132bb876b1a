"""Where the record is kept, and what may be wrong with that."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.ports.records import Records


class StorageUnavailable(Exception):
    """The record cannot be used now, and nothing of the transaction was kept. It may work again by itself:
    whoever comes in time's name just tries again. The store has told the host; `key` is what to tell
    people."""

    key = "error.storage.unavailable"


class StorageFull(StorageUnavailable):
    """There is no room to write. Reading works."""

    key = "error.storage.full"


class StorageBusy(StorageUnavailable):
    """Somebody else has been writing for longer than we wait. Reading works."""

    key = "error.storage.busy"


class Store(Protocol):
    """Where the record is kept. Raises StorageUnavailable when it cannot be used."""

    def read(self) -> AbstractAsyncContextManager[Records]:
        """A consistent view; writing in it fails."""
        ...

    def write(self) -> AbstractAsyncContextManager[Records]:
        """One transaction: all of it is kept, or, when the block raises, none. One at a time, also among
        the processes that share the record."""
        ...

    def lead(
        self, name: str, on_standing_by: Callable[[], None] = ...
    ) -> AbstractAsyncContextManager[asyncio.Event]:
        """Enter when no other process that shares the record leads under this name; until the block ends,
        none does. `on_standing_by` is called once if another one does now.

        The event is set when that can no longer be vouched for: the block should then end soon.
        """
        ...
