"""The store in an SQLite file: one connection that writes, a few that read."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiosqlite
from aiosqlite import Connection

from bot.ports import StorageUnavailable
from bot.storage.errors import understood
from bot.storage.file_lock import locked
from bot.storage.finishing import to_its_end
from bot.storage.migrate import known_migrations, migrate
from bot.storage.records import SqlRecords

log = logging.getLogger(__name__)

READERS = 2
"""Connections for reading. More of them wait less for one another and cost a thread each."""

BUSY_TIMEOUT = 5.0
"""How long a statement waits for another process that is writing, in seconds."""

BRIEFLY = 0.25
"""How long it waits, in seconds, once that was in vain."""

SURE = 3
"""How many transactions in a row have to be kept until a trouble counts as over."""

_PAUSE = 0.05


class SqliteStore:
    """The record in one file. Open it before use, and close it, or its threads keep the process alive."""

    def __init__(self, on_queued: Callable[[], None] = lambda: None) -> None:
        self.on_queued = on_queued
        """Called after each commit that put a post in the ledger."""
        self._turn = asyncio.Lock()
        self._free = asyncio.Semaphore(READERS)
        self._told: type[StorageUnavailable] | None = None
        self._kept_since = 0
        self._idle: list[Connection] = []
        self._connections = AsyncExitStack()
        self._path = Path()

    async def open(self, path: str | Path) -> None:
        """Open or make the file, and bring it up to this version's schema.

        Raises DatabaseRefused for a file that a newer version has used, StorageUnavailable for one that
        cannot be opened or written, sqlite3.Error for one that is no database.
        """
        self._path = Path(path)
        async with AsyncExitStack() as connections:
            connections.enter_context(understood(writing=True))
            await asyncio.to_thread(_try, path)
            self._writer = await connections.enter_async_context(_connect(path, sqlite3.Connection))
            await _write_ahead(self._writer)
            await self._writer.execute_fetchall("PRAGMA synchronous = FULL")
            await self._writer.execute_fetchall("PRAGMA foreign_keys = ON")
            await self._migrate()
            for _ in range(READERS):
                self._idle.append(await connections.enter_async_context(_connect(path, _Reader)))
            self._connections = connections.pop_all()

    async def _migrate(self) -> None:
        await self._writer.execute_fetchall("BEGIN IMMEDIATE")
        try:
            await migrate(self._writer, known_migrations())
            await self._writer.execute_fetchall("COMMIT")
        except BaseException:
            await self._writer.rollback()
            raise

    async def close(self) -> None:
        """Let the transactions under way end, then close the file."""
        async with self._turn, AsyncExitStack() as readers:
            for _ in range(READERS):
                await readers.enter_async_context(self._free)
            await self._connections.aclose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlRecords]:
        """A consistent view; writing in it raises sqlite3.OperationalError."""
        async with self._free:
            connection = self._idle.pop()
            try:
                with understood():
                    yield SqlRecords(connection)
            finally:
                # The connection's thread works in order, so this comes after a statement that a
                # cancelled block left behind and before the next block's first, awaited or not.
                try:
                    await connection.rollback()
                finally:
                    self._idle.append(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlRecords]:
        """One transaction: all of it is kept, or, when the block raises or is cancelled, none."""
        async with self._turn:
            try:
                with understood(writing=True):
                    if self._writer.in_transaction:  # a failing disk kept it from being taken back
                        await self._writer.rollback()
                    # Immediate: a transaction that first reads and then writes would else be refused
                    # when another process has written in between.
                    await self._writer.execute_fetchall("BEGIN IMMEDIATE")
                    before = self._writer.total_changes
                    records = SqlRecords(self._writer)
                    yield records
                    await to_its_end(self._commit(records))
                    if self._told and self._writer.total_changes != before:
                        await self._kept()
            except BaseException as error:
                with suppress(sqlite3.Error):
                    await self._writer.rollback()
                if isinstance(error, StorageUnavailable):
                    await self._not_kept(error)
                raise

    @asynccontextmanager
    async def lead(
        self, name: str, on_standing_by: Callable[[], None] = lambda: None
    ) -> AsyncIterator[asyncio.Event]:
        """Lead by a lock on a file beside the database. It cannot be lost, so the event is never set."""
        async with locked(self._path.with_name(f"{self._path.name}.{name}.lock"), on_standing_by):
            yield asyncio.Event()

    async def announce(self, connection: object, number: int) -> None:
        """There is nobody to tell: a second process on the file stands by."""

    async def follow(self, told: Callable[[int], Awaitable[None]]) -> None:
        """There is nobody to hear of."""
        await asyncio.Event().wait()

    async def _commit(self, records: SqlRecords) -> None:
        # Spelled out, as the driver's own commit() passes over a transaction that an error has ended.
        await self._writer.execute_fetchall("COMMIT")
        if records.queued:
            self.on_queued()

    async def _not_kept(self, error: StorageUnavailable) -> None:
        """Tell the host once that nothing can be recorded, and be brief with whoever comes next: each
        would wait for the one before it."""
        self._kept_since = 0
        if self._told is not type(error):
            self._told = type(error)
            log.error("%s", error)
            await self._wait_for_others(BRIEFLY)

    async def _kept(self) -> None:
        """Tell the host that it works again, once that is sure: on a disk that is nearly full some
        transactions fit and others do not."""
        self._kept_since += 1
        if self._kept_since >= SURE:
            self._told = None
            log.info("the record can be written again")
            await self._wait_for_others(BUSY_TIMEOUT)

    async def _wait_for_others(self, seconds: float) -> None:
        with suppress(sqlite3.Error):
            await self._writer.execute_fetchall(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


class _Reader(sqlite3.Connection):
    """Cannot write, and begins its transaction with the first statement: one visit to the thread less."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        super().execute("PRAGMA query_only = ON")

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if not self.in_transaction:
            super().execute("BEGIN")
        return super().execute(sql, parameters)


def _try(path: str | Path) -> None:
    """Fail here, if at all: a connection of the driver that cannot be opened leaves a thread behind, which
    complains when the loop has ended before it."""
    sqlite3.connect(path).close()


def _connect(path: str | Path, kind: type[sqlite3.Connection]) -> Connection:
    return aiosqlite.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None, factory=kind)


async def _write_ahead(connection: Connection) -> None:
    """Let readers and the writer work side by side.

    While another process does this to a new file, SQLite refuses at once, whatever the time-out.
    """
    tries = int(BUSY_TIMEOUT / _PAUSE)
    for left in reversed(range(tries)):
        try:
            await connection.execute_fetchall("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not left:
                raise
        await asyncio.sleep(_PAUSE)
