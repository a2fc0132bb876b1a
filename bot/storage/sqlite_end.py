"""An SQLite file as one end of a move."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite
from aiosqlite import Connection

from bot.storage.file_lock import is_locked
from bot.storage.migrate import known_migrations, migrate
from bot.storage.move import CannotMove, End
from bot.storage.schema import Table
from bot.storage.statements import Row
from bot.storage.values import storable


class SqlitePlace:
    """A file, which need not be there to be a target."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @asynccontextmanager
    async def source(self) -> AsyncIterator[End]:
        """Open the file. It is locked against writers and only read."""
        if not self._exists():
            raise CannotMove(f"There is no database at {self._path}. PAPERCLUB_DATABASE says where it is.")
        try:
            async with self._reading() as end:
                yield end
        except sqlite3.Error as error:
            raise CannotMove(f"Nothing was moved. SQLite says of {self._path}: {error}.") from None

    @asynccontextmanager
    async def target(self) -> AsyncIterator[End]:
        """Open or make the file; one that was made is removed again if the block raises."""
        found = self._exists()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            async with self._writing() as end:
                yield end
        except BaseException as error:
            if not found:
                self._path.unlink(missing_ok=True)
            if isinstance(error, sqlite3.Error):
                raise CannotMove(f"Nothing was moved. SQLite says of {self._path}: {error}.") from None
            raise

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[End]:
        async with aiosqlite.connect(self._path, isolation_level=None) as connection:
            await connection.execute_fetchall("BEGIN IMMEDIATE")
            try:
                yield _SqliteEnd(self._path, connection)
            finally:
                await connection.rollback()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[End]:
        async with aiosqlite.connect(self._path, isolation_level=None) as connection:
            await connection.execute_fetchall("PRAGMA journal_mode = WAL")
            await connection.execute_fetchall("PRAGMA synchronous = FULL")
            await connection.execute_fetchall("PRAGMA foreign_keys = ON")
            await connection.execute_fetchall("BEGIN IMMEDIATE")
            try:
                await migrate(connection, known_migrations())
                yield _SqliteEnd(self._path, connection)
                await connection.execute_fetchall("COMMIT")
            except BaseException:
                await connection.rollback()
                raise

    def _exists(self) -> bool:
        return self._path.exists()


class _SqliteEnd:
    """`End` over a connection. What each method means stands there."""

    def __init__(self, path: Path, connection: Connection) -> None:
        self._path = path
        self._on = connection

    async def step(self) -> int:
        try:
            rows = await self._on.execute_fetchall("SELECT coalesce(max(number), 0) FROM migrations")
        except sqlite3.OperationalError:
            return 0
        return int(next(iter(rows))[0])

    async def served(self) -> bool:
        return any(is_locked(lock) for lock in self._path.parent.glob(f"{self._path.name}.*.lock"))

    async def is_empty(self, table: Table) -> bool:
        return not list(await self._on.execute_fetchall(table.first))

    async def batches(self, table: Table, size: int) -> AsyncIterator[Sequence[Row]]:
        async with self._on.execute(table.select) as cursor:
            while rows := await cursor.fetchmany(size):
                yield [tuple(map(storable, row)) for row in rows]

    async def put(self, table: Table, rows: Sequence[Row]) -> None:
        async with self._on.executemany(table.insert, rows):
            pass

    async def last_id(self, table: Table) -> int:
        if table.once:
            rows = await self._on.execute_fetchall(
                "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?", (table.name,)
            )
        else:
            rows = await self._on.execute_fetchall(table.highest)
        return int(next(iter(rows))[0])

    async def set_last_id(self, table: Table, last: int) -> None:
        if table.once:
            await self._on.execute_fetchall("DELETE FROM sqlite_sequence WHERE name = ?", (table.name,))
            await self._on.execute_fetchall("INSERT INTO sqlite_sequence VALUES (?, ?)", (table.name, last))
