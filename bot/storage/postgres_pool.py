"""A few connections to PostgreSQL that are made when they are needed and made anew when they were lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from bot.storage.finishing import to_its_end
from bot.storage.postgres_connection import LOST, connect, told

ROLLBACK_TIMEOUT = 2.0
"""How long a transaction may take to be undone before its connection is given up, in seconds."""


class Pool:
    """Up to so many connections; whoever comes when all are taken waits in line."""

    def __init__(self, address: str, size: int) -> None:
        self._address = address
        self._size = size
        self._free = asyncio.Semaphore(size)
        self._idle = [_Line(address) for _ in range(size)]

    @asynccontextmanager
    async def transaction(self, opening: str) -> AsyncIterator[Any]:
        """A connection in a transaction that `opening` begins. What is not committed in the block is
        undone at its end, however it ends."""
        async with self._free:
            line = self._idle.pop()
            try:
                yield await line.begin(opening)
                if line.in_transaction:
                    await to_its_end(line.undo())
            except BaseException:
                await to_its_end(line.undo())
                raise
            finally:
                self._idle.append(line)

    async def close(self) -> None:
        """Let the transactions under way end, then close the connections."""
        async with AsyncExitStack() as taken:
            for _ in range(self._size):
                await taken.enter_async_context(self._free)
            for line in self._idle:
                await line.close()


class _Line:
    """A place for one connection."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._raw: Any = None

    @property
    def in_transaction(self) -> bool:
        """Whether the server said so last."""
        return bool(self._raw.is_in_transaction())

    async def begin(self, opening: str) -> Any:
        """Begin a transaction; on a new connection, where the last one was lost.

        Raises StorageUnavailable.
        """
        with told():
            if self._raw and not self._raw.is_closed():
                try:
                    await self._raw.execute(opening)
                except LOST:
                    # Lost unnoticed since it was last used. Nothing has been done on it yet.
                    self._raw.terminate()
                else:
                    return self._raw
            self._raw = await connect(self._address)
            await self._raw.execute(opening)
            return self._raw

    async def undo(self) -> None:
        """Undo what was not committed, or give the connection up."""
        raw = self._raw
        if raw and not raw.is_closed():
            try:
                await raw.execute("ROLLBACK", timeout=ROLLBACK_TIMEOUT)
            except Exception:
                raw.terminate()

    async def close(self) -> None:
        """Close the connection, if there is one."""
        raw, self._raw = self._raw, None
        if raw and not raw.is_closed():
            try:
                await raw.close(timeout=ROLLBACK_TIMEOUT)
            except Exception:
                raw.terminate()
