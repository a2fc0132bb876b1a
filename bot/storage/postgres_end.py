"""A PostgreSQL database as one end of a move."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from bot.storage.advisory_lock import ANYBODY, OURS
from bot.storage.dialect import for_postgres
from bot.storage.migrate import known_migrations, migrate
from bot.storage.move import CannotMove, End
from bot.storage.postgres import MIGRATE
from bot.storage.postgres_connection import PostgresConnection, told
from bot.storage.postgres_pool import Pool
from bot.storage.schema import Table
from bot.storage.statements import Row

# Reading the other end may take longer than a transaction may usually be idle.
PATIENT = f"{MIGRATE}; SET LOCAL idle_in_transaction_session_timeout = 0"


class PostgresPlace:
    """A database on a server."""

    def __init__(self, address: str) -> None:
        self._address = address

    @asynccontextmanager
    async def source(self) -> AsyncIterator[End]:
        """Open the database. It is locked against writers and only read."""
        async with self._transaction(f"{PATIENT}; SET TRANSACTION READ ONLY") as raw:
            yield _PostgresEnd(raw)

    @asynccontextmanager
    async def target(self) -> AsyncIterator[End]:
        """Open the database, and keep what the block does when it ends well."""
        async with self._transaction(PATIENT) as raw:
            await migrate(PostgresConnection(raw), known_migrations(), for_postgres)
            yield _PostgresEnd(raw)
            with told():
                await raw.execute("COMMIT")

    @asynccontextmanager
    async def _transaction(self, opening: str) -> AsyncIterator[Any]:
        pool = Pool(self._address, 1)
        try:
            async with pool.transaction(opening) as raw:
                yield raw
        finally:
            await pool.close()


class _PostgresEnd:
    """`End` over a connection. What each method means stands there."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    async def step(self) -> int:
        if await self._raw.fetchval("SELECT to_regclass('migrations')") is None:
            return 0
        return int(await self._raw.fetchval("SELECT coalesce(max(number), 0) FROM migrations"))

    async def served(self) -> bool:
        return bool(await self._raw.fetchval(ANYBODY, OURS))

    async def is_empty(self, table: Table) -> bool:
        return await self._raw.fetchval(table.first) is None

    async def batches(self, table: Table, size: int) -> AsyncIterator[Sequence[Row]]:
        with told():
            cursor = await self._raw.cursor(table.select)
            while rows := await cursor.fetch(size):
                yield [tuple(row) for row in rows]

    async def put(self, table: Table, rows: Sequence[Row]) -> None:
        try:
            with told():
                await self._raw.copy_records_to_table(table.name, records=rows, columns=table.columns)
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
            raise CannotMove(f"PostgreSQL does not take a row of {table.name}: {error}") from None

    async def last_id(self, table: Table) -> int:
        last = await self._raw.fetchval(
            "SELECT pg_sequence_last_value(pg_get_serial_sequence($1, 'id')::regclass)", table.name
        )
        return last or 0

    async def set_last_id(self, table: Table, last: int) -> None:
        # Told that 1 was not given yet when none was: a sequence knows no 0.
        await self._raw.execute(
            "SELECT setval(pg_get_serial_sequence($1, 'id'), $2, $3)", table.name, max(last, 1), last > 0
        )
