"""The store in a PostgreSQL database, which any number of processes may share."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from bot.ports import StorageUnavailable
from bot.storage.advisory_lock import leading, lock
from bot.storage.bell import Bell
from bot.storage.dialect import for_postgres
from bot.storage.finishing import to_its_end
from bot.storage.migrate import known_migrations, migrate
from bot.storage.postgres_connection import PostgresConnection, told
from bot.storage.postgres_pool import Pool
from bot.storage.records import SqlRecords
from bot.storage.statements import Connection

log = logging.getLogger(__name__)

READERS = 3
"""Connections for reading."""

READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


# The lock is what makes “one at a time” hold between processes; it ends with the transaction. Each
# statement after it sees what the last holder committed, which is what READ COMMITTED means.
WRITE = f"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({lock('write')})"

# Another process may be bringing the database up to date, which takes as long as it takes.
MIGRATE = WRITE.replace("; ", "; SET LOCAL lock_timeout = '60s'; ")


class PostgresStore:
    """The record in a database. Open it before use, and close it."""

    def __init__(self, on_queued: Callable[[], None] = lambda: None) -> None:
        self.on_queued = on_queued
        """Called after each commit that put a post in the ledger."""
        self._told: set[str] = set()
        self._bell = Bell()

    async def open(self, address: str) -> None:
        """Connect, and bring the database up to this version's schema.

        Raises DatabaseRefused for a database that a newer version has used or that does not let us in,
        StorageUnavailable for one that cannot be reached.
        """
        self._address = address
        self._writer, self._readers = Pool(address, 1), Pool(address, READERS)
        try:
            async with self._writer.transaction(MIGRATE) as raw:
                await migrate(PostgresConnection(raw), known_migrations(), for_postgres)
                await raw.execute("COMMIT")
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let the transactions under way end, then close the connections."""
        await self._writer.close()
        await self._readers.close()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlRecords]:
        """A consistent view; writing in it raises asyncpg.ReadOnlySQLTransactionError."""
        with self._telling("read"):
            async with self._readers.transaction(READ) as raw:
                yield SqlRecords(PostgresConnection(raw))

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlRecords]:
        """One transaction: all of it is kept, or, when the block raises or is cancelled, none."""
        with self._telling("written"):
            async with self._writer.transaction(WRITE) as raw:
                records = SqlRecords(PostgresConnection(raw))
                yield records
                await to_its_end(self._commit(raw, records))

    @asynccontextmanager
    async def lead(
        self, name: str, on_standing_by: Callable[[], None] = lambda: None
    ) -> AsyncIterator[asyncio.Event]:
        """Lead by an advisory lock on a connection of its own. The event is set when that is lost."""
        async with leading(self._address, name, on_standing_by) as lost:
            yield lost

    async def announce(self, connection: Connection, number: int) -> None:
        """Tell the other processes of a number, when and if the transaction is committed."""
        await self._bell.ring(connection, number)

    async def follow(self, told: Callable[[int], Awaitable[None]]) -> None:
        """Hand on each number that another process announces, until cancelled."""
        await self._bell.listen(self._address, told)

    async def _commit(self, raw: Any, records: SqlRecords) -> None:
        with told():
            if await raw.execute("COMMIT") != "COMMIT":
                # PostgreSQL's way of saying that an error had ended the transaction.
                raise RuntimeError("the transaction had failed before its end, and nothing of it was kept")
        if records.queued:
            self.on_queued()

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """Tell the host once that the record cannot be read or written, and once that it can be again."""
        try:
            yield
        except StorageUnavailable as error:
            if what not in self._told:
                log.error("the record cannot be %s: %s", what, error)
            self._told.add(what)
            raise
        if what in self._told:
            log.info("the record can be %s again", what)
            self._told.remove(what)
